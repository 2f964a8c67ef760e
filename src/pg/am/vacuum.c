/*
 * vacuum.c - VACUUM: tombstones for the records of dead rows. Only record pages are read.
 *
 * Rows inserted meanwhile are not dead, so nothing is missed by stopping at the tail as it was; and
 * the maintenance lock sees to it that no row is moved meanwhile. What is to be written anew for
 * its tombstones, merged, or given back to the file system, the cleanup does.
 */
#include "postgres.h"

#include "access/generic_xlog.h"
#include "access/table.h"
#include "access/xact.h"
#include "commands/vacuum.h"
#include "storage/proc.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/relcache.h"

#include "am/am.h"
#include "base/compat.h"
#include "base/progress.h"
#include "base/settings.h"
#include "base/stop_point.h"
#include "maintain/maintain.h"
#include "pgslab/index.h"
#include "pgslab/inverted.h"
#include "store/give_way.h"
#include "store/manifest.h"
#include "store/options.h"
#include "store/page.h"

typedef struct VacuumState {
    IndexVacuumInfo *info;
    IndexBulkDeleteCallback callback;
    void *callback_state;
    IndexBulkDeleteResult *stats;
    PGAlignedBlock meta;
    bool of_documents; /* a row has a record or more */
    uint32 part;       /* being counted, by its number in the manifest */
    uint64 tombstones; /* of it */
} VacuumState;

/* Flags the dead records of the page in one WAL record. */
static void flag_dead(Relation index, Buffer buffer, const uint32 *dead, int n) {
    GenericXLogState *xlog;
    Page page;

    LockBuffer(buffer, BUFFER_LOCK_EXCLUSIVE);
    xlog = GenericXLogStart(index);
    page = GenericXLogRegisterBuffer(xlog, buffer, 0);
    for (int i = 0; i < n; i++)
        pgs_record_set_flags(page, dead[i], PGS_TOMBSTONE);
    GenericXLogFinish(xlog);
    LockBuffer(buffer, BUFFER_LOCK_UNLOCK);
}

/* Copies the page's records: the callback is not to be called under the page's lock. */
static uint32 copy_records(VacuumState *state, const PgsRecordPage *where, PgsRecord *records,
                           Buffer *buffer) {
    Relation index = state->info->index;
    uint32 count;

    *buffer = slab_read_verified(index, where->block, BUFFER_LOCK_SHARE, state->info->strategy);
    count = slab_check_records(index, state->meta.data, where, BufferGetPage(*buffer));
    for (uint32 i = 0; i < count; i++)
        records[i] = *pgs_page_record(BufferGetPage(*buffer), i);
    LockBuffer(*buffer, BUFFER_LOCK_UNLOCK);
    return count;
}

/* Whether rows are counted by this record. */
static bool counts(const VacuumState *state, const PgsRecord *record) {
    return !state->of_documents || pgs_record_ends_document(record);
}

/* Flags what is dead on the page, and counts; returns the number of records there. */
static uint32 vacuum_page(VacuumState *state, const PgsRecordPage *where) {
    PgsRecord records[BLCKSZ / sizeof(PgsRecord)];
    uint32 dead[lengthof(records)];
    int ndead = 0;
    uint32 before = 0;
    uint32 removed = 0; /* rows; the others are slots */
    uint32 rows = 0;
    Buffer buffer;
    uint32 count = copy_records(state, where, records, &buffer);

    for (uint32 i = 0; i < count; i++) {
        PgsTid address = pgs_record_tid(&records[i]);
        ItemPointerData tid;

        if (pgs_record_flags(&records[i]) & PGS_TOMBSTONE) {
            before++;
            continue;
        }
        ItemPointerSet(&tid, address.block, address.offset);
        if (state->callback(&tid, state->callback_state)) {
            dead[ndead++] = i;
            removed += counts(state, &records[i]);
        } else
            rows += counts(state, &records[i]);
    }
    if (ndead > 0)
        flag_dead(state->info->index, buffer, dead, ndead);
    ReleaseBuffer(buffer);
    state->tombstones += before + ndead;
    state->stats->tuples_removed += removed;
    state->stats->num_index_tuples += rows;
    return count;
}

static PgsStatus put_tombstones(void *meta_page, void *arg, PgsError *error) {
    const VacuumState *state = arg;

    pgs_meta_set_tombstones(meta_page, state->part, state->tombstones);
    return PGS_OK;
}

/* Notes on the metapage how many tombstones the part has, if that changed. */
static void store_count(VacuumState *state) {
    if (pgs_meta_tombstones(state->meta.data, state->part) != state->tombstones)
        slab_change_meta(state->info->index, put_tombstones, state);
}

static void vacuum_parts(VacuumState *state) {
    uint32 pages = pgs_record_pages(state->meta.data);

    for (uint32 i = 0; i < pages; i++) {
        PgsRecordPage where = pgs_record_page(state->meta.data, i);

        slab_vacuum_delay_point();
        if (where.part != state->part) {
            store_count(state);
            state->tombstones = 0;
            state->part = where.part;
        }
        if (vacuum_page(state, &where) < where.capacity)
            break; /* the tail */
    }
    if (pages > 0)
        store_count(state);
}

