// Every live row in the order of the slots, each with the same value: for who asks for no order, or
// where nothing has a distance.
#pragma once

#include <cstddef>
#include <vector>

#include "pgslab/machine.h"
#include "pgslab/status.h"
#include "search/context.h"
#include "search/wanted_rows.h"
#include "store/walker.h"

namespace pgslab {

class Unordered final : private RowSink {
  public:
    // context must outlive it. May throw std::bad_alloc, as may page().
    void begin(const SearchContext &context, double value);

    // Fills in the next row of the page in hand; false when another page has to be read first.
    bool next(PgsRequest &request) noexcept;

    // The page to read next; its block is PGS_NO_BLOCK when there are no more rows.
    const PageIdentity &wanted() const noexcept { return walker_.wanted(); }

    // Takes the page that is wanted.
    PgsStatus page(const Page &page, PgsError *error);

  private:
    void piece(const Row &, uint32_t, const uint8_t *, uint32_t) override {}
    void row(const Row &row) override;

    Walker walker_;
    WantedRows wanted_;
    double value_ = 0;
    std::vector<PgsRequest> rows_;  // of the page in hand
    size_t next_ = 0;
};

}  // namespace pgslab
