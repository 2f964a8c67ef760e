/*
 * svec_aggregate.c - avg(svec) and sum(svec).
 *
 * The state of both counts vectors and keeps, for each index that any of them has, the sum of its
 * values, in a hash table: its size follows the indices that were met, not the dims. Sums are
 * float8, which neither overflow nor lose, over many rows, the digits float4 sums would.
 *
 * The state is NULL before the first vector.
 */
#include "postgres.h"

#include <math.h>

#include "common/hashfn.h"
#include "common/pg_prng.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "utils/memutils.h"

#include "types/svec.h"

typedef struct IndexSum {
    double sum;
    int32 index; /* from 0 */
    char status; /* the hash table's own */
} IndexSum;

#define SH_PREFIX sums
#define SH_ELEMENT_TYPE IndexSum
#define SH_KEY_TYPE int32
#define SH_KEY index
#define SH_HASH_KEY(table, key) murmurhash32((uint32)(key) ^ *(const uint32 *)(table)->private_data)
#define SH_EQUAL(table, a, b) ((a) == (b))
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

typedef struct SumState {
    int64 count; /* vectors, at least 1 */
    int32 dims;
    uint32 seed; /* of the hashes, so that nobody can choose indices that collide */
    sums_hash *sums;
} SumState;

/* A state without vectors, which has room for so many indices before it grows. */
static SumState *new_state(MemoryContext context, int32 dims, uint32 room) {
    SumState *state = (SumState *)MemoryContextAlloc(context, sizeof(SumState));

    state->count = 0;
    state->dims = dims;
    state->seed = pg_prng_uint32(&pg_global_prng_state);
    state->sums = sums_create(context, room, &state->seed);
    return state;
}

static void add_to_sum(SumState *state, int32 index, double value) {
    bool found;
    IndexSum *entry = sums_insert(state->sums, index, &found);

    entry->sum = found ? entry->sum + value : value;
}

static int compare_indices(const void *a, const void *b) {
    int32 left = ((const IndexSum *)a)->index;
    int32 right = ((const IndexSum *)b)->index;

    return (left > right) - (left < right);
}

/* The entries by index, palloc'ed; there are state->sums->members of them. The state stays as it
 * is, for a window goes on with it. */
static IndexSum *sorted_sums(SumState *state) {
    Size count = state->sums->members;
    IndexSum *sorted =
        (IndexSum *)MemoryContextAllocHuge(CurrentMemoryContext, sizeof(IndexSum) * Max(count, 1));
    IndexSum *entry;
    sums_iterator iterator;
    Size i = 0;

    sums_start_iterate(state->sums, &iterator);
    while ((entry = sums_iterate(state->sums, &iterator)) != NULL)
        sorted[i++] = *entry;
    qsort(sorted, count, sizeof(IndexSum), compare_indices);
    return sorted;
}

/* Where a state lives; these functions are for aggregates only. */
static MemoryContext state_context(FunctionCallInfo fcinfo) {
    MemoryContext context;

    if (!AggCheckCallContext(fcinfo, &context))
        elog(ERROR, "function of an svec aggregate was called outside of one");
    return context;
}

PG_FUNCTION_INFO_V1(svec_accum);
Datum svec_accum(PG_FUNCTION_ARGS) {
    MemoryContext context = state_context(fcinfo);
    SumState *state = PG_ARGISNULL(0) ? NULL : (SumState *)PG_GETARG_POINTER(0);

    if (!PG_ARGISNULL(1)) {
        Svec *svec = PG_GETARG_SVEC_P(1);

        if (state == NULL)
            state = new_state(context, svec->dims, (uint32)svec->nnz);
        else if (state->dims != svec->dims)
            value_report_different_dims(&svec_words, state->dims, svec->dims);
        state->count++;
        for (int32 i = 0; i < svec->nnz; i++) {
            svec_check_interrupts(i);
            add_to_sum(state, svec->indices[i], SVEC_VALUES(svec)[i]);
        }
        PG_FREE_IF_COPY(svec, 1);
    }
    if (state == NULL)
        PG_RETURN_NULL();
    PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(svec_combine);
Datum svec_combine(PG_FUNCTION_ARGS) {
    MemoryContext context = state_context(fcinfo);
    SumState *state = PG_ARGISNULL(0) ? NULL : (SumState *)PG_GETARG_POINTER(0);
    SumState *other = PG_ARGISNULL(1) ? NULL : (SumState *)PG_GETARG_POINTER(1);

    /* The other state is not kept: it may live less long than this one. */
    if (other != NULL) {
        IndexSum *sorted = sorted_sums(other);

        if (state == NULL)
            state = new_state(context, other->dims, other->sums->members);
        else if (state->dims != other->dims)
            value_report_different_dims(&svec_words, state->dims, other->dims);
        state->count += other->count;
        for (uint32 i = 0; i < other->sums->members; i++) {
            svec_check_interrupts(i);
            add_to_sum(state, sorted[i].index, sorted[i].sum);
        }
        pfree(sorted);
    }
    if (state == NULL)
        PG_RETURN_NULL();
    PG_RETURN_POINTER(state);
}

/* Sums and what is before them are to fit a bytea. */
static void check_serialized(const SumState *state) {
    Size size = VARHDRSZ + 16 + (sizeof(int32) + sizeof(double)) * (Size)state->sums->members;

    if (!AllocSizeIsValid(size))
        ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
                        errmsg("sums of svecs are too large to be passed on by a parallel worker"),
                        errdetail("They have %u indices.", state->sums->members),
                        errhint("Set max_parallel_workers_per_gather to 0.")));
}

