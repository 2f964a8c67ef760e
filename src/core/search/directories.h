// Where lists lie, told by the directories of segments. Of these the pages are read that are needed
// and kept for the passes to come.
//
// Runs stand in the order of lists, and so in that of rows: which list has a row is told by a page
// or two, guessed as if all lists had the same number of rows.
//
// Sans-IO, as Walker.
#pragma once

#include <cstdint>
#include <vector>

#include "ivf/format.h"
#include "pgslab/status.h"
#include "search/context.h"
#include "store/page.h"

namespace pgslab {

class Directories {
  public:
    // context must outlive it.
    explicit Directories(const SearchContext &context) noexcept : context_(context) {}

    // Forgets those of another index. May throw std::bad_alloc, as may page(). Segments are given
    // by their numbers in the manifest.
    void begin() { directories_.assign(context_.meta().segments, {}); }

    // Where the segment has the list; null unless that page was read.
    const ListRun *run_of(uint32_t segment, uint32_t list) const noexcept;

    // PGS_CORRUPT where that is outside of the segment.
    PgsStatus check_run(uint32_t segment, uint32_t list, PgsError *error) const;

    // Finds the list that has a row of a segment; *list is kNoList where a page has to be read
    // first, which is then wanted. PGS_CORRUPT if no list has it.
    static constexpr uint32_t kNoList = PGS_MAX_LISTS;
    PgsStatus find(uint32_t segment, uint64_t row, uint32_t *list, PgsError *error);

    // Wants the page that has the list; one that was not read, false where all were.
    void want(uint32_t segment, uint32_t list) noexcept;
    bool want_any() noexcept;
    const PageIdentity &wanted() const noexcept { return wanted_; }

    // Takes the page that is wanted, which must have passed check_page().
    PgsStatus page(const Page &page, PgsError *error);

  private:
    struct Directory {
        std::vector<ListRun> runs;  // by list
        std::vector<bool> is_read;  // by page
    };

    const SearchContext &context_;
    std::vector<Directory> directories_;  // by segment
    uint32_t reading_ = 0;                // of which a page is wanted
    PageIdentity wanted_ = kNoPage;
};

}  // namespace pgslab
