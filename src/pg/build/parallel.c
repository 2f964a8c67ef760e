/*
 * parallel.c - CREATE INDEX: helpers to read and encode the table.
 *
 * Leader and workers share a parallel scan of the table; each encodes what it reads and sorts it,
 * and the leader merges what they have sorted. Workers read the codebook from the index, where it
 * has been written before, through shared buffers. So the segment of dynamic shared memory holds
 * little besides what every parallel operation needs, and suits a container whose /dev/shm is
 * small.
 *
 * Then workers wait until the leader has written all pages, which they log while it goes on to
 * measure the index.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/parallel.h"
#include "access/table.h"
#include "access/xact.h"
#include "access/xloginsert.h"
#include "catalog/index.h"
#include "catalog/pg_proc.h"
#include "executor/instrument.h"
#include "miscadmin.h"
#include "optimizer/clauses.h"
#include "optimizer/paths.h"
#include "pgstat.h"
#include "storage/condition_variable.h"
#include "storage/spin.h"
#include "tcop/tcopprot.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "base/progress.h"
#include "build/build.h"
#include "build/share.h"
#include "pgslab/index.h"
#include "store/codebook.h"
#include "store/page.h"

/* As PostgreSQL has it for its own parallel builds: memory for each process, in kB. */
#define LEAST_SHARE_MEMORY 32768

/* Keys of the segment's table of contents. */
#define KEY_SHARED UINT64CONST(0x51AB000000000001)
#define KEY_SORT UINT64CONST(0x51AB000000000002)
#define KEY_QUERY UINT64CONST(0x51AB000000000003)
#define KEY_BUFFERS UINT64CONST(0x51AB000000000004)
#define KEY_WAL UINT64CONST(0x51AB000000000005)

/* In the segment; the parallel scan's description follows. */
typedef struct Shared {
    Oid heap;
    Oid index;
    bool concurrent;
    int shares; /* that the memory is divided into */
    pg_atomic_uint64 rows;

    ConditionVariable done;
    slock_t mutex; /* of what follows */
    int shares_done;
    double heap_tuples;
    bool broken_hot_chain;

    ConditionVariable written;
    bool pages_written;    /* under the mutex, as what follows is; workers wait for it */
    int workers;           /* that log pages */
    BlockNumber end_block; /* of the pages; 0: none is to be logged */
} Shared;

struct SlabParallel {
    ParallelContext *context;
    Shared *shared;
    Sharedsort *sort;
    Snapshot snapshot;
    BufferUsage *buffers; /* of each worker */
    WalUsage *wal;
};

static ParallelTableScanDesc shared_scan(Shared *shared) {
    return (ParallelTableScanDesc)((char *)shared + BUFFERALIGN(sizeof(Shared)));
}

/* ---- how many workers ---- */

/* Whether expressions and predicate of the index may be evaluated by workers. */
static bool index_is_parallel_safe(Relation index) {
    PlannerInfo *root = makeNode(PlannerInfo);

    root->glob = makeNode(PlannerGlobal);
    root->glob->maxParallelHazard = PROPARALLEL_UNSAFE; /* have it look */
    root->parse = makeNode(Query);
    root->planner_cxt = CurrentMemoryContext;
    return is_parallel_safe(root, (Node *)RelationGetIndexExpressions(index)) &&
           is_parallel_safe(root, (Node *)RelationGetIndexPredicate(index));
}

/* Blocks of the table and of its TOAST table, where vectors of many dims are. */
static double count_blocks(Relation heap) {
    double blocks = RelationGetNumberOfBlocks(heap);

    if (OidIsValid(heap->rd_rel->reltoastrelid)) {
        Relation toast = table_open(heap->rd_rel->reltoastrelid, AccessShareLock);

        blocks += RelationGetNumberOfBlocks(toast);
        table_close(toast, AccessShareLock);
    }
    return blocks;
}

