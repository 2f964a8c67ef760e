/*
 * killed.c - rows that a scan has found dead to everybody, which it flags when it ends.
 */
#include "postgres.h"

#include "access/generic_xlog.h"
#include "access/xlog.h"

#include "am/killed.h"
#include "pgslab/scan.h"
#include "store/page.h"

/* Dead rows remembered until the scan ends; further ones are left to VACUUM. */
#define MAX_KILLED 1024

void slab_remember_killed(SlabKilled *killed, uint64 slot) {
    if (slot == PGS_NO_SLOT)
        return;
    if (killed->slots == NULL)
        killed->slots = MemoryContextAlloc(killed->context, MAX_KILLED * sizeof(uint64));
    if (killed->count < MAX_KILLED)
        killed->slots[killed->count++] = slot;
}

/* Where they are. */
typedef struct Place {
    Relation index;
    const void *meta;
    SlabFindRecord find;
    const void *scan;
} Place;

/*
 * Flags the records of these slots that lie on the first one's page; returns how many. Logged,
 * unlike the hints of other access methods: a later record of the page carries only what it
 * changes, so a replica would never see an unlogged one.
 */
static uint32 kill_on_page(const Place *place, const uint64 *slots, uint32 n) {
    uint32 index;
    PgsRecordPage where = place->find(place->scan, slots[0], &index);
    uint32 done = 0;
    Buffer buffer = slab_read_buffer(place->index, where.block, BUFFER_LOCK_EXCLUSIVE, NULL);
    GenericXLogState *xlog = GenericXLogStart(place->index);
    Page page = GenericXLogRegisterBuffer(xlog, buffer, 0);

    (void)slab_check_records(place->index, place->meta, &where, page);
    for (; done < n && place->find(place->scan, slots[done], &index).block == where.block; done++)
        pgs_record_set_flags(page, index, PGS_KILLED);
    GenericXLogFinish(xlog);
    UnlockReleaseBuffer(buffer);
    return done;
}

static int compare_slots(const void *a, const void *b) {
    uint64 left = *(const uint64 *)a;
    uint64 right = *(const uint64 *)b;

    return left < right ? -1 : left > right;
}

void slab_flag_killed(SlabKilled *killed, Relation index, const void *meta, SlabFindRecord find,
                      const void *scan) {
    Place place = {index, meta, find, scan};

    if (killed->count > 0 && !RecoveryInProgress()) {
        qsort(killed->slots, killed->count, sizeof(uint64), compare_slots);
        for (uint32 i = 0; i < killed->count;)
            i += kill_on_page(&place, killed->slots + i, killed->count - i);
    }
    killed->count = 0;
}
