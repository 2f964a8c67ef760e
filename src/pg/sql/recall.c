/*
 * recall.c - slab_recall(): how much of the true answer a search with the current settings
 * finds, and what work that takes.
 *
 * Each query is run twice: exactly, and as the settings say. Both go by the operator's values, as a
 * query's scan does: where what is stored leaves the order open, rows are looked up in the table.
 * For the others what the table says of their visibility is left out, since both would ask it the
 * same. A row counts as found when the exact search has found it, or when by the operator it is no
 * farther than the last one of that: of rows that are equally far, any will do.
 */
#include "postgres.h"

#include <math.h>

#include "access/genam.h"
#include "access/table.h"
#include "catalog/index.h"
#include "common/pg_prng.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "portability/instr_time.h"
#include "utils/array.h"
#include "utils/float.h"
#include "utils/snapmgr.h"

#include "am/lookup.h"
#include "am/ranking.h"
#include "base/compat.h"
#include "base/owner.h"
#include "base/settings.h"
#include "base/stop_point.h"
#include "build/build.h"
#include "pgslab/calibrate.h"
#include "pgslab/index.h"
#include "pgslab/scan.h"
#include "pgslab/types.h"
#include "sql/index.h"
#include "sql/queries.h"
#include "store/codebook.h"
#include "store/error.h"
#include "store/identity.h"
#include "store/options.h"
#include "store/page.h"
#include "store/pump.h"

#define MAX_K 1000

/* Queries drawn where none are given; with fewer than the second number of rows that training did
 * not see, any rows will do. */
#define DRAWN_QUERIES 200
#define DRAWN_OF_TABLE 50 /* as an exact search looks all rows up */
#define FEWEST_HELD_OUT 50

/* Fewer queries do not tell whether recall is what was asked for. */
#define FEWEST_TO_JUDGE 20

/* The slot of a query that is not a row of the index. */
#define NO_SLOT PG_UINT64_MAX

/* The row that a query is. */
typedef struct Own {
    uint64 slot; /* NO_SLOT: none, or it is known by its address */
    bool has_tid;
    PgsTid tid;
} Own;

/* The rows that a search found, nearest first. */
typedef struct Found {
    uint64 slots[MAX_K];
    PgsTid tids[MAX_K];
    uint32 n;
} Found;

/* Over the queries so far. */
typedef struct Sums {
    int32 queries;
    double recall;
    double squares; /* of the queries' recalls */
    PgsWork work;
    uint64 buffers;
    double milliseconds;
} Sums;

typedef struct Recall {
    Relation index;
    Relation table;
    IndexScanDesc scan_of_table; /* that rows are looked up for */
    SlabLookup *lookup;
    const SlabTypeInfo *type;
    SlabRanking *ranking; /* of an index of signs */
    bool ranks;           /* the query at hand: one without distances cannot be ranked by */
    PgsScan *scan; /* freed by the callback when the memory context goes, as is the sampler */
    SlabPump pump; /* of the scan */
    PgsSampler *sampler;
    uint64 seed; /* that rows are drawn by */
    MemoryContextCallback callback;
    PGAlignedBlock meta;
    PgsMetaInfo info;
    const PgsCodebook *codebook;
    uint32 k;
    PgsEffort effort;
    Found truth;
    Found found;
    Sums sums;
} Recall;

static void destroy_recall(void *arg) {
    Recall *recall = arg;

    pgs_scan_destroy(recall->scan);
    pgs_sampler_destroy(recall->sampler);
    recall->scan = NULL;
    recall->sampler = NULL;
}

static void look_up(Recall *recall, const PgsRequest *wanted) {
    bool all_dead;
    PgsError error;
    const float *vector =
        slab_look_up(recall->lookup, &wanted->tid, (int)recall->info.dims, &all_dead);

    slab_check_status(recall->index, pgs_scan_looked_up(recall->scan, vector, &error), &error);
    slab_release_row(recall->lookup);
}

/* The search's next row; false when there is none. */
static bool next_row(Recall *recall, PgsRequest *found) {
    if (recall->ranks)
        return slab_next_ranked(recall->ranking, recall->scan, &recall->pump, found, NULL, NULL);
    for (;;) {
        CHECK_FOR_INTERRUPTS();
        slab_pump(&recall->pump, found);
        switch (found->kind) {
            case PGS_REQUEST_LOOK_UP:
                look_up(recall, found);
                break;
            case PGS_REQUEST_FOUND:
                return true;
            case PGS_REQUEST_DONE:
                return false;
            default:
                slab_refuse_request(&recall->pump, found);
        }
    }
}

