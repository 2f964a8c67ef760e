// crc32c.h - the checksum of what the format writes.
#pragma once

#include <cstddef>
#include <cstdint>

namespace pgslab {

// CRC-32C (Castagnoli; RFC 3720, appendix B.4) of `size` bytes; "123456789" gives 0xE3069283. To
// continue a checksum pass it as the seed: crc32c(b, nb, crc32c(a, na)) is that of a followed by b.
uint32_t crc32c(const void *data, size_t size, uint32_t seed = 0) noexcept;

}  // namespace pgslab
