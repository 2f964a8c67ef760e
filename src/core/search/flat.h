// Looks at rows in the order of their slots, without lists: at all of them, or at those of the
// sidecar in the lists that were visited. Their refinement codes are compared where there are some
// that refer to the index's codebook, else the vectors themselves.
#pragma once

#include <cstdint>
#include <vector>

#include "ivf/vector_tables.h"
#include "pgslab/status.h"
#include "search/context.h"
#include "search/evaluation.h"
#include "search/refine.h"
#include "search/top_k.h"
#include "search/wanted_rows.h"
#include "store/walker.h"

namespace pgslab {

class Flat final : private RowSink {
  public:
    // All must outlive it.
    Flat(SearchContext &context, TopK &top, Refine &refine) noexcept
        : context_(context), top_(top), refine_(refine) {}

    // Of the context's query: visited, by list, are the lists whose rows are wanted in the sidecar;
    // null for all rows. It may change until next pass. Rows that are inserted later are not seen.
    // May throw std::bad_alloc, as may page().
    void begin(const std::vector<bool> *visited);
    void begin_pass() noexcept { walker_.rewind(); }

    // The page to read next; its block is PGS_NO_BLOCK when all rows were seen.
    const PageIdentity &wanted() const noexcept { return walker_.wanted(); }

    // The block that is most probably read after it, or PGS_NO_BLOCK.
    uint32_t block_after() const noexcept { return walker_.block_after(); }

    // Takes the page that is wanted.
    PgsStatus page(const Page &page, PgsError *error) { return walker_.page(page, *this, error); }

  private:
    void piece(const Row &row, uint32_t offset, const uint8_t *bytes, uint32_t n) override;
    void row(const Row &row) override;
    void items(const Row *rows, uint32_t n, const uint8_t *items, uint32_t stride,
               uint32_t bytes) override;
    void offer(const Row &row, const Interval &value);

    SearchContext &context_;
    TopK &top_;
    Refine &refine_;
    Walker walker_;
    WantedRows wanted_;
    WantedRows wanted_of_any_list_;
    Evaluation evaluation_;  // of the row in hand
};

}  // namespace pgslab
