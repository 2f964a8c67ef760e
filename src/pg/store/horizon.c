/*
 * horizon.c - transaction ids: which of them nobody needs any more, and whether some are left.
 *
 * What maintenance gives up is used again once no snapshot is left that may have read the manifest
 * which named it. Only snapshots that can see the index's table count, as for a VACUUM of it: those
 * of its database, of prepared transactions there, and what standbys feed back; not those of other
 * databases, nor what logical decoding needs of the catalogs.
 */
#include "postgres.h"

#include "access/table.h"
#include "access/transam.h"
#include "storage/lwlock.h"
#include "storage/proc.h"
#include "storage/procarray.h"
#include "utils/rel.h"

#include "base/compat.h"
#include "store/manifest.h"

/* The full transaction id of a short one that is not younger than the next id, and not 2^31 older.
 */
static uint64 full_id(TransactionId id, FullTransactionId next) {
    uint64 back = (uint32)(XidFromFullTransactionId(next) - id);

    return back > U64FromFullTransactionId(next) ? 0 : U64FromFullTransactionId(next) - back;
}

/*
 * Nobody else sees a temporary table, or one that this transaction made; so the server asks for
 * nobody's snapshots there. But this session's own cursors may have read the manifest. VACUUM runs
 * beside no cursor; its own snapshot does not count.
 */
static uint64 removable_locally(TransactionId oldest, FullTransactionId next) {
    TransactionId own = MyProc->xmin;

    if ((MyProc->statusFlags & PROC_IN_VACUUM) != 0)
        return U64FromFullTransactionId(next);
    return TransactionIdIsValid(own) ? Min(full_id(oldest, next), full_id(own, next))
                                     : full_id(oldest, next);
}

uint64 slab_removable_below(Relation index) {
    Relation table = table_open(index->rd_index->indrelid, NoLock);
    TransactionId oldest = GetOldestNonRemovableTransactionId(table);
    FullTransactionId next = ReadNextFullTransactionId(); /* after the oldest: it is not older */
    bool local = RELATION_IS_LOCAL(table);

    table_close(table, NoLock);
    return local ? removable_locally(oldest, next) : full_id(oldest, next);
}

bool slab_ids_are_scarce(void) {
    TransactionId next;
    TransactionId warn;

    LWLockAcquire(XidGenLock, LW_SHARED);
    next = XidFromFullTransactionId(slab_transam->nextXid);
    warn = slab_transam->xidWarnLimit;
    LWLockRelease(XidGenLock);
    return TransactionIdIsValid(warn) && TransactionIdFollowsOrEquals(next, warn);
}
