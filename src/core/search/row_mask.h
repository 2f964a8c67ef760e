// Which rows of a list in a segment satisfy the filter, before any code is read: told by what
// postings have left (matches.h), and where these do not say all, by the rows' keys.
//
// Sans-IO, as Walker.
#pragma once

#include <cstdint>
#include <vector>

#include "filter/filter.h"
#include "ivf/format.h"
#include "ivf/segment_layout.h"
#include "pgslab/status.h"
#include "store/page.h"

namespace pgslab {

class RowMask {
  public:
    // left: of the segment's rows those that may satisfy it, a bit for each, in blocks of 32; null
    // where nothing is known. All must outlive the mask or its next beginning. May throw
    // std::bad_alloc.
    void begin(const Filter &filter, const Segment &segment, const SegmentLayout &layout,
               const ListRun &run, const uint32_t *left, bool is_exact);

    // The page to read next, kNoPage when the mask is complete.
    PageIdentity wanted() const noexcept;

    // Takes the page that is wanted, which must have passed check_page().
    PgsStatus page(const Page &page, PgsError *error);

    // Of the blocks of 32 rows that the run touches, from the first on, a bit for each row: whether
    // it is of the run and satisfies the filter. Null where there is no filter.
    const uint32_t *blocks() const noexcept { return blocks_.empty() ? nullptr : blocks_.data(); }

  private:
    void next_row() noexcept;

    const Filter *filter_ = nullptr;
    const Segment *segment_ = nullptr;
    const SegmentLayout *layout_ = nullptr;
    uint64_t first_block_ = 0;  // of the run, counted over the segment
    uint64_t next_ = 0;         // row whose keys to look at
    uint64_t end_ = 0;          // of the run
    std::vector<uint32_t> blocks_;
};

}  // namespace pgslab
