/*
 * vec_order.c - the order of vecs, for btree, and hashes that agree with it.
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "fmgr.h"

#include "types/vec.h"

/* By the first element that differs; a vec comes before the longer ones that begin with it. -0
 * equals 0. */
static int compare_vecs(const Vec *left, const Vec *right) {
    int shared = Min(left->dims, right->dims);

    for (int i = 0; i < shared; i++) {
        if (left->values[i] < right->values[i])
            return -1;
        if (left->values[i] > right->values[i])
            return 1;
    }
    return (left->dims > right->dims) - (left->dims < right->dims);
}

/* Frees what was detoasted: btree compares many times in one memory context. */
static int compare_arguments(FunctionCallInfo fcinfo) {
    Vec *left = PG_GETARG_VEC_P(0);
    Vec *right = PG_GETARG_VEC_P(1);
    int result = compare_vecs(left, right);

    PG_FREE_IF_COPY(left, 0);
    PG_FREE_IF_COPY(right, 1);
    return result;
}

PG_FUNCTION_INFO_V1(vec_cmp);
Datum vec_cmp(PG_FUNCTION_ARGS) {
    PG_RETURN_INT32(compare_arguments(fcinfo));
}

PG_FUNCTION_INFO_V1(vec_lt);
Datum vec_lt(PG_FUNCTION_ARGS) {
    PG_RETURN_BOOL(compare_arguments(fcinfo) < 0);
}

PG_FUNCTION_INFO_V1(vec_le);
Datum vec_le(PG_FUNCTION_ARGS) {
    PG_RETURN_BOOL(compare_arguments(fcinfo) <= 0);
}

PG_FUNCTION_INFO_V1(vec_eq);
Datum vec_eq(PG_FUNCTION_ARGS) {
    PG_RETURN_BOOL(compare_arguments(fcinfo) == 0);
}

PG_FUNCTION_INFO_V1(vec_ne);
Datum vec_ne(PG_FUNCTION_ARGS) {
    PG_RETURN_BOOL(compare_arguments(fcinfo) != 0);
}

PG_FUNCTION_INFO_V1(vec_ge);
Datum vec_ge(PG_FUNCTION_ARGS) {
    PG_RETURN_BOOL(compare_arguments(fcinfo) >= 0);
}

PG_FUNCTION_INFO_V1(vec_gt);
Datum vec_gt(PG_FUNCTION_ARGS) {
    PG_RETURN_BOOL(compare_arguments(fcinfo) > 0);
}

/* The values with -0 made 0, so that what is equal hashes alike. palloc'ed. */
static float *values_to_hash(const Vec *vec) {
    float *values = (float *)palloc(sizeof(float) * vec->dims);

    for (int i = 0; i < vec->dims; i++)
        values[i] = vec->values[i] + 0.0f;
    return values;
}

PG_FUNCTION_INFO_V1(vec_hash);
Datum vec_hash(PG_FUNCTION_ARGS) {
    Vec *vec = PG_GETARG_VEC_P(0);
    float *values = values_to_hash(vec);
    Datum hash = hash_any((unsigned char *)values, (int)sizeof(float) * vec->dims);

    pfree(values);
    PG_FREE_IF_COPY(vec, 0);
    return hash;
}

PG_FUNCTION_INFO_V1(vec_hash_extended);
Datum vec_hash_extended(PG_FUNCTION_ARGS) {
    Vec *vec = PG_GETARG_VEC_P(0);
    float *values = values_to_hash(vec);
    Datum hash = hash_any_extended((unsigned char *)values, (int)sizeof(float) * vec->dims,
                                   (uint64)PG_GETARG_INT64(1));

    pfree(values);
    PG_FREE_IF_COPY(vec, 0);
    return hash;
}