PG_FUNCTION_INFO_V1(svec_serialize);
Datum svec_serialize(PG_FUNCTION_ARGS) {
    (void)state_context(fcinfo);

    SumState *state = (SumState *)PG_GETARG_POINTER(0);
    IndexSum *sorted = sorted_sums(state);
    StringInfoData bytes;

    check_serialized(state);
    pq_begintypsend(&bytes);
    pq_sendint64(&bytes, (uint64)state->count);
    pq_sendint32(&bytes, (uint32)state->dims);
    pq_sendint32(&bytes, state->sums->members);
    for (uint32 i = 0; i < state->sums->members; i++) {
        svec_check_interrupts(i);
        pq_sendint32(&bytes, (uint32)sorted[i].index);
        pq_sendfloat8(&bytes, sorted[i].sum);
    }
    pfree(sorted);
    PG_RETURN_BYTEA_P(pq_endtypsend(&bytes));
}

/* The result lives as long as the call that combines it with another state, which copies it. */
PG_FUNCTION_INFO_V1(svec_deserialize);
Datum svec_deserialize(PG_FUNCTION_ARGS) {
    (void)state_context(fcinfo);

    bytea *serialized = PG_GETARG_BYTEA_PP(0);
    StringInfoData bytes;

    initStringInfo(&bytes);
    appendBinaryStringInfo(&bytes, VARDATA_ANY(serialized), VARSIZE_ANY_EXHDR(serialized));

    int64 count = pq_getmsgint64(&bytes);
    int32 dims = (int32)pq_getmsgint(&bytes, 4);
    uint32 entries = pq_getmsgint(&bytes, 4);
    SumState *state = new_state(CurrentMemoryContext, dims, entries);

    state->count = count;
    for (uint32 i = 0; i < entries; i++) {
        int32 index = (int32)pq_getmsgint(&bytes, 4);

        svec_check_interrupts(i);
        add_to_sum(state, index, pq_getmsgfloat8(&bytes));
    }
    pq_getmsgend(&bytes);
    pfree(bytes.data);
    PG_RETURN_POINTER(state);
}

static void report_overflow(int32 index, double quotient) {
    ereport(ERROR,
            (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE), errmsg("value out of range: overflow"),
             errdetail("The value at index %d of the result, %.8g, does not fit a 4-byte "
                       "float.",
                       index + 1, quotient),
             errhint("Scale the vectors down first, or use avg() in place of sum().")));
}

/* The sums, divided, as an svec. */
static Svec *divide_sums(SumState *state, double divisor) {
    IndexSum *sorted = sorted_sums(state);
    uint32 kept = 0;
    Svec *result;

    for (uint32 i = 0; i < state->sums->members; i++) {
        double quotient = sorted[i].sum / divisor;

        svec_check_interrupts(i);
        if (!isfinite((float)quotient))
            report_overflow(sorted[i].index, quotient);
        if ((float)quotient != 0)
            sorted[kept++] = (IndexSum){.sum = quotient, .index = sorted[i].index};
    }
    result = svec_new(state->dims, kept);
    for (uint32 i = 0; i < kept; i++) {
        result->indices[i] = sorted[i].index;
        SVEC_VALUES(result)[i] = (float)sorted[i].sum;
    }
    pfree(sorted);
    return result;
}

/* Both functions are strict, so that the aggregates are NULL, as those of numbers are, when no row
 * had an svec. */

PG_FUNCTION_INFO_V1(svec_avg);
Datum svec_avg(PG_FUNCTION_ARGS) {
    (void)state_context(fcinfo);

    SumState *state = (SumState *)PG_GETARG_POINTER(0);
    PG_RETURN_SVEC_P(divide_sums(state, (double)state->count));
}

PG_FUNCTION_INFO_V1(svec_sum);
Datum svec_sum(PG_FUNCTION_ARGS) {
    (void)state_context(fcinfo);
    PG_RETURN_SVEC_P(divide_sums((SumState *)PG_GETARG_POINTER(0), 1));
}
