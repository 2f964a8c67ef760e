/*
 * vec_distance.c - distances between vecs. The arithmetic is the core's; here the dims are checked.
 */
#include "postgres.h"

#include "fmgr.h"

#include "types/vec.h"

typedef double (*DistanceFunction)(const float *a, const float *b, int dims);

/* The distance between the two arguments, which must have the same dims. */
static double distance_of_arguments(FunctionCallInfo fcinfo, DistanceFunction distance) {
    Vec *left = PG_GETARG_VEC_P(0);
    Vec *right = PG_GETARG_VEC_P(1);

    vec_check_same_dims(left, right);

    double result = distance(left->values, right->values, left->dims);

    /* A sort or a nested loop may keep the memory context for long. */
    PG_FREE_IF_COPY(left, 0);
    PG_FREE_IF_COPY(right, 1);
    return result;
}

PG_FUNCTION_INFO_V1(vec_l2_distance);
Datum vec_l2_distance(PG_FUNCTION_ARGS) {
    PG_RETURN_FLOAT8(distance_of_arguments(fcinfo, pgs_l2_distance));
}

/* Orders as the distance does and saves its square root. */
PG_FUNCTION_INFO_V1(vec_l2_squared_distance);
Datum vec_l2_squared_distance(PG_FUNCTION_ARGS) {
    PG_RETURN_FLOAT8(distance_of_arguments(fcinfo, pgs_l2_squared_distance));
}

PG_FUNCTION_INFO_V1(vec_inner_product);
Datum vec_inner_product(PG_FUNCTION_ARGS) {
    PG_RETURN_FLOAT8(distance_of_arguments(fcinfo, pgs_inner_product));
}

/* Negative, so that ORDER BY puts the largest inner product first. Subtracting from 0 avoids -0. */
PG_FUNCTION_INFO_V1(vec_negative_inner_product);
Datum vec_negative_inner_product(PG_FUNCTION_ARGS) {
    PG_RETURN_FLOAT8(0.0 - distance_of_arguments(fcinfo, pgs_inner_product));
}

/* NaN, which sorts last, when either vector is zero: it has no direction. */
PG_FUNCTION_INFO_V1(vec_cosine_distance);
Datum vec_cosine_distance(PG_FUNCTION_ARGS) {
    PG_RETURN_FLOAT8(distance_of_arguments(fcinfo, pgs_cosine_distance));
}

PG_FUNCTION_INFO_V1(vec_l1_distance);
Datum vec_l1_distance(PG_FUNCTION_ARGS) {
    PG_RETURN_FLOAT8(distance_of_arguments(fcinfo, pgs_l1_distance));
}
