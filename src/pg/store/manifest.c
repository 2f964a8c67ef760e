/*
 * manifest.c - changing the manifest: runs reserved, written, published, taken back.
 *
 * Every change is one WAL record of the metapage. Who changes more than the open part's extents
 * holds the maintenance lock, a lock on the metapage as a page, and for the moment of the change
 * the extension lock besides, since growth takes several steps.
 */
#include "postgres.h"

#include "access/generic_xlog.h"
#include "access/transam.h"
#include "access/xact.h"
#include "access/xloginsert.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "storage/proc.h"
#include "utils/resowner.h"

#include "base/progress.h"
#include "base/stop_point.h"
#include "pgslab/index.h"
#include "pgslab/insert.h"
#include "pgslab/maintain.h"
#include "store/error.h"
#include "store/manifest.h"
#include "store/page.h"
#include "store/write.h"

/* ---- reserving ---- */

#define EXTEND_STEP 256 /* blocks: about as many as an insert adds when the index grows */

typedef struct Wanted {
    uint32 least;
    uint32 blocks;
    uint32 ids;
    PgsReservation reserved;
} Wanted;

static PgsStatus reserve_run(void *meta_page, void *arg, PgsError *error) {
    Wanted *wanted = arg;

    return pgs_meta_reserve(meta_page, wanted->least, wanted->blocks, wanted->ids,
                            &wanted->reserved, error);
}

/* The run may lie behind much that is reserved for growth. The lock is taken for a few blocks at a
 * time, so that no insert waits for all of them. */
static void extend_in_steps(Relation index, BlockNumber blocks) {
    BlockNumber end = RelationGetNumberOfBlocks(index);

    while (end < blocks) {
        LockRelationForExtension(index, ExclusiveLock);
        slab_extend_to(index, Min(blocks, end + EXTEND_STEP));
        end = RelationGetNumberOfBlocks(index);
        UnlockRelationForExtension(index, ExclusiveLock);
    }
}

PgsReservation slab_reserve(Relation index, const PgsRequest *run) {
    Wanted wanted = {.least = run->least, .blocks = run->blocks, .ids = run->ids};

    LockRelationForExtension(index, ExclusiveLock);
    slab_change_meta(index, reserve_run, &wanted);
    UnlockRelationForExtension(index, ExclusiveLock);
    extend_in_steps(index, wanted.reserved.block + wanted.reserved.blocks);
    SLAB_STOP("reserved");
    return wanted.reserved;
}

/* ---- publishing ---- */

/* The open part's tail record page, locked, or InvalidBuffer when no record page has room; and how
 * many slots are in use. Nobody can add to the part then. */
static Buffer lock_tail(Relation index, const void *meta, uint64 *slots) {
    for (;;) {
        uint32 tail = slab_find_tail(index, meta);
        PgsRecordPage where;
        Buffer buffer;
        uint32 count;

        *slots = pgs_open_slots_before(meta, tail);
        if (tail == pgs_open_record_pages(meta))
            return InvalidBuffer;
        where = pgs_open_record_page(meta, tail);
        buffer = slab_read_verified(index, where.block, BUFFER_LOCK_EXCLUSIVE, NULL);
        count = slab_check_records(index, meta, &where, BufferGetPage(buffer));
        *slots += count;
        if (count < where.capacity)
            return buffer;
        UnlockReleaseBuffer(buffer); /* full by now */
    }
}

/* Whether everybody's snapshots heed the id of this transaction. VACUUM's ids they pass over, and
 * in parallel mode none can be had. */
static bool counts_for_snapshots(void) {
    return (MyProc->statusFlags & PROC_IN_VACUUM) == 0 && !IsInParallelMode();
}

/* The full transaction id that whoever may have read the manifest before this change cannot be
 * younger than, as nobody reads it while it is locked: the next one; or our own, which keeps every
 * snapshot from looking younger until we commit, and lets the runs be used again right then. */
static uint64 given_up_at(FullTransactionId own) {
    return U64FromFullTransactionId(FullTransactionIdIsValid(own) ? own
                                                                  : ReadNextFullTransactionId());
}

/* One WAL record: closes the open part if it is to be and there is one, and publishes the task's
 * work if there is any. */
