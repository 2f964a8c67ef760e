/*
 * am_maintain.c - maintenance of an index: what is needed, one task after the other.
 *
 * Each task writes new tables beside the old ones and publishes them with one change of the
 * manifest (am_manifest.c); so scans go on, and whatever ends early leaves the index as it was. All
 * of this under the maintenance lock.
 */
#include "postgres.h"

#include "commands/vacuum.h"
#include "compat.h"
#include "miscadmin.h"
#include "slab_build.h"
#include "slab_maintenance.h"
#include "slab_pump.h"
#include "stop_point.h"
#include "storage/lmgr.h"
#include "utils/memutils.h"

/* Tombstones that take less are not worth a rewrite. */
#define FEW_DEAD_BYTES (64 * 1024)

/* One after the other that did not make the file shorter. */
#define MOST_VAIN_MOVES 3

/* More rounds than anything needs: an end for what does not get any less. */
#define MOST_ROUNDS 1000

typedef struct Job {
    PgsTask *task; /* freed by the callback when the memory context goes */
    MemoryContextCallback callback;
    Relation index;
    SlabMaintenance *state;
    SlabRows *rows; /* for a task that asks for rows */
    void *row;
    size_t row_bytes;
    SlabWriter *writer;
    uint64 reported; /* of the rows that the task has done */
} Job;

static void destroy_job(void *arg) {
    pgs_task_destroy(((Job *)arg)->task);
}

/* In CurrentMemoryContext, which frees the core's object. */
static Job *open_job(SlabMaintenance *state) {
    Job *job = palloc0(sizeof *job);

    job->index = state->index;
    job->state = state;
    job->writer = slab_open_writer(state->index);
    job->callback.func = destroy_job;
    job->callback.arg = job;
    MemoryContextRegisterResetCallback(CurrentMemoryContext, &job->callback);
    return job;
}

/* ---- a task, step by step ---- */

/* Nobody misses the page until it is published, the task itself included. */
static void write_page(Job *job, BlockNumber block, const void *page) {
    slab_breathe();
    slab_vacuum_delay_point();
    memcpy(slab_add_page(job->writer, block), page, BLCKSZ);
}

static void reserve(Job *job, const PgsRequest *run) {
    PgsReservation reserved = slab_reserve(job->index, run);
    PgsError error;

    slab_check_status(job->index, pgs_task_reserved(job->task, &reserved, &error), &error);
}

static void give_row(Job *job) {
    uint32 list = 0;
    bool more = slab_next_row(job->rows, job->row, job->row_bytes, &list);
    PgsError error;

    slab_breathe();
    slab_check_status(job->index, pgs_task_row(job->task, more ? job->row : NULL, list, &error),
                      &error);
}

static void report_work(void *arg) {
    Job *job = arg;
    PgsTaskWork work;

    pgs_task_work(job->task, &work);
    if (work.rows >= job->reported + 256) {
        job->reported = work.rows;
        slab_progress_done(work.rows);
    }
}

static void write_tables(Job *job) {
    SlabPump pump = {.machine = pgs_task_machine(job->task),
                     .index = job->index,
                     .meta = job->state->meta.data,
                     .verified = true,
                     .give_way = true,
                     .cost_delay = true,
                     .after_page = report_work,
                     .arg = job};

    for (;;) {
        PgsRequest request;

        slab_pump(&pump, &request);
        switch (request.kind) {
            case PGS_REQUEST_RUN:
                reserve(job, &request);
                break;
            case PGS_REQUEST_ROW:
                give_row(job);
                break;
            case PGS_REQUEST_WRITE:
                write_page(job, request.block, request.page);
                break;
            case PGS_REQUEST_DONE:
                return;
            default:
                slab_refuse_request(&pump, &request);
        }
        report_work(job);
    }
}

/* Writes what the task makes and publishes it. */
static void finish_job(Job *job, bool close) {
    PgsTaskWork work;

    write_tables(job);
    slab_write_pending(job->writer);
    SLAB_STOP("written");
    slab_progress_phase(SLAB_PROGRESS_PUBLISHING, 0);
    slab_publish(job->index, job->task, close);
    pgs_task_work(job->task, &work);
    job->state->bytes_written += work.bytes;
}

/* ---- what is known of the index ---- */

static void refresh(SlabMaintenance *state) {
    Relation index = state->index;
    uint32 tail;

    slab_read_meta(index, &state->meta);
    pgs_meta_info(state->meta.data, &state->info);
    tail = slab_find_tail(index, state->meta.data);
    state->open_slots = pgs_open_slots_before(state->meta.data, tail);
    if (tail < pgs_open_record_pages(state->meta.data)) {
        PgsRecordPage where = pgs_open_record_page(state->meta.data, tail);

        state->open_slots += slab_record_count(index, state->meta.data, &where, NULL);
    }
    pgs_needs(state->meta.data, state->open_slots, &state->policy, &state->needs);
}