static bool is_own(const Own *own, const PgsRequest *row) {
    return row->slot == own->slot ||
           (own->has_tid && row->tid.block == own->tid.block && row->tid.offset == own->tid.offset);
}

/* Of an index of signs, whose order is another: all rows, or for nothing. */
static bool takes_any_order(const Recall *recall, const PgsEffort *effort) {
    return recall->ranking != NULL && (effort->exact || !recall->ranks);
}

/* Searches for the k rows nearest to the query, the query's own row aside. */
static void find_nearest(Recall *recall, const float *query, const Own *own, PgsEffort effort,
                         Found *found) {
    const SlabVector asked = {.values = query, .dims = recall->info.dims};
    PgsRequest row;
    PgsError error;

    effort.rows = recall->k + (own->slot != NO_SLOT || own->has_tid);
    found->n = 0;
    recall->ranks = recall->ranking != NULL && slab_has_distances(recall->type, &asked);
    if (recall->ranks)
        slab_start_ranking(recall->ranking, query, recall->meta.data,
                           slab_count_slots(recall->index, recall->meta.data), &effort);
    slab_check_status(recall->index,
                      pgs_scan_start(recall->scan, recall->meta.data, recall->codebook,
                                     takes_any_order(recall, &effort) ? NULL : query, NULL, &effort,
                                     true, &error),
                      &error);
    while (found->n < recall->k && next_row(recall, &row))
        if (!is_own(own, &row)) {
            found->slots[found->n] = row.slot;
            found->tids[found->n++] = row.tid;
        }
}

static bool has_slot(const Found *found, uint64 slot) {
    for (uint32 i = 0; i < found->n; i++)
        if (found->slots[i] == slot)
            return true;
    return false;
}

/* Looks the row up; false when there is none any more. */
static bool look_up_value(Recall *recall, const float *query, const PgsTid *tid, double *value) {
    bool all_dead;
    int dims = (int)recall->info.dims;
    const float *row = slab_look_up(recall->lookup, tid, dims, &all_dead);

    if (row != NULL)
        *value = pgs_operator_value(recall->type->metric, row, query, dims);
    slab_release_row(recall->lookup);
    return row != NULL;
}

/* How many rows found are those of the true answer, or as near. */
static uint32 count_hits(Recall *recall, const float *query) {
    const Found *truth = &recall->truth;
    const Found *found = &recall->found;
    uint32 last = truth->n - 1;
    uint32 hits = 0;
    double farthest = 0;
    bool has_farthest = false;
    double value;

    for (uint32_t i = 0; i < found->n; i++) {
        if (has_slot(truth, found->slots[i])) {
            hits++;
            continue;
        }
        if (!has_farthest)
            has_farthest = look_up_value(recall, query, &truth->tids[last], &farthest);
        hits += has_farthest && look_up_value(recall, query, &found->tids[i], &value) &&
                !float8_gt(value, farthest); /* not a number: as all others are */
    }
    return hits;
}

static void require_rows(const Recall *recall) {
    if (recall->truth.n == 0)
        ereport(ERROR, errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
                errmsg("index \"%s\" has no rows to find", RelationGetRelationName(recall->index)),
                errdetail("Recall is a share of the rows that an exact search finds."),
                errhint("Insert rows first, or give queries of your own."));
}

static void measure_query(Recall *recall, const float *query, const Own *own) {
    PgsEffort exactly = {.exact = true};
    Sums *sums = &recall->sums;
    instr_time begin;
    instr_time duration;
    PgsWork work;
    double hits;

    find_nearest(recall, query, own, exactly, &recall->truth);
    require_rows(recall);
    recall->pump.buffers = 0;

    INSTR_TIME_SET_CURRENT(begin);
    find_nearest(recall, query, own, recall->effort, &recall->found);
    INSTR_TIME_SET_CURRENT(duration);
    INSTR_TIME_SUBTRACT(duration, begin);

    pgs_scan_work(recall->scan, &work);
    sums->work.lists += work.lists;
    sums->work.codes += work.codes;
    sums->work.refined += recall->ranks ? slab_ranked_rows(recall->ranking) : work.refined;
    sums->work.compared += work.compared;
    sums->buffers += recall->pump.buffers;
    sums->milliseconds += INSTR_TIME_GET_MILLISEC(duration);
    hits = (double)count_hits(recall, query) / recall->truth.n;
    sums->recall += hits;
    sums->squares += hits * hits;
    sums->queries++;
}

