// Scans one list's blocks of one-bit codes, page by page.
//
// Sans-IO, as Walker. A block that crosses a page is scanned in two pieces, its sums carried over.
#pragma once

#include <cstdint>

#include "ivf/format.h"
#include "ivf/segment_layout.h"
#include "kernels/kernels.h"
#include "pgslab/status.h"
#include "store/page.h"

namespace pgslab {

class BlockSink {
  public:
    virtual ~BlockSink() = default;

    // The sums of a block's rows over the query's table, and what else is known of them, which is
    // there during the call only. rows: a bit for each that is wanted.
    virtual void block(const uint32_t *sums, const BlockTail &tail, uint32_t rows) = 0;
};

class ListScan {
  public:
    // table: see CodeQuery::table(); without one codes are passed over, and sums are 0. wanted: of
    // each block that the run touches which rows are wanted; blocks without any are passed over.
    // Null: all of the run. All of these must outlive the scan.
    void begin(const Segment &segment, const SegmentLayout &layout, const ListRun &run,
               const uint32_t *wanted, const uint8_t *table, const Kernels &kernels) noexcept;

    // The page to read next, kNoPage at the list's end.
    PageIdentity wanted() const noexcept;

    // Takes the page that is wanted, which must have passed check_page(). Throws what the sink
    // throws.
    PgsStatus page(const Page &page, BlockSink &sink, PgsError *error);

  private:
    bool at_end() const noexcept { return row_ == end_row_; }
    uint32_t page_number() const noexcept;
    uint32_t rows_of_block() const noexcept;
    void begin_block() noexcept;

    const Segment *segment_ = nullptr;
    const SegmentLayout *layout_ = nullptr;
    const uint32_t *wanted_ = nullptr;  // of the block in hand
    const uint8_t *table_ = nullptr;
    const Kernels *kernels_ = nullptr;
    uint32_t code_bytes_ = 0;  // of a block
    uint64_t row_ = 0;         // the first of the list's in the block in hand
    uint64_t end_row_ = 0;
    uint32_t group_page_ = 0;  // of the segment: the first with codes of the group
    uint64_t position_ = 0;    // in the group's codes, in bytes
    uint32_t in_block_ = 0;    // bytes of the block already taken
    uint32_t sums_[kBlockRows] = {};
    BlockTail tail_ = {};  // that crosses a page
};

}  // namespace pgslab
