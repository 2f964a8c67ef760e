// For tests: where an index's tables are.
#pragma once

#include "ivf/format.h"
#include "ivf/meta.h"
#include "ivf/segment_layout.h"
#include "store/layout.h"

namespace pgslab {

// The first block of a column's table in the first stride of the index's e-th extent.
inline uint32_t table_block(const Meta &meta, uint32_t e, uint32_t column) {
    uint32_t block = 0;
    uint32_t number = 0;
    each_extent(meta, [&](const ExtentPlace &place) {
        block = table_page(place, 0, column, 0).block;
        return number++ == e;
    });
    return block;
}

// Blocks of a segment's lists without keys, and the i-th page of its directory and of its lists.
constexpr uint32_t list_blocks(uint32_t dims, uint64_t rows) noexcept {
    return static_cast<uint32_t>(
        divide_up(divide_up(rows, kBlockRows) * block_bytes(dims), kPayloadBytes));
}
inline PageIdentity directory_page(const Segment &segment, uint32_t i) noexcept {
    return page_of_segment(segment, i);
}
inline PageIdentity list_page(const Segment &segment, uint32_t i) noexcept {
    return page_of_segment(segment, segment.first_blocks + i);
}

// The first block of a segment's lists, and how many there are.
inline uint32_t list_block_of(const Segment &segment) {
    return segment.run.block + segment.first_blocks;
}
inline uint32_t list_blocks_of(const Segment &segment) {
    return segment.run.blocks - segment.first_blocks;
}

// Bytes of a slot's refinement code with its tail, and of its stored vector with padding.
inline uint32_t refine_bytes_of(const Meta &meta) {
    return meta.columns.column[kRefineColumn].item;
}
inline uint32_t item_bytes_of(const Meta &meta) {
    return meta.columns.column[kSlabColumn].item;
}

}  // namespace pgslab
