// Finds the best documents of one segment. Sans-IO, as store/walker.h.
//
// The query's terms are looked up, and terms of few postings read as a whole. Then windows of
// numbers are gone through, of all terms at a time. Entries of blocks bound what each term can add
// to a score in a window. Once as many documents are known as are wanted, the last of them is the
// bar:
//
//   - a window is passed over where all terms together cannot reach the bar;
//   - terms that cannot reach it together, those with the least bounds, are not essential: no
//     document is there for them alone. Postings of the others are added up (MaxScore), but for
//     blocks whose own bound is too low;
//   - who can still reach the bar is a candidate; of the other terms only blocks are read that may
//     have candidates, the term with the greatest bound first, and some candidates fall each time;
//   - those that are left are scored exactly, in the order of terms, from the postings in hand.
//
// Before that, and where every document counts that has any of the terms, all postings are added up
// exactly at once.
//
// A filter's numbers, and those of a term without which nothing matches, are known before anything
// else of a window is read: blocks without any of them are left out.
//
// Memory: of each list of more than kKeptBlocks blocks a page of entries and the blocks that reach
// into a window; of the other terms all postings; some 16 bytes for each number of a window.
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include "inverted/key_matches.h"
#include "inverted/posting_list.h"
#include "inverted/search_context.h"
#include "inverted/term_lookup.h"
#include "inverted/top_documents.h"
#include "pgslab/status.h"
#include "store/page.h"

namespace pgslab::inverted {

// What a pass is to find.
enum class Aim {
    kBest,      // documents of a similarity above 0
    kNegative,  // those below 0, and which have a similarity other than 0
};

class SegmentScan {
  public:
    // Both must outlive it.
    SegmentScan(SearchContext &context, TopDocuments &top) noexcept
        : context_(context), top_(top) {}

    // Begins with a segment, by its number in the manifest; others: gets the numbers whose
    // similarity is not 0, if that is the aim. May throw std::bad_alloc, as may page().
    void begin(uint32_t segment, Aim aim, DocumentBits *others);

    // The page to read next; its block is PGS_NO_BLOCK when the segment is done.
    const PageIdentity &wanted() const noexcept { return wanted_; }
    PgsStatus page(const Page &page, PgsError *error);

    const SegmentShape &shape() const noexcept { return shape_; }

  private:
    enum class Step {
        kHeader,
        kLookUp,
        kKeptEntries,  // of a list that is to be kept
        kKeptBlocks,
        kKeys,
        kEntries,    // of a list, for the window
        kDriver,     // blocks of the term that tells which documents may match
        kEssential,  // blocks that are added up
        kDocuments,  // lengths or norms
        kProbe,      // blocks for candidates
        kEnd
    };

    // A term of the query in this segment.
    struct Term {
        KeptPostings kept;
        uint32_t first_list = 0;  // of lists_
        uint32_t lists = 0;
        uint32_t documents = 0;                // as far as is known: up to all
        double scale = 0;                      // from f to scores
        double most = 0;                       // that it adds to any
        double bound = 0;                      // of the window
        bool any = false;                      // it may be in a document of the window
        std::vector<Run> runs;                 // in the window
        std::vector<uint32_t> merged_numbers;  // where there are several lists
        std::vector<float> merged_weights;
    };

    // A block that is to be read.
    struct Fetch {
        uint32_t list;
        uint32_t block;
        uint32_t page;  // counted over the segment
    };

    // ---- preparation
    void want(uint32_t page) noexcept;
    PgsStatus take(const Page &page, PgsError *error);
    PgsStatus take_header(const Page &page, PgsError *error);
    PgsStatus sort_terms(PgsError *error);
    void next_kept();
    PgsStatus take_kept_block(const Page &page, PgsError *error);
    void begin_keys();
    void begin_windows();
    void choose_window_size();

    // ---- a window
    void advance();
    void next_window();
    uint32_t next_number(const Term &term, uint32_t from) const noexcept;
    bool want_entries();
    void plan();
    double bound_of(double scale, double most, double least) const noexcept;
    void set_bounds();
    bool is_beyond_reach();
    bool set_mask();
    bool narrow_mask();
    void fetch(uint32_t term, bool are_bounded);
    void fetch_essential();
    void choose_probes();
    bool fetch_next() noexcept;
    PgsStatus take_blocks(const Page &page, PgsError *error);
    bool want_documents() noexcept;
    PgsStatus take_documents(const Page &page, PgsError *error);

