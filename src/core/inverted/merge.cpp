#include "inverted/merge.h"

#include <algorithm>
#include <cstring>

#include "base/error.h"

namespace pgslab::inverted {

Merge::Merge(const Page &meta, PgsSegments segments, PgsParts parts)
    : meta_(meta),
      segments_(segments),
      parts_(parts),
      slots_(meta_of(meta_)),
      copied_(meta_of(meta_).parts) {
    const Meta &m = meta_of(meta_);
    walker_.open(m, {.parts = parts});
    for (uint32_t i = 0; i < m.segments; i++) {
        if (has(segments, i)) {
            readers_.emplace_back(m.segment[i], inverted_of(m));
        }
    }
    for (uint32_t p = 0; p < m.parts; p++) {
        if (has(parts, p)) {
            copied_[p].resize(m.part[p].slots);
        }
    }
}

// Of parts that are written anew it has to be known how many documents live before there is room
// for them.
void Merge::row(const Row &row) {
    live_ += (document_record(row.record).piece & kLastPiece) != 0 ? 1 : 0;
}

bool Merge::want(const PageIdentity &page) noexcept {
    wanted_ = page;
    return page.block != PGS_NO_BLOCK;
}

bool Merge::want_headers() noexcept {
    for (reader_ = 0; reader_ < readers_.size(); reader_++) {
        if (want(readers_[reader_].wanted())) {
            return true;
        }
    }
    return false;
}

// Goes on until a page is wanted, or a run, or all is done.
PgsStatus Merge::advance(PgsError *error) {
    wanted_ = kNoPage;
    if (phase_ == Phase::kCount) {
        if (want(walker_.wanted())) {
            return PGS_OK;
        }
        phase_ = Phase::kHeaders;
    }
    if (phase_ == Phase::kHeaders) {
        if (want_headers()) {
            return PGS_OK;
        }
        plan();
        if (PgsStatus status = output_->check(error)) {
            return status;
        }
        phase_ = Phase::kReserve;
    }
    if (phase_ == Phase::kReserve) {
        if (output_->wanted() > 0) {
            return PGS_OK;
        }
        begin_documents();
        phase_ = Phase::kDocuments;
    }
    if (phase_ == Phase::kDocuments) {
        if (PgsStatus status = next_document(error)) {
            return status;
        }
        if (wanted_.block != PGS_NO_BLOCK) {
            return PGS_OK;
        }
        if (PgsStatus status = end_documents(error)) {
            return status;
        }
        phase_ = Phase::kTerms;
    }
    if (phase_ == Phase::kTerms && !advance_terms()) {
        end_terms();
        phase_ = Phase::kEnd;
    }
    return PGS_OK;
}

PgsStatus Merge::next(PgsRequest &request, PgsError *error) {
    if (output_) {
        request.page = output_->next_page(&request.block);
        if (request.page != nullptr) {
            request.kind = PGS_REQUEST_WRITE;
            return PGS_OK;
        }
    }
    if (wanted_.block == PGS_NO_BLOCK && phase_ != Phase::kEnd) {
        if (PgsStatus status = advance(error)) {
            return status;
        }
        if (phase_ == Phase::kReserve) {
            output_->ask(request);
            return PGS_OK;
        }
        if (output_ && output_->has_pages()) {
            return next(request, error);
        }
    }
    ask_for_page(request, wanted_.block);
    return PGS_OK;
}

PgsStatus Merge::page(const Page &page, PgsError *error) {
    const PageIdentity wanted = wanted_;
    wanted_ = kNoPage;
    switch (phase_) {
        case Phase::kCount:
            return walker_.page(page, *this, error);
        case Phase::kHeaders:
        case Phase::kTerms:
            return readers_[reader_].page(page, error);
        case Phase::kDocuments:
            wanted_ = wanted;
            return take_records(page, error);
        default:
            return fail(error, PGS_INTERNAL, PGS_NO_BLOCK, "the task has asked for no page");
    }
}

void Merge::reserved(const Reservation &reserved) {
    output_->take(reserved);
}

// ---- documents

// Where one names the slots behind those of another it comes next, so that their ranges become one.
void Merge::order_readers() {
    for (size_t i = 1; i < readers_.size(); i++) {
        const std::vector<Range> &before = readers_[i - 1].shape().ranges;
        const auto next = std::find_if(readers_.begin() + static_cast<ptrdiff_t>(i), readers_.end(),
                                       [&](const SegmentReader &reader) {
                                           const std::vector<Range> &ranges = reader.shape().ranges;
                                           return !before.empty() && !ranges.empty() &&
                                                  before.back().address + before.back().count ==
                                                      ranges[0].address;
                                       });
        if (next != readers_.end()) {
            std::rotate(readers_.begin() + static_cast<ptrdiff_t>(i), next, next + 1);
        }
    }
}

void Merge::plan() {
    order_readers();
    const Meta &meta = meta_of(meta_);
    std::vector<const SegmentHeader *> headers;
    uint64_t numbers = 0;
    for (const SegmentReader &reader : readers_) {
        headers.push_back(&reader.shape().header);
        numbers += headers.back()->numbers;
        new_number_.emplace_back(headers.back()->numbers, kNoNumber);
    }
    const uint64_t most = numbers > UINT32_MAX ? UINT64_MAX
                                               : most_blocks(headers, has_any(parts_), numbers,
                                                             key_columns(inverted_of(meta).keys));
    output_.emplace(meta, std::nullopt, parts_, live_,
                    readers_.empty() ? kNoSegment : SegmentSize{kHeaderPages, most});
}

void Merge::begin_documents() {
    if (!readers_.empty()) {
        writer_.emplace(output_->segment(), inverted_of(meta_of(meta_)), output_->ready());
    }
    reader_ = 0;
    range_ = 0;
    within_ = 0;
}

void Merge::next_range() noexcept {
    within_ = 0;
    range_++;
}

// Slots whose numbers come next. A header has room for so many ranges; parts that are written anew
// leave few.
PgsStatus Merge::add_range(uint64_t address, uint32_t count, PgsError *error) {
    if (address != end_address_ && ++ranges_ > kMostRanges) {
        return fail(error, PGS_TOO_LARGE, PGS_NO_BLOCK,
                    "documents of the segments lie in more than %u places", kMostRanges);
    }
    end_address_ = address + count;
    writer_->add_range(address, count);
    return PGS_OK;
}

// The page with the record of the document in hand.
PgsStatus Merge::next_document(PgsError *error) {
    for (; reader_ < readers_.size(); reader_++, range_ = 0) {
        const SegmentShape &shape = readers_[reader_].shape();
        if (range_ == shape.ranges.size()) {
            continue;
        }
        const uint64_t address = shape.ranges[range_].address + within_;
        const Slot slot = slots_.find(address);
        if (!slot.exists()) {
            return fail(error, PGS_CORRUPT, readers_[reader_].last_block(),
                        "a segment names slot %llu of part %u, which there is not",
                        static_cast<unsigned long long>(slot_of(address)), handle_of(address));
        }
        if (within_ == 0 && !is_rewritten(slot)) {
            if (PgsStatus status = add_range(address, shape.ranges[range_].count, error)) {
                return status;
            }
        }
        wanted_ = slots_.item(slot, kRecordColumn).page;
        break;
    }
    return PGS_OK;
}

// All documents from the one in hand on whose records are on the page.
PgsStatus Merge::take_records(const Page &page, PgsError *error) {
    const PageIdentity wanted = wanted_;
    wanted_ = kNoPage;
    if (PgsStatus status = check_page(page, wanted, error)) {
        return status;
    }
    const Range &range = readers_[reader_].shape().ranges[range_];
    while (within_ < range.count) {
        const Slot slot = slots_.find(range.address + within_);
        if (!slot.exists()) {
            break;
        }
        const SlotBytes at = slots_.item(slot, kRecordColumn);
        if (at.page.block != wanted.block) {
            break;
        }
        const uint8_t *bytes = nullptr;
        if (PgsStatus status = bytes_on(page, at, &bytes, error)) {
            return status;
        }
        if (PgsStatus status = take_record(bytes, slot, error)) {
            return status;
        }
        within_++;
    }
    if (within_ == range.count) {
        next_range();
    }
    return PGS_OK;
}

PgsStatus Merge::take_record(const uint8_t *bytes, const Slot &slot, PgsError *error) {
    const SegmentReader &reader = readers_[reader_];
    const uint32_t number = reader.shape().first_number[range_] + within_;
    const bool is_kept = !is_rewritten(slot);
    Record record;
    std::memcpy(&record, bytes, sizeof record);
    const DocumentRecord document = document_record(record);
    const bool is_dead = !is_kept && (document.flags & kTombstone) != 0;
    if ((document.piece & kLastPiece) == 0 || is_dead) {
        numbers_ += is_kept ? 1 : 0;
        return PGS_OK;
    }
    const DocumentMeasure measure = {document.length, document.square};
    const DocumentMeasure told = reader.document(number);
    if ((document.flags & kTombstone) != 0 && told.length == 0 && told.square == 0 &&
        inverted_of(meta_of(meta_)).weights != Weights::kProducts) {
        numbers_++;  // it was dead when the segment was written, and has no postings
        return PGS_OK;
    }
    if (told.length != measure.length || told.square != measure.square) {
        return fail(error, PGS_CORRUPT, reader.last_block(),
                    "a segment says of slot %llu of part %u other things than its record",
                    static_cast<unsigned long long>(slot_of(reader.shape().address_of(number))),
                    handle_of(reader.shape().address_of(number)));
    }
    if (!is_kept) {
        std::vector<bool> &copied = copied_[slot.extent->part_number];
        const auto at = static_cast<size_t>(slot.part_slot());
        if (copied[at]) {
            return fail(error, PGS_CORRUPT, reader.last_block(),
                        "a document is named by two segments, or twice by one");
        }
        if (documents_ == live_) {
            return fail(error, PGS_CORRUPT, reader.last_block(),
                        "more documents live than were counted");
        }
        copied[at] = true;
        documents_++;
        alignas(8) uint8_t row[kMostRecordBytes];
        const uint32_t item = meta_of(meta_).columns.column[kRecordColumn].item;
        std::memcpy(row, bytes, item);
        reinterpret_cast<DocumentRecord *>(row)->piece = kLastPiece;
        if (PgsStatus status = add_range(output_->add_slot(row), 1, error)) {
            return status;
        }
    }
    new_number_[reader_][number] = numbers_;
    writer_->add_document(numbers_++, measure, bytes + sizeof record);
    return PGS_OK;
}

PgsStatus Merge::end_documents(PgsError *error) {
    if (documents_ != live_) {
        return fail(error, PGS_CORRUPT, PGS_NO_BLOCK,
                    "%llu documents of parts that are written anew live, segments name %llu",
                    static_cast<unsigned long long>(live_),
                    static_cast<unsigned long long>(documents_));
    }
    if (writer_) {
        writer_->begin_terms();
    }
    for (SegmentReader &reader : readers_) {
        reader.begin_terms();
    }
    has_term_.resize(readers_.size());
    return PGS_OK;
}

// ---- terms

// The least term that any segment has next; false when there is none. All readers have one, or are
// at their end.
bool Merge::choose_term() {
    const SegmentReader *least = nullptr;
    for (const SegmentReader &reader : readers_) {
        if (!reader.at_end() &&
            (least == nullptr || compare_terms(reader.term(), least->term()) < 0)) {
            least = &reader;
        }
    }
    if (least == nullptr) {
        return false;
    }
    for (size_t i = 0; i < readers_.size(); i++) {
        has_term_[i] =
            !readers_[i].at_end() && compare_terms(readers_[i].term(), least->term()) == 0;
    }
    writer_->begin_term(least->term());
    return true;
}

// False when there are no more terms; else a page is wanted.
bool Merge::advance_terms() {
    for (;;) {
        if (want_headers()) {
            return true;
        }
        if (!in_term_ && !(in_term_ = choose_term())) {
            return false;
        }
        for (reader_ = 0; reader_ < readers_.size(); reader_++) {
            SegmentReader &reader = readers_[reader_];
            while (has_term_[reader_] && !reader.ends_term()) {
                add_block(reader.block(), new_number_[reader_]);
                reader.next_block();
                if (want(reader.wanted())) {
                    return true;
                }
            }
            if (has_term_[reader_]) {
                has_term_[reader_] = false;
                reader.next_term();
            }
        }
        writer_->end_term();
        in_term_ = false;
    }
}

void Merge::add_block(const Postings &block, const std::vector<uint32_t> &numbers) {
    kept_.count = 0;
    for (uint32_t i = 0; i < block.count; i++) {
        const uint32_t number = numbers[block.number[i]];
        if (number != kNoNumber) {
            kept_.number[kept_.count] = number;
            kept_.weight[kept_.count++] = block.weight[i];
        }
    }
    if (kept_.count > 0) {
        writer_->add(kept_);
    }
}

void Merge::end_terms() {
    const uint64_t documents = writer_ ? writer_->documents() : 0;
    const uint32_t blocks = writer_ ? writer_->end() : 0;
    output_->end(documents, documents > 0 ? blocks : 0);
    made_ = output_->made();
    name_replaced(meta_of(meta_), parts_, segments_, made_);
}

PgsTaskWork Merge::work() const noexcept {
    PgsTaskWork work = {};
    work.rows = numbers_;
    for (const SegmentReader &reader : readers_) {
        work.total += reader.shape().header.numbers;
    }
    return work;
}

}  // namespace pgslab::inverted
