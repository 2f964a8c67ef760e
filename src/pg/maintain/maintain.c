/*
 * maintain.c - maintenance of an index: one job after the other, as the core picks them, until the
 * goal is reached.
 *
 * Who calls decides the goal and how many jobs come in one transaction; all of it is done under the
 * maintenance lock.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "base/progress.h"
#include "base/stop_point.h"
#include "maintain/maintain.h"
#include "pgslab/index.h"
#include "pgslab/maintain.h"
#include "store/give_way.h"
#include "store/manifest.h"
#include "store/options.h"
#include "store/page.h"

/* ---- what is known of the index ---- */

static void look(SlabMaintenance *state) {
    slab_read_meta(state->index, &state->meta);
    pgs_meta_info(state->meta.data, &state->info);
    state->open_slots = slab_count_open_slots(state->index, state->meta.data);
}

SlabMaintenance *slab_open_maintenance(Relation index) {
    SlabMaintenance *state = palloc0(sizeof *state);

    state->index = index;
    state->policy = slab_policy(index);
    look(state);
    return state;
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
    slab_execute_job(state, &job);
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

bool slab_flush_inline(Relation index) {
    SlabMaintenance *state;
    MemoryContext context;
    MemoryContext caller;
    PgsGoal flushing = {.kind = PGS_GOAL_FLUSH};
    PgsGoal others = {.kind = PGS_GOAL_AUTOMATIC};
    PgsJob job;
    bool more;

    if (!slab_try_lock_maintenance(index))
        return false;
    SLAB_STOP("flush");
    context = AllocSetContextCreate(CurrentMemoryContext, "slab flush", ALLOCSET_DEFAULT_SIZES);
    caller = MemoryContextSwitchTo(context);
    state = slab_open_maintenance(index);
    if (pgs_meta_is_being_written(state->meta.data)) {
        /* A task, or a flush before this one, has failed and left what it had reserved. */
        slab_reclaim(index);
        look(state);
    }
    job = pick(state, &flushing);
    if (job.kind != PGS_JOB_NONE) {
        slab_progress_begin(index, SLAB_OPERATION_FLUSH);
        slab_execute_job(state, &job);
        slab_progress_end();
        look(state);
    }
    more = pick(state, &others).kind != PGS_JOB_NONE;
    MemoryContextSwitchTo(caller);
    MemoryContextDelete(context);
    slab_unlock_maintenance(index);
    return more;
}
