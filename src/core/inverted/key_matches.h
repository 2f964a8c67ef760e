// Which numbers of a segment satisfy the filter, told by the postings of filter columns.
//
// First the directory of groups and fences are read, and say what share of the documents there are
// postings to. Where that is most of them nothing more is read: their records tell. Else postings
// are. Of conditions that all have to hold one is resolved, that with the fewest pages. So numbers
// may be left that do not satisfy the filter; whose record is read is looked at again.
//
// Sans-IO, as store/walker.h.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "filter/filter.h"
#include "inverted/format.h"
#include "inverted/match_program.h"
#include "pgslab/status.h"
#include "store/page.h"

namespace pgslab::inverted {

class KeyMatches {
  public:
    // Begins with a segment; all must outlive it. May throw std::bad_alloc, as may page().
    void begin(const Filter &filter, const PgsKeyColumns &columns, const Segment &segment,
               const SegmentHeader &header);

    // The page to read next; its block is PGS_NO_BLOCK when no more is to be read.
    const PageIdentity &wanted() const noexcept { return wanted_; }

    // Takes it. It must have passed check_page().
    PgsStatus page(const Page &page, PgsError *error);

    // Whether only these numbers are left: a bit for each.
    bool are_resolved() const noexcept { return are_resolved_; }
    const DocumentBits &bits() const noexcept { return bits_; }

    // The first of them from one on; the segment's numbers if there is none.
    uint32_t next(uint32_t from) const noexcept;

    uint64_t pages_read() const noexcept { return pages_read_; }

  private:
    enum class Step { kDirectory, kFences, kPostings };

    // What is known of a node of the filter.
    struct Node {
        std::span<const PgsKeyRange> ranges;  // of a leaf: what its postings are in
        std::vector<PgsKeyRange> own_ranges;  // where these are not the filter's
        size_t best = 0;                      // where all have to hold: the one that is resolved
        uint64_t pages = 0;                   // of postings
        double share = 0;                     // of the documents, at most
    };

    bool is_asked(uint32_t column) const noexcept;
    const GroupColumn &place() const noexcept {
        return directory_[size_t{group_} * columns_.count + column_];
    }
    std::vector<uint64_t> &fences(uint32_t group, uint32_t column) noexcept {
        return fences_[size_t{group} * columns_.count + column];
    }
    void learn(size_t node);
    void count(size_t node);
    void add_leaves(size_t node);
    void next_fences();
    void next_postings();
    PgsStatus take_directory(const Page &page, PgsError *error);
    PgsStatus take_fences(const Page &page, PgsError *error);
    PgsStatus take_postings(const Page &page, PgsError *error);
    void want(uint32_t page) noexcept;

    const Filter *filter_ = nullptr;
    PgsKeyColumns columns_ = {};
    Segment segment_ = {};
    SegmentHeader header_ = {};
    Step step_ = Step::kDirectory;
    PageIdentity wanted_ = kNoPage;
    std::vector<GroupColumn> directory_;
    std::vector<std::vector<uint64_t>> fences_;  // of each group and column
    std::vector<Node> nodes_;
    std::vector<size_t> leaves_;  // that are resolved
    bool are_resolved_ = false;
    DocumentBits bits_;
    uint64_t pages_read_ = 0;

    // Where reading is: at this page of the directory, of the fences of a column, or of the
    // postings of a leaf.
    uint32_t group_ = 0;
    uint32_t column_ = 0;
    size_t leaf_ = 0;
    uint32_t page_ = 0;
};

}  // namespace pgslab::inverted
