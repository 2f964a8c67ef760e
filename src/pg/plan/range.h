/*
 * range.h - conditions that a distance lies below a value. Include postgres.h first.
 */
#ifndef PGSLAB_PLAN_RANGE_H
#define PGSLAB_PLAN_RANGE_H

#include "nodes/pathnodes.h"

typedef struct SlabRange {
    OpExpr *distance; /* of the index's order, with the vector on the left */
    int strategy;     /* of a btree: how it is compared with the bound */
    Node *bound;      /* a float8, the same for all rows */
} SlabRange;

/* Whether it has the same value for all rows of a scan. */
extern bool slab_has_one_value(PlannerInfo *root, Node *expression);

/* Whether the condition compares a distance with a bound, and not for being the same; whether it
 * asks for the rows below it, which an index finds. */
extern bool slab_find_bound(PlannerInfo *root, IndexOptInfo *index, const Node *clause,
                            SlabRange *range);
extern bool slab_find_range(PlannerInfo *root, IndexOptInfo *index, const Node *clause,
                            SlabRange *range);

/* The condition of that kind which a scan of this path is told of; or NULL. */
extern const RestrictInfo *slab_range_of_path(PlannerInfo *root, const IndexPath *path);

#endif
