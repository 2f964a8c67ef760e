/*
 * jobs.c - doing one job of maintenance that the core has picked.
 *
 * A job's task writes new tables beside the old ones and publishes them with one change of the
 * manifest (store/manifest.c); so scans go on, and whatever ends early leaves the index as it was.
 * All of this under the maintenance lock.
 */
#include "postgres.h"

#include "commands/vacuum.h"
#include "miscadmin.h"

#include "base/compat.h"
#include "base/progress.h"
#include "base/settings.h"
#include "base/stop_point.h"
#include "build/build.h"
#include "maintain/maintain.h"
#include "pgslab/calibrate.h"
#include "pgslab/codebook.h"
#include "pgslab/maintain.h"
#include "store/codebook.h"
#include "store/error.h"
#include "store/give_way.h"
#include "store/manifest.h"
#include "store/options.h"
#include "store/page.h"
#include "store/pump.h"
#include "store/write.h"

typedef struct Execution {
    PgsTask *task; /* freed by the callback when the memory context goes */
    MemoryContextCallback callback;
    Relation index;
    SlabMaintenance *state;
    SlabRows *rows; /* for a task that asks for rows */
    void *row;
    size_t row_bytes;
    SlabWriter *writer;
    uint64 reported; /* of the rows that the task has done */
} Execution;

static void destroy_execution(void *arg) {
    pgs_task_destroy(((Execution *)arg)->task);
}

/* In CurrentMemoryContext, which frees the core's object. */
static Execution *open_execution(SlabMaintenance *state) {
    Execution *job = palloc0(sizeof *job);

    job->index = state->index;
    job->state = state;
    job->writer = slab_open_writer(state->index);
    job->callback.func = destroy_execution;
    job->callback.arg = job;
    MemoryContextRegisterResetCallback(CurrentMemoryContext, &job->callback);
    return job;
}

/* ---- a task, step by step ---- */

/* Keeps a page that the task has made for its block. That it is not written yet does no harm:
 * nobody, the task itself included, reads it before it is published. */
static void add_page(Execution *job, BlockNumber block, const void *page) {
    slab_breathe();
    slab_vacuum_delay_point();
    memcpy(slab_add_page(job->writer, block), page, BLCKSZ);
}

static void give_run(Execution *job, const PgsRequest *run) {
    PgsReservation reserved = slab_reserve(job->index, run);
    PgsError error;

    slab_check_status(job->index, pgs_task_reserved(job->task, &reserved, &error), &error);
}

static void give_row(Execution *job) {
    uint32 list = 0;
    bool more = slab_next_row(job->rows, job->row, job->row_bytes, &list);
    PgsError error;

    slab_breathe();
    slab_check_status(job->index, pgs_task_row(job->task, more ? job->row : NULL, list, &error),
                      &error);
}

static void report_work(void *arg) {
    Execution *job = arg;
    PgsTaskWork work;

    pgs_task_work(job->task, &work);
    if (work.rows >= job->reported + 256) {
        job->reported = work.rows;
        slab_progress_done(work.rows);
    }
}