static void measure_given(Recall *recall, ArrayType *array) {
    uint32 dims = recall->info.dims;
    uint32 n;
    const float *queries = slab_take_queries(recall->index, array, dims, &n);
    const Own no_row = {.slot = NO_SLOT};

    for (uint32 i = 0; i < n; i++)
        measure_query(recall, queries + (size_t)i * dims, &no_row);
}

/* Draws rows of the index; returns how many. */
static uint32 draw_rows(Recall *recall, bool held_out) {
    SlabPump pump = {.index = recall->index, .meta = recall->meta.data};

    pgs_sampler_destroy(recall->sampler);
    recall->sampler = NULL;
    slab_check_status(recall->index,
                      pgs_sampler_create(recall->meta.data, recall->codebook, DRAWN_QUERIES,
                                         held_out ? PGS_DRAW_HELD_OUT : PGS_DRAW_ALL, recall->seed,
                                         &recall->sampler),
                      &slab_out_of_memory);
    pump.machine = pgs_sampler_machine(recall->sampler);
    slab_pump_pages(&pump);
    return pgs_sampler_vectors(recall->sampler);
}

/* An index of signs cannot make queries of them. */
static void measure_drawn_of_table(Recall *recall) {
    const SlabDrawn *drawn = slab_draw_rows(recall->table, recall->index, recall->info.dims,
                                            DRAWN_OF_TABLE, recall->seed);

    for (uint32 i = 0; i < drawn->rows; i++) {
        const PgsTableRow *row = &drawn->row[i];
        const Own own = {
            NO_SLOT, true, {(uint32)(row->address >> 16), (uint16)(row->address & 0xFFFF)}};

        measure_query(recall, row->vector, &own);
    }
    require_rows(recall);
}

static void measure_drawn(Recall *recall) {
    uint32 n = draw_rows(recall, true);

    if (n < FEWEST_HELD_OUT)
        n = draw_rows(recall, false);
    for (uint32 i = 0; i < n; i++) {
        Own own = {0};
        const float *query = pgs_sampler_vector(recall->sampler, i, &own.slot);

        measure_query(recall, query, &own);
    }
    require_rows(recall);
}

/* given: NULL where queries are to be drawn. */
static void measure(Recall *recall, ArrayType *given, PgsEffort effort) {
    memset(&recall->sums, 0, sizeof recall->sums);
    recall->effort = effort;
    if (given == NULL && recall->info.signs)
        measure_drawn_of_table(recall);
    else if (given == NULL)
        measure_drawn(recall);
    else
        measure_given(recall, given);
}

/* To look rows up as a scan with the statement's snapshot does. */
static void open_table(Recall *recall) {
    Oid table = IndexGetRelation(RelationGetRelid(recall->index), false);
    const SlabTypeInfo *type = slab_type_info(recall->index);

    recall->table = table_open(table, AccessShareLock);
    recall->scan_of_table =
        slab_index_beginscan(recall->table, recall->index, GetActiveSnapshot(), 0, 1);
    recall->lookup = slab_begin_lookup(recall->scan_of_table);
    if (recall->info.signs)
        recall->ranking =
            slab_begin_ranking(recall->lookup, type->metric, recall->info.dims, false);
    recall->type = type;
}

static void close_table(Recall *recall) {
    if (recall->ranking != NULL)
        slab_end_ranking(recall->ranking);
    slab_end_lookup(recall->lookup);
    index_endscan(recall->scan_of_table);
    table_close(recall->table, AccessShareLock);
}

static Recall *open_recall(Relation index, int32 k) {
    Recall *recall = palloc0(sizeof *recall);

    if (k < 1 || k > MAX_K)
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                errmsg("k must be between 1 and %d", MAX_K), errdetail("k is %d.", k),
                errhint("Ask for as many rows as your queries do."));
    recall->index = index;
    recall->k = k;
    recall->seed = pg_prng_uint64(&pg_global_prng_state);
    recall->callback.func = destroy_recall;
    recall->callback.arg = recall;
    MemoryContextRegisterResetCallback(CurrentMemoryContext, &recall->callback);
    slab_read_meta(index, &recall->meta);
    pgs_meta_info(recall->meta.data, &recall->info);
    slab_check_embedder(index, &recall->info);
    SLAB_STOP("recall");
    recall->codebook = slab_pin_codebook(index, recall->meta.data);
    slab_check_status(index, pgs_scan_create((size_t)work_mem * 1024, &recall->scan),
                      &slab_out_of_memory);
    recall->pump = (SlabPump){.machine = pgs_scan_machine(recall->scan),
                              .index = index,
                              .meta = recall->meta.data,
                              .prefetch = true};
    return recall;
}

