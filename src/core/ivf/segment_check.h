// Verifies one segment after the other, page by page in the order of its tables.
//
// Sans-IO, as Walker. What a segment says of slots goes to ListedSlots, to be compared with their
// parts.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "ivf/format.h"
#include "ivf/listed_slots.h"
#include "ivf/segment_layout.h"
#include "pgslab/status.h"
#include "store/page.h"

namespace pgslab {

class SegmentCheck {
  public:
    // Both must outlive it. May throw std::bad_alloc, as may page().
    SegmentCheck(const Meta &meta, ListedSlots &slots);

    // The page to read next, of the block PGS_NO_BLOCK when all were.
    PageIdentity wanted() const noexcept;
    PgsStatus page(const Page &page, PgsError *error);

  private:
    void begin_segment() noexcept;
    const Segment &segment() const noexcept { return meta_.segment[number_]; }
    PgsStatus take_runs(const Page &page, PgsError *error);
    PgsStatus end_directory(uint32_t block, PgsError *error) const;
    PgsStatus take_blocks(const Page &page, PgsError *error);
    PgsStatus take_keys(const Page &page, const SegmentPage &described, PgsError *error);
    void take_fences(const Page &page, const SegmentPage &described);
    PgsStatus take_postings(const Page &page, const SegmentPage &described, PgsError *error);
    PgsStatus check_block(uint32_t page_block, PgsError *error);
    PgsStatus check_row(const BlockTail &tail, uint32_t row, uint32_t page_block, PgsError *error);

    const Meta &meta_;
    ListedSlots &slots_;
    SegmentLayout layout_;
    uint32_t number_ = 0;  // of the segment, in the manifest
    uint32_t page_ = 0;    // of the segment
    std::vector<ListRun> directory_;
    uint64_t rows_ = 0;           // of the lists in the directory so far
    std::vector<uint8_t> block_;  // being put together from its pages
    uint64_t first_row_ = 0;      // of the block
    uint32_t filled_ = 0;         // bytes of the block
    uint32_t list_ = 0;           // whose row is next
    std::vector<uint8_t> code_;
    std::vector<uint64_t> addresses_;  // of the group's rows, if it has keys
    // By column: a sum of hashes of the group's keys, from which those that its postings say are
    // taken away again.
    std::array<uint64_t, PGS_MAX_FILTER_COLUMNS> keys_ = {};
    std::vector<uint64_t> fences_;  // of the column's postings
    Posting last_ = {};             // of them
};

}  // namespace pgslab
