// Building an index from scratch: its codebook, its sealed parts, one segment.
//
// Sans-IO. Rows come in the order of their lists, and each table is filled page by page; pages come
// out as they get full. Where each table is, is known once the number of rows is: the codebook,
// then of each part records, refinement codes and slab, the segment's directory and its lists.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "format/format.h"
#include "format/page.h"
#include "index/codebook.h"
#include "index/encoder.h"
#include "index/page_stream.h"
#include "index/parts_writer.h"
#include "index/segment_writer.h"
#include "pgslab/index.h"
#include "pgslab/status.h"

namespace pgslab {

class Build {
  public:
    // The codebook must outlive it. May throw std::bad_alloc, as may all that are not
    // noexcept.
    Build(const PgsOptions &options, const Codebook &codebook);

    // See pgslab/build.h.
    PgsStatus begin_rows(uint64_t rows, uint32_t *blocks, PgsError *error);
    PgsStatus add_row(const uint8_t *row, uint32_t list, PgsError *error);
    PgsStatus end_rows(PgsError *error);
    const Page *next_page(uint32_t *block) noexcept;
    void write_meta(Page &page) const noexcept { page = meta_page_; }

  private:
    const Codebook &codebook_;
    RowLayout layout_;
    Page meta_page_;
    std::deque<ReadyPage> ready_;
    Page handed_out_;

    std::optional<PartsWriter> parts_;  // these two once rows begin
    std::optional<SegmentWriter> segment_;
    uint64_t expected_ = 0;
    uint64_t rows_ = 0;
    double spread_ = 0;          // of them
    std::vector<uint8_t> code_;  // of one bit
};

}  // namespace pgslab
