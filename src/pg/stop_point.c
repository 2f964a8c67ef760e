/*
 * stop_point.c - holding a process where a test wants it.
 */
#include "postgres.h"

#include "stop_point.h"

#ifdef PGSLAB_STOP_POINTS

#include "miscadmin.h"
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

void slab_stop_point(const char *name) {
    /* Whoever holds a lightweight lock, such as a page's, holds off interrupts. */
    if (InterruptHoldoffCount > 0 || CritSectionCount > 0)
        elog(ERROR, "stop point \"%s\" was reached with a page locked", name);
    if (strcmp(fail_at_setting, name) == 0)
        ereport(ERROR, errcode(ERRCODE_INTERNAL_ERROR), errmsg("failed at stop point \"%s\"", name),
                errdetail("slab.fail_at names it."));
    if (strcmp(stop_at_setting, name) == 0)
        wait_for_lock();
}

#endif
