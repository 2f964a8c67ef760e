#include "inverted/segment_reader.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/assert.h"
#include "base/error.h"
#include "inverted/dictionary_writer.h"

namespace pgslab::inverted {

namespace {

// Whether bounds of f are some. Another machine may round f in another way.
bool bound_factors(double least, double most, double least_bound, double most_bound) noexcept {
    constexpr double kRounding = 1 - 1e-12;
    return least_bound <= least * kRounding && most_bound >= most * kRounding;
}

bool is_possible(const TermEntry &entry) noexcept {
    return entry.blocks > 0 && entry.documents >= entry.blocks &&
           entry.documents <= uint64_t{entry.blocks} * kBlockPostings && entry.most >= 0 &&
           std::isfinite(entry.most) && entry.least <= 0 && std::isfinite(entry.least);
}

}  // namespace

SegmentReader::SegmentReader(const Segment &segment, const Inverted &index)
    : segment_(segment),
      index_(index),
      dictionary_page_(std::make_unique<Page>()),
      stream_page_(std::make_unique<Page>()) {}

PageIdentity SegmentReader::wanted() const noexcept {
    switch (stage_) {
        case Stage::kHeader:
            return page_of_segment(segment_, 0);
        case Stage::kDocuments:
            return page_of_segment(segment_, shape_.header.documents_table.first + next_page_);
        case Stage::kDictionary:
            return page_of_segment(segment_, shape_.header.dictionary.first + dictionary_pages_);
        case Stage::kBlock:
        case Stage::kEntries:
            return page_of_segment(segment_, shape_.header.stream.first + stream_pages_);
        case Stage::kDamaged:
            return page_of_segment(segment_, damaged_page_);
        case Stage::kDocumentsEnd:
        case Stage::kPostings:
        case Stage::kTermEnd:
        case Stage::kEnd:
            break;
    }
    return kNoPage;
}

PgsStatus SegmentReader::page(const Page &page, PgsError *error) {
    const PageIdentity identity = wanted();
    last_block_ = identity.block;
    if (PgsStatus status = check_page(page, identity, error)) {
        return status;
    }
    switch (stage_) {
        case Stage::kHeader:
            return take_header(page, error);
        case Stage::kDocuments:
            return take_documents(page, identity.block, error);
        case Stage::kDictionary:
            return take_dictionary(page, identity.block, error);
        case Stage::kBlock:
            take_stream(page);
            take_block();
            return PGS_OK;
        case Stage::kEntries:
            take_stream(page);
            take_entries();
            return PGS_OK;
        case Stage::kDamaged:
            return fail(error, PGS_CORRUPT, identity.block, "%s", damage_);
        case Stage::kDocumentsEnd:
        case Stage::kPostings:
        case Stage::kTermEnd:
        case Stage::kEnd:
            break;  // no page is wanted
    }
    return PGS_OK;
}

void SegmentReader::damaged(uint32_t page, const char *what) noexcept {
    stage_ = Stage::kDamaged;
    damaged_page_ = page;
    damage_ = what;
}

// ---- documents

PgsStatus SegmentReader::take_header(const Page &page, PgsError *error) {
    if (PgsStatus status = read_header(page, segment_, index_, shape_, error)) {
        return status;
    }
    if (shape_.header.documents_table.pages > 0) {
        stage_ = Stage::kDocuments;
        return PGS_OK;
    }
    return end_documents(last_block_, error);
}

PgsStatus SegmentReader::take_documents(const Page &page, uint32_t block, PgsError *error) {
    const SegmentHeader &header = shape_.header;
    const uint32_t item = header.document_bytes;
    const uint64_t left = uint64_t{header.numbers} * item - uint64_t{next_page_} * kPayloadBytes;
    if (used_bytes(page) != std::min<uint64_t>(left, kPayloadBytes)) {
        return fail(error, PGS_CORRUPT, block, "the page of documents uses %u bytes",
                    used_bytes(page));
    }
    for (uint32_t at = 0; at < used_bytes(page); at += item) {
        const DocumentMeasure measure = load_document(page.payload + at, item);
        if (index_.weights == Weights::kOccurrences) {
            lengths_.push_back(measure.length);
        } else {
            squares_.push_back(measure.square);
        }
    }
    next_page_++;
    return next_page_ < header.documents_table.pages ? PGS_OK : end_documents(block, error);
}

// They are as many as the header says, and as long.
PgsStatus SegmentReader::end_documents(uint32_t block, PgsError *error) {
    uint64_t documents = 0;
    double length = 0;
    bool right = true;
    for (const uint32_t n : lengths_) {
        documents += n > 0 ? 1 : 0;
        length += n;
    }
    for (const double square : squares_) {
        documents += square > 0 ? 1 : 0;
        right = right && square >= 0 && std::isfinite(square);
    }
    const SegmentHeader &header = shape_.header;
    if (index_.weights == Weights::kOccurrences) {
        right = documents <= header.documents && length == header.length;
    } else if (index_.weights == Weights::kCosines) {
        right = right && documents == header.documents;
    }
    if (!right || header.documents > header.numbers) {
        return fail(error, PGS_CORRUPT, block,
                    "the segment's header and its table of documents do not agree");
    }
    stage_ = Stage::kDocumentsEnd;
    return PGS_OK;
}

DocumentMeasure SegmentReader::document(uint32_t number) const noexcept {
    return {lengths_.empty() ? 0 : lengths_[number], squares_.empty() ? 0 : squares_[number]};
}

// ---- terms

void SegmentReader::begin_terms() {
    PGSLAB_ASSERT(has_documents());
    dictionary_pages_ = 0;
    stream_pages_ = 0;
    used_ = 0;
    offset_ = 0;
    last_term_.clear();
    sums_ = {};
    stage_ = Stage::kDictionary;
    if (shape_.header.dictionary.pages == 0) {
        end_terms();
    }
}

PgsStatus SegmentReader::take_dictionary(const Page &page, uint32_t block, PgsError *error) {
    *dictionary_page_ = page;
    if (PgsStatus status = dictionary_.open(*dictionary_page_, block, error)) {
        return status;
    }
    if (dictionary_.entries() == 0 || compare_terms(last_term_, dictionary_.term(0)) >= 0) {
        return fail(error, PGS_CORRUPT, block, "the dictionary's page does not follow the last");
    }
    dictionary_pages_++;
    next_entry_ = 0;
    begin_entry();
    return PGS_OK;
}

void SegmentReader::begin_entry() {
    entry_ = dictionary_.entry(next_entry_);
    blocks_.clear();
    term_documents_ = 0;
    entries_ = 0;
    sums_.terms++;
    sums_.term_bytes += entry_bytes(entry_.length);
    sums_.blocks += entry_.blocks;
    sums_.entries += entry_.blocks > 1 ? entry_.blocks : 0;
    if (!is_possible(entry_)) {
        damaged(shape_.header.dictionary.first + dictionary_pages_ - 1,
                "an entry of the dictionary is impossible");
        return;
    }
    stage_ = Stage::kBlock;
    take_block();
}

void SegmentReader::next_term() {
    PGSLAB_ASSERT(ends_term());
    if (next_entry_ + 1 < dictionary_.entries()) {
        next_entry_++;
        begin_entry();
    } else if (dictionary_pages_ < shape_.header.dictionary.pages) {
        const Bytes last = dictionary_.term(next_entry_);
        last_term_.assign(last.begin(), last.end());
        stage_ = Stage::kDictionary;
    } else {
        end_terms();
    }
}

void SegmentReader::end_terms() noexcept {
    const SegmentHeader &header = shape_.header;
    stage_ = Stage::kEnd;
    if (stream_pages_ != header.stream.pages || offset_ != used_ ||
        sums_.postings != header.postings || sums_.number_bytes != header.number_bytes ||
        sums_.weight_bytes != header.weight_bytes || sums_.blocks != header.blocks ||
        sums_.entries != header.entries || sums_.term_bytes != header.term_bytes ||
        sums_.terms != header.terms) {
        damaged(0, "the segment's header does not say what is in its tables");
    }
}

// ---- the stream

uint32_t SegmentReader::stream_page() const noexcept {
    return shape_.header.stream.first + stream_pages_ - 1;
}

void SegmentReader::take_stream(const Page &page) noexcept {
    *stream_page_ = page;
    stream_pages_++;
    used_before_ = used_;
    used_ = used_bytes(page);
    offset_ = 0;
}

// Whether the next item is on a page that has yet to be read. That there is none is damage.
bool SegmentReader::at_page_end() noexcept {
    if (offset_ < used_) {
        return false;
    }
    if (stream_pages_ == shape_.header.stream.pages) {
        damaged(0, "the segment has fewer pages of postings than its dictionary says");
    } else if (stream_pages_ > 0 && used_ == 0) {
        damaged(stream_page(), "a page of postings is empty");
    }
    return true;
}

// Whether an item is where it has to be: it begins a page only where that before had no room.
bool SegmentReader::may_begin_page(uint32_t bytes) const noexcept {
    return offset_ > 0 || stream_pages_ == 1 || used_before_ + bytes > kPayloadBytes;
}

void SegmentReader::take_block() {
    if (at_page_end()) {
        return;
    }
    const uint8_t *block = stream_page_->payload + offset_;
    if (!decode_block(index_.weights, block, used_ - offset_, postings_)) {
        damaged(stream_page(), "a block of postings is none");
        return;
    }
    BlockHeader header;
    std::memcpy(&header, block, sizeof header);
    const uint32_t bytes = block_bytes(header);
    if (!add_block(bytes)) {
        damaged(stream_page(), "a block of postings does not fit its term or documents");
        return;
    }
    sums_.number_bytes += number_bytes(header);
    sums_.weight_bytes += weight_bytes(header);
    sums_.postings += postings_.count;
    offset_ += bytes;
    stage_ = Stage::kPostings;
}

// To those of the term: whether it can be one.
bool SegmentReader::add_block(uint32_t bytes) {
    ReadBlock block = {postings_.number[postings_.count - 1], stream_page(),
                       static_cast<uint16_t>(offset_), 0, 0};
    if (!may_begin_page(bytes) || block.last >= shape_.header.numbers ||
        (!blocks_.empty() && postings_.number[0] <= blocks_.back().last) ||
        (entry_.blocks == 1 && (block.page != entry_.page || block.offset != entry_.offset))) {
        return false;
    }
    for (uint32_t i = 0; i < postings_.count; i++) {
        const DocumentMeasure measure = document(postings_.number[i]);
        const float weight = postings_.weight[i];
        if ((index_.weights == Weights::kOccurrences && !(weight <= measure.length)) ||
            (index_.weights == Weights::kCosines && !(measure.square > 0))) {
            return false;
        }
        const double f = posting_factor(index_, shape_.header.average, weight, measure);
        block.least = std::min(block.least, f);
        block.most = std::max(block.most, f);
    }
    blocks_.push_back(block);
    term_documents_ += postings_.count;
    return bound_factors(block.least, block.most, entry_.least, entry_.most);
}

void SegmentReader::next_block() {
    PGSLAB_ASSERT(stage_ == Stage::kPostings);
    if (blocks_.size() < entry_.blocks) {
        stage_ = Stage::kBlock;
        take_block();
    } else if (term_documents_ != entry_.documents) {
        damaged(shape_.header.dictionary.first + dictionary_pages_ - 1,
                "an entry of the dictionary does not say how many documents have the term");
    } else if (entry_.blocks == 1) {
        stage_ = Stage::kTermEnd;
    } else {
        stage_ = Stage::kEntries;
        take_entries();
    }
}

void SegmentReader::take_entries() {
    while (entries_ < entry_.blocks) {
        if (at_page_end()) {
            return;
        }
        BlockEntry entry;
        if (used_ - offset_ < sizeof entry) {
            damaged(stream_page(), "an entry of a block is cut off");
            return;
        }
        std::memcpy(&entry, stream_page_->payload + offset_, sizeof entry);
        if (!entry_is_right(entry)) {
            damaged(stream_page(), "an entry of a block does not say where it is and what it has");
            return;
        }
        offset_ += sizeof entry;
        entries_++;
    }
    stage_ = Stage::kTermEnd;
}

// That of the next block, and the first is where the term's entry says.
bool SegmentReader::entry_is_right(const BlockEntry &entry) const noexcept {
    const ReadBlock &block = blocks_[entries_];
    return may_begin_page(sizeof entry) &&
           (entries_ > 0 || (entry_.page == stream_page() && entry_.offset == offset_)) &&
           entry.last == block.last && entry.page == block.page && entry.offset == block.offset &&
           bound_factors(block.least, block.most, of_share(entry.least, entry_.least),
                         of_share(entry.most, entry_.most));
}

}  // namespace pgslab::inverted
