/*
 * worker.c - a background worker that maintains one index and ends.
 *
 * Whoever notices that an index needs work asks for one, so nothing has to be preloaded and nothing
 * runs where there is nothing to do. A request that finds no worker free is forgotten: the need
 * stays, and the next insert notices it again. So it does when a worker has ended early because
 * somebody waited for it (store/give_way.c).
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/parallel.h"
#include "access/relation.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/index.h"
#include "commands/defrem.h"
#include "commands/vacuum.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "portability/instr_time.h"
#include "postmaster/autovacuum.h"
#include "postmaster/bgworker.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "storage/lmgr.h"
#include "storage/proc.h"
#include "tcop/tcopprot.h"
#include "utils/backend_status.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"
#include "utils/wait_event.h"

#include "base/compat.h"
#include "base/owner.h"
#include "learn/learn.h"
#include "maintain/maintain.h"
#include "store/give_way.h"
#include "store/identity.h"
#include "store/manifest.h"

/* A backend asks for a worker for the same index at most so often. */
#define LEAST_INTERVAL_MS 1000

/* A worker rests while it waits for others to end. For snapshots that are older than what a move
 * gave up it rests so many times at most. */
#define REST_MS 100
#define MOST_RESTS 50

/* An auditor begins with no sample after this. */
#define MOST_AUDITING_MS 1000

/* Indexes of which a backend remembers when it last asked, each at the place its OID gives it. */
#define REMEMBERED_INDEXES 16

typedef struct Request {
    Oid index;
    SlabErrand errand;
    TimestampTz at;
} Request;

static Request requests[REMEMBERED_INDEXES];

/* Of this worker. */
static SlabErrand errand_at_hand;

static SlabSample *sample_at_hand;

/* Notes that a worker for the index is asked for now; false if one was a moment ago. */
static bool note_request(Oid index, SlabErrand errand) {
    Request *request = &requests[(index + (Oid)errand) % REMEMBERED_INDEXES];
    TimestampTz now = GetCurrentTimestamp();

    if (request->index == index && request->errand == errand &&
        !TimestampDifferenceExceeds(request->at, now, LEAST_INTERVAL_MS))
        return false;
    request->index = index;
    request->errand = errand;
    request->at = now;
    return true;
}

/* What a worker is told besides the index. */
typedef struct Orders {
    Oid database;
    SlabErrand errand;
} Orders;

static bool register_worker(Oid index, Orders orders) {
    BackgroundWorker worker = {0};

    StaticAssertStmt(sizeof orders <= BGW_EXTRALEN, "a worker can be told");

    snprintf(worker.bgw_name, BGW_MAXLEN, "slab worker for index %u", index);
    snprintf(worker.bgw_type, BGW_MAXLEN, "slab worker");
    snprintf(worker.bgw_library_name, BGW_MAXLEN, "$libdir/pgslab");
    snprintf(worker.bgw_function_name, BGW_MAXLEN, "slab_worker_main");
    worker.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION;
    worker.bgw_start_time = BgWorkerStart_RecoveryFinished;
    worker.bgw_restart_time = BGW_NEVER_RESTART;
    worker.bgw_main_arg = ObjectIdGetDatum(index);
    memcpy(worker.bgw_extra, &orders, sizeof orders);
    return RegisterDynamicBackgroundWorker(&worker, NULL);
}

bool slab_start_worker(Relation index, SlabErrand errand) {
    const char *name = RelationGetRelationName(index);
    Orders orders = {MyDatabaseId, errand};

    if (index->rd_rel->relpersistence == RELPERSISTENCE_TEMP)
        ereport(DEBUG1, errmsg_internal("no worker for index \"%s\": it is temporary", name));
    else if (IsParallelWorker())
        ereport(DEBUG1, errmsg_internal("no worker for index \"%s\" from a parallel worker", name));
    else if (errand == SLAB_GIVE_BACK || note_request(RelationGetRelid(index), errand)) {
        if (register_worker(RelationGetRelid(index), orders))
            return true;
        ereport(DEBUG1, errmsg_internal("no worker for index \"%s\": none is free", name));
    }
    return false;
}

/* The same limits on reading and writing as for autovacuum. */
static void limit_costs(void) {
    slab_vacuum_cost_delay =
        autovacuum_vac_cost_delay >= 0 ? autovacuum_vac_cost_delay : VacuumCostDelay;
    slab_vacuum_cost_limit =
        autovacuum_vac_cost_limit > 0 ? autovacuum_vac_cost_limit : VacuumCostLimit;
    VacuumCostActive = slab_vacuum_cost_delay > 0;
    VacuumCostBalance = 0;
}

