// The rows a pass has found that may be among the nearest, and the order in which to look at them.
//
// While a pass looks at codes, rows are offered with bounds on their distance. Once `wanted` upper
// bounds are known, a row whose lower bound is not below the largest of the smallest `wanted`
// cannot be among those: the bar. What was turned away lies at or beyond the bar of that moment,
// and the bar only falls, so everything the pass emits below its last bar is in order.
//
// Then rows are evaluated in ascending order of key, a lower bound. Of an evaluated row an interval
// is known that contains its value, or the value itself. The one with the least lower end is the
// next to emit as soon as no other row, evaluated or not, may have a smaller value. Where another
// one may, because their intervals overlap, its value has to be found out.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <vector>

#include "pgslab/index.h"

namespace pgslab {

// A row, and bounds of the distance operator's value for it.
struct Candidate {
    double key;  // the lower one
    uint64_t address;
    double upper;  // when evaluated, as the next two; equal to the key where the value is known
    PgsTid tid;
    uint32_t list;
    bool evaluated;
};

class Candidates {
  public:
    // Forgets everything; the memory stays. wanted rows are to come out in order, and at most
    // capacity kept; both at least 1. May throw std::bad_alloc, as may offer() and push().
    void begin(size_t wanted, size_t capacity) {
        wanted_ = wanted;
        capacity_ = std::max(capacity, wanted);
        kept_.clear();
        evaluated_.clear();
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

    // No more offers. Keeps at most `most` of the rows, those with the smallest keys, whatever the
    // others may turn out to be: the bar stays where it is. Where bounds hold only most probably,
    // the first `sure` rows are to be in order all the same: nothing is emitted before so many are
    // evaluated that none of the others has a bound below theirs.
    void finish(size_t most, size_t sure) {
        forget_beyond_bar();
        cut(capacity_);
        if (kept_.size() > most) {
            const double bar = bar_;
            cut(most);
            bar_ = bar;
        }
        sure_ = sure;
        nearest_.clear();
        const auto middle = std::partition(kept_.begin(), kept_.end(),
                                           [](const Candidate &c) { return !c.evaluated; });
        evaluated_.assign(middle, kept_.end());
        kept_.erase(middle, kept_.end());
        std::make_heap(kept_.begin(), kept_.end(), later);
        std::make_heap(evaluated_.begin(), evaluated_.end(), later);
    }

    // Up to n rows to evaluate, those with the smallest keys, in any order. May throw
    // std::bad_alloc.
    std::vector<uint64_t> nearest(size_t n) const {
        std::vector<Candidate> rows(kept_);
        if (rows.size() > n) {
            std::nth_element(rows.begin(), rows.begin() + static_cast<ptrdiff_t>(n), rows.end(),
                             [](const Candidate &a, const Candidate &b) { return later(b, a); });
            rows.resize(n);
        }
        std::vector<uint64_t> addresses;
        std::transform(rows.begin(), rows.end(), std::back_inserter(addresses),
                       [](const Candidate &row) { return row.address; });
        return addresses;
    }

    // The row to evaluate next; null when none may come before the first of those that are.
    const Candidate *to_evaluate() const noexcept {
        if (kept_.empty()) {
            return nullptr;
        }
        const Candidate &next = kept_.front();
        if (nearest_.size() < sure_) {
            return &next;
        }
        const bool before_sure = sure_ > 0 && !(next.key > nearest_.front());
        return (before_sure || is_before_first(next.key)) && !beyond_bar(next.key) ? &next
                                                                                   : nullptr;
    }

    // Takes out the row that to_evaluate() named.
    Candidate pop_to_evaluate() noexcept { return pop(kept_); }

    // The same row, evaluated.
    void add_evaluated(const Candidate &candidate) {
        keep_smallest(nearest_, sure_, candidate.upper);
        push(evaluated_, candidate);
    }

    // Once to_evaluate() has none: the evaluated row that comes first, by what is known; null when
    // this pass has no more.
    const Candidate *first() const noexcept {
        return evaluated_.empty() || beyond_bar(evaluated_.front().key) ? nullptr
                                                                        : &evaluated_.front();
    }

    // Whether no other row has a value below that of first(). It is so whenever that value is
    // known.
    bool first_is_certain() const noexcept {
        const Candidate &row = evaluated_.front();
        const double bound = row.upper;
        // In a heap the second is below the first.
        const auto is_before = [&](const std::vector<Candidate> &heap, size_t i) {
            return i < heap.size() && !(heap[i].key >= bound);
        };
        return row.key == bound || (!is_before(evaluated_, 1) && !is_before(evaluated_, 2) &&
                                    !is_before(kept_, 0) && !beyond_bar(bound));
    }

    Candidate pop_first() noexcept { return pop(evaluated_); }

    // Makes the value of first() known.
    void set_value_of_first(double value) {
        Candidate row = pop_first();
        row.key = row.upper = value;
        push(evaluated_, row);
    }

  private:
    // By key, then those whose value it is, then by address, so that the order is always the same.
    // NaN, which says nothing, first.
    static bool later(const Candidate &a, const Candidate &b) noexcept {
        if (std::isnan(a.key) || std::isnan(b.key)) {
            return !std::isnan(a.key);
        }
        if (a.key != b.key) {
            return a.key > b.key;
        }
        const bool a_known = a.evaluated && a.upper == a.key;
        const bool b_known = b.evaluated && b.upper == b.key;
        return a_known != b_known ? b_known : a.address > b.address;
    }

    static void push(std::vector<Candidate> &heap, const Candidate &candidate) {
        heap.push_back(candidate);
        std::push_heap(heap.begin(), heap.end(), later);
    }

    static Candidate pop(std::vector<Candidate> &heap) noexcept {
        std::pop_heap(heap.begin(), heap.end(), later);
        const Candidate candidate = heap.back();
        heap.pop_back();
        return candidate;
    }

    // Whether a row with this bound may have a smaller value than the first evaluated one. Of that,
    // nothing may be known from above: then its value is found out first.
    bool is_before_first(double key) const noexcept {
        if (evaluated_.empty()) {
            return true;
        }
        const Candidate &first = evaluated_.front();
        return !(key >= (std::isfinite(first.upper) ? first.upper : first.key));
    }

    // Something turned away may have a smaller value.
    bool beyond_bar(double value) const noexcept { return dropped_ && value > bar_; }

    // The smallest `most` values, the largest of them in front.
    static void keep_smallest(std::vector<double> &heap, size_t most, double value) {
        if (heap.size() < most) {
            heap.push_back(value);
            std::push_heap(heap.begin(), heap.end());
        } else if (most > 0 && value < heap.front()) {
            std::pop_heap(heap.begin(), heap.end());
            heap.back() = value;
            std::push_heap(heap.begin(), heap.end());
        }
    }

    void take_upper(double upper) {
        keep_smallest(uppers_, wanted_, upper);
        if (uppers_.size() == wanted_) {
            // A row may lie on its bound, so the bar is the next value above.
            bar_ = std::min(
                bar_, std::nextafter(uppers_.front(), std::numeric_limits<double>::infinity()));
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
    std::vector<Candidate> kept_;       // afterwards: a heap of those to evaluate
    std::vector<Candidate> evaluated_;  // a heap
    size_t sure_ = 0;                   // rows that are to be in order
    std::vector<double> nearest_;       // their upper bounds so far, largest on top
    std::vector<double> uppers_;        // the smallest `wanted`, largest on top
    double bar_ = 0;
    bool dropped_ = false;
};

}  // namespace pgslab
