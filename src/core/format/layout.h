// Where things are: slot numbers to pages and back, by arithmetic.
#pragma once

#include <algorithm>
#include <cstdint>

#include "format/format.h"
#include "pgslab/index.h"
#include "pgslab/types.h"

namespace pgslab {

inline PgsTid tid_of(const Record &record) noexcept {
    return {static_cast<uint32_t>(record.heap_block_hi) << 16 | record.heap_block_lo,
            record.heap_offset};
}

inline void set_tid(Record &record, PgsTid tid) noexcept {
    record.heap_block_hi = static_cast<uint16_t>(tid.block >> 16);
    record.heap_block_lo = static_cast<uint16_t>(tid.block);
    record.heap_offset = tid.offset;
}

constexpr uint64_t divide_up(uint64_t a, uint64_t b) noexcept {
    return (a + b - 1) / b;
}

constexpr uint32_t element_bytes(Storage storage) noexcept {
    return storage == Storage::kF16 ? 2 : 4;
}

// Bytes of a stored vector with its padding: a power of two up to 64, else a multiple of 64. So an
// item of at most 64 bytes never crosses a page, and a larger one crosses at a multiple of 64 bytes
// from its start.
constexpr uint32_t item_bytes(uint32_t dims, Storage storage) noexcept {
    const uint32_t bytes = dims * element_bytes(storage);
    if (bytes > kLineBytes) {
        return static_cast<uint32_t>(divide_up(bytes, kLineBytes)) * kLineBytes;
    }
    uint32_t size = element_bytes(storage);
    while (size < bytes) {
        size *= 2;
    }
    return size;
}

inline uint32_t item_bytes(const Meta &meta) noexcept {
    return item_bytes(meta.dims, meta.storage);
}

// Dims of codes: what the rotation fills up.
constexpr uint32_t padded_dims(uint32_t dims) noexcept {
    return (dims + 63) / 64 * 64;
}

// Bytes of a slot's code, of as many bits as the refinement has or of one if there is none, with
// its tail.
constexpr uint32_t refine_bytes(uint32_t dims, uint32_t refine_bits) noexcept {
    return padded_dims(dims) * std::max(refine_bits, 1u) / 8 +
           static_cast<uint32_t>(sizeof(RefineTail));
}

// Most dims that such codes are possible for: a page holds at least one.
constexpr uint32_t most_dims(uint32_t refine_bits) noexcept {
    return std::min<uint32_t>(PGS_MAX_DIMS,
                              (kPayloadBytes - static_cast<uint32_t>(sizeof(RefineTail))) * 8 /
                                  std::max(refine_bits, 1u) / 64 * 64);
}

// Bytes of a block of 32 rows in a segment.
constexpr uint32_t block_bytes(uint32_t dims) noexcept {
    return padded_dims(dims) * kBlockRows / 8 + static_cast<uint32_t>(sizeof(BlockTail));
}

// The codebook's stripe: where its sections begin, and how many blocks it takes.
struct CodebookLayout {
    uint64_t signs;
    uint64_t mean;
    uint64_t info;
    uint64_t centroids;
    uint64_t end;
};

constexpr uint64_t line_up(uint64_t bytes) noexcept {
    return divide_up(bytes, kLineBytes) * kLineBytes;
}

constexpr CodebookLayout codebook_layout(uint32_t dims, uint32_t lists) noexcept {
    CodebookLayout at = {};
    at.signs = sizeof(CodebookHeader);
    at.mean = line_up(at.signs + padded_dims(dims) / 2);
    at.info = line_up(at.mean + dims * sizeof(float));
    at.centroids = line_up(at.info + lists * sizeof(ListInfo));
    at.end = at.centroids + uint64_t{lists} * padded_dims(dims);
    return at;
}

constexpr uint32_t codebook_blocks(uint32_t dims, uint32_t lists) noexcept {
    return static_cast<uint32_t>(divide_up(codebook_layout(dims, lists).end, kPayloadBytes));
}

constexpr uint32_t directory_blocks(uint32_t lists) noexcept {
    return static_cast<uint32_t>(divide_up(uint64_t{lists} * sizeof(ListRun), kPayloadBytes));
}

// Blocks of a segment's lists; rows at most 2^32.
constexpr uint32_t list_blocks(uint32_t dims, uint64_t rows) noexcept {
    return static_cast<uint32_t>(
        divide_up(divide_up(rows, kBlockRows) * block_bytes(dims), kPayloadBytes));
}

// What a slot takes besides its record.
struct SlotShape {
    uint32_t item;    // bytes in the slab
    uint32_t refine;  // bytes in the refinement table; 0 in an index without codes
};

inline SlotShape slot_shape(const Meta &meta) noexcept {
    return {item_bytes(meta), meta.code_bits == 0 ? 0 : refine_bytes(meta.dims, meta.refine_bits)};
}

constexpr uint32_t record_blocks(uint64_t slots) noexcept {
    return static_cast<uint32_t>(divide_up(slots, kRecordsPerPage));
}

constexpr uint32_t slab_blocks(uint64_t slots, uint32_t item) noexcept {
    return static_cast<uint32_t>(divide_up(slots * item, kPayloadBytes));
}

// Refinement codes on a page.
constexpr uint32_t refines_per_page(uint32_t refine) noexcept {
    return kPayloadBytes / refine;
}

constexpr uint32_t refine_blocks(uint64_t slots, uint32_t refine) noexcept {
    return refine == 0 ? 0 : static_cast<uint32_t>(divide_up(slots, refines_per_page(refine)));
}

// Blocks of an extent of that many slots, whatever their number: the three above hold only what a
// relation can.
constexpr uint64_t extent_blocks(uint64_t slots, SlotShape shape) noexcept {
    return divide_up(slots, kRecordsPerPage) + divide_up(slots * shape.item, kPayloadBytes) +
           (shape.refine == 0 ? 0 : divide_up(slots, refines_per_page(shape.refine)));
}

// Most slots whose records, vectors and codes fit the blocks; 0 if none does, and no more than an
// extent can count.
uint32_t slots_fitting(uint32_t blocks, SlotShape shape) noexcept;

// Blocks to add to an open part that has part_blocks of an index of index_blocks, given how full
// the manifest's extent table is: at first as many as there are, then an eighth, so that space is
// not wasted, but a 64th of the index, so that its parts have few extents; at most 32 MiB at once,
// so that no insert waits long; half of the part when the table runs short, so that it does not
// fill before a relation is as large as it can be or has 2^37 slots. Room for at least four slots,
// and no block more than they need: every block has an owner.
uint32_t growth_blocks(uint64_t part_blocks, uint64_t index_blocks, uint32_t extents,
                       SlotShape shape) noexcept;

// An extent with what comes before it, so that everything on its blocks can be named.
struct ExtentPlace {
    const Part *part;
    uint32_t part_number;  // in the manifest
    Extent extent;
    uint64_t first_slot;  // of the extent, counted over the whole index (all capacities before it)
    uint64_t part_slot;   // of the extent within its part
    uint32_t record_sequence;
    uint32_t slab_sequence;
    uint32_t refine_sequence;
    bool open;
    uint32_t used;  // slots in use; of an open part's extent its capacity, since only the record
                    // pages know
};

// The open part, which is the manifest's last, or null.
inline const Part *open_part(const Meta &meta) noexcept {
    if (meta.parts == 0 || meta.part[meta.parts - 1].state != PartState::kOpen) {
        return nullptr;
    }
    return &meta.part[meta.parts - 1];
}

// Calls visit(const ExtentPlace &) for each extent of a part, of which the first is the index's
// extent `number`, until it returns true; whether one did. *first_slot: of the first extent; of
// what follows the last one then.
template <typename Visit>
bool each_extent_from(const Meta &meta, uint32_t part_number, uint32_t number, uint64_t *first_slot,
                      Visit visit) {
    const SlotShape shape = slot_shape(meta);
    const Part &part = meta.part[part_number];
    ExtentPlace place = {};
    place.part = &part;
    place.part_number = part_number;
    place.first_slot = *first_slot;
    place.open = part.state == PartState::kOpen;
    for (uint32_t e = 0; e < part.extents; e++) {
        place.extent = meta.extent[number + e];
        const uint32_t slots = place.extent.slots;
        const uint64_t left = part.slots - std::min(part.slots, place.part_slot);
        place.used = place.open ? slots : static_cast<uint32_t>(std::min<uint64_t>(left, slots));
        if (visit(static_cast<const ExtentPlace &>(place))) {
            return true;
        }
        place.first_slot += slots;
        place.part_slot += slots;
        place.record_sequence += record_blocks(slots);
        place.slab_sequence += slab_blocks(slots, shape.item);
        place.refine_sequence += refine_blocks(slots, shape.refine);
    }
    *first_slot = place.first_slot;
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
        first_slot += meta.extent[e].slots;
    }
    return each_extent_from(meta, part_number, number, &first_slot, visit);
}

// The same for each extent of the open part, which is the manifest's last if there is one.
template <typename Visit>
bool each_open_extent(const Meta &meta, Visit visit) {
    return open_part(meta) != nullptr && each_extent_of(meta, meta.parts - 1u, visit);
}

// The i-th record page of an extent.
inline PgsRecordPage describe_record_page(const ExtentPlace &place, uint32_t i) noexcept {
    const uint32_t before = i * kRecordsPerPage;
    return {.block = place.extent.record_block + i,
            .part = place.part_number,
            .sequence = place.record_sequence + i,
            .capacity = std::min(kRecordsPerPage, place.used - before),
            .open = place.open,
            .slot = before,
            .slab_block = place.extent.slab_block,
            .slab_sequence = place.slab_sequence,
            .refine_block = place.extent.refine_block,
            .refine_sequence = place.refine_sequence};
}

}  // namespace pgslab
