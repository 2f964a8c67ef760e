// Any bytes as the text of an hvec: what is accepted is one, prints to a text that reads back the
// same, and is what a vec of the same text comes to, within what rounding twice may change.

#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
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

void check_accepted(const std::vector<std::uint16_t> &halves) {
    const int dims = static_cast<int>(halves.size());
    std::vector<float> values(halves.size());
    pgs_half_to_float(halves.data(), values.data(), dims);
    for (const float value : values)
        require(std::isfinite(value));
    const std::string text = print(values);
    std::vector<std::uint16_t> again(PGS_MAX_DIMS);
    const PgsParse parse = pgs_hvec_parse(text.data(), text.size(), again.data());
    require(parse.status == PGS_PARSE_OK && parse.dims == dims);
    again.resize(halves.size());
    require(again == halves);
}

// Neighbours have neighbouring patterns.
bool are_near(std::uint16_t a, std::uint16_t b) {
    return std::abs(int{a} - int{b}) <= 1;
}

void check_beside_vec(const char *text, std::size_t size,
                      const std::vector<std::uint16_t> &halves) {
    std::vector<float> values(PGS_MAX_DIMS);
    std::vector<std::uint16_t> rounded(halves.size());
    const PgsParse parse = pgs_vec_parse(text, size, values.data());
    require(parse.status == PGS_PARSE_OK && parse.dims == static_cast<int>(halves.size()));
    pgs_half_from_float(values.data(), rounded.data(), parse.dims);
    for (std::size_t i = 0; i < halves.size(); ++i)
        require(are_near(halves[i], rounded[i]));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const char *text = reinterpret_cast<const char *>(data);
    std::vector<std::uint16_t> halves(PGS_MAX_DIMS);
    const PgsParse parse = pgs_hvec_parse(text, size, halves.data());
    require(parse.dims >= 0 && parse.dims <= PGS_MAX_DIMS);
    require(parse.offset <= size && parse.length <= size - parse.offset);
    if (parse.status == PGS_PARSE_OK) {
        require(parse.dims >= 1);
        halves.resize(static_cast<std::size_t>(parse.dims));
        check_accepted(halves);
        check_beside_vec(text, size, halves);
    }
    return 0;
}
