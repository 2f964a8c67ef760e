/*
 * distance_support.h - what the planner asks about distance functions of any type. Include
 * postgres.h first.
 */
#ifndef PGSLAB_TYPES_DISTANCE_SUPPORT_H
#define PGSLAB_TYPES_DISTANCE_SUPPORT_H

#include "nodes/nodes.h"

/* How large values are, and how fast a distance of two is computed. */
typedef struct DistanceWork {
    Size header;      /* bytes of a value before its dimensions */
    int bits;         /* of a value, each dimension */
    double at_a_time; /* dimensions that take as long as an operator of the planner's */
} DistanceWork;

/* What the support function of a distance returns for this request; NULL where it has nothing to
 * say. The type modifier of an argument is the number of its dimensions. */
Node *value_support_distance(Node *request, const DistanceWork *work);

#endif
