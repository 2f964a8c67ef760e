// Finds terms in a segment's dictionary. Sans-IO, as store/walker.h.
//
// A page is found by its first term, by bisection; first terms that were seen are kept, so that
// terms share the way there.
#pragma once

#include <cstdint>
#include <vector>

#include "inverted/dictionary.h"
#include "inverted/format.h"
#include "pgslab/status.h"
#include "store/page.h"

namespace pgslab::inverted {

struct LookedUp {
    Bytes bytes;
    bool is_prefix;
};

struct FoundTerm {
    uint32_t term;  // of those that were looked up
    TermEntry entry;
};

class TermLookup {
  public:
    // Begins in a segment with that header; what is looked up comes in order and must outlive the
    // lookup. May throw std::bad_alloc, as may page().
    void begin(const Segment &segment, const SegmentHeader &header,
               const std::vector<LookedUp> &terms);

    // The page to read next; its block is PGS_NO_BLOCK when all were looked up.
    const PageIdentity &wanted() const noexcept { return wanted_; }
    PgsStatus page(const Page &page, PgsError *error);

    // Entries in the order of what was looked up; of a prefix any number.
    const std::vector<FoundTerm> &found() const noexcept { return found_; }

  private:
    // A page of the dictionary whose first term is known.
    struct Known {
        uint32_t page;
        std::vector<uint8_t> first;
    };

    void next_term();
    void narrow();
    void want(uint32_t page) noexcept;
    PgsStatus learn(const Page &page, PgsError *error);
    PgsStatus search(const Page &page, PgsError *error);

    Segment segment_ = {};
    TablePages pages_ = {};
    const std::vector<LookedUp> *terms_ = nullptr;
    size_t term_ = 0;
    std::vector<Known> known_;  // in order
    std::vector<FoundTerm> found_;

    // The term's page is this one or a later one, but before `end_`.
    uint32_t first_ = 0;
    uint32_t end_ = 0;
    uint32_t in_hand_ = 0;       // page that is wanted
    bool is_following_ = false;  // a prefix's entries may go on there
    PageIdentity wanted_ = kNoPage;
};

}  // namespace pgslab::inverted