/* The index with RowExclusiveLock and its table's lock, or NULL. It may have gone, and so may the
 * table, or be locked by somebody who changes them: then the work can wait. */
static Relation open_quietly(Oid index_oid) {
    Oid table = IndexGetRelation(index_oid, true);
    Relation index;

    if (!OidIsValid(table) || !ConditionalLockRelationOid(table, AccessShareLock) ||
        !ConditionalLockRelationOid(index_oid, RowExclusiveLock))
        return NULL;
    index = try_relation_open(index_oid, NoLock);
    if (index == NULL)
        return NULL;
    if (index->rd_rel->relkind != RELKIND_INDEX || !slab_is_access_method(index->rd_rel->relam) ||
        !index->rd_index->indisvalid || !index->rd_index->indisready ||
        index->rd_index->indrelid != table) {
        relation_close(index, NoLock);
        return NULL;
    }
    return index;
}

/* Whoever may act as the table's owner sees the worker and can end it, as if it were a session of
 * that role's. Connecting as the owner would fail where that role may not log in. */
static void answer_to_owner(Oid owner) {
    volatile PgBackendStatus *entry = MyBEEntry;

    MyProc->roleId = owner; /* what pg_cancel_backend() goes by */
    if (entry == NULL)
        return;
    PGSTAT_BEGIN_WRITE_ACTIVITY(entry);
    entry->st_userid = owner; /* and pg_stat_activity */
    PGSTAT_END_WRITE_ACTIVITY(entry);
}

static void report_activity(Relation index) {
    char activity[NAMEDATALEN * 2 + 64];

    snprintf(activity, sizeof activity, "slab: %s index \"%s.%s\"",
             errand_at_hand == SLAB_LEARN ? "auditing queries of" : "maintaining",
             get_namespace_name(RelationGetNamespace(index)), RelationGetRelationName(index));
    pgstat_report_activity(STATE_RUNNING, activity);
}

/* What is done in one transaction, for a goal if it is part of one. */
typedef bool (*Operation)(Relation index, PgsGoal *goal);

/* As the table's owner, who may be anybody, and without leave to change the session. */
static bool run_as_owner(Relation index, Operation operation, PgsGoal *goal) {
    Relation table = table_open(index->rd_index->indrelid, NoLock);
    SlabSecurity outside;
    bool result;

    answer_to_owner(table->rd_rel->relowner);
    report_activity(index);
    slab_enter_owner(table, &outside);
    /* Or what was looked up so far would keep VACUUM from removing rows until the work is done. */
    InvalidateCatalogSnapshot();
    result = operation(index, goal);
    slab_leave_owner(&outside);
    table_close(table, NoLock);
    return result;
}

/* In a transaction of its own. Returns what the operation does; false if it cannot be. */
static bool in_transaction(Oid index_oid, Operation operation, PgsGoal *goal) {
    Relation index;
    bool result = false;

    SetCurrentStatementStartTimestamp();
    StartTransactionCommand();
    index = open_quietly(index_oid);
    if (index != NULL) {
        slab_leave_wanted_database(RelationGetRelationName(index));
        result = run_as_owner(index, operation, goal);
        relation_close(index, NoLock);
    } else
        ereport(DEBUG1,
                errmsg_internal("index %u is gone, locked or not to be maintained", index_oid));
    CommitTransactionCommand();
    return result;
}

/* Outside of a transaction, so no lock is held that anybody could wait for. */
static void rest(void) {
    pgstat_report_activity(STATE_IDLE, NULL);
    (void)WaitLatch(MyLatch, WL_TIMEOUT | WL_LATCH_SET | WL_EXIT_ON_PM_DEATH, REST_MS,
                    PG_WAIT_EXTENSION);
    ResetLatch(MyLatch);
    CHECK_FOR_INTERRUPTS();
}

/* Who vacuums a table has its indexes open, and so they cannot be cut. To wait in the lock's queue
 * would cancel an autovacuum, and keep others waiting. */
static bool is_being_vacuumed(Relation index, PgsGoal *goal) {
    return !ConditionalLockRelationOid(index->rd_index->indrelid, ShareUpdateExclusiveLock);
}