IndexBulkDeleteResult *slab_bulk_delete(IndexVacuumInfo *info, IndexBulkDeleteResult *stats,
                                        IndexBulkDeleteCallback callback, void *callback_state) {
    VacuumState state = {0};

    if (stats == NULL)
        stats = palloc0(sizeof *stats);
    state.info = info;
    state.callback = callback;
    state.callback_state = callback_state;
    state.stats = stats;
    state.of_documents = slab_is_inverted(info->index);
    stats->num_index_tuples = 0;

    slab_lock_maintenance(info->index);
    SLAB_STOP("vacuum");
    slab_read_meta(info->index, &state.meta);
    vacuum_parts(&state);
    slab_unlock_maintenance(info->index);
    return stats;
}

/* Whether VACUUM comes to no other index of the table after this one: it takes them in this order.
 */
static bool is_last_index(Relation index) {
    Relation table = table_open(index->rd_index->indrelid, NoLock);
    List *indexes = RelationGetIndexList(table);
    bool is_last = llast_oid(indexes) == RelationGetRelid(index);

    list_free(indexes);
    table_close(table, NoLock);
    return is_last;
}

/* A standby keeps the lock that this takes until VACUUM has ended, so others are not to be waited
 * for: a worker cuts the file when they are done, if one can be had. */
static void cut_or_leave_to_worker(Relation index) {
    if (!slab_ends_free(index))
        return;
    if (is_last_index(index) || !slab_auto_compact() || !slab_start_worker(index, SLAB_GIVE_BACK))
        slab_truncate(index);
}

/* Does what the index needs; false if somebody else is at it. give_back says that the file may be
 * cut. *rows is how many rows are not tombstones. */
static bool maintain_index(Relation index, bool give_back, uint64 *rows) {
    SlabMaintenance *state;
    MemoryContext context;
    MemoryContext caller;

    if (!slab_try_lock_maintenance(index))
        return false;
    context = AllocSetContextCreate(CurrentMemoryContext, "slab cleanup", ALLOCSET_DEFAULT_SIZES);
    caller = MemoryContextSwitchTo(context);
    slab_progress_begin(index, SLAB_OPERATION_VACUUM);
    state = slab_open_maintenance(index);
    slab_pursue(state, PGS_GOAL_AUTOMATIC);
    if (give_back) {
        slab_pursue(state, PGS_GOAL_SHRINK);
        cut_or_leave_to_worker(index);
    }
    *rows = state->info.sealed_slots + state->open_slots - state->info.counted_tombstones;
    slab_progress_end();
    MemoryContextSwitchTo(caller);
    MemoryContextDelete(context);
    slab_unlock_maintenance(index);
    return true;
}

/* Where several indexes are vacuumed in parallel nobody may take a transaction id. So runs could
 * not be used again at once, nor the file be cut, and a worker does it later. */
static bool leave_to_worker(Relation index, bool give_back) {
    return IsInParallelMode() && slab_auto_compact() &&
           slab_start_worker(index, give_back ? SLAB_GIVE_BACK : SLAB_MAINTAIN);
}

/* In a VACUUM for wraparound the table's relfrozenxid must advance before transaction ids run out,
 * and maintenance can wait. When the server considers it urgent (vacuum_failsafe_age), it calls no
 * cleanup at all. */
static bool must_be_quick(void) {
    return (MyProc->statusFlags & PROC_VACUUM_FOR_WRAPAROUND) != 0 || slab_ids_are_scarce();
}

/* Does what the index needs, or leaves it to a worker; false if it was not done here. */
static bool try_to_maintain(Relation index, uint64 *rows) {
    bool give_back;

    if (must_be_quick())
        return false;
    give_back = slab_vacuum_may_truncate(index);
    return !leave_to_worker(index, give_back) && maintain_index(index, give_back, rows);
}

/* About how many rows there are, by the manifest alone: the open part counts as full. */
static uint64 estimate_rows(const PgsMetaInfo *info) {
    return info->sealed_slots + info->open_capacity - info->counted_tombstones;
}

IndexBulkDeleteResult *slab_vacuum_cleanup(IndexVacuumInfo *info, IndexBulkDeleteResult *stats) {
    PGAlignedBlock meta;
    PgsMetaInfo shape;
    uint64 rows;
    bool maintained;

    if (info->analyze_only)
        return stats;
    maintained = try_to_maintain(info->index, &rows);
    slab_read_meta(info->index, &meta);
    pgs_meta_info(meta.data, &shape);
    if (stats == NULL) {
        stats = palloc0(sizeof *stats);
        stats->num_index_tuples = (double)(maintained ? rows : estimate_rows(&shape));
        stats->estimated_count = true;
    }
    stats->num_pages = RelationGetNumberOfBlocks(info->index);
    stats->pages_free = shape.spare_blocks;
    return stats;
}
