/*
 * keys.h - filter columns: what an index keeps of their values, and what conditions on them come
 * to. Include postgres.h first.
 *
 * Every type that can be a filter column has an operator class of this access method, whose support
 * function says how keys are made (types.c). pgslab/filter.h says what keys are.
 */
#ifndef PGSLAB_KEYS_KEYS_H
#define PGSLAB_KEYS_KEYS_H

#include "access/genam.h"
#include "access/relscan.h"
#include "access/skey.h"
#include "utils/rel.h"

#include "keys/ranges.h"
#include "pgslab/filter.h"

/* Where a value lies among the keys of a column, which need not be of its type. */
typedef struct SlabKeyBounds {
    PgsKeyRange equal; /* has the keys of values that are equal to it, if there are any */
    uint64 least;      /* values that are greater have a key that is not less */
    uint64 most;       /* values that are less have a key that is not greater */
    bool unique;       /* only values that are equal to it have the keys of equal */
    bool none;         /* no value of the column can be equal to it: it lies outside of the type */
} SlabKeyBounds;

/* Strategies of sets: one element in common; all elements of the other. Those of other types are a
 * btree's. */
#define SLAB_OVERLAPS_STRATEGY 6
#define SLAB_CONTAINS_STRATEGY 7

/* How keys of a type are made: of a value that has an order, or of the elements of a set. Values
 * are not NULL, and detoasted where need be. */
typedef struct SlabKeyType {
    int bytes; /* of a key: 4 or 8 */
    uint64 (*key)(Datum value, Oid collation);
    /* type: of the value, with which an operator of the family compares the column. */
    SlabKeyBounds (*bounds)(Datum value, Oid type, Oid collation);
    /* NULL where keys are in the order of values, or say nothing of it. Else the keys that values
     * may have that are not greater than this one; from: that are not less. */
    SlabRanges (*ordered)(Datum value, bool from);

    int keys; /* of a set: that there is room for, and how its elements' are made, of this type */
    uint64 (*element)(Datum element, Oid collation);
    Oid element_type;
} SlabKeyType;

/* Of a column of the index, from 1; ERROR unless it is a filter column. */
extern const SlabKeyType *slab_key_type(Relation index, AttrNumber column);

/* What the metapage says of the filter columns of an index that is to be built, and of its
 * addresses. */
extern PgsKeyColumns slab_key_columns(Relation index);

/* Whether the column's operators with this strategy take a value of the given type for one of this
 * other, by which the operator is known: as an array's element, where kind says so (term.h). */
extern bool slab_key_takes(Relation index, AttrNumber column, int kind, int strategy, Oid given,
                           Oid type);

/* Most keys of a row. */
#define SLAB_MOST_KEYS (PGS_MAX_FILTER_COLUMNS * PGS_MAX_SET_KEYS)

/* The keys of a row, from the values of all columns of the index, to keys, which has room for
 * SLAB_MOST_KEYS. */
extern void slab_make_keys(Relation index, const Datum *values, const bool *isnull, uint64 *keys);

/* The vector from which a condition bounds distances. */
typedef struct SlabCenter {
    bool given;
    bool isnull; /* no row satisfies the condition */
    Datum vector;
} SlabCenter;

/* The condition that the keys of a scan come to, and that rows are among those that are named,
 * unless that is NULL; in CurrentMemoryContext. NULL where it asks nothing. The center is as the
 * keys have it. */
extern const PgsFilter *slab_make_filter(IndexScanDesc scan, const PgsTidSet *named,
                                         SlabCenter *center);

#endif
