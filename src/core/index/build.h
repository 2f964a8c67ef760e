// Building an index from scratch: its codebook, one sealed part, one segment.
//
// Sans-IO. Rows come in the order of their lists, and each table is filled page by page; pages come
// out as they get full. Where each table is, is known once the number of rows is: the codebook,
// then records, refinement codes, slab, the segment's directory, and last, because its size depends
// on how the lists fill their blocks, the segment's lists.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "format/format.h"
#include "format/layout.h"
#include "format/page.h"
#include "index/codebook.h"
#include "index/encoder.h"
#include "pgslab_core.h"

namespace pgslab {

// A page with its block.
struct ReadyPage {
    uint32_t block;
    Page page;
};

// Fills the pages of one table, in order.
class PageStream {
  public:
    // What stands on the table's first page, and on its block.
    PageStream(const PageIdentity &first, std::deque<ReadyPage> &ready)
        : next_(first), ready_(&ready) {}

    // Appends n bytes; where the page ends they go on at the beginning of the next. May throw
    // std::bad_alloc, as may the others.
    void append(const void *bytes, size_t n);

    // Appends n bytes that must not cross a page.
    void append_whole(const void *bytes, uint32_t n);

    // The last page is ready as it is.
    void end();

    uint32_t pages() const noexcept { return next_.sequence; }

  private:
    uint32_t room() const noexcept { return begun_ ? kPayloadBytes - used_bytes(page_) : 0; }
    void begin_page() noexcept;

    PageIdentity next_;  // the page after those that are ready
    std::deque<ReadyPage> *ready_;
    Page page_;
    bool begun_ = false;
};

class Build {
  public:
    // The codebook must outlive it. May throw std::bad_alloc, as may all but write_meta().
    Build(const PgsOptions &options, const Codebook &codebook);

    // See pgslab_core.h.
    PgsStatus begin_rows(uint64_t rows, uint32_t *blocks, PgsError *error);
    PgsStatus add_row(const uint8_t *row, uint32_t list, PgsError *error);
    PgsStatus end_rows(PgsError *error);
    const Page *next_page(uint32_t *block);
    void write_meta(Page &page) const noexcept { page = meta_page_; }

  private:
    struct Tables {
        PageStream records;
        PageStream refine;
        PageStream slab;
        PageStream directory;
        PageStream lists;
    };

    void add_code(const uint8_t *row, uint64_t address);
    void end_block();

    const Codebook &codebook_;
    RowLayout layout_;
    Page meta_page_;
    std::deque<ReadyPage> ready_;
    Page handed_out_;

    std::vector<Tables> tables_;  // one, once rows begin
    Extent extent_ = {};
    uint64_t expected_ = 0;
    uint64_t rows_ = 0;

    // The list being filled, and its block.
    std::vector<ListRun> directory_;
    uint32_t blocks_ = 0;  // of all lists so far
    uint32_t in_block_ = 0;
    std::vector<uint8_t> codes_;  // of its rows, of one bit
    std::vector<uint8_t> packed_;
    BlockTail tail_ = {};
};

}  // namespace pgslab
