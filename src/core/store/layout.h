// Where things are: slots to pages and back, by arithmetic.
#pragma once

#include <algorithm>
#include <cstdint>

#include "pgslab/index.h"
#include "store/format.h"
#include "store/page.h"

namespace pgslab {

// Of a record, or what a kind of index makes of it.
template <typename AnyRecord>
PgsTid tid_of(const AnyRecord &record) noexcept {
    return {static_cast<uint32_t>(record.heap_block_hi) << 16 | record.heap_block_lo,
            record.heap_offset};
}

template <typename AnyRecord>
void set_tid(AnyRecord &record, PgsTid tid) noexcept {
    record.heap_block_hi = static_cast<uint16_t>(tid.block >> 16);
    record.heap_block_lo = static_cast<uint16_t>(tid.block);
    record.heap_offset = tid.offset;
}

constexpr uint64_t divide_up(uint64_t a, uint64_t b) noexcept {
    return (a + b - 1) / b;
}

// ---- columns

// Items on a page of a column of which none crosses one.
constexpr uint32_t items_per_page(const Column &column) noexcept {
    return kPayloadBytes / column.item;
}

constexpr uint32_t records_per_page(const Columns &columns) noexcept {
    return items_per_page(columns.column[kRecordColumn]);
}

// Blocks of the table of records for so many slots.
constexpr uint32_t record_blocks(const Columns &columns, uint64_t slots) noexcept {
    return static_cast<uint32_t>(divide_up(slots, records_per_page(columns)));
}

// Blocks of a column's table for so many slots.
constexpr uint64_t column_blocks(const Column &column, uint64_t slots) noexcept {
    return (column.flags & kWhole) != 0 ? divide_up(slots, items_per_page(column))
                                        : divide_up(slots * column.item, kPayloadBytes);
}

// The columns of parts that maintenance writes.
constexpr Columns written_columns(const Columns &columns) noexcept {
    Columns written = columns;
    while ((written.column[written.count - 1].flags & kInsertedOnly) != 0) {
        written.column[--written.count] = {};
    }
    return written;
}

// Who has written a part is told by its handle.
constexpr bool is_written(const Part &part) noexcept {
    return part.handle >= kFirstWrittenHandle;
}

// How many of the index's columns a part has: the first so many.
constexpr uint32_t column_count(const Columns &columns, const Part &part) noexcept {
    return is_written(part) ? written_columns(columns).count : columns.count;
}

// Bytes of a slot in all tables.
constexpr uint64_t slot_bytes(const Columns &columns) noexcept {
    uint64_t bytes = 0;
    for (uint32_t c = 0; c < columns.count; c++) {
        bytes += columns.column[c].item;
    }
    return bytes;
}

// Blocks of a stride of so many slots: each column's table from a block of its own on.
constexpr uint64_t stride_blocks(const Columns &columns, uint64_t slots) noexcept {
    uint64_t blocks = 0;
    for (uint32_t c = 0; c < columns.count; c++) {
        blocks += column_blocks(columns.column[c], slots);
    }
    return blocks;
}

// The same of a part's.
constexpr uint64_t stride_blocks(const Columns &columns, const Part &part,
                                 uint64_t slots) noexcept {
    return is_written(part) ? stride_blocks(written_columns(columns), slots)
                            : stride_blocks(columns, slots);
}

// Most slots whose stride fits the blocks; 0 if none does, and no more than an extent can count.
uint32_t slots_fitting(uint32_t blocks, const Columns &columns) noexcept;

// Where an item, or the rest of it, is in its table.
struct ItemPlace {
    uint32_t page;    // of the table
    uint32_t offset;  // in the page's payload
    uint32_t bytes;   // of it that lie on the page
};

// Of the slot's item the bytes begin to end - 1, as far as they lie on the page of the first.
constexpr ItemPlace item_place(const Column &column, uint32_t slot, uint32_t begin,
                               uint32_t end) noexcept {
    if ((column.flags & kWhole) != 0) {
        const uint32_t per_page = items_per_page(column);
        return {slot / per_page, slot % per_page * column.item + begin, end - begin};
    }
    const uint64_t at = uint64_t{slot} * column.item + begin;
    const auto offset = static_cast<uint32_t>(at % kPayloadBytes);
    return {static_cast<uint32_t>(at / kPayloadBytes), offset,
            std::min(end - begin, kPayloadBytes - offset)};
}

// ---- extents

// An extent, or one stride of it, with what comes before, so that everything on its blocks can be
// named.
struct ExtentPlace {
    const Part *part;
    const Columns *columns;  // the index's
    uint32_t column_count;   // of them, that the part has
    uint32_t part_number;    // in the manifest
    Extent extent;
    uint32_t stride_blocks;
    uint32_t table[kMaxColumns];  // block of each column's table, from the stride's first on
    uint64_t first_slot;  // of the extent, counted over the whole index (all capacities before it)
    uint64_t part_slot;   // of the extent within its part
    uint32_t sequence;    // of the extent's first page
    bool open;
    uint64_t used;  // slots in use; of an open part's extent its capacity, since only the record
                    // pages know

