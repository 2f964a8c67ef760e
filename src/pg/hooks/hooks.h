/*
 * hooks.h - where pgslab hooks into the server: executor, planner, EXPLAIN, catalogs. Include
 * postgres.h first.
 *
 * Each slab_init_...() is called once, when the library is loaded. It keeps what was hooked in
 * there before, and calls that in its turn.
 */
#ifndef PGSLAB_HOOKS_HOOKS_H
#define PGSLAB_HOOKS_HOOKS_H

#include "access/genam.h"
#include "nodes/pathnodes.h"

/* limit.c: scans learn how many rows the query wants of them. */
extern void slab_init_limit(void);

typedef struct SlabLimit {
    uint32 rows; /* that the query at hand wants of a scan; 0 when nobody knows */
    bool all;    /* it wants every row */
} SlabLimit;

/* To be asked when the scan starts, not before: only then the LIMIT's parameters are known. */
extern SlabLimit slab_limit(IndexScanDesc scan);

/* distance.c: plans lose a distance that nobody looks at. */
extern void slab_init_distance(void);

/* order_path.c: the planner has ordered scans also where a distance is the first key of several. */
extern void slab_init_order_path(void);

/* Whether a path is an ordered scan of a slab index, whose order is one distance. */
extern bool slab_is_ordered_path(const Path *path);

/* filter_path.c: the planner hands conditions on filter columns to ordered scans. */
extern void slab_init_filter_path(void);

/* explain.c: EXPLAIN (ANALYZE, VERBOSE) says what the scans did. */
extern void slab_init_explain(void);

/* definition.c: no index is defined that a build would refuse. */
extern void slab_init_definition(void);

#endif
