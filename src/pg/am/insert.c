/*
 * insert.c - INSERT: the vector and its refinement code go behind the last ones of the open
 * part, then its record makes it exist.
 *
 * Encoding comes first, under no lock. The open part's tail record page stays locked from choosing
 * the slot to writing the record. At most four pages go into one WAL record; of a row on more pages
 * the first are written by earlier ones. A crash in between leaves bytes no record names, and the
 * next insert writes over them.
 */
#include "postgres.h"

#include "access/generic_xlog.h"
#include "miscadmin.h"

#include "am/am.h"
#include "base/type_info.h"
#include "keys/keys.h"
#include "maintain/maintain.h"
#include "pgslab/codebook.h"
#include "pgslab/insert.h"
#include "pgslab/maintain.h"
#include "store/codebook.h"
#include "store/error.h"
#include "store/open_part.h"
#include "store/options.h"
#include "store/page.h"
#include "store/write.h"

/* Where the items of a row go besides its record: to a block after the other of each column. */
typedef struct Targets {
    PgsPlacement column[PGS_MAX_COLUMNS];
    uint32 columns;
    uint32 blocks; /* of all */
} Targets;

static Targets find_targets(const void *meta, const PgsRecordPage *where, uint32 slot) {
    Targets targets = {.columns = pgs_columns(meta) - 1};

    for (uint32 c = 0; c < targets.columns; c++) {
        targets.column[c] = pgs_place(meta, where, slot, c + 1);
        targets.blocks += targets.column[c].blocks;
    }
    return targets;
}

/* What the i-th target is: a block of a placement. */
static const PgsPlacement *find_target(const Targets *targets, uint32 i, uint32 *block) {
    const PgsPlacement *placement = targets->column;

    for (; i >= placement->blocks; placement++)
        i -= placement->blocks;
    *block = i;
    return placement;
}

/* The i-th target's page, locked and in order. */
static Buffer lock_target(Relation index, const void *meta, const Targets *targets, uint32 i) {
    uint32 block;
    const PgsPlacement *placement = find_target(targets, i, &block);
    Buffer buffer =
        slab_read_buffer(index, placement->first_block + block, BUFFER_LOCK_EXCLUSIVE, NULL);
    PgsError error;

    slab_check_read(index, meta,
                    pgs_item_page_check(meta, placement, block, BufferGetPage(buffer), &error),
                    &error);
    return buffer;
}

/* Writes what belongs on the i-th target's page. */
static PgsChange write_target(const void *meta, const Targets *targets, uint32 i, const void *row,
                              Page page) {
    uint32 block;
    const PgsPlacement *placement = find_target(targets, i, &block);

    return pgs_item_write(meta, placement, block, row, page);
}

/* Writes targets [begin, begin + n), and the record too if it has a page, as one WAL record. */
static void write_group(Relation index, const void *meta, const Targets *targets, uint32 begin,
                        int n, const void *row, Buffer record_buffer) {
    SlabChange changes[MAX_GENERIC_XLOG_PAGES];
    int pages = n;

    for (int i = 0; i < n; i++)
        changes[i].buffer = lock_target(index, meta, targets, begin + i);
    if (BufferIsValid(record_buffer))
        changes[pages++].buffer = record_buffer;

    START_CRIT_SECTION();
    for (int i = 0; i < pages; i++) {
        Page page = BufferGetPage(changes[i].buffer);

        changes[i].bytes = i < n ? write_target(meta, targets, begin + i, row, page)
                                 : pgs_record_append(page, row);
        MarkBufferDirty(changes[i].buffer);
    }
    if (RelationNeedsWAL(index))
        slab_log_changes(changes, pages);
    END_CRIT_SECTION();

    for (int i = 0; i < n; i++)
        UnlockReleaseBuffer(changes[i].buffer);
}

