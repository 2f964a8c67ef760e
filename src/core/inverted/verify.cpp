#include "inverted/verify.h"

#include <cmath>
#include <cstring>

#include "base/error.h"
#include "filter/keys.h"
#include "inverted/content.h"
#include "store/meta.h"
#include "store/sets.h"

namespace pgslab::inverted {

namespace {

constexpr WalkTable kPieces = {kPieceColumn, kPieceBytes};

uint32_t content_of_keys(const PgsKeyColumns &columns, const uint8_t *keys) noexcept {
    uint32_t content = 0;
    for (uint32_t c = 0; c < columns.count; c++) {
        for (uint32_t k = 0; k < columns.column[c].keys; k++) {
            content += content_of_key(c, load_key(keys, columns.column[c].key_bytes));
            keys += columns.column[c].key_bytes;
        }
    }
    return content;
}

}  // namespace

Verify::Verify(const Page &meta)
    : meta_(meta),
      index_(inverted_of(meta_of(meta))),
      columns_(key_columns(index_.keys)),
      pages_(meta_of(meta_)),
      told_(meta_of(meta).parts),
      pieces_(index_.weights),
      tombstones_(meta_of(meta).parts) {
    walker_.open(meta_of(meta_), {.skip = 0, .table = kPieces});
}

// The next page of the phase, or false at its end.
bool Verify::want_page() noexcept {
    wanted_ = kNoPage;
    switch (phase_) {
        case Phase::kManifest:
            break;
        case Phase::kSegments:
            wanted_ = check_ ? check_->wanted() : kNoPage;
            break;
        case Phase::kRows:
            wanted_ = walker_.wanted();
            break;
        case Phase::kTail:
        case Phase::kRest:
            wanted_ = pages_.wanted();
            break;
    }
    return wanted_.block != PGS_NO_BLOCK;
}

PgsStatus Verify::next(PgsRequest &request, PgsError *error) {
    rows_.clear();
    while (!want_page() && phase_ != Phase::kRest) {
        if (PgsStatus status = end_phase(error)) {
            return status;
        }
    }
    ask_for_page(request, wanted_.block);
    return PGS_OK;
}

// What can be said once all pages of the phase were seen; then the next phase begins.
PgsStatus Verify::end_phase(PgsError *error) {
    const Meta &meta = meta_of(meta_);
    PgsStatus status = PGS_OK;
    switch (phase_) {
        case Phase::kManifest:
            status = check_owners(meta, error);
            pages_.list_tail();
            break;
        case Phase::kTail:
            for (uint32_t p = 0; p < meta.parts; p++) {
                told_[p].named.resize(meta.part[p].flushed);
                told_[p].documents.resize(meta.part[p].flushed);
            }
            if (meta.segments > 0) {
                check_.emplace(meta.segment[0], index_);
            }
            break;
        case Phase::kSegments:
            check_.reset();
            break;
        case Phase::kRows:
            status = end_rows(error);
            pages_.list_rest();
            break;
        case Phase::kRest:
            break;
    }
    phase_ = static_cast<Phase>(static_cast<int>(phase_) + 1);
    return status;
}

PgsStatus Verify::page(const Page &page, PgsError *error) {
    switch (phase_) {
        case Phase::kSegments:
            return take_segment_page(page, error);
        case Phase::kRows:
            return take_row_page(page, error);
        default:
            return pages_.page(page, error);
    }
}

// ---- segments

PgsStatus Verify::take_segment_page(const Page &page, PgsError *error) {
    if (PgsStatus status = check_->page(page, error)) {
        return status;
    }
    if (check_->wanted().block != PGS_NO_BLOCK) {
        return PGS_OK;
    }
    if (PgsStatus status = end_segment(error)) {
        return status;
    }
    const Meta &meta = meta_of(meta_);
    if (++segment_ < meta.segments) {
        check_.emplace(meta.segment[segment_], index_);
    }
    return PGS_OK;
}

PgsStatus Verify::end_segment(PgsError *error) {
    const Meta &meta = meta_of(meta_);
    const uint32_t block = meta.segment[segment_].run.block;
    uint32_t number = 0;
    for (const Range &range : check_->shape().ranges) {
        uint32_t p = 0;
        while (p < meta.parts && meta.part[p].handle != handle_of(range.address)) {
            p++;
        }
        if (p == meta.parts || slot_of(range.address) + range.count > meta.part[p].flushed) {
            return fail(error, PGS_CORRUPT, block,
                        "the segment names slots of part %u that are in no segment",
                        handle_of(range.address));
        }
        for (uint32_t i = 0; i < range.count; i++, number++) {
            const auto slot = static_cast<size_t>(slot_of(range.address) + i);
            if (told_[p].named[slot]) {
                return fail(error, PGS_CORRUPT, block, "two segments name slot %zu of part %u",
                            slot, handle_of(range.address));
            }
            told_[p].named[slot] = true;
            told_[p].documents[slot] = check_->told(number);
        }
    }
    return PGS_OK;
}

// ---- documents

PgsStatus Verify::take_row_page(const Page &page, PgsError *error) {
    const uint32_t part = walker_.part_number();
    fault_ = nullptr;
    if (wanted_.kind == PageKind::kRecord) {
        if (PgsStatus status = check_page(page, wanted_, error)) {
            return status;
        }
        if (PgsStatus status = check_records(page, part, error)) {
            return status;
        }
    }
    if (PgsStatus status = walker_.page(page, *this, error)) {
        return status;
    }
    pages_.mark_read(wanted_);
    return fault_ == nullptr ? PGS_OK : fail(error, PGS_CORRUPT, wanted_.block, "%s", fault_);
}

bool Verify::record_is_possible(const DocumentRecord &record, bool in_written_part) const noexcept {
    const bool is_text = index_.weights == Weights::kOccurrences;
    const bool is_cosine = index_.weights == Weights::kCosines;
    const bool measure_fits =
        (is_text || record.length == 0) &&
        (is_cosine ? record.square > 0 && std::isfinite(record.square) : record.square == 0);
    return record.heap_offset != 0 && (record.flags & ~kRecordFlags) == 0 && measure_fits &&
           (!in_written_part || record.piece == kLastPiece);
}

PgsStatus Verify::check_records(const Page &page, uint32_t part, PgsError *error) {
    const bool in_written_part = is_written(meta_of(meta_).part[part]);
    const uint32_t addresses = address_column(columns_);
    const uint32_t count = used_bytes(page) / record_bytes(page);
    for (uint32_t i = 0; i < count; i++) {
        const Record &record = record_at(page, i);
        const auto *keys = reinterpret_cast<const uint8_t *>(&record + 1);
        if (addresses < columns_.count &&
            load_key(keys + key_bytes(columns_, addresses), 8) != address_key(tid_of(record))) {
            return fail(error, PGS_CORRUPT, wanted_.block,
                        "record %u of the page has the address of another row as a key", i);
        }
        if (!record_is_possible(document_record(record), in_written_part)) {
            return fail(error, PGS_CORRUPT, wanted_.block, "record %u of the page is impossible",
                        i);
        }
        tombstones_[part] += (record.flags & kTombstone) != 0 ? 1 : 0;
    }
    return PGS_OK;
}

void Verify::piece(const Row &, uint32_t offset, const uint8_t *bytes, uint32_t n) {
    pieces_.piece(offset, bytes, n);
}

void Verify::row(const Row &row) {
    const uint64_t slot = slot_of(row.address);
    const bool has_forward_row = !is_written(part());
    if (has_forward_row && !pieces_.row(row)) {
        check_nobodys(slot);
        return;
    }
    if ((row.record.flags & kTombstone) != 0) {
        return;
    }
    const bool is_told = slot < part().flushed;
    uint32_t content = 0;
    if (has_forward_row) {
        if (!pieces_.read(row, terms_)) {
            fault_ = "a document of the page is not what its record says, or none at all";
            return;
        }
        content = content_of_terms(terms_.data(), static_cast<uint32_t>(terms_.size()));
    } else if (!is_told) {
        fault_ = "a document of the page is in no segment, and has no forward row";
        return;
    }
    if (is_told && !told_agrees(row, has_forward_row ? &content : nullptr)) {
        fault_ =
            "segments say of a document other things than its record, its keys or its "
            "forward row";
        return;
    }
    if (is_told) {
        content = told_[walker_.part_number()].documents[slot].content;
    }
    rows_.push_back(
        {tid_of(row.record), content_with_keys(content, row.extra, key_bytes(columns_))});
}

// A slot that is not a document's last has no postings.
void Verify::check_nobodys(uint64_t slot) noexcept {
    const std::vector<ToldDocument> &documents = told_[walker_.part_number()].documents;
    if (slot < documents.size() && documents[static_cast<size_t>(slot)].content != 0) {
        fault_ = "postings name a slot of the page that is not the last of a document";
    }
}

// content: of the forward row, if there is one.
bool Verify::told_agrees(const Row &row, const uint32_t *content) noexcept {
    const Told &told = told_[walker_.part_number()];
    const auto slot = static_cast<size_t>(slot_of(row.address));
    const ToldDocument &document = told.documents[slot];
    const DocumentRecord record = document_record(row.record);
    return told.named[slot] &&
           document.rest == content_of_rest({record.length, record.square},
                                            content_of_keys(columns_, row.extra)) &&
           (content == nullptr || *content == document.content);
}

PgsStatus Verify::end_rows(PgsError *error) {
    if (PgsStatus status = pages_.check_tail(error)) {
        return status;
    }
    return check_tombstones(meta_of(meta_), tombstones_, error);
}

}  // namespace pgslab::inverted
