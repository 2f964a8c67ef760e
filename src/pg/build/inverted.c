/*
 * inverted.c - CREATE INDEX of an index by terms: documents wait in memory until that is full, and
 * become a part and a segment then; in the end all of these are merged into one of each.
 *
 * Nobody else sees the index, so its metapage is kept in memory until all is there, and what one
 * task replaces is free for the next at once. Where several batches were merged, what lies last is
 * moved to the front, and the file is cut. Nothing is logged until then, as in build.c.
 */
#include "postgres.h"

#include "access/tableam.h"
#include "access/xloginsert.h"
#include "catalog/storage.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "base/progress.h"
#include "base/settings.h"
#include "base/type_info.h"
#include "build/build.h"
#include "build/share.h"
#include "keys/keys.h"
#include "pgslab/inverted.h"
#include "pgslab/maintain.h"
#include "store/error.h"
#include "store/options.h"
#include "store/page.h"
#include "store/pump.h"
#include "store/write.h"

/* Parts from which on all of them are merged: the manifest has room for a few more. */
#define MOST_PARTS 12

typedef struct Build {
    Relation index;
    const SlabTypeInfo *type;
    PgsInvertedOptions options;
    PGAlignedBlock meta; /* as it is to be written */
    PgsLoad *load;       /* freed by the callback when context goes, as the next */
    PgsTask *task;
    uint64 indexed;
    MemoryContext context;
    MemoryContext row_context; /* for a value as it is read */
    MemoryContextCallback callback;
} Build;

static void destroy_build(void *arg) {
    Build *build = arg;

    pgs_task_destroy(build->task); /* which needs the load */
    pgs_load_destroy(build->load);
}

static Build *open_build(Relation index) {
    MemoryContext context =
        AllocSetContextCreate(CurrentMemoryContext, "slab build", ALLOCSET_DEFAULT_SIZES);
    Build *build = MemoryContextAllocZero(context, sizeof *build);

    build->index = index;
    build->type = slab_type_info(index);
    build->options = slab_document_options(index);
    build->options.keys = slab_key_columns(index);
    build->context = context;
    build->row_context = AllocSetContextCreate(context, "slab build row", ALLOCSET_DEFAULT_SIZES);
    build->callback.func = destroy_build;
    build->callback.arg = build;
    MemoryContextRegisterResetCallback(context, &build->callback);
    pgs_inverted_meta_init(build->meta.data, &build->options);
    return build;
}

/* ---- tasks ---- */

static void give_run(Build *build, const PgsRequest *run) {
    PgsReservation reserved;
    PgsError error;

    slab_check_status(
        build->index,
        pgs_meta_reserve(build->meta.data, run->least, run->blocks, run->ids, &reserved, &error),
        &error);
    slab_extend_to(build->index, reserved.block + reserved.blocks);
    slab_check_status(build->index, pgs_task_reserved(build->task, &reserved, &error), &error);
}

static void write_tables(Build *build) {
    SlabPump pump = {.machine = pgs_task_machine(build->task),
                     .index = build->index,
                     .meta = build->meta.data,
                     .verified = true};
    PgsRequest request;

    for (;;) {
        slab_pump(&pump, &request);
        switch (request.kind) {
            case PGS_REQUEST_RUN:
                give_run(build, &request);
                break;
            case PGS_REQUEST_WRITE:
                CHECK_FOR_INTERRUPTS();
                slab_write_built_page(build->index, MAIN_FORKNUM, request.block, request.page);
                break;
            case PGS_REQUEST_DONE:
                return;
            default:
                slab_refuse_request(&pump, &request);
        }
    }
}

/* Does the task and puts what it has made into the metapage. What that replaces was needed by
 * nobody since before the first transaction. */
static void do_task(Build *build) {
    PgsError error;

    write_tables(build);
    slab_check_status(build->index, pgs_task_publish(build->task, build->meta.data, 0, &error),
                      &error);
    pgs_task_destroy(build->task);
    build->task = NULL;
}

/* ---- batches ---- */

static void merge_all(Build *build, const PgsMetaInfo *info) {
    PgsSegments segments = {(uint32)((UINT64CONST(1) << info->segments) - 1)};
    PgsParts parts = {(uint32)((UINT64CONST(1) << info->sealed_parts) - 1)};

    slab_report_phase(SLAB_PHASE_MERGE);
    slab_check_status(build->index,
                      pgs_merge_create(build->meta.data, segments, parts, &build->task),
                      &slab_out_of_memory);
    do_task(build);
}

