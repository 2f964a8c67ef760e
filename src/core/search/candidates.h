// The rows a pass has found that may be among the nearest, and the order in which to look at them.
//
// While a pass looks at codes, rows are offered with bounds on their distance. Once `wanted` upper
// bounds are known, a row whose lower bound is not below the largest of the smallest `wanted`
// cannot be among those: the bar. What was turned away lies at or beyond the bar of that moment,
// and the bar only falls, so everything the pass returns below its last bar is in order.
//
// Where all rows below a limit are wanted, nobody knows how many they are. Then as many are wanted
// as seem to lie there, and the bar stays at or beyond the limit, the floor: what is kept besides
// tells how far the next rows lie.
//
// Then rows are evaluated in ascending order of key, a lower bound. Of an evaluated row an interval
// is known that contains its value, or the value itself. The one with the least lower end is the
// next to return as soon as no other row, evaluated or not, may have a smaller value. Where another
// one may, because their intervals overlap, its value has to be found out.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "pgslab/index.h"

namespace pgslab {

// A row, and bounds of the distance operator's value for it.
struct Candidate {
    double key;  // the lower one
    uint64_t address;
    double upper;  // when evaluated, equal to the key where the value is known
    PgsTid tid;    // when evaluated, as the next one
    uint32_t list;
    bool evaluated;
};

class Candidates {
  public:
    // Forgets everything; the memory stays. wanted rows are to come out in order, and at most
    // capacity kept; both at least 1. Rows at or beyond the limit are none. Where has_floor, all
    // rows below the limit are wanted, and the bar does not fall below it as long as there is room.
    // greatest: the greatest value that there is, if rows that have it may come out before others
    // were looked at that may be nearer. May throw std::bad_alloc, as may what takes rows.
    void begin(size_t wanted, size_t capacity,
               double limit = std::numeric_limits<double>::infinity(), bool has_floor = false,
               double greatest = std::numeric_limits<double>::infinity());

    // From here on so many are wanted. Upper bounds of rows that were turned away are not known
    // any more: with more rows wanted, the bar may lie too high. Takes a look at all that is kept.
    void want(size_t wanted, bool has_floor);

    // How many of the rows kept seem to lie below the limit, by the middle of their bounds.
    size_t within() const noexcept { return within_; }

    // Grows with each row that is kept, at first.
    uint64_t kept_so_far() const noexcept { return kept_so_far_; }

    // The n-th smallest upper bound, n at most wanted(); infinity where there are fewer.
    double upper_of(size_t n);

    double bar() const noexcept { return bar_; }
    size_t wanted() const noexcept { return wanted_; }

    // Whether a row within the limit may have been turned away: there may be more than what is
    // kept. drop() says that something was passed over that lies at or beyond the bar; turn_away()
    // that something was since there are enough others, as long as there is no floor.
    bool dropped() const noexcept { return dropped_; }
    void drop() noexcept { dropped_ = dropped_ || is_unlimited() || bar_ < limit_; }
    void turn_away() noexcept { dropped_ = dropped_ || !has_floor_; }

    // The bar is not to fall below it for upper bounds.
    double floor() const noexcept {
        return has_floor_ ? limit_ : -std::numeric_limits<double>::infinity();
    }

    // Whether a row was turned away because there were more than capacity.
    bool overflowed() const noexcept { return overflowed_; }

    // A bound that is not a number is no bound: the row is kept.
    void offer(const Candidate &candidate, double upper) {
        if (candidate.key >= bar_) {
            drop();
        } else {
            keep(candidate, upper);
        }
    }

    // No more offers. Keeps at most `most` of the rows, those with the smallest keys, whatever the
    // others may turn out to be: the bar stays where it is. Where bounds hold only most probably,
    // the first `sure` rows are to be in order all the same: nothing is returned before so many are
    // evaluated that none of the others has a bound below theirs.
    void finish(size_t most, size_t sure);

    // The row to evaluate next; null when none may come before the first of those that are.
    const Candidate *to_evaluate() const noexcept;

    // So many rows are to be evaluated one after the other, whatever the values of the first ones
    // turn out to be.
    size_t sure_to_evaluate() const noexcept {
        return std::min(kept_.size(), sure_ - std::min(sure_, nearest_.size()));
    }

    // Takes out the row that to_evaluate() named.
    Candidate pop_to_evaluate() noexcept;

    // The same row, evaluated.
    void add_evaluated(const Candidate &candidate);

    // Once to_evaluate() has none: the evaluated row that comes first, by what is known; null when
    // this pass has no more.
    const Candidate *first() const noexcept;

    // Whether no other row has a value below that of first(). It is so whenever that value is
    // known.
    bool first_is_certain() const noexcept;

    Candidate pop_first() noexcept;

    // Makes the value of first() known.
    void set_value_of_first(double value);

  private:
    bool is_unlimited() const noexcept { return limit_ == std::numeric_limits<double>::infinity(); }
    void follow_uppers() noexcept;
    void keep(const Candidate &candidate, double upper);
    void forget_beyond_bar();
    void cut(size_t most);
    void cut_to_capacity();
    bool is_before_first(double key) const noexcept;

    // Something turned away may have a smaller value.
    bool beyond_bar(double value) const noexcept {
        return dropped_ && value > bar_ && value < greatest_;
    }

    size_t wanted_ = 1;
    size_t capacity_ = 1;
    std::vector<Candidate> kept_;       // afterwards: a heap of those to evaluate
    std::vector<Candidate> evaluated_;  // a heap
    size_t sure_ = 0;                   // rows that are to be in order
    std::vector<double> nearest_;       // their upper bounds so far, largest on top
    std::vector<double> uppers_;        // the smallest `wanted`, largest on top
    double bar_ = 0;
    double limit_ = 0;
    double greatest_ = 0;
    bool has_floor_ = false;
    double cut_ = 0;  // the smallest bound that there was no room for
    size_t within_ = 0;
    uint64_t kept_so_far_ = 0;
    std::vector<double> sorted_;  // of uppers_, partly
    bool dropped_ = false;
    bool overflowed_ = false;
};

}  // namespace pgslab
