#include "store/slots.h"

#include <algorithm>

#include "base/assert.h"
#include "base/error.h"

namespace pgslab {

void Slots::open(const Meta &meta) {
    columns_ = &meta.columns;
    extents_.clear();
    last_ = 0;
    each_extent(meta, [&](const ExtentPlace &place) {
        extents_.push_back(place);
        return false;
    });
}

Slot Slots::find(uint64_t address) const noexcept {
    size_t e = last_;
    for (size_t i = 0; i < extents_.size(); i++) {
        const ExtentPlace &place = extents_[e];
        if (place.part->handle == handle_of(address) &&
            slot_of(address) - place.part_slot < place.used) {
            last_ = e;
            return {&place, slot_of(address) - place.part_slot};
        }
        e = e + 1 < extents_.size() ? e + 1 : 0;
    }
    return {};
}

SlotBytes Slots::bytes(const Slot &slot, uint32_t column, uint32_t begin,
                       uint32_t end) const noexcept {
    PGSLAB_ASSERT(slot.exists() && slot.within < slot.extent->used);
    PGSLAB_ASSERT(column < columns_->count);
    PGSLAB_ASSERT(begin < end && end <= columns_->column[column].item);
    uint32_t within = 0;
    const uint32_t stride = stride_number(*slot.extent, slot.within, &within);
    const ItemPlace at = item_place(columns_->column[column], within, begin, end);
    return {table_page(*slot.extent, stride, column, at.page), at.offset, at.bytes};
}

PgsRecordPage record_page_of(const Slots &slots, uint64_t address, uint32_t *index) noexcept {
    const Slot slot = slots.find(address);
    PGSLAB_ASSERT(slot.exists());
    uint32_t within = 0;
    const uint32_t stride = stride_number(*slot.extent, slot.within, &within);
    const uint32_t per_page = records_per_page(slots.columns());
    *index = within % per_page;
    return describe_record_page(stride_of(*slot.extent, stride), within / per_page);
}

PgsStatus bytes_on(const Page &page, const SlotBytes &wanted, const uint8_t **bytes,
                   PgsError *error) noexcept {
    if (wanted.offset + wanted.bytes > used_bytes(page)) {
        return fail(error, PGS_CORRUPT, wanted.page.block,
                    "the page uses %u bytes where a slot needs %u", used_bytes(page),
                    wanted.offset + wanted.bytes);
    }
    *bytes = page.payload + wanted.offset;
    return PGS_OK;
}

}  // namespace pgslab
