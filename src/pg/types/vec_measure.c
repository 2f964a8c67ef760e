/*
 * vec_measure.c - functions of one vec: dimensions, norm, the unit vector, and the signs as bits.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/varbit.h"

#include "types/vec.h"

PG_FUNCTION_INFO_V1(vec_dims);
Datum vec_dims(PG_FUNCTION_ARGS) {
    Vec *vec = PG_GETARG_VEC_P(0);

    PG_RETURN_INT32(vec->dims);
}

PG_FUNCTION_INFO_V1(vec_norm);
Datum vec_norm(PG_FUNCTION_ARGS) {
    Vec *vec = PG_GETARG_VEC_P(0);

    PG_RETURN_FLOAT8(pgs_norm(vec->values, vec->dims));
}

/* The zero vector stays what it is. Dividing in double keeps the smallest norms from losing digits.
 */
PG_FUNCTION_INFO_V1(vec_l2_normalize);
Datum vec_l2_normalize(PG_FUNCTION_ARGS) {
    Vec *vec = PG_GETARG_VEC_P(0);
    Vec *result = vec_new(vec->dims);
    double norm = pgs_norm(vec->values, vec->dims);

    for (int i = 0; norm > 0 && i < vec->dims; i++)
        result->values[i] = (float)(vec->values[i] / norm);
    PG_RETURN_VEC_P(result);
}

/* One bit a dimension, 1 where the value is above zero, in the order and padding of type bit. */
PG_FUNCTION_INFO_V1(vec_binary_quantize);
Datum vec_binary_quantize(PG_FUNCTION_ARGS) {
    Vec *vec = PG_GETARG_VEC_P(0);
    VarBit *result = (VarBit *)palloc0(VARBITTOTALLEN(vec->dims));

    SET_VARSIZE(result, VARBITTOTALLEN(vec->dims));
    VARBITLEN(result) = vec->dims;

    bits8 *bits = VARBITS(result);
    for (int i = 0; i < vec->dims; i++)
        if (vec->values[i] > 0)
            bits[i / BITS_PER_BYTE] |= HIGHBIT >> (i % BITS_PER_BYTE);
    PG_RETURN_VARBIT_P(result);
}
