// Turns an fvecs or ivecs file on standard input into rows for COPY: number of the row, tab, its
// values.
//   vecs_to_copy f < base.fvecs     ->  0 <tab> [1.5,2,...]     (a vec)
//   vecs_to_copy i < truth.ivecs    ->  0 <tab> {17,4,...}      (an integer[])
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

template <typename Value>
void convert(char open, char close) {
    std::vector<Value> row;
    std::string line;
    for (int64_t id = 0; read_row(row); id++) {
        line.clear();
        append(line, id);
        line += '\t';
        char separator = open;
        for (Value value : row) {
            line += separator;
            append(line, value);
            separator = ',';
        }
        line += close;
        line += '\n';
        std::fwrite(line.data(), 1, line.size(), stdout);
    }
}

}  // namespace

int main(int argc, char **argv) {
    if (argc == 2 && std::strcmp(argv[1], "f") == 0) {
        convert<float>('[', ']');
    } else if (argc == 2 && std::strcmp(argv[1], "i") == 0) {
        convert<int32_t>('{', '}');
    } else {
        std::fprintf(stderr, "usage: vecs_to_copy f|i < file\n");
        return 2;
    }
    return 0;
}
