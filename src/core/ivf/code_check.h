// Verifies what an index says of its rows' lists, keys and codes, row by row in slot order: a sink
// for a Walker over the refinement table that passes over no record. Segments must have been
// checked before.
#pragma once

#include <cstdint>
#include <vector>

#include "ivf/format.h"
#include "ivf/listed_slots.h"
#include "pgslab/status.h"
#include "store/walker.h"

namespace pgslab {

// Whether a code of one bit can have such factors; a checksum of code and factors.
bool factors_are_possible(const ScanFactors &factors) noexcept;
uint32_t hash_of_code(const uint8_t *code, uint32_t padded, const ScanFactors &factors) noexcept;

// A checksum of a row's keys, so many bytes; also where there are none.
uint32_t hash_of_keys(const uint8_t *keys, uint32_t bytes) noexcept;

class CodeCheck final : public RowSink {
  public:
    // Both must outlive it. May throw std::bad_alloc.
    CodeCheck(const Meta &meta, ListedSlots &slots);

    void piece(const Row &row, uint32_t offset, const uint8_t *bytes, uint32_t n) override;
    void row(const Row &row) override;

    // What was found wrong with the rows of the page that was read from block.
    PgsStatus result(uint32_t block, PgsError *error) const;

    // After all rows: whether segments say the same.
    PgsStatus end(PgsError *error) const;

  private:
    bool codes_agree(const Row &row, const RefineTail &tail) const noexcept;

    const Meta &meta_;
    ListedSlots &slots_;
    uint32_t padded_;
    uint32_t key_bytes_;
    std::vector<uint8_t> signs_;
    bool impossible_ = false;           // a code was, on the page in hand
    uint32_t unlisted_ = PGS_NO_BLOCK;  // block of the record of a row that is in no list
};

}  // namespace pgslab
