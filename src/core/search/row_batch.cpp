#include "search/row_batch.h"

#include <algorithm>

#include "base/assert.h"
#include "base/error.h"

namespace pgslab {

void RowBatch::set_query() {
    evaluation_.set_query(context_.shape, context_.query, context_.effort.stored_values);
    bytes_ = vector_bytes(context_.shape.dims, context_.shape.storage);
    rows_.clear();
    wanted_.page = kNoPage;
}

PgsStatus RowBatch::add(const Candidate &candidate, PgsError *error) {
    const Slot slot = context_.slots.find(candidate.address);
    if (!slot.exists()) {
        return fail(error, PGS_INTERNAL, PGS_NO_BLOCK, "a candidate has no slot");
    }
    rows_.push_back({candidate, slot, {}, false, {}});
    return PGS_OK;
}

void RowBatch::begin() {
    PGSLAB_ASSERT(is_done() && !rows_.empty());
    std::sort(rows_.begin(), rows_.end(),
              [](const Row &a, const Row &b) { return a.candidate.address < b.candidate.address; });
    next_ = 0;
    reported_ = 0;
    wanted_ = context_.slots.item(rows_[0].slot, kRecordColumn);
    if (rows_.size() > 1) {
        announce();
    }
}

void RowBatch::announce() {
    for (const Row &row : rows_) {
        context_.upcoming.add_row(context_.slots, row.slot);
    }
}

PgsStatus RowBatch::page(const Page &page, PgsError *error) {
    PGSLAB_ASSERT(!is_done());
    return wanted_.page.kind == PageKind::kRecord ? take_records(page, error)
                                                  : take_vectors(page, error);
}

PgsStatus RowBatch::take_records(const Page &page, PgsError *error) {
    const uint32_t block = wanted_.page.block;
    for (;;) {
        const uint8_t *bytes = nullptr;
        if (PgsStatus status = bytes_on(page, wanted_, &bytes, error)) {
            return status;
        }
        Row &row = rows_[next_++];
        row.record = *reinterpret_cast<const VectorRecord *>(bytes);
        row.is_skipped = (row.record.flags & context_.skip) != 0;
        if (next_ == rows_.size()) {
            next_ = 0;
            want_vector();
            return PGS_OK;
        }
        wanted_ = context_.slots.item(rows_[next_].slot, kRecordColumn);
        if (wanted_.page.block != block) {
            return PGS_OK;
        }
    }
}

// Of the next row that is not skipped.
void RowBatch::want_vector() noexcept {
    while (next_ < rows_.size() && rows_[next_].is_skipped) {
        next_++;
    }
    done_ = 0;
    wanted_.page = kNoPage;
    if (next_ < rows_.size()) {
        wanted_ = context_.slots.bytes(rows_[next_].slot, kSlabColumn, 0, bytes_);
    }
}

PgsStatus RowBatch::take_vectors(const Page &page, PgsError *error) {
    for (const uint32_t block = wanted_.page.block; wanted_.page.block == block;) {
        const uint8_t *bytes = nullptr;
        if (PgsStatus status = bytes_on(page, wanted_, &bytes, error)) {
            return status;
        }
        Row &row = rows_[next_];
        evaluation_.add(bytes, done_, wanted_.bytes, row.record.scale);
        done_ += wanted_.bytes;
        if (done_ < bytes_) {
            wanted_ = context_.slots.bytes(row.slot, kSlabColumn, done_, bytes_);
        } else {
            row.value = evaluation_.interval(row.record);
            next_++;
            want_vector();
        }
    }
    return PGS_OK;
}

const RowBatch::Row *RowBatch::next_compared() noexcept {
    const bool has_records = is_done() || wanted_.page.kind != PageKind::kRecord;
    if (has_records && reported_ < next_) {
        return &rows_[reported_++];
    }
    if (is_done()) {
        rows_.clear();
    }
    return nullptr;
}

}  // namespace pgslab