/* Less than what slab.target_recall asks for, by more than chance. */
static bool is_short(const Recall *recall) {
    double target = recall->effort.target_recall;
    double n = recall->sums.queries;
    double mean = recall->sums.recall / n;
    /* Of the mean; not less than if each row was found by chance alone. */
    double error =
        sqrt(Max(recall->sums.squares / n - mean * mean, target * (1 - target) / recall->k) / n);

    return n >= FEWEST_TO_JUDGE && mean + 2.3 * error < target - 0.01;
}

static bool is_promised(const PgsEffort *effort) {
    return !effort->exact && effort->probes == 0 && effort->rerank == 0;
}

/* What keeps searches from finding what was promised; after searches of all lists. */
static const char *find_reason(const Recall *recall) {
    if (recall->info.calibration_queries == 0)
        return "it has not measured itself";
    return is_short(recall) ? "its codes are too coarse for these rows"
                            : "the queries need more lists than it knows of";
}

static const char *find_remedy(const Recall *recall, const ArrayType *given) {
    if (recall->info.calibration_queries != 0 && is_short(recall))
        return slab_remedy_for_codes(recall->index, &recall->info);
    return given == NULL ? "slab_calibrate() measures the index anew."
                         : "slab_calibrate() learns from these queries what they need.";
}

static void warn_of_short(Recall *recall, ArrayType *given) {
    Sums usual = recall->sums;
    PgsEffort everywhere = recall->effort;

    everywhere.probes = recall->info.lists;
    measure(recall, given, everywhere);
    ereport(
        WARNING,
        errmsg("index \"%s\" finds less than slab.target_recall asks for",
               RelationGetRelationName(recall->index)),
        errdetail("Of the %u nearest rows of %d queries it finds %.3f instead of %g, and %.3f "
                  "where it visits all lists: %s.",
                  recall->k, usual.queries, usual.recall / usual.queries, everywhere.target_recall,
                  recall->sums.recall / recall->sums.queries, find_reason(recall)),
        errhint("%s", find_remedy(recall, given)));
    recall->sums = usual;
}

static Datum form_result(FunctionCallInfo fcinfo, const Recall *recall) {
    enum { COLUMNS = 8 };
    const Sums *sums = &recall->sums;
    double queries = sums->queries;
    TupleDesc columns;
    Datum values[COLUMNS];
    bool nulls[COLUMNS] = {false};
    int n = 0;

    if (get_call_result_type(fcinfo, NULL, &columns) != TYPEFUNC_COMPOSITE)
        elog(ERROR, "slab_recall returns a row");
    values[n++] = Float8GetDatum(sums->recall / queries);
    values[n++] = Int32GetDatum(sums->queries);
    values[n++] = Float8GetDatum((double)sums->work.lists / queries);
    values[n++] = Float8GetDatum((double)sums->work.codes / queries);
    values[n++] = Float8GetDatum((double)sums->work.refined / queries);
    values[n++] = Float8GetDatum((double)sums->work.compared / queries);
    values[n++] = Float8GetDatum((double)sums->buffers / queries);
    values[n++] = Float8GetDatum(sums->milliseconds / queries);
    Assert(n == COLUMNS);
    return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(columns), values, nulls));
}

PG_FUNCTION_INFO_V1(slab_recall);
Datum slab_recall(PG_FUNCTION_ARGS) {
    Relation index;
    Recall *recall;
    ArrayType *given;
    SlabSecurity outside;
    Datum result;

    if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
        PG_RETURN_NULL();
    index = slab_open_index(PG_GETARG_OID(0));
    slab_require_select(index);
    slab_require_vectors(index, "slab_recall");
    given = PG_ARGISNULL(2) ? NULL : PG_GETARG_ARRAYTYPE_P(2);
    recall = open_recall(index, PG_GETARG_INT32(1));
    open_table(recall);
    slab_enter_owner(recall->table, &outside);
    slab_check_guests(slab_dialect(index->rd_indam));
    measure(recall, given, slab_index_effort(index));
    if (is_promised(&recall->effort) && is_short(recall))
        warn_of_short(recall, given);
    slab_leave_owner(&outside);
    close_table(recall);
    result = form_result(fcinfo, recall);
    destroy_recall(recall);
    index_close(index, AccessShareLock);
    return result;
}
