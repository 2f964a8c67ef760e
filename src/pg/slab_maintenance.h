/*
 * slab_maintenance.h - what the files of maintenance share: how it is started and how it tells how
 * far it is. Include postgres.h first.
 */
#ifndef PGSLAB_SLAB_MAINTENANCE_H
#define PGSLAB_SLAB_MAINTENANCE_H

#include "pgslab/index.h"
#include "pgslab/machine.h"
#include "pgslab/maintain.h"
#include "slab.h"

typedef enum SlabOperation {
    SLAB_OPERATION_SEAL = 1,
    SLAB_OPERATION_COMPACT,
    SLAB_OPERATION_VACUUM,
    SLAB_OPERATION_RECLUSTER,
    SLAB_OPERATION_CALIBRATE
} SlabOperation;

/* What an operation is at, and what is counted there. */
typedef enum SlabProgress {
    SLAB_PROGRESS_WAITING = 1, /* for the index's maintenance lock; nothing */
    SLAB_PROGRESS_READING,     /* blocks */
    SLAB_PROGRESS_SAMPLING,    /* rows */
    SLAB_PROGRESS_TRAINING,    /* the core's steps */
    SLAB_PROGRESS_ENCODING,    /* rows */
    SLAB_PROGRESS_MERGING,     /* rows */
    SLAB_PROGRESS_WRITING,     /* blocks */
    SLAB_PROGRESS_CALIBRATING, /* the core's steps */
    SLAB_PROGRESS_PUBLISHING   /* nothing */
} SlabProgress;

/*
 * am_progress.c. The view slab_maintenance shows what is reported between begin and end, which do
 * not nest. What the backend reported for a command of its own comes back at the end; an error ends
 * all reporting, as it does for the server's commands.
 */
/* Waiting, at first. */
extern void slab_progress_begin(Relation index, int operation);
/* total is 0 when nobody knows, or nothing is counted. */
extern void slab_progress_phase(int phase, uint64 total);
extern void slab_progress_done(uint64 done);
extern void slab_progress_end(void);
/* Around a subtransaction that is rolled back, which ends all reporting. */
extern void slab_progress_save(void);
extern void slab_progress_restore(void);
/* The access method's ambuildphasename: phases of builds and of maintenance. */
extern char *slab_phase_name(int64 phase);

/* am_attempt.c */
/* Calls body in a subtransaction. NULL, or the error that it ended with, in CurrentMemoryContext;
 * whoever does not know it rethrows it. Not for parallel mode, which has no subtransactions. */
extern ErrorData *slab_attempt(void (*body)(void *arg), void *arg);

/* am_worker.c */
/* Has a background worker do what is due of the index, soon, and then give back space at the end of
 * the file if asked. False if none can be had. */
extern bool slab_start_worker(Relation index, bool give_back);

/*
 * am_give_way.c. The maintenance lock is taken before every other lock on the index; who holds it
 * is the only one to change more of the manifest than growth does.
 */
extern void slab_lock_maintenance(Relation index);
extern bool slab_try_lock_maintenance(Relation index);
extern void slab_unlock_maintenance(Relation index);
/* To be called between the steps of maintenance, where no page is locked: an ERROR if it was
 * cancelled, or is to end because somebody waits: in a worker anybody who waits for something that
 * it holds, in a function a VACUUM to prevent wraparound that waits for the maintenance lock. */
extern void slab_breathe(void);
/* In a worker: an ERROR if its database is to be dropped or copied. In a transaction. */
extern void slab_leave_wanted_database(const char *index_name);
/* This process is a worker. */
extern void slab_give_way_as_worker(void);
/* Whether the error at hand is a worker's giving way. */
extern bool slab_gave_way(void);

/* am_manifest.c */
/* Under the maintenance lock: reserves the run that a task asks for, of which the file has all
 * blocks then. */
extern PgsReservation slab_reserve(Relation index, const PgsRequest *run);
/* Publishes what a task has made; closes the open part in the same step if asked. */
extern void slab_publish(Relation index, const PgsTask *task, bool close);
extern void slab_close_open_part(Relation index);
/* Makes free what no snapshot can need any more, and what maintenance that failed left. */
extern void slab_reclaim(Relation index);
/* In VACUUM: lets what was given up so far be free for what comes next. Takes a transaction id only
 * if something waits for one and ids are not scarce. */
extern void slab_let_ids_pass(Relation index);
/* Whether snapshots, of anybody, may need what was given up. */
extern bool slab_waits_for_snapshots(Relation index);

/* am_horizon.c */
/* Runs that were given up before this full transaction id are needed by nobody. */
extern uint64 slab_removable_below(Relation index);
/* Whether the server warns by now that its transaction ids are running out. */
extern bool slab_ids_are_scarce(void);

/* am_truncate.c */
/* Cuts off what is free at the end of the file, if nobody else has the index open. */
extern void slab_truncate(Relation index);
extern bool slab_ends_free(Relation index);
/* Whether the VACUUM under way may do so. */
extern bool slab_vacuum_may_truncate(Relation index);
/* Whether a function may, before it returns from this call. */
extern bool slab_call_may_truncate(FunctionCallInfo fcinfo, Relation index);

/* am_maintain.c */
typedef struct SlabMaintenance {
    Relation index;
    PgsPolicy policy;
    PGAlignedBlock meta; /* these three as last looked at */
    PgsMetaInfo info;
    uint64 open_slots;
    uint64 bytes_written;
} SlabMaintenance;

extern PgsPolicy slab_policy(Relation index);
/* Under the maintenance lock. In CurrentMemoryContext. */
extern SlabMaintenance *slab_open_maintenance(Relation index);
/* Does all jobs of a goal, and frees in between what nobody needs any more. */
extern void slab_pursue(SlabMaintenance *state, PgsGoalKind goal);
/* Measures the index, unless it has too few rows. */
extern void slab_calibrate_index(Relation index);

/* Does the next job of a goal; false when there is none, or somebody else is at it. To be called
 * once in a transaction without a snapshot, so that what one call gives up the next can use. The
 * index is open with RowExclusiveLock, its table locked with AccessShareLock. */
extern bool slab_do_one_job(Relation index, PgsGoal *goal);
/* Called in the same way: frees what no snapshot needs and cuts off what is free at the end of the
 * file, unless somebody else is at the index. */
extern void slab_cut_off(Relation index);
/* Seals the sidecar for an insert that has filled it, unless somebody maintains the index. Returns
 * whether it needs other maintenance. */
extern bool slab_seal_inline(Relation index);

/* am_upkeep.c. After an insert that filled so many slots of the open part. */
extern void slab_keep_in_order(Relation index, const SlabCache *cache, uint64 slots);

#endif
