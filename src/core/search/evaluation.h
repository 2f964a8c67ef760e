// Compares one row's stored vector with the query: its record first, then the pages its vector is
// on.
#pragma once

#include <cstdint>
#include <vector>

#include "ivf/format.h"
#include "kernels/kernels.h"
#include "pgslab/status.h"
#include "quantize/bound.h"
#include "search/query.h"
#include "store/page.h"
#include "store/slots.h"

namespace pgslab {

class Evaluation {
  public:
    // slots and query must outlive it. stored_values: of the stored vectors, which then stand for
    // the rows' own; else intervals hold for these. May throw std::bad_alloc.
    void set_query(const Shape &shape, const Slots &slots, const Query &query, bool stored_values);

    // Begins with a slot that exists.
    void begin(const Slot &slot) noexcept;

    // The page to read next; its block is PGS_NO_BLOCK when all were taken.
    const PageIdentity &wanted() const noexcept { return wanted_.page; }

    // Takes the page that was asked for, which must have passed check_page(). A record with one of
    // the flags `skip` ends the evaluation: skipped() is true then.
    PgsStatus page(const Page &page, uint16_t skip, PgsError *error);

    const VectorRecord &record() const noexcept { return record_; }
    bool skipped() const noexcept { return skipped_; }

    // Adds n bytes of a stored vector, from byte offset of the item on. Once it has all of them,
    // interval() is what the whole says of the operator's value.
    void add(const uint8_t *bytes, uint32_t offset, uint32_t n, float scale) noexcept;
    Interval interval(const VectorRecord &record) noexcept;
    Interval interval() noexcept { return interval(record_); }

  private:
    void want_vector() noexcept;
    void finish(const uint8_t *item, float scale) noexcept;
    double stored_value(double sum, const VectorRecord &record) const noexcept;

    Shape shape_ = {};
    const Slots *slots_ = nullptr;
    const Query *query_ = nullptr;
    const Kernels *kernels_ = nullptr;
    Bound bound_{Metric::kL2, 1, 0};
    bool stored_values_ = false;
    // Under cosine: |q - y|^2 / 2, as codes estimate it. Of stored values, since a stored y is not
    // quite of length 1, which 1 - <q, y> would show, and the operator's value does not; and where
    // there is an offset, see Bound.
    bool halves_squares_ = false;
    Lanes lanes_;
    std::vector<uint64_t> kept_;  // the vector, as far as it was on earlier pages
    double total_ = 0;            // of the whole vector
    bool of_kernel_ = true;       // the total is; else it was made again in float64

    Slot slot_ = {};
    uint32_t bytes_ = 0;  // of a vector, without padding
    uint32_t done_ = 0;   // of them
    SlotBytes wanted_ = {kNoPage, 0, 0};
    VectorRecord record_ = {};
    bool skipped_ = false;
};

}  // namespace pgslab
