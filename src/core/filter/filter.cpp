#include "filter/filter.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

#include "base/error.h"

namespace pgslab {

namespace {

uint64_t largest_key(unsigned bytes) noexcept {
    return bytes == 4 ? UINT32_MAX : UINT64_MAX;
}

// Whether one of the ranges, which are in order, has the key, or the set has the address.
bool is_in(const Filter::Keys &keys, uint64_t key) noexcept {
    if (keys.tids != nullptr) {
        return keys.tids->contains(tid_of_key(key));
    }
    constexpr uint32_t kFew = 8;
    if (keys.count <= kFew) {
        for (uint32_t i = 0; i < keys.count; i++) {
            if (key <= keys.ranges[i].last) {
                return key >= keys.ranges[i].first;
            }
        }
        return false;
    }
    const PgsKeyRange *const end = keys.ranges + keys.count;
    const PgsKeyRange *const found = std::lower_bound(
        keys.ranges, end, key, [](const PgsKeyRange &range, uint64_t k) { return range.last < k; });
    return found != end && key >= found->first;
}

bool set_holds(const Filter::Keys &keys, const uint8_t *at) noexcept {
    const unsigned bytes = keys.column.key_bytes;
    const uint64_t first = load_key(at, bytes);
    if (first == pgs_full_key(bytes)) {
        return keys.count > 0 && keys.ranges[0].first < pgs_no_key(bytes);
    }
    for (uint32_t k = 0; k < keys.column.keys; k++) {
        const uint64_t key = load_key(at + size_t{k} * bytes, bytes);
        if (k > 0 && key == pgs_no_key(bytes)) {
            return false;
        }
        if (is_in(keys, key)) {
            return true;
        }
    }
    return false;
}

bool ranges_are_possible(const PgsKeyRange *ranges, uint32_t count, uint64_t largest) noexcept {
    for (uint32_t i = 0; i < count; i++) {
        const bool follows = i == 0 || (ranges[i - 1].last < ranges[i].first &&
                                        ranges[i].first - ranges[i - 1].last > 1);
        if (ranges[i].first > ranges[i].last || ranges[i].last > largest || !follows) {
            return false;
        }
    }
    return true;
}

}  // namespace

// Each node lies inside the one that is open where it comes, and the first holds all.
PgsStatus Filter::check(const PgsFilter &given, const PgsKeyColumns &columns,
                        PgsError *error) const {
    std::vector<uint32_t> ends;  // of the nodes that are open
    for (uint32_t i = 0; i < given.nodes; i++) {
        const PgsFilterNode &node = given.node[i];
        while (!ends.empty() && ends.back() == i) {
            ends.pop_back();
        }
        bool possible = (i == 0) == ends.empty() && ends.size() < PGS_MAX_FILTER_DEPTH;
        if (node.kind == PGS_FILTER_KEYS) {
            possible = possible && node.column < columns.count &&
                       node.first_range <= given.ranges &&
                       node.ranges <= given.ranges - node.first_range &&
                       ranges_are_possible(given.range + node.first_range, node.ranges,
                                           largest_key(columns.column[node.column].key_bytes));
        } else {
            possible = possible && (node.kind == PGS_FILTER_ALL || node.kind == PGS_FILTER_ANY) &&
                       node.end > i && node.end <= (ends.empty() ? given.nodes : ends.back());
            ends.push_back(node.end);
        }
        if (!possible) {
            return fail(error, PGS_MISUSE, PGS_NO_BLOCK, "node %u of the filter is impossible", i);
        }
    }
    const bool is_whole =
        given.nodes == 1 || (given.nodes > 1 && given.node[0].kind != PGS_FILTER_KEYS &&
                             given.node[0].end == given.nodes);
    return is_whole ? PGS_OK
                    : fail(error, PGS_MISUSE, PGS_NO_BLOCK, "the filter is not one condition");
}

PgsStatus Filter::set(const PgsFilter *given, const PgsKeyColumns &columns, PgsError *error) {
    nodes_.clear();
    ranges_.clear();
    names_by_keys_ = false;
    tids_ = given == nullptr || given->tids == nullptr ? nullptr : &given->tids->set;
    may_look_up_ = tids_ != nullptr && given->may_look_up;
    bound_ = std::numeric_limits<double>::infinity();
    if (given != nullptr && given->is_bounded && !std::isnan(given->bound)) {
        bound_ = given->bound;
    }
    if (given != nullptr && given->nodes > 0) {
        if (PgsStatus status = set_keys(*given, columns, error)) {
            return status;
        }
    }
    if (tids_ != nullptr && address_column(columns) < columns.count) {
        name_by_keys(columns);
    }
    return PGS_OK;
}

PgsStatus Filter::set_keys(const PgsFilter &given, const PgsKeyColumns &columns, PgsError *error) {
    if (PgsStatus status = check(given, columns, error)) {
        return status;
    }
    ranges_.assign(given.range, given.range + given.ranges);
    if (add(given, 0, columns) == Truth::kNever) {
        nodes_.push_back({PGS_FILTER_ANY, 1, {}});
    }
    return PGS_OK;
}

// That the row is in the set becomes one more of the conditions that all have to hold.
void Filter::name_by_keys(const PgsKeyColumns &columns) {
    names_by_keys_ = true;
    if (is_never()) {
        return;
    }
    if (tids_->rows() == 0 && tids_->whole_blocks() == 0) {
        nodes_.assign(1, {PGS_FILTER_ANY, 1, {}});
        return;
    }
    if (!nodes_.empty() && nodes_[0].kind != PGS_FILTER_ALL) {
        nodes_.insert(nodes_.begin(), {PGS_FILTER_ALL, 0, {}});
        std::for_each(nodes_.begin() + 1, nodes_.end(), [](Node &moved) { moved.end++; });
    }
    const uint32_t column = address_column(columns);
    nodes_.push_back(
        {PGS_FILTER_KEYS,
         0,
         {column, key_bytes(columns, column), columns.column[column], nullptr, 0, tids_}});
    nodes_.front().end = nodes_.back().end = static_cast<uint32_t>(nodes_.size());
}

// Adds the node, with what is inside it, unless what it says is known without a row.
Filter::Truth Filter::add(const PgsFilter &given, uint32_t i, const PgsKeyColumns &columns) {
    const PgsFilterNode &node = given.node[i];
    const size_t at = nodes_.size();
    if (node.kind == PGS_FILTER_KEYS) {
        if (node.ranges == 0) {
            return Truth::kNever;
        }
        nodes_.push_back(
            {node.kind,
             static_cast<uint32_t>(at + 1),
             {node.column, key_bytes(columns, node.column), columns.column[node.column],
              ranges_.data() + node.first_range, node.ranges, nullptr}});
        return Truth::kDepends;
    }
    const bool all = node.kind == PGS_FILTER_ALL;
    uint32_t inside = 0;
    nodes_.push_back({node.kind, 0, {}});
    for (uint32_t child = i + 1; child < node.end;) {
        const Truth truth = add(given, child, columns);
        if (truth == (all ? Truth::kNever : Truth::kAlways)) {
            nodes_.resize(at);
            return truth;
        }
        inside += truth == Truth::kDepends ? 1 : 0;
        child = given.node[child].kind == PGS_FILTER_KEYS ? child + 1 : given.node[child].end;
    }
    if (inside == 0) {
        nodes_.resize(at);
        return all ? Truth::kAlways : Truth::kNever;
    }
    if (inside == 1) {
        nodes_.erase(nodes_.begin() + static_cast<std::ptrdiff_t>(at));
        std::for_each(nodes_.begin() + static_cast<std::ptrdiff_t>(at), nodes_.end(),
                      [](Node &moved) { moved.end--; });
    } else {
        nodes_[at].end = static_cast<uint32_t>(nodes_.size());
    }
    return Truth::kDepends;
}

bool Filter::holds(size_t i, const uint8_t *keys) const noexcept {
    const Node &node = nodes_[i];
    if (node.kind == PGS_FILTER_KEYS) {
        const uint8_t *at = keys + node.keys.at;
        return node.keys.column.keys == 1
                   ? is_in(node.keys, load_key(at, node.keys.column.key_bytes))
                   : set_holds(node.keys, at);
    }
    const bool all = node.kind == PGS_FILTER_ALL;
    for (size_t child = i + 1; child < node.end; child = nodes_[child].end) {
        if (holds(child, keys) != all) {
            return !all;
        }
    }
    return all;
}

}  // namespace pgslab

using namespace pgslab;

uint64_t pgs_null_key(unsigned key_bytes) {
    return largest_key(key_bytes);
}

uint64_t pgs_full_key(unsigned key_bytes) {
    return largest_key(key_bytes) - 1;
}

uint64_t pgs_no_key(unsigned key_bytes) {
    return largest_key(key_bytes) - 2;
}
