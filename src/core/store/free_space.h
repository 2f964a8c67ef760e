// Runs of blocks that no table lies in: given up, free, or being written. The manifest keeps them
// in the order of their blocks, neighbours of the same time as one.
#pragma once

#include <cstdint>

#include "store/format.h"

namespace pgslab {

// Takes the first of the free runs that has at least so many blocks, or its beginning if it has
// more than `most`: not the smallest, so that whatever is written anew moves towards the beginning
// and the end gets free. An empty run when there is none.
Run take_free_run(Meta &meta, uint32_t least, uint32_t most) noexcept;

// Takes a run of so many blocks: such a free one, or at the end. Every block of it has to get an
// owner. False, and no change, when the relation has no room.
bool take_run(Meta &meta, uint32_t blocks, Run &run) noexcept;

// Puts a run, which may be empty, among the spare ones; false when there is no room.
bool add_spare(Meta &meta, Run run, uint64_t since) noexcept;

// Takes a run that is being written off the spare ones, now that a table lies on its first `used`
// blocks, and frees the others. False when no such run is being written.
bool use_run(Meta &meta, const Run &run, uint32_t used) noexcept;

// reclaim() frees what somebody has left being written, and what was given up before the full
// transaction id `removable`. can_reclaim(): whether there is any.
bool can_reclaim(const Meta &meta, uint64_t removable) noexcept;
void reclaim(Meta &meta, uint64_t removable) noexcept;

// Whether maintenance is writing to a run, or has left it so by ending early.
bool is_being_written(const Meta &meta) noexcept;

// Whether a run was given up when `xid` or a later full transaction id came next, so that it may
// still be read by who began before that one.
bool was_given_up_since(const Meta &meta, uint64_t xid) noexcept;

// The first of the blocks at the index's end that are free or reserved for growth; end_block if the
// last block is in use. cut_free_end() gives up those that are free, and what is reserved behind
// them: what is reserved alone takes no space.
uint32_t used_end(const Meta &meta) noexcept;
void cut_free_end(Meta &meta) noexcept;

// Blocks from here on, if any, are reserved for growth: they need not be there.
uint32_t formatted_end(const Meta &meta) noexcept;

// Blocks of all free runs, and of the largest, that begin before a block.
uint64_t free_blocks(const Meta &meta, uint32_t before = kMaxBlocks) noexcept;
uint32_t largest_free_run(const Meta &meta, uint32_t before) noexcept;

}  // namespace pgslab
