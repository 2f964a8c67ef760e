// Which rows satisfy a filter that names rows of the table: one walk over all records tells, before
// any list is visited.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "ivf/format.h"
#include "pgslab/status.h"
#include "search/context.h"
#include "search/wanted_rows.h"
#include "store/walker.h"

namespace pgslab {

class Selected final : private RowSink {
  public:
    // context must outlive it.
    explicit Selected(SearchContext &context) noexcept : context_(context) {}

    // Forgets another search's.
    void begin() noexcept { state_ = State::kNothing; }

    // Begins the walk. May throw std::bad_alloc.
    void begin_walk();

    // The page to read next, kNoPage when all rows were seen.
    const PageIdentity &wanted() const noexcept { return walker_.wanted(); }

    // The block that is most probably read after it, or PGS_NO_BLOCK.
    uint32_t block_after() const noexcept { return walker_.block_after(); }

    // Takes the page that is wanted.
    PgsStatus page(const Page &page, PgsError *error);

    // Once all were seen: how many satisfy the filter; by list, whether one of the list's does; and
    // which of the rows with a bit do, a block's with these addresses.
    bool is_known() const noexcept { return state_ == State::kKnown; }
    uint64_t rows() const noexcept { return rows_; }
    const std::vector<bool> &lists() const noexcept { return lists_; }
    uint32_t among(const uint64_t *address, uint32_t rows) const noexcept;

  private:
    enum class State { kNothing, kWalking, kKnown };

    void piece(const Row &, uint32_t, const uint8_t *, uint32_t) override {}
    void row(const Row &row) override;

    SearchContext &context_;
    State state_ = State::kNothing;
    Walker walker_;
    WantedRows wanted_;
    std::vector<size_t> first_word_;  // by the handle of a part, of its slots
    std::vector<uint64_t> words_;     // a bit for each slot
    std::vector<bool> lists_;
    uint64_t rows_ = 0;
};

}  // namespace pgslab
