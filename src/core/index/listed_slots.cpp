#include "index/listed_slots.h"

#include <algorithm>
#include <utility>

#include "format/layout.h"

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
    slots_.open(meta);
    const SlotShape &shape = slots_.shape();
    per_refine_page_ = refines_per_page(shape.refine);
    for (const ExtentPlace &place : slots_.extents()) {
        Told told;
        if (place.part->codebook == meta.codebook.id) {
            told = {std::vector<bool>(place.used), std::vector<uint32_t>(record_blocks(place.used)),
                    std::vector<uint32_t>(refine_blocks(place.used, shape.refine))};
        }
        told_.push_back(std::move(told));
    }
}

Slot ListedSlots::find(uint64_t address) const noexcept {
    const Slot slot = slots_.find(address);
    return slot.exists() && !told_of(slot).named.empty() ? slot : Slot{};
}

bool ListedSlots::name(const Slot &slot) noexcept {
    std::vector<bool> &named = told_of(slot).named;
    if (named[slot.within]) {
        return false;
    }
    named[slot.within] = true;
    return true;
}

void ListedSlots::add(const Slot &slot, uint64_t address, uint32_t list, uint32_t code) noexcept {
    Told &told = told_of(slot);
    told.lists[slot.within / kRecordsPerPage] += hash(address, list);
    told.codes[slot.within / per_refine_page_] += hash(address, code);
}

void ListedSlots::take_list(const Slot &slot, uint64_t address, uint32_t list) noexcept {
    told_of(slot).lists[slot.within / kRecordsPerPage] -= hash(address, list);
}

void ListedSlots::take_code(const Slot &slot, uint64_t address, uint32_t code) noexcept {
    told_of(slot).codes[slot.within / per_refine_page_] -= hash(address, code);
}

uint32_t ListedSlots::differing_lists() const noexcept {
    for (size_t e = 0; e < told_.size(); e++) {
        const uint32_t block = first_of(told_[e].lists, slots_.extents()[e].extent.record_block);
        if (block != PGS_NO_BLOCK) {
            return block;
        }
    }
    return PGS_NO_BLOCK;
}

uint32_t ListedSlots::differing_codes() const noexcept {
    for (size_t e = 0; e < told_.size(); e++) {
        const uint32_t block = first_of(told_[e].codes, slots_.extents()[e].extent.refine_block);
        if (block != PGS_NO_BLOCK) {
            return block;
        }
    }
    return PGS_NO_BLOCK;
}

}  // namespace pgslab
