/*
 * stop_point.c - holding a process where a test wants it.
 */
#include "postgres.h"

#include "base/stop_point.h"

#ifdef PGSLAB_STOP_POINTS

#include "miscadmin.h"
#include "pgstat.h"
#include "storage/lock.h"
#include "utils/guc.h"

static char *stop_at_setting;
static char *fail_at_setting;

void slab_init_stop_points(void) {
    DefineCustomStringVariable("slab.stop_at", "Stop point at which to wait for a lock.", NULL,
                               &stop_at_setting, "", PGC_USERSET, GUC_NOT_IN_SAMPLE, NULL, NULL,
                               NULL);
    DefineCustomStringVariable("slab.fail_at", "Stop point at which to raise an error.", NULL,
                               &fail_at_setting, "", PGC_USERSET, GUC_NOT_IN_SAMPLE, NULL, NULL,
                               NULL);
}

/* The lock is one that sessions take by SQL, so whoever watches locks sees who waits for whom. */
static void wait_for_lock(void) {
    LOCKTAG tag;

    SET_LOCKTAG_ADVISORY(tag, MyDatabaseId, 0, SLAB_STOP_LOCK, 1);
    (void)LockAcquire(&tag, ShareLock, false, false);
    LockRelease(&tag, ShareLock, false);
}

static bool is_held(const LOCKTAG *tag) {
    LockData *locks = GetLockStatusData();
    bool held = false;

    for (int i = 0; i < locks->nelements; i++) {
        const LockInstanceData *lock = &locks->locks[i];

        held |= memcmp(&lock->locktag, tag, sizeof *tag) == 0 &&
                (lock->holdMask & LOCKBIT_ON(ExclusiveLock)) != 0;
    }
    return held;
}

/* The same without asking for the lock, which leaves no trace in pg_locks. */
static void wait_while_lock_is_held(void) {
    LOCKTAG tag;

    SET_LOCKTAG_ADVISORY(tag, MyDatabaseId, 0, SLAB_STOP_LOCK, 1);
    pgstat_report_wait_start(PG_WAIT_LOCK | LOCKTAG_ADVISORY);
    while (is_held(&tag)) {
        CHECK_FOR_INTERRUPTS();
        pg_usleep(5000);
    }
    pgstat_report_wait_end();
}

void slab_stop_point(const char *name, bool no_lock) {
    /* Whoever holds a lightweight lock, such as a page's, holds off interrupts. */
    if (InterruptHoldoffCount > 0 || CritSectionCount > 0)
        elog(ERROR, "stop point \"%s\" was reached with a page locked", name);
    if (strcmp(fail_at_setting, name) == 0)
        ereport(ERROR, errcode(ERRCODE_INTERNAL_ERROR), errmsg("failed at stop point \"%s\"", name),
                errdetail("slab.fail_at names it."));
    if (strcmp(stop_at_setting, name) == 0)
        no_lock ? wait_while_lock_is_held() : wait_for_lock();
}

#endif
