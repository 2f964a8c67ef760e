// Which rows of the segments satisfy the filter, told by postings for all of them at once.
//
// First fences are read, and say how many pages of postings there are to it; then the postings, if
// that is worth while. Of conditions that all have to hold it is enough to resolve one, that with
// the fewest pages; where the whole filter is of that kind, others follow as long as that costs
// less than to look at the keys of the rows that are left. So rows may be left that do not satisfy
// the filter, and whether that is so is known.
//
// Sans-IO, as Walker.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "filter/filter.h"
#include "ivf/format.h"
#include "ivf/segment_layout.h"
#include "pgslab/status.h"
#include "search/context.h"
#include "store/page.h"

namespace pgslab {

class Matches {
  public:
    // context must outlive it.
    explicit Matches(SearchContext &context) noexcept : context_(context) {}

    // Forgets another search's. May throw std::bad_alloc, as may the others.
    void begin() noexcept { state_ = State::kNothing; }

    // Begins to read fences; with those read, begins to read postings.
    void begin_counting();
    void begin_resolving();

    // The page to read next, kNoPage when what was begun is done.
    const PageIdentity &wanted() const noexcept { return wanted_; }

    // Takes the page that is wanted, which must have passed check_page().
    PgsStatus page(const Page &page, PgsError *error);

    bool is_counted() const noexcept { return state_ >= State::kCounted; }
    bool is_resolved() const noexcept { return state_ == State::kResolved; }

    // Once it is counted: pages of postings to be read to know about all rows, and about what share
    // of the rows satisfies the filter at most.
    uint64_t pages() const noexcept { return nodes_[first_].pages; }
    double share() const noexcept { return nodes_[0].share; }

    // Once it is resolved: how many rows are left, and whether all of them satisfy the filter. Of a
    // segment, by its number in the manifest, a bit for each row, in blocks of 32.
    uint64_t rows() const noexcept { return rows_; }
    bool is_exact() const noexcept { return is_exact_; }
    const std::vector<uint32_t> &rows_of(uint32_t segment) const noexcept { return left_[segment]; }

    // Of the segment's rows, from one on, the first that is left; at or beyond its end if none is.
    uint64_t next_row(uint32_t segment, uint64_t from) const noexcept;

  private:
    enum class State { kNothing, kCounting, kCounted, kResolving, kResolved };

    // What is known of a node of the filter.
    struct Node {
        std::span<const PgsKeyRange> ranges;  // of a leaf: what its postings are in
        std::vector<PgsKeyRange> own_ranges;  // where these are not the filter's
        bool is_exact;                        // resolving leaves no row that does not satisfy it
        bool is_resolved;                     // one of those that all have to hold
        size_t best;                          // where all have to hold: the one that is resolved
        uint64_t pages;                       // of postings
        double share;                         // of the rows
        std::vector<uint32_t> rows;           // of a leaf: those of the group in hand
    };

    struct Group {
        uint32_t segment;  // its number in the manifest
        uint32_t number;
        uint64_t rows;
        std::vector<uint64_t> fences[PGS_MAX_FILTER_COLUMNS];
        uint64_t left;  // rows
    };

    PageIdentity page_of(const Group &group, uint32_t number) const noexcept;
    PgsStatus take_postings(const Page &page, PgsError *error);
    void learn(size_t node);
    void learn_set(const Filter::Keys &keys, Node &node);
    void count(size_t node);
    void want_fences();
    bool want_other();
    void want_postings();
    void add_leaves(size_t node);
    void begin_group();
    void end_group();
    void resolve(size_t node, std::vector<uint32_t> &rows);
    uint64_t pages_of_keys() const noexcept;

    SearchContext &context_;
    State state_ = State::kNothing;
    PageIdentity wanted_ = kNoPage;
    std::vector<Node> nodes_;    // as the filter's
    std::vector<Group> groups_;  // of all segments
    size_t first_ = 0;           // node to be resolved first
    bool is_exact_ = false;
    std::vector<std::vector<uint32_t>> left_;  // by segment
    uint64_t rows_ = 0;

    // Where reading is: at this page of the fences of a column, or of the postings of a leaf.
    size_t group_ = 0;
    uint32_t column_ = 0;
    size_t node_ = 0;             // being resolved
    std::vector<size_t> leaves_;  // that it takes
    size_t leaf_ = 0;             // of these
    uint32_t page_ = 0;
    std::vector<uint32_t> found_;  // rows of the group that satisfy what is being resolved
};

}  // namespace pgslab
