/*
 * svec_distance.c - distances between svecs. The arithmetic is the core's; here the dims are
 * checked.
 */
#include "postgres.h"

#include "fmgr.h"

#include "types/svec.h"

typedef double (*DistanceFunction)(const PgsSvec *a, const PgsSvec *b);

/* The distance between the two arguments, which must have the same dims. */
static double distance_of_arguments(FunctionCallInfo fcinfo, DistanceFunction distance) {
    Svec *left = PG_GETARG_SVEC_P(0);
    Svec *right = PG_GETARG_SVEC_P(1);

    svec_check_same_dims(left, right);

    PgsSvec a = svec_view(left);
    PgsSvec b = svec_view(right);
    double result = distance(&a, &b);

    /* A sort or a nested loop may keep the memory context for long. */
    PG_FREE_IF_COPY(left, 0);
    PG_FREE_IF_COPY(right, 1);
    return result;
}

PG_FUNCTION_INFO_V1(svec_l2_distance);
Datum svec_l2_distance(PG_FUNCTION_ARGS) {
    PG_RETURN_FLOAT8(distance_of_arguments(fcinfo, pgs_svec_l2_distance));
}

/* Orders as the distance does and saves its square root. */
PG_FUNCTION_INFO_V1(svec_l2_squared_distance);
Datum svec_l2_squared_distance(PG_FUNCTION_ARGS) {
    PG_RETURN_FLOAT8(distance_of_arguments(fcinfo, pgs_svec_l2_squared_distance));
}

PG_FUNCTION_INFO_V1(svec_inner_product);
Datum svec_inner_product(PG_FUNCTION_ARGS) {
    PG_RETURN_FLOAT8(distance_of_arguments(fcinfo, pgs_svec_inner_product));
}

/* Negative, so that ORDER BY puts the largest inner product first. Subtracting from 0 avoids -0. */
PG_FUNCTION_INFO_V1(svec_negative_inner_product);
Datum svec_negative_inner_product(PG_FUNCTION_ARGS) {
    PG_RETURN_FLOAT8(0.0 - distance_of_arguments(fcinfo, pgs_svec_inner_product));
}

/* NaN, which sorts last, when either vector is zero: it has no direction. */
PG_FUNCTION_INFO_V1(svec_cosine_distance);
Datum svec_cosine_distance(PG_FUNCTION_ARGS) {
    PG_RETURN_FLOAT8(distance_of_arguments(fcinfo, pgs_svec_cosine_distance));
}

PG_FUNCTION_INFO_V1(svec_l1_distance);
Datum svec_l1_distance(PG_FUNCTION_ARGS) {
    PG_RETURN_FLOAT8(distance_of_arguments(fcinfo, pgs_svec_l1_distance));
}
