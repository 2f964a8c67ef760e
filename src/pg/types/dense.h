/*
 * dense.h - vec and hvec, the types that have a number for each dimension. Include postgres.h and
 * fmgr.h first.
 *
 * Layout and wire format are those of the vector types that clients of PostgreSQL already speak.
 * Both types have the same functions (dense_functions.h), which are written once, for a DenseType;
 * what differs is in vec.c and hvec.c.
 */
#ifndef PGSLAB_TYPES_DENSE_H
#define PGSLAB_TYPES_DENSE_H

#include "lib/stringinfo.h"
#include "utils/array.h"

#include "pgslab/types.h"
#include "types/value.h"

/* A value, detoasted. Every element is finite; dims is in 1 .. PGS_MAX_DIMS. */
typedef struct Dense {
    int32 vl_len_; /* varlena header, for VARSIZE() and SET_VARSIZE() only */
    int16 dims;
    int16 unused;                         /* zero; keeps elements aligned, and may carry flags one
                                             day */
    char elements[FLEXIBLE_ARRAY_MEMBER]; /* as the type has them, aligned to 4 bytes */
} Dense;

/* What the types differ in. n elements of the type are passed as a pointer to the first. */
typedef struct DenseType {
    TypeWords words;
    Size element_size;

    /* Of the core: text and wire format, into room for as many elements as there are, of which
     * PGS_MAX_DIMS are enough. */
    PgsParse (*parse)(const char *text, size_t length, void *elements);
    PgsWire (*decode)(const unsigned char *wire, size_t length, void *elements);

    /* Appends the elements' bits, big-endian. */
    void (*send)(StringInfo message, const void *elements, int n);

    /* The elements as float32, exactly: in place, or palloc'ed. */
    const float *(*floats)(const void *elements, int n);

    /* Stores numbers, each rounded once. Returns the number, from 1, of the first that is too large
     * for an element, and infinite now; 0 if all fit. */
    int (*from_floats)(const float *numbers, int n, void *elements);
    int (*from_doubles)(const double *numbers, int n, void *elements);

    /* -1, 0 or 1, by the first element that differs; -0 equals 0. */
    int (*compare)(const void *left, const void *right, int n);
} DenseType;

extern const DenseType vec_type;  /* vec.c */
extern const DenseType hvec_type; /* hvec.c */

/* The same types, as messages call them where pgslab_compat gives them pgvector's names. Nothing of
 * them in the library has a name that pgvector's library has, too. */
extern const DenseType compat_vector_type;
extern const DenseType compat_halfvec_type;

/* Bytes of a value of so many dims, header included. */
#define DENSE_SIZE(type, dims) (offsetof(Dense, elements) + (type)->element_size * (Size)(dims))

/* Detoasts: the result may be the datum itself, so it must not be written to. */
#define DatumGetDenseP(datum) ((Dense *)PG_DETOAST_DATUM(datum))
#define PG_GETARG_DENSE_P(n) DatumGetDenseP(PG_GETARG_DATUM(n))
#define PG_RETURN_DENSE_P(value) PG_RETURN_POINTER(value)

/* A palloc'ed value of zeros. The caller has checked dims. */
Dense *dense_new(const DenseType *type, int dims);

/* A palloc'ed value of these numbers; *misfit is what from_floats() or from_doubles() returns. The
 * caller has checked dims, and reports a misfit. */
Dense *dense_from_floats(const DenseType *type, const float *numbers, int dims, int *misfit);
Dense *dense_from_doubles(const DenseType *type, const double *numbers, int dims, int *misfit);

/* The same as dense_from_floats(), with ERROR numeric_value_out_of_range for a misfit. */
Dense *dense_rounded(const DenseType *type, const float *numbers, int dims);

/* The elements as float32, which dense_free_floats() frees unless they are the value's own. */
const float *dense_floats(const DenseType *type, const Dense *value);
void dense_free_floats(const Dense *value, const float *floats);

/* A palloc'ed array of zeros: one dimension from 1, no nulls, elements of fixed width. */
ArrayType *dense_new_array(Oid element_type, Size element_size, int count);

/* ERROR program_limit_exceeded above PGS_MAX_DIMS, data_exception below 1. */
void dense_check_dims(const DenseType *type, int dims);

/* ERROR data_exception unless both have the same dims. */
static inline void dense_check_same_dims(const DenseType *type, const Dense *left,
                                         const Dense *right) {
    if (unlikely(left->dims != right->dims))
        value_report_different_dims(&type->words, left->dims, right->dims);
}

#endif