/* Fills the index-th slot of the record page, which is locked and has it free. */
static void fill_slot(Relation index, const void *meta, const PgsRecordPage *where, uint32 slot,
                      const void *row, Buffer record_buffer) {
    Targets targets = find_targets(meta, where, slot);
    uint32 done = 0;

    /* All but what fits one WAL record together with the record page. */
    while (targets.blocks - done > MAX_GENERIC_XLOG_PAGES - 1) {
        write_group(index, meta, &targets, done, MAX_GENERIC_XLOG_PAGES, row, InvalidBuffer);
        done += MAX_GENERIC_XLOG_PAGES;
    }
    write_group(index, meta, &targets, done, targets.blocks - done, row, record_buffer);
}

typedef enum Outcome { APPENDED, PAGE_FULL, PART_CLOSED } Outcome;

/* Tries to put the row on the given record page of the open part; *count is its number of records
 * then. */
static Outcome append_to_page(Relation index, const void *meta, uint32 sequence, const void *row,
                              uint32 *count) {
    PgsRecordPage where = pgs_open_record_page(meta, sequence);
    Buffer buffer = slab_read_buffer(index, where.block, BUFFER_LOCK_EXCLUSIVE, NULL);
    Outcome outcome = PAGE_FULL;

    *count = slab_check_records(index, meta, &where, BufferGetPage(buffer));
    if (*count < where.capacity)
        outcome = pgs_record_page_closed(BufferGetPage(buffer)) ? PART_CLOSED : APPENDED;
    if (outcome == APPENDED)
        fill_slot(index, meta, &where, (*count)++, row, buffer);
    UnlockReleaseBuffer(buffer);
    return outcome;
}

/* Appends the row to the open part, of which *slots are in use then. False when another part is
 * open by now: what the row was encoded by may have changed, too. */
static bool append(Relation index, SlabCache *cache, const void *row, uint64 *slots) {
    uint64 part = pgs_open_part(cache->meta.data);

    while (pgs_open_part(cache->meta.data) == part) {
        uint32 count;

        CHECK_FOR_INTERRUPTS();
        if (!cache->tail_known)
            slab_set_tail(cache, slab_find_tail(index, cache->meta.data));
        if (cache->tail == pgs_open_record_pages(cache->meta.data)) {
            slab_grow(index, cache);
            continue;
        }
        switch (append_to_page(index, cache->meta.data, cache->tail, row, &count)) {
            case APPENDED:
                *slots = cache->before_tail + count;
                return true;
            case PAGE_FULL:
                slab_set_tail(cache, cache->tail + 1);
                break;
            case PART_CLOSED:
                slab_leave_closed_part(index, cache);
                return false;
        }
    }
    return false;
}

/* Encodes the vector, float32[dims], and appends it; false when it is not one to be indexed. */
static bool insert(Relation index, SlabCache *cache, const float *vector, const uint64 *keys,
                   ItemPointer tid, uint64 *slots) {
    for (;;) {
        size_t row_bytes;
        PgsEncoder *encoder = slab_encoder(index, cache->meta.data, &row_bytes);
        void *row = palloc(row_bytes);
        uint32 list;
        bool indexed;
        bool done;

        slab_check_status(
            index, pgs_encode_row(encoder, vector, keys, slab_tid(tid), row, &list, &indexed),
            &slab_out_of_memory);
        done = !indexed || append(index, cache, row, slots);
        pfree(row);
        if (done)
            return indexed;
    }
}

bool slab_insert(Relation index, Datum *values, bool *isnull, ItemPointer tid, Relation heap,
                 IndexUniqueCheck check_unique, bool index_unchanged, IndexInfo *info) {
    uint64 keys[SLAB_MOST_KEYS];
    const SlabTypeInfo *type;
    SlabVector vector;
    SlabCache *cache;
    uint64 slots = 0;

    if (isnull[0])
        return false;
    if (slab_is_inverted(index)) {
        slab_insert_document(index, values, isnull, tid);
        return false;
    }
    type = slab_type_info(index);
    /* First: reading a toast table may invalidate the relation cache, and with it our own. */
    type->read(values[0], &vector);
    slab_check_vector(type, &vector);
    slab_make_keys(index, values, isnull, keys);
    cache = slab_cache(index);
    slab_check_dims(type, &vector, cache->info.dims);
    if (insert(index, cache, vector.values, keys, tid, &slots))
        slab_keep_in_order(index, cache, slots, 1);
    slab_free_vector(&vector);
    return false;
}
