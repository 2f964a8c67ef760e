// Writes a segment: rows' codes of one bit and their keys, in the order of their lists, and the
// postings of these.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "filter/key_postings.h"
#include "ivf/format.h"
#include "ivf/segment_layout.h"
#include "ivf/segment_row.h"
#include "store/page_stream.h"

namespace pgslab {

class SegmentWriter {
  public:
    // segment says where it is and what it is called. May throw std::bad_alloc, as may the others.
    SegmentWriter(const Segment &segment, const SegmentShape &shape, std::deque<ReadyPage> &ready);

    // The next row, of a list not before the last one's.
    void add(const SegmentRow &row);

    // The list of the last row, 0 before any; rows so far.
    uint32_t list() const noexcept {
        return directory_.empty() ? 0 : static_cast<uint32_t>(directory_.size()) - 1;
    }
    uint64_t rows() const noexcept { return rows_; }

    // No more rows. Returns of how many blocks the segment is.
    uint32_t end();

  private:
    void end_block();
    void end_group();
    void write_keys(uint32_t group, uint64_t rows);
    void write_postings(uint32_t group, uint64_t rows, uint32_t column);

    Segment segment_;
    uint32_t list_count_;
    uint32_t padded_;
    SegmentLayout layout_;
    std::deque<ReadyPage> &ready_;
    PageStream code_pages_;  // of the group being filled
    std::vector<ListRun> directory_;
    uint64_t rows_ = 0;
    std::vector<uint8_t> codes_;  // of the block being filled
    std::vector<uint8_t> packed_;
    BlockTail tail_ = {};
    std::vector<uint8_t> keys_;  // of the group being filled
    KeyPostings postings_;
};

}  // namespace pgslab
