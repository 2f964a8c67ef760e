#include "store/row_fetch.h"

#include <cstring>

#include "base/assert.h"

namespace pgslab {

RowFetch::RowFetch(const Slots &slots)
    : slots_(slots), layout_(row_layout(slots.columns())), row_(layout_.bytes / sizeof(uint64_t)) {}

void RowFetch::begin(const Slot &slot) noexcept {
    slot_ = slot;
    column_ = 0;
    done_ = 0;
    want_next();
}

// The rest of the item being read, or the next column's.
void RowFetch::want_next() noexcept {
    const Columns &columns = slots_.columns();
    if (done_ == columns.column[column_].item) {
        column_++;
        done_ = 0;
    }
    if (column_ == columns.count) {
        wanted_.page = kNoPage;
    } else {
        wanted_ = slots_.bytes(slot_, column_, done_, columns.column[column_].item);
    }
}

PgsStatus RowFetch::page(const Page &page, PgsError *error) {
    PGSLAB_ASSERT(wanted_.page.block != PGS_NO_BLOCK);
    if (PgsStatus status = check_page(page, wanted_.page, error)) {
        return status;
    }
    const uint8_t *bytes = nullptr;
    if (PgsStatus status = bytes_on(page, wanted_, &bytes, error)) {
        return status;
    }
    auto *row = reinterpret_cast<uint8_t *>(row_.data());
    std::memcpy(row + layout_.item[column_] + done_, bytes, wanted_.bytes);
    done_ += wanted_.bytes;
    want_next();
    return PGS_OK;
}

}  // namespace pgslab