/* As the planner has it: one worker for min_parallel_table_scan_size, one more for each time that
 * the table is three times as large. It would itself not look at the TOAST table. */
static int workers_for_blocks(double blocks) {
    double threshold = Max(min_parallel_table_scan_size, 1);
    int workers = 0;

    for (; blocks >= threshold && workers < max_parallel_maintenance_workers; threshold *= 3)
        workers++;
    return workers;
}

static int choose_workers(Relation heap, Relation index) {
    int workers;

    if (!IsUnderPostmaster || max_parallel_maintenance_workers == 0 ||
        RelationUsesLocalBuffers(heap) || !index_is_parallel_safe(index))
        return 0;
    workers = RelationGetParallelWorkers(heap, -1);
    if (workers >= 0)
        return Min(workers, max_parallel_maintenance_workers);
    workers = workers_for_blocks(count_blocks(heap));
    while (workers > 0 && maintenance_work_mem / (workers + 1) < LEAST_SHARE_MEMORY)
        workers--;
    return workers;
}

/* ---- what every process does ---- */

static void encode_share(SlabShare *share, Shared *shared, Sharedsort *sort) {
    SortCoordinateData coordinate = {.isWorker = true, .nParticipants = -1, .sharedsort = sort};
    double tuples;

    share->sort = slab_begin_sort(share->codebook, shared->shares, &coordinate);
    share->rows = &shared->rows;
    share->info->ii_Concurrent = shared->concurrent;
    share->scan = table_beginscan_parallel(share->heap, shared_scan(shared));
    tuples = slab_encode_share(share);
    tuplesort_performsort(share->sort);

    SpinLockAcquire(&shared->mutex);
    shared->shares_done++;
    shared->heap_tuples += tuples;
    shared->broken_hot_chain |= share->info->ii_BrokenHotChain;
    SpinLockRelease(&shared->mutex);
    ConditionVariableSignal(&shared->done);
    tuplesort_end(share->sort);
}

/* ---- workers ---- */

/* Logs this worker's part of the pages, once they are written: all but the metapage, which the
 * leader has yet to change. */
static void log_share(Shared *shared, Relation index) {
    uint64 blocks;
    int workers;

    for (;;) {
        bool written;

        SpinLockAcquire(&shared->mutex);
        written = shared->pages_written;
        workers = shared->workers;
        blocks = shared->end_block;
        SpinLockRelease(&shared->mutex);
        if (written)
            break;
        ConditionVariableSleep(&shared->written, WAIT_EVENT_PARALLEL_CREATE_INDEX_SCAN);
    }
    ConditionVariableCancelSleep();
    if (blocks > SLAB_META_BLOCK + 1) {
        uint64 logged = blocks - (SLAB_META_BLOCK + 1);
        uint64 begin = logged * ParallelWorkerNumber / workers;
        uint64 end = logged * (ParallelWorkerNumber + 1) / workers;

        log_newpage_range(index, MAIN_FORKNUM, (BlockNumber)(SLAB_META_BLOCK + 1 + begin),
                          (BlockNumber)(SLAB_META_BLOCK + 1 + end), true);
    }
}

static void encode_worker_share(Shared *shared, Sharedsort *sort) {
    LOCKMODE heap_lock = shared->concurrent ? ShareUpdateExclusiveLock : ShareLock;
    LOCKMODE index_lock = shared->concurrent ? RowExclusiveLock : AccessExclusiveLock;
    SlabShare share = {.heap = table_open(shared->heap, heap_lock),
                       .index = index_open(shared->index, index_lock)};
    PGAlignedBlock meta;
    PgsMetaInfo meta_info;

    slab_read_meta(share.index, &meta);
    pgs_meta_info(meta.data, &meta_info);
    share.codebook = slab_pin_codebook(share.index, meta.data);
    share.dims = meta_info.dims;
    share.info = BuildIndexInfo(share.index);
    encode_share(&share, shared, sort);
    log_share(shared, share.index);
    index_close(share.index, index_lock);
    table_close(share.heap, heap_lock);
}

