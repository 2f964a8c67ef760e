// Conditions for tests.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "filter/keys.h"
#include "pgslab/filter.h"

namespace pgslab {

// A condition that is put together node by node.
class Condition {
  public:
    void keys(uint32_t column, const std::vector<PgsKeyRange> &ranges) {
        nodes_.push_back({PGS_FILTER_KEYS, 0, column, static_cast<uint32_t>(ranges_.size()),
                          static_cast<uint32_t>(ranges.size())});
        ranges_.insert(ranges_.end(), ranges.begin(), ranges.end());
    }
    template <typename Inside>
    void group(PgsFilterKind kind, Inside inside) {
        const size_t at = nodes_.size();
        nodes_.push_back({kind, 0, 0, 0, 0});
        inside();
        nodes_[at].end = static_cast<uint32_t>(nodes_.size());
    }
    PgsFilter filter() const {
        return {nodes_.data(),  static_cast<uint32_t>(nodes_.size()),
                ranges_.data(), static_cast<uint32_t>(ranges_.size()),
                nullptr,        false,
                false,          0};
    }
    std::vector<PgsFilterNode> &nodes() { return nodes_; }
    std::vector<PgsKeyRange> &ranges() { return ranges_; }

  private:
    std::vector<PgsFilterNode> nodes_;
    std::vector<PgsKeyRange> ranges_;
};

// Some nodes inside one another, on any of the columns, about keys from 0 to a column's most, which
// are multiples of its step; at times about NULL, and, of a set, about what stands for no key.
inline void add_random_condition(std::mt19937 &random, Condition &condition,
                                 const PgsKeyColumns &columns, const std::vector<uint64_t> &most,
                                 int depth) {
    const auto below = [&](uint64_t n) { return random() % n; };
    if (depth > 0 && below(3) != 0) {
        condition.group(below(2) == 0 ? PGS_FILTER_ALL : PGS_FILTER_ANY, [&] {
            for (uint64_t n = below(4); n > 0; n--) {
                add_random_condition(random, condition, columns, most, depth - 1);
            }
        });
        return;
    }
    const auto c = static_cast<uint32_t>(below(columns.count));
    const unsigned bytes = columns.column[c].key_bytes;
    const uint64_t step = bytes == 8 ? uint64_t{1} << 40 : 1;
    std::vector<PgsKeyRange> ranges;
    for (uint64_t at = below(most[c] + 1); at <= most[c] && ranges.size() < 20;) {
        const uint64_t last = at + below(below(3) == 0 ? most[c] + 1 : 2);
        ranges.push_back({at * step, last * step});
        at = last + 2 + below(most[c] + 1);
    }
    if (below(4) == 0) {
        ranges.push_back({pgs_null_key(bytes), pgs_null_key(bytes)});
    } else if (below(4) == 0) {
        ranges.push_back({pgs_no_key(bytes), pgs_no_key(bytes) + below(2)});
    }
    condition.keys(c, ranges);
}

}  // namespace pgslab