    uint64_t capacity() const noexcept { return uint64_t{extent.slots} * extent.strides; }
    uint32_t blocks() const noexcept { return stride_blocks * extent.strides; }
};

// Its i-th stride: an extent of one.
ExtentPlace stride_of(const ExtentPlace &place, uint32_t i) noexcept;

// The stride that holds a slot, counted over the extent; *within: counted over the stride.
inline uint32_t stride_number(const ExtentPlace &place, uint64_t slot, uint32_t *within) noexcept {
    if (place.extent.strides == 1) {
        *within = static_cast<uint32_t>(slot);
        return 0;
    }
    *within = static_cast<uint32_t>(slot % place.extent.slots);
    return static_cast<uint32_t>(slot / place.extent.slots);
}

// What may be expected on the i-th page of a column's table in a stride, or of all of a stride.
inline PageIdentity table_page(const ExtentPlace &place, uint32_t stride, uint32_t column,
                               uint32_t i) noexcept {
    const uint32_t at = stride * place.stride_blocks + place.table[column] + i;
    const Column &table = place.columns->column[column];
    const uint32_t extra = column == kRecordColumn ? extra_of(table.item) : 0;
    return {place.extent.block + at, table.kind,          place.part->id,
            place.part->generation,  place.sequence + at, extra};
}
PageIdentity stride_page(const ExtentPlace &place, uint32_t stride, uint32_t i) noexcept;

// Record pages of all strides, as far as slots are in use.
inline uint32_t record_pages(const ExtentPlace &place) noexcept {
    const auto whole = static_cast<uint32_t>(place.used / place.extent.slots);
    return whole * record_blocks(*place.columns, place.extent.slots) +
           record_blocks(*place.columns, place.used % place.extent.slots);
}

inline bool has_dictionary(const Meta &meta) noexcept {
    return meta.dictionary.id != 0;
}

// Whether rows are put into segments: in an index with a dictionary, and in one whose kind has
// segments that refer to none.
inline bool has_segments(const Meta &meta) noexcept {
    return has_dictionary(meta) ||
           (meta.kinds.dictionary == PageKind{} && meta.kinds.segment_first != PageKind{});
}

// The open part, which is the manifest's last, or null.
inline const Part *open_part(const Meta &meta) noexcept {
    if (meta.parts == 0 || meta.part[meta.parts - 1].state != PartState::kOpen) {
        return nullptr;
    }
    return &meta.part[meta.parts - 1];
}

// The extent that begins a part, and the one that follows another. part and columns must outlive
// them.
ExtentPlace extent_place(const Part &part, const Columns &columns, const Extent &extent) noexcept;
ExtentPlace next_place(const ExtentPlace &before, const Extent &extent) noexcept;

// Calls visit(const ExtentPlace &) for each extent of a part, of which the first is the index's
// extent `number`, until it returns true; whether one did. *first_slot: of the first extent; of
// what follows the last one then.
template <typename Visit>
bool each_extent_from(const Meta &meta, uint32_t part_number, uint32_t number, uint64_t *first_slot,
                      Visit visit) {
    ExtentPlace place = {};
    for (uint32_t e = 0; e < meta.part[part_number].extents; e++) {
        const Extent &extent = meta.extent[number + e];
        place = e == 0 ? extent_place(meta.part[part_number], meta.columns, extent)
                       : next_place(place, extent);
        place.part_number = part_number;
        place.first_slot = *first_slot;
        *first_slot += place.capacity();
        if (visit(static_cast<const ExtentPlace &>(place))) {
            return true;
        }
    }
    return false;
}

// The same for each extent of the index.
template <typename Visit>
bool each_extent(const Meta &meta, Visit visit) {
    uint64_t first_slot = 0;
    uint32_t number = 0;
    for (uint32_t p = 0; p < meta.parts; p++) {
        if (each_extent_from(meta, p, number, &first_slot, visit)) {
            return true;
        }
        number += meta.part[p].extents;
    }
    return false;
}

// The same for each extent of one part.
template <typename Visit>
bool each_extent_of(const Meta &meta, uint32_t part_number, Visit visit) {
    uint64_t first_slot = 0;
    uint32_t number = 0;
    for (uint32_t p = 0; p < part_number; p++) {
        number += meta.part[p].extents;
    }
    for (uint32_t e = 0; e < number; e++) {
        first_slot += uint64_t{meta.extent[e].slots} * meta.extent[e].strides;
    }
    return each_extent_from(meta, part_number, number, &first_slot, visit);
}

// The same for each extent of the open part, which is the manifest's last if there is one.
template <typename Visit>
bool each_open_extent(const Meta &meta, Visit visit) {
    return open_part(meta) != nullptr && each_extent_of(meta, meta.parts - 1u, visit);
}

// Slots that the open part has room for; 0 if there is none.
inline uint64_t open_capacity(const Meta &meta) noexcept {
    uint64_t slots = 0;
    each_open_extent(meta, [&](const ExtentPlace &place) {
        slots += place.capacity();
        return false;
    });
    return slots;
}

// The i-th record page of an extent.
PgsRecordPage describe_record_page(const ExtentPlace &place, uint32_t i) noexcept;

}  // namespace pgslab
