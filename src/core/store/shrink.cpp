#include "store/shrink.h"

#include <algorithm>

#include "store/free_space.h"
#include "store/layout.h"
#include "store/needs.h"
#include "store/sets.h"

namespace pgslab {

namespace {

// Free blocks, for each one that is in use, from which on what lies last is moved among them.
constexpr double kManyFree = 0.125;

bool has_much_free(const Meta &meta) noexcept {
    const uint64_t free = free_blocks(meta);
    const uint64_t used = meta.end_block - std::min<uint64_t>(free, meta.end_block);
    return static_cast<double>(free) > kManyFree * static_cast<double>(used);
}

}  // namespace

EndMove find_end_move(const Meta &meta) noexcept {
    EndMove found = {};
    if (!has_much_free(meta) || !has_room_for_runs(meta, 1)) {
        return found;
    }
    const uint32_t end = used_end(meta);
    const uint32_t largest = largest_free_run(meta, end);
    const uint64_t before = free_blocks(meta, end);
    each_extent(meta, [&](const ExtentPlace &place) {
        if (place.open || place.extent.block + place.blocks() != end) {
            return false;
        }
        PgsParts part = {};
        add(part, place.part_number);
        if (place.blocks() <= largest) {
            found.move = place.extent.block;
        } else if (stride_blocks(written_columns(meta.columns), place.part->slots) <= before &&
                   has_room_for(meta, part, all_segments(meta))) {
            found.rewrite = part;  // it fits all in all, but only in shorter runs
        }
        return true;
    });
    for (uint32_t i = 0; i < meta.segments; i++) {
        const Run &run = meta.segment[i].run;
        if (run.block + run.blocks == end && run.blocks <= largest) {
            found.move = run.block;
        }
    }
    return found;
}

}  // namespace pgslab
