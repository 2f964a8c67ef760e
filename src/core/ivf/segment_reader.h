// Reads a segment's rows from the first to the last. Sans-IO, as Walker.
#pragma once

#include <cstdint>
#include <vector>

#include "ivf/format.h"
#include "pgslab/status.h"
#include "store/page.h"

namespace pgslab {

struct SegmentRow {
    uint32_t list;
    uint64_t address;
    const uint8_t *code;  // of one bit, uint8_t[padded / 8]; valid until the reader goes on
    ScanFactors factors;
};

class SegmentReader {
  public:
    // Of an index with so many lists, and codes of `padded` dimensions. May throw std::bad_alloc.
    SegmentReader(const Segment &segment, uint32_t lists, uint32_t padded);

    bool at_end() const noexcept { return next_row_ == segment_.rows; }

    // Unless at the end: the page that has to be read first, its block PGS_NO_BLOCK if none; then
    // row() is there, and next() goes on.
    PageIdentity wanted() const noexcept;
    PgsStatus page(const Page &page, PgsError *error);
    const SegmentRow &row() const noexcept { return row_; }
    void next();

    // Of the page read last.
    uint32_t block() const noexcept { return segment_.run.block + (pages_ == 0 ? 0 : pages_ - 1); }

  private:
    PgsStatus take_runs(const Page &page, PgsError *error);
    void take_bytes();
    void set_row();

    Segment segment_;
    uint32_t lists_;
    uint32_t padded_;
    std::vector<ListRun> directory_;
    uint32_t pages_ = 0;  // read, of directory and lists
    Page page_;           // the last of them
    uint32_t used_ = 0;   // bytes of it
    std::vector<uint8_t> block_;
    size_t filled_ = 0;  // bytes of the block
    std::vector<uint8_t> code_;
    uint64_t next_row_ = 0;  // counted over the segment
    SegmentRow row_ = {};
};

}  // namespace pgslab
