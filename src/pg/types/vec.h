/*
 * vec.h - the type vec as C code sees it. Include postgres.h and fmgr.h first.
 *
 * Layout and wire format are those of the vector types that clients of PostgreSQL already speak.
 */
#ifndef PGSLAB_TYPES_VEC_H
#define PGSLAB_TYPES_VEC_H

#include "utils/array.h"

#include "base/compat.h"
#include "pgslab/types.h"

/* A vec value, detoasted. Every element is finite; dims is in 1 .. PGS_MAX_DIMS. */
typedef struct Vec {
    int32 vl_len_; /* varlena header, for VARSIZE() and SET_VARSIZE() only */
    int16 dims;
    int16 unused; /* zero; keeps values aligned, and may carry flags one day */
    float values[FLEXIBLE_ARRAY_MEMBER];
} Vec;

/* Bytes of a vec of so many dims, header included. */
#define VEC_SIZE(dims) (offsetof(Vec, values) + sizeof(float) * (Size)(dims))

/* Detoasts: the result may be the datum itself, so it must not be written to. */
#define DatumGetVecP(datum) ((Vec *)PG_DETOAST_DATUM(datum))
#define PG_GETARG_VEC_P(n) DatumGetVecP(PG_GETARG_DATUM(n))
#define PG_RETURN_VEC_P(vec) PG_RETURN_POINTER(vec)

/* A palloc'ed vec of zeros. The caller has checked dims. */
Vec *vec_new(int dims);

/* A palloc'ed array of zeros: one dimension from 1, no nulls, elements of fixed width. */
ArrayType *vec_new_array(Oid element_type, Size element_size, int count);

/* ERROR program_limit_exceeded above PGS_MAX_DIMS, data_exception below 1. */
void vec_check_dims(int dims);

/* Whether dims is what vec(typmod) asks for; otherwise data_exception, soft if context is an
 * ErrorSaveContext. */
bool vec_check_typmod(int32 typmod, int dims, Node *context);

/* ERROR data_exception for NaN and infinity. The position is the element's, from 1. */
void vec_check_finite(float value, int position);

/* So many bytes of text to quote in a message, cut short between characters where it is long.
 * palloc'ed. */
char *vec_excerpt(const char *text, Size length);

/* Reports ERROR data_exception for two vecs that cannot be combined. */
void vec_report_different_dims(int left, int right);

/* ERROR data_exception unless both have the same dims. */
static inline void vec_check_same_dims(const Vec *left, const Vec *right) {
    if (unlikely(left->dims != right->dims))
        vec_report_different_dims(left->dims, right->dims);
}

#endif
