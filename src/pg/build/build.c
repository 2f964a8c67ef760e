/*
 * build.c - CREATE INDEX: a codebook, sealed parts with the rows in the order of their lists, and
 * one segment with the codes of all of them.
 *
 * The codebook is trained with a sample and written first. Then the table is read once; its encoded
 * rows are sorted by list, in temporary files if need be, and written in that order. So memory
 * stays within maintenance_work_mem for any number of rows. Once all is there the index measures
 * itself. Nothing is logged until then. All pages are at last, by helpers during the measurement if
 * there are any, unless the server syncs the new file at commit instead (wal_level = minimal); what
 * is there after an error belongs to nobody.
 */
#include "postgres.h"

#include "access/xloginsert.h"
#include "catalog/index.h"
#include "miscadmin.h"
#include "portability/instr_time.h"
#include "utils/memutils.h"

#include "base/compat.h"
#include "base/progress.h"
#include "build/build.h"
#include "build/share.h"
#include "keys/keys.h"
#include "pgslab/build.h"
#include "pgslab/calibrate.h"
#include "pgslab/codebook.h"
#include "store/error.h"
#include "store/options.h"
#include "store/page.h"
#include "store/write.h"

typedef struct Build {
    Relation index;
    ForkNumber fork;
    PgsOptions options;
    PgsCodebook *codebook;  /* freed by the callback when context goes */
    PgsBuild *build;        /* the same, before it */
    SlabParallel *parallel; /* helpers; NULL when there are none */
    double measuring_ms;
    MemoryContext context;
    MemoryContextCallback callback;
} Build;

static void destroy_build(void *arg) {
    Build *build = arg;

    pgs_build_destroy(build->build);
    pgs_codebook_destroy(build->codebook);
}

/* In a memory context of its own: the callback that frees the core's objects must find it after an
 * error, too. */
static Build *open_build(Relation index, ForkNumber fork) {
    MemoryContext context =
        AllocSetContextCreate(CurrentMemoryContext, "slab build", ALLOCSET_DEFAULT_SIZES);
    Build *build = MemoryContextAllocZero(context, sizeof *build);

    build->index = index;
    build->fork = fork;
    build->options = slab_build_options(index);
    build->options.keys = slab_key_columns(index);
    build->context = context;
    build->callback.func = destroy_build;
    build->callback.arg = build;
    MemoryContextRegisterResetCallback(context, &build->callback);
    return build;
}

/* ---- pages ---- */

/* A locked buffer to write the block's page to. The block may lie past the end of the fork by at
 * most one. The index is new, so nobody else extends it, and the extension lock is not needed. */
static Buffer new_buffer(Relation index, ForkNumber fork, BlockNumber block) {
    Buffer buffer;

    if (block < RelationGetNumberOfBlocksInFork(index, fork))
        return ReadBufferExtended(index, fork, block, RBM_ZERO_AND_LOCK, NULL);
    buffer = slab_extend(index, fork);
    if (BufferGetBlockNumber(buffer) != block)
        elog(ERROR, "index \"%s\" was extended to block %u instead of %u",
             RelationGetRelationName(index), BufferGetBlockNumber(buffer), block);
    return buffer;
}

void slab_write_built_page(Relation index, ForkNumber fork, BlockNumber block, const void *page) {
    Buffer buffer = new_buffer(index, fork, block);

    START_CRIT_SECTION();
    memcpy(BufferGetPage(buffer), page, BLCKSZ);
    MarkBufferDirty(buffer);
    if (fork == INIT_FORKNUM)
        log_newpage_buffer(buffer, true);
    END_CRIT_SECTION();
    UnlockReleaseBuffer(buffer);
}

static void write_page(Build *build, BlockNumber block, const void *page) {
    slab_write_built_page(build->index, build->fork, block, page);
}

/* Writes the pages that are finished. */
static void write_pages(Build *build) {
    const void *page;
    BlockNumber block;

    while ((page = pgs_build_page(build->build, &block)) != NULL)
        write_page(build, block, page);
}

static void write_meta(Build *build) {
    PGAlignedBlock page;

    pgs_build_meta(build->build, page.data);
    write_page(build, SLAB_META_BLOCK, page.data);
}

/* ---- the phases of a build ---- */

/* From here on the index is one without rows, and others can read its codebook. */
static void write_codebook(Build *build) {
    slab_check_status(build->index,
                      pgs_build_create(&build->options, build->codebook, &build->build),
                      &slab_out_of_memory);
    write_meta(build);
    write_pages(build);
}

static void write_rows(Build *build, SlabRows *rows) {
    size_t row_bytes = pgs_row_bytes(build->codebook);
    void *row = palloc(row_bytes);
    uint64 written = 0;
    uint32 list;
    BlockNumber blocks;
    PgsError error;

    slab_check_status(build->index,
                      pgs_build_begin_rows(build->build, rows->count, &blocks, &error), &error);
    slab_extend_to(build->index, blocks); /* pages are not written in order */
    while (slab_next_row(rows, row, row_bytes, &list)) {
        CHECK_FOR_INTERRUPTS();
        slab_check_status(build->index, pgs_build_add_row(build->build, row, list, &error), &error);
        write_pages(build);
        slab_report_done(++written);
    }
    slab_check_status(build->index, pgs_build_end_rows(build->build, &error), &error);
    write_pages(build);
    write_meta(build);
    pfree(row);
}

