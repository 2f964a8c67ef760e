#include "index/shrink.h"

#include <algorithm>

#include "format/free_space.h"
#include "format/layout.h"
#include "format/sets.h"
#include "index/needs.h"

namespace pgslab {

namespace {

// Free blocks, for each one that is in use, from which on what lies last is moved among them.
constexpr double kManyFree = 0.125;

// An extent that is moved gives up as many runs, of records, codes and vectors; a segment one.
constexpr uint32_t kTablesOfExtent = 3;

bool has_much_free(const Meta &meta) noexcept {
    const uint64_t free = free_blocks(meta);
    const uint64_t used = meta.end_block - std::min<uint64_t>(free, meta.end_block);
    return static_cast<double>(free) > kManyFree * static_cast<double>(used);
}

uint32_t segment_blocks(const Segment &segment) noexcept {
    return segment.directory_blocks + segment.list_blocks;
}

}  // namespace

Last find_last(const Meta &meta) noexcept {
    Last found = {};
    if (!has_much_free(meta) || !has_room_for_runs(meta, kTablesOfExtent)) {
        return found;
    }
    const SlotShape shape = slot_shape(meta);
    const uint32_t end = used_end(meta);
    const uint32_t largest = largest_free_run(meta, end);
    const uint64_t before = free_blocks(meta) - (meta.end_block - end);
    each_extent(meta, [&](const ExtentPlace &place) {
        const Extent &extent = place.extent;
        if (place.open || extent.slab_block + slab_blocks(extent.slots, shape.item) != end) {
            return false;
        }
        PgsParts part = {};
        add(part, place.part_number);
        if (extent_blocks(extent.slots, shape) <= largest) {
            found.move = extent.record_block;
        } else if (extent_blocks(place.part->slots, shape) <= before &&
                   has_room_for(meta, part, all_segments(meta))) {
            found.rewrite = part;  // it fits all in all, but only in shorter runs
        }
        return true;
    });
    for (uint32_t i = 0; i < meta.segments; i++) {
        const Segment &segment = meta.segment[i];
        if (segment.block + segment_blocks(segment) == end && segment_blocks(segment) <= largest) {
            found.move = segment.block;
        }
    }
    return found;
}

}  // namespace pgslab
