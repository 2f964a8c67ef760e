// Rows that a filter names, looked up in the table one by one: where they are few, that takes less
// than a walk over all records, which alone know where in the index they are. What the table says
// is the operator's value, so the search is exact.
#pragma once

#include <cstddef>
#include <vector>

#include "pgslab/machine.h"
#include "search/context.h"

namespace pgslab {

class LookUps {
  public:
    // context must outlive it.
    explicit LookUps(SearchContext &context) noexcept : context_(context) {}

    // Begins with the rows that the context's filter names. May throw std::bad_alloc, as may
    // looked_up().
    void begin();

    // The row to be looked up next, then all rows in order; false when there are no more.
    bool next(PgsRequest &request) noexcept;

    // The vector of the row that was asked for; null when the caller sees none there.
    void looked_up(const float *vector);

    // The same, of a row that is seen: the operator's value for it.
    void found(double value);

  private:
    struct Row {
        double value;
        PgsTid tid;
    };

    void end_look_up() noexcept;

    SearchContext &context_;
    std::vector<PgsTid> named_;
    size_t asked_ = 0;       // of these
    std::vector<Row> rows_;  // those that were found; in order once all were asked for
    size_t returned_ = 0;    // of these
};

}  // namespace pgslab
