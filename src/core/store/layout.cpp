#include "store/layout.h"

#include <limits>

namespace pgslab {

namespace {

// What of a part's slots in use lies in an extent of it.
uint64_t used_of(const ExtentPlace &place) noexcept {
    const uint64_t left = place.part->slots - std::min(place.part->slots, place.part_slot);
    return place.open ? place.capacity() : std::min(left, place.capacity());
}

// Sets what follows from the extent itself.
void set_extent(ExtentPlace &place, const Extent &extent) noexcept {
    place.extent = extent;
    uint64_t block = 0;
    for (uint32_t c = 0; c < place.column_count; c++) {
        place.table[c] = static_cast<uint32_t>(block);
        block += column_blocks(place.columns->column[c], extent.slots);
    }
    place.stride_blocks = static_cast<uint32_t>(block);
    place.used = used_of(place);
}

}  // namespace

uint32_t slots_fitting(uint32_t blocks, const Columns &columns) noexcept {
    // The largest s with stride_blocks(s) <= blocks; they grow with s, so halve the interval.
    uint64_t low = 0;
    uint64_t high = std::min<uint64_t>(uint64_t{blocks} * records_per_page(columns),
                                       std::numeric_limits<uint32_t>::max());
    while (low < high) {
        const uint64_t middle = (low + high + 1) / 2;
        if (stride_blocks(columns, middle) <= blocks) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    return static_cast<uint32_t>(low);
}

ExtentPlace extent_place(const Part &part, const Columns &columns, const Extent &extent) noexcept {
    ExtentPlace place = {};
    place.part = &part;
    place.columns = &columns;
    place.column_count = column_count(columns, part);
    place.open = part.state == PartState::kOpen;
    set_extent(place, extent);
    return place;
}

ExtentPlace next_place(const ExtentPlace &before, const Extent &extent) noexcept {
    ExtentPlace place = before;
    place.first_slot += before.capacity();
    place.part_slot += before.capacity();
    place.sequence += before.blocks();
    set_extent(place, extent);
    return place;
}

ExtentPlace stride_of(const ExtentPlace &place, uint32_t i) noexcept {
    ExtentPlace stride = place;
    const uint64_t before = uint64_t{i} * place.extent.slots;
    stride.extent.block += i * place.stride_blocks;
    stride.extent.strides = 1;
    stride.first_slot += before;
    stride.part_slot += before;
    stride.sequence += i * place.stride_blocks;
    stride.used = std::min<uint64_t>(place.used - std::min(place.used, before), place.extent.slots);
    return stride;
}

PageIdentity stride_page(const ExtentPlace &place, uint32_t stride, uint32_t i) noexcept {
    uint32_t column = place.column_count - 1;
    while (column > 0 && place.table[column] > i) {
        column--;
    }
    return table_page(place, stride, column, i - place.table[column]);
}

PgsRecordPage describe_record_page(const ExtentPlace &place, uint32_t i) noexcept {
    const uint32_t per_stride = record_blocks(*place.columns, place.extent.slots);
    const uint32_t per_page = records_per_page(*place.columns);
    const ExtentPlace stride = stride_of(place, i / per_stride);
    const uint32_t before = i % per_stride * per_page;
    const PageIdentity page = table_page(stride, 0, kRecordColumn, i % per_stride);
    return {.block = page.block,
            .part = place.part_number,
            .sequence = page.sequence,
            .capacity = static_cast<uint32_t>(std::min<uint64_t>(per_page, stride.used - before)),
            .open = place.open,
            .slot = before,
            .stride_block = stride.extent.block,
            .stride_sequence = stride.sequence,
            .stride_slots = stride.extent.slots};
}

}  // namespace pgslab
