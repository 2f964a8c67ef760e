// Any bytes as the wire form of an hvec: what is accepted is one, and encodes to the same bytes.

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

bool is_finite(std::uint16_t half) {
    return (half & 0x7c00) != 0x7c00;
}

void check_accepted(const std::vector<std::uint16_t> &halves, const std::uint8_t *data,
                    std::size_t size) {
    require(size == 4 + 2 * halves.size());
    require(data[0] == halves.size() >> 8 && data[1] == (halves.size() & 0xff));
    require(data[2] == 0 && data[3] == 0);
    for (std::size_t i = 0; i < halves.size(); ++i) {
        require(is_finite(halves[i]));
        require(data[4 + 2 * i] == halves[i] >> 8 && data[5 + 2 * i] == (halves[i] & 0xff));
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    std::vector<std::uint16_t> halves(PGS_MAX_DIMS);
    const PgsWire wire = pgs_hvec_decode(data, size, halves.data());
    require(wire.dims >= INT16_MIN && wire.dims <= INT16_MAX);
    switch (wire.status) {
        case PGS_WIRE_OK:
            require(wire.dims >= 1 && wire.dims <= PGS_MAX_DIMS);
            halves.resize(static_cast<std::size_t>(wire.dims));
            check_accepted(halves, data, size);
            break;
        case PGS_WIRE_NAN:
        case PGS_WIRE_INFINITE:
            require(wire.index >= 0 && wire.index < wire.dims);
            require(!is_finite(halves[static_cast<std::size_t>(wire.index)]));
            break;
        default:
            break;
    }
    return 0;
}
