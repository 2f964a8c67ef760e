// Any bytes as the text of a vector: what is accepted is a vec, and prints to a text that reads
// back the same.

#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "pgslab_core.h"

namespace {

void require(bool holds) {
    if (!holds)
        std::abort();
}

std::string print(const std::vector<float> &values) {
    std::string text = "[";
    for (const float value : values) {
        char number[32];
        text.append(number, std::to_chars(number, number + sizeof number, value).ptr);
        text += ',';
    }
    text.back() = ']';
    return text;
}

void check_accepted(const std::vector<float> &values) {
    for (const float value : values)
        require(std::isfinite(value));
    const std::string text = print(values);
    std::vector<float> again(PGS_MAX_DIMS);
    const PgsParse parse = pgs_vec_parse(text.data(), text.size(), again.data());
    require(parse.status == PGS_PARSE_OK);
    require(parse.dims == static_cast<int>(values.size()));
    require(std::memcmp(again.data(), values.data(), values.size() * sizeof(float)) == 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    std::vector<float> values(PGS_MAX_DIMS);
    const PgsParse parse = pgs_vec_parse(reinterpret_cast<const char *>(data), size, values.data());
    require(parse.dims >= 0 && parse.dims <= PGS_MAX_DIMS);
    require(parse.offset <= size && parse.length <= size - parse.offset);
    if (parse.status == PGS_PARSE_OK) {
        require(parse.dims >= 1);
        values.resize(static_cast<std::size_t>(parse.dims));
        check_accepted(values);
    }
    return 0;
}
