/*
 * give_way.c - the maintenance lock, and who maintenance ends early for.
 *
 * Maintenance may take minutes, during which it holds locks that are only ever asked for by who
 * changes or drops the table. The server has autovacuum give way by cancelling it; a background
 * worker of ours it does not know as one. So a worker looks now and then whether anybody waits for
 * what it holds, and then ends: what it was writing is given up as after an error, and what is due
 * stays due. Maintenance that a user called for goes on, unless a VACUUM that is to prevent
 * transaction id wraparound waits for it, which must not be kept waiting by anything that can be
 * repeated.
 */
#include "postgres.h"

#include "catalog/pg_database.h"
#include "miscadmin.h"
#include "portability/instr_time.h"
#include "storage/lmgr.h"
#include "storage/lock.h"
#include "storage/lwlock.h"
#include "storage/proc.h"

#include "base/compat.h"
#include "store/give_way.h"
#include "store/page.h"

/* Between two looks at who waits, and at who wants the database. */
#define LOOK_MS 100
#define LOOK_AT_DATABASE_MS 1000

typedef enum Yield { TO_NOBODY, TO_WRAPAROUND, TO_EVERYBODY } Yield;

/* Whose maintenance lock this process took last. An error may have let go of it since. */
typedef struct Held {
    Yield yield;
    LOCKTAG lock;
    LockRelId index;
    Oid table;
    char name[NAMEDATALEN];
} Held;

static Held held;
static bool is_worker;
static bool gave_way;

/* ---- the lock ---- */

static void note_lock(Relation index, Yield yield) {
    held.index = index->rd_lockInfo.lockRelId;
    SET_LOCKTAG_PAGE(held.lock, held.index.dbId, held.index.relId, SLAB_META_BLOCK);
    held.table = index->rd_index->indrelid;
    strlcpy(held.name, RelationGetRelationName(index), sizeof held.name);
    held.yield = yield;
}

void slab_lock_maintenance(Relation index) {
    LockPage(index, SLAB_META_BLOCK, ExclusiveLock);
    note_lock(index, TO_WRAPAROUND);
}

/* Only a worker has to look who waits: an insert that flushes is done soon, and autovacuum is
 * cancelled by the server. */
bool slab_try_lock_maintenance(Relation index) {
    if (!ConditionalLockPage(index, SLAB_META_BLOCK, ExclusiveLock))
        return false;
    note_lock(index, is_worker ? TO_EVERYBODY : TO_NOBODY);
    return true;
}

void slab_unlock_maintenance(Relation index) {
    held.yield = TO_NOBODY;
    UnlockPage(index, SLAB_META_BLOCK, ExclusiveLock);
}

/* ---- who waits ---- */

/* The flag is set before a VACUUM waits for anything, and stays until it has ended. */
static bool is_for_wraparound(const PGPROC *process) {
    return (process->statusFlags & PROC_VACUUM_FOR_WRAPAROUND) != 0;
}

static bool is_anybody(const PGPROC *process) {
    return true;
}

/*
 * Whether a process that counts waits for a lock that this one holds in the given mode.
 * LockHasWaiters() does not answer that for locks that were taken by the fast path, as those on
 * tables and indexes are.
 *
 * Who waits for the lock says so under the lock of its partition, so nobody is missed. Another
 * lock that somebody waits for may change meanwhile; it is somewhere in shared memory all the same
 * and does not become ours, which is in this partition.
 */
static bool is_waited_for(const LOCKTAG *tag, LOCKMODE mode,
                          bool (*counts)(const PGPROC *process)) {
    LWLock *partition = LockHashPartitionLock(LockTagHashCode(tag));
    bool found = false;

    LWLockAcquire(partition, LW_SHARED);
    for (uint32 i = 0; i < ProcGlobal->allProcCount && !found; i++) {
        volatile PGPROC *process = &ProcGlobal->allProcs[i];
        const LOCK *lock = process->waitLock;

        found = lock != NULL && memcmp(&lock->tag, tag, sizeof *tag) == 0 &&
                DoLockModesConflict(process->waitLockMode, mode) && counts((const PGPROC *)process);
    }
    LWLockRelease(partition);
    return found;
}

