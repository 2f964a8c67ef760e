// Brings the candidates of a pass into the operator's order: compares their stored vectors, in the
// order of their bounds, and returns each row as soon as nothing can come before it.
//
// A stored vector says in which interval the operator's value lies. Where the intervals of two rows
// overlap, the vector of one of them is asked for, which the caller looks up in the table.
//
// Where bounds hold only most probably, a row may turn out to lie before the one that was returned
// last. It is left out, as a row that was missed. Where bounds hold always there is no such row,
// and one that comes all the same is an error.
#pragma once

#include <cstdint>

#include "pgslab/machine.h"
#include "pgslab/status.h"
#include "search/context.h"
#include "search/last_row.h"
#include "search/row_batch.h"
#include "search/top_k.h"

namespace pgslab {

class Rerank {
  public:
    // Both must outlive it.
    Rerank(SearchContext &context, TopK &top) noexcept
        : context_(context), top_(top), batch_(context) {}

    // Of the context's query: no row was returned yet. May throw std::bad_alloc, as may the others.
    void begin();

    // Begins with the candidates of a pass, which were finished.
    void begin_pass();

    enum class Found {
        kPage,     // wanted() has to be read first
        kRequest,  // a row, or one to be looked up
        kEnd       // this pass has no more rows
    };
    PgsStatus next(PgsRequest &request, Found *found, PgsError *error);

    const PageIdentity &wanted() const noexcept { return batch_.wanted(); }

    // Takes the page that is wanted, which must have passed check_page().
    PgsStatus page(const Page &page, PgsError *error);

    // The vector of the row that was asked for; null when the caller sees none there.
    void looked_up(const float *vector);

    // The same, of a row that is seen: the operator's value for it.
    void found(double value);

    // The list of the row last returned.
    uint32_t list() const noexcept { return list_; }

  private:
    // Whose vector was asked for.
    enum class LookUp { kNone, kFirst, kLastRow };

    bool bounds_hold_always() const noexcept {
        return context_.effort.exact && !context_.effort.stored_values;
    }
    PgsStatus evaluate_next(PgsError *error);
    PgsStatus take(const RowBatch::Row &compared, PgsError *error);
    PgsStatus leave_out_late(const Candidate &row, PgsError *error);
    PgsStatus leave_out_late_first(PgsError *error);
    void take_first(PgsRequest &request);
    void return_first(PgsRequest &request);
    void leave_out_first();
    void not_found();
    LookUp end_look_up() noexcept;

    SearchContext &context_;
    TopK &top_;
    RowBatch batch_;  // of the candidates to evaluate
    LookUp look_up_ = LookUp::kNone;
    LastRow last_row_;
    uint32_t list_ = 0;
};

}  // namespace pgslab
