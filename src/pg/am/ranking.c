/*
 * ranking.c - see ranking.h.
 *
 * As many candidates as are wanted are sorted, on disk if need be, and handed out. Where more rows
 * are taken than that was for, what is left is sorted anew together with further candidates.
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_operator_d.h"
#include "catalog/pg_type_d.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/tuplesort.h"

#include "am/ranking.h"
#include "base/compat.h"
#include "pgslab/signs.h"
#include "store/error.h"

/* Rows that are taken at least, where it is not known how many. */
#define EXPECTED_ROWS 10

typedef struct Ranked {
    double value;
    PgsTid tid;
    uint64 slot;
} Ranked;

struct SlabRanking {
    SlabLookup *lookup;
    PgsMetric metric;
    int dims;
    bool asks_operator;
    MemoryContext context; /* of what this ranking holds beyond itself */
    const float *query;
    const void *meta;
    uint64 rows;       /* in the index */
    uint32 expected;   /* to be taken */
    double recall;     /* of these; 1: all candidates there are */
    uint32 candidates; /* that many at first; 0: as recall asks */
    uint64 wanted;     /* candidates, before the next row is taken */
    uint64 looked_up;
    uint64 held;  /* candidates in the sort that were not taken */
    uint64 taken; /* rows */
    double last;  /* value of the row taken last */
    bool ended;   /* the index has named all it has */
    Tuplesortstate *sort;
    bool is_sorted;
    TupleTableSlot *columns; /* of the sort: value, block, offset, slot */
};

enum { VALUE, BLOCK, OFFSET, SLOT, COLUMNS };

SlabRanking *slab_begin_ranking(SlabLookup *lookup, PgsMetric metric, int dims,
                                bool asks_operator) {
    SlabRanking *ranking = palloc0(sizeof *ranking);

    ranking->lookup = lookup;
    ranking->metric = metric;
    ranking->asks_operator = asks_operator;
    ranking->dims = dims;
    ranking->context =
        AllocSetContextCreate(CurrentMemoryContext, "slab ranking", ALLOCSET_DEFAULT_SIZES);
    return ranking;
}

static void forget(SlabRanking *ranking) {
    if (ranking->sort != NULL)
        tuplesort_end(ranking->sort);
    if (ranking->columns != NULL)
        ExecDropSingleTupleTableSlot(ranking->columns);
    ranking->sort = NULL;
    ranking->columns = NULL;
    MemoryContextReset(ranking->context);
}

void slab_end_ranking(SlabRanking *ranking) {
    forget(ranking);
    MemoryContextDelete(ranking->context);
    pfree(ranking);
}

/* ---- the sort */

static void open_sort(SlabRanking *ranking) {
    AttrNumber key = VALUE + 1;
    Oid less = Float8LessOperator;
    Oid collation = InvalidOid;
    bool nulls_first = false;
    TupleDesc columns;

    ranking->is_sorted = false;
    if (ranking->columns != NULL) {
        columns = ranking->columns->tts_tupleDescriptor;
    } else {
        columns = CreateTemplateTupleDesc(COLUMNS);
        TupleDescInitEntry(columns, VALUE + 1, "value", FLOAT8OID, -1, 0);
        TupleDescInitEntry(columns, BLOCK + 1, "block", INT8OID, -1, 0);
        TupleDescInitEntry(columns, OFFSET + 1, "offset", INT4OID, -1, 0);
        TupleDescInitEntry(columns, SLOT + 1, "slot", INT8OID, -1, 0);
        ranking->columns = MakeSingleTupleTableSlot(columns, &TTSOpsMinimalTuple);
    }
    ranking->sort = tuplesort_begin_heap(columns, 1, &key, &less, &collation, &nulls_first,
                                         work_mem, NULL, TUPLESORT_NONE);
}

static void put_into_sort(SlabRanking *ranking, const Ranked *row) {
    TupleTableSlot *columns = ranking->columns;

    ExecClearTuple(columns);
    memset(columns->tts_isnull, false, sizeof(bool) * COLUMNS);
    columns->tts_values[VALUE] = Float8GetDatum(row->value);
    columns->tts_values[BLOCK] = Int64GetDatum(row->tid.block);
    columns->tts_values[OFFSET] = Int32GetDatum(row->tid.offset);
    columns->tts_values[SLOT] = Int64GetDatum((int64)row->slot);
    ExecStoreVirtualTuple(columns);
    tuplesort_puttupleslot(ranking->sort, columns);
    ranking->held++;
}

static bool take_from_sort(SlabRanking *ranking, Ranked *row) {
    TupleTableSlot *columns = ranking->columns;

    if (!ranking->is_sorted)
        tuplesort_performsort(ranking->sort);
    ranking->is_sorted = true;
    if (!tuplesort_gettupleslot(ranking->sort, true, false, columns, NULL))
        return false;
    ranking->held--;
    slot_getallattrs(columns);
    row->value = DatumGetFloat8(columns->tts_values[VALUE]);
    row->tid.block = (uint32)DatumGetInt64(columns->tts_values[BLOCK]);
    row->tid.offset = (uint16)DatumGetInt32(columns->tts_values[OFFSET]);
    row->slot = (uint64)DatumGetInt64(columns->tts_values[SLOT]);
    return true;
}

/* ---- what is to be ranked */

/* Candidates that so many rows take. */
static uint64 candidates_for(const SlabRanking *ranking, uint64 rows) {
    if (ranking->recall >= 1)
        return PG_UINT64_MAX;
    if (ranking->candidates != 0)
        return Max(ranking->candidates, rows);
    return pgs_meta_candidates(ranking->meta, ranking->recall, rows, ranking->rows);
}

