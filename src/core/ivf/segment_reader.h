// Reads a segment's rows from the first to the last. Sans-IO, as Walker.
#pragma once

#include <cstdint>
#include <vector>

#include "ivf/format.h"
#include "ivf/segment_layout.h"
#include "ivf/segment_row.h"
#include "pgslab/status.h"
#include "store/page.h"

namespace pgslab {

class SegmentReader {
  public:
    // May throw std::bad_alloc.
    SegmentReader(const Segment &segment, const SegmentShape &shape);

    bool at_end() const noexcept { return next_row_ == segment_.rows; }

    // Unless at the end: the page that has to be read first, its block PGS_NO_BLOCK if none; then
    // row() is there, its code and keys valid until the reader goes on, and next() goes on.
    PageIdentity wanted() const noexcept;
    PgsStatus page(const Page &page, PgsError *error);
    const SegmentRow &row() const noexcept { return row_; }
    void next();

    // Of the page of codes read last.
    uint32_t block() const noexcept { return segment_.run.block + (pages_ == 0 ? 0 : pages_ - 1); }

  private:
    bool has_keys() const noexcept {
        return layout_.key_bytes() == 0 || keys_page_ == layout_.page_of_keys(segment_, next_row_);
    }
    PgsStatus take_runs(const Page &page, uint32_t block, PgsError *error);
    void take_bytes();
    void set_row();

    Segment segment_;
    SegmentShape shape_;
    SegmentLayout layout_;
    std::vector<ListRun> directory_;
    uint32_t pages_ = 0;  // the next to read, of directory and codes
    Page page_;           // the last of them
    uint32_t used_ = 0;   // bytes of it
    std::vector<uint8_t> block_;
    size_t filled_ = 0;  // bytes of the block
    std::vector<uint8_t> code_;
    uint32_t keys_page_ = 0;  // whose keys are there; 0, of the directory, for none
    std::vector<uint8_t> keys_;
    uint64_t next_row_ = 0;  // counted over the segment
    SegmentRow row_ = {};
};

}  // namespace pgslab
