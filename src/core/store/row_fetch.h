// Reads one row from all tables of its part. Sans-IO, as Walker.
#pragma once

#include <cstdint>
#include <vector>

#include "pgslab/status.h"
#include "store/format.h"
#include "store/page.h"
#include "store/row.h"
#include "store/slots.h"

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

    // As row_layout() says; the record comes first.
    const uint8_t *row() const noexcept { return reinterpret_cast<const uint8_t *>(row_.data()); }
    const Record &record() const noexcept { return *reinterpret_cast<const Record *>(row()); }

  private:
    void want_next() noexcept;

    const Slots &slots_;
    RowLayout layout_;
    Slot slot_ = {};
    uint32_t column_ = 0;  // being read
    uint32_t done_ = 0;    // bytes of its item
    SlotBytes wanted_ = {kNoPage, 0, 0};
    std::vector<uint64_t> row_;  // words, so that it is aligned
};

}  // namespace pgslab
