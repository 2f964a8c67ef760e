#include "ivf/listed_slots.h"

#include <algorithm>
#include <utility>

#include "ivf/meta.h"
#include "store/layout.h"

namespace pgslab {

namespace {

// SplitMix64's finaliser: a checksum alone would not tell when two slots have exchanged theirs.
uint32_t hash(uint64_t address, uint32_t value) noexcept {
    uint64_t x = address * 0x9E3779B97F4A7C15u + value;
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
    x = (x ^ x >> 27) * 0x94D049BB133111EBu;
    return static_cast<uint32_t>(x >> 32);
}

// Of keys: another than that of a list.
uint32_t hash_of_keys(uint64_t address, uint32_t keys) noexcept {
    return hash(~address, keys);
}

// Pages of a column's table in a stride.
uint32_t pages_of(const ExtentPlace &place, uint32_t column) noexcept {
    return static_cast<uint32_t>(column_blocks(place.columns->column[column], place.extent.slots));
}

}  // namespace

void ListedSlots::open(const Meta &meta) {
    slots_.open(meta);
    for (const ExtentPlace &place : slots_.extents()) {
        Told told;
        if (place.part->dictionary == meta.dictionary.id) {
            const size_t strides = place.extent.strides;
            told = {std::vector<bool>(place.used),
                    std::vector<uint32_t>(strides * pages_of(place, kRecordColumn)),
                    std::vector<uint32_t>(strides * pages_of(place, kRefineColumn))};
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

// That of the page on which the slot's item is.
uint32_t &ListedSlots::sum_of(std::vector<uint32_t> &sums, const Slot &slot,
                              uint32_t column) noexcept {
    uint32_t within = 0;
    const uint32_t stride = stride_number(*slot.extent, slot.within, &within);
    const ItemPlace at = item_place(slots_.columns().column[column], within, 0, 1);
    return sums[size_t{stride} * pages_of(*slot.extent, column) + at.page];
}

void ListedSlots::add(const Slot &slot, uint64_t address, uint32_t list, uint32_t code) noexcept {
    Told &told = told_of(slot);
    sum_of(told.records, slot, kRecordColumn) += hash(address, list);
    sum_of(told.codes, slot, kRefineColumn) += hash(address, code);
}

void ListedSlots::add_keys(const Slot &slot, uint64_t address, uint32_t keys) noexcept {
    sum_of(told_of(slot).records, slot, kRecordColumn) += hash_of_keys(address, keys);
}

void ListedSlots::take_record(const Slot &slot, uint64_t address, uint32_t list,
                              uint32_t keys) noexcept {
    uint32_t &sum = sum_of(told_of(slot).records, slot, kRecordColumn);
    sum -= hash(address, list) + hash_of_keys(address, keys);
}

void ListedSlots::take_code(const Slot &slot, uint64_t address, uint32_t code) noexcept {
    sum_of(told_of(slot).codes, slot, kRefineColumn) -= hash(address, code);
}

// Block of the first page whose sum is not 0.
uint32_t ListedSlots::differing(std::vector<uint32_t> Told::*sums, uint32_t column) const noexcept {
    for (size_t e = 0; e < told_.size(); e++) {
        const std::vector<uint32_t> &of_extent = told_[e].*sums;
        const auto found =
            std::find_if(of_extent.begin(), of_extent.end(), [](uint32_t sum) { return sum != 0; });
        if (found != of_extent.end()) {
            const ExtentPlace &place = slots_.extents()[e];
            const auto at = static_cast<uint32_t>(found - of_extent.begin());
            const uint32_t pages = pages_of(place, column);
            return table_page(place, at / pages, column, at % pages).block;
        }
    }
    return PGS_NO_BLOCK;
}

uint32_t ListedSlots::differing_records() const noexcept {
    return differing(&Told::records, kRecordColumn);
}

uint32_t ListedSlots::differing_codes() const noexcept {
    return differing(&Told::codes, kRefineColumn);
}

}  // namespace pgslab
