/*
 * range.h - conditions that a distance lies below a value. Include postgres.h first.
 */
#ifndef PGSLAB_PLAN_RANGE_H
#define PGSLAB_PLAN_RANGE_H

#include "nodes/pathnodes.h"

typedef struct SlabRange {
    OpExpr *distance; /* of the index's order, with the vector on the left */
    int strategy;     /* BTLessStrategyNumber or BTLessEqualStrategyNumber */
    Node *bound;      /* a float8, the same for all rows */
} SlabRange;

/* Whether it has the same value for all rows of a scan. */
extern bool slab_has_one_value(PlannerInfo *root, Node *expression);

/* Whether the condition is such a one. */
extern bool slab_find_range(PlannerInfo *root, IndexOptInfo *index, const Node *clause,
                            SlabRange *range);

/* The condition of that kind which a scan of this path is told of; or NULL. */
extern const RestrictInfo *slab_range_of_path(PlannerInfo *root, const IndexPath *path);

/* Has the planner know what share of a table's rows satisfies such conditions, as far as an index
 * can tell. The server takes a third of them to lie within any distance. For tables whose paths it
 * has found. */
extern void slab_estimate_ranges(PlannerInfo *root, RelOptInfo *rel);

#endif
