#include "inverted/key_matches.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/error.h"
#include "filter/postings.h"
#include "inverted/segment_layout.h"

namespace pgslab::inverted {

namespace {

constexpr double kWorthResolving = 0.25;  // share of the documents
constexpr uint32_t kPerDirectoryPage = kPayloadBytes / sizeof(GroupColumn);

// A set that was too large satisfies every condition on a key that there is.
std::vector<PgsKeyRange> with_full_sets(std::span<const PgsKeyRange> ranges, uint64_t full) {
    const auto behind = std::find_if(ranges.begin(), ranges.end(),
                                     [&](const PgsKeyRange &range) { return range.last >= full; });
    std::vector<PgsKeyRange> own(ranges.begin(), behind);
    if (behind == ranges.end() || behind->first > full) {
        own.push_back({full, full});
    }
    own.insert(own.end(), behind, ranges.end());
    return own;
}

}  // namespace

void KeyMatches::begin(const Filter &filter, const PgsKeyColumns &columns, const Segment &segment,
                       const SegmentHeader &header) {
    filter_ = &filter;
    columns_ = columns;
    segment_ = segment;
    header_ = header;
    wanted_ = kNoPage;
    are_resolved_ = false;
    pages_read_ = 0;
    directory_.clear();
    if (filter.asks_nothing() || header.groups.pages == 0) {
        return;
    }
    nodes_.assign(filter.nodes().size(), {});
    for (size_t i = 0; i < nodes_.size(); i++) {
        learn(i);
    }
    step_ = Step::kDirectory;
    page_ = 0;
    want(header.groups.first);
}

void KeyMatches::want(uint32_t page) noexcept {
    wanted_ = page_of_segment(segment_, page);
}

void KeyMatches::learn(size_t i) {
    const Filter::Node &given = filter_->nodes()[i];
    if (given.kind != PGS_FILTER_KEYS) {
        return;
    }
    Node &node = nodes_[i];
    node.ranges = {given.keys.ranges, given.keys.count};
    if (given.keys.tids != nullptr) {
        node.ranges = given.keys.tids->ranges();
    } else if (given.keys.column.keys > 1 && given.keys.count > 0 &&
               node.ranges.front().first < pgs_no_key(given.keys.column.key_bytes)) {
        node.own_ranges = with_full_sets(node.ranges, pgs_full_key(given.keys.column.key_bytes));
        node.ranges = node.own_ranges;
    }
}

bool KeyMatches::is_asked(uint32_t column) const noexcept {
    return std::any_of(filter_->nodes().begin(), filter_->nodes().end(),
                       [&](const Filter::Node &node) {
                           return node.kind == PGS_FILTER_KEYS && node.keys.number == column;
                       });
}

PgsStatus KeyMatches::page(const Page &page, PgsError *error) {
    pages_read_++;
    switch (step_) {
        case Step::kDirectory:
            return take_directory(page, error);
        case Step::kFences:
            return take_fences(page, error);
        case Step::kPostings:
            return take_postings(page, error);
    }
    return PGS_OK;
}

PgsStatus KeyMatches::take_directory(const Page &page, PgsError *error) {
    const auto groups = static_cast<uint32_t>(divide_up(header_.numbers, kGroupNumbers));
    const size_t all = size_t{groups} * columns_.count;
    const size_t here = std::min<size_t>(all - directory_.size(), kPerDirectoryPage);
    if (used_bytes(page) != here * sizeof(GroupColumn)) {
        return fail(error, PGS_CORRUPT, wanted_.block,
                    "the directory of groups uses %u bytes on a page", used_bytes(page));
    }
    const uint32_t end = segment_.run.blocks;
    for (size_t i = 0; i < here; i++) {
        GroupColumn place;
        std::memcpy(&place, page.payload + i * sizeof place, sizeof place);
        const PgsKeyColumn &column = columns_.column[directory_.size() % columns_.count];
        const uint32_t pages =
            static_cast<uint32_t>(divide_up(place.postings, postings_per_page(column)));
        if (place.fences.pages != fence_pages(column, pages) || place.fences.first > end ||
            place.fences.pages > end - place.fences.first || place.first > end ||
            pages > end - place.first) {
            return fail(error, PGS_CORRUPT, wanted_.block, "the directory of groups is impossible");
        }
        directory_.push_back(place);
    }
    if (directory_.size() < all) {
        page_++;
        if (page_ >= header_.groups.pages) {
            return fail(error, PGS_CORRUPT, wanted_.block, "the directory of groups is too short");
        }
        want(header_.groups.first + page_);
        return PGS_OK;
    }
    fences_.assign(directory_.size(), {});
    step_ = Step::kFences;
    group_ = 0;
    column_ = 0;
    page_ = 0;
    next_fences();
    return PGS_OK;
}

// From the page in hand on, fences of the columns that are asked for.
void KeyMatches::next_fences() {
    const auto groups = static_cast<uint32_t>(directory_.size() / columns_.count);
    for (; group_ < groups; group_++, column_ = 0) {
        for (; column_ < columns_.count; column_++, page_ = 0) {
            if (is_asked(column_) && page_ < place().fences.pages) {
                want(place().fences.first + page_);
                return;
            }
        }
    }
    wanted_ = kNoPage;
    count(0);
    if (nodes_[0].share > kWorthResolving) {
        return;
    }
    are_resolved_ = true;
    bits_.assign(divide_up(header_.numbers, 64), 0);
    leaves_.clear();
    add_leaves(0);
    step_ = Step::kPostings;
    group_ = 0;
    leaf_ = 0;
    page_ = 0;
    next_postings();
}

PgsStatus KeyMatches::take_fences(const Page &page, PgsError *error) {
    const PgsKeyColumn &column = columns_.column[column_];
    std::vector<uint64_t> &own = fences(group_, column_);
    const auto pages =
        static_cast<uint32_t>(divide_up(place().postings, postings_per_page(column)));
    const auto here =
        std::min<uint32_t>(pages - static_cast<uint32_t>(own.size()), fences_per_page(column));
    if (used_bytes(page) != here * column.key_bytes) {
        return fail(error, PGS_CORRUPT, wanted_.block, "the page of fences uses %u bytes",
                    used_bytes(page));
    }
    for (uint32_t i = 0; i < here; i++) {
        own.push_back(load_key(page.payload + size_t{i} * column.key_bytes, column.key_bytes));
    }
    if (!std::is_sorted(own.begin(), own.end())) {
        return fail(error, PGS_CORRUPT, wanted_.block, "the fences of postings are not in order");
    }
    page_++;
    next_fences();
    return PGS_OK;
}

void KeyMatches::count(size_t i) {
    const Filter::Node &given = filter_->nodes()[i];
    Node &node = nodes_[i];
    if (given.kind == PGS_FILTER_KEYS) {
        const auto groups = static_cast<uint32_t>(directory_.size() / columns_.count);
        for (uint32_t g = 0; g < groups; g++) {
            const std::vector<uint64_t> &own = fences(g, given.keys.number);
            for (uint32_t p = 0; (p = next_posting_page(own, node.ranges, p)) < own.size(); p++) {
                node.pages++;
            }
        }
        const auto most = static_cast<double>(node.pages * postings_per_page(given.keys.column));
        node.share = std::min(1.0, most / static_cast<double>(header_.documents));
        // What takes a page or two is read however small the segment.
        if (node.pages <= 2) {
            node.share = 0;
        }
        return;
    }
    const bool all = given.kind == PGS_FILTER_ALL;
    bool is_first = true;
    filter_->each_inside(i, [&](size_t child) {
        count(child);
        const Node &of = nodes_[child];
        if (!all) {
            node.pages += of.pages;
            node.share = std::min(1.0, node.share + of.share);
        } else if (is_first || of.pages < node.pages) {
            node.best = child;
            node.pages = of.pages;
            node.share = of.share;
        }
        is_first = false;
    });
}

void KeyMatches::add_leaves(size_t i) {
    const Filter::Node &given = filter_->nodes()[i];
    if (given.kind == PGS_FILTER_KEYS) {
        leaves_.push_back(i);
    } else if (given.kind == PGS_FILTER_ALL) {
        add_leaves(nodes_[i].best);
    } else {
        filter_->each_inside(i, [&](size_t child) { add_leaves(child); });
    }
}

// From the page in hand on, postings of the leaves.
void KeyMatches::next_postings() {
    const auto groups = static_cast<uint32_t>(directory_.size() / columns_.count);
    for (; group_ < groups; group_++, leaf_ = 0) {
        for (; leaf_ < leaves_.size(); leaf_++, page_ = 0) {
            column_ = filter_->nodes()[leaves_[leaf_]].keys.number;
            const std::vector<uint64_t> &own = fences(group_, column_);
            page_ = next_posting_page(own, nodes_[leaves_[leaf_]].ranges, page_);
            if (page_ < own.size()) {
                want(place().first + page_);
                return;
            }
        }
    }
    wanted_ = kNoPage;
}

PgsStatus KeyMatches::take_postings(const Page &page, PgsError *error) {
    const size_t leaf = leaves_[leaf_];
    const PgsKeyColumn &column = filter_->nodes()[leaf].keys.column;
    const std::span<const PgsKeyRange> ranges = nodes_[leaf].ranges;
    const uint32_t bytes = bytes_of_posting(column);
    const uint32_t before = page_ * postings_per_page(column);
    const uint32_t end = std::min(place().postings - before, postings_per_page(column));
    if (used_bytes(page) != end * bytes) {
        return fail(error, PGS_CORRUPT, wanted_.block, "the page of postings uses %u bytes",
                    used_bytes(page));
    }
    const uint32_t first_number = group_ * kGroupNumbers;
    auto range = ranges.begin();
    for (uint32_t at = 0; at < end; at++) {
        const Posting posting = load_posting(page.payload + size_t{at} * bytes, column);
        if (range == ranges.end() || posting.key > range->last) {
            range =
                std::lower_bound(range, ranges.end(), posting.key,
                                 [](const PgsKeyRange &r, uint64_t key) { return r.last < key; });
        }
        if (range == ranges.end()) {
            break;
        }
        if (posting.key < range->first) {
            continue;
        }
        if (posting.row >= kGroupNumbers || posting.row >= header_.numbers - first_number) {
            return fail(error, PGS_CORRUPT, wanted_.block, "a posting names row %u of a group",
                        posting.row);
        }
        const uint32_t number = first_number + posting.row;
        bits_[number / 64] |= uint64_t{1} << number % 64;
    }
    page_++;
    next_postings();
    return PGS_OK;
}

uint32_t KeyMatches::next(uint32_t from) const noexcept {
    for (size_t word = from / 64; word < bits_.size(); word++) {
        const uint64_t bits =
            word == from / 64 ? bits_[word] & ~uint64_t{0} << from % 64 : bits_[word];
        if (bits != 0) {
            return static_cast<uint32_t>(word * 64 + static_cast<uint32_t>(std::countr_zero(bits)));
        }
    }
    return header_.numbers;
}

}  // namespace pgslab::inverted