static bool is_being_maintained(Relation index, PgsGoal *goal) {
    if (!slab_try_lock_maintenance(index))
        return true;
    slab_unlock_maintenance(index);
    return false;
}

/* Waits until nobody else vacuums the table or maintains the index: what a worker was sent for must
 * not be left undone because somebody was at it. */
static void wait_for_turn(Oid index_oid) {
    while (in_transaction(index_oid, is_being_vacuumed, NULL))
        rest();
    while (in_transaction(index_oid, is_being_maintained, NULL))
        rest();
}

static bool waits_for_snapshots(Relation index, PgsGoal *goal) {
    return slab_waits_for_snapshots(index);
}

static bool cut_off(Relation index, PgsGoal *goal) {
    slab_cut_off(index);
    return true;
}

/* Waits for the snapshots that may need what was given up, most of which are of short queries.
 * False if some last longer. */
static bool let_snapshots_end(Oid index_oid) {
    for (int rests = 0; in_transaction(index_oid, waits_for_snapshots, NULL); rests++) {
        if (rests == MOST_RESTS)
            return false;
        rest();
    }
    return true;
}

/* A job a transaction: what one gives up is free for the next. */
static void do_what_is_due(Oid index_oid) {
    PgsGoal goal = {.kind = PGS_GOAL_AUTOMATIC};

    while (in_transaction(index_oid, slab_do_one_job, &goal))
        CHECK_FOR_INTERRUPTS();
}

static void give_back(Oid index_oid) {
    PgsGoal goal = {.kind = PGS_GOAL_SHRINK};
    bool all_ended;

    do {
        all_ended = let_snapshots_end(index_oid);
        (void)in_transaction(index_oid, cut_off, NULL);
    } while (all_ended && in_transaction(index_oid, slab_do_one_job, &goal));
}

static bool learn_from_sample(Relation index, PgsGoal *goal) {
    slab_learn_from(index, sample_at_hand);
    return true;
}

static double ms_since(instr_time begin) {
    instr_time now;

    INSTR_TIME_SET_CURRENT(now);
    INSTR_TIME_SUBTRACT(now, begin);
    return INSTR_TIME_GET_MILLISEC(now);
}

/* Audits what there is of this database, for a while. */
static void audit_queries(void) {
    instr_time begin;

    if (!slab_become_auditor())
        return;
    INSTR_TIME_SET_CURRENT(begin);
    sample_at_hand = MemoryContextAlloc(TopMemoryContext, sizeof *sample_at_hand);
    while (ms_since(begin) < MOST_AUDITING_MS && slab_take_sample(sample_at_hand))
        (void)in_transaction(sample_at_hand->index, learn_from_sample, NULL);
    explicit_bzero(sample_at_hand, sizeof *sample_at_hand);
    slab_end_audits();
}

static void do_errand(Oid index_oid, SlabErrand errand) {
    errand_at_hand = errand;
    switch (errand) {
        case SLAB_MAINTAIN:
            do_what_is_due(index_oid);
            break;
        case SLAB_GIVE_BACK:
            wait_for_turn(index_oid);
            do_what_is_due(index_oid);
            give_back(index_oid);
            break;
        case SLAB_LEARN:
            audit_queries();
            break;
    }
}

/* The worker gives way: its transaction is aborted, and the next maintenance takes back what was
 * being written. */
static void end_early(void) {
    ErrorData *error;

    MemoryContextSwitchTo(TopMemoryContext);
    error = CopyErrorData();
    FlushErrorState();
    AbortCurrentTransaction();
    ereport(LOG, errmsg_internal("%s", error->message));
}

pg_noreturn extern PGDLLEXPORT void slab_worker_main(Datum main_arg);

void slab_worker_main(Datum main_arg) {
    Orders orders;

    memcpy(&orders, MyBgworkerEntry->bgw_extra, sizeof orders);
    pqsignal(SIGTERM, die);
    BackgroundWorkerUnblockSignals();
    BackgroundWorkerInitializeConnectionByOid(orders.database, InvalidOid, 0);
    limit_costs();
    slab_give_way_as_worker();

    PG_TRY();
    { do_errand(DatumGetObjectId(main_arg), orders.errand); }
    PG_CATCH();
    {
        if (!slab_gave_way())
            PG_RE_THROW(); /* to the server, which reports it */
        end_early();
    }
    PG_END_TRY();
    proc_exit(0);
}
