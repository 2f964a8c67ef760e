#include "index/slots.h"

#include <algorithm>

#include "base/assert.h"
#include "base/error.h"
#include "format/meta.h"

namespace pgslab {

void Slots::open(const Meta &meta) {
    shape_ = slot_shape(meta);
    refines_per_page_ = shape_.refine == 0 ? 1 : refines_per_page(shape_.refine);
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
        if (place.part->id == part_of(address) && slot_of(address) - place.part_slot < place.used) {
            last_ = e;
            return {&place, static_cast<uint32_t>(slot_of(address) - place.part_slot)};
        }
        e = e + 1 < extents_.size() ? e + 1 : 0;
    }
    return {};
}

PgsStatus Slots::find(uint64_t address, const NamedBy &by, Slot &slot,
                      PgsError *error) const noexcept {
    slot = find(address);
    return slot.exists() ? PGS_OK : wrongly_named(address, by, "which does not exist", error);
}

SlotBytes Slots::record(const Slot &slot) const noexcept {
    PGSLAB_ASSERT(slot.exists() && slot.within < slot.extent->used);
    constexpr auto kBytes = static_cast<uint32_t>(sizeof(Record));
    return {record_identity(*slot.extent, slot.within / kRecordsPerPage),
            slot.within % kRecordsPerPage * kBytes, kBytes};
}

SlotBytes Slots::refinement(const Slot &slot) const noexcept {
    PGSLAB_ASSERT(slot.exists() && slot.within < slot.extent->used && shape_.refine != 0);
    return {refine_identity(*slot.extent, slot.within / refines_per_page_),
            slot.within % refines_per_page_ * shape_.refine, shape_.refine};
}

SlotBytes Slots::vector(const Slot &slot, uint32_t begin, uint32_t end) const noexcept {
    PGSLAB_ASSERT(slot.exists() && slot.within < slot.extent->used);
    PGSLAB_ASSERT(begin < end && end <= shape_.item);
    const uint64_t at = uint64_t{slot.within} * shape_.item + begin;
    const auto offset = static_cast<uint32_t>(at % kPayloadBytes);
    return {slab_identity(*slot.extent, static_cast<uint32_t>(at / kPayloadBytes)), offset,
            std::min(end - begin, kPayloadBytes - offset)};
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

PgsStatus wrongly_named(uint64_t address, const NamedBy &by, const char *what,
                        PgsError *error) noexcept {
    return fail(error, PGS_CORRUPT, by.block, "list %u names slot %llu of part %u, %s", by.list,
                static_cast<unsigned long long>(slot_of(address)), part_of(address), what);
}

}  // namespace pgslab
