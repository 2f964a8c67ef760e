// Rows whose stored vectors are compared with the query together.
//
// First their records are read, then their vectors, both in the order in which they lie: rows that
// share a page take one look at it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "ivf/format.h"
#include "pgslab/status.h"
#include "quantize/bound.h"
#include "search/candidates.h"
#include "search/context.h"
#include "search/evaluation.h"
#include "store/page.h"
#include "store/slots.h"

namespace pgslab {

class RowBatch {
  public:
    struct Row {
        Candidate candidate;
        Slot slot;
        VectorRecord record;
        bool is_skipped;  // by a flag of its record: it has no value
        Interval value;
    };

    static constexpr size_t kMost = 256;

    explicit RowBatch(SearchContext &context) noexcept : context_(context) {}

    // The context's, and no rows. May throw std::bad_alloc, as may add() and begin().
    void set_query();

    // A row to be compared; PGS_INTERNAL where it has no slot.
    PgsStatus add(const Candidate &candidate, PgsError *error);

    // With the rows that were added.
    void begin();

    bool is_done() const noexcept { return wanted_.page.block == PGS_NO_BLOCK; }

    // The page to read next.
    const PageIdentity &wanted() const noexcept { return wanted_.page; }

    // Takes that page, which must have passed check_page().
    PgsStatus page(const Page &page, PgsError *error);

    // The rows that were compared or skipped, one after the other; null when none is left so far.
    // After the last of all the batch is empty.
    const Row *next_compared() noexcept;

  private:
    void announce();
    PgsStatus take_records(const Page &page, PgsError *error);
    PgsStatus take_vectors(const Page &page, PgsError *error);
    void want_vector() noexcept;

    SearchContext &context_;
    Evaluation evaluation_;
    std::vector<Row> rows_;  // in the order of their addresses
    size_t next_ = 0;        // of which the record, or something of the vector, is read next
    size_t reported_ = 0;    // by next_compared()
    uint32_t done_ = 0;      // bytes of its vector
    uint32_t bytes_ = 0;     // of a vector, without padding
    SlotBytes wanted_ = {kNoPage, 0, 0};
};

}  // namespace pgslab
