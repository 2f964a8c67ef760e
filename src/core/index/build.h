// Building an index from scratch: one sealed part, its slab pages first, its record pages after
// them.
//
// Sans-IO: pages come out in block order through next_page(); records are handed to the caller to
// keep, for example in a temporary file, and come back once the number of slab pages is known. So
// memory does not grow with the rows.
#pragma once

#include <cstdint>
#include <vector>

#include "format/format.h"
#include "pgslab_core.h"

namespace pgslab {

class Build {
  public:
    // May throw std::bad_alloc; nothing below does.
    explicit Build(const PgsOptions &options);

    bool add(const float *vector, PgsTid tid, Record *record) noexcept;
    void end_rows() noexcept;
    void add_record(const Record &record) noexcept;
    void end_records() noexcept;

    // The next page to write, from block 1 on, or null while none is finished.
    const Page *next_page() noexcept;

    void write_meta(Page &page) const noexcept;

  private:
    void put_item() noexcept;
    void turn_page(PageKind kind) noexcept;
    void finish_page() noexcept;

    PgsOptions options_;
    uint32_t item_bytes_;
    std::vector<uint64_t>
        item_;            // the vector being written; words, so that its elements are aligned
    uint32_t item_done_;  // bytes of it already on pages
    Page page_;           // being filled
    bool page_begun_ = false;
    bool page_finished_ = false;
    uint32_t sequence_ = 0;  // of the page being filled within its table
    uint32_t slab_blocks_ = 0;
    uint64_t rows_ = 0;
};

}  // namespace pgslab
