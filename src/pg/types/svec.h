/*
 * svec.h - the type svec as C code sees it. Include postgres.h and fmgr.h first.
 *
 * Layout and wire format are those of the sparse vector type that clients of PostgreSQL already
 * speak.
 */
#ifndef PGSLAB_TYPES_SVEC_H
#define PGSLAB_TYPES_SVEC_H

#include "miscadmin.h"

#include "pgslab/svec.h"
#include "types/value.h"

/*
 * An svec value, detoasted: dims is in 1 .. PGS_SVEC_MAX_DIMS, and what PgsSvec says of indices and
 * values holds. So equal values have equal bytes.
 */
typedef struct Svec {
    int32 vl_len_; /* varlena header, for VARSIZE() and SET_VARSIZE() only */
    int32 dims;
    int32 nnz;
    int32 unused; /* zero; may carry flags one day */
    int32 indices[FLEXIBLE_ARRAY_MEMBER];
    /* float values[nnz] come after int32 indices[nnz] */
} Svec;

extern const TypeWords svec_words;

/* The same type, as messages call it where pgslab_compat gives it pgvector's name. */
extern const TypeWords compat_sparsevec_words;

/* The SQL functions svec_verb() and compat_sparsevec_verb(): one function, with the words for its
 * messages. Functions that have nothing to say of the type are named svec_verb() alone. */
#define SVEC_FUNCTION(verb, function)                     \
    PG_FUNCTION_INFO_V1(svec_##verb);                     \
    Datum svec_##verb(PG_FUNCTION_ARGS) {                 \
        return function(fcinfo, &svec_words);             \
    }                                                     \
    PG_FUNCTION_INFO_V1(compat_sparsevec_##verb);         \
    Datum compat_sparsevec_##verb(PG_FUNCTION_ARGS) {     \
        return function(fcinfo, &compat_sparsevec_words); \
    }

#define SVEC_VALUES(svec) ((float *)((svec)->indices + (svec)->nnz))

/* Bytes of an svec of so many non-zeros, header included. */
#define SVEC_SIZE(nnz) (offsetof(Svec, indices) + (sizeof(int32) + sizeof(float)) * (Size)(nnz))

/* Detoasts: the result may be the datum itself, so it must not be written to. */
#define DatumGetSvecP(datum) ((Svec *)PG_DETOAST_DATUM(datum))
#define PG_GETARG_SVEC_P(n) DatumGetSvecP(PG_GETARG_DATUM(n))
#define PG_RETURN_SVEC_P(svec) PG_RETURN_POINTER(svec)

/* The value as the core takes it; it lies where the svec lies. */
static inline PgsSvec svec_view(const Svec *svec) {
    return (PgsSvec){svec->dims, svec->nnz, svec->indices, SVEC_VALUES(svec)};
}

/* For loops over values that may have a hundred million non-zeros. */
static inline void svec_check_interrupts(int64 i) {
    if (i % 65536 == 0)
        CHECK_FOR_INTERRUPTS();
}

/* A palloc'ed svec whose non-zeros are yet to be written. ERROR program_limit_exceeded for more of
 * them than fit a datum. The caller has checked dims. */
Svec *svec_new(int32 dims, int64 nnz);

/* A palloc'ed svec of such elements: sorted, without zeros, their indices below dims. */
Svec *svec_from_elements(int32 dims, const PgsSvecElement *elements, int32 nnz);

/* Makes do with fewer non-zeros than the svec was made for: the values lie where those of so many
 * as it was made for would lie, and are moved. */
void svec_shrink(Svec *svec, int32 nnz);

/* ERROR data_exception unless both have the same dims. */
static inline void svec_check_same_dims(const TypeWords *words, const Svec *left,
                                        const Svec *right) {
    if (unlikely(left->dims != right->dims))
        value_report_different_dims(words, left->dims, right->dims);
}

#endif
