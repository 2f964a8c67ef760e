// Writes a segment: rows' codes of one bit, in the order of their lists.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "ivf/format.h"
#include "store/page_stream.h"

namespace pgslab {

class SegmentWriter {
  public:
    // segment says where it is and what it is called; its lists are those of the codebook, its
    // codes of `padded` dimensions. May throw std::bad_alloc, as may the others.
    SegmentWriter(const Segment &segment, uint32_t lists, uint32_t padded,
                  std::deque<ReadyPage> &ready);

    // The next row, of a list not before the last one's. code: of one bit, uint8_t[padded / 8].
    void add(uint32_t list, uint64_t address, const uint8_t *code, const ScanFactors &factors);

    // The list of the last row, 0 before any; rows so far.
    uint32_t list() const noexcept {
        return directory_.empty() ? 0 : static_cast<uint32_t>(directory_.size()) - 1;
    }
    uint32_t rows() const noexcept { return rows_; }

    // No more rows.
    void end();

  private:
    void end_block();

    uint32_t list_count_;
    uint32_t padded_;
    PageStream directory_pages_;
    PageStream list_pages_;
    std::vector<ListRun> directory_;
    uint32_t rows_ = 0;
    std::vector<uint8_t> codes_;  // of the block being filled
    std::vector<uint8_t> packed_;
    BlockTail tail_ = {};
};

}  // namespace pgslab