static uint64 count_slots(const SlabMaintenance *state) {
    return state->info.sealed_slots + state->open_slots;
}

PgsPolicy slab_policy(Relation index) {
    PgsPolicy policy = {0};

    policy.seal_rows = (uint32)slab_seal_threshold(index);
    policy.dead_share = slab_vacuum_threshold(index);
    policy.dead_bytes = FEW_DEAD_BYTES;
    policy.lists = slab_requested_plan(index).lists;
    return policy;
}

SlabMaintenance *slab_open_maintenance(Relation index) {
    SlabMaintenance *state = palloc0(sizeof *state);

    state->index = index;
    state->policy = slab_policy(index);
    refresh(state);
    return state;
}

/* ---- operations ---- */

static size_t memory(void) {
    return (size_t)maintenance_work_mem * 1024;
}

static uint32 first_of(uint32 set) {
    return (uint32)pg_rightmost_one_pos32(set);
}

/* Puts the sidecar's rows of a part into segments, as far as memory goes at once. */
static void seal(SlabMaintenance *state, uint32 part) {
    Job *job = open_job(state);

    slab_progress_phase(SLAB_PROGRESS_READING, 0);
    slab_check_status(state->index,
                      pgs_seal_create(state->meta.data, part, memory() / 2, &job->task),
                      &slab_out_of_memory);
    finish_job(job, false);
}

static void merge(SlabMaintenance *state, uint32 segments, uint32 parts) {
    Job *job = open_job(state);

    slab_progress_phase(SLAB_PROGRESS_MERGING, count_slots(state));
    slab_check_status(state->index, pgs_merge_create(state->meta.data, segments, parts, &job->task),
                      &slab_out_of_memory);
    finish_job(job, false);
}

/* Puts what begins at the block, as it is, where there is room for it before. */
static void move(SlabMaintenance *state, uint32 block) {
    Job *job = open_job(state);

    slab_progress_phase(SLAB_PROGRESS_READING, 0);
    slab_check_status(state->index, pgs_move_create(state->meta.data, block, &job->task),
                      &slab_out_of_memory);
    finish_job(job, false);
}

/* Writes parts anew with codes by that codebook; the open part is closed if codes change. */
static void rewrite(SlabMaintenance *state, const PgsCodebook *codebook, uint32 parts, bool close) {
    Job *job = open_job(state);

    slab_progress_phase(SLAB_PROGRESS_ENCODING, count_slots(state));
    job->rows = slab_sort_stored(state->index, codebook, state->meta.data, parts);
    job->row_bytes = pgs_row_bytes(codebook);
    job->row = palloc(job->row_bytes);
    slab_check_status(
        state->index,
        pgs_rewrite_create(state->meta.data, codebook, parts, job->rows->count, &job->task),
        &slab_out_of_memory);
    slab_progress_phase(SLAB_PROGRESS_WRITING, job->rows->count);
    finish_job(job, close);
    slab_end_rows(job->rows);
}

/* Closes the open part if it is among parts. */
static void close_part_of(SlabMaintenance *state, uint32 parts) {
    if (pgs_open_part(state->meta.data) == 0 || (parts & ~pgs_sealed_parts(state->meta.data)) == 0)
        return;
    slab_close_open_part(state->index);
    refresh(state);
}

/* Then sealing has to wait until there are fewer. */
static bool has_most_segments(const SlabMaintenance *state) {
    return state->info.segments == PGS_MAX_SEGMENTS;
}

/* Puts what the sidecar has of sealed parts into segments: their numbers stay. */
static void seal_parts(SlabMaintenance *state, uint32 parts) {
    for (;;) {
        if ((state->needs.seal & parts) != 0)
            seal(state, first_of(state->needs.seal & parts));
        else if (has_most_segments(state))
            merge(state, pgs_all_segments(state->meta.data), 0);
        else
            break;
        refresh(state);
    }
}

/* Writes parts anew without their tombstones, in list order. */
static void rewrite_parts(SlabMaintenance *state, uint32 parts) {
    close_part_of(state, parts);
    if (state->info.lists == 0) {
        rewrite(state, slab_pin_codebook(state->index, state->meta.data), parts, false);
        return;
    }
    seal_parts(state, parts);
    merge(state, pgs_all_segments(state->meta.data), parts);
}

static void recode(SlabMaintenance *state, uint32 parts) {
    rewrite(state, slab_pin_codebook(state->index, state->meta.data), parts, false);
}

/* A new codebook, and all codes by it. What is inserted meanwhile is coded by the old one, in a
 * part that is closed when the new one is published; the next round writes that anew. */