    // ---- its documents
    void make_runs(Term &term);
    void add_up();
    void touch(const Term &term) noexcept;
    void add_exactly(uint32_t term);
    void add_roughly(uint32_t term);
    template <typename Length>
    void add_text(const Run &run, double scale) noexcept;
    void add_products(const Run &run, double weight) noexcept;
    void add_candidate(uint32_t n);
    void find_candidates();
    void scan_scores();
    template <bool is_cosine>
    void scan_scores(double least);
    bool reaches(uint32_t n, double rest) const noexcept {
        const Query &query = context_.query;
        return (query.is_cosine() ? scores_[n] / std::sqrt(query.square() * measures_[n]) + rest
                                  : scores_[n] + rest) >= bar_;
    }
    bool next_probe();
    void fetch_for_candidates(Term &term);
    void add_to_candidates(uint32_t term);
    void keep_matching();
    void score_candidates();
    void keep_best();
    void score_exactly();
    void offer(uint32_t n, double similarity);
    double exact(uint32_t n) const noexcept;
    DocumentMeasure measure(uint32_t n) const noexcept {
        const uint8_t *const at = items() + size_t{n} * shape_.header.document_bytes;
        switch (shape_.header.document_bytes) {
            case 1:
                return load_document(at, 1);
            case 2:
                return load_document(at, 2);
            case 4:
                return load_document(at, 4);
            case 8:
                return {0, measures_[n]};
            default:
                return {};
        }
    }
    void clear_scores() noexcept;

    bool is_wanted(uint32_t n) const noexcept {
        return !has_mask_ || (mask_[n / 64] >> n % 64 & 1) != 0;
    }
    bool any_wanted(const Window &window) const noexcept;
    bool is_scored(uint32_t term) const noexcept { return context_.query.term(term).weight != 0; }
    uint32_t width() const noexcept { return window_.end - window_.begin; }
    const uint8_t *items() const noexcept {
        return reinterpret_cast<const uint8_t *>(measures_.data());
    }

    SearchContext &context_;
    TopDocuments &top_;
    Segment segment_ = {};
    Aim aim_ = Aim::kBest;
    DocumentBits *others_ = nullptr;
    Step step_ = Step::kEnd;
    PageIdentity wanted_ = kNoPage;
    SegmentShape shape_ = {};
    TermLookup lookup_;
    KeyMatches keys_;
    std::vector<Term> terms_;
    std::vector<PostingList> lists_;
    std::vector<PostingList> to_keep_;  // lists of few blocks, the first of which is being read
    size_t kept_ = 0;                   // of these
    uint32_t kept_block_ = 0;
    uint32_t window_size_ = 0;
    uint32_t driver_ = PostingList::kNone;  // term without which nothing matches
    double growth_ = 1;                     // of f since bounds were written
    double margin_ = 0;                     // by which sums of scores may be wrong
    float saturation_base_ = 0;             // of text K is base + slope * length, at least
    float saturation_slope_ = 0;
    uint64_t decoded_ = 0;  // blocks

    // The window in hand.
    Window window_;
    size_t list_ = 0;               // whose entries are looked at
    double bar_ = 0;                // that scores have to reach
    bool all_exactly_ = false;      // every document counts that has a term
    double total_ = 0;              // what all terms can add
    double rest_ = 0;               // what terms can add that were not yet added up
    std::vector<uint32_t> order_;   // scored terms by bound, the least first
    size_t essential_ = 0;          // of these, the first
    std::vector<uint32_t> probes_;  // terms to look at for candidates, in that order
    size_t probe_ = 0;              // of these, the next
    std::vector<Fetch> fetches_;
    size_t fetch_ = 0;
    uint64_t added_ = 0;            // postings
    std::vector<double> measures_;  // items of the documents' table, as they are
    uint32_t measured_ = 0;         // number up to which they are there
    bool has_mask_ = false;
    DocumentBits mask_;
    std::vector<double> scores_;  // zeros between windows
    bool are_estimated_ = false;  // all_exactly_, but for what can be told from rough scores
    bool are_scattered_ = false;  // not only those of documents with an essential term are set
    DocumentBits touched_;        // the same
    std::vector<uint32_t> candidates_;  // counted from the window's first number, in order
    std::vector<uint8_t> may_have_;
};

}  // namespace pgslab::inverted
