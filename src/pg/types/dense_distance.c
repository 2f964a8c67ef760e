/*
 * dense_distance.c - distances. The arithmetic is the core's; here the dims are checked.
 */
#include "postgres.h"

#include "fmgr.h"

#include "types/dense.h"
#include "types/dense_functions.h"

Datum dense_distance(FunctionCallInfo fcinfo, const DenseType *type, DenseDistance distance) {
    Dense *left = PG_GETARG_DENSE_P(0);
    Dense *right = PG_GETARG_DENSE_P(1);

    dense_check_same_dims(type, left, right);

    double result = distance(left, right);

    /* A sort or a nested loop may keep the memory context for long. */
    PG_FREE_IF_COPY(left, 0);
    PG_FREE_IF_COPY(right, 1);
    PG_RETURN_FLOAT8(result);
}
