/*
 * svec.h - sparse vectors: as text, on the wire, and what is computed of them.
 *
 * A sparse vector has a value for each of its dims, most of which are zero. Only the others are
 * stored, each with its index. None of these functions allocates: the caller says where results go,
 * and each comment says how much room they take.
 */
#ifndef PGSLAB_SVEC_H
#define PGSLAB_SVEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Most dimensions a sparse vector may have. */
#define PGS_SVEC_MAX_DIMS 1000000000

/*
 * Most non-zeros: with the 16 bytes before them they fill a datum of PostgreSQL, which has less
 * than a gigabyte.
 */
#define PGS_SVEC_MAX_NNZ ((0x3fffffff - 16) / 8)

/*
 * A sparse vector that lies somewhere. Indices count from 0, ascend strictly and are below dims;
 * values are finite and none is zero. Whoever makes one sees to that, and nobody checks it again.
 */
typedef struct PgsSvec {
    int32_t dims;
    int32_t nnz;            /* number of non-zeros, which may be 0 */
    const int32_t *indices; /* int32[nnz] */
    const float *values;    /* float32[nnz] */
} PgsSvec;

/* One value of a sparse vector that is being made. */
typedef struct PgsSvecElement {
    int32_t index; /* from 0 */
    float value;
} PgsSvecElement;

/* ---- distances ------------------------------------------------------------------------------- */

/* Both vectors have the same dims. Sums run in float64, so that they are finite for all inputs. */
double pgs_svec_l2_squared_distance(const PgsSvec *a, const PgsSvec *b);
double pgs_svec_l2_distance(const PgsSvec *a, const PgsSvec *b);
double pgs_svec_inner_product(const PgsSvec *a, const PgsSvec *b);
double pgs_svec_l1_distance(const PgsSvec *a, const PgsSvec *b);

/* 1 - cosine similarity, within [0, 2]; NaN when either vector is zero. */
double pgs_svec_cosine_distance(const PgsSvec *a, const PgsSvec *b);

/* Euclidean norm. */
double pgs_svec_norm(const PgsSvec *a);

/* Writes a divided by its norm, without values that underflow; returns the number of non-zeros. The
 * zero vector stays what it is. Takes room for a->nnz non-zeros. */
int32_t pgs_svec_normalize(const PgsSvec *a, int32_t *indices, float *values);

/* ---- order ----------------------------------------------------------------------------------- */

/*
 * Negative, zero or positive, as a comes before b, equals it or comes after it: by the first of all
 * values, zeros included, in which they differ; a vector comes before the longer ones that begin
 * with it.
 */
int pgs_svec_compare(const PgsSvec *a, const PgsSvec *b);

/* ---- arithmetic ------------------------------------------------------------------------------ */

typedef struct PgsSvecResult {
    int32_t nnz;       /* non-zeros written */
    bool overflow;     /* some value does not fit float32; then nothing that was written counts */
    int32_t index;     /* of the first such value, from 0 */
    float left, right; /* its operands */
} PgsSvecResult;

/*
 * Element by element, for vectors of the same dims. Results that are zero, also by underflow, are
 * not written. A sum and a difference take room for min(a->nnz + b->nnz, dims) non-zeros, a product
 * for min(a->nnz, b->nnz). Where indices is NULL results are counted only.
 */
PgsSvecResult pgs_svec_add(const PgsSvec *a, const PgsSvec *b, int32_t *indices, float *values);
PgsSvecResult pgs_svec_sub(const PgsSvec *a, const PgsSvec *b, int32_t *indices, float *values);
PgsSvecResult pgs_svec_mul(const PgsSvec *a, const PgsSvec *b, int32_t *indices, float *values);

/* ---- sparse vectors as text ------------------------------------------------------------------ */

