/*
 * bit_cast.c - bit strings as values of type vec, with the elements 0 and 1: queries of functions
 * that take a vec, for an index of bits.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/varbit.h"

#include "types/bit.h"
#include "types/dense.h"

PG_FUNCTION_INFO_V1(bit_to_vec);
Datum bit_to_vec(PG_FUNCTION_ARGS) {
    VarBit *bits = PG_GETARG_VARBIT_P(0);
    int dims = VARBITLEN(bits);
    Dense *value;

    dense_check_dims(&vec_type, dims);
    value_check_typmod(&vec_type.words, PG_GETARG_INT32(1), dims, NULL);
    value = dense_new(&vec_type, dims);
    bit_to_floats(bits, (float *)value->elements);
    PG_FREE_IF_COPY(bits, 0);
    PG_RETURN_DENSE_P(value);
}
