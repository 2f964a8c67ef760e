/*
 * am_maintain.c - maintenance of an index: one job after the other, as the core picks them.
 *
 * A job's task writes new tables beside the old ones and publishes them with one change of the
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

static void look(SlabMaintenance *state) {
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
    look(state);
    return state;
}

/* ---- jobs ---- */

static size_t memory(void) {
    return (size_t)maintenance_work_mem * 1024;
}

/* Puts the sidecar's rows of a part into a segment, as far as memory goes. */
static void seal(SlabMaintenance *state, uint32 part) {
    Job *job = open_job(state);

    slab_progress_phase(SLAB_PROGRESS_READING, 0);
    slab_check_status(state->index,
                      pgs_seal_create(state->meta.data, part, memory() / 2, &job->task),
                      &slab_out_of_memory);
    finish_job(job, false);
}

static void merge(SlabMaintenance *state, PgsSegments segments, PgsParts parts) {
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
static void rewrite(SlabMaintenance *state, const PgsCodebook *codebook, PgsParts parts,
                    bool close) {
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

/* A new codebook, and all codes by it. What is inserted meanwhile is coded by the old one, in a
 * part that is closed when the new one is published; the next job writes that anew. */
static void recluster(SlabMaintenance *state, PgsParts parts) {
    const PgsCodebook *codebook =
        slab_train_stored(state->index, state->meta.data, count_slots(state));

    rewrite(state, codebook, parts, true);
}

static PgsStatus put_calibration(void *meta_page, void *arg, PgsError *error) {
    pgs_meta_calibrate(meta_page, arg);
    return PGS_OK;
}

void slab_calibrate_index(Relation index) {
    PGAlignedBlock meta;
    const PgsCalibration *calibration;

    slab_progress_phase(SLAB_PROGRESS_CALIBRATING, 0);
    slab_read_meta(index, &meta);
    calibration = slab_measure(index, meta.data, slab_pin_codebook(index, meta.data),
                               SLAB_REPORT_MAINTENANCE);
    SLAB_STOP("calibrate");
    if (calibration != NULL)
        slab_change_meta(index, put_calibration, (void *)calibration);
}

static void execute(SlabMaintenance *state, const PgsJob *job) {
    switch (job->kind) {
        case PGS_JOB_NONE:
            break;
        case PGS_JOB_CLOSE:
            slab_close_open_part(state->index);
            break;
        case PGS_JOB_SEAL:
            seal(state, job->part);
            break;
        case PGS_JOB_MERGE:
            merge(state, job->segments, job->parts);
            break;
        case PGS_JOB_REWRITE:
            rewrite(state, slab_pin_codebook(state->index, state->meta.data), job->parts, false);
            break;
        case PGS_JOB_RECLUSTER:
            recluster(state, job->parts);
            break;
        case PGS_JOB_MOVE:
            move(state, job->block);
            break;
        case PGS_JOB_CALIBRATE:
            slab_calibrate_index(state->index);
            break;
    }
}

/* ---- one after the other ---- */

static PgsJob pick(const SlabMaintenance *state, PgsGoal *goal) {
    return pgs_pick_job(state->meta.data, state->open_slots, &state->policy, goal);
}

/* Looks at the index and does the next job, in a memory context of its own. */
static PgsJobKind do_next(SlabMaintenance *state, PgsGoal *goal) {
    MemoryContext context =
        AllocSetContextCreate(CurrentMemoryContext, "slab maintenance", ALLOCSET_DEFAULT_SIZES);
    MemoryContext caller = MemoryContextSwitchTo(context);
    PgsJob job;

    look(state);
    job = pick(state, goal);
    execute(state, &job);
    MemoryContextSwitchTo(caller);
    MemoryContextDelete(context);
    return job.kind;
}

void slab_pursue(SlabMaintenance *state, PgsGoalKind kind) {
    PgsGoal goal = {.kind = kind};

    do {
        CHECK_FOR_INTERRUPTS();
        slab_let_ids_pass(state->index);
        slab_reclaim(state->index);
    } while (do_next(state, &goal) != PGS_JOB_NONE);
}

bool slab_do_one_job(Relation index, PgsGoal *goal) {
    SlabMaintenance *state;
    PgsJobKind done;

    if (slab_ids_are_scarce() || !slab_try_lock_maintenance(index))
        return false; /* it has to wait, or somebody is at it */
    slab_progress_begin(index, SLAB_OPERATION_COMPACT);
    slab_reclaim(index);
    state = slab_open_maintenance(index);
    do
        done = do_next(state, goal);
    while (done == PGS_JOB_CLOSE);
    slab_progress_end();
    slab_unlock_maintenance(index);
    return done != PGS_JOB_NONE;
}

void slab_cut_off(Relation index) {
    if (!slab_try_lock_maintenance(index))
        return;
    slab_reclaim(index);
    slab_truncate(index);
    slab_unlock_maintenance(index);
}

bool slab_seal_inline(Relation index) {
    SlabMaintenance *state;
    MemoryContext context;
    MemoryContext caller;
    PgsGoal sealing = {.kind = PGS_GOAL_SEAL};
    PgsGoal others = {.kind = PGS_GOAL_AUTOMATIC};
    PgsJob job;
    bool more;

    if (!slab_try_lock_maintenance(index))
        return false;
    SLAB_STOP("seal");
    context = AllocSetContextCreate(CurrentMemoryContext, "slab seal", ALLOCSET_DEFAULT_SIZES);
    caller = MemoryContextSwitchTo(context);
    state = slab_open_maintenance(index);
    if (pgs_meta_is_being_written(state->meta.data)) {
        /* A task, or a seal before this one, has failed and left what it had reserved. */
        slab_reclaim(index);
        look(state);
    }
    job = pick(state, &sealing);
    if (job.kind != PGS_JOB_NONE) {
        slab_progress_begin(index, SLAB_OPERATION_SEAL);
        execute(state, &job);
        slab_progress_end();
        look(state);
    }
    more = pick(state, &others).kind != PGS_JOB_NONE;
    MemoryContextSwitchTo(caller);
    MemoryContextDelete(context);
    slab_unlock_maintenance(index);
    return more;
}
