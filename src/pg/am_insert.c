/*
 * am_insert.c - INSERT: the vector goes behind the last one of the open part, then its record makes
 * it exist.
 *
 * The open part's tail record page stays locked from choosing the slot to writing the record. At
 * most four pages go into one WAL record; a vector on more pages is written by earlier ones. A
 * crash in between leaves bytes no record names, and the next insert writes over them.
 */
#include "postgres.h"

#include "access/generic_xlog.h"
#include "miscadmin.h"
#include "slab.h"
#include "vec.h"

/* A row on its way into the index. */
typedef struct Encoded {
    void *item;
    PgsRecord record;
} Encoded;

/* Writes pages [begin, begin + n) of a placement, and the record too if it has a page, as one WAL
 * record. */
static void write_group(Relation index, const void *meta, const PgsPlacement *placement,
                        uint32 begin, int n, const Encoded *row, Buffer record_buffer) {
    GenericXLogState *xlog = GenericXLogStart(index);
    Buffer buffers[MAX_GENERIC_XLOG_PAGES];
    PgsError error;

    for (int i = 0; i < n; i++) {
        bool fresh;
        Page page;

        buffers[i] = slab_read_buffer(index, placement->first_block + begin + i,
                                      BUFFER_LOCK_EXCLUSIVE, NULL, &fresh);
        page = GenericXLogRegisterBuffer(xlog, buffers[i], 0);
        slab_check_status(
            index, pgs_slab_write(meta, placement, begin + i, row->item, page, fresh, &error),
            &error);
    }
    if (BufferIsValid(record_buffer))
        pgs_record_append(GenericXLogRegisterBuffer(xlog, record_buffer, 0), &row->record);
    GenericXLogFinish(xlog);
    for (int i = 0; i < n; i++)
        UnlockReleaseBuffer(buffers[i]);
}

/* Fills the index-th slot of the record page, which is locked and has it free. */
static void fill_slot(Relation index, const void *meta, const PgsRecordPage *where, uint32 slot,
                      const Encoded *row, Buffer record_buffer) {
    PgsPlacement placement = pgs_place(meta, where, slot);
    uint32 done = 0;

    /* All but what fits one WAL record together with the record page. */
    while (placement.blocks - done > MAX_GENERIC_XLOG_PAGES - 1) {
        write_group(index, meta, &placement, done, MAX_GENERIC_XLOG_PAGES, row, InvalidBuffer);
        done += MAX_GENERIC_XLOG_PAGES;
    }
    write_group(index, meta, &placement, done, placement.blocks - done, row, record_buffer);
}

/* Tries to put the row on the given record page of the open part; false when the page is full. */
static bool append_to_page(Relation index, const void *meta, uint32 sequence, const Encoded *row) {
    PgsRecordPage where = pgs_open_record_page(meta, sequence);
    bool fresh;
    Buffer buffer = slab_read_buffer(index, where.block, BUFFER_LOCK_EXCLUSIVE, NULL, &fresh);
    uint32 count;
    PgsError error;
    bool has_room;

    slab_check_status(
        index, pgs_record_page_check(meta, &where, BufferGetPage(buffer), fresh, &count, &error),
        &error);
    has_room = count < where.capacity;
    if (has_room)
        fill_slot(index, meta, &where, count, row, buffer);
    UnlockReleaseBuffer(buffer);
    return has_room;
}

static void append(Relation index, SlabCache *cache, const Encoded *row) {
    if (!cache->tail_known) {
        cache->tail = slab_find_tail(index, cache->meta.data);
        cache->tail_known = true;
    }
    for (;;) {
        CHECK_FOR_INTERRUPTS();
        if (cache->tail == pgs_open_record_pages(cache->meta.data))
            slab_grow(index, cache);
        else if (append_to_page(index, cache->meta.data, cache->tail, row))
            return;
        else
            cache->tail++;
    }
}

bool slab_insert(Relation index, Datum *values, bool *isnull, ItemPointer tid, Relation heap,
                 IndexUniqueCheck check_unique, bool index_unchanged, IndexInfo *info) {
    Vec *vec;
    SlabCache *cache;
    Encoded row;

    if (isnull[0])
        return false;
    /* First: reading a toast table may invalidate the relation cache, and with it our own. */
    vec = DatumGetVecP(values[0]);
    cache = slab_cache(index);
    if (vec->dims != cache->info.dims)
        vec_report_different_dims(cache->info.dims, vec->dims);

    row.item = palloc(cache->info.item_bytes);
    if (pgs_encode(cache->meta.data, vec->values, slab_tid(tid), row.item, &row.record))
        append(index, cache, &row);
    pfree(row.item);
    if ((Pointer)vec != DatumGetPointer(values[0]))
        pfree(vec);
    return false;
}
