// How the open part grows: space is reserved in runs that get longer as the part does, and of the
// run a stride at a time is formatted and becomes the part's, so that no insert waits for much.
#pragma once

#include <cstdint>

#include "pgslab/insert.h"
#include "pgslab/status.h"
#include "store/format.h"
#include "store/page.h"

namespace pgslab {

// Blocks to reserve for an open part of part_blocks in an index of index_blocks, given how full the
// manifest's extent table is: at first as many as there are, then an eighth, but a 64th of the
// index, so that its parts have few extents; half of the part when the table runs short, so that it
// does not fill before a relation is as large as it can be. Where the relation has no room for so
// many, half of them are tried, and so on: what lies between two reservations ends an extent, so
// they must not become short all at once.
uint64_t growth_blocks(uint64_t part_blocks, uint64_t index_blocks, uint32_t extents) noexcept;

// Slots of a stride where a part, or what is reserved for it if that is more, has so many blocks:
// about a quarter of them, at most 2 MiB, but room for at least four slots.
uint32_t stride_slots(uint64_t blocks, const Columns &columns) noexcept;

// What the open part grows by next, or the part that has to be opened first. blocks is 0 when
// nothing is reserved. PGS_FULL when the manifest has no room for it, or addresses have none for
// the part's slots.
PgsStatus next_growth(const Meta &meta, PgsGrowth &growth, PgsError *error) noexcept;

// Reserves a run, if none is. PGS_FULL when the manifest has no room for what it is to become,
// PGS_TOO_LARGE when the relation has none: nothing is changed then.
PgsStatus reserve_growth(Page &page, PgsError *error) noexcept;

// The pages of a growth, empty.
void format_growth(const Meta &meta, const PgsGrowth &growth, uint32_t i, Page &page) noexcept;

// Gives the open part, which is opened if there is none, what it was to grow by. PGS_MISUSE when
// that is not what comes next: nothing is changed then.
PgsStatus publish_growth(Page &page, const PgsGrowth &growth, PgsError *error) noexcept;

}  // namespace pgslab
