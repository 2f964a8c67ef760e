/*
 * svec_distance.c - distances between svecs. The arithmetic is the core's; here the dims are
 * checked.
 */
#include "postgres.h"

#include "fmgr.h"

#include "types/svec.h"

typedef double (*DistanceFunction)(const PgsSvec *a, const PgsSvec *b);

/* The distance between the two arguments, which must have the same dims. */
static double distance_of_arguments(FunctionCallInfo fcinfo, const TypeWords *words,
                                    DistanceFunction distance) {
    Svec *left = PG_GETARG_SVEC_P(0);
    Svec *right = PG_GETARG_SVEC_P(1);

    svec_check_same_dims(words, left, right);

    PgsSvec a = svec_view(left);
    PgsSvec b = svec_view(right);
    double result = distance(&a, &b);

    /* A sort or a nested loop may keep the memory context for long. */
    PG_FREE_IF_COPY(left, 0);
    PG_FREE_IF_COPY(right, 1);
    return result;
}

static Datum l2_distance(FunctionCallInfo fcinfo, const TypeWords *words) {
    PG_RETURN_FLOAT8(distance_of_arguments(fcinfo, words, pgs_svec_l2_distance));
}
SVEC_FUNCTION(l2_distance, l2_distance)

/* Orders as the distance does and saves its square root. */
static Datum l2_squared_distance(FunctionCallInfo fcinfo, const TypeWords *words) {
    PG_RETURN_FLOAT8(distance_of_arguments(fcinfo, words, pgs_svec_l2_squared_distance));
}
SVEC_FUNCTION(l2_squared_distance, l2_squared_distance)

static Datum inner_product(FunctionCallInfo fcinfo, const TypeWords *words) {
    PG_RETURN_FLOAT8(distance_of_arguments(fcinfo, words, pgs_svec_inner_product));
}
SVEC_FUNCTION(inner_product, inner_product)

/* Negative, so that ORDER BY puts the largest inner product first. Subtracting from 0 avoids -0. */
static Datum negative_inner_product(FunctionCallInfo fcinfo, const TypeWords *words) {
    PG_RETURN_FLOAT8(0.0 - distance_of_arguments(fcinfo, words, pgs_svec_inner_product));
}
SVEC_FUNCTION(negative_inner_product, negative_inner_product)

/* NaN, which sorts last, when either vector is zero: it has no direction. */
static Datum cosine_distance(FunctionCallInfo fcinfo, const TypeWords *words) {
    PG_RETURN_FLOAT8(distance_of_arguments(fcinfo, words, pgs_svec_cosine_distance));
}
SVEC_FUNCTION(cosine_distance, cosine_distance)

static Datum l1_distance(FunctionCallInfo fcinfo, const TypeWords *words) {
    PG_RETURN_FLOAT8(distance_of_arguments(fcinfo, words, pgs_svec_l1_distance));
}
SVEC_FUNCTION(l1_distance, l1_distance)
