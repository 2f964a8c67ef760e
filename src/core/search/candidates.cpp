#include "search/candidates.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/assert.h"

namespace pgslab {

namespace {

// By key, then those whose value it is, then by address, so that the order is always the same.
// NaN, which says nothing, first.
constexpr auto later = [](const Candidate &a, const Candidate &b) noexcept {
    if (a.key != b.key) {
        if (std::isnan(a.key) || std::isnan(b.key)) {
            return !std::isnan(a.key);
        }
        return a.key > b.key;
    }
    const bool a_known = a.evaluated && a.upper == a.key;
    const bool b_known = b.evaluated && b.upper == b.key;
    return a_known != b_known ? b_known : a.address > b.address;
};

constexpr auto earlier = [](const Candidate &a, const Candidate &b) noexcept {
    return later(b, a);
};

void push(std::vector<Candidate> &heap, const Candidate &candidate) {
    heap.push_back(candidate);
    std::push_heap(heap.begin(), heap.end(), later);
}

Candidate pop(std::vector<Candidate> &heap) noexcept {
    std::pop_heap(heap.begin(), heap.end(), later);
    const Candidate candidate = heap.back();
    heap.pop_back();
    return candidate;
}

// The smallest `most` values, the largest of them in front.
void keep_smallest(std::vector<double> &heap, size_t most, double value) {
    if (heap.size() < most) {
        heap.push_back(value);
        std::push_heap(heap.begin(), heap.end());
    } else if (most > 0 && value < heap.front()) {
        std::pop_heap(heap.begin(), heap.end());
        heap.back() = value;
        std::push_heap(heap.begin(), heap.end());
    }
}

}  // namespace

void Candidates::begin(size_t wanted, size_t capacity, double limit, bool has_floor,
                       double greatest) {
    PGSLAB_ASSERT(wanted > 0 && capacity > 0);
    wanted_ = wanted;
    capacity_ = std::max(capacity, wanted);
    kept_.clear();
    evaluated_.clear();
    uppers_.clear();
    limit_ = limit;
    greatest_ = greatest;
    has_floor_ = has_floor;
    bar_ = cut_ = has_floor ? std::numeric_limits<double>::infinity() : limit;
    within_ = 0;
    kept_so_far_ = 0;
    dropped_ = false;
    overflowed_ = false;
}

void Candidates::want(size_t wanted, bool has_floor) {
    PGSLAB_ASSERT(wanted > 0 && (has_floor_ || !has_floor));
    wanted_ = std::min(wanted, capacity_);
    has_floor_ = has_floor;
    uppers_.clear();
    for (const Candidate &candidate : kept_) {
        keep_smallest(uppers_, wanted_, candidate.upper);
    }
    bar_ = cut_;
    follow_uppers();
}

double Candidates::upper_of(size_t n) {
    PGSLAB_ASSERT(n > 0);
    if (n > uppers_.size()) {
        return std::numeric_limits<double>::infinity();
    }
    sorted_ = uppers_;
    const auto nth = sorted_.begin() + static_cast<ptrdiff_t>(n - 1);
    std::nth_element(sorted_.begin(), nth, sorted_.end());
    return *nth;
}

// ---- offers

void Candidates::keep(const Candidate &candidate, double upper) {
    kept_.push_back(candidate);
    if (!candidate.evaluated) {
        kept_.back().upper = upper;
    }
    kept_so_far_++;
    within_ += (candidate.key + upper) / 2 < limit_ ? 1 : 0;
    keep_smallest(uppers_, wanted_, upper);
    follow_uppers();
    if (kept_.size() >= 2 * capacity_) {
        cut_to_capacity();
    }
    PGSLAB_ASSERT(kept_.size() < 2 * capacity_);
}

void Candidates::follow_uppers() noexcept {
    if (uppers_.size() == wanted_) {
        // A row may lie on its bound, so the bar is the next value above, but none that no row
        // has. One that is not a number is none.
        const double next =
            std::nextafter(uppers_.front(), std::numeric_limits<double>::infinity());
        const double above = next > greatest_ ? greatest_ : next;
        bar_ = std::min(bar_, std::max(above, floor()));
    }
}

void Candidates::forget_beyond_bar() {
    if (std::erase_if(kept_, [&](const Candidate &c) { return c.key >= bar_; }) > 0) {
        drop();
    }
}

// Keeps the `most` with the smallest keys, and lowers the bar to the smallest of the others.
void Candidates::cut(size_t most) {
    forget_beyond_bar();
    if (kept_.size() <= most) {
        return;
    }
    const auto middle = kept_.begin() + static_cast<ptrdiff_t>(most);
    std::nth_element(kept_.begin(), middle, kept_.end(), earlier);
    dropped_ = dropped_ || !(middle->key >= limit_);
    cut_ = std::min(cut_, middle->key);
    bar_ = std::min(bar_, cut_);
    kept_.resize(most);
}

void Candidates::cut_to_capacity() {
    forget_beyond_bar();
    overflowed_ = overflowed_ || kept_.size() > capacity_;
    cut(capacity_);
}

void Candidates::finish(size_t most, size_t sure) {
    // What is beyond the limit has told what it was kept for.
    bar_ = std::min(bar_, limit_);
    cut_to_capacity();
    if (kept_.size() > most) {
        const double bar = bar_;
        cut(most);
        bar_ = bar;
    }
    sure_ = sure;
    nearest_.clear();
    const auto middle =
        std::partition(kept_.begin(), kept_.end(), [](const Candidate &c) { return !c.evaluated; });
    evaluated_.assign(middle, kept_.end());
    kept_.erase(middle, kept_.end());
    std::make_heap(kept_.begin(), kept_.end(), later);
    std::make_heap(evaluated_.begin(), evaluated_.end(), later);
}

// ---- rows in the order of their bounds

// Whether a row with this bound may have a smaller value than the first evaluated one. Of that,
// nothing may be known from above: then its value is found out first.
bool Candidates::is_before_first(double key) const noexcept {
    if (evaluated_.empty()) {
        return true;
    }
    const Candidate &first = evaluated_.front();
    return !(key >= (std::isfinite(first.upper) ? first.upper : first.key));
}

const Candidate *Candidates::to_evaluate() const noexcept {
    if (kept_.empty()) {
        return nullptr;
    }
    const Candidate &next = kept_.front();
    if (nearest_.size() < sure_) {
        return &next;
    }
    const bool before_sure = sure_ > 0 && !(next.key >= nearest_.front());
    return (before_sure || is_before_first(next.key)) && !beyond_bar(next.key) ? &next : nullptr;
}

Candidate Candidates::pop_to_evaluate() noexcept {
    PGSLAB_ASSERT(!kept_.empty());
    return pop(kept_);
}

void Candidates::add_evaluated(const Candidate &candidate) {
    PGSLAB_ASSERT(candidate.evaluated && !(candidate.upper < candidate.key));
    keep_smallest(nearest_, sure_, candidate.upper);
    push(evaluated_, candidate);
}

const Candidate *Candidates::first() const noexcept {
    if (evaluated_.empty() || evaluated_.front().key >= limit_) {
        return nullptr;
    }
    return beyond_bar(evaluated_.front().key) ? nullptr : &evaluated_.front();
}

bool Candidates::first_is_certain() const noexcept {
    PGSLAB_ASSERT(!evaluated_.empty());
    const Candidate &row = evaluated_.front();
    const double bound = row.upper;
    // In a heap the second is below the first.
    const auto is_before = [&](const std::vector<Candidate> &heap, size_t i) {
        return i < heap.size() && !(heap[i].key >= bound);
    };
    return row.key == bound || (!is_before(evaluated_, 1) && !is_before(evaluated_, 2) &&
                                !is_before(kept_, 0) && !beyond_bar(bound));
}

Candidate Candidates::pop_first() noexcept {
    PGSLAB_ASSERT(!evaluated_.empty());
    return pop(evaluated_);
}

void Candidates::set_value_of_first(double value) {
    Candidate row = pop_first();
    row.key = row.upper = value;
    push(evaluated_, row);
}

}  // namespace pgslab