static void write_tables(Execution *job) {
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
                give_run(job, &request);
                break;
            case PGS_REQUEST_ROW:
                give_row(job);
                break;
            case PGS_REQUEST_WRITE:
                add_page(job, request.block, request.page);
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
static void finish_execution(Execution *job, bool close) {
    PgsTaskWork work;

    write_tables(job);
    slab_write_pending(job->writer);
    SLAB_STOP("written");
    slab_progress_phase(SLAB_PROGRESS_PUBLISHING, 0);
    slab_publish(job->index, job->task, close);
    pgs_task_work(job->task, &work);
    job->state->bytes_written += work.bytes;
}

/* ---- jobs ---- */

static uint64 count_slots(const SlabMaintenance *state) {
    return state->info.sealed_slots + state->open_slots;
}

static size_t memory_limit(void) {
    return (size_t)slab_maintenance_memory() * 1024;
}

/* Puts the sidecar's rows of a part into a segment, as far as memory goes. */
static void flush_sidecar(SlabMaintenance *state, uint32 part) {
    Execution *job = open_execution(state);

    slab_progress_phase(SLAB_PROGRESS_READING, 0);
    slab_check_status(state->index,
                      pgs_flush_create(state->meta.data, part, memory_limit() / 2, &job->task),
                      &slab_out_of_memory);
    finish_execution(job, false);
}

static void merge_segments(SlabMaintenance *state, PgsSegments segments, PgsParts parts) {
    Execution *job = open_execution(state);

    slab_progress_phase(SLAB_PROGRESS_MERGING, count_slots(state));
    slab_check_status(state->index, pgs_merge_create(state->meta.data, segments, parts, &job->task),
                      &slab_out_of_memory);
    finish_execution(job, false);
}

/* Puts what begins at the block, as it is, where there is room for it before. */
static void move_run(SlabMaintenance *state, uint32 block) {
    Execution *job = open_execution(state);

    slab_progress_phase(SLAB_PROGRESS_READING, 0);
    slab_check_status(state->index, pgs_move_create(state->meta.data, block, &job->task),
                      &slab_out_of_memory);
    finish_execution(job, false);
}

/* Writes parts anew with codes by that codebook; the open part is closed if codes change. */
static void rewrite_parts(SlabMaintenance *state, const PgsCodebook *codebook, PgsParts parts,
                          bool close) {
    Execution *job = open_execution(state);

    slab_progress_phase(SLAB_PROGRESS_ENCODING, count_slots(state));
    job->rows = slab_sort_stored(state->index, codebook, state->meta.data, parts);
    job->row_bytes = pgs_row_bytes(codebook);
    job->row = palloc(job->row_bytes);
    slab_check_status(
        state->index,
        pgs_rewrite_create(state->meta.data, codebook, parts, job->rows->count, &job->task),
        &slab_out_of_memory);
    slab_progress_phase(SLAB_PROGRESS_WRITING, job->rows->count);
    finish_execution(job, close);
    slab_end_rows(job->rows);
}

/* A new codebook, and all codes by it. What is inserted meanwhile is coded by the old one, in a
 * part that is closed when the new one is published; the next job writes that anew. */
static void recluster(SlabMaintenance *state, PgsParts parts) {
    const PgsCodebook *codebook =
        slab_train_stored(state->index, state->meta.data, count_slots(state));

    rewrite_parts(state, codebook, parts, true);
}

static PgsStatus put_calibration(void *meta_page, void *arg, PgsError *error) {
    pgs_meta_calibrate(meta_page, arg);
    return PGS_OK;
}

void slab_calibrate_index(Relation index, const PgsCalibrationOptions *options) {
    PGAlignedBlock meta;
    const PgsCalibration *calibration;

    slab_progress_phase(SLAB_PROGRESS_CALIBRATING, 0);
    slab_read_meta(index, &meta);
    calibration = slab_measure(index, meta.data, slab_pin_codebook(index, meta.data), options,
                               SLAB_REPORT_MAINTENANCE);
    SLAB_STOP("calibrate");
    if (calibration != NULL)
        slab_change_meta(index, put_calibration, (void *)calibration);
}

static PgsStatus put_candidates(void *meta_page, void *arg, PgsError *error) {
    pgs_meta_set_candidates(meta_page, arg);
    return PGS_OK;
}

void slab_ask_table(Relation heap, Relation index, const PgsCalibrationOptions *options) {
    PGAlignedBlock meta;
    PgsMetaInfo info;
    const PgsSignRanks *ranks;

    slab_read_meta(index, &meta);
    pgs_meta_info(meta.data, &info);
    ranks = info.calibration_queries == 0 ? NULL : slab_rank_table(heap, index, info.dims, options);
    if (ranks == NULL)
        return;
    slab_change_meta(index, put_candidates, (void *)ranks);
    slab_read_meta(index, &meta);
    slab_warn_of_signs(index, meta.data);
}

/* ERROR for what is done with a codebook, of which an index by terms has none. */
static void require_codebook(const SlabMaintenance *state, const PgsJob *job) {
    if (slab_is_inverted(state->index))
        elog(ERROR, "a job of kind %d was picked for index \"%s\", which has no codebook",
             (int)job->kind, RelationGetRelationName(state->index));
}

void slab_execute_job(SlabMaintenance *state, const PgsJob *job) {
    const PgsCalibrationOptions usual = {0};

    switch (job->kind) {
        case PGS_JOB_NONE:
            break;
        case PGS_JOB_CLOSE:
            slab_close_open_part(state->index);
            break;
        case PGS_JOB_FLUSH:
            flush_sidecar(state, job->part);
            break;
        case PGS_JOB_MERGE:
            merge_segments(state, job->segments, job->parts);
            break;
        case PGS_JOB_REWRITE:
            require_codebook(state, job);
            rewrite_parts(state, slab_pin_codebook(state->index, state->meta.data), job->parts,
                          false);
            break;
        case PGS_JOB_RECLUSTER:
            require_codebook(state, job);
            recluster(state, job->parts);
            break;
        case PGS_JOB_MOVE:
            move_run(state, job->block);
            break;
        case PGS_JOB_CALIBRATE:
            require_codebook(state, job);
            slab_calibrate_index(state->index, &usual);
            break;
    }
}
