/*
 * dense_support.c - what the planner is to know of a distance between two values.
 */
#include "postgres.h"

#include "fmgr.h"

#include "types/dense.h"
#include "types/dense_functions.h"
#include "types/distance_support.h"

/* Measured: half a nanosecond a dimension. */
#define DIMS_AN_OPERATOR 32

Datum dense_distance_support(FunctionCallInfo fcinfo, const DenseType *type) {
    const DistanceWork work = {.header = DENSE_SIZE(type, 0),
                               .bits = (int)type->element_size * BITS_PER_BYTE,
                               .at_a_time = DIMS_AN_OPERATOR};

    PG_RETURN_POINTER(value_support_distance((Node *)PG_GETARG_POINTER(0), &work));
}
