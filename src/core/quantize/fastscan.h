// Codes of one bit, 32 rows at a time, in the order the fastscan kernel reads them (FastScan, VLDB
// 2015).
//
// Group g, the dimensions 4 g to 4 g + 3, is 16 bytes at offset 16 g of the block. Byte j of them
// has the four bits of row kFastScanOrder[j] in its low nibble and of the row 16 further in its
// high one; bit k of a nibble is dimension 4 g + k. A block is 4 * padded bytes.
#pragma once

#include <cstdint>

#include "quantize/stored.h"

namespace pgslab {

constexpr uint8_t kFastScanOrder[16] = {0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15};

// block[4 * padded] from the rows' one-bit codes (quantize/code.h), padded / 8 bytes each; a null
// pointer stands for zeros.
void pack_block(const uint8_t *const codes[kBlockRows], uint32_t padded, uint8_t *block) noexcept;

// code[padded / 8] of one row of a block.
void unpack_row(const uint8_t *block, uint32_t row, uint32_t padded, uint8_t *code) noexcept;

}  // namespace pgslab