extern PGDLLEXPORT void slab_parallel_build_main(dsm_segment *segment, shm_toc *contents);

void slab_parallel_build_main(dsm_segment *segment, shm_toc *contents) {
    Sharedsort *sort = shm_toc_lookup(contents, KEY_SORT, false);
    BufferUsage *buffers = shm_toc_lookup(contents, KEY_BUFFERS, false);
    WalUsage *wal = shm_toc_lookup(contents, KEY_WAL, false);

    debug_query_string = shm_toc_lookup(contents, KEY_QUERY, true);
    pgstat_report_activity(STATE_RUNNING, debug_query_string);
    tuplesort_attach_shared(sort, segment);
    InstrStartParallelQuery();
    encode_worker_share(shm_toc_lookup(contents, KEY_SHARED, false), sort);
    InstrEndParallelQuery(&buffers[ParallelWorkerNumber], &wal[ParallelWorkerNumber]);
}

/* ---- the leader ---- */

static void estimate(shm_toc_estimator *estimator, Size bytes) {
    shm_toc_estimate_chunk(estimator, bytes);
    shm_toc_estimate_keys(estimator, 1);
}

static void *allocate(ParallelContext *context, uint64 key, Size bytes) {
    void *chunk = shm_toc_allocate(context->toc, bytes);

    shm_toc_insert(context->toc, key, chunk);
    return chunk;
}

/* Says of an error of making the segment what it means here. */
static void explain_segment(void *arg) {
    int code = geterrcode();

    if (code == ERRCODE_DISK_FULL || code == ERRCODE_OUT_OF_MEMORY)
        errhint(
            "A parallel build keeps %zu kB of shared memory, with dynamic_shared_memory_type = "
            "posix in /dev/shm. Make room there, or SET max_parallel_maintenance_workers = 0.",
            shm_toc_estimate((shm_toc_estimator *)arg) / 1024 + 1);
}

static void create_segment(ParallelContext *context) {
    ErrorContextCallback callback = {
        .previous = error_context_stack, .callback = explain_segment, .arg = &context->estimator};

    error_context_stack = &callback;
    InitializeParallelDSM(context);
    error_context_stack = callback.previous;
}

static void fill_segment(SlabParallel *parallel, const SlabShare *share, Size shared_bytes,
                         Size sort_bytes) {
    ParallelContext *context = parallel->context;
    int shares = context->nworkers + 1;
    Shared *shared = allocate(context, KEY_SHARED, shared_bytes);

    memset(shared, 0, sizeof *shared);
    shared->heap = RelationGetRelid(share->heap);
    shared->index = RelationGetRelid(share->index);
    shared->concurrent = share->info->ii_Concurrent;
    shared->shares = shares;
    pg_atomic_init_u64(&shared->rows, 0);
    ConditionVariableInit(&shared->done);
    ConditionVariableInit(&shared->written);
    SpinLockInit(&shared->mutex);
    table_parallelscan_initialize(share->heap, shared_scan(shared), parallel->snapshot);
    parallel->shared = shared;

    parallel->sort = allocate(context, KEY_SORT, sort_bytes);
    tuplesort_initialize_shared(parallel->sort, shares, context->seg);
    parallel->buffers =
        allocate(context, KEY_BUFFERS, mul_size(sizeof(BufferUsage), context->nworkers));
    parallel->wal = allocate(context, KEY_WAL, mul_size(sizeof(WalUsage), context->nworkers));
    if (debug_query_string != NULL)
        strcpy(allocate(context, KEY_QUERY, strlen(debug_query_string) + 1), debug_query_string);
}

