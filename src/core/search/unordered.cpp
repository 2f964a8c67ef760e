#include "search/unordered.h"

#include "base/assert.h"

namespace pgslab {

void Unordered::begin(const SearchContext &context, double value) {
    wanted_.set(context.filter, nullptr);
    walker_.open(context.meta(),
                 {.skip = context.skip, .filter = &wanted_, .stale_filter = &wanted_});
    value_ = value;
    rows_.clear();
    next_ = 0;
}

bool Unordered::next(PgsRequest &request) noexcept {
    if (next_ == rows_.size()) {
        return false;
    }
    request = rows_[next_++];
    return true;
}

PgsStatus Unordered::page(const Page &page, PgsError *error) {
    PGSLAB_ASSERT(next_ == rows_.size());
    rows_.clear();
    next_ = 0;
    return walker_.page(page, *this, error);
}

void Unordered::row(const Row &row) {
    PgsRequest request = {};
    request.kind = PGS_REQUEST_FOUND;
    request.tid = tid_of(row.record);
    request.value = value_;
    request.slot = row.address;
    rows_.push_back(request);
}

}  // namespace pgslab
