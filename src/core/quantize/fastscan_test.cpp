// Blocks hold the bits where the header says, and give them back.
#include "quantize/fastscan.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace pgslab {
namespace {

using Code = std::vector<uint8_t>;

TEST(FastScan, PutsEveryBitInItsPlaceAndBack) {
    std::mt19937 random(1);
    for (uint32_t padded : {64u, 192u, 832u}) {
        std::vector<Code> rows(kBlockRows, Code(padded / 8));
        const uint8_t *codes[kBlockRows];
        for (uint32_t row = 0; row < kBlockRows; row++) {
            for (uint8_t &byte : rows[row]) {
                byte = static_cast<uint8_t>(random());
            }
            codes[row] = row % 11 == 3 ? nullptr : rows[row].data();
            if (codes[row] == nullptr) {
                rows[row].assign(padded / 8, 0);
            }
        }
        std::vector<uint8_t> block(4 * padded, 0xAA);
        pack_block(codes, padded, block.data());
        const uint32_t order[] = {0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15};
        for (uint32_t j = 0; j < 16; j++) {
            for (uint32_t i = 0; i < padded; i++) {
                const uint8_t byte = block[i / 4 * 16 + j];
                const Code &low = rows[order[j]], &high = rows[order[j] + 16];
                ASSERT_EQ(byte >> i % 4 & 1, low[i / 8] >> i % 8 & 1);
                ASSERT_EQ(byte >> (4 + i % 4) & 1, high[i / 8] >> i % 8 & 1);
            }
        }
        for (uint32_t row = 0; row < kBlockRows; row++) {
            Code code(padded / 8, 0x55);
            unpack_row(block.data(), row, padded, code.data());
            ASSERT_EQ(code, rows[row]);
        }
    }
}

}  // namespace
}  // namespace pgslab
