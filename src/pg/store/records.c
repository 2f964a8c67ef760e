/*
 * records.c - record pages: how many rows they hold, and where the open part ends.
 */
#include "postgres.h"

#include "pgslab/index.h"
#include "pgslab/insert.h"
#include "store/error.h"
#include "store/page.h"

PgsTid slab_tid(ItemPointer tid) {
    PgsTid result = {ItemPointerGetBlockNumber(tid), ItemPointerGetOffsetNumber(tid)};

    return result;
}

uint32 slab_check_records(Relation index, const void *meta, const PgsRecordPage *where, Page page) {
    uint32 count;
    PgsError error;

    slab_check_read(index, meta, pgs_record_page_check(meta, where, page, &count, &error), &error);
    return count;
}

static uint32 count_records(Relation index, const void *meta, const PgsRecordPage *where) {
    Buffer buffer = slab_read_buffer(index, where->block, BUFFER_LOCK_SHARE, NULL);
    uint32 count = slab_check_records(index, meta, where, BufferGetPage(buffer));

    UnlockReleaseBuffer(buffer);
    return count;
}

/* By bisection, since pages fill in order. */
uint32 slab_find_tail(Relation index, const void *meta) {
    uint32 low = 0;
    uint32 high = pgs_open_record_pages(meta);

    while (low < high) {
        uint32 middle = low + (high - low) / 2;
        PgsRecordPage where = pgs_open_record_page(meta, middle);

        if (count_records(index, meta, &where) == where.capacity)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

uint64 slab_count_open_slots(Relation index, const void *meta) {
    uint32 tail = slab_find_tail(index, meta);
    uint64 slots = pgs_open_slots_before(meta, tail);

    if (tail < pgs_open_record_pages(meta)) {
        PgsRecordPage where = pgs_open_record_page(meta, tail);

        slots += count_records(index, meta, &where);
    }
    return slots;
}

uint64 slab_count_slots(Relation index, const void *meta) {
    PgsMetaInfo info;

    pgs_meta_info(meta, &info);
    return info.sealed_slots + slab_count_open_slots(index, meta);
}
