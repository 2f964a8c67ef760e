#include "ivf/code_check.h"

#include <cmath>

#include "base/crc32c.h"
#include "base/error.h"
#include "filter/keys.h"
#include "ivf/format.h"
#include "quantize/code.h"

namespace pgslab {

CodeCheck::CodeCheck(const Meta &meta, ListedSlots &slots)
    : meta_(meta),
      slots_(slots),
      padded_(coded_dims(vectors_of(meta))),
      key_bytes_(key_bytes(vectors_of(meta).keys)),
      signs_(code_bytes(1, coded_dims(vectors_of(meta)))) {}

bool factors_are_possible(const ScanFactors &factors) noexcept {
    return std::isfinite(factors.add) && std::isfinite(factors.rescale) && factors.error >= 0 &&
           factors.error <= kUnbounded;
}

uint32_t hash_of_code(const uint8_t *code, uint32_t padded, const ScanFactors &factors) noexcept {
    return crc32c(&factors, sizeof factors, crc32c(code, code_bytes(1, padded)));
}

uint32_t hash_of_keys(const uint8_t *keys, uint32_t bytes) noexcept {
    return crc32c(keys, bytes);
}

// In comparisons that NaN fails.
bool CodeCheck::codes_agree(const Row &row, const RefineTail &tail) const noexcept {
    return tail.list == vector_record(row.record).list && tail.list < vectors_of(meta_).lists &&
           std::isfinite(tail.add) && std::isfinite(tail.rescale) && tail.error >= 0 &&
           tail.error <= kUnbounded && tail.norm >= 0 && std::isfinite(tail.norm) &&
           factors_are_possible(tail.scan);
}

void CodeCheck::piece(const Row &row, uint32_t, const uint8_t *bytes, uint32_t) {
    const Slot slot = slots_.find(row.address);
    if (!slot.exists()) {
        return;  // of codes by an earlier codebook
    }
    const RefineTail tail = tail_of(bytes, vectors_of(meta_).refine_bits, padded_);
    impossible_ = impossible_ || !codes_agree(row, tail);
    if (slots_.is_named(slot)) {
        sign_code(vectors_of(meta_).refine_bits, bytes, padded_, signs_.data());
        slots_.take_code(slot, row.address, hash_of_code(signs_.data(), padded_, tail.scan));
    }
}

void CodeCheck::row(const Row &row) {
    const Slot slot = slots_.find(row.address);
    if (!slot.exists()) {
        return;
    }
    if (slots_.is_named(slot)) {
        slots_.take_record(slot, row.address, vector_record(row.record).list,
                           hash_of_keys(row.extra, key_bytes_));
    } else if ((row.record.flags & kTombstone) == 0 && slots_.is_flushed(slot)) {
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
    if (const uint32_t block = slots_.differing_records(); block != PGS_NO_BLOCK) {
        return fail(error, PGS_CORRUPT, block,
                    "rows of the record page are in other lists than their records say, or have "
                    "other keys there");
    }
    if (const uint32_t block = slots_.differing_codes(); block != PGS_NO_BLOCK) {
        return fail(error, PGS_CORRUPT, block,
                    "codes of the refinement page contradict those in the lists");
    }
    return PGS_OK;
}

}  // namespace pgslab
