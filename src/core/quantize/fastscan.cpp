#include "quantize/fastscan.h"

#include <cstring>

namespace pgslab {

// A byte of a code is one nibble of two neighbouring groups.

void pack_block(const uint8_t *const codes[kBlockRows], uint32_t padded, uint8_t *block) noexcept {
    std::memset(block, 0, size_t{4} * padded);
    for (uint32_t j = 0; j < 16; j++) {
        for (uint32_t shift = 0; shift < 8; shift += 4) {
            const uint8_t *code = codes[kFastScanOrder[j] + 4 * shift];
            for (uint32_t i = 0; code != nullptr && i < padded / 8; i++) {
                uint8_t *even = block + i * 32 + j;
                even[0] = static_cast<uint8_t>(even[0] | (code[i] & 15) << shift);
                even[16] = static_cast<uint8_t>(even[16] | code[i] >> 4 << shift);
            }
        }
    }
}

void unpack_row(const uint8_t *block, uint32_t row, uint32_t padded, uint8_t *code) noexcept {
    uint32_t j = 0;
    while (kFastScanOrder[j] != row % 16) {
        j++;
    }
    const uint32_t shift = row / 16 * 4;
    for (uint32_t i = 0; i < padded / 8; i++) {
        const uint8_t *even = block + i * 32 + j;
        code[i] = static_cast<uint8_t>((even[0] >> shift & 15) | (even[16] >> shift & 15) << 4);
    }
}

}  // namespace pgslab
