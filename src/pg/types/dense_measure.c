/*
 * dense_measure.c - functions of one value: dimensions, norm, the unit vector, and the signs as
 * bits.
 */
#include "postgres.h"

#include "fmgr.h"

#include "types/bit.h"
#include "types/dense.h"
#include "types/dense_functions.h"

Datum dense_dims(FunctionCallInfo fcinfo, const DenseType *type) {
    Dense *value = PG_GETARG_DENSE_P(0);

    PG_RETURN_INT32(value->dims);
}

Datum dense_norm(FunctionCallInfo fcinfo, const DenseType *type) {
    Dense *value = PG_GETARG_DENSE_P(0);

    PG_RETURN_FLOAT8(pgs_norm(dense_floats(type, value), value->dims));
}

/* The zero vector stays what it is. Dividing in double keeps the smallest norms from losing digits,
 * and each element is rounded once. */
Datum dense_l2_normalize(FunctionCallInfo fcinfo, const DenseType *type) {
    Dense *value = PG_GETARG_DENSE_P(0);
    const float *floats = dense_floats(type, value);
    double norm = pgs_norm(floats, value->dims);
    double *divided = (double *)palloc0(sizeof(double) * value->dims);
    int misfit; /* there is none: no element is above 1 */

    for (int i = 0; norm > 0 && i < value->dims; i++)
        divided[i] = floats[i] / norm;
    PG_RETURN_DENSE_P(dense_from_doubles(type, divided, value->dims, &misfit));
}

/* One bit a dimension, 1 where the element is above zero, in the order and padding of type bit. */
Datum dense_binary_quantize(FunctionCallInfo fcinfo, const DenseType *type) {
    Dense *value = PG_GETARG_DENSE_P(0);

    PG_RETURN_VARBIT_P(bit_from_floats(dense_floats(type, value), value->dims));
}
