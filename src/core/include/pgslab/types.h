/*
 * types.h - vectors as such: their distances, as text and on the wire; and what computes them.
 *
 * Elements are float32 or, in functions named after a half, the bit patterns of IEEE binary16.
 */
#ifndef PGSLAB_TYPES_H
#define PGSLAB_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Most dimensions a vector may have. */
#define PGS_MAX_DIMS 16000

/* ---- instruction sets ------------------------------------------------------------------------ */

/*
 * Kernels exist once per instruction set; the best one this CPU has is chosen on first use.
 * The environment variable PGSLAB_ISA, read on first use, forces one by name for tests.
 */

/* Name of the i-th instruction set this CPU can run ("baseline", "avx2", "avx512",
 * "avx512popcnt"), or NULL past the last. */
const char *pgs_isa_available(int i);

/* Name of the instruction set in use. */
const char *pgs_isa_name(void);

/* Use the named instruction set from now on; "auto" chooses the best. False, and no change, when
 * this CPU lacks it. */
bool pgs_isa_force(const char *name);

/* ---- distances between vectors of float32 ---------------------------------------------------- */

/*
 * All take two float32[dims] of any alignment and finite values. Sums run in float32 over 32 lanes;
 * where that overflows, or underflows to where float32 has lost its precision, the value is
 * computed again in float64, so the result is finite for every finite input.
 */
double pgs_l2_squared_distance(const float *a, const float *b, int dims);
double pgs_l2_distance(const float *a, const float *b, int dims);
double pgs_inner_product(const float *a, const float *b, int dims);
double pgs_l1_distance(const float *a, const float *b, int dims);

/* 1 - cosine similarity, within [0, 2]; NaN when either vector is zero. */
double pgs_cosine_distance(const float *a, const float *b, int dims);

/* Euclidean norm. */
double pgs_norm(const float *a, int dims);

/* ---- half precision -------------------------------------------------------------------------- */

/* Of finite elements of any alignment: bit for bit the distances of the same numbers as float32. */
double pgs_half_l2_squared_distance(const uint16_t *a, const uint16_t *b, int dims);
double pgs_half_l2_distance(const uint16_t *a, const uint16_t *b, int dims);
double pgs_half_inner_product(const uint16_t *a, const uint16_t *b, int dims);
double pgs_half_l1_distance(const uint16_t *a, const uint16_t *b, int dims);
double pgs_half_cosine_distance(const uint16_t *a, const uint16_t *b, int dims);

/* Converts n elements, exactly. `to` and `from` must not overlap. */
void pgs_half_to_float(const uint16_t *from, float *to, int n);

/* Converts n elements, each to the nearest half, ties to even; from 65520 on, half way beyond the
 * largest half, to infinity. `to` and `from` must not overlap. */
void pgs_half_from_float(const float *from, uint16_t *to, int n);
void pgs_half_from_double(const double *from, uint16_t *to, int n);

/* ---- bits ------------------------------------------------------------------------------------ */

/*
 * Of two arrays of so many bytes, of any alignment: how many bits they differ in, and the share of
 * the bits set in either that are not set in both; 1 where none is set in both.
 */
uint64_t pgs_bits_hamming_distance(const unsigned char *a, const unsigned char *b, size_t bytes);
double pgs_bits_jaccard_distance(const unsigned char *a, const unsigned char *b, size_t bytes);

/* ---- vectors as text ------------------------------------------------------------------------- */

typedef enum PgsParseStatus {
    PGS_PARSE_OK,
    PGS_PARSE_NO_OPENING,   /* does not start with '[' */
    PGS_PARSE_EMPTY,        /* "[]" */
    PGS_PARSE_SYNTAX,       /* not a number, or neither ',' nor ']' after one */
    PGS_PARSE_UNTERMINATED, /* the text ends before ']' */
    PGS_PARSE_TRAILING,     /* something other than white space after ']' */
    PGS_PARSE_NAN,
    PGS_PARSE_INFINITE,
    PGS_PARSE_OUT_OF_RANGE, /* is too large for an element */
    PGS_PARSE_TOO_MANY      /* more than PGS_MAX_DIMS values */
} PgsParseStatus;

typedef struct PgsParse {
    PgsParseStatus status;
    int dims;      /* values read so far; all of them when status is PGS_PARSE_OK */
    size_t offset; /* byte offset of the value or character at fault */
    size_t length; /* bytes of the text at fault, 0 at the end of the input */
} PgsParse;

/*
 * Reads "[1, 2.5, -3e2]" into out[PGS_MAX_DIMS]. White space may stand around brackets and values.
 * Each value becomes the nearest element, rounded once; values too small for one become zero, or
 * the smallest there is, values too large are an error.
 */
PgsParse pgs_vec_parse(const char *text, size_t length, float *out);
PgsParse pgs_hvec_parse(const char *text, size_t length, uint16_t *out);

typedef enum PgsWireStatus {
    PGS_WIRE_OK,
    PGS_WIRE_SHORT,    /* fewer bytes than the header or its dimensions ask for */
    PGS_WIRE_LONG,     /* bytes left over */
    PGS_WIRE_DIMS,     /* dimensions below 1 or above PGS_MAX_DIMS */
    PGS_WIRE_RESERVED, /* the reserved field is not zero */
    PGS_WIRE_NAN,
    PGS_WIRE_INFINITE
} PgsWireStatus;

typedef struct PgsWire {
    PgsWireStatus status;
    int dims;  /* as the header says */
    int index; /* of the value at fault, from 0 */
} PgsWire;

/* Reads the binary wire format (big-endian int16 dims, int16 zero, and the elements' bits) into
 * out[PGS_MAX_DIMS]. */
PgsWire pgs_vec_decode(const unsigned char *wire, size_t length, float *out);
PgsWire pgs_hvec_decode(const unsigned char *wire, size_t length, uint16_t *out);

/* ---- embedding by hashing -------------------------------------------------------------------- */

/*
 * Signed feature hashing (Weinberger et al., ICML 2009) of a text's words and pairs of neighbouring
 * words into out[dims], with 64-bit FNV-1a mixed by
 * SplitMix64's finaliser (FNV's highest bits hardly see the last byte), L2-normalised. ASCII
 * letters are lower-cased; bytes from 0x80 up count as letters. A text without words gives the zero
 * vector. A baseline for trying things, not a model.
 */
void pgs_hash_embed(const char *text, size_t length, float *out, int dims);

#ifdef __cplusplus
}
#endif

#endif
