#include "store/manifest.h"

#include <algorithm>

#include "base/assert.h"
#include "base/error.h"
#include "store/free_space.h"
#include "store/layout.h"
#include "store/meta.h"
#include "store/sets.h"

namespace pgslab {

namespace {

PgsStatus full(const Meta &meta, PgsError *error) noexcept {
    return fail(error, PGS_FULL, kMetaBlock,
                "the index has %u parts, %u extents, %u segments, %u spare runs and %u blocks",
                meta.parts, meta.extents, meta.segments, meta.spares, meta.end_block);
}

PgsStatus too_large(const Meta &meta, uint32_t blocks, PgsError *error) noexcept {
    return fail(error, PGS_TOO_LARGE, kMetaBlock, "%u blocks more than the %u it has", blocks,
                meta.end_block);
}

Run run_of(const Meta &meta, const Part &part, const Extent &extent) noexcept {
    const uint64_t stride = stride_blocks(meta.columns, part, extent.slots);
    return {extent.block, static_cast<uint32_t>(extent.strides * stride)};
}

// Gives up the extents of a part, of which `first` is the first.
bool retire_extents(Meta &meta, const Part &part, uint32_t first, uint64_t since) noexcept {
    bool room = true;
    for (uint32_t e = first; e < first + part.extents; e++) {
        room = room && add_spare(meta, run_of(meta, part, meta.extent[e]), since);
    }
    return room;
}

bool remove_part(Meta &meta, uint64_t id, uint64_t since) noexcept {
    uint32_t first = 0;
    for (uint32_t p = 0; p < meta.parts; p++) {
        const uint32_t count = meta.part[p].extents;
        if (meta.part[p].id == id) {
            if (!retire_extents(meta, meta.part[p], first, since)) {
                return false;
            }
            std::copy(meta.extent + first + count, meta.extent + meta.extents, meta.extent + first);
            std::copy(meta.part + p + 1, meta.part + meta.parts, meta.part + p);
            meta.extents = static_cast<uint16_t>(meta.extents - count);
            meta.part[--meta.parts] = {};
            return true;
        }
        first += count;
    }
    return false;
}

bool remove_segment(Meta &meta, uint64_t id, uint64_t since) noexcept {
    for (uint32_t i = 0; i < meta.segments; i++) {
        const Segment &segment = meta.segment[i];
        if (segment.id == id) {
            const Run run = segment.run;
            std::copy(meta.segment + i + 1, meta.segment + meta.segments, meta.segment + i);
            meta.segment[--meta.segments] = {};
            return add_spare(meta, run, since);
        }
    }
    return false;
}

bool move_tables(Meta &meta, const Moved &moved, uint64_t since) noexcept {
    uint32_t extents = 0;
    for (uint32_t p = 0; p < meta.parts; p++) {
        const uint32_t first = extents;
        extents += meta.part[p].extents;
        for (uint32_t e = first; e < extents; e++) {
            Extent &extent = meta.extent[e];
            if (extent.block == moved.from) {
                const Run run = run_of(meta, meta.part[p], extent);
                extent.block = moved.to;
                return add_spare(meta, run, since);
            }
        }
    }
    for (uint32_t i = 0; i < meta.segments; i++) {
        Segment &segment = meta.segment[i];
        if (segment.run.block == moved.from) {
            const Run run = segment.run;
            segment.run.block = moved.to;
            return add_spare(meta, run, since);
        }
    }
    return false;
}

// Before the open part, which is the last. extents: the part's.
bool insert_part(Meta &meta, const Part &part, const Extent *extents) noexcept {
    if (meta.parts == kMaxParts || meta.extents + part.extents > kMaxExtents) {
        return false;
    }
    const uint32_t open = open_part(meta) != nullptr ? 1 : 0;
    const uint32_t at = meta.parts - open;
    const uint32_t open_extents = open == 0 ? 0 : meta.part[at].extents;
    const uint32_t first = meta.extents - open_extents;
    std::copy_backward(meta.part + at, meta.part + meta.parts, meta.part + meta.parts + 1);
    std::copy_backward(meta.extent + first, meta.extent + meta.extents,
                       meta.extent + meta.extents + part.extents);
    meta.part[at] = part;
    std::copy(extents, extents + part.extents, meta.extent + first);
    meta.parts++;
    meta.extents = static_cast<uint16_t>(meta.extents + part.extents);
    return true;
}

// Whether what was written was reserved, and what it replaces is there.
bool agrees(const Meta &meta, const Replacement &made) noexcept {
    const auto has_run = [&](uint32_t i) {
        return std::any_of(meta.spare, meta.spare + meta.spares, [&](const Spare &spare) {
            return spare.run.block == made.run[i].block && spare.run.blocks == made.run[i].blocks &&
                   spare.since == kWorking && made.used[i] <= made.run[i].blocks;
        });
    };
    const auto has_part = [&](uint64_t id) {
        return std::any_of(meta.part, meta.part + meta.parts,
                           [id](const Part &part) { return part.id == id; });
    };
    const auto has_segment = [&](uint64_t id) {
        return std::any_of(meta.segment, meta.segment + meta.segments,
                           [id](const Segment &segment) { return segment.id == id; });
    };
    const auto is_named_once = [](const uint64_t *ids, uint32_t count) {
        return std::all_of(ids, ids + count,
                           [&](uint64_t id) { return std::count(ids, ids + count, id) == 1; });
    };
    const uint32_t from = made.moved.from;
    const auto begins_there = [from](const Extent &extent) { return extent.block == from; };
    bool all = from == 0 || std::any_of(meta.extent, meta.extent + meta.extents, begins_there) ||
               std::any_of(meta.segment, meta.segment + meta.segments,
                           [from](const Segment &segment) { return segment.run.block == from; });
    for (uint32_t i = 0; i < made.runs; i++) {
        all = all && has_run(i);
    }
    return all && (made.flushed_part == 0 || has_part(made.flushed_part)) &&
           std::all_of(made.part_id, made.part_id + made.parts, has_part) &&
           std::all_of(made.segment_id, made.segment_id + made.segments, has_segment) &&
           is_named_once(made.part_id, made.parts) && is_named_once(made.segment_id, made.segments);
}

// False when a table of the manifest has no room.
bool replace(Meta &meta, const Replacement &made, uint64_t since) noexcept {
    for (uint32_t i = 0; i < made.runs; i++) {
        if (!use_run(meta, made.run[i], made.used[i])) {
            return false;
        }
    }
    for (uint32_t i = 0; i < made.parts; i++) {
        if (!remove_part(meta, made.part_id[i], since)) {
            return false;
        }
    }
    for (uint32_t i = 0; i < made.segments; i++) {
        if (!remove_segment(meta, made.segment_id[i], since)) {
            return false;
        }
    }
    if (made.moved.from != 0 && !move_tables(meta, made.moved, since)) {
        return false;
    }
    if (made.dictionary.id != 0) {
        if (!add_spare(meta, meta.dictionary.run, since)) {
            return false;
        }
        meta.dictionary = made.dictionary;
    }
    const Extent *extents = made.extent;
    for (uint32_t i = 0; i < made.new_parts; i++) {
        if (!insert_part(meta, made.part[i], extents)) {
            return false;
        }
        extents += made.part[i].extents;
    }
    if (made.segment.id != 0) {
        if (meta.segments == kMaxSegments) {
            return false;
        }
        meta.segment[meta.segments++] = made.segment;
    }
    for (uint32_t p = 0; p < meta.parts; p++) {
        if (meta.part[p].id == made.flushed_part) {
            meta.part[p].flushed = made.flushed;
        }
        // What refers to another dictionary is of no use any more.
        if (meta.part[p].dictionary != meta.dictionary.id) {
            meta.part[p].flushed = 0;
        }
    }
    meta.other_bytes_written += made.other_bytes;
    meta.value_bytes_written += made.value_bytes;
    meta.generation++;
    return true;
}

}  // namespace

uint16_t free_handle(const Meta &meta, uint16_t from) noexcept {
    const Part *const end = meta.part + meta.parts;
    while (std::any_of(meta.part, end, [from](const Part &part) { return part.handle == from; })) {
        from++;
    }
    return from;
}

uint32_t spares_after(const Meta &meta, PgsParts parts, PgsSegments segments,
                      bool dictionary) noexcept {
    constexpr uint64_t kSince = kWorking - 1;  // that nothing else has
    Meta rest = meta;
    bool room = !dictionary || add_spare(rest, meta.dictionary.run, kSince);
    for (uint32_t p = 0; p < meta.parts && room; p++) {
        room = !has(parts, p) || remove_part(rest, meta.part[p].id, kSince);
    }
    for (uint32_t i = 0; i < meta.segments && room; i++) {
        room = !has(segments, i) || remove_segment(rest, meta.segment[i].id, kSince);
    }
    return room ? rest.spares : kMaxSpares + 1;
}

void name_replaced(const Meta &meta, PgsParts parts, PgsSegments segments,
                   Replacement &made) noexcept {
    for (uint32_t p = 0; p < meta.parts; p++) {
        if (has(parts, p)) {
            made.part_id[made.parts++] = meta.part[p].id;
        }
    }
    for (uint32_t i = 0; i < meta.segments; i++) {
        if (has(segments, i)) {
            made.segment_id[made.segments++] = meta.segment[i].id;
        }
    }
}

PgsStatus reserve_some(Page &page, uint32_t least, uint32_t blocks, uint32_t ids,
                       Reservation &reserved, PgsError *error) noexcept {
    const Meta &meta = meta_of(page);
    const uint32_t largest = largest_free_run(meta, meta.end_block);
    // One that is large enough, or what comes nearest.
    const bool some = largest < blocks && largest >= least;
    return reserve_run(page, some ? largest : blocks, ids, reserved, error);
}

PgsStatus reserve_run(Page &page, uint32_t blocks, uint32_t ids, Reservation &reserved,
                      PgsError *error) noexcept {
    Meta &meta = meta_of(page);
    // One entry for the run, one for what is left of a free one.
    if (meta.spares + 2u > kMaxSpares) {
        return full(meta, error);
    }
    Run run;
    if (!take_run(meta, blocks, run)) {
        return too_large(meta, blocks, error);
    }
    add_spare(meta, run, kWorking);
    reserved = {run, meta.next_id, meta.generation};
    meta.next_id += ids;
    finish_meta(page);
    return PGS_OK;
}

bool reclaim_runs(Page &page, uint64_t removable) noexcept {
    Meta &meta = meta_of(page);
    if (!can_reclaim(meta, removable)) {
        return false;
    }
    reclaim(meta, removable);
    finish_meta(page);
    return true;
}

uint32_t cut_end(Page &page) noexcept {
    Meta &meta = meta_of(page);
    cut_free_end(meta);
    finish_meta(page);
    return formatted_end(meta);
}

void set_tombstones(Page &page, uint32_t part, uint64_t tombstones) noexcept {
    meta_of(page).part[part].tombstones = tombstones;
    finish_meta(page);
}

void close_open_part(Page &page, uint64_t slots) noexcept {
    Meta &meta = meta_of(page);
    PGSLAB_ASSERT(open_part(meta) != nullptr);
    Part &part = meta.part[meta.parts - 1];
    part.state = PartState::kSealed;
    part.slots = slots;
    meta.generation++;
    finish_meta(page);
}

PgsStatus publish_replacement(Page &page, const Replacement &replacement, uint64_t since,
                              PgsError *error) noexcept {
    if (!agrees(meta_of(page), replacement)) {
        return fail(error, PGS_MISUSE, PGS_NO_BLOCK,
                    "what was written was not reserved, or replaces what is not there");
    }
    Page changed = page;
    if (!replace(meta_of(changed), replacement, since)) {
        return full(meta_of(page), error);
    }
    finish_meta(changed);
    page = changed;
    return PGS_OK;
}

}  // namespace pgslab
