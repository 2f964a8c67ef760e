/*
 * insert_document.c - INSERT into an index by terms: a document takes as many slots of the open
 * part as its pieces need, one behind the other, and exists when the last of their records does.
 *
 * Encoding comes first, under no lock. Then it is seen to that the part has room for all of it
 * behind the slots in use, and the record page of the first is locked. Where a document goes on
 * behind that page, the next one is locked before this one is let go, so that nobody's records come
 * in between. Pieces are written before their records, and at most four pages go into one WAL
 * record. A crash in between leaves pieces without a last one, which nobody heeds.
 */
#include "postgres.h"

#include "access/generic_xlog.h"
#include "miscadmin.h"

#include "am/am.h"
#include "base/type_info.h"
#include "keys/keys.h"
#include "maintain/maintain.h"
#include "pgslab/inverted.h"
#include "store/error.h"
#include "store/open_part.h"
#include "store/options.h"
#include "store/page.h"
#include "store/write.h"

/* A document as it is written. */
typedef struct Encoded {
    uint64 slots;
    char *records; /* so many of each, one after the other */
    char *pieces;
    uint32 record_bytes;
    uint32 piece_bytes;
} Encoded;

/* ---- writing ---- */

/* Some slots of a document, and where they go: from the first-th of a record page on. */
typedef struct Batch {
    const char *records;
    const char *pieces;
    uint32 slots;
    PgsPlacement placement; /* of the pieces */
} Batch;

/* The i-th page of the pieces, locked and in order. */
static Buffer lock_pieces(Relation index, const void *meta, const Batch *batch, uint32 i) {
    Buffer buffer =
        slab_read_buffer(index, batch->placement.first_block + i, BUFFER_LOCK_EXCLUSIVE, NULL);
    PgsError error;

    slab_check_read(index, meta,
                    pgs_item_page_check(meta, &batch->placement, i, BufferGetPage(buffer), &error),
                    &error);
    return buffer;
}

/* Writes pages [begin, begin + n) of the pieces, and the records too if they have a page, as one
 * WAL record. */
static void write_group(Relation index, const void *meta, const Batch *batch, uint32 begin, int n,
                        Buffer record_buffer) {
    SlabChange changes[MAX_GENERIC_XLOG_PAGES];
    int pages = n;

    for (int i = 0; i < n; i++)
        changes[i].buffer = lock_pieces(index, meta, batch, begin + i);
    if (BufferIsValid(record_buffer))
        changes[pages++].buffer = record_buffer;

    START_CRIT_SECTION();
    for (int i = 0; i < pages; i++) {
        Page page = BufferGetPage(changes[i].buffer);

        changes[i].bytes = i < n ? pgs_pieces_write(meta, &batch->placement, begin + i,
                                                    batch->pieces, batch->slots, page)
                                 : pgs_records_append(page, batch->records, batch->slots);
        MarkBufferDirty(changes[i].buffer);
    }
    if (RelationNeedsWAL(index))
        slab_log_changes(changes, pages);
    END_CRIT_SECTION();

    for (int i = 0; i < n; i++)
        UnlockReleaseBuffer(changes[i].buffer);
}

/* Writes them; the record page is locked and has room for them. */
static void write_batch(Relation index, const void *meta, const Batch *batch,
                        Buffer record_buffer) {
    uint32 done = 0;

    /* All but what fits one WAL record together with the record page. */
    for (; batch->placement.blocks - done > MAX_GENERIC_XLOG_PAGES - 1;
         done += MAX_GENERIC_XLOG_PAGES)
        write_group(index, meta, batch, done, MAX_GENERIC_XLOG_PAGES, InvalidBuffer);
    write_group(index, meta, batch, done, batch->placement.blocks - done, record_buffer);
}

/* A record page behind the open part's tail, locked; without a record. */
static Buffer lock_empty(Relation index, const void *meta, const PgsRecordPage *where) {
    Buffer buffer = slab_read_buffer(index, where->block, BUFFER_LOCK_EXCLUSIVE, NULL);
    PgsError error = {PGS_CORRUPT, where->block,
                      "the record page has records, one before it has room"};

    if (slab_check_records(index, meta, where, BufferGetPage(buffer)) > 0)
        slab_raise_read(index, meta, error.status, &error);
    return buffer;
}

/* Fills slots from the count-th of the record page on, which is locked, as are those then that the
 * document goes on to. Returns the last of them, its number in *sequence and how many records it
 * has then in *count. */
