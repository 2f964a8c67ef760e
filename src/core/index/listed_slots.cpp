#include "index/listed_slots.h"

#include <algorithm>

namespace pgslab {

namespace {

// SplitMix64's finaliser: a checksum alone would not tell when two slots have exchanged theirs.
uint32_t hash(uint64_t address, uint32_t value) noexcept {
    uint64_t x = address * 0x9E3779B97F4A7C15u + value;
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
    x = (x ^ x >> 27) * 0x94D049BB133111EBu;
    return static_cast<uint32_t>(x >> 32);
}

// Block of the first sum that is not 0.
uint32_t first_of(const std::vector<uint32_t> &sums, uint32_t block) noexcept {
    const auto found = std::find_if(sums.begin(), sums.end(), [](uint32_t s) { return s != 0; });
    return found == sums.end() ? PGS_NO_BLOCK : block + static_cast<uint32_t>(found - sums.begin());
}

}  // namespace

void ListedSlots::open(const Meta &meta) {
    const SlotShape shape = slot_shape(meta);
    per_refine_page_ = refines_per_page(shape.refine);
    each_extent(meta, [&](const ExtentPlace &place) {
        if (place.part->codebook == meta.codebook.id && place.used > 0) {
            extents_.push_back({place, std::vector<bool>(place.used),
                                std::vector<uint32_t>(record_blocks(place.used)),
                                std::vector<uint32_t>(refine_blocks(place.used, shape.refine))});
        }
        return false;
    });
}

ListedSlots::Slot ListedSlots::find(uint64_t address) const noexcept {
    const auto count = static_cast<uint32_t>(extents_.size());
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t e = (last_ + i) % count;
        const ExtentPlace &place = extents_[e].place;
        const uint64_t within = slot_of(address) - place.part_slot;
        if (place.part->id == part_of(address) && within < place.used) {
            last_ = e;
            return {e, static_cast<uint32_t>(within)};
        }
    }
    return {PGS_NO_BLOCK, 0};
}

bool ListedSlots::name(Slot slot) noexcept {
    std::vector<bool> &named = extents_[slot.extent].named;
    if (named[slot.within]) {
        return false;
    }
    named[slot.within] = true;
    return true;
}

void ListedSlots::add(Slot slot, uint64_t address, uint32_t list, uint32_t code) noexcept {
    Listed &extent = extents_[slot.extent];
    extent.lists[slot.within / kRecordsPerPage] += hash(address, list);
    extent.codes[slot.within / per_refine_page_] += hash(address, code);
}

void ListedSlots::take_list(Slot slot, uint64_t address, uint32_t list) noexcept {
    extents_[slot.extent].lists[slot.within / kRecordsPerPage] -= hash(address, list);
}

void ListedSlots::take_code(Slot slot, uint64_t address, uint32_t code) noexcept {
    extents_[slot.extent].codes[slot.within / per_refine_page_] -= hash(address, code);
}

uint32_t ListedSlots::differing_lists() const noexcept {
    for (const Listed &extent : extents_) {
        const uint32_t block = first_of(extent.lists, extent.place.extent.record_block);
        if (block != PGS_NO_BLOCK) {
            return block;
        }
    }
    return PGS_NO_BLOCK;
}

uint32_t ListedSlots::differing_codes() const noexcept {
    for (const Listed &extent : extents_) {
        const uint32_t block = first_of(extent.codes, extent.place.extent.refine_block);
        if (block != PGS_NO_BLOCK) {
            return block;
        }
    }
    return PGS_NO_BLOCK;
}

}  // namespace pgslab
