/*
 * ranges.h - sets of keys as ranges: ascending, none touches another. Include postgres.h first.
 *
 * All are made in CurrentMemoryContext.
 */
#ifndef PGSLAB_KEYS_RANGES_H
#define PGSLAB_KEYS_RANGES_H

#include "pgslab/filter.h"

typedef struct SlabRanges {
    PgsKeyRange *range;
    int count;
} SlabRanges;

/* Room for so many, none of which is there. */
extern SlabRanges slab_no_ranges(int room);

/* From first to last; nothing where last comes before. */
extern SlabRanges slab_one_range(uint64 first, uint64 last);

/* Puts ranges that are in any order into theirs, and together what overlaps or touches. */
extern void slab_normalise_ranges(SlabRanges *ranges);

/* What both have; what one of them has; and what these have not of the keys up to this one. */
extern SlabRanges slab_common_ranges(const SlabRanges *a, const SlabRanges *b);
extern SlabRanges slab_all_ranges(const SlabRanges *a, const SlabRanges *b);
extern SlabRanges slab_other_ranges(const SlabRanges *ranges, uint64 most);

#endif
