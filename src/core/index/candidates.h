// The rows a pass has found that may be among the nearest, and the order in which to look at them.
//
// While a pass looks at codes, rows are offered with bounds on their distance. Once `wanted` upper
// bounds are known, a row whose lower bound is not below the largest of the smallest `wanted` cannot
// be among those: the bar. What was turned away lies at or beyond the bar of that moment, and the bar
// only falls, so everything the pass emits below its last bar is in order.
//
// Then rows are taken in ascending order of key, a lower bound or, where it is known, the distance
// itself: the first whose key is known to be its distance is the next to emit.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "pgslab_core.h"

namespace pgslab {

// A row, and a bound of the distance operator's value for it.
struct Candidate {
    double key;
    uint64_t address;
    PgsTid tid;  // when final
    bool final;  // key is the best the index knows
};

class Candidates {
  public:
    // Forgets everything; the memory stays. wanted rows are to come out in order, and at most
    // capacity kept; both at least 1. May throw std::bad_alloc, as may offer() and push().
    void begin(size_t wanted, size_t capacity) {
        wanted_ = wanted;
        capacity_ = std::max(capacity, wanted);
        kept_.clear();
        uppers_.clear();
        bar_ = std::numeric_limits<double>::infinity();
        dropped_ = false;
    }

    double bar() const noexcept { return bar_; }

    // Whether a row was turned away, or drop() called: there may be more than what is kept.
    bool dropped() const noexcept { return dropped_; }
    void drop() noexcept { dropped_ = true; }

    // A bound that is not a number is no bound: the row is kept.
    void offer(const Candidate &candidate, double upper) {
        if (candidate.key >= bar_) {
            dropped_ = true;
            return;
        }
        kept_.push_back(candidate);
        take_upper(upper);
        if (kept_.size() >= 2 * capacity_) {
            cut(capacity_);
        }
    }

    // No more offers. Keeps at most `most` of the rows below the bar.
    void finish(size_t most) {
        forget_beyond_bar();
        if (kept_.size() > std::min(most, capacity_)) {
            cut(std::min(most, capacity_));
        }
        std::make_heap(kept_.begin(), kept_.end(), later);
    }

    bool empty() const noexcept { return kept_.empty(); }
    size_t size() const noexcept { return kept_.size(); }
    const Candidate &top() const noexcept { return kept_.front(); }

    Candidate pop() noexcept {
        std::pop_heap(kept_.begin(), kept_.end(), later);
        const Candidate candidate = kept_.back();
        kept_.pop_back();
        return candidate;
    }

    void push(const Candidate &candidate) {
        kept_.push_back(candidate);
        std::push_heap(kept_.begin(), kept_.end(), later);
    }

  private:
    // Of two with the same key the final one first, so that nothing is looked up needlessly; then by
    // address, so that the order is always the same. NaN, which no bound says anything of, first.
    static bool later(const Candidate &a, const Candidate &b) noexcept {
        if (a.key != b.key && a.key == a.key && b.key == b.key) {
            return a.key > b.key;
        }
        if ((a.key == a.key) != (b.key == b.key)) {
            return a.key == a.key;
        }
        return a.final != b.final ? b.final : a.address > b.address;
    }

    void take_upper(double upper) {
        if (uppers_.size() < wanted_) {
            uppers_.push_back(upper);
            std::push_heap(uppers_.begin(), uppers_.end());
        } else if (upper < uppers_.front()) {
            std::pop_heap(uppers_.begin(), uppers_.end());
            uppers_.back() = upper;
            std::push_heap(uppers_.begin(), uppers_.end());
        }
        if (uppers_.size() == wanted_) {
            // A row may lie on its bound, so the bar is the next value above.
            bar_ = std::min(bar_, std::nextafter(uppers_.front(),
                                                 std::numeric_limits<double>::infinity()));
        }
    }

    void forget_beyond_bar() {
        const size_t before = kept_.size();
        std::erase_if(kept_, [&](const Candidate &c) { return c.key >= bar_; });
        dropped_ = dropped_ || kept_.size() != before;
    }

    // Keeps the `most` with the smallest keys, and lowers the bar to the smallest of the others.
    void cut(size_t most) {
        forget_beyond_bar();
        if (kept_.size() <= most) {
            return;
        }
        const auto middle = kept_.begin() + static_cast<ptrdiff_t>(most);
        std::nth_element(kept_.begin(), middle, kept_.end(),
                         [](const Candidate &a, const Candidate &b) { return later(b, a); });
        bar_ = std::min(bar_, middle->key);
        kept_.resize(most);
        dropped_ = true;
    }

    size_t wanted_ = 1;
    size_t capacity_ = 1;
    std::vector<Candidate> kept_;
    std::vector<double> uppers_;  // the smallest `wanted`, largest on top
    double bar_ = 0;
    bool dropped_ = false;
};

}  // namespace pgslab
