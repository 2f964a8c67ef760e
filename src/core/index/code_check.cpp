#include "index/code_check.h"

#include <cmath>
#include <cstring>

#include "base/error.h"
#include "format/layout.h"
#include "quantize/code.h"

namespace pgslab {

CodeCheck::CodeCheck(const Meta &meta, ListedSlots &slots)
    : meta_(meta),
      slots_(slots),
      code_bytes_(code_bytes(meta.refine_bits, padded_dims(meta.dims))),
      signs_(code_bytes(1, padded_dims(meta.dims))) {}

// The code of one bit that belongs to a refinement code: both round the same residual, so that bit
// is the refinement code's highest (quantize/code.h).
void CodeCheck::take_signs(const uint8_t *code) noexcept {
    const uint32_t padded = padded_dims(meta_.dims);
    std::memset(signs_.data(), 0, signs_.size());
    auto set = [&](uint32_t dim, bool bit) {
        signs_[dim / 8] = static_cast<uint8_t>(signs_[dim / 8] | (bit ? 1 : 0) << dim % 8);
    };
    if (meta_.refine_bits == 8) {
        for (uint32_t i = 0; i < padded; i++) {
            set(i, (code[i] & 0x80) == 0);  // a signed byte
        }
        return;
    }
    for (uint32_t i = 0; i < padded; i += 64) {
        for (uint32_t j = 0; j < 32; j++) {
            const uint8_t both = code[i / 2 + j];
            set(i + j, (both & 0x08) != 0);
            set(i + 32 + j, (both & 0x80) != 0);
        }
    }
}

// In comparisons that NaN fails.
bool CodeCheck::codes_agree(const Row &row, const RefineTail &tail) const noexcept {
    return tail.list == row.record.list && tail.list < meta_.codebook.lists &&
           std::isfinite(tail.add) && std::isfinite(tail.rescale) && tail.error >= 0 &&
           tail.error <= kUnbounded && tail.norm >= 0 && std::isfinite(tail.norm);
}

void CodeCheck::piece(const Row &row, uint32_t, const uint8_t *bytes, uint32_t) {
    RefineTail tail;
    std::memcpy(&tail, bytes + code_bytes_, sizeof tail);
    impossible_ = impossible_ || !codes_agree(row, tail);
    const ListedSlots::Slot slot = slots_.find(row.address);
    if (slot.exists() && slots_.is_named(slot)) {
        take_signs(bytes);
        slots_.take_code(slot, row.address, signs_.data(), static_cast<uint32_t>(signs_.size()));
    }
}

void CodeCheck::row(const Row &row) {
    const ListedSlots::Slot slot = slots_.find(row.address);
    if (!slot.exists()) {
        return;  // of the open part, which no segment knows
    }
    if (slots_.is_named(slot)) {
        slots_.take_list(slot, row.address, row.record.list);
    } else if ((row.record.flags & kTombstone) == 0) {
        unlisted_ = slots_.record_block(slot);
    }
}

PgsStatus CodeCheck::result(uint32_t block, PgsError *error) const {
    if (impossible_) {
        return fail(error, PGS_CORRUPT, block, "a refinement code of the page is impossible");
    }
    if (unlisted_ != PGS_NO_BLOCK) {
        return fail(error, PGS_CORRUPT, unlisted_, "a row of the record page is in no list");
    }
    return PGS_OK;
}

PgsStatus CodeCheck::end(PgsError *error) const {
    if (const uint32_t block = slots_.differing_lists(); block != PGS_NO_BLOCK) {
        return fail(error, PGS_CORRUPT, block,
                    "rows of the record page are in other lists than their records say");
    }
    if (const uint32_t block = slots_.differing_codes(); block != PGS_NO_BLOCK) {
        return fail(error, PGS_CORRUPT, block,
                    "codes of the refinement page contradict those in the lists");
    }
    return PGS_OK;
}

}  // namespace pgslab
