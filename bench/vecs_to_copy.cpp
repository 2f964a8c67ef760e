// Turns an fvecs or ivecs file on standard input into rows for COPY: number of the row, tab, its
// values.
//   vecs_to_copy f < base.fvecs     ->  0 <tab> [1.5,2,...]     (a vec)
//   vecs_to_copy i < truth.ivecs    ->  0 <tab> {17,4,...}      (an integer[])
//   vecs_to_copy b < base.fvecs     ->  0 <tab> 10...           (bits: which values are above 0)
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace {

template <typename Value>
void append(std::string &line, Value value) {
    char text[32];
    line.append(text, std::to_chars(text, text + sizeof text, value).ptr);
}

// False at the end of the input; a row that is cut off ends it with an error.
template <typename Value>
bool read_row(std::vector<Value> &row) {
    int32_t dims = 0;
    if (std::fread(&dims, sizeof dims, 1, stdin) != 1) {
        return false;
    }
    row.resize(static_cast<size_t>(dims));
    if (dims < 0 || std::fread(row.data(), sizeof(Value), row.size(), stdin) != row.size()) {
        std::fprintf(stderr, "vecs_to_copy: the input ends within a row\n");
        std::exit(1);
    }
    return true;
}

// Every row, its values as `append_row` writes them.
template <typename Value, typename AppendRow>
void convert(AppendRow append_row) {
    std::vector<Value> row;
    std::string line;
    for (int64_t id = 0; read_row(row); id++) {
        line.clear();
        append(line, id);
        line += '\t';
        append_row(line, row);
        line += '\n';
        std::fwrite(line.data(), 1, line.size(), stdout);
    }
}

template <typename Value>
void convert_lists(char open, char close) {
    convert<Value>([=](std::string &line, const std::vector<Value> &row) {
        char separator = open;
        for (Value value : row) {
            line += separator;
            append(line, value);
            separator = ',';
        }
        line += close;
    });
}

void convert_signs() {
    convert<float>([](std::string &line, const std::vector<float> &row) {
        for (float value : row) {
            line += value > 0 ? '1' : '0';
        }
    });
}

}  // namespace

int main(int argc, char **argv) {
    if (argc == 2 && std::strcmp(argv[1], "f") == 0) {
        convert_lists<float>('[', ']');
    } else if (argc == 2 && std::strcmp(argv[1], "i") == 0) {
        convert_lists<int32_t>('{', '}');
    } else if (argc == 2 && std::strcmp(argv[1], "b") == 0) {
        convert_signs();
    } else {
        std::fprintf(stderr, "usage: vecs_to_copy f|i|b < file\n");
        return 2;
    }
    return 0;
}
