#include "search/unordered.h"

#include "base/assert.h"

namespace pgslab {

void Unordered::begin(const SearchContext &context, double value) {
    walker_.open(context.meta(), {context.skip, WalkTable::kNone, false, nullptr});
    value_ = value;
    rows_.clear();
    next_ = 0;
}

bool Unordered::next(PgsStep &step) noexcept {
    if (next_ == rows_.size()) {
        return false;
    }
    step = rows_[next_++];
    return true;
}

PgsStatus Unordered::page(const Page &page, PgsError *error) {
    PGSLAB_ASSERT(next_ == rows_.size());
    rows_.clear();
    next_ = 0;
    return walker_.page(page, *this, error);
}

void Unordered::row(const Row &row) {
    PgsStep step = {};
    step.kind = PGS_STEP_ROW;
    step.tid = tid_of(row.record);
    step.value = value_;
    step.slot = row.address;
    rows_.push_back(step);
}

}  // namespace pgslab
