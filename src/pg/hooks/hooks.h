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
#include "nodes/plannodes.h"

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

/* filter_path.c: the planner hands conditions on filter columns to ordered scans. */
extern void slab_init_filter_path(void);

/* observe.c: who plans a query to learn about it is shown its tables. To be set up behind
 * filter_path.c. */
extern void slab_init_observe(void);

/* Called for each table of a query whose paths the server has found: before hooks add theirs, and
 * after that. */
typedef struct SlabObserver SlabObserver;
typedef void (*SlabTableObserver)(SlabObserver *observer, PlannerInfo *root, RelOptInfo *rel,
                                  RangeTblEntry *rte);
struct SlabObserver {
    SlabTableObserver before;
    SlabTableObserver after;
};

/* Plans a query, which the planner changes, and shows its tables to the observer. */
extern PlannedStmt *slab_plan_observed(SlabObserver *observer, Query *query, const char *text,
                                       int options);

/* explain.c: EXPLAIN (ANALYZE, VERBOSE) says what the scans did. */
extern void slab_init_explain(void);

/* definition.c: no index is defined that a build would refuse. */
extern void slab_init_definition(void);

#endif
