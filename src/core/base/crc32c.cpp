#include "base/crc32c.h"

#include <isa-l/crc.h>

namespace pgslab {

uint32_t crc32c(const void *data, size_t size, uint32_t seed) noexcept {
    // The library takes an int for a length, does not invert, and reads through a pointer to
    // non-const.
    constexpr size_t most = size_t{1} << 30;
    auto *bytes = static_cast<unsigned char *>(const_cast<void *>(data));
    uint32_t crc = ~seed;
    while (size > 0) {
        const size_t piece = size < most ? size : most;
        crc = crc32_iscsi(bytes, static_cast<int>(piece), crc);
        bytes += piece;
        size -= piece;
    }
    return ~crc;
}

}  // namespace pgslab