static void recluster(SlabMaintenance *state) {
    const PgsCodebook *codebook;

    if (state->open_slots > 0)
        close_part_of(state, ~0u);
    codebook = slab_train_stored(state->index, state->meta.data, count_slots(state));
    rewrite(state, codebook, pgs_sealed_parts(state->meta.data), true);
}

static PgsStatus put_calibration(void *meta_page, void *arg, PgsError *error) {
    pgs_meta_calibrate(meta_page, arg);
    return PGS_OK;
}

bool slab_calibrate_index(Relation index) {
    PGAlignedBlock meta;
    const PgsCalibration *calibration;

    slab_progress_phase(SLAB_PROGRESS_CALIBRATING, 0);
    slab_read_meta(index, &meta);
    calibration = slab_measure(index, meta.data, slab_pin_codebook(index, meta.data),
                               SLAB_REPORT_MAINTENANCE);
    SLAB_STOP("calibrate");
    if (calibration != NULL)
        slab_change_meta(index, put_calibration, (void *)calibration);
    return calibration != NULL;
}

/* ---- one after the other ---- */

/* Does the most urgent thing there is; false when there was none. */
static bool do_next(SlabMaintenance *state) {
    const PgsNeeds needs = state->needs;

    if (needs.recode != 0)
        recode(state, needs.recode);
    else if (needs.recluster)
        recluster(state);
    else if (needs.rewrite != 0)
        rewrite_parts(state, needs.rewrite);
    else if (needs.seal != 0)
        seal(state, first_of(needs.seal));
    else if (needs.merge != 0)
        merge(state, needs.merge, 0);
    else if (needs.move != 0)
        move(state, needs.move);
    else
        return needs.calibrate && slab_calibrate_index(state->index);
    return true;
}

/* Runs an operation in a memory context of its own, then looks at the index again. */
static bool run(SlabMaintenance *state, bool (*operation)(SlabMaintenance *state)) {
    MemoryContext context =
        AllocSetContextCreate(CurrentMemoryContext, "slab maintenance", ALLOCSET_DEFAULT_SIZES);
    MemoryContext caller = MemoryContextSwitchTo(context);
    bool done = operation(state);

    MemoryContextSwitchTo(caller);
    MemoryContextDelete(context);
    if (done)
        refresh(state);
    return done;
}

/* Where the file could be cut off. */
static uint32 used_end(const SlabMaintenance *state) {
    uint32 end = state->info.end_block;
    PgsSpare spare;

    for (uint32 i = 0; pgs_meta_spare(state->meta.data, i, &spare); i++) {
        if (spare.since == PGS_SPARE_FREE && spare.block + spare.blocks == end)
            end = spare.block;
    }
    return end;
}

static void reclaim(SlabMaintenance *state) {
    slab_let_ids_pass(state->index);
    slab_reclaim(state->index);
    refresh(state);
}

static void do_all(SlabMaintenance *state) {
    for (int round = 0; round < MOST_ROUNDS && run(state, do_next); round++) {
        CHECK_FOR_INTERRUPTS();
        reclaim(state);
    }
}

void slab_do_needed(SlabMaintenance *state, bool give_back) {
    uint32 end;

    reclaim(state);
    do_all(state);
    if (!give_back)
        return;
    /* What lies last is moved as long as that makes the file shorter; it may take several moves. */
    state->policy.give_back = true;
    refresh(state);
    end = used_end(state);
    for (int vain = 0; vain < MOST_VAIN_MOVES && run(state, do_next); vain++) {
        CHECK_FOR_INTERRUPTS();
        reclaim(state);
        if (used_end(state) < end) {
            end = used_end(state);
            vain = -1;
        }
    }
    state->policy = slab_policy(state->index);
    refresh(state);
}

static bool seal_any(SlabMaintenance *state) {
    if (state->needs.recode != 0)
        recode(state, state->needs.recode);
    else if (state->needs.seal != 0)
        seal(state, first_of(state->needs.seal));
    else if (state->needs.sidecar > 0 && has_most_segments(state))
        merge(state, pgs_all_segments(state->meta.data), 0);
    else
        return false;
    return true;
}

static bool merge_all(SlabMaintenance *state) {
    const uint32 segments = pgs_all_segments(state->meta.data);

    if ((segments & (segments - 1)) == 0)
        return false;
    merge(state, segments, 0);
    return true;
}

static bool rewrite_all(SlabMaintenance *state) {
    uint32 stale = pgs_stale_parts(state->meta.data);

    /* Left until now if the manifest has no room for what that leaves; then it fails, and says so.
     */
    if (stale != 0) {
        recode(state, stale);
        refresh(state);
    }
    rewrite_parts(state, pgs_sealed_parts(state->meta.data));
    return true;
}