void slab_start_ranking(SlabRanking *ranking, const float *query, const void *meta, uint64 rows,
                        PgsEffort *effort) {
    MemoryContext caller;

    forget(ranking);
    caller = MemoryContextSwitchTo(ranking->context);
    open_sort(ranking);
    ranking->query =
        memcpy(palloc(sizeof(float) * ranking->dims), query, sizeof(float) * ranking->dims);
    MemoryContextSwitchTo(caller);
    ranking->meta = meta;
    ranking->rows = rows;
    ranking->expected = effort->rows == 0 ? EXPECTED_ROWS : effort->rows;
    ranking->recall = effort->exact ? 1 : effort->target_recall;
    ranking->candidates = effort->rerank;
    ranking->wanted = candidates_for(ranking, ranking->expected);
    ranking->looked_up = 0;
    ranking->held = 0;
    ranking->taken = 0;
    ranking->last = -INFINITY;
    ranking->ended = false;
    effort->exact = ranking->wanted == PG_UINT64_MAX;
    effort->rows = (uint32)Min(ranking->wanted, PG_UINT32_MAX);
    effort->target_recall = pgs_recall_by_signs(effort->target_recall);
    effort->rerank = 0;
}

/* ---- candidates, and rows */

/* Puts what is left of a sort into another, which takes more. */
static void sort_anew(SlabRanking *ranking) {
    Tuplesortstate *before = ranking->sort;
    MemoryContext caller = MemoryContextSwitchTo(ranking->context);

    open_sort(ranking);
    MemoryContextSwitchTo(caller);
    while (tuplesort_gettupleslot(before, true, false, ranking->columns, NULL))
        tuplesort_puttupleslot(ranking->sort, ranking->columns);
    tuplesort_end(before);
}

/* The operator's value for a row; false when the scan sees none there. */
static bool find_value(SlabRanking *ranking, const PgsTid *tid, bool *all_dead, double *value) {
    const float *vector;

    if (ranking->asks_operator)
        return slab_ask_operator(ranking->lookup, tid, all_dead, value);
    vector = slab_look_up(ranking->lookup, tid, ranking->dims, all_dead);
    if (vector != NULL)
        *value = pgs_operator_value(ranking->metric, vector, ranking->query, ranking->dims);
    return vector != NULL;
}

/* Looks a candidate up. One without a distance, as the zero vector has none under cosine, is not
 * returned: other indexes do not have it. */
static void rank(SlabRanking *ranking, const PgsRequest *candidate, SlabOnDead on_dead, void *arg) {
    bool all_dead;
    Ranked row = {.tid = candidate->tid, .slot = candidate->slot};

    if (find_value(ranking, &candidate->tid, &all_dead, &row.value)) {
        ranking->looked_up++;
        if (row.value >= ranking->last)
            put_into_sort(ranking, &row);
    } else if (all_dead && on_dead != NULL) {
        on_dead(candidate->slot, arg);
    }
    slab_release_row(ranking->lookup);
}

/* A bitmap names so few rows that the search would look them up, one after the other: all of them
 * are candidates, and there are no others. */
static void rank_named(SlabRanking *ranking, PgsScan *search, const SlabPump *pump,
                       const PgsRequest *named) {
    PgsError error;

    rank(ranking, named, NULL, NULL);
    ranking->wanted = PG_UINT64_MAX;
    slab_check_status(pump->index, pgs_scan_looked_up(search, NULL, &error), &error);
}

static void next_candidate(SlabRanking *ranking, PgsScan *search, SlabPump *pump,
                           SlabOnDead on_dead, void *arg) {
    PgsRequest request;

    if (ranking->is_sorted)
        sort_anew(ranking);
    slab_pump(pump, &request);
    switch (request.kind) {
        case PGS_REQUEST_FOUND:
            rank(ranking, &request, on_dead, arg);
            break;
        case PGS_REQUEST_LOOK_UP:
            rank_named(ranking, search, pump, &request);
            break;
        case PGS_REQUEST_DONE:
            ranking->ended = true;
            break;
        default:
            slab_refuse_request(pump, &request);
    }
}

/* Whether the index is to name another candidate, before a row can be taken. */
static bool wants_candidate(SlabRanking *ranking) {
    if (ranking->ended)
        return false;
    if (ranking->taken >= ranking->expected) {
        ranking->expected = (uint32)Min(2 * ranking->taken, PG_UINT32_MAX);
        ranking->wanted = Max(ranking->wanted, candidates_for(ranking, ranking->expected));
    }
    if (ranking->held == 0 && ranking->looked_up >= ranking->wanted)
        ranking->wanted = 2 * ranking->looked_up + 1;
    return ranking->looked_up < ranking->wanted;
}

bool slab_next_ranked(SlabRanking *ranking, PgsScan *search, SlabPump *pump, PgsRequest *row,
                      SlabOnDead on_dead, void *arg) {
    Ranked first;

    while (wants_candidate(ranking))
        next_candidate(ranking, search, pump, on_dead, arg);
    if (!take_from_sort(ranking, &first))
        return false;
    ranking->taken++;
    ranking->last = first.value;
    row->kind = PGS_REQUEST_FOUND;
    row->value = first.value;
    row->tid = first.tid;
    row->slot = first.slot;
    return true;
}

uint64 slab_ranked_rows(const SlabRanking *ranking) {
    return ranking->looked_up;
}
