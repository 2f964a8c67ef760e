#include "ivf/flush.h"

#include <algorithm>

#include "base/error.h"
#include "ivf/format.h"
#include "ivf/meta.h"
#include "ivf/vector_tables.h"
#include "quantize/code.h"

namespace pgslab {

Flush::Flush(const Page &meta, uint32_t part, size_t memory_bytes)
    : meta_(meta),
      part_(part),
      padded_(coded_dims(vectors_of(meta_of(meta)))),
      refine_bits_(vectors_of(meta_of(meta)).refine_bits),
      key_bytes_(key_bytes(vectors_of(meta_of(meta)).keys)),
      end_(meta_of(meta).part[part].flushed) {
    constexpr size_t kFewest = 32;
    const size_t bytes = sizeof(Entry) + code_bytes(1, padded_) + key_bytes_;
    most_ = std::max(kFewest, memory_bytes / bytes);
    walker_.open(
        meta_of(meta_),
        {.skip = 0, .table = refine_table(meta_of(meta_)), .sidecar = true, .parts = {1u << part}});
}

void Flush::piece(const Row &row, uint32_t, const uint8_t *bytes, uint32_t) {
    if ((row.record.flags & kTombstone) != 0) {
        return;
    }
    const RefineTail tail = tail_of(bytes, refine_bits_, padded_);
    contradiction_ = contradiction_ || tail.list != vector_record(row.record).list ||
                     tail.list >= vectors_of(meta_of(meta_)).lists;
    const size_t at = codes_.size();
    codes_.resize(at + code_bytes(1, padded_));
    sign_code(refine_bits_, bytes, padded_, codes_.data() + at);
    keys_.insert(keys_.end(), row.extra, row.extra + key_bytes_);
    spread_ += spread_of(tail);
    entries_.push_back({row.address, vector_record(row.record).list,
                        static_cast<uint32_t>(entries_.size()), tail.scan});
}

void Flush::row(const Row &row) {
    end_ = slot_of(row.address) + 1;
}

PgsStatus Flush::page(const Page &page, PgsError *error) {
    const uint32_t block = walker_.next_block();
    if (PgsStatus status = walker_.page(page, *this, error)) {
        return status;
    }
    return contradiction_ ? fail(error, PGS_CORRUPT, block,
                                 "a refinement code of the page is of another list than its record")
                          : PGS_OK;
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
        request.block = walker_.next_block();
        if (request.block != PGS_NO_BLOCK && entries_.size() < most_) {
            request.kind = PGS_REQUEST_PAGE;
            return PGS_OK;
        }
        output_.emplace(meta_of(meta_), nullptr, PgsParts{}, 0, entries_.size());
        if (PgsStatus status = output_->check(error)) {
            return status;
        }
        phase_ = entries_.empty() ? Phase::kWrite : Phase::kReserve;
    }
    if (phase_ == Phase::kReserve) {
        output_->ask(request);
        return PGS_OK;
    }
    request.page = output_->next_page(&request.block);
    request.kind = request.page != nullptr ? PGS_REQUEST_WRITE : PGS_REQUEST_DONE;
    if (request.kind == PGS_REQUEST_DONE) {
        made_ = output_->made();
        made_.flushed_part = meta_of(meta_).part[part_].id;
        made_.flushed = end_;
    }
    return PGS_OK;
}

void Flush::write() {
    std::sort(entries_.begin(), entries_.end(), [](const Entry &a, const Entry &b) {
        return a.list != b.list ? a.list < b.list : a.address < b.address;
    });
    for (const Entry &entry : entries_) {
        output_->add_row({entry.list, entry.address,
                          codes_.data() + size_t{entry.row} * code_bytes(1, padded_), entry.factors,
                          keys_.data() + size_t{entry.row} * key_bytes_});
    }
    output_->end();
}

void Flush::amend(Meta &meta) const noexcept {
    add_coded(meta, 0, {spread_, entries_.size()});
}

PgsTaskWork Flush::work() const noexcept {
    PgsTaskWork work = {};
    work.rows = entries_.size();
    work.total = entries_.size();
    return work;
}

}  // namespace pgslab
