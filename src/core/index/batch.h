// The nearest rows of one pass, and how to ask for the next ones without remembering what was
// returned.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "pgslab_core.h"

namespace pgslab {

// Ordered by bound, then by slot: no two rows are equal, so "after the last one returned" is a
// place in the order.
struct Candidate {
    double bound;
    uint64_t slot;
    PgsTid tid;

    bool operator<(const Candidate &other) const noexcept {
        return bound < other.bound || (bound == other.bound && slot < other.slot);
    }
};

// Keeps the smallest `capacity` candidates after a floor. Twice as many are gathered before the
// larger half is cut, so that a candidate costs constant time on average.
class Batch {
  public:
    // Forgets everything; the memory stays. Candidates up to and including *floor are not taken;
    // null takes all.
    void begin(size_t capacity, const Candidate *floor) {
        kept_.clear();
        kept_.reserve(2 * capacity);
        capacity_ = capacity;
        dropped_ = false;
        has_floor_ = floor != nullptr;
        if (has_floor_) {
            floor_ = *floor;
        }
        ceiling_ = {
            std::numeric_limits<double>::infinity(), std::numeric_limits<uint64_t>::max(), {}};
    }

    void add(const Candidate &candidate) {
        if ((has_floor_ && !(floor_ < candidate))) {
            return;
        }
        if (!(candidate < ceiling_)) {
            dropped_ = true;
            return;
        }
        kept_.push_back(candidate);
        if (kept_.size() == 2 * capacity_) {
            cut();
        }
    }

    // No more candidates: sorts what is kept.
    void finish() {
        if (kept_.size() > capacity_) {
            cut();
        }
        std::sort(kept_.begin(), kept_.end());
    }

    const std::vector<Candidate> &candidates() const noexcept { return kept_; }

    // Whether there are candidates after the kept ones.
    bool dropped() const noexcept { return dropped_; }

  private:
    void cut() {
        auto middle = kept_.begin() + static_cast<ptrdiff_t>(capacity_);
        std::nth_element(kept_.begin(), middle, kept_.end());
        ceiling_ = *middle;
        kept_.resize(capacity_);
        dropped_ = true;
    }

    std::vector<Candidate> kept_;
    size_t capacity_ = 0;
    bool dropped_ = false;
    bool has_floor_ = false;
    Candidate floor_ = {};
    Candidate ceiling_ = {};
};

}  // namespace pgslab
