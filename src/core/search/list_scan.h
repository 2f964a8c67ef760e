// Scans one list's blocks of one-bit codes, page by page.
//
// Sans-IO, as Walker. A block that crosses a page is scanned in two pieces, its sums carried over.
#pragma once

#include <cstdint>

#include "ivf/format.h"
#include "kernels/kernels.h"
#include "pgslab/status.h"
#include "store/page.h"

namespace pgslab {

class BlockSink {
  public:
    virtual ~BlockSink() = default;

    // The sums of a block's rows over the query's table, and what else is known of them, which is
    // there during the call only. Rows begin to end - 1 are the list's.
    virtual void block(const uint32_t *sums, const BlockTail &tail, uint32_t begin,
                       uint32_t end) = 0;
};

class ListScan {
  public:
    // table: see CodeQuery::table(); must outlive the scan.
    void begin(const Segment &segment, const ListRun &run, uint32_t padded, const uint8_t *table,
               const Kernels &kernels) noexcept;

    // The page to read next, kNoPage at the list's end.
    PageIdentity wanted() const noexcept;

    // Takes the page that is wanted, which must have passed check_page(). Throws what the sink
    // throws.
    PgsStatus page(const Page &page, BlockSink &sink, PgsError *error);

  private:
    Segment segment_ = {};
    const uint8_t *table_ = nullptr;
    const Kernels *kernels_ = nullptr;
    uint32_t code_bytes_ = 0;  // of a block
    uint64_t position_ = 0;    // in the segment's lists, in bytes
    uint32_t rows_ = 0;        // not yet scanned
    uint32_t lane_ = 0;        // of the first of them in its block
    uint32_t in_block_ = 0;    // bytes of the block already taken
    uint32_t sums_[kBlockRows] = {};
    BlockTail tail_ = {};  // that crosses a page
};

}  // namespace pgslab
