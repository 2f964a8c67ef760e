/*
 * am_build.c - CREATE INDEX: one sealed part, written in the order of the table.
 *
 * Vectors go straight to their pages; records, which come after all of them in the file, wait in a
 * temporary file. So memory stays the same for any number of rows. Nothing is logged until the end,
 * when all pages are, unless the server syncs the new file at commit instead (wal_level = minimal).
 */
#include "postgres.h"

#include "access/tableam.h"
#include "access/xloginsert.h"
#include "catalog/index.h"
#include "commands/progress.h"
#include "compat.h"
#include "miscadmin.h"
#include "slab.h"
#include "storage/buffile.h"
#include "utils/backend_progress.h"
#include "utils/memutils.h"
#include "vec.h"

typedef struct BuildState {
    Relation index;
    PgsBuild *build; /* freed by the callback when context goes */
    MemoryContext context;
    MemoryContextCallback callback;
    MemoryContext row_context; /* for a detoasted value */
    BufFile *records;
    int dims;
    int64 rows;
} BuildState;

static void destroy_build(void *arg) {
    pgs_build_destroy(((BuildState *)arg)->build);
}

/* Writes the pages that are finished to the end of the index. */
static void write_pages(BuildState *state) {
    const void *page;

    while ((page = pgs_build_page(state->build)) != NULL) {
        Buffer buffer = slab_extend(state->index, MAIN_FORKNUM);

        memcpy(BufferGetPage(buffer), page, BLCKSZ);
        MarkBufferDirty(buffer);
        UnlockReleaseBuffer(buffer);
    }
}

static void add_vector(BuildState *state, const Vec *vec, ItemPointer tid) {
    PgsRecord record;

    if (vec->dims != state->dims)
        vec_report_different_dims(state->dims, vec->dims);
    if (!pgs_build_add(state->build, vec->values, slab_tid(tid), &record))
        return;
    BufFileWrite(state->records, &record, sizeof record);
    write_pages(state);
    state->rows++;
    if (state->rows > PG_UINT32_MAX)
        ereport(ERROR, errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
                errmsg("too many rows for a slab index"),
                errdetail("Index \"%s\" can be built over at most %u rows.",
                          RelationGetRelationName(state->index), PG_UINT32_MAX),
                errhint("Partition the table."));
    pgstat_progress_update_param(PROGRESS_CREATEIDX_TUPLES_DONE, state->rows);
}

static void add_row(Relation index, ItemPointer tid, Datum *values, bool *isnull, bool alive,
                    void *arg) {
    BuildState *state = arg;

    if (!isnull[0]) {
        MemoryContext caller = MemoryContextSwitchTo(state->row_context);

        add_vector(state, DatumGetVecP(values[0]), tid);
        MemoryContextSwitchTo(caller);
        MemoryContextReset(state->row_context);
    }
}

/* In a memory context of its own: the callback that frees the core's object must find it after an
 * error, too. */
static BuildState *open_state(Relation index, const PgsOptions *options) {
    MemoryContext context =
        AllocSetContextCreate(CurrentMemoryContext, "slab build", ALLOCSET_DEFAULT_SIZES);
    BuildState *state = MemoryContextAllocZero(context, sizeof *state);

    state->index = index;
    state->dims = options->dims;
    state->context = context;
    state->row_context = AllocSetContextCreate(context, "slab build row", ALLOCSET_DEFAULT_SIZES);
    state->records = BufFileCreateTemp(false);
    slab_check_status(index, pgs_build_create(options, &state->build), &slab_out_of_memory);
    state->callback.func = destroy_build;
    state->callback.arg = state;
    MemoryContextRegisterResetCallback(context, &state->callback);
    return state;
}

/* Block 0, before any other. It says that there are no rows until write_meta() says more. */
static void reserve_meta(BuildState *state, const PgsOptions *options) {
    Buffer buffer = slab_extend(state->index, MAIN_FORKNUM);

    pgs_meta_init(BufferGetPage(buffer), options);
    MarkBufferDirty(buffer);
    UnlockReleaseBuffer(buffer);
}

static void read_record(BufFile *records, PgsRecord *record) {
#if PG_VERSION_NUM >= 160000
    BufFileReadExact(records, record, sizeof *record);
#else
    if (BufFileRead(records, record, sizeof *record) != sizeof *record)
        elog(ERROR, "temporary file of records is too short");
#endif
}

static void write_records(BuildState *state) {
    if (BufFileSeek(state->records, 0, 0, SEEK_SET) != 0)
        elog(ERROR, "could not rewind the temporary file of records");
    for (int64 i = 0; i < state->rows; i++) {
        PgsRecord record;

        CHECK_FOR_INTERRUPTS();
        read_record(state->records, &record);
        pgs_build_add_record(state->build, &record);
        write_pages(state);
    }
    pgs_build_end_records(state->build);
    write_pages(state);
}

static void write_meta(BuildState *state) {
    Buffer buffer =
        slab_read_buffer(state->index, SLAB_META_BLOCK, BUFFER_LOCK_EXCLUSIVE, NULL, NULL);

    pgs_build_meta(state->build, BufferGetPage(buffer));
    MarkBufferDirty(buffer);
    UnlockReleaseBuffer(buffer);
}

static void set_phase(int phase) {
    pgstat_progress_update_param(PROGRESS_CREATEIDX_SUBPHASE, phase);
}

IndexBuildResult *slab_build(Relation heap, Relation index, IndexInfo *info) {
    PgsOptions options = slab_build_options(index);
    IndexBuildResult *result = palloc0(sizeof *result);
    BuildState *state;

    if (RelationGetNumberOfBlocks(index) != 0)
        elog(ERROR, "index \"%s\" already contains data", RelationGetRelationName(index));
    state = open_state(index, &options);

    set_phase(SLAB_PHASE_VECTORS);
    reserve_meta(state, &options);
    result->heap_tuples =
        table_index_build_scan(heap, index, info, true, true, add_row, state, NULL);
    pgs_build_end_rows(state->build);
    write_pages(state);

    set_phase(SLAB_PHASE_RECORDS);
    write_records(state);
    write_meta(state);

    set_phase(SLAB_PHASE_LOG);
    if (RelationNeedsWAL(index))
        log_newpage_range(index, MAIN_FORKNUM, 0, RelationGetNumberOfBlocks(index), true);

    result->index_tuples = state->rows;
    BufFileClose(state->records);
    MemoryContextDelete(state->context);
    return result;
}

/* The init fork, which is what an unlogged index is after a crash. */
void slab_build_empty(Relation index) {
    PgsOptions options = slab_build_options(index);
    Buffer buffer = slab_extend(index, INIT_FORKNUM);

    START_CRIT_SECTION();
    pgs_meta_init(BufferGetPage(buffer), &options);
    MarkBufferDirty(buffer);
    log_newpage_buffer(buffer, true);
    END_CRIT_SECTION();
    UnlockReleaseBuffer(buffer);
}

char *slab_build_phase_name(int64 phase) {
    switch (phase) {
        case PROGRESS_CREATEIDX_SUBPHASE_INITIALIZE:
            return "initializing";
        case SLAB_PHASE_VECTORS:
            return "writing vectors";
        case SLAB_PHASE_RECORDS:
            return "writing records";
        case SLAB_PHASE_LOG:
            return "logging pages";
        default:
            return NULL;
    }
}
