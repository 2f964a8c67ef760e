#include "search/look_ups.h"

#include <algorithm>
#include <tuple>

#include "base/assert.h"
#include "filter/tid_set.h"

namespace pgslab {

void LookUps::begin() {
    named_ = context_.filter.tids()->to_vector();
    asked_ = 0;
    rows_.clear();
    returned_ = 0;
    context_.work.passes = 1;
}

bool LookUps::next(PgsRequest &request) noexcept {
    request.slot = PGS_NO_SLOT;
    if (asked_ < named_.size()) {
        request.kind = PGS_REQUEST_LOOK_UP;
        request.tid = named_[asked_];
        return true;
    }
    if (returned_ == 0) {
        std::sort(rows_.begin(), rows_.end(), [](const Row &a, const Row &b) {
            return std::tie(a.value, a.tid.block, a.tid.offset) <
                   std::tie(b.value, b.tid.block, b.tid.offset);
        });
    }
    if (returned_ == rows_.size()) {
        return false;
    }
    request.kind = PGS_REQUEST_FOUND;
    request.tid = rows_[returned_].tid;
    request.value = rows_[returned_].value;
    returned_++;
    context_.work.rows++;
    return true;
}

// A value that is no number, as under cosine that of a vector of zeros, is no distance.
void LookUps::found(double value) {
    PGSLAB_ASSERT(asked_ < named_.size());
    if (value <= context_.filter.bound()) {
        rows_.push_back({value, named_[asked_]});
    }
    end_look_up();
}

void LookUps::looked_up(const float *vector) {
    vector == nullptr ? end_look_up() : found(context_.query.operator_value(vector));
}

void LookUps::end_look_up() noexcept {
    PGSLAB_ASSERT(asked_ < named_.size());
    asked_++;
    context_.work.looked_up++;
}

}  // namespace pgslab
