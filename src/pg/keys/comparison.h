/*
 * comparison.h - which keys of a filter column values have that a comparison finds. Include
 * postgres.h first.
 *
 * Keys say less than values: ranges may have keys of other values, too. All are made in
 * CurrentMemoryContext.
 */
#ifndef PGSLAB_KEYS_COMPARISON_H
#define PGSLAB_KEYS_COMPARISON_H

#include "utils/rel.h"

#include "keys/keys.h"
#include "keys/ranges.h"

/* A filter column. */
typedef struct SlabColumn {
    const SlabKeyType *type;
    uint32 number; /* from 0 */
    Oid value_type;
    Oid collation;
    uint64 most; /* key of a value */
} SlabColumn;

/* The column of an index with this number, from 2. */
extern SlabColumn slab_column(Relation index, AttrNumber number);

/* The elements of an array that are not null. */
typedef struct SlabElements {
    Oid type;
    Datum *values;
    int count;
    bool has_null;
    bool too_many; /* nothing else is known then */
} SlabElements;

extern SlabElements slab_elements(Datum array);

/* Of values that the operator with this strategy finds in order with the value. */
extern SlabRanges slab_ranges_of_value(const SlabColumn *column, int strategy, Datum value,
                                       Oid type);

/* All keys up to this one but those that only values have which are equal to the one with these
 * bounds. */
extern SlabRanges slab_ranges_of_others(const SlabKeyBounds *bounds, uint64 most);

/* Of values that find one of the array's elements so. */
extern SlabRanges slab_ranges_of_array(const SlabColumn *column, int strategy, Datum array,
                                       Oid type);

/* Of values that differ from all of the array's elements: where there are none even NULL does. */
extern SlabRanges slab_ranges_of_none(const SlabColumn *column, Datum array, Oid type);

#endif
