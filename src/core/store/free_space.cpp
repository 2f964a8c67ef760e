#include "store/free_space.h"

#include <algorithm>

namespace pgslab {

namespace {

void remove_spare(Meta &meta, uint32_t i) noexcept {
    std::copy(meta.spare + i + 1, meta.spare + meta.spares, meta.spare + i);
    meta.spare[--meta.spares] = {};
}

// Two runs that are being written stay two, since each of them is used for itself.
void join_spares(Meta &meta) noexcept {
    for (uint32_t i = 0; i + 1 < meta.spares;) {
        Spare &a = meta.spare[i];
        const Spare &b = meta.spare[i + 1];
        if (a.since == b.since && a.since != kWorking &&
            a.run.block + a.run.blocks == b.run.block) {
            a.run.blocks += b.run.blocks;
            remove_spare(meta, i + 1);
        } else {
            i++;
        }
    }
}

bool is_reclaimable(const Spare &spare, uint64_t removable) noexcept {
    return spare.since == kWorking || (spare.since != kFree && spare.since < removable);
}

// The first of the free blocks that end at that one.
uint32_t free_end(const Meta &meta, uint32_t end) noexcept {
    for (uint32_t i = meta.spares; i-- > 0;) {
        const Spare &last = meta.spare[i];
        if (last.run.block < end &&
            (last.since != kFree || last.run.block + last.run.blocks != end)) {
            break;
        }
        end = std::min(end, last.run.block);
    }
    return end;
}

void remove_spares_from(Meta &meta, uint32_t block) noexcept {
    while (meta.spares > 0 && meta.spare[meta.spares - 1].run.block >= block) {
        remove_spare(meta, meta.spares - 1u);
    }
}

template <typename Matches>
bool any_spare(const Meta &meta, Matches matches) noexcept {
    return std::any_of(meta.spare, meta.spare + meta.spares, matches);
}

}  // namespace

Run take_free_run(Meta &meta, uint32_t least, uint32_t most) noexcept {
    for (uint32_t i = 0; i < meta.spares; i++) {
        Run &free = meta.spare[i].run;
        if (meta.spare[i].since != kFree || free.blocks < least) {
            continue;
        }
        const Run taken = {free.block, std::min(free.blocks, most)};
        free.block += taken.blocks;
        free.blocks -= taken.blocks;
        if (free.blocks == 0) {
            remove_spare(meta, i);
        }
        return taken;
    }
    return {};
}

bool take_run(Meta &meta, uint32_t blocks, Run &run) noexcept {
    run = take_free_run(meta, blocks, blocks);
    if (run.blocks > 0) {
        return true;
    }
    // What is free at the end is too short, but may be the beginning.
    const uint32_t block = free_end(meta, meta.end_block);
    if (uint64_t{block} + blocks > kMaxBlocks) {
        return false;
    }
    remove_spares_from(meta, block);
    run = {block, blocks};
    meta.end_block = block + blocks;
    return true;
}

bool add_spare(Meta &meta, Run run, uint64_t since) noexcept {
    if (run.blocks == 0) {
        return true;
    }
    if (meta.spares == kMaxSpares) {
        return false;
    }
    Spare *const end = meta.spare + meta.spares;
    Spare *const at =
        std::find_if(meta.spare, end, [&](const Spare &s) { return s.run.block > run.block; });
    std::copy_backward(at, end, end + 1);
    *at = {run, since};
    meta.spares++;
    join_spares(meta);
    return true;
}

bool use_run(Meta &meta, const Run &run, uint32_t used) noexcept {
    for (uint32_t i = 0; i < meta.spares; i++) {
        if (meta.spare[i].run.block == run.block && meta.spare[i].since == kWorking &&
            used <= run.blocks) {
            remove_spare(meta, i);
            return add_spare(meta, {run.block + used, run.blocks - used}, kFree);
        }
    }
    return false;
}

bool can_reclaim(const Meta &meta, uint64_t removable) noexcept {
    return any_spare(meta,
                     [removable](const Spare &spare) { return is_reclaimable(spare, removable); });
}

void reclaim(Meta &meta, uint64_t removable) noexcept {
    for (uint32_t i = 0; i < meta.spares; i++) {
        if (is_reclaimable(meta.spare[i], removable)) {
            meta.spare[i].since = kFree;
        }
    }
    join_spares(meta);
}

bool is_being_written(const Meta &meta) noexcept {
    return any_spare(meta, [](const Spare &spare) { return spare.since == kWorking; });
}

bool was_given_up_since(const Meta &meta, uint64_t xid) noexcept {
    return any_spare(meta, [xid](const Spare &spare) {
        return spare.since != kFree && spare.since != kWorking && spare.since >= xid;
    });
}

uint32_t used_end(const Meta &meta) noexcept {
    const Run &growth = meta.growth.run;
    const uint32_t end = free_end(meta, meta.end_block);
    return growth.blocks > 0 && growth.block + growth.blocks == end ? free_end(meta, growth.block)
                                                                    : end;
}

void cut_free_end(Meta &meta) noexcept {
    const uint32_t end = used_end(meta);
    if (meta.growth.run.block > end) {
        meta.growth = {};
    }
    remove_spares_from(meta, end);
    meta.end_block = end + (meta.growth.run.block == end ? meta.growth.run.blocks : 0);
}

uint32_t formatted_end(const Meta &meta) noexcept {
    const Run &growth = meta.growth.run;
    const bool last = growth.blocks > 0 && growth.block + growth.blocks == meta.end_block;
    return last ? growth.block : meta.end_block;
}

uint64_t free_blocks(const Meta &meta, uint32_t before) noexcept {
    uint64_t blocks = 0;
    for (uint32_t i = 0; i < meta.spares; i++) {
        const Spare &spare = meta.spare[i];
        if (spare.since == kFree && spare.run.block < before) {
            blocks += spare.run.blocks;
        }
    }
    return blocks;
}

uint32_t largest_free_run(const Meta &meta, uint32_t before) noexcept {
    uint32_t largest = 0;
    for (uint32_t i = 0; i < meta.spares; i++) {
        const Spare &spare = meta.spare[i];
        if (spare.since == kFree && spare.run.block < before) {
            largest = std::max(largest, spare.run.blocks);
        }
    }
    return largest;
}

}  // namespace pgslab