static void close_and_publish(Relation index, bool close, const PgsTask *task,
                              FullTransactionId own) {
    PGAlignedBlock before;
    Buffer tail = InvalidBuffer;
    Buffer meta;
    uint64 slots = 0;
    GenericXLogState *xlog;
    Page page;
    PgsError error;

    slab_read_meta(index, &before); /* growth, which could change it, waits */
    close = close && pgs_open_part(before.data) != 0;
    if (close)
        tail = lock_tail(index, before.data, &slots);
    meta = slab_read_buffer(index, SLAB_META_BLOCK, BUFFER_LOCK_EXCLUSIVE, NULL);
    xlog = GenericXLogStart(index);
    if (BufferIsValid(tail))
        pgs_record_page_close(GenericXLogRegisterBuffer(xlog, tail, 0));
    page = GenericXLogRegisterBuffer(xlog, meta, 0);
    slab_check_status(index, pgs_meta_check(page, &error), &error);
    if (close)
        pgs_meta_close(page, slots);
    if (task != NULL)
        slab_check_status(index, pgs_task_publish(task, page, given_up_at(own), &error), &error);
    GenericXLogFinish(xlog);
    UnlockReleaseBuffer(meta);
    if (BufferIsValid(tail))
        UnlockReleaseBuffer(tail);
}

/* Taking a transaction id takes a lock, and under the extension lock none may be taken. */
void slab_publish(Relation index, const PgsTask *task, bool close) {
    FullTransactionId own = InvalidFullTransactionId;

    SLAB_STOP("publish");
    if (counts_for_snapshots())
        own = GetTopFullTransactionId();
    LockRelationForExtension(index, ExclusiveLock);
    close_and_publish(index, close, task, own);
    UnlockRelationForExtension(index, ExclusiveLock);
    SLAB_STOP("published");
}

/* Gives nothing up, so it needs no transaction id: one would hold back everybody's VACUUM for as
 * long as what comes next takes. */
void slab_close_open_part(Relation index) {
    LockRelationForExtension(index, ExclusiveLock);
    close_and_publish(index, true, NULL, InvalidFullTransactionId);
    UnlockRelationForExtension(index, ExclusiveLock);
    SLAB_STOP("closed");
}

/* ---- taking back ---- */

/* Whether some of what was given up waits for that full transaction id, or a later one, to end. */
static bool waits_for(Relation index, uint64 id) {
    PGAlignedBlock meta;

    slab_read_meta(index, &meta);
    return pgs_meta_was_given_up_since(meta.data, id);
}

/* VACUUM's own transaction holds nobody's view back; but runs are free only once a transaction has
 * ended after they were given up. Where nothing else happens that is one of no content. */
void slab_let_ids_pass(Relation index) {
    MemoryContext context = CurrentMemoryContext;
    ResourceOwner owner = CurrentResourceOwner;

    if (counts_for_snapshots() || IsInParallelMode() || slab_ids_are_scarce() ||
        !waits_for(index, U64FromFullTransactionId(ReadNextFullTransactionId())))
        return;
    slab_progress_save();
    BeginInternalSubTransaction(NULL);
    (void)GetCurrentTransactionId();
    RollbackAndReleaseCurrentSubTransaction();
    slab_progress_restore();
    MemoryContextSwitchTo(context);
    CurrentResourceOwner = owner;
}

bool slab_waits_for_snapshots(Relation index) {
    return waits_for(index, slab_removable_below(index));
}

static PgsStatus free_unneeded_runs(void *meta_page, void *arg, PgsError *error) {
    (void)pgs_meta_reclaim(meta_page, *(uint64 *)arg);
    return PGS_OK;
}

void slab_reclaim(Relation index) {
    PGAlignedBlock meta;
    uint64 below;

    slab_read_meta(index, &meta);
    below = slab_removable_below(index);
    if (!pgs_meta_can_reclaim(meta.data, below))
        return; /* or there would be a WAL record of nothing */
    LockRelationForExtension(index, ExclusiveLock);
    slab_change_meta(index, free_unneeded_runs, &below);
    UnlockRelationForExtension(index, ExclusiveLock);
    SLAB_STOP("reclaimed");
}
