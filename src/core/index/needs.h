// What is due by an index's manifest and its policy. What of that is done, and when, see picker.h.
#pragma once

#include <cstdint>

#include "format/format.h"
#include "pgslab/maintain.h"

namespace pgslab {

struct Needs {
    uint64_t sidecar;   // slots that are in no segment
    PgsParts seal;      // parts with many of them; sealed ones with any
    PgsParts recode;    // parts whose codes refer to an earlier codebook
    PgsParts rewrite;   // parts with many tombstones, and small ones that suit them
    PgsSegments merge;  // that should be one
    bool recluster;     // there are far fewer lists than suit the rows, or these have drifted
    bool calibrate;     // there are far more, or fewer, or other rows than were measured with
    bool seal_overdue;  // see PgsNeeds, as for the next
    double drift;
};

// What an index needs whose open part has so many slots in use. Leaves out what the manifest has no
// room for until runs that were given up are free again.
Needs find_needs(const Meta &meta, uint64_t open_slots, const PgsPolicy &policy) noexcept;

// Rows of the sidecar from which on it should be sealed.
uint64_t seal_rows(const PgsPolicy &policy) noexcept;

// Sealed parts whose codes refer to an earlier codebook, whether there is room to write them anew
// or not.
PgsParts stale_parts(const Meta &meta) noexcept;

// Whether the manifest can name the runs that these leave, and the codebook if it is to go, besides
// those that a task takes and splits.
bool has_room_for(const Meta &meta, PgsParts parts, PgsSegments segments,
                  bool codebook = false) noexcept;

// The same of so many runs.
bool has_room_for_runs(const Meta &meta, uint32_t runs) noexcept;

}  // namespace pgslab
