/*
 * recall.c - slab_recall(): how much of the true answer a search with the current settings
 * finds, and what work that takes.
 *
 * Each query is run twice over the index alone: exactly, and as the settings say. What the table
 * says of a row's visibility is left out, since both would ask it the same. A row counts as found
 * when it is no farther than the last one of the exact search, by the vectors as they are stored:
 * of rows that are equally far, any will do.
 */
#include "postgres.h"

#include "access/genam.h"
#include "catalog/pg_type.h"
#include "common/pg_prng.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "portability/instr_time.h"
#include "utils/array.h"
#include "utils/float.h"
#include "utils/lsyscache.h"

#include "base/settings.h"
#include "base/stop_point.h"
#include "pgslab/calibrate.h"
#include "pgslab/index.h"
#include "pgslab/scan.h"
#include "sql/index.h"
#include "store/codebook.h"
#include "store/error.h"
#include "store/options.h"
#include "store/page.h"
#include "store/pump.h"
#include "types/vec.h"

#define MAX_K 1000

/* Queries drawn where none are given; with fewer than the second number of rows that training did
 * not see, any rows will do. */
#define DRAWN_QUERIES 200
#define FEWEST_HELD_OUT 50

/* The slot of a query that is not a row of the index. */
#define NO_SLOT PG_UINT64_MAX

/* Distances of the rows that a search found, nearest first. */
typedef struct Found {
    double values[MAX_K];
    uint32 n;
} Found;

typedef struct Recall {
    Relation index;
    PgsScan *scan; /* freed by the callback when the memory context goes, as is the sampler */
    SlabPump pump; /* of the scan */
    PgsSampler *sampler;
    MemoryContextCallback callback;
    PGAlignedBlock meta;
    PgsMetaInfo info;
    const PgsCodebook *codebook;
    uint32 k;
    Found truth;
    Found found;

    /* Sums over the queries so far. */
    int32 queries;
    double recall;
    PgsWork work;
    double milliseconds; /* as buffers are, in pump */
} Recall;

static void destroy_recall(void *arg) {
    Recall *recall = arg;

    pgs_scan_destroy(recall->scan);
    pgs_sampler_destroy(recall->sampler);
    recall->scan = NULL;
    recall->sampler = NULL;
}

/* The search's next row; false when there is none. It goes by stored vectors and looks nothing up.
 */
static bool next_row(Recall *recall, PgsRequest *found) {
    CHECK_FOR_INTERRUPTS();
    slab_pump(&recall->pump, found);
    if (found->kind != PGS_REQUEST_FOUND && found->kind != PGS_REQUEST_DONE)
        slab_refuse_request(&recall->pump, found);
    return found->kind == PGS_REQUEST_FOUND;
}

/* Searches for the k rows nearest to the query, the query's own slot aside. */
static void find_nearest(Recall *recall, const float *query, uint64 own_slot, PgsEffort effort,
                         Found *found) {
    PgsRequest row;
    PgsError error;

    effort.stored_values = true;
    effort.rows = recall->k + (own_slot != NO_SLOT);
    found->n = 0;
    slab_check_status(recall->index,
                      pgs_scan_start(recall->scan, recall->meta.data, recall->codebook, query,
                                     &effort, true, &error),
                      &error);
    while (found->n < recall->k && next_row(recall, &row))
        if (row.slot != own_slot)
            found->values[found->n++] = row.value;
}

/* How many rows found are as near as those of the true answer. */
static uint32 count_hits(const Found *truth, const Found *found) {
    double farthest = truth->values[truth->n - 1];
    uint32 hits = 0;

    for (uint32 i = 0; i < found->n; i++)
        hits += !float8_gt(found->values[i], farthest); /* not a number: as all others are */
    return hits;
}

static void require_rows(const Recall *recall) {
    if (recall->truth.n == 0)
        ereport(ERROR, errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
                errmsg("index \"%s\" has no rows to find", RelationGetRelationName(recall->index)),
                errdetail("Recall is a share of the rows that an exact search finds."),
                errhint("Insert rows first, or give queries of your own."));
}

static void measure_query(Recall *recall, const float *query, uint64 own_slot) {
    PgsEffort exactly = {.exact = true};
    uint64 buffers = recall->pump.buffers;
    instr_time begin;
    instr_time duration;
    PgsWork work;

    find_nearest(recall, query, own_slot, exactly, &recall->truth);
    require_rows(recall);
    recall->pump.buffers = buffers;

    INSTR_TIME_SET_CURRENT(begin);
    find_nearest(recall, query, own_slot, slab_effort(), &recall->found);
    INSTR_TIME_SET_CURRENT(duration);
    INSTR_TIME_SUBTRACT(duration, begin);

    pgs_scan_work(recall->scan, &work);
    recall->work.lists += work.lists;
    recall->work.codes += work.codes;
    recall->work.refined += work.refined;
    recall->work.compared += work.compared;
    recall->milliseconds += INSTR_TIME_GET_MILLISEC(duration);
    recall->recall += (double)count_hits(&recall->truth, &recall->found) / recall->truth.n;
    recall->queries++;
}

