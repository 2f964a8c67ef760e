/*
 * bit_distance.c - distances between PostgreSQL's own bit strings, and what the planner is to know
 * of them.
 *
 * bit(n) and varbit(n) are the same bytes, and PostgreSQL keeps the bits behind the last one zero:
 * so whole bytes are compared. The arithmetic is the core's; here the lengths are checked.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/varbit.h"

#include "pgslab/types.h"
#include "types/distance_support.h"
#include "types/value.h"

typedef double (*BitDistance)(const unsigned char *a, const unsigned char *b, size_t bytes);

/* What a VarBit has behind its header, which most bit strings in a table have a short one of: so
 * they are read where they are. The length is in bits. */
typedef struct BitValue {
    int32 length;
    Size bytes;
    const unsigned char *bits;
} BitValue;

static BitValue read_bits(const struct varlena *value) {
    const char *data = VARDATA_ANY(value);
    BitValue result = {.bytes = VARSIZE_ANY_EXHDR(value) - VARBITHDRSZ,
                       .bits = (const unsigned char *)data + VARBITHDRSZ};

    memcpy(&result.length, data, sizeof(result.length));
    return result;
}

/* The distance between the two arguments, which must have the same length. */
static double distance_of_arguments(FunctionCallInfo fcinfo, BitDistance distance) {
    struct varlena *left = PG_GETARG_VARLENA_PP(0);
    struct varlena *right = PG_GETARG_VARLENA_PP(1);
    BitValue a = read_bits(left);
    BitValue b = read_bits(right);

    if (unlikely(a.length != b.length))
        value_report_different_lengths(a.length, b.length);

    double result = distance(a.bits, b.bits, a.bytes);

    /* A sort or a nested loop may keep the memory context for long. */
    PG_FREE_IF_COPY(left, 0);
    PG_FREE_IF_COPY(right, 1);
    return result;
}

static double hamming(const unsigned char *a, const unsigned char *b, size_t bytes) {
    return (double)pgs_bits_hamming_distance(a, b, bytes);
}

/* How many bits differ. */
PG_FUNCTION_INFO_V1(bit_hamming_distance);
Datum bit_hamming_distance(PG_FUNCTION_ARGS) {
    PG_RETURN_FLOAT8(distance_of_arguments(fcinfo, hamming));
}

/* The share of the bits set in either that are not set in both; 1 where none is set in both. */
PG_FUNCTION_INFO_V1(bit_jaccard_distance);
Datum bit_jaccard_distance(PG_FUNCTION_ARGS) {
    PG_RETURN_FLOAT8(distance_of_arguments(fcinfo, pgs_bits_jaccard_distance));
}

/* Measured: some hundredth of a nanosecond a bit. */
#define BITS_AN_OPERATOR 1024

PG_FUNCTION_INFO_V1(bit_distance_support);
Datum bit_distance_support(PG_FUNCTION_ARGS) {
    static const DistanceWork work = {
        .header = VARHDRSZ + VARBITHDRSZ, .bits = 1, .at_a_time = BITS_AN_OPERATOR};

    PG_RETURN_POINTER(value_support_distance((Node *)PG_GETARG_POINTER(0), &work));
}
