#include "search/matches.h"

#include <algorithm>
#include <bit>

#include "base/assert.h"
#include "base/error.h"
#include "filter/postings.h"
#include "ivf/meta.h"

namespace pgslab {

namespace {

// The first posting of a page, from one on, whose key is not below another; `end` if there is none.
// Steps double, as it may be the next one, or far away.
uint32_t find_posting(const Page &page, const PgsKeyColumn &column, uint32_t from, uint32_t end,
                      uint64_t key) noexcept {
    const uint32_t bytes = bytes_of_posting(column);
    const auto is_below = [&](uint32_t i) {
        return load_key(page.payload + size_t{i} * bytes, column.key_bytes) < key;
    };
    uint32_t step = 1;
    while (from + step <= end && is_below(from + step - 1)) {
        from += step;
        step *= 2;
    }
    uint32_t after = std::min(end, from + step - 1);
    while (from < after) {
        const uint32_t middle = (from + after) / 2;
        if (is_below(middle)) {
            from = middle + 1;
        } else {
            after = middle;
        }
    }
    return from;
}

}  // namespace

PageIdentity Matches::page_of(const Group &group, uint32_t number) const noexcept {
    return page_of_segment(context_.meta().segment[group.segment], number);
}

// ---- counting

void Matches::begin_counting() {
    const Meta &meta = context_.meta();
    const SegmentLayout &layout = context_.layout;
    groups_.clear();
    for (uint32_t s = 0; s < meta.segments; s++) {
        for (uint32_t g = 0; g < layout.groups(meta.segment[s]); g++) {
            groups_.push_back({s, g, layout.rows_of(meta.segment[s], g), {}, 0});
        }
    }
    nodes_.assign(context_.filter.nodes().size(), {});
    for (size_t i = 0; i < nodes_.size(); i++) {
        learn(i);
    }
    state_ = State::kCounting;
    group_ = 0;
    column_ = 0;
    page_ = 0;
    want_fences();
}

void Matches::learn(size_t i) {
    const Filter::Node &given = context_.filter.nodes()[i];
    if (given.kind != PGS_FILTER_KEYS) {
        return;
    }
    Node &node = nodes_[i];
    node.is_exact = true;
    node.ranges = {given.keys.ranges, given.keys.count};
    if (given.keys.tids != nullptr) {
        node.ranges = given.keys.tids->ranges();
    } else if (given.keys.column.keys > 1 && given.keys.count > 0) {
        learn_set(given.keys, node);
    }
}

// What stands for no key does so behind those that there are, too; and a set that was too large
// satisfies every condition on a key.
void Matches::learn_set(const Filter::Keys &keys, Node &node) {
    const uint64_t none = pgs_no_key(keys.column.key_bytes);
    const uint64_t full = pgs_full_key(keys.column.key_bytes);
    node.is_exact = node.ranges.back().last < none;
    if (node.ranges.front().first < none) {
        const auto behind =
            std::find_if(node.ranges.begin(), node.ranges.end(),
                         [&](const PgsKeyRange &range) { return range.last >= full; });
        if (behind == node.ranges.end() || behind->first > full) {
            node.own_ranges.assign(node.ranges.begin(), behind);
            node.own_ranges.push_back({full, full});
            node.own_ranges.insert(node.own_ranges.end(), behind, node.ranges.end());
            node.ranges = node.own_ranges;
        }
    }
}

// From the page in hand on, fences of the columns that are asked for.
void Matches::want_fences() {
    const SegmentLayout &layout = context_.layout;
    for (; group_ < groups_.size(); group_++, column_ = 0) {
        const Group &group = groups_[group_];
        for (; column_ < layout.columns().count; column_++, page_ = 0) {
            const bool is_asked =
                std::any_of(context_.filter.nodes().begin(), context_.filter.nodes().end(),
                            [&](const Filter::Node &node) {
                                return node.kind == PGS_FILTER_KEYS && node.keys.number == column_;
                            });
            const PostingsPlace place = layout.postings(group.number, group.rows, column_);
            if (is_asked && page_ < place.fence_pages) {
                wanted_ = page_of(group, place.fences + page_);
                return;
            }
        }
    }
    wanted_ = kNoPage;
    count(0);
    // Of conditions that all have to hold, the best first.
    const bool all = context_.filter.nodes()[0].kind == PGS_FILTER_ALL;
    first_ = all ? nodes_[0].best : 0;
    state_ = State::kCounted;
}

void Matches::count(size_t i) {
    const Filter::Node &given = context_.filter.nodes()[i];
    Node &node = nodes_[i];
    node.pages = 0;
    node.share = 0;
    if (given.kind == PGS_FILTER_KEYS) {
        uint64_t rows = 0;
        for (const Group &group : groups_) {
            const std::vector<uint64_t> &fences = group.fences[given.keys.number];
            rows += group.rows;
            for (uint32_t page = 0;
                 (page = next_posting_page(fences, node.ranges, page)) < fences.size(); page++) {
                node.pages++;
            }
        }
        auto most = static_cast<double>(node.pages * postings_per_page(given.keys.column));
        if (const TidSet *tids = given.keys.tids; tids != nullptr && tids->whole_blocks() == 0) {
            most = std::min(most, static_cast<double>(tids->rows()));
        }
        node.share = std::min(1.0, most / static_cast<double>(rows));
        return;
    }
    const bool all = given.kind == PGS_FILTER_ALL;
    size_t inside = 0;
    node.is_exact = true;
    context_.filter.each_inside(i, [&](size_t child) {
        count(child);
        const Node &of = nodes_[child];
        if (!all) {
            node.pages += of.pages;
            node.share = std::min(1.0, node.share + of.share);
            node.is_exact = node.is_exact && of.is_exact;
        } else {
            node.share = inside == 0 ? of.share : std::min(node.share, of.share);
            if (inside == 0 || of.pages < node.pages) {
                node.best = child;
                node.pages = of.pages;
                node.is_exact = of.is_exact;
            }
        }
        inside++;
    });
    node.is_exact = node.is_exact && (!all || inside == 1);
}

// ---- resolving

void Matches::begin_resolving() {
    PGSLAB_ASSERT(state_ == State::kCounted);
    const Meta &meta = context_.meta();
    left_.resize(meta.segments);
    for (uint32_t s = 0; s < meta.segments; s++) {
        left_[s].assign(divide_up(meta.segment[s].rows, kBlockRows), ~0U);
        if (const uint64_t last = meta.segment[s].rows % kBlockRows; last != 0) {
            left_[s].back() = (1U << last) - 1;
        }
    }
    rows_ = 0;
    for (Group &group : groups_) {
        group.left = group.rows;
        rows_ += group.rows;
    }
    state_ = State::kResolving;
    node_ = first_;
    group_ = 0;
    leaves_.clear();
    add_leaves(node_);
    begin_group();
    want_postings();
}

// Of all conditions only the best is resolved.
void Matches::add_leaves(size_t i) {
    const Filter::Node &given = context_.filter.nodes()[i];
    if (given.kind == PGS_FILTER_KEYS) {
        leaves_.push_back(i);
    } else if (given.kind == PGS_FILTER_ALL) {
        add_leaves(nodes_[i].best);
    } else {
        context_.filter.each_inside(i, [&](size_t child) { add_leaves(child); });
    }
}

void Matches::begin_group() {
    leaf_ = 0;
    page_ = 0;
    if (group_ < groups_.size()) {
        for (size_t leaf : leaves_) {
            nodes_[leaf].rows.assign(divide_up(groups_[group_].rows, kBlockRows), 0);
        }
    }
}

// From the page in hand on, postings of the leaves; groups without rows that are left need none.
void Matches::want_postings() {
    for (;;) {
        for (; group_ < groups_.size(); group_++, begin_group()) {
            const Group &group = groups_[group_];
            if (group.left == 0) {
                continue;
            }
            for (; leaf_ < leaves_.size(); leaf_++, page_ = 0) {
                const uint32_t column = context_.filter.nodes()[leaves_[leaf_]].keys.number;
                const std::vector<uint64_t> &fences = group.fences[column];
                page_ = next_posting_page(fences, nodes_[leaves_[leaf_]].ranges, page_);
                if (page_ < fences.size()) {
                    const SegmentLayout &layout = context_.layout;
                    wanted_ = page_of(
                        group, layout.postings(group.number, group.rows, column).postings + page_);
                    return;
                }
            }
            end_group();
        }
        nodes_[node_].is_resolved = true;
        if (!want_other()) {
            break;
        }
    }
    wanted_ = kNoPage;
    state_ = State::kResolved;
}

// Of the rows of the group only those are left that satisfy what is being resolved, too.
void Matches::end_group() {
    Group &group = groups_[group_];
    resolve(node_, found_);
    uint32_t *const left =
        left_[group.segment].data() + group.number * context_.layout.group_rows() / kBlockRows;
    rows_ -= group.left;
    group.left = 0;
    for (size_t i = 0; i < found_.size(); i++) {
        left[i] &= found_[i];
        group.left += static_cast<uint32_t>(std::popcount(left[i]));
    }
    rows_ += group.left;
}

void Matches::resolve(size_t i, std::vector<uint32_t> &rows) {
    const Filter::Node &given = context_.filter.nodes()[i];
    if (given.kind == PGS_FILTER_KEYS) {
        rows = nodes_[i].rows;
    } else if (given.kind == PGS_FILTER_ALL) {
        resolve(nodes_[i].best, rows);
    } else {
        rows.assign(divide_up(groups_[group_].rows, kBlockRows), 0);
        std::vector<uint32_t> of_child;
        context_.filter.each_inside(i, [&](size_t child) {
            resolve(child, of_child);
            for (size_t b = 0; b < rows.size(); b++) {
                rows[b] |= of_child[b];
            }
        });
    }
}

// Pages on which the keys of the rows that are left stand, at most.
uint64_t Matches::pages_of_keys() const noexcept {
    const uint32_t per_page = context_.layout.keys_per_page();
    uint64_t pages = 0;
    for (const Group &group : groups_) {
        pages += std::min(group.left, divide_up(group.rows, per_page));
    }
    return pages;
}

// Whether one more of those that all have to hold is worth resolving; then it is begun.
bool Matches::want_other() {
    is_exact_ = nodes_[node_].is_exact;
    if (context_.filter.nodes()[0].kind != PGS_FILTER_ALL) {
        return false;
    }
    size_t best = 0;
    is_exact_ = true;
    context_.filter.each_inside(0, [&](size_t child) {
        is_exact_ = is_exact_ && nodes_[child].is_resolved && nodes_[child].is_exact;
        if (!nodes_[child].is_resolved && (best == 0 || nodes_[child].pages < nodes_[best].pages)) {
            best = child;
        }
    });
    if (best == 0 || nodes_[best].pages > pages_of_keys()) {
        return false;
    }
    node_ = best;
    group_ = 0;
    leaves_.clear();
    add_leaves(node_);
    begin_group();
    return true;
}

uint64_t Matches::next_row(uint32_t segment, uint64_t from) const noexcept {
    const std::vector<uint32_t> &left = left_[segment];
    for (size_t block = from / kBlockRows; block < left.size(); block++) {
        const uint32_t bits =
            block == from / kBlockRows ? left[block] & ~0U << from % kBlockRows : left[block];
        if (bits != 0) {
            return block * kBlockRows + static_cast<uint32_t>(std::countr_zero(bits));
        }
    }
    return left.size() * kBlockRows;
}

// ---- what was asked for

PgsStatus Matches::page(const Page &page, PgsError *error) {
    const Group &group = groups_[group_];
    const Segment &segment = context_.meta().segment[group.segment];
    const SegmentPage described = context_.layout.describe(segment, wanted_.sequence);
    if (used_bytes(page) != described.bytes) {
        return fail(error, PGS_CORRUPT, wanted_.block,
                    "the page of postings uses %u bytes instead of %u", used_bytes(page),
                    described.bytes);
    }
    if (state_ == State::kResolving) {
        return take_postings(page, error);
    }
    const uint32_t bytes = context_.layout.columns().column[column_].key_bytes;
    std::vector<uint64_t> &fences = groups_[group_].fences[column_];
    for (uint32_t at = 0; at < described.bytes; at += bytes) {
        fences.push_back(load_key(page.payload + at, bytes));
    }
    if (!std::is_sorted(fences.begin(), fences.end())) {
        return fail(error, PGS_CORRUPT, wanted_.block, "the fences of postings are not in order");
    }
    page_++;
    want_fences();
    return PGS_OK;
}

PgsStatus Matches::take_postings(const Page &page, PgsError *error) {
    const size_t leaf = leaves_[leaf_];
    const PgsKeyColumn &column = context_.filter.nodes()[leaf].keys.column;
    const std::span<const PgsKeyRange> ranges = nodes_[leaf].ranges;
    std::vector<uint32_t> &rows = nodes_[leaf].rows;
    const uint32_t bytes = bytes_of_posting(column);
    const uint32_t end = used_bytes(page) / bytes;
    const uint64_t first = load_key(page.payload, column.key_bytes);
    auto range = std::lower_bound(ranges.begin(), ranges.end(), first,
                                  [](const PgsKeyRange &r, uint64_t key) { return r.last < key; });
    for (uint32_t at = 0; range != ranges.end() && at < end; ++range) {
        at = find_posting(page, column, at, end, range->first);
        for (; at < end; at++) {
            const Posting posting = load_posting(page.payload + size_t{at} * bytes, column);
            if (posting.key > range->last) {
                break;
            }
            if (posting.row >= groups_[group_].rows) {
                return fail(error, PGS_CORRUPT, wanted_.block,
                            "a posting names row %u of a group of %llu", posting.row,
                            static_cast<unsigned long long>(groups_[group_].rows));
            }
            rows[posting.row / kBlockRows] |= 1U << posting.row % kBlockRows;
        }
    }
    page_++;
    want_postings();
    return PGS_OK;
}

}  // namespace pgslab
