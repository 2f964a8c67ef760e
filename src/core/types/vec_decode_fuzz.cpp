// Any bytes as the wire form of a vector: what is accepted is a vec, and encodes to the same bytes.

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "pgslab_core.h"

namespace {

void require(bool holds) {
    if (!holds)
        std::abort();
}

void check_accepted(const std::vector<float> &values, const std::uint8_t *data, std::size_t size) {
    require(size == 4 + 4 * values.size());
    require(data[0] == values.size() >> 8 && data[1] == (values.size() & 0xff));
    require(data[2] == 0 && data[3] == 0);
    for (std::size_t i = 0; i < values.size(); ++i) {
        require(std::isfinite(values[i]));
        const auto bits = std::bit_cast<std::uint32_t>(values[i]);
        for (std::size_t byte = 0; byte < 4; ++byte)
            require(data[4 + 4 * i + byte] == (bits >> (24 - 8 * byte) & 0xff));
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    std::vector<float> values(PGS_MAX_DIMS);
    const PgsWire wire = pgs_vec_decode(data, size, values.data());
    require(wire.dims >= INT16_MIN && wire.dims <= INT16_MAX);
    switch (wire.status) {
        case PGS_WIRE_OK:
            require(wire.dims >= 1 && wire.dims <= PGS_MAX_DIMS);
            values.resize(static_cast<std::size_t>(wire.dims));
            check_accepted(values, data, size);
            break;
        case PGS_WIRE_NAN:
        case PGS_WIRE_INFINITE:
            require(wire.index >= 0 && wire.index < wire.dims);
            require(!std::isfinite(values[static_cast<std::size_t>(wire.index)]));
            break;
        default:
            break;
    }
    return 0;
}
