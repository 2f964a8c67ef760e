/*
 * progress.h - how far a build or maintenance is, as the server's progress views and the view
 * slab_maintenance show it. Include postgres.h first.
 */
#ifndef PGSLAB_BASE_PROGRESS_H
#define PGSLAB_BASE_PROGRESS_H

#include "commands/progress.h"
#include "utils/backend_progress.h"
#include "utils/rel.h"

/*
 * Builds. The server has begun to report the CREATE INDEX, and ends it; a build adds its phase and
 * what it counts there.
 */
typedef enum SlabBuildPhase {
    SLAB_PHASE_SAMPLE = PROGRESS_CREATEIDX_SUBPHASE_INITIALIZE + 1,
    SLAB_PHASE_TRAIN,
    SLAB_PHASE_ENCODE,
    SLAB_PHASE_WRITE,
    SLAB_PHASE_CALIBRATE,
    SLAB_PHASE_LOG,
    SLAB_PHASE_READ, /* these are of an index by terms */
    SLAB_PHASE_POSTINGS,
    SLAB_PHASE_MERGE
} SlabBuildPhase;

static inline void slab_report_phase(SlabBuildPhase phase) {
    pgstat_progress_update_param(PROGRESS_CREATEIDX_SUBPHASE, phase);
}

static inline void slab_report_done(uint64 tuples) {
    pgstat_progress_update_param(PROGRESS_CREATEIDX_TUPLES_DONE, (int64)tuples);
}

static inline void slab_report_tuples(uint64 done, uint64 total) {
    pgstat_progress_update_param(PROGRESS_CREATEIDX_TUPLES_TOTAL, (int64)total);
    slab_report_done(done);
}

static inline void slab_report_blocks(uint64 done, uint64 total) {
    pgstat_progress_update_param(PROGRESS_SCAN_BLOCKS_TOTAL, (int64)total);
    pgstat_progress_update_param(PROGRESS_SCAN_BLOCKS_DONE, (int64)done);
}

/*
 * Maintenance is reported between begin and end, which do not nest. What the backend reported for a
 * command of its own comes back at the end; an error ends all reporting, as it does for the
 * server's commands.
 */
typedef enum SlabOperation {
    SLAB_OPERATION_FLUSH = 1,
    SLAB_OPERATION_COMPACT,
    SLAB_OPERATION_VACUUM,
    SLAB_OPERATION_RECLUSTER,
    SLAB_OPERATION_CALIBRATE
} SlabOperation;

/* What an operation is at, and what is counted there. */
typedef enum SlabProgress {
    SLAB_PROGRESS_WAITING = 1, /* for the index's maintenance lock; nothing is counted */
    SLAB_PROGRESS_READING,     /* blocks that are moved, rows that are flushed */
    SLAB_PROGRESS_SAMPLING,    /* rows */
    SLAB_PROGRESS_TRAINING,    /* the core's steps */
    SLAB_PROGRESS_ENCODING,    /* rows */
    SLAB_PROGRESS_MERGING,     /* rows */
    SLAB_PROGRESS_WRITING,     /* rows */
    SLAB_PROGRESS_CALIBRATING, /* the core's steps */
    SLAB_PROGRESS_PUBLISHING   /* nothing is counted */
} SlabProgress;

/* The phase is that of waiting, at first. */
extern void slab_progress_begin(Relation index, SlabOperation operation);
/* total is 0 when nobody knows it, or nothing is counted. */
extern void slab_progress_phase(SlabProgress phase, uint64 total);
extern void slab_progress_done(uint64 done);
extern void slab_progress_end(void);

/* Around a subtransaction that is rolled back, which ends all reporting. These do not nest. */
extern void slab_progress_save(void);
extern void slab_progress_restore(void);

/* The access method's ambuildphasename: phases of builds and of maintenance. NULL for a number that
 * is neither's. */
extern char *slab_phase_name(int64 phase);

#endif
