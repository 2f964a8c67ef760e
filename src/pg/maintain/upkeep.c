/*
 * upkeep.c - what an insert does to keep the index in order: the one that fills the sidecar
 * flushes it, and has a worker do whatever else is due.
 *
 * A row is never refused because that fails, be it for damage, for want of disk space or of room in
 * the manifest. It is tried in a subtransaction, whose end lets go of every lock and page; what it
 * wrote is taken back by the next maintenance, as after a crash. The server's log says why, and
 * slab_stats that the sidecar has become too long.
 */
#include "postgres.h"

#include "port/pg_bitutils.h"
#include "utils/memutils.h"

#include "base/attempt.h"
#include "base/settings.h"
#include "maintain/maintain.h"
#include "pgslab/insert.h"
#include "store/open_part.h"

/* Rows between two attempts, at least, and as a part of the sidecar. */
#define LEAST_INTERVAL_ROWS 64
#define INTERVALS_PER_SIDECAR 8

/* Whether the insert that filled slots of the open part up to the slots-th is to flush the sidecar.
 * Who fills it is. Where that came to nothing, because somebody else is maintaining the index or
 * because it failed, inserts of later rows try it again. Which ones follows from the sidecar alone,
 * so that it makes no difference whether they are of one session or of many that insert a row each.
 */
static bool is_due(const SlabCache *cache, uint64 slots, uint64 added) {
    uint64 sidecar;
    uint64 interval;

    if (slots < cache->flush_at)
        return false;
    if (slots - added < cache->flush_at)
        return true;
    sidecar = slots - pgs_open_flushed(cache->meta.data);
    interval = pg_prevpower2_64(Max(LEAST_INTERVAL_ROWS, sidecar / INTERVALS_PER_SIDECAR));
    return sidecar % interval < added;
}

/* What the user or the server's shutdown asks for goes on; lock_timeout, which is about what the
 * user's own statement waits for, is not among it. */
static bool is_to_end(const ErrorData *error) {
    return ERRCODE_TO_CATEGORY(error->sqlerrcode) == ERRCODE_OPERATOR_INTERVENTION;
}

static void report_failure(Relation index, const ErrorData *error) {
    ereport(LOG, errcode(error->sqlerrcode),
            errmsg("an insert could not maintain index \"%s\", which is postponed: %s",
                   RelationGetRelationName(index), error->message),
            error->detail != NULL ? errdetail_internal("%s", error->detail) : 0,
            error->hint != NULL ? errhint("%s", error->hint) : 0);
}

typedef struct Upkeep {
    Relation index;
    bool (*operation)(Relation index);
    bool result;
} Upkeep;

static void run_operation(void *arg) {
    Upkeep *upkeep = arg;

    upkeep->result = upkeep->operation(upkeep->index);
}

/* Returns what the operation does, or otherwise if it fails, which leaves no trace but in the log.
 */
static bool try_operation(Relation index, bool (*operation)(Relation index), bool otherwise) {
    MemoryContext context =
        AllocSetContextCreate(CurrentMemoryContext, "slab upkeep", ALLOCSET_DEFAULT_SIZES);
    MemoryContext caller = MemoryContextSwitchTo(context);
    Upkeep upkeep = {index, operation, otherwise};
    ErrorData *error = slab_attempt(run_operation, &upkeep);

    if (error != NULL) {
        if (is_to_end(error))
            ReThrowError(error);
        report_failure(index, error);
        upkeep.result = otherwise;
    }
    MemoryContextSwitchTo(caller);
    MemoryContextDelete(context);
    return upkeep.result;
}

/* What a worker would do, but only one job of it. */
static bool do_one_job(Relation index) {
    PgsGoal goal = {.kind = PGS_GOAL_AUTOMATIC};

    return slab_do_one_job(index, &goal);
}

void slab_keep_in_order(Relation index, const SlabCache *cache, uint64 slots, uint64 added) {
    /* What fails here may be mended by a worker, which has more memory, and runs to use again. */
    if (!is_due(cache, slots, added) || !try_operation(index, slab_flush_inline, true) ||
        !slab_auto_compact())
        return;
    if (RelationUsesLocalBuffers(index)) /* which a worker cannot see */
        (void)try_operation(index, do_one_job, false);
    else
        (void)slab_start_worker(index, SLAB_MAINTAIN);
}
