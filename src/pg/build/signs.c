/*
 * signs.c - an index of signs learns from its table how many candidates it takes.
 *
 * Of its rows the index knows nothing but signs. So the table is read twice: some rows are drawn,
 * to make queries of; then all rows pass by, and the core notes how far down the nearest ones come
 * by their signs (pgslab/signs.h).
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "base/type_info.h"
#include "build/build.h"
#include "build/share.h"
#include "pgslab/signs.h"
#include "store/error.h"
#include "store/give_way.h"
#include "store/options.h"
#include "store/page.h"

/* Rows to make queries of, up to three each, within limits: as many as are compared with all rows
 * in a few seconds, by so many elements. */
#define LEAST_DRAWN 32
#define MOST_DRAWN 128
#define QUERIES_PER_ROW 3
#define MOST_ELEMENTS 2e10

/* And of those given so many, evenly. */
#define MOST_GIVEN 500

/* Fewer rows are soon looked up all. */
#define LEAST_ROWS 100

/* Beyond this share of the rows, at the usual recall, signs are not worth while. */
#define USUAL_RECALL 0.95
#define MOST_SHARE 0.25
#define LEAST_ROWS_TO_WARN 1000

typedef struct TableRanks {
    const SlabTypeInfo *type;
    int dims;
    PgsSignRanks *ranks; /* freed by the callback when the memory context goes */
    MemoryContextCallback callback;
    MemoryContext row_context; /* for a value as it is read */
} TableRanks;

static void destroy_ranks(void *arg) {
    pgs_sign_ranks_destroy(((TableRanks *)arg)->ranks);
}

static void rank_row(Relation index, ItemPointer tid, Datum *values, bool *isnull, bool alive,
                     void *arg) {
    TableRanks *table = arg;
    MemoryContext caller;
    SlabVector vector;
    PgsTableRow row;

    slab_breathe();
    if (isnull[0])
        return;
    caller = MemoryContextSwitchTo(table->row_context);
    slab_read_vector(table->type, values[0], table->dims, &vector);
    row.vector = vector.values;
    row.address = slab_address(tid);
    slab_check_status(index, pgs_sign_ranks_add(table->ranks, &row), &slab_out_of_memory);
    MemoryContextSwitchTo(caller);
    MemoryContextReset(table->row_context);
}

static uint32 choose_drawn(const SlabDrawn *drawn) {
    double of_budget = MOST_ELEMENTS / ((double)drawn->seen * drawn->dims * QUERIES_PER_ROW);

    return (uint32)Min(Max(of_budget, LEAST_DRAWN), drawn->rows);
}

/* Queries of the options, as many as are used; returns how many. */
static uint32 choose_given(const PgsCalibrationOptions *options, int dims, const float **queries) {
    uint32 n = Min(options->given, MOST_GIVEN);
    float *chosen = palloc(sizeof(float) * Max(n, 1) * dims);

    for (uint32 i = 0; i < n; i++)
        memcpy(chosen + (size_t)i * dims,
               options->queries + (size_t)((uint64)i * options->given / n) * dims,
               sizeof(float) * dims);
    *queries = chosen;
    return n;
}

/* In CurrentMemoryContext, which frees the core's object. */
static TableRanks *open_ranks(Relation index, const SlabDrawn *drawn,
                              const PgsCalibrationOptions *options) {
    TableRanks *table = palloc0(sizeof *table);
    const float *queries;
    uint32 given = choose_given(options, drawn->dims, &queries);

    table->type = slab_type_info(index);
    table->dims = drawn->dims;
    table->row_context =
        AllocSetContextCreate(CurrentMemoryContext, "slab table row", ALLOCSET_DEFAULT_SIZES);
    table->callback.func = destroy_ranks;
    table->callback.arg = table;
    MemoryContextRegisterResetCallback(CurrentMemoryContext, &table->callback);
    slab_check_status(index,
                      pgs_sign_ranks_create(table->type->metric, drawn->dims, drawn->row,
                                            choose_drawn(drawn), queries, given, &table->ranks),
                      &slab_out_of_memory);
    return table;
}

const PgsSignRanks *slab_rank_table(Relation heap, Relation index, int dims,
                                    const PgsCalibrationOptions *options) {
    SlabDrawn *drawn = slab_draw_rows(heap, index, dims, MOST_DRAWN, SLAB_BUILD_SEED);
    TableRanks *table;

    if (drawn->seen < LEAST_ROWS)
        return NULL;
    table = open_ranks(index, drawn, options);
    slab_scan_table(heap, index, rank_row, table);
    slab_check_status(index, pgs_sign_ranks_finish(table->ranks), &slab_out_of_memory);
    return table->ranks;
}

void slab_notice_no_candidates(Relation index) {
    ereport(
        NOTICE,
        errmsg("searches of index \"%s\" look all rows up for now", RelationGetRelationName(index)),
        errdetail("With storage = bits it takes at least %d rows to tell how many of them a "
                  "search needs.",
                  LEAST_ROWS),
        errhint("Call slab_calibrate('%s') once the rows are there.",
                RelationGetRelationName(index)));
}

void slab_warn_of_signs(Relation index, const void *meta) {
    PgsMetaInfo info;
    uint64 rows = slab_count_slots(index, meta);
    uint64 wanted = pgs_meta_candidates(meta, USUAL_RECALL, 1, rows);

    pgs_meta_info(meta, &info);
    if (info.calibration_queries != 0 && rows >= LEAST_ROWS_TO_WARN &&
        (double)wanted > MOST_SHARE * (double)rows)
        ereport(WARNING,
                errmsg("the signs of its vectors say little about the rows of index \"%s\"",
                       RelationGetRelationName(index)),
                errdetail("A search that is to find %g of the nearest has to look up %.0f of "
                          "%.0f rows.",
                          USUAL_RECALL, (double)Min(wanted, rows), (double)rows),
                errhint("%s", slab_remedy_for_codes(index, &info)));
}
