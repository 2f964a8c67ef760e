#include "index/row_fetch.h"

#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "format/meta.h"

namespace pgslab {

RowFetch::RowFetch(SlotShape shape) : shape_(shape), item_(shape.item), refine_(shape.refine) {}

void RowFetch::begin(const ExtentPlace &place, uint32_t within) noexcept {
    place_ = place;
    within_ = within;
    done_ = 0;
    wanted_ = record_identity(place, within / kRecordsPerPage);
}

void RowFetch::want_slab_page() noexcept {
    if (done_ == shape_.item) {
        wanted_.block = PGS_NO_BLOCK;
        return;
    }
    const uint64_t at = uint64_t{within_} * shape_.item + done_;
    wanted_ = slab_identity(place_, static_cast<uint32_t>(at / kPayloadBytes));
}

PgsStatus RowFetch::page(const Page &page, PgsError *error) {
    if (PgsStatus status = check_page(page, wanted_, error)) {
        return status;
    }
    uint32_t at = 0;
    uint32_t n = 0;
    uint8_t *to = nullptr;
    switch (wanted_.kind) {
        case PageKind::kRecord:
            at = within_ % kRecordsPerPage * static_cast<uint32_t>(sizeof(Record));
            n = sizeof(Record);
            to = reinterpret_cast<uint8_t *>(&record_);
            break;
        case PageKind::kRefine:
            at = within_ % refines_per_page(shape_.refine) * shape_.refine;
            n = shape_.refine;
            to = refine_.data();
            break;
        default:
            at = static_cast<uint32_t>((uint64_t{within_} * shape_.item + done_) % kPayloadBytes);
            n = std::min(shape_.item - done_, kPayloadBytes - at);
            to = item_.data() + done_;
            break;
    }
    if (at + n > used_bytes(page)) {
        return fail(error, PGS_CORRUPT, wanted_.block,
                    "the page uses %u bytes where a slot needs %u", used_bytes(page), at + n);
    }
    std::memcpy(to, page.payload + at, n);
    if (wanted_.kind == PageKind::kRecord && shape_.refine != 0) {
        wanted_ = refine_identity(place_, within_ / refines_per_page(shape_.refine));
        return PGS_OK;
    }
    done_ += wanted_.kind == PageKind::kSlab ? n : 0;
    want_slab_page();
    return PGS_OK;
}

}  // namespace pgslab
