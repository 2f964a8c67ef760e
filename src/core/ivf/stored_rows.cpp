#include "ivf/stored_rows.h"

#include <cstring>

#include "ivf/meta.h"
#include "ivf/vector_tables.h"

namespace pgslab {

StoredRows::StoredRows(const Page &meta, PgsParts parts)
    : meta_(meta),
      item_bytes_(meta_of(meta).columns.column[kSlabColumn].item),
      record_bytes_(meta_of(meta).columns.column[kRecordColumn].item),
      items_(item_bytes_) {
    walker_.open(meta_of(meta_), {.table = slab_table(meta_of(meta_)), .parts = parts});
}

PgsStatus StoredRows::next(PgsRequest &request, PgsError *) {
    ask_for_page(request, walker_.next_block());
    return PGS_OK;
}

PgsStatus StoredRows::page(const Page &page, PgsError *error) {
    if (rows_ > 0) {
        // The row that is not complete comes first again.
        std::memmove(items_.data(), items_.data() + rows_ * item_bytes_, item_bytes_);
        items_.resize(item_bytes_);
        records_.clear();
        rows_ = 0;
    }
    next_ = 0;
    return walker_.page(page, *this, error);
}

void StoredRows::piece(const Row &, uint32_t offset, const uint8_t *bytes, uint32_t n) {
    std::memcpy(items_.data() + rows_ * item_bytes_ + offset, bytes, n);
}

// Padding is zero, as in the slab.
void StoredRows::row(const Row &row) {
    const auto *record = reinterpret_cast<const uint8_t *>(&row.record);
    records_.insert(records_.end(), record, record + sizeof row.record);
    records_.insert(records_.end(), row.extra, row.extra + extra_of(record_bytes_));
    rows_++;
    items_.resize((rows_ + 1) * item_bytes_, 0);
}

bool StoredRows::current(const uint8_t **record, const uint8_t **item) const noexcept {
    if (next_ == rows_) {
        return false;
    }
    *record = records_.data() + next_ * record_bytes_;
    *item = items_.data() + next_ * item_bytes_;
    return true;
}

}  // namespace pgslab
