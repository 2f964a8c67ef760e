#include "inverted/segment_writer.h"

#include <algorithm>
#include <cstring>

#include "base/assert.h"
#include "store/layout.h"

namespace pgslab::inverted {

namespace {

constexpr uint32_t kGroupColumnsPerPage = kPayloadBytes / sizeof(GroupColumn);

// Pages of the filter columns' tables of so many numbers.
uint64_t most_key_pages(uint64_t numbers, const PgsKeyColumns &keys) noexcept {
    if (keys.count == 0) {
        return 0;
    }
    const uint64_t groups = divide_up(numbers, kGroupNumbers);
    uint64_t pages = divide_up(groups * keys.count, kGroupColumnsPerPage);
    for (uint64_t group = 0; group < groups; group++) {
        const uint64_t rows = std::min<uint64_t>(kGroupNumbers, numbers - group * kGroupNumbers);
        for (uint32_t c = 0; c < keys.count; c++) {
            const uint32_t postings = posting_pages(keys.column[c], rows);
            pages += fence_pages(keys.column[c], postings) + postings;
        }
    }
    return pages;
}

}  // namespace

// Numbers of a block that all change by the same are as many bytes as before, and blocks are put
// together only where that takes no more. A page of the stream ends where the next item does not
// fit, which is less than kMostBlockBytes before the page's end.
//
// Where documents are dropped the gap between two that stay is no more than the sum of the gaps
// less 1 between which the dropped ones lay, since these have no number any more. So of n postings
// whose gaps take b bits m are left whose gaps take bits_of((n - m + 1) * (2^b - 1)) at most. That
// is up to 5 times as much, and up to half a byte a posting more: see the test of it.
uint64_t most_blocks(const std::vector<const SegmentHeader *> &merged, bool dropped,
                     uint64_t numbers, const PgsKeyColumns &keys) noexcept {
    uint64_t stream = 0;
    uint64_t terms = 0;
    uint64_t term_bytes = 0;
    uint32_t document_bytes = 0;
    for (const SegmentHeader *header : merged) {
        stream += header->number_bytes + header->weight_bytes +
                  header->blocks * (sizeof(BlockHeader) + sizeof(BlockEntry));
        if (dropped) {
            stream += std::min(4 * header->number_bytes, header->postings / 2);
        }
        terms += header->terms;
        term_bytes += header->term_bytes;
        document_bytes = std::max(document_bytes, header->document_bytes);
    }
    return kHeaderPages + divide_up(stream, kPayloadBytes - kMostBlockBytes) +
           most_dictionary_pages(terms, term_bytes) +
           divide_up(numbers * document_bytes, kPayloadBytes) + most_key_pages(numbers, keys);
}

SegmentWriter::SegmentWriter(const Segment &segment, const Inverted &index,
                             std::deque<ReadyPage> &ready)
    : segment_(segment),
      index_(index),
      columns_(key_columns(index.keys)),
      ready_(ready),
      stream_(page_of_segment(segment, kHeaderPages), ready) {}

void SegmentWriter::add_range(uint64_t address, uint32_t count) {
    if (count == 0) {
        return;
    }
    header_.numbers += count;
    if (!ranges_.empty() && ranges_.back().address + ranges_.back().count == address) {
        ranges_.back().count += count;
    } else {
        PGSLAB_ASSERT(ranges_.size() < kMostRanges);
        ranges_.push_back({address, count, 0});
    }
}

void SegmentWriter::add_document(uint32_t number, const DocumentMeasure &document,
                                 const uint8_t *keys) {
    PGSLAB_ASSERT(number >= next_number_);
    next_number_ = number + 1;
    header_.documents++;
    if (index_.weights == Weights::kOccurrences) {
        lengths_.resize(number);
        lengths_.push_back(document.length);
        header_.length += document.length;
    } else if (index_.weights == Weights::kCosines) {
        squares_.resize(number);
        squares_.push_back(document.square);
    }
    if (columns_.count > 0) {
        numbers_.push_back(number);
        keys_.insert(keys_.end(), keys, keys + key_bytes(columns_));
    }
}

void SegmentWriter::begin_terms() {
    PGSLAB_ASSERT(next_number_ <= header_.numbers);
    if (index_.weights == Weights::kOccurrences) {
        lengths_.resize(header_.numbers);
    } else if (index_.weights == Weights::kCosines) {
        squares_.resize(header_.numbers);
    }
    if (header_.documents > 0) {
        header_.average = header_.length / static_cast<double>(header_.documents);
    }
}

void SegmentWriter::begin_term(Bytes term) {
    PGSLAB_ASSERT(compare_terms(term_, term) < 0);
    term_.assign(term.begin(), term.end());
    term_documents_ = 0;
    blocks_.clear();
}

DocumentMeasure SegmentWriter::measure(uint32_t number) const noexcept {
    switch (index_.weights) {
        case Weights::kOccurrences:
            return {lengths_[number], 0};
        case Weights::kProducts:
            return {};
        case Weights::kCosines:
            return {0, squares_[number]};
    }
    return {};
}

SegmentWriter::FactorRange SegmentWriter::factors_of(const Postings &postings) const noexcept {
    FactorRange factors = {0, 0};
    for (uint32_t i = 0; i < postings.count; i++) {
        const double f = posting_factor(index_, header_.average, postings.weight[i],
                                        measure(postings.number[i]));
        factors.least = std::min(factors.least, f);
        factors.most = std::max(factors.most, f);
    }
    return factors;
}

void SegmentWriter::add(const Postings &postings) {
    PGSLAB_ASSERT(
        postings.count > 0 && postings.number[postings.count - 1] < header_.numbers &&
        (term_documents_ == 0 || postings.number[0] > pending_.number[pending_.count - 1]));
    const FactorRange factors = factors_of(postings);
    term_documents_ += postings.count;
    if (put_to_pending(postings, factors)) {
        return;
    }
    write_pending();
    std::copy_n(postings.number, postings.count, pending_.number);
    std::copy_n(postings.weight, postings.count, pending_.weight);
    pending_.count = postings.count;
    pending_factors_ = factors;
    pending_bytes_ = block_bytes(block_header(index_.weights, pending_));
}

// False, and nothing has changed, where that does not pay.
bool SegmentWriter::put_to_pending(const Postings &postings, const FactorRange &factors) noexcept {
    const uint32_t before = pending_.count;
    if (before == 0 || before + postings.count > kBlockPostings) {
        return false;
    }
    std::copy_n(postings.number, postings.count, pending_.number + before);
    std::copy_n(postings.weight, postings.count, pending_.weight + before);
    pending_.count = before + postings.count;
    const uint32_t together = block_bytes(block_header(index_.weights, pending_));
    if (together > pending_bytes_ + block_bytes(block_header(index_.weights, postings))) {
        pending_.count = before;
        return false;
    }
    pending_bytes_ = together;
    pending_factors_ = {std::min(pending_factors_.least, factors.least),
                        std::max(pending_factors_.most, factors.most)};
    return true;
}

void SegmentWriter::write_pending() {
    if (pending_.count == 0) {
        return;
    }
    alignas(4) uint8_t block[kMostBlockBytes];
    const uint32_t bytes = encode_block(index_.weights, pending_, block);
    BlockHeader written;
    std::memcpy(&written, block, sizeof written);
    header_.number_bytes += number_bytes(written);
    header_.weight_bytes += weight_bytes(written);
    header_.postings += pending_.count;
    blocks_.push_back(
        {pending_.number[pending_.count - 1], append(block, bytes), pending_factors_});
    pending_.count = 0;
}

// An item of the stream, which crosses no page.
SegmentWriter::Place SegmentWriter::append(const void *item, uint32_t bytes) {
    if (used_ + bytes > kPayloadBytes) {
        page_++;
        used_ = 0;
    }
    const Place place = {page_, static_cast<uint16_t>(used_)};
    stream_.append_whole(item, bytes);
    used_ += bytes;
    return place;
}

void SegmentWriter::end_term() {
    write_pending();
    if (blocks_.empty()) {
        return;
    }
    FactorRange factors = {0, 0};
    for (const WrittenBlock &block : blocks_) {
        factors.least = std::min(factors.least, block.factors.least);
        factors.most = std::max(factors.most, block.factors.most);
    }
    TermEntry entry = {};
    entry.documents = term_documents_;
    entry.blocks = static_cast<uint32_t>(blocks_.size());
    entry.most = round_up(factors.most);
    entry.least = round_down(factors.least);
    Place place = blocks_[0].place;
    if (blocks_.size() > 1) {
        place = write_entries(entry);
    }
    entry.page = place.page;
    entry.offset = place.offset;
    entry.length = static_cast<uint16_t>(term_.size());
    dictionary_.add(entry, term_);
    header_.terms++;
    header_.blocks += blocks_.size();
    header_.term_bytes += entry_bytes(entry.length);
}

// Returns where the first is.
SegmentWriter::Place SegmentWriter::write_entries(const TermEntry &term) {
    Place first = {};
    for (const WrittenBlock &block : blocks_) {
        const BlockEntry entry = {block.last, block.place.page, block.place.offset,
                                  share_of(block.factors.most, term.most),
                                  share_of(block.factors.least, term.least)};
        const Place place = append(&entry, sizeof entry);
        if (&block == blocks_.data()) {
            first = place;
        }
    }
    header_.entries += blocks_.size();
    return first;
}

uint32_t SegmentWriter::end() {
    end_stream();
    write_dictionary();
    write_documents();
    write_groups();
    write_header();
    return page_;
}

void SegmentWriter::end_stream() {
    stream_.end();
    page_ += used_ > 0 ? 1 : 0;
    header_.stream = {kHeaderPages, page_ - kHeaderPages};
}

void SegmentWriter::write_dictionary() {
    header_.dictionary = {page_, dictionary_.write(page_of_segment(segment_, page_), ready_)};
    page_ += header_.dictionary.pages;
}

void SegmentWriter::write_documents() {
    PageStream pages(page_of_segment(segment_, page_), ready_);
    if (index_.weights == Weights::kOccurrences) {
        const uint32_t longest = lengths_.empty() ? 0 : *std::ranges::max_element(lengths_);
        header_.document_bytes = longest <= UINT8_MAX ? 1 : longest <= UINT16_MAX ? 2 : 4;
        for (const uint32_t length : lengths_) {
            pages.append(&length, header_.document_bytes);
        }
    } else if (index_.weights == Weights::kCosines) {
        header_.document_bytes = sizeof(double);
        pages.append(squares_.data(), squares_.size() * sizeof(double));
    }
    pages.end();
    const uint64_t bytes = uint64_t{header_.numbers} * header_.document_bytes;
    header_.documents_table = {page_, static_cast<uint32_t>(divide_up(bytes, kPayloadBytes))};
    page_ += header_.documents_table.pages;
}

// The postings of filter columns, group by group, and the directory of where they are.
void SegmentWriter::write_groups() {
    std::vector<GroupColumn> groups;
    const uint32_t count =
        columns_.count == 0 ? 0 : static_cast<uint32_t>(divide_up(header_.numbers, kGroupNumbers));
    auto first = numbers_.begin();
    for (uint32_t group = 0; group < count; group++) {
        const uint64_t next = uint64_t{group + 1} * kGroupNumbers;
        const auto end = std::lower_bound(first, numbers_.end(), next);
        for (uint32_t c = 0; c < columns_.count; c++) {
            groups.push_back(
                write_group_column(group, c, first - numbers_.begin(), end - numbers_.begin()));
        }
        first = end;
    }
    PageStream pages(page_of_segment(segment_, page_), ready_);
    pages.append(groups.data(), groups.size() * sizeof(GroupColumn));
    pages.end();
    header_.groups = {page_, static_cast<uint32_t>(divide_up(groups.size(), kGroupColumnsPerPage))};
    page_ += header_.groups.pages;
}

// Of the documents from the first to before the end, which are those of the group.
GroupColumn SegmentWriter::write_group_column(uint32_t group, uint32_t column, size_t first,
                                              size_t end) {
    const PgsKeyColumn &of = columns_.column[column];
    const uint8_t *keys = keys_.data() + key_bytes(columns_, column);
    key_postings_.begin(of);
    for (size_t i = first; i < end; i++) {
        key_postings_.add(numbers_[i] - group * kGroupNumbers, keys + i * key_bytes(columns_));
    }
    const uint32_t pages = posting_pages(of, end - first);
    GroupColumn written = {{page_, fence_pages(of, pages)}, 0, key_postings_.count()};
    written.first = page_ + written.fences.pages;
    key_postings_.write(page_of_segment(segment_, page_), page_of_segment(segment_, written.first),
                        ready_);
    page_ = written.first + pages;
    return written;
}

void SegmentWriter::write_header() {
    header_.ranges = static_cast<uint32_t>(ranges_.size());
    PageStream pages(page_of_segment(segment_, 0), ready_);
    pages.append(&header_, sizeof header_);
    pages.append(ranges_.data(), ranges_.size() * sizeof(Range));
    pages.end();
}

}  // namespace pgslab::inverted
