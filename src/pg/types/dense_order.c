/*
 * dense_order.c - the order of values, for btree, and hashes that agree with it.
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "fmgr.h"

#include "types/dense.h"
#include "types/dense_functions.h"

/* By the first element that differs; a value comes before the longer ones that begin with it. -0
 * equals 0. */
static int compare_values(const DenseType *type, const Dense *left, const Dense *right) {
    int result = type->compare(left->elements, right->elements, Min(left->dims, right->dims));

    return result != 0 ? result : (left->dims > right->dims) - (left->dims < right->dims);
}

/* Frees what was detoasted: btree compares many times in one memory context. */
static int compare_arguments(FunctionCallInfo fcinfo, const DenseType *type) {
    Dense *left = PG_GETARG_DENSE_P(0);
    Dense *right = PG_GETARG_DENSE_P(1);
    int result = compare_values(type, left, right);

    PG_FREE_IF_COPY(left, 0);
    PG_FREE_IF_COPY(right, 1);
    return result;
}

Datum dense_cmp(FunctionCallInfo fcinfo, const DenseType *type) {
    PG_RETURN_INT32(compare_arguments(fcinfo, type));
}

Datum dense_lt(FunctionCallInfo fcinfo, const DenseType *type) {
    PG_RETURN_BOOL(compare_arguments(fcinfo, type) < 0);
}

Datum dense_le(FunctionCallInfo fcinfo, const DenseType *type) {
    PG_RETURN_BOOL(compare_arguments(fcinfo, type) <= 0);
}

Datum dense_eq(FunctionCallInfo fcinfo, const DenseType *type) {
    PG_RETURN_BOOL(compare_arguments(fcinfo, type) == 0);
}

Datum dense_ne(FunctionCallInfo fcinfo, const DenseType *type) {
    PG_RETURN_BOOL(compare_arguments(fcinfo, type) != 0);
}

Datum dense_ge(FunctionCallInfo fcinfo, const DenseType *type) {
    PG_RETURN_BOOL(compare_arguments(fcinfo, type) >= 0);
}

Datum dense_gt(FunctionCallInfo fcinfo, const DenseType *type) {
    PG_RETURN_BOOL(compare_arguments(fcinfo, type) > 0);
}

/* The elements as float32 with -0 made 0, so that what is equal hashes alike. palloc'ed. */
static float *values_to_hash(const DenseType *type, const Dense *value) {
    const float *floats = dense_floats(type, value);
    float *result = (float *)palloc(sizeof(float) * value->dims);

    for (int i = 0; i < value->dims; i++)
        result[i] = floats[i] + 0.0f;
    dense_free_floats(value, floats);
    return result;
}

Datum dense_hash(FunctionCallInfo fcinfo, const DenseType *type) {
    Dense *value = PG_GETARG_DENSE_P(0);
    float *floats = values_to_hash(type, value);
    Datum hash = hash_any((unsigned char *)floats, (int)sizeof(float) * value->dims);

    pfree(floats);
    PG_FREE_IF_COPY(value, 0);
    return hash;
}

Datum dense_hash_extended(FunctionCallInfo fcinfo, const DenseType *type) {
    Dense *value = PG_GETARG_DENSE_P(0);
    float *floats = values_to_hash(type, value);
    Datum hash = hash_any_extended((unsigned char *)floats, (int)sizeof(float) * value->dims,
                                   (uint64)PG_GETARG_INT64(1));

    pfree(floats);
    PG_FREE_IF_COPY(value, 0);
    return hash;
}