/* Fills the index with the rows of the table. */
static void load_rows(Build *build, Relation heap, IndexInfo *info, double expected,
                      IndexBuildResult *result) {
    SlabShare share = {.heap = heap,
                       .index = build->index,
                       .info = info,
                       .codebook = build->codebook,
                       .dims = build->options.dims,
                       .report = true};
    SlabRows *rows;

    slab_report_phase(SLAB_PHASE_ENCODE);
    slab_report_tuples(0, (uint64)expected);
    rows = slab_sort_rows(&share);
    slab_report_phase(SLAB_PHASE_WRITE);
    slab_report_blocks(0, 0);
    slab_report_tuples(0, rows->count);
    tuplesort_performsort(rows->sort);
    write_rows(build, rows);
    result->heap_tuples = rows->heap_tuples;
    result->index_tuples = (double)rows->count;
    info->ii_BrokenHotChain |= rows->broken_hot_chain;
    build->parallel = rows->parallel;
    slab_end_rows(rows);
}

static double ms_since(const instr_time *begin) {
    instr_time now;

    INSTR_TIME_SET_CURRENT(now);
    INSTR_TIME_SUBTRACT(now, *begin);
    return INSTR_TIME_GET_MILLISEC(now);
}

/* Where the index has signs alone, its table has to tell what searches take. */
static void ask_table(Build *build, Relation heap, bool is_measured, void *meta) {
    const PgsCalibrationOptions options = {0};
    const PgsSignRanks *ranks =
        is_measured ? slab_rank_table(heap, build->index, build->options.dims, &options) : NULL;

    if (ranks == NULL) {
        slab_notice_no_candidates(build->index);
        return;
    }
    pgs_meta_set_candidates(meta, ranks);
    slab_warn_of_signs(build->index, meta);
}

static void measure_index(Build *build, Relation heap) {
    MemoryContext caller = MemoryContextSwitchTo(build->context);
    const PgsCalibrationOptions options = {0};
    const PgsCalibration *calibration;
    PGAlignedBlock meta;
    instr_time begin;

    INSTR_TIME_SET_CURRENT(begin);
    slab_report_phase(SLAB_PHASE_CALIBRATE);
    slab_report_tuples(0, 0);
    slab_read_meta(build->index, &meta);
    calibration =
        slab_measure(build->index, meta.data, build->codebook, &options, SLAB_REPORT_BUILD);
    if (calibration != NULL)
        pgs_meta_calibrate(meta.data, calibration);
    if (build->options.signs)
        ask_table(build, heap, calibration != NULL, meta.data);
    if (calibration != NULL)
        write_page(build, SLAB_META_BLOCK, meta.data);
    build->measuring_ms = ms_since(&begin);
    MemoryContextSwitchTo(caller);
}

/* Has helpers log the pages, all but the metapage. */
static void begin_logging(Build *build) {
    Relation index = build->index;

    if (build->parallel != NULL)
        slab_log_in_parallel(build->parallel,
                             RelationNeedsWAL(index) ? RelationGetNumberOfBlocks(index) : 0);
}

/* Logs the pages that are still to be logged. */
static void end_logging(Build *build) {
    Relation index = build->index;
    BlockNumber end = RelationGetNumberOfBlocks(index);

    slab_report_phase(SLAB_PHASE_LOG);
    slab_report_blocks(0, 0);
    if (build->parallel != NULL) {
        slab_end_parallel(build->parallel);
        end = SLAB_META_BLOCK + 1;
    }
    if (RelationNeedsWAL(index))
        log_newpage_range(index, MAIN_FORKNUM, SLAB_META_BLOCK, end, true);
}

IndexBuildResult *slab_build(Relation heap, Relation index, IndexInfo *info) {
    IndexBuildResult *result = palloc0(sizeof *result);
    Build *build;
    double expected;
    instr_time begin;

    INSTR_TIME_SET_CURRENT(begin);
    if (RelationGetNumberOfBlocks(index) != 0)
        elog(ERROR, "index \"%s\" already contains data", RelationGetRelationName(index));
    if (slab_is_inverted(index))
        return slab_build_inverted(heap, index, info);
    build = open_build(index, MAIN_FORKNUM);
    build->codebook = slab_train(heap, index, info, &build->options, &expected);
    write_codebook(build);
    load_rows(build, heap, info, expected, result);
    begin_logging(build);
    measure_index(build, heap);
    end_logging(build);
    ereport(DEBUG1,
            errmsg_internal("index \"%s\" was built in %.0f ms, for %.0f of which it "
                            "measured itself",
                            RelationGetRelationName(index), ms_since(&begin), build->measuring_ms));
    MemoryContextDelete(build->context);
    return result;
}

/* The init fork, which is what an unlogged index is after a crash: a metapage and, of vectors, the
 * codebook of an index without rows. */
void slab_build_empty(Relation index) {
    Build *build;

    if (slab_is_inverted(index)) {
        slab_build_empty_inverted(index);
        return;
    }
    build = open_build(index, INIT_FORKNUM);
    build->codebook = slab_train(NULL, index, NULL, &build->options, NULL);
    write_codebook(build);
    MemoryContextDelete(build->context);
}
