// Reads a whole segment and adds up what it says of each of its documents.
//
// Sans-IO, as store/walker.h. In memory it has 12 bytes for each number, under cosine 20, besides
// what SegmentReader has; of what it tells 8 bytes are to be kept.
#pragma once

#include <cstdint>
#include <vector>

#include "filter/keys.h"
#include "inverted/format.h"
#include "inverted/segment_reader.h"
#include "pgslab/status.h"
#include "store/page.h"

namespace pgslab::inverted {

// What a segment says of a document.
struct ToldDocument {
    uint32_t content = 0;  // of its postings' terms
    uint32_t rest = 0;     // of its measure and keys: see content_of_rest()
};

class SegmentCheck {
  public:
    // May throw std::bad_alloc, as may page().
    SegmentCheck(const Segment &segment, const Inverted &index);

    // The page to read next, its block PGS_NO_BLOCK when all was read.
    const PageIdentity &wanted() const noexcept { return wanted_; }
    PgsStatus page(const Page &page, PgsError *error);

    // Then, of each number: what was told of it.
    const SegmentShape &shape() const noexcept { return reader_.shape(); }
    ToldDocument told(uint32_t number) const noexcept;

  private:
    enum class Phase { kDocuments, kTerms, kDirectory, kFences, kPostings, kEnd };

    PgsStatus advance(PgsError *error);
    void begin_keys();
    bool add_terms();
    PgsStatus check_documents(PgsError *error) const;
    void want(uint32_t page) noexcept;
    PgsStatus take_directory(const Page &page, PgsError *error);
    PgsStatus take_fences(const Page &page, PgsError *error);
    PgsStatus take_postings(const Page &page, PgsError *error);
    PgsStatus next_group_column(PgsError *error);
    const PgsKeyColumn &column() const noexcept { return columns_.column[at_ % columns_.count]; }
    PgsStatus contradiction(const char *what, PgsError *error) const noexcept;

    Segment segment_;
    Inverted index_;
    PgsKeyColumns columns_;
    SegmentReader reader_;
    Phase phase_ = Phase::kDocuments;
    PageIdentity wanted_ = kNoPage;
    std::vector<uint32_t> contents_;  // by number, as the next
    std::vector<uint32_t> lengths_;
    std::vector<uint32_t> keys_;
    std::vector<double> squares_;

    std::vector<GroupColumn> directory_;
    uint32_t end_page_ = 0;  // of the tables that were read, counted over the segment
    size_t at_ = 0;          // of the directory
    uint32_t page_ = 0;      // of fences, or of postings
    uint32_t postings_ = 0;  // read of the group's column
    std::vector<uint64_t> fences_;
    uint64_t last_key_ = 0;
    uint32_t last_row_ = 0;
};

}  // namespace pgslab::inverted
