// Reads one row from the tables of its part: record, refinement code, vector. Sans-IO, as Walker.
#pragma once

#include <cstdint>
#include <vector>

#include "format/format.h"
#include "format/page.h"
#include "index/slots.h"
#include "pgslab/status.h"

namespace pgslab {

class RowFetch {
  public:
    // slots must outlive it. May throw std::bad_alloc.
    explicit RowFetch(const Slots &slots);

    // Begins with a slot that exists.
    void begin(const Slot &slot) noexcept;

    // The page to read next; its block is PGS_NO_BLOCK when the row is there.
    const PageIdentity &wanted() const noexcept { return wanted_.page; }
    PgsStatus page(const Page &page, PgsError *error);

    const Record &record() const noexcept { return record_; }
    const uint8_t *item() const noexcept { return item_.data(); }
    const uint8_t *refine() const noexcept { return refine_.data(); }

  private:
    uint8_t *destination() noexcept;
    void want_next() noexcept;

    const Slots &slots_;
    Slot slot_ = {};
    uint32_t done_ = 0;  // bytes of the vector
    SlotBytes wanted_ = {kNoPage, 0, 0};
    Record record_ = {};
    std::vector<uint8_t> item_;
    std::vector<uint8_t> refine_;
};

}  // namespace pgslab
