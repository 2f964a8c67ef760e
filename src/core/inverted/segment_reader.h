// Reads a segment from front to back: its header, its documents, then term by term its postings.
// Sans-IO, as store/walker.h.
//
// What the pages say of one another is compared: of a term how many documents and blocks it has and
// where they are, the entries of its blocks, bounds, and all sums of the header. In memory it has
// of text 4 bytes a number, under cosine 8, two pages, and of the term in hand 32 bytes a block.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "inverted/dictionary.h"
#include "inverted/format.h"
#include "inverted/posting_block.h"
#include "inverted/segment_layout.h"
#include "pgslab/status.h"
#include "store/page.h"

namespace pgslab::inverted {

class SegmentReader {
  public:
    // May throw std::bad_alloc, as may the others.
    SegmentReader(const Segment &segment, const Inverted &index);

    // The page that has to be read before anything else is told; its block is PGS_NO_BLOCK if none.
    // Where what was read before turns out to be damage, its page is wanted once more, and page()
    // says what is wrong.
    PageIdentity wanted() const noexcept;
    PgsStatus page(const Page &page, PgsError *error);

    // First the header and the table of documents are read. Then all of this is there:
    bool has_documents() const noexcept { return stage_ > Stage::kDocuments; }
    const SegmentShape &shape() const noexcept { return shape_; }
    DocumentMeasure document(uint32_t number) const noexcept;  // zeros of a number that is nobody's

    // Begins with the first term, when documents were read. Then, whenever no page is wanted, there
    // is a term, until at_end(); of it there is a block of postings, until ends_term().
    void begin_terms();
    bool at_end() const noexcept { return stage_ == Stage::kEnd; }
    Bytes term() const noexcept { return dictionary_.term(next_entry_); }  // until next_term()
    const TermEntry &entry() const noexcept { return entry_; }
    bool ends_term() const noexcept { return stage_ == Stage::kTermEnd; }
    const Postings &block() const noexcept { return postings_; }
    void next_block();
    void next_term();  // when ends_term()

    // Of the page read last, for errors.
    uint32_t last_block() const noexcept { return last_block_; }

  private:
    enum class Stage {
        kHeader,
        kDocuments,
        kDocumentsEnd,
        kDictionary,  // its next page is wanted
        kBlock,       // of postings, which is not there yet
        kPostings,
        kEntries,
        kTermEnd,
        kEnd,
        kDamaged
    };
    struct ReadBlock {
        uint32_t last;
        uint32_t page;
        uint16_t offset;
        double least;  // f of its postings
        double most;
    };

    PgsStatus take_header(const Page &page, PgsError *error);
    PgsStatus take_documents(const Page &page, uint32_t block, PgsError *error);
    PgsStatus end_documents(uint32_t block, PgsError *error);
    PgsStatus take_dictionary(const Page &page, uint32_t block, PgsError *error);
    void take_stream(const Page &page) noexcept;
    void begin_entry();
    void take_block();
    bool add_block(uint32_t bytes);
    void take_entries();
    bool entry_is_right(const BlockEntry &entry) const noexcept;
    void end_terms() noexcept;
    bool at_page_end() noexcept;
    bool may_begin_page(uint32_t bytes) const noexcept;
    uint32_t stream_page() const noexcept;
    void damaged(uint32_t page, const char *what) noexcept;

    Segment segment_;
    Inverted index_;
    Stage stage_ = Stage::kHeader;
    uint32_t last_block_ = PGS_NO_BLOCK;
    const char *damage_ = nullptr;
    uint32_t damaged_page_ = 0;
    SegmentShape shape_ = {};
    std::vector<uint32_t> lengths_;  // by number, of text
    std::vector<double> squares_;    // by number, under cosine
    uint32_t next_page_ = 0;         // of documents

    std::unique_ptr<Page>
        dictionary_page_;  // which dictionary_ points into, wherever the reader is
    DictionaryPage dictionary_;
    uint32_t dictionary_pages_ = 0;   // that were read
    uint32_t next_entry_ = 0;         // of the dictionary's page: the term in hand
    std::vector<uint8_t> last_term_;  // of the page before

    std::unique_ptr<Page> stream_page_;
    uint32_t stream_pages_ = 0;  // that were read
    uint32_t used_ = 0;          // of the last of them,
    uint32_t used_before_ = 0;   // and of the one before
    uint32_t offset_ = 0;        // of the next item

    TermEntry entry_ = {};
    Postings postings_ = {};
    std::vector<ReadBlock> blocks_;  // of the term
    uint32_t term_documents_ = 0;
    uint32_t entries_ = 0;     // of its blocks, that were read
    SegmentHeader sums_ = {};  // of what was read
};

}  // namespace pgslab::inverted
