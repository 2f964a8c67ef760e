#include "inverted/flush.h"

#include <algorithm>

#include "base/error.h"

namespace pgslab::inverted {

namespace {

constexpr WalkTable kPieces = {kPieceColumn, kPieceBytes};

}  // namespace

Flush::Flush(const Page &meta, uint32_t part, size_t memory_bytes)
    : meta_(meta),
      part_(part),
      memory_(std::min(memory_bytes, kMostBatchBytes)),
      reader_(inverted_of(meta_of(meta)).weights),
      batch_(inverted_of(meta_of(meta))),
      end_(meta_of(meta).part[part].flushed) {
    walker_.open(meta_of(meta_),
                 {.skip = 0, .table = kPieces, .sidecar = true, .parts = {1u << part}});
}

void Flush::piece(const Row &, uint32_t offset, const uint8_t *bytes, uint32_t n) {
    reader_.piece(offset, bytes, n);
}

// A document is numbered by its slot, from the first that is in no segment yet.
void Flush::row(const Row &row) {
    if (!reader_.row(row)) {
        return;
    }
    end_ = slot_of(row.address) + 1;
    if ((row.record.flags & kTombstone) != 0) {
        return;
    }
    if (!reader_.read(row, terms_)) {
        contradiction_ = true;
        return;
    }
    const DocumentRecord record = document_record(row.record);
    batch_.add(static_cast<uint32_t>(slot_of(row.address) - part().flushed),
               {record.length, record.square}, row.extra, terms_.data(),
               static_cast<uint32_t>(terms_.size()));
}

PgsStatus Flush::page(const Page &page, PgsError *error) {
    const uint32_t block = walker_.next_block();
    if (PgsStatus status = walker_.page(page, *this, error)) {
        return status;
    }
    return contradiction_
               ? fail(error, PGS_CORRUPT, block,
                      "a document of the page is not what its record says, or none at all")
               : PGS_OK;
}

// Behind the last document of a part that is open there may be pieces of one that is being
// inserted. Of a sealed part nothing more will come of them.
void Flush::end_reading() {
    if (walker_.next_block() == PGS_NO_BLOCK && part().state == PartState::kSealed) {
        end_ = part().slots;
    }
    output_.emplace(meta_of(meta_), std::nullopt, PgsParts{}, 0, batch_.size());
    phase_ = batch_.documents() == 0 ? Phase::kWrite : Phase::kReserve;
}

void Flush::reserved(const Reservation &reserved) {
    output_->take(reserved);
    if (output_->wanted() == 0) {
        write();
        phase_ = Phase::kWrite;
    }
}

PgsStatus Flush::next(PgsRequest &request, PgsError *error) {
    if (phase_ == Phase::kRead) {
        if (walker_.next_block() != PGS_NO_BLOCK && batch_.memory() < memory_) {
            ask_for_page(request, walker_.next_block());
            return PGS_OK;
        }
        end_reading();
    }
    if (PgsStatus status = output_->check(error)) {
        return status;
    }
    if (phase_ == Phase::kReserve) {
        output_->ask(request);
        return PGS_OK;
    }
    request.page = output_->next_page(&request.block);
    request.kind = request.page != nullptr ? PGS_REQUEST_WRITE : PGS_REQUEST_DONE;
    if (request.kind == PGS_REQUEST_DONE) {
        made_ = output_->made();
        made_.flushed_part = part().id;
        made_.flushed = end_;
    }
    return PGS_OK;
}

void Flush::write() {
    SegmentWriter writer(output_->segment(), inverted_of(meta_of(meta_)), output_->ready());
    writer.add_range(make_address(part().handle, part().flushed), batch_.numbers());
    batch_.write(writer);
    const uint64_t documents = writer.documents();
    output_->end(documents, writer.end());
}

PgsTaskWork Flush::work() const noexcept {
    PgsTaskWork work = {};
    work.rows = work.total = batch_.documents();
    return work;
}

}  // namespace pgslab::inverted