/* Merges what there is if it is of more parts than these. */
static void merge_if_above(Build *build, uint32 parts) {
    PgsMetaInfo info;

    pgs_meta_info(build->meta.data, &info);
    if (info.sealed_parts > parts || info.segments > parts)
        merge_all(build, &info);
}

/* Makes room in memory. */
static void write_batch(Build *build) {
    slab_report_phase(SLAB_PHASE_POSTINGS);
    slab_check_status(build->index, pgs_load_task(build->load, build->meta.data, &build->task),
                      &slab_out_of_memory);
    do_task(build);
    merge_if_above(build, MOST_PARTS - 1);
    slab_report_phase(SLAB_PHASE_READ);
}

static void add_document(Build *build, Datum *values, bool *isnull, PgsTid tid, bool *full) {
    uint64 keys[SLAB_MOST_KEYS];
    SlabDocument document;
    bool indexed;

    slab_read_document(build->type, values[0], build->options.dims, &document);
    slab_make_keys(build->index, values, isnull, keys);
    slab_check_status(
        build->index,
        pgs_load_add(build->load, document.terms, document.count, keys, tid, &indexed, full),
        &slab_out_of_memory);
    if (indexed)
        slab_report_done(++build->indexed);
}

/* Called for each row of the table. */
static void take_row(Relation index, ItemPointer tid, Datum *values, bool *isnull, bool alive,
                     void *arg) {
    Build *build = arg;
    MemoryContext caller;
    bool full;

    if (isnull[0])
        return;
    caller = MemoryContextSwitchTo(build->row_context);
    add_document(build, values, isnull, slab_tid(tid), &full);
    MemoryContextReset(build->row_context);
    if (full)
        write_batch(build);
    MemoryContextSwitchTo(caller);
}

static void load_rows(Build *build, Relation heap, IndexInfo *info, IndexBuildResult *result) {
    slab_check_status(
        build->index,
        pgs_load_create(build->meta.data, (size_t)slab_maintenance_memory() * 1024, &build->load),
        &slab_out_of_memory);
    slab_report_phase(SLAB_PHASE_READ);
    result->heap_tuples =
        table_index_build_scan(heap, build->index, info, true, true, take_row, build, NULL);
    slab_report_blocks(0, 0);
    if (pgs_load_documents(build->load) > 0)
        write_batch(build);
    pgs_load_destroy(build->load);
    build->load = NULL;
    merge_if_above(build, 1);
    result->index_tuples = (double)build->indexed;
}

/* ---- the file ---- */

/* The next job that makes the file shorter; false when there is none. */
static bool shrink(Build *build, PgsGoal *goal) {
    PgsPolicy policy = slab_policy(build->index);
    PgsJob job = pgs_pick_job(build->meta.data, 0, &policy, goal);

    if (job.kind != PGS_JOB_MOVE)
        return false;
    slab_check_status(build->index, pgs_move_create(build->meta.data, job.block, &build->task),
                      &slab_out_of_memory);
    do_task(build);
    return true;
}

/* Writes the metapage, by which everything else is there; and cuts off what is free at the end. */
static void finish_file(Build *build) {
    PgsGoal goal = {.kind = PGS_GOAL_SHRINK};
    BlockNumber end;

    while (shrink(build, &goal))
        CHECK_FOR_INTERRUPTS();
    end = pgs_meta_cut(build->meta.data);
    slab_write_built_page(build->index, MAIN_FORKNUM, SLAB_META_BLOCK, build->meta.data);
    if (RelationGetNumberOfBlocks(build->index) > end)
        RelationTruncate(build->index, end);
}

static void log_file(Relation index) {
    slab_report_phase(SLAB_PHASE_LOG);
    if (RelationNeedsWAL(index))
        log_newpage_range(index, MAIN_FORKNUM, SLAB_META_BLOCK, RelationGetNumberOfBlocks(index),
                          true);
}

IndexBuildResult *slab_build_inverted(Relation heap, Relation index, IndexInfo *info) {
    IndexBuildResult *result = palloc0(sizeof *result);
    Build *build = open_build(index);

    slab_write_built_page(index, MAIN_FORKNUM, SLAB_META_BLOCK, build->meta.data);
    load_rows(build, heap, info, result);
    finish_file(build);
    log_file(index);
    MemoryContextDelete(build->context);
    return result;
}

void slab_build_empty_inverted(Relation index) {
    Build *build = open_build(index);

    slab_write_built_page(index, INIT_FORKNUM, SLAB_META_BLOCK, build->meta.data);
    MemoryContextDelete(build->context);
}
