#include "common/record.h"

#include <cstdio>

#include "common/vecs.h"

namespace bench {

Record::Record(const Options &options) : csv_(options.text("csv", "")) {
    for (const char *name : {"dataset", "engine", "setting", "repetition"}) {
        add(name, options.text(name, ""));
    }
}

void Record::add(const std::string &name, const std::string &value) {
    if (value.find_first_of(",\"\n") != std::string::npos) {
        die("'" + value + "' does not go into a CSV file unquoted");
    }
    fields_.emplace_back(name, value);
}

void Record::add(const std::string &name, double value, int decimals) {
    char text[64];
    std::snprintf(text, sizeof text, "%.*f", decimals, value);
    add(name, text);
}

void Record::write() const {
    print();
    append();
}

void Record::print() const {
    std::string line;
    for (const auto &[name, value] : fields_) {
        const bool label = name == "dataset" || name == "engine" || name == "setting";
        if (!value.empty()) {
            line += label ? value + "  " : name + "=" + value + " ";
        }
    }
    std::printf("    %s\n", line.c_str());
}

void Record::append() const {
    if (csv_.empty()) {
        return;
    }
    std::string header, row;
    for (const auto &[name, value] : fields_) {
        header += (header.empty() ? "" : ",") + name;
        row += (&value == &fields_.front().second ? "" : ",") + value;
    }
    std::FILE *file = std::fopen(csv_.c_str(), "a");
    if (file == nullptr) {
        die("cannot write " + csv_);
    }
    std::fseek(file, 0, SEEK_END);
    if (std::ftell(file) == 0) {
        std::fprintf(file, "%s\n", header.c_str());
    }
    std::fprintf(file, "%s\n", row.c_str());
    if (std::fclose(file) != 0) {
        die("cannot write " + csv_);
    }
}

}  // namespace bench