/* Who builds or drops an index CONCURRENTLY, or makes a logical replication slot, waits for
 * transactions to end, not for their locks. */
static bool is_transaction_waited_for(void) {
    VirtualTransactionId id;
    LOCKTAG tag;

    GET_VXID_FROM_PGPROC(id, *MyProc);
    SET_LOCKTAG_VIRTUALTRANSACTION(tag, id);
    if (is_waited_for(&tag, ExclusiveLock, is_anybody))
        return true;
    if (!TransactionIdIsValid(MyProc->xid))
        return false;
    SET_LOCKTAG_TRANSACTION(tag, MyProc->xid);
    return is_waited_for(&tag, ExclusiveLock, is_anybody);
}

/* DROP DATABASE, and CREATE DATABASE from this one as a template, wait a few seconds for everybody
 * to leave, with a lock on the database that lets nobody in. */
static bool is_database_wanted(void) {
    LOCKTAG tag;

    SET_LOCKTAG_OBJECT(tag, InvalidOid, DatabaseRelationId, MyDatabaseId, 0);
    if (LockAcquire(&tag, RowExclusiveLock, false, true) == LOCKACQUIRE_NOT_AVAIL)
        return true;
    LockRelease(&tag, RowExclusiveLock, false);
    return false;
}

/* True at most once in so many milliseconds, of which last remembers when. */
static bool is_time(instr_time *last, double ms) {
    instr_time now;
    instr_time elapsed;

    INSTR_TIME_SET_CURRENT(now);
    elapsed = now;
    INSTR_TIME_SUBTRACT(elapsed, *last);
    if (!INSTR_TIME_IS_ZERO(*last) && INSTR_TIME_GET_MILLISEC(elapsed) < ms)
        return false;
    *last = now;
    return true;
}

/* ---- giving way ---- */

/* The error ends up in the worker's main function, which logs it as a message, not as an error. */
static void end_worker(const char *name, const char *reason) {
    gave_way = true;
    ereport(ERROR, errcode(ERRCODE_QUERY_CANCELED),
            errmsg("maintenance of index \"%s\" ends early because %s", name, reason));
}

static void give_way_to_everybody(void) {
    LOCKTAG table;
    LOCKTAG index;

    SET_LOCKTAG_RELATION(table, held.index.dbId, held.table);
    SET_LOCKTAG_RELATION(index, held.index.dbId, held.index.relId);
    if (is_waited_for(&table, AccessShareLock, is_anybody))
        end_worker(held.name, "somebody waits for a lock on the table");
    if (is_waited_for(&index, RowExclusiveLock, is_anybody))
        end_worker(held.name, "somebody waits for a lock on the index");
    if (is_waited_for(&held.lock, ExclusiveLock, is_anybody))
        end_worker(held.name, "other maintenance waits for it");
    if (is_transaction_waited_for())
        end_worker(held.name, "somebody waits for its transaction to end");
    slab_leave_wanted_database(held.name);
}

static void give_way_to_wraparound(void) {
    if (!is_waited_for(&held.lock, ExclusiveLock, is_for_wraparound))
        return;
    ereport(ERROR, errcode(ERRCODE_QUERY_CANCELED),
            errmsg("canceling maintenance of index \"%s\" for the sake of VACUUM", held.name),
            errdetail("A VACUUM of its table to prevent transaction id wraparound waits for it."),
            errhint("Repeat the statement when that VACUUM has ended."));
}

void slab_breathe(void) {
    static instr_time last;

    CHECK_FOR_INTERRUPTS();
    if (held.yield == TO_NOBODY || !is_time(&last, LOOK_MS))
        return;
    if (!slab_holds_lock(&held.lock, ExclusiveLock))
        held.yield = TO_NOBODY;
    else if (held.yield == TO_EVERYBODY)
        give_way_to_everybody();
    else
        give_way_to_wraparound();
}

void slab_leave_wanted_database(const char *index_name) {
    static instr_time last;

    if (is_time(&last, LOOK_AT_DATABASE_MS) && is_database_wanted())
        end_worker(index_name, "its database is to be dropped, copied or moved");
}

void slab_give_way_as_worker(void) {
    is_worker = true;
}

bool slab_gave_way(void) {
    return gave_way;
}
