// What is due by an index's manifest and its policy. What of that is done, and when, see picker.h.
#pragma once

#include <cstdint>

#include "pgslab/maintain.h"
#include "store/format.h"

namespace pgslab {

// What only the kind of index can say.
struct OwnNeeds {
    bool recluster;    // the dictionary should be made anew
    bool calibrate;    // the index should be measured anew
    double drift;      // see PgsNeeds
    PgsParts rewrite;  // that should be written anew for what they have
};

struct Needs {
    uint64_t sidecar;    // slots that are in no segment
    PgsParts flush;      // parts with many of them; sealed ones with any
    PgsParts recode;     // parts whose tables refer to an earlier dictionary
    PgsParts rewrite;    // parts with many tombstones, and small ones that suit them
    PgsSegments merge;   // that should be one
    bool recluster;      // the dictionary should be made anew
    bool calibrate;      // the index should be measured anew
    bool flush_overdue;  // see PgsNeeds, as for the next
    double drift;
};

// What an index needs whose open part has so many slots in use. Leaves out what the manifest has no
// room for until runs that were given up are free again.
Needs find_needs(const Meta &meta, uint64_t open_slots, const PgsPolicy &policy,
                 const OwnNeeds &own) noexcept;

// Slots in use that are no tombstones, as far as these have been counted.
uint64_t live_slots(const Meta &meta, uint64_t open_slots) noexcept;

// Rows of the sidecar from which on it should be flushed.
uint64_t flush_rows(const PgsPolicy &policy) noexcept;

// Sealed parts whose tables refer to an earlier dictionary, whether there is room to write them
// anew or not.
PgsParts stale_parts(const Meta &meta) noexcept;

// Whether the manifest can name the runs that these leave, and the dictionary if it is to go,
// besides those that a task takes and splits.
bool has_room_for(const Meta &meta, PgsParts parts, PgsSegments segments,
                  bool dictionary = false) noexcept;

// The same of so many runs.
bool has_room_for_runs(const Meta &meta, uint32_t runs) noexcept;

}  // namespace pgslab
