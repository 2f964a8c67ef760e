// Reads one row from the tables of its part: record, refinement code, vector. Sans-IO, as Walker.
#pragma once

#include <cstdint>
#include <vector>

#include "format/layout.h"
#include "format/page.h"
#include "pgslab/status.h"

namespace pgslab {

class RowFetch {
  public:
    explicit RowFetch(SlotShape shape);  // may throw std::bad_alloc

    // Begins with the slot `within` an extent.
    void begin(const ExtentPlace &place, uint32_t within) noexcept;

    // The page to read next; its block is PGS_NO_BLOCK when the row is there.
    const PageIdentity &wanted() const noexcept { return wanted_; }
    PgsStatus page(const Page &page, PgsError *error);

    const Record &record() const noexcept { return record_; }
    const uint8_t *item() const noexcept { return item_.data(); }
    const uint8_t *refine() const noexcept { return refine_.data(); }

  private:
    void want_slab_page() noexcept;

    SlotShape shape_;
    ExtentPlace place_ = {};
    uint32_t within_ = 0;
    uint32_t done_ = 0;  // bytes of the vector
    PageIdentity wanted_ = {PGS_NO_BLOCK, PageKind::kRecord, 0, 0, 0};
    Record record_ = {};
    std::vector<uint8_t> item_;
    std::vector<uint8_t> refine_;
};

}  // namespace pgslab
