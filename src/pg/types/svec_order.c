/*
 * svec_order.c - the order of svecs, for btree, and hashes that agree with it.
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "fmgr.h"

#include "types/svec.h"

/* Frees what was detoasted: btree compares many times in one memory context. */
static int compare_arguments(FunctionCallInfo fcinfo) {
    Svec *left = PG_GETARG_SVEC_P(0);
    Svec *right = PG_GETARG_SVEC_P(1);
    PgsSvec a = svec_view(left);
    PgsSvec b = svec_view(right);
    int result = pgs_svec_compare(&a, &b);

    PG_FREE_IF_COPY(left, 0);
    PG_FREE_IF_COPY(right, 1);
    return result;
}

PG_FUNCTION_INFO_V1(svec_cmp);
Datum svec_cmp(PG_FUNCTION_ARGS) {
    PG_RETURN_INT32(compare_arguments(fcinfo));
}

PG_FUNCTION_INFO_V1(svec_lt);
Datum svec_lt(PG_FUNCTION_ARGS) {
    PG_RETURN_BOOL(compare_arguments(fcinfo) < 0);
}

PG_FUNCTION_INFO_V1(svec_le);
Datum svec_le(PG_FUNCTION_ARGS) {
    PG_RETURN_BOOL(compare_arguments(fcinfo) <= 0);
}

PG_FUNCTION_INFO_V1(svec_eq);
Datum svec_eq(PG_FUNCTION_ARGS) {
    PG_RETURN_BOOL(compare_arguments(fcinfo) == 0);
}

PG_FUNCTION_INFO_V1(svec_ne);
Datum svec_ne(PG_FUNCTION_ARGS) {
    PG_RETURN_BOOL(compare_arguments(fcinfo) != 0);
}

PG_FUNCTION_INFO_V1(svec_ge);
Datum svec_ge(PG_FUNCTION_ARGS) {
    PG_RETURN_BOOL(compare_arguments(fcinfo) >= 0);
}

PG_FUNCTION_INFO_V1(svec_gt);
Datum svec_gt(PG_FUNCTION_ARGS) {
    PG_RETURN_BOOL(compare_arguments(fcinfo) > 0);
}

/* What is equal has equal bytes: no zero is stored, of either sign. */
static const unsigned char *bytes_to_hash(const Svec *svec) {
    return (const unsigned char *)&svec->dims;
}

static int length_to_hash(const Svec *svec) {
    return (int)(SVEC_SIZE(svec->nnz) - offsetof(Svec, dims));
}

PG_FUNCTION_INFO_V1(svec_hash);
Datum svec_hash(PG_FUNCTION_ARGS) {
    Svec *svec = PG_GETARG_SVEC_P(0);
    Datum hash = hash_any(bytes_to_hash(svec), length_to_hash(svec));

    PG_FREE_IF_COPY(svec, 0);
    return hash;
}

PG_FUNCTION_INFO_V1(svec_hash_extended);
Datum svec_hash_extended(PG_FUNCTION_ARGS) {
    Svec *svec = PG_GETARG_SVEC_P(0);
    Datum hash =
        hash_any_extended(bytes_to_hash(svec), length_to_hash(svec), (uint64)PG_GETARG_INT64(1));

    PG_FREE_IF_COPY(svec, 0);
    return hash;
}