static bool recluster_now(SlabMaintenance *state) {
    recluster(state);
    return true;
}

static bool calibrate_now(SlabMaintenance *state) {
    return slab_calibrate_index(state->index);
}

/* Everything that is in no segment. */
static void seal_all(SlabMaintenance *state) {
    state->policy.seal_rows = 1;
    refresh(state);
    for (int round = 0; round < MOST_ROUNDS && run(state, seal_any); round++)
        CHECK_FOR_INTERRUPTS();
    state->policy = slab_policy(state->index);
    refresh(state);
}

void slab_do_compact(SlabMaintenance *state, bool full) {
    slab_reclaim(state->index);
    refresh(state);
    if (full)
        close_part_of(state, ~0u); /* without rows, too: it may lie last */
    seal_all(state);
    if (full && pgs_sealed_parts(state->meta.data) != 0)
        (void)run(state, rewrite_all);
    else
        (void)run(state, merge_all);
}

static bool rewrite_dead(SlabMaintenance *state) {
    if (state->needs.recode != 0)
        recode(state, state->needs.recode);
    else if (state->needs.rewrite != 0)
        rewrite_parts(state, state->needs.rewrite);
    else
        return false;
    return true;
}

void slab_do_vacuum(SlabMaintenance *state) {
    slab_reclaim(state->index);
    state->policy.dead_share = 0;
    state->policy.dead_bytes = 0;
    refresh(state);
    for (int round = 0; round < MOST_ROUNDS && run(state, rewrite_dead); round++)
        CHECK_FOR_INTERRUPTS();
    state->policy = slab_policy(state->index);
    refresh(state);
}

void slab_do_recluster(SlabMaintenance *state) {
    slab_reclaim(state->index);
    refresh(state);
    if (state->info.lists == 0)
        return;
    (void)run(state, recluster_now);
    seal_all(state);
    (void)run(state, calibrate_now);
}

/* ---- who asks for it ---- */

bool slab_maintain_automatically(Relation index) {
    SlabMaintenance *state;
    bool done;

    if (slab_ids_are_scarce() || !slab_try_lock_maintenance(index))
        return false; /* it has to wait, or somebody is at it */
    slab_progress_begin(index, SLAB_OPERATION_COMPACT);
    slab_reclaim(index);
    state = slab_open_maintenance(index);
    done = run(state, do_next);
    slab_progress_end();
    slab_unlock_maintenance(index);
    return done;
}

uint32 slab_cut_off(Relation index) {
    SlabMaintenance *state;

    if (!slab_try_lock_maintenance(index))
        return PGS_NO_BLOCK;
    slab_reclaim(index);
    slab_truncate(index);
    state = slab_open_maintenance(index);
    slab_unlock_maintenance(index);
    return used_end(state);
}

bool slab_move_last(Relation index) {
    SlabMaintenance *state;
    bool done;

    if (slab_ids_are_scarce() || !slab_try_lock_maintenance(index))
        return false;
    slab_progress_begin(index, SLAB_OPERATION_COMPACT);
    state = slab_open_maintenance(index);
    state->policy.give_back = true;
    refresh(state);
    done = run(state, do_next);
    slab_progress_end();
    slab_unlock_maintenance(index);
    return done;
}

/* Whether a task, or a seal before this one, has failed and left what it had reserved. */
static bool has_unfinished(const SlabMaintenance *state) {
    PgsSpare spare;

    for (uint32 i = 0; pgs_meta_spare(state->meta.data, i, &spare); i++)
        if (spare.since == PGS_SPARE_WORKING)
            return true;
    return false;
}

bool slab_seal_inline(Relation index) {
    SlabMaintenance *state;
    MemoryContext context;
    MemoryContext caller;
    bool more;

    if (!slab_try_lock_maintenance(index))
        return false;
    SLAB_STOP("seal");
    context = AllocSetContextCreate(CurrentMemoryContext, "slab seal", ALLOCSET_DEFAULT_SIZES);
    caller = MemoryContextSwitchTo(context);
    state = slab_open_maintenance(index);
    if (has_unfinished(state)) {
        slab_reclaim(index);
        refresh(state);
    }
    if (state->needs.seal != 0 && state->needs.recode == 0) {
        slab_progress_begin(index, SLAB_OPERATION_SEAL);
        seal(state, first_of(state->needs.seal));
        slab_progress_end();
        refresh(state);
    }
    more = (state->needs.merge | state->needs.recode | state->needs.rewrite) != 0 ||
           state->needs.recluster || state->needs.calibrate;
    MemoryContextSwitchTo(caller);
    MemoryContextDelete(context);
    slab_unlock_maintenance(index);
    return more;
}
