/*
 * maintain.h - maintenance of an index: doing jobs, and having them done. Include postgres.h first.
 *
 * What is due is decided by the core's picker. Whoever does it holds the maintenance lock, which
 * functions here that say nothing of it take themselves.
 */
#ifndef PGSLAB_MAINTAIN_MAINTAIN_H
#define PGSLAB_MAINTAIN_MAINTAIN_H

#include "utils/rel.h"

#include "pgslab/calibrate.h"
#include "pgslab/index.h"
#include "pgslab/maintain.h"
#include "store/open_part.h"

/* ---- maintain.c ---- */

typedef struct SlabMaintenance {
    Relation index;
    PgsPolicy policy;
    PGAlignedBlock meta; /* these three as last looked at */
    PgsMetaInfo info;
    uint64 open_slots;
    uint64 bytes_written;
} SlabMaintenance;

/* Looks at the index. Under the maintenance lock. In CurrentMemoryContext. */
extern SlabMaintenance *slab_open_maintenance(Relation index);
/* Under the maintenance lock: does all jobs of a goal, and frees in between what nobody needs any
 * more. *state is as after the last job. */
extern void slab_pursue(SlabMaintenance *state, PgsGoalKind goal);

/* Does the next job of a goal; false when there is none, somebody else is at it, or transaction ids
 * are scarce. Where the next call is to use what one has given up, each has a transaction of its
 * own, without a snapshot; an insert into a temporary index, which no worker sees, calls it as it
 * is. The index is open with RowExclusiveLock, its table locked with AccessShareLock. */
extern bool slab_do_one_job(Relation index, PgsGoal *goal);
/* Called in the same way: frees what no snapshot needs and cuts off what is free at the end of the
 * file, unless somebody else is at the index. */
extern void slab_cut_off(Relation index);
/* Flushes the sidecar for an insert that has filled it, unless somebody maintains the index.
 * Returns whether it needs other maintenance. */
extern bool slab_flush_inline(Relation index);

/* ---- jobs.c ---- */

/* Does a job that the core has picked for what state says; it is for the caller to look again.
 * Under the maintenance lock. What is allocated in CurrentMemoryContext is for the caller to free.
 */
extern void slab_execute_job(SlabMaintenance *state, const PgsJob *job);
/* Measures the index, unless it has too few rows. Under the maintenance lock. */
extern void slab_calibrate_index(Relation index, const PgsCalibrationOptions *options);
/* Has the table of an index of signs tell what searches take, once it is measured. In the same way;
 * expressions of the index are evaluated with the rights of who calls. */
extern void slab_ask_table(Relation heap, Relation index, const PgsCalibrationOptions *options);

/* ---- upkeep.c ---- */

/* After an insert of a row that took so many slots of the open part, of which as many as slots are
 * in use then. Whatever fails here is logged, and the row stays. */
extern void slab_keep_in_order(Relation index, const SlabCache *cache, uint64 slots, uint64 added);

/* ---- worker.c ---- */

/* To do what is due; and then to give back space at the end of the file; to learn from queries. */
typedef enum SlabErrand { SLAB_MAINTAIN, SLAB_GIVE_BACK, SLAB_LEARN } SlabErrand;

/* Has a background worker do an errand for the index, soon. False if none can be had, or one was
 * asked for a moment ago. Without a lock. */
extern bool slab_start_worker(Relation index, SlabErrand errand);

#endif
