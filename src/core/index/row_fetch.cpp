#include "index/row_fetch.h"

#include <cstring>

#include "base/assert.h"

namespace pgslab {

RowFetch::RowFetch(const Slots &slots)
    : slots_(slots), item_(slots.shape().item), refine_(slots.shape().refine) {}

void RowFetch::begin(const Slot &slot) noexcept {
    slot_ = slot;
    done_ = 0;
    wanted_ = slots_.record(slot);
}

// Where the bytes go that are wanted.
uint8_t *RowFetch::destination() noexcept {
    switch (wanted_.page.kind) {
        case PageKind::kRecord:
            return reinterpret_cast<uint8_t *>(&record_);
        case PageKind::kRefine:
            return refine_.data();
        default:
            return item_.data() + done_;
    }
}

// After the record comes the refinement code, if there is one, then the vector, page by page.
void RowFetch::want_next() noexcept {
    const SlotShape &shape = slots_.shape();
    if (wanted_.page.kind == PageKind::kRecord && shape.refine != 0) {
        wanted_ = slots_.refinement(slot_);
        return;
    }
    done_ += wanted_.page.kind == PageKind::kSlab ? wanted_.bytes : 0;
    if (done_ == shape.item) {
        wanted_.page = kNoPage;
    } else {
        wanted_ = slots_.vector(slot_, done_, shape.item);
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
    std::memcpy(destination(), bytes, wanted_.bytes);
    want_next();
    return PGS_OK;
}

}  // namespace pgslab
