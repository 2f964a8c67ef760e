/*
 * svec_arith.c - element-wise arithmetic on svecs.
 *
 * Results that are zero, also because they are too small for a float, are not stored; results too
 * large are errors.
 */
#include "postgres.h"

#include "fmgr.h"

#include "types/svec.h"

typedef PgsSvecResult (*Arithmetic)(const PgsSvec *a, const PgsSvec *b, int32_t *indices,
                                    float *values);

static void report_overflow(const PgsSvecResult *result, const char *symbol) {
    ereport(ERROR,
            (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE), errmsg("value out of range: overflow"),
             errdetail("The value at index %d, %.8g %s %.8g, does not fit a 4-byte float.",
                       result->index + 1, result->left, symbol, result->right),
             errhint("Scale the vectors down first, for example with l2_normalize().")));
}

/* Both arguments, combined; the result has at most `room` non-zeros. Where that is more than a
 * value may have, they are counted first. */
static Svec *combine(const Svec *left, const Svec *right, int64 room, Arithmetic arithmetic,
                     const char *symbol) {
    PgsSvec a = svec_view(left);
    PgsSvec b = svec_view(right);
    PgsSvecResult result;
    Svec *svec;

    if (room > PGS_SVEC_MAX_NNZ)
        room = arithmetic(&a, &b, NULL, NULL).nnz;
    svec = svec_new(left->dims, room);
    result = arithmetic(&a, &b, svec->indices, SVEC_VALUES(svec));

    if (unlikely(result.overflow))
        report_overflow(&result, symbol);
    svec_shrink(svec, result.nnz);
    return svec;
}

/* Each non-zero of either argument may be one of the result. */
static int64 room_for_either(const Svec *left, const Svec *right) {
    return Min((int64)left->nnz + right->nnz, left->dims);
}

PG_FUNCTION_INFO_V1(svec_add);
Datum svec_add(PG_FUNCTION_ARGS) {
    Svec *left = PG_GETARG_SVEC_P(0);
    Svec *right = PG_GETARG_SVEC_P(1);

    svec_check_same_dims(&svec_words, left, right);
    PG_RETURN_SVEC_P(combine(left, right, room_for_either(left, right), pgs_svec_add, "+"));
}

PG_FUNCTION_INFO_V1(svec_sub);
Datum svec_sub(PG_FUNCTION_ARGS) {
    Svec *left = PG_GETARG_SVEC_P(0);
    Svec *right = PG_GETARG_SVEC_P(1);

    svec_check_same_dims(&svec_words, left, right);
    PG_RETURN_SVEC_P(combine(left, right, room_for_either(left, right), pgs_svec_sub, "-"));
}

PG_FUNCTION_INFO_V1(svec_mul);
Datum svec_mul(PG_FUNCTION_ARGS) {
    Svec *left = PG_GETARG_SVEC_P(0);
    Svec *right = PG_GETARG_SVEC_P(1);

    svec_check_same_dims(&svec_words, left, right);
    PG_RETURN_SVEC_P(combine(left, right, Min(left->nnz, right->nnz), pgs_svec_mul, "*"));
}
