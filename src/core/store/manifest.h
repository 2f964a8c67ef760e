// What maintenance changes on the metapage: runs taken and given up, tables that replace others.
//
// Whoever holds the index's maintenance lock reserves a run, writes to it, and publishes what it
// wrote in one change; a reservation found by the next holder is what a crash or an error left.
// Inserts know nothing of it: while the open part is open they only add extents to it.
#pragma once

#include <cstdint>

#include "pgslab/index.h"
#include "pgslab/status.h"
#include "store/format.h"
#include "store/page.h"

namespace pgslab {

// A run to write to, and names for what is written there.
struct Reservation {
    Run run;
    uint64_t first_id;
    uint64_t generation;
};

// Takes a run for maintenance to write to, as take_run() does, and so many ids. PGS_FULL when a
// table of the metapage has no room, PGS_TOO_LARGE when the relation has none.
PgsStatus reserve_run(Page &page, uint32_t blocks, uint32_t ids, Reservation &reserved,
                      PgsError *error) noexcept;

// The same, but a shorter run does that is free and has at least `least` blocks.
PgsStatus reserve_some(Page &page, uint32_t least, uint32_t blocks, uint32_t ids,
                       Reservation &reserved, PgsError *error) noexcept;

// Frees what nobody writes to any more, and what was given up before the full transaction id
// `removable`; whether that changed anything.
bool reclaim_runs(Page &page, uint64_t removable) noexcept;

// Gives up what is free at the end, see cut_free_end(); the first block that need not be there now.
uint32_t cut_end(Page &page) noexcept;

// Closes the open part, which has so many slots in use; the next growth opens another.
void close_open_part(Page &page, uint64_t slots) noexcept;

// The least handle from `from` on that no part has.
uint16_t free_handle(const Meta &meta, uint16_t from) noexcept;

// How many spare runs there are once these parts and segments, and the dictionary if it is to go,
// have been given up. More than kMaxSpares: there is no room for them.
uint32_t spares_after(const Meta &meta, PgsParts parts, PgsSegments segments,
                      bool dictionary) noexcept;

// Most parts, and extents of them, that one replacement has.
constexpr uint32_t kMostNewParts = 8;
constexpr uint32_t kMostNewExtents = 4 * kMostNewParts;

// What lies elsewhere now, as it was: an extent, or a segment, by its first block. None: from is 0.
struct Moved {
    uint32_t from;
    uint32_t to;
};

// Tables that were written to reserved runs, and those they take the place of. A table that is not
// there has id 0.
struct Replacement {
    uint32_t runs;  // reserved, and how much of each is in use
    Run run[kMostNewExtents + 2];
    uint32_t used[kMostNewExtents + 2];
    DictionaryRef dictionary;
    uint32_t new_parts;  // sealed; their extents follow one another
    Part part[kMostNewParts];
    Extent extent[kMostNewExtents];
    Segment segment;
    uint32_t parts;  // replaced
    uint32_t segments;
    uint64_t part_id[kMaxParts];
    uint64_t segment_id[kMaxSegments];
    uint64_t flushed_part;  // a part of which more slots are in segments now: id
    uint64_t flushed;
    Moved moved;
    uint64_t other_bytes;  // written
    uint64_t value_bytes;  // those of columns of values
};

// How many tombstones a part has, by its number in the manifest.
void set_tombstones(Page &page, uint32_t part, uint64_t tombstones) noexcept;

// Names parts and segments, by their numbers in the manifest, as replaced.
void name_replaced(const Meta &meta, PgsParts parts, PgsSegments segments,
                   Replacement &made) noexcept;

// Publishes the replacement. since: the full transaction id that comes next; what is replaced is
// given up since then. PGS_FULL when a table of the metapage has no room, PGS_MISUSE when the
// manifest is not the one that the replacement was made for: nothing is changed then.
PgsStatus publish_replacement(Page &page, const Replacement &replacement, uint64_t since,
                              PgsError *error) noexcept;

}  // namespace pgslab
