// Writes a segment: first its documents, in the order of their numbers, then its terms, in
// ascending order, each with its postings.
//
// Written twice, the first time for its size alone (SegmentSize, store/output.h), it fits the run
// that was reserved for it. A merge knows no more than what it merges, and reserves most_blocks().
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "filter/key_postings.h"
#include "inverted/bound.h"
#include "inverted/dictionary.h"
#include "inverted/dictionary_writer.h"
#include "inverted/format.h"
#include "inverted/posting_block.h"
#include "inverted/segment_layout.h"
#include "store/page_stream.h"

namespace pgslab::inverted {

// Blocks that a merge of segments with these headers takes at most. dropped: some of their
// documents will not be in it. numbers: of documents in it at most.
uint64_t most_blocks(const std::vector<const SegmentHeader *> &merged, bool dropped,
                     uint64_t numbers, const PgsKeyColumns &keys) noexcept;

class SegmentWriter {
  public:
    // segment says where it is and what it is called. May throw std::bad_alloc, as may the others.
    SegmentWriter(const Segment &segment, const Inverted &index, std::deque<ReadyPage> &ready);

    // The next numbers are the slots from that address on: so many. There are at most kMostRanges,
    // where those that follow one another count as one.
    void add_range(uint64_t address, uint32_t count);

    // A document by its number, above the last one's; keys as they are stored (filter/keys.h).
    void add_document(uint32_t number, const DocumentMeasure &document, const uint8_t *keys);

    // All documents were added.
    void begin_terms();

    // The next term; then postings of its, in ascending order of numbers: as many calls as there is
    // need for. Postings that are given together become one block, unless it pays to put them to
    // those before; so of a term all are given 128 by 128 where they are at hand.
    // A term that has none is left out.
    void begin_term(Bytes term);
    void add(const Postings &postings);
    void end_term();

    uint64_t documents() const noexcept { return header_.documents; }
    uint64_t postings() const noexcept { return header_.postings; }

    // No more terms. Returns of how many blocks the segment is.
    uint32_t end();

  private:
    struct FactorRange {
        double least;
        double most;
    };
    struct Place {
        uint32_t page;  // counted over the segment
        uint16_t offset;
    };
    struct WrittenBlock {
        uint32_t last;
        Place place;
        FactorRange factors;
    };

    DocumentMeasure measure(uint32_t number) const noexcept;
    FactorRange factors_of(const Postings &postings) const noexcept;
    bool put_to_pending(const Postings &postings, const FactorRange &factors) noexcept;
    void write_pending();
    Place append(const void *item, uint32_t bytes);
    Place write_entries(const TermEntry &term);
    void end_stream();
    void write_dictionary();
    void write_documents();
    void write_groups();
    GroupColumn write_group_column(uint32_t group, uint32_t column, size_t first, size_t end);
    void write_header();

    Segment segment_;
    Inverted index_;
    PgsKeyColumns columns_;
    std::deque<ReadyPage> &ready_;
    SegmentHeader header_ = {};
    std::vector<Range> ranges_;
    uint32_t next_number_ = 0;       // of documents
    std::vector<uint32_t> lengths_;  // by number, of text
    std::vector<double> squares_;    // by number, under cosine
    std::vector<uint32_t> numbers_;  // of documents, if they have keys
    std::vector<uint8_t> keys_;
    KeyPostings key_postings_;
    PageStream stream_;
    uint32_t page_ = kHeaderPages;  // that is being filled, or would come next
    uint32_t used_ = 0;             // of it
    std::vector<uint8_t> term_;
    Postings pending_ = {};  // to be a block unless more are put to them
    FactorRange pending_factors_ = {};
    uint32_t pending_bytes_ = 0;
    uint32_t term_documents_ = 0;
    std::vector<WrittenBlock> blocks_;  // of the term
    DictionaryWriter dictionary_;
};

}  // namespace pgslab::inverted
