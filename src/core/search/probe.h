// Which rows of codes a search scans, list by list: the lists nearest to the query, and of each its
// rows in every segment. It ends where the stop rule says (stop_rule.h), or after as many lists as
// were asked for. Where it is known which rows satisfy the filter (matches.h), lists without such
// rows are not visited; and an exact search visits all lists that have some.
//
// Where a list lies in a segment is said by the segment's directory (directories.h), of which those
// pages are read that are needed: all of them where an approximate search leaves lists out; where
// postings have told an exact one which rows there are, those that have these rows.
#pragma once

#include <cstdint>
#include <vector>

#include "ivf/format.h"
#include "pgslab/status.h"
#include "search/choice.h"
#include "search/context.h"
#include "search/directories.h"
#include "search/matches.h"
#include "search/selected.h"
#include "search/top_k.h"
#include "store/page.h"

namespace pgslab {

class Probe {
  public:
    // All must outlive it.
    Probe(SearchContext &context, TopK &top, const Matches &matches,
          const Selected &selected) noexcept
        : context_(context),
          top_(top),
          matches_(matches),
          selected_(selected),
          directories_(context) {}

    // Forgets what it knows of another index. May throw std::bad_alloc, as may begin_pass(), next()
    // and page().
    void begin();

    // Begins again with the nearest list.
    void begin_pass();

    enum class Found {
        kPage,  // of a directory, wanted(): it has to be read first
        kRows,  // of the list in hand: rows() in segment()
        kEnd    // no list is worth a visit any more
    };
    PgsStatus next(Found *found, PgsError *error);

    const PageIdentity &wanted() const noexcept { return directories_.wanted(); }
    const Segment &segment() const noexcept { return *segment_; }
    const ListRun &rows() const noexcept { return rows_; }

    // Takes the page that is wanted, which must have passed check_page().
    PgsStatus page(const Page &page, PgsError *error) { return directories_.page(page, error); }

    // The list in hand, and the query as seen from it.
    uint32_t list() const noexcept { return list_; }
    const ListQuery &at() const noexcept { return at_; }

    // By list, whether this pass has come to it; or to where only the sidecar can have rows of it.
    const std::vector<bool> &visited() const noexcept { return is_visited_; }

  private:
    // A list that has rows that satisfy the filter.
    struct MatchingList {
        uint32_t list;
        ListQuery at;
    };

    uint32_t matches_in(uint32_t segment, const ListRun &run) const noexcept;
    bool is_told() const noexcept { return matches_.is_resolved() || selected_.is_known(); }
    // Lists are looked up row by row, and those pages of directories that were not read have none.
    bool looks_rows_up() const noexcept { return context_.effort.exact && matches_.is_resolved(); }
    PgsStatus find_lists(PgsError *error);
    PgsStatus look_rows_up(PgsError *error);
    PgsStatus count_matches(PgsError *error);
    PgsStatus check_matches(uint64_t in_lists, PgsError *error) const;
    void order_matching_lists();
    bool choose_list();
    bool is_enough();
    bool misses_too_many() const noexcept;
    void pass_lists_left_out();
    bool choose_matching_list() noexcept;
    void begin_list(uint32_t list);
    void announce_next_list();

    SearchContext &context_;
    TopK &top_;
    const Matches &matches_;
    const Selected &selected_;
    ListChoice choice_;
    bool are_lists_known_ = false;        // those that have rows that satisfy the filter:
    std::vector<bool> is_matching_;       // by list
    uint32_t in_segment_ = 0;             // where they are looked up row by row: from this row
    uint64_t from_row_ = 0;               // of this segment on
    std::vector<MatchingList> matching_;  // to be visited by an exact search, the next one last
    bool is_ordered_ = false;             // these, for this pass
    uint64_t visited_ = 0;                // lists in this pass
    uint64_t visit_at_least_ = 0;         // before it is looked at again whether they are enough
    uint64_t come_to_ = 0;                // rows that are not ruled out as yet, in this pass
    bool is_counted_ = false;             // the list in hand is one of them
    std::vector<bool> is_visited_;        // by list
    uint32_t list_ = 0;
    ListQuery at_ = {};
    uint32_t next_segment_ = 0;  // to look for the list in, by its number in the manifest
    const Segment *segment_ = nullptr;
    ListRun rows_ = {};
    Directories directories_;
};

}  // namespace pgslab
