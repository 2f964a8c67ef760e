#include "inverted/load.h"

#include <algorithm>
#include <cstring>

#include "filter/keys.h"
#include "inverted/forward_row.h"
#include "store/layout.h"
#include "store/row.h"

namespace pgslab::inverted {

Load::Load(const Meta &meta, size_t memory_bytes)
    : index_(inverted_of(meta)),
      columns_(key_columns(index_.keys)),
      memory_(std::min(memory_bytes, kMostBatchBytes)),
      batch_(index_),
      keys_(key_bytes(columns_)) {}

bool Load::add(const PgsTerm *terms, uint32_t count, const uint64_t *keys, PgsTid tid, bool *full) {
    const DocumentMeasure measure = measure_of(index_.weights, terms, count);
    const bool is_indexed = index_.weights != Weights::kCosines || measure.square > 0;
    if (is_indexed) {
        store_keys(columns_, keys, tid, keys_.data());
        batch_.add(static_cast<uint32_t>(tids_.size()), measure, keys_.data(), terms, count);
        tids_.push_back(tid);
    }
    *full = batch_.memory() + tids_.capacity() * sizeof tids_[0] >= memory_;
    return is_indexed;
}

void Load::clear() noexcept {
    batch_.clear();
    std::vector<PgsTid>().swap(tids_);
}

PgsStatus LoadTask::next(PgsRequest &request, PgsError *error) {
    if (!output_) {
        output_.emplace(meta_of(meta_), std::nullopt, PgsParts{}, load_.documents(),
                        load_.batch().size());
    }
    if (PgsStatus status = output_->check(error)) {
        return status;
    }
    if (output_->wanted() > 0) {
        output_->ask(request);
        return PGS_OK;
    }
    request.page = output_->next_page(&request.block);
    request.kind = request.page != nullptr ? PGS_REQUEST_WRITE : PGS_REQUEST_DONE;
    return PGS_OK;
}

void LoadTask::reserved(const Reservation &reserved) {
    output_->take(reserved);
    if (output_->wanted() == 0) {
        write();
    }
}

void LoadTask::write() {
    const DocumentBatch &batch = load_.batch();
    const uint32_t keys = key_bytes(load_.index().keys);
    std::vector<uint64_t> row((sizeof(DocumentRecord) + keys + 7) / 8);
    SegmentWriter writer(output_->segment(), load_.index(), output_->ready());
    for (size_t i = 0; i < load_.documents(); i++) {
        DocumentRecord record = {};
        set_tid(record, load_.tid(i));
        record.piece = kLastPiece;
        record.length = batch.measure(i).length;
        record.square = batch.measure(i).square;
        auto *const bytes = reinterpret_cast<uint8_t *>(row.data());
        std::memcpy(bytes, &record, sizeof record);
        std::copy_n(batch.keys(i), keys, bytes + sizeof record);
        writer.add_range(output_->add_slot(bytes), 1);
    }
    batch.write(writer);
    const uint64_t documents = writer.documents();
    output_->end(documents, writer.end());
    made_ = output_->made();
}

PgsTaskWork LoadTask::work() const noexcept {
    PgsTaskWork work = {};
    work.rows = output_ ? output_->slots() : 0;
    work.total = load_.documents();
    return work;
}

}  // namespace pgslab::inverted