static void measure_given(Recall *recall, ArrayType *array) {
    int16 length;
    bool by_value;
    char align;
    Datum *queries;
    bool *nulls;
    int n;

    get_typlenbyvalalign(ARR_ELEMTYPE(array), &length, &by_value, &align);
    deconstruct_array(array, ARR_ELEMTYPE(array), length, by_value, align, &queries, &nulls, &n);
    if (n == 0)
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("there are no queries"),
                errdetail("The array of queries is empty."),
                errhint("Give some vectors, or NULL to take rows of the index."));
    for (int i = 0; i < n; i++) {
        Vec *query;

        if (nulls[i])
            ereport(ERROR, errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
                    errmsg("a query must not be null"),
                    errdetail("Element %d of the array of queries is.", i + 1),
                    errhint("Leave it out."));
        query = DatumGetVecP(queries[i]);
        if (query->dims != recall->info.dims)
            vec_report_different_dims(recall->info.dims, query->dims);
        measure_query(recall, query->values, NO_SLOT);
    }
}

/* Draws rows of the index; returns how many. */
static uint32 draw_rows(Recall *recall, bool held_out) {
    SlabPump pump = {.index = recall->index, .meta = recall->meta.data};

    pgs_sampler_destroy(recall->sampler);
    recall->sampler = NULL;
    slab_check_status(recall->index,
                      pgs_sampler_create(recall->meta.data, DRAWN_QUERIES,
                                         held_out ? PGS_DRAW_HELD_OUT : PGS_DRAW_ALL,
                                         pg_prng_uint64(&pg_global_prng_state), &recall->sampler),
                      &slab_out_of_memory);
    pump.machine = pgs_sampler_machine(recall->sampler);
    slab_pump_pages(&pump);
    return pgs_sampler_vectors(recall->sampler);
}

static void measure_drawn(Recall *recall) {
    uint32 n = draw_rows(recall, true);

    if (n < FEWEST_HELD_OUT)
        n = draw_rows(recall, false);
    for (uint32 i = 0; i < n; i++) {
        uint64 slot;
        const float *query = pgs_sampler_vector(recall->sampler, i, &slot);

        measure_query(recall, query, slot);
    }
    require_rows(recall);
}

static Recall *open_recall(Relation index, int32 k) {
    Recall *recall = palloc0(sizeof *recall);

    if (k < 1 || k > MAX_K)
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                errmsg("k must be between 1 and %d", MAX_K), errdetail("k is %d.", k),
                errhint("Ask for as many rows as your queries do."));
    recall->index = index;
    recall->k = k;
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

static Datum form_result(FunctionCallInfo fcinfo, const Recall *recall) {
    enum { COLUMNS = 8 };
    double queries = recall->queries;
    TupleDesc columns;
    Datum values[COLUMNS];
    bool nulls[COLUMNS] = {false};
    int n = 0;

    if (get_call_result_type(fcinfo, NULL, &columns) != TYPEFUNC_COMPOSITE)
        elog(ERROR, "slab_recall returns a row");
    values[n++] = Float8GetDatum(recall->recall / queries);
    values[n++] = Int32GetDatum(recall->queries);
    values[n++] = Float8GetDatum((double)recall->work.lists / queries);
    values[n++] = Float8GetDatum((double)recall->work.codes / queries);
    values[n++] = Float8GetDatum((double)recall->work.refined / queries);
    values[n++] = Float8GetDatum((double)recall->work.compared / queries);
    values[n++] = Float8GetDatum((double)recall->pump.buffers / queries);
    values[n++] = Float8GetDatum(recall->milliseconds / queries);
    Assert(n == COLUMNS);
    return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(columns), values, nulls));
}

PG_FUNCTION_INFO_V1(slab_recall);
Datum slab_recall(PG_FUNCTION_ARGS) {
    Relation index;
    Recall *recall;
    Datum result;

    if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
        PG_RETURN_NULL();
    index = slab_open_index(PG_GETARG_OID(0));
    slab_require_select(index);
    recall = open_recall(index, PG_GETARG_INT32(1));
    if (PG_ARGISNULL(2))
        measure_drawn(recall);
    else
        measure_given(recall, PG_GETARG_ARRAYTYPE_P(2));
    result = form_result(fcinfo, recall);
    destroy_recall(recall);
    index_close(index, AccessShareLock);
    return result;
}
