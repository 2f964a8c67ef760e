#include "common/options.h"

#include <cstdlib>
#include <cstring>

#include "common/vecs.h"

namespace bench {

Options::Options(int argc, char **argv, int first) {
    for (int i = first; i < argc; i++) {
        if (std::strncmp(argv[i], "--", 2) != 0) {
            die(std::string("'") + argv[i] + "' is no option");
        }
        std::vector<std::string> &values = values_[argv[i] + 2];
        if (i + 1 < argc && std::strncmp(argv[i + 1], "--", 2) != 0) {
            values.emplace_back(argv[++i]);
        }
    }
}

std::string Options::text(const std::string &name) const {
    const auto found = values_.find(name);
    if (found == values_.end() || found->second.empty()) {
        die("--" + name + " VALUE is missing");
    }
    return found->second.back();
}

std::string Options::text(const std::string &name, const std::string &otherwise) const {
    return has(name) ? text(name) : otherwise;
}

double Options::number(const std::string &name) const {
    const std::string value = text(name);
    char *end = nullptr;
    const double number = std::strtod(value.c_str(), &end);
    if (end == value.c_str() || *end != '\0') {
        die("--" + name + " takes a number, not '" + value + "'");
    }
    return number;
}

double Options::number(const std::string &name, double otherwise) const {
    return has(name) ? number(name) : otherwise;
}

size_t Options::count(const std::string &name, size_t otherwise) const {
    if (!has(name)) {
        return otherwise;
    }
    const double value = number(name);
    if (!(value >= 0 && value <= 1e15)) {
        die("--" + name + " takes a count");
    }
    return static_cast<size_t>(value);
}

const std::vector<std::string> &Options::all(const std::string &name) const {
    static const std::vector<std::string> none;
    const auto found = values_.find(name);
    return found == values_.end() ? none : found->second;
}

}  // namespace bench
