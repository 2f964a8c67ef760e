/*
 * vec_arith.c - element-wise arithmetic, concatenation and parts of vecs.
 *
 * Results too small for a float become the nearest float, zero included, as when text is read;
 * results too large are errors.
 */
#include "postgres.h"

#include <float.h>
#include <math.h>

#include "fmgr.h"

#include "types/vec.h"

/* Reports the first element of the result that overflowed, of which there is one. */
static void report_overflow(const Vec *left, const char *symbol, const Vec *right,
                            const Vec *result) {
    int i = 0;

    while (i < result->dims - 1 && isfinite(result->values[i]))
        i++;
    ereport(ERROR,
            (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE), errmsg("value out of range: overflow"),
             errdetail("Value %d, %.8g %s %.8g, does not fit a 4-byte float.", i + 1,
                       left->values[i], symbol, right->values[i]),
             errhint("Scale the vectors down first, for example with l2_normalize().")));
}

/* Operands are finite, so an infinite result is an overflow. The loop does not branch on it, to
 * stay vectorisable. */
#define DEFINE_ELEMENTWISE(function, operator)                             \
    PG_FUNCTION_INFO_V1(function);                                         \
    Datum function(PG_FUNCTION_ARGS) {                                     \
        Vec *left = PG_GETARG_VEC_P(0);                                    \
        Vec *right = PG_GETARG_VEC_P(1);                                   \
        vec_check_same_dims(left, right);                                  \
        Vec *result = vec_new(left->dims);                                 \
        int overflow = 0;                                                  \
        for (int i = 0; i < result->dims; i++) {                           \
            result->values[i] = left->values[i] operator right->values[i]; \
            overflow |= fabsf(result->values[i]) > FLT_MAX;                \
        }                                                                  \
        if (unlikely(overflow))                                            \
            report_overflow(left, #operator, right, result);               \
        PG_RETURN_VEC_P(result);                                           \
    }

DEFINE_ELEMENTWISE(vec_add, +)
DEFINE_ELEMENTWISE(vec_sub, -)
DEFINE_ELEMENTWISE(vec_mul, *)

PG_FUNCTION_INFO_V1(vec_concat);
Datum vec_concat(PG_FUNCTION_ARGS) {
    Vec *left = PG_GETARG_VEC_P(0);
    Vec *right = PG_GETARG_VEC_P(1);

    vec_check_dims(left->dims + right->dims);

    Vec *result = vec_new(left->dims + right->dims);
    memcpy(result->values, left->values, sizeof(float) * left->dims);
    memcpy(result->values + left->dims, right->values, sizeof(float) * right->dims);
    PG_RETURN_VEC_P(result);
}

/*
 * subvector(vec, start, count): like substring(), positions count from 1 and what lies outside the
 * vec is left out; what remains must not be empty.
 */
PG_FUNCTION_INFO_V1(vec_subvector);
Datum vec_subvector(PG_FUNCTION_ARGS) {
    Vec *vec = PG_GETARG_VEC_P(0);
    int64 start = PG_GETARG_INT32(1);
    int64 count = PG_GETARG_INT32(2);
    int64 first = Max(start, 1);
    int64 last = Min(start + count - 1, vec->dims);

    if (count < 1 || last < first)
        ereport(ERROR,
                (errcode(ERRCODE_DATA_EXCEPTION), errmsg("vec must have at least 1 dimension"),
                 errdetail("Of a vector of %d dimensions, %d from position %d were asked for.",
                           vec->dims, (int)count, (int)start),
                 errhint("Positions count from 1; ask for at least 1.")));

    Vec *result = vec_new((int)(last - first + 1));
    memcpy(result->values, vec->values + (first - 1), sizeof(float) * result->dims);
    PG_RETURN_VEC_P(result);
}