typedef enum PgsSvecParseStatus {
    PGS_SVEC_OK,
    PGS_SVEC_NO_OPENING,   /* does not start with '{' */
    PGS_SVEC_SYNTAX,       /* not what is expected at this place */
    PGS_SVEC_UNTERMINATED, /* the text ends before the dims */
    PGS_SVEC_TRAILING,     /* something other than white space after the dims */
    PGS_SVEC_NAN,
    PGS_SVEC_INFINITE,
    PGS_SVEC_OUT_OF_RANGE, /* a value does not fit float32 */
    PGS_SVEC_INDEX,        /* an index is not in 1 .. PGS_SVEC_MAX_DIMS */
    PGS_SVEC_DIMS,         /* the dims are not in 1 .. PGS_SVEC_MAX_DIMS */
    PGS_SVEC_TOO_MANY,     /* more elements than there is room for */
    PGS_SVEC_BEYOND_DIMS,  /* an index is above the dims */
    PGS_SVEC_DUPLICATE     /* an index stands there twice */
} PgsSvecParseStatus;

typedef struct PgsSvecParse {
    PgsSvecParseStatus status;
    int32_t dims;  /* once they were read */
    int32_t count; /* elements read before what is at fault; all that are not zero, if none is */
    int32_t index; /* from 0, of PGS_SVEC_BEYOND_DIMS and PGS_SVEC_DUPLICATE */
    size_t offset; /* byte offset of the token at fault, for all other faults */
    size_t length; /* its bytes, 0 at the end of the input */
} PgsSvecParse;

/* How many elements a text has at most: one for each of its colons. */
size_t pgs_svec_count_colons(const char *text, size_t length);

/*
 * Reads "{1:1.5, 3:-2e2}/5", where indices count from 1 and come in any order, into out[room].
 * White space may stand between any two tokens. What was read is left sorted by index and without
 * zeros. Values too small for float32 become the nearest float32, zero included; values too large
 * are an error. Of zeros, too, each index may be given once.
 */
PgsSvecParse pgs_svec_parse(const char *text, size_t length, PgsSvecElement *out, size_t room);

/* ---- the binary wire format ------------------------------------------------------------------ */

/* Big-endian int32 dims, int32 nnz, int32 zero, int32[nnz] indices from 0, float32[nnz] values. */

typedef enum PgsSvecWireStatus {
    PGS_SVEC_WIRE_OK,
    PGS_SVEC_WIRE_SHORT,    /* fewer bytes than the header or its nnz ask for */
    PGS_SVEC_WIRE_LONG,     /* bytes left over */
    PGS_SVEC_WIRE_DIMS,     /* dims below 1 or above PGS_SVEC_MAX_DIMS */
    PGS_SVEC_WIRE_NNZ,      /* nnz below 0, or above dims or PGS_SVEC_MAX_NNZ */
    PGS_SVEC_WIRE_RESERVED, /* the reserved field is not zero */
    PGS_SVEC_WIRE_INDEX,    /* an index is negative or not below dims */
    PGS_SVEC_WIRE_ORDER,    /* an index is not above the one before it */
    PGS_SVEC_WIRE_ZERO,
    PGS_SVEC_WIRE_NAN,
    PGS_SVEC_WIRE_INFINITE
} PgsSvecWireStatus;

typedef struct PgsSvecWire {
    PgsSvecWireStatus status;
    int32_t dims; /* dims and nnz as the header says, 0 where it is cut short */
    int32_t nnz;
    int32_t at;    /* which of the non-zeros is at fault, from 0 */
    int32_t index; /* its index, as read */
} PgsSvecWire;

/* Looks at the header and at the number of bytes, so that the caller can make room. */
PgsSvecWire pgs_svec_decode_header(const unsigned char *wire, size_t length);

/* Reads into indices[nnz] and values[nnz] what pgs_svec_decode_header() found to be in order. */
PgsSvecWire pgs_svec_decode(const unsigned char *wire, size_t length, int32_t *indices,
                            float *values);

/* ---- terms by hashing ------------------------------------------------------------------------ */

/*
 * The index, from 0, of a term among so many dims: feature hashing (Weinberger et al., ICML 2009)
 * by 64-bit FNV-1a, mixed by SplitMix64's finaliser. The term's bytes count as they are.
 */
int32_t pgs_svec_hash_term(const char *term, size_t length, int32_t dims);

/*
 * Sorts elements, whose values are finite, by index and adds up those of the same index, in
 * float64. The result, which does not depend on the order they come in, says how many remain once
 * sums that are zero were left out; of a sum that does not fit float32 it has the index only.
 */
PgsSvecResult pgs_svec_gather(PgsSvecElement *elements, size_t count);

#ifdef __cplusplus
}
#endif

#endif
