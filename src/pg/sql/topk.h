/*
 * topk.h - what the two ways of slab_topk() share: a scan of the index, and a query. Include
 * postgres.h first.
 */
#ifndef PGSLAB_SQL_TOPK_H
#define PGSLAB_SQL_TOPK_H

#include "fmgr.h"
#include "storage/itemptr.h"
#include "utils/rel.h"

typedef struct SlabNeighbour {
    double distance;
    ItemPointerData tid;
} SlabNeighbour;

typedef struct SlabTopK {
    Relation index;
    Relation table;
    Oid nearness; /* the operator that the index orders by, and its function */
    FmgrInfo distance;
    Datum query; /* of the type that the index has, detoasted */
    int64 k;
    double farthest; /* rows beyond are not wanted */
    int64 found;
    int64 room;
    SlabNeighbour *neighbours; /* nearest first */
} SlabTopK;

/* topk.c: adds a row behind those found so far. */
extern void slab_keep_neighbour(SlabTopK *top, double distance, ItemPointer tid);

/* topk_query.c: finds the neighbours by a query, planned and run with the rights of the user, row
 * level security included. The filter is what follows WHERE, or NULL; ERROR when it is more, or
 * less, than one expression. The user may read the whole table: the caller has checked that. */
extern void slab_topk_by_query(SlabTopK *top, const char *filter);

#endif
