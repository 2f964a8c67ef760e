/*
 * plan.h - what the planner is told and offered, and the plan node that is ours. Include postgres.h
 * first.
 *
 * Each slab_init_...() is called once, when the library is loaded. It keeps what was hooked in
 * there before, and calls that in its turn.
 */
#ifndef PGSLAB_PLAN_PLAN_H
#define PGSLAB_PLAN_PLAN_H

#include "access/genam.h"
#include "nodes/pathnodes.h"
#include "nodes/plannodes.h"

#include "pgslab/tid_set.h"

/* cost.c: see the server's chapter "Index Cost Estimation Functions". */
extern void slab_cost_estimate(PlannerInfo *root, IndexPath *path, double loop_count,
                               Cost *startup_cost, Cost *total_cost, Selectivity *selectivity,
                               double *correlation, double *pages);

/* Why no plan is to have the path. */
typedef enum SlabRefusal {
    SLAB_NOT_REFUSED,
    SLAB_REFUSED_ORDER,        /* it has no distance to order by, or another as well */
    SLAB_REFUSED_NULL_VECTORS, /* the query asks for rows whose vector is null */
    SLAB_REFUSED_OTHER_QUERY,  /* it names another index, or none that is known */
    SLAB_REFUSED_ALL_ROWS,     /* rows without a distance make a difference to it */
    SLAB_REFUSED_UNREADABLE    /* the index cannot be read */
} SlabRefusal;
extern SlabRefusal slab_refusal(PlannerInfo *root, const IndexPath *path);

/* What that path costs where a bitmap, which is not in it, names this share of the table's rows,
 * and it takes from_table to read these and see whether they satisfy the conditions. False for one
 * that is not to be taken. */
extern bool slab_cost_with_bitmap(PlannerInfo *root, const IndexPath *path, Selectivity named,
                                  Cost from_table, Cost *startup_cost, Cost *total_cost);

/* paths.c: whether the path is a scan of a slab index in the order of a distance, for no values of
 * other relations. */
extern bool slab_is_ordered_path(const Path *path);

/* The same, or that it finds the rows within a distance, in any order. */
extern bool slab_is_search_path(const Path *path);

/* Adds paths to those of the table; NULL is none. Frees the list. */
extern void slab_add_paths(RelOptInfo *rel, List *paths);

/* distance.c: plans lose a distance that nobody looks at. */
extern void slab_init_distance(void);

/* range_rows.c: the planner knows how many rows lie within a distance. To be set up before the
 * files that add paths. */
extern void slab_init_range_rows(void);

/* order_path.c: the planner has ordered scans also where a distance is the first key of several. */
extern void slab_init_order_path(void);

/* Adds the paths over these indexes that the server finds in the order of the query's first key. */
extern void slab_add_paths_by_first_key(PlannerInfo *root, RelOptInfo *rel, List *indexes);

/* filter_path.c: the planner hands conditions on filter columns to ordered scans, and bounds of
 * distances. */
extern void slab_init_filter_path(void);

/* Adds the paths over the table's indexes that are told of conditions. */
extern void slab_add_paths_with_conditions(PlannerInfo *root, RelOptInfo *rel);

/* bitmap_path.c: the planner hands ordered scans what other indexes find. */
extern void slab_init_bitmap_path(void);

/* bitmap_scan.c: its plan node. The first makes a plan of a path whose children are an ordered scan
 * and a bitmap heap scan. */
extern Plan *slab_make_bitmap_scan(List *targets, List *children);
extern void slab_init_bitmap_scan(void);

/* The ordered scan of such a node, or NULL where the plan is another. */
extern const Plan *slab_ordered_scan_of(const Plan *plan);

/* To be asked when a scan starts: the rows that it may return, as long as it runs; NULL for all. */
extern const PgsTidSet *slab_named_rows(IndexScanDesc scan);

/* observe.c: who plans a query to learn about it is shown its tables. To be set up behind the files
 * that add paths. */
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

#endif