/* Enters parallel mode and starts workers; NULL when none can be had. */
static SlabParallel *begin_parallel(const SlabShare *share, int workers) {
    SlabParallel *parallel = palloc0(sizeof *parallel);
    Size shared_bytes;
    Size sort_bytes = tuplesort_estimate_shared(workers + 1);

    EnterParallelMode();
    parallel->context =
        CreateParallelContext("$libdir/pgslab", "slab_parallel_build_main", workers);
    parallel->snapshot =
        share->info->ii_Concurrent ? RegisterSnapshot(GetTransactionSnapshot()) : SnapshotAny;
    shared_bytes = add_size(BUFFERALIGN(sizeof(Shared)),
                            table_parallelscan_estimate(share->heap, parallel->snapshot));
    estimate(&parallel->context->estimator, shared_bytes);
    estimate(&parallel->context->estimator, sort_bytes);
    estimate(&parallel->context->estimator, mul_size(sizeof(BufferUsage), workers));
    estimate(&parallel->context->estimator, mul_size(sizeof(WalUsage), workers));
    if (debug_query_string != NULL)
        estimate(&parallel->context->estimator, strlen(debug_query_string) + 1);

    create_segment(parallel->context);
    if (parallel->context->seg != NULL) {
        fill_segment(parallel, share, shared_bytes, sort_bytes);
        LaunchParallelWorkers(parallel->context);
    }
    if (parallel->context->nworkers_launched == 0) {
        slab_end_parallel(parallel);
        return NULL;
    }
    return parallel;
}

/* Waits until all shares are sorted. */
static void wait_for_shares(Shared *shared, int shares, SlabRows *rows) {
    for (;;) {
        bool finished;

        SpinLockAcquire(&shared->mutex);
        finished = shared->shares_done == shares;
        rows->heap_tuples = shared->heap_tuples;
        rows->broken_hot_chain = shared->broken_hot_chain;
        SpinLockRelease(&shared->mutex);
        rows->count = pg_atomic_read_u64(&shared->rows);
        slab_report_done(rows->count);
        if (finished)
            break;
        (void)ConditionVariableTimedSleep(&shared->done, 1000 /* ms */,
                                          WAIT_EVENT_PARALLEL_CREATE_INDEX_SCAN);
    }
    ConditionVariableCancelSleep();
}

SlabParallel *slab_encode_in_parallel(const SlabShare *share, SlabRows *rows) {
    SlabShare own = *share;
    int workers = choose_workers(share->heap, share->index);
    SlabParallel *parallel = workers > 0 ? begin_parallel(share, workers) : NULL;
    SortCoordinateData *coordinate;

    if (parallel == NULL)
        return NULL;
    coordinate = palloc0(sizeof *coordinate);
    coordinate->sharedsort = parallel->sort;
    coordinate->nParticipants = parallel->context->nworkers_launched + 1;
    rows->sort = slab_begin_sort(share->codebook, 1, coordinate);

    encode_share(&own, parallel->shared, parallel->sort);
    WaitForParallelWorkersToAttach(parallel->context);
    wait_for_shares(parallel->shared, coordinate->nParticipants, rows);
    return parallel;
}

void slab_log_in_parallel(SlabParallel *parallel, BlockNumber end_block) {
    Shared *shared = parallel->shared;

    SpinLockAcquire(&shared->mutex);
    shared->pages_written = true;
    shared->workers = parallel->context->nworkers_launched;
    shared->end_block = end_block;
    SpinLockRelease(&shared->mutex);
    ConditionVariableBroadcast(&shared->written);
}

void slab_end_parallel(SlabParallel *parallel) {
    WaitForParallelWorkersToFinish(parallel->context);
    for (int i = 0; i < parallel->context->nworkers_launched; i++)
        InstrAccumParallelQuery(&parallel->buffers[i], &parallel->wal[i]);
    if (IsMVCCSnapshot(parallel->snapshot))
        UnregisterSnapshot(parallel->snapshot);
    DestroyParallelContext(parallel->context);
    ExitParallelMode();
    pfree(parallel);
}
