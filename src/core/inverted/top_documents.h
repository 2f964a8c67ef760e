// The best documents that a pass has found, beyond those that were returned before.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <tuple>
#include <vector>

namespace pgslab::inverted {

struct Found {
    double value;      // the operator's
    uint64_t address;  // of its slot

    friend bool operator<(const Found &a, const Found &b) noexcept {
        return std::tie(a.value, a.address) < std::tie(b.value, b.address);
    }
};

class TopDocuments {
  public:
    // Forgets what was found. At most `most` are kept, at least 1, of values below the bound that
    // come after the last one returned.
    void begin(size_t most, double bound, const Found &after) noexcept {
        most_ = most;
        bound_ = bound;
        after_ = after;
        found_.clear();
        taken_ = 0;
    }

    // Before all.
    static constexpr Found kFirst = {-std::numeric_limits<double>::infinity(), 0};

    // May throw std::bad_alloc.
    void offer(const Found &found) {
        if (found.value >= bound_ || !(after_ < found)) {
            return;
        }
        if (found_.size() < most_) {
            found_.push_back(found);
            std::push_heap(found_.begin(), found_.end());
        } else if (found < found_.front()) {
            std::pop_heap(found_.begin(), found_.end());
            found_.back() = found;
            std::push_heap(found_.begin(), found_.end());
        }
    }

    // A value that a document must not exceed to be kept; infinity if any will do.
    double worst() const noexcept {
        return is_full() ? std::min(bound_, found_.front().value) : bound_;
    }
    bool is_full() const noexcept { return found_.size() >= most_; }

    // How many are kept at most; and whether none was returned before.
    size_t most() const noexcept { return most_; }
    bool is_first() const noexcept { return after_.value == kFirst.value; }

    // Puts them in order; then next() hands them out.
    void sort() noexcept { std::sort_heap(found_.begin(), found_.end()); }
    bool at_end() const noexcept { return taken_ == found_.size(); }
    const Found &next() noexcept { return found_[taken_++]; }
    size_t size() const noexcept { return found_.size(); }

  private:
    size_t most_ = 1;
    double bound_ = 0;
    Found after_ = kFirst;
    std::vector<Found> found_;  // a heap with the last one at its top; in order after sort()
    size_t taken_ = 0;
};

}  // namespace pgslab::inverted