static Buffer fill_slots(Relation index, const void *meta, const Encoded *encoded, Buffer buffer,
                         uint32 *sequence, uint32 *count) {
    uint64 done = 0;

    for (;;) {
        PgsRecordPage where = pgs_open_record_page(meta, *sequence);
        Batch batch = {.records = encoded->records + done * encoded->record_bytes,
                       .pieces = encoded->pieces + done * encoded->piece_bytes,
                       .slots = (uint32)Min(encoded->slots - done, where.capacity - *count)};
        Buffer next;

        batch.placement = pgs_place_pieces(meta, &where, *count, batch.slots);
        write_batch(index, meta, &batch, buffer);
        done += batch.slots;
        *count += batch.slots;
        if (done == encoded->slots)
            return buffer;
        where = pgs_open_record_page(meta, *sequence + 1);
        next = lock_empty(index, meta, &where);
        UnlockReleaseBuffer(buffer);
        buffer = next;
        ++*sequence;
        *count = 0;
    }
}

/* ---- finding room ---- */

typedef enum Outcome { APPENDED, PAGE_FULL, PART_FULL, PART_CLOSED } Outcome;

static uint64 slots_of_part(const void *meta) {
    return pgs_open_slots_before(meta, pgs_open_record_pages(meta));
}

/* Tries to put the document behind what is on the record page where the open part ends, as far as
 * the cache knows; if that succeeds the cache knows where it ends now, and *slots is how many of it
 * are in use. */
static Outcome append_to_tail(Relation index, SlabCache *cache, const Encoded *encoded,
                              uint64 *slots) {
    const void *meta = cache->meta.data;
    uint32 sequence = cache->tail;
    PgsRecordPage where = pgs_open_record_page(meta, sequence);
    Buffer buffer = slab_read_buffer(index, where.block, BUFFER_LOCK_EXCLUSIVE, NULL);
    uint32 count = slab_check_records(index, meta, &where, BufferGetPage(buffer));
    Outcome outcome = APPENDED;

    if (count == where.capacity)
        outcome = PAGE_FULL;
    else if (pgs_record_page_closed(BufferGetPage(buffer)))
        outcome = PART_CLOSED;
    else if (slots_of_part(meta) - cache->before_tail - count < encoded->slots)
        outcome = PART_FULL;
    else
        buffer = fill_slots(index, meta, encoded, buffer, &sequence, &count);
    UnlockReleaseBuffer(buffer);
    if (outcome == APPENDED) {
        if (sequence != cache->tail)
            slab_set_tail(cache, sequence);
        *slots = cache->before_tail + count;
    }
    return outcome;
}

static uint64 append(Relation index, SlabCache *cache, const Encoded *encoded) {
    uint64 slots;

    for (;;) {
        CHECK_FOR_INTERRUPTS();
        if (!cache->tail_known)
            slab_set_tail(cache, slab_find_tail(index, cache->meta.data));
        if (cache->tail == pgs_open_record_pages(cache->meta.data)) {
            slab_grow(index, cache);
            continue;
        }
        switch (append_to_tail(index, cache, encoded, &slots)) {
            case APPENDED:
                return slots;
            case PAGE_FULL:
                slab_set_tail(cache, cache->tail + 1);
                break;
            case PART_FULL:
                slab_grow(index, cache);
                break;
            case PART_CLOSED:
                slab_leave_closed_part(index, cache);
                break;
        }
    }
}

/* ---- a document ---- */

/* False when it is not one to be indexed. */
static bool encode(const void *meta, const SlabDocument *document, const uint64 *keys,
                   ItemPointer tid, Encoded *encoded) {
    encoded->slots = pgs_document_slots(meta, document->terms, document->count);
    encoded->record_bytes = pgs_document_record_bytes(meta);
    encoded->piece_bytes = pgs_document_piece_bytes(meta);
    encoded->records = palloc_extended(encoded->slots * encoded->record_bytes, MCXT_ALLOC_HUGE);
    encoded->pieces = palloc_extended(encoded->slots * encoded->piece_bytes, MCXT_ALLOC_HUGE);
    return pgs_document_encode(meta, document->terms, document->count, keys, slab_tid(tid),
                               encoded->records, encoded->pieces);
}

void slab_insert_document(Relation index, const Datum *values, const bool *isnull,
                          ItemPointer tid) {
    const SlabTypeInfo *type = slab_type_info(index);
    uint64 keys[SLAB_MOST_KEYS];
    SlabDocument document;
    SlabCache *cache;
    Encoded encoded;

    /* First: reading a toast table may invalidate the relation cache, and with it our own. */
    type->documents->read(values[0], &document);
    slab_make_keys(index, values, isnull, keys);
    cache = slab_cache(index);
    slab_check_document_dims(type, &document, cache->info.dims);
    if (encode(cache->meta.data, &document, keys, tid, &encoded)) {
        uint64 slots = append(index, cache, &encoded);

        slab_keep_in_order(index, cache, slots, encoded.slots);
    }
    pfree(encoded.records);
    pfree(encoded.pieces);
    slab_free_document(&document);
}
