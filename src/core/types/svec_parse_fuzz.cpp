// Any bytes as the text of a sparse vector: what is accepted is an svec, and prints to a text that
// reads back the same.

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

std::string print(const std::vector<PgsSvecElement> &elements, std::int32_t dims) {
    std::string text = "{";
    for (const PgsSvecElement &element : elements) {
        char number[32];
        if (text.size() > 1)
            text += ',';
        text += std::to_string(element.index + 1) + ':';
        text.append(number, std::to_chars(number, number + sizeof number, element.value).ptr);
    }
    return text + "}/" + std::to_string(dims);
}

void check_accepted(const std::vector<PgsSvecElement> &elements, std::int32_t dims) {
    require(dims >= 1 && dims <= PGS_SVEC_MAX_DIMS);
    std::int32_t previous = -1;
    for (const PgsSvecElement &element : elements) {
        require(element.index > previous && element.index < dims);
        require(std::isfinite(element.value) && element.value != 0);
        previous = element.index;
    }
    const std::string text = print(elements, dims);
    std::vector<PgsSvecElement> again(elements.size());
    const PgsSvecParse parse = pgs_svec_parse(text.data(), text.size(), again.data(), again.size());
    require(parse.status == PGS_SVEC_OK && parse.dims == dims);
    require(parse.count == static_cast<std::int32_t>(elements.size()));
    for (std::size_t i = 0; i < elements.size(); ++i)
        require(again[i].index == elements[i].index && again[i].value == elements[i].value);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const char *const text = reinterpret_cast<const char *>(data);
    std::vector<PgsSvecElement> elements(pgs_svec_count_colons(text, size));
    const PgsSvecParse parse = pgs_svec_parse(text, size, elements.data(), elements.size());
    require(parse.count >= 0 && static_cast<std::size_t>(parse.count) <= elements.size());
    require(parse.offset <= size && parse.length <= size - parse.offset);
    require(parse.status != PGS_SVEC_TOO_MANY);
    if (parse.status == PGS_SVEC_OK) {
        elements.resize(static_cast<std::size_t>(parse.count));
        check_accepted(elements, parse.dims);
    }
    return 0;
}
