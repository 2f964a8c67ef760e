/*
 * topk.h - finding the k nearest visible rows of an index, for slab_topk() and slab_two_tier().
 * Include postgres.h and fmgr.h first.
 */
#ifndef PGSLAB_SQL_TOPK_H
#define PGSLAB_SQL_TOPK_H

#include "pgslab/index.h"
#include "storage/itemptr.h"
#include "utils/rel.h"

typedef struct SlabNeighbour {
    double distance;
    ItemPointerData tid;
    Oid table; /* or the partition that the row is in */
} SlabNeighbour;

typedef struct SlabTopK {
    Relation index;
    Relation table;
    const char *function; /* of SQL, for messages */
    Oid nearness;         /* the operator that the index orders by, and its function */
    FmgrInfo distance;
    Oid query_type; /* the operator's right one */
    Datum query;    /* detoasted */
    int64 k;
    double farthest; /* rows beyond are not wanted */
    int64 found;
    int64 room;
    SlabNeighbour *neighbours; /* nearest first */
} SlabTopK;

/* topk.c: opens the index and its table, for rows as near as there are. ERROR for an index that
 * cannot be searched, for who may not read the table, for a negative k and for a query that is none
 * of the index. The query is of any type of vectors; *info is what the index says of itself. */
extern void slab_begin_topk(SlabTopK *top, const char *function, Oid index, Oid query_type,
                            Datum query, int32 k, PgsMetaInfo *info);

/* topk.c: the rest of that, for an index that is open and a query of the operator's type. */
extern void slab_prepare_topk(SlabTopK *top, const char *function, Relation index, Oid query_type,
                              Datum query, int32 k);

/* topk.c: finds the neighbours among the rows that satisfy a filter, or all if that is NULL. info:
 * NULL for an index that says nothing of itself, a partitioned one. */
extern void slab_find_topk(SlabTopK *top, const PgsMetaInfo *info, const char *filter);

extern void slab_end_topk(SlabTopK *top);

/* topk.c: adds a row behind those found so far. */
extern void slab_keep_neighbour(SlabTopK *top, double distance, ItemPointer tid, Oid table);

/* What is higher where rows are nearer (see the README), and the distance that has such a score:
 * the similarity, of which some distances are 1 less. */
static inline double slab_score_of_distance(PgsMetric metric, double distance) {
    return (metric == PGS_COSINE || metric == PGS_JACCARD ? 1 : 0) - distance;
}

static inline double slab_distance_of_score(PgsMetric metric, double score) {
    return slab_score_of_distance(metric, score);
}

/* topk_query.c: finds the neighbours by a query, planned and run with the rights of the user, row
 * level security included. The filter is what follows WHERE, or NULL; ERROR when it is more, or
 * less, than one expression. The user may read the whole table: the caller has checked that. */
extern void slab_topk_by_query(SlabTopK *top, const char *filter);

#endif
