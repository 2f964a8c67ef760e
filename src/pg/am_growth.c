/*
 * am_growth.c - giving the open part another extent.
 *
 * The extent is reserved on the metapage, formatted, logged, and published on the metapage. What a
 * crash, a cancel or a full disk leaves is a reservation, which the next growth takes up; and a
 * file longer than the metapage knows of, whose blocks are written again. So nothing leaks and no
 * reader meets a page that is not there.
 */
#include "postgres.h"

#include "access/generic_xlog.h"
#include "access/xloginsert.h"
#include "compat.h"
#include "miscadmin.h"
#include "slab.h"
#include "storage/lmgr.h"

typedef PgsStatus (*MetaChange)(void *meta_page, PgsGrowth *growth, PgsError *error);

static PgsStatus reserve(void *meta_page, PgsGrowth *growth, PgsError *error) {
    return pgs_growth_reserve(meta_page, growth, error);
}

static PgsStatus publish(void *meta_page, PgsGrowth *growth, PgsError *error) {
    return pgs_growth_publish(meta_page, growth, error);
}

/* Changes the metapage in one WAL record. */
static void change_meta(Relation index, MetaChange change, PgsGrowth *growth) {
    Buffer buffer = slab_read_buffer(index, SLAB_META_BLOCK, BUFFER_LOCK_EXCLUSIVE, NULL, NULL);
    GenericXLogState *xlog = GenericXLogStart(index);
    Page page = GenericXLogRegisterBuffer(xlog, buffer, 0);
    PgsError error;

    slab_check_status(index, pgs_meta_check(page, &error), &error);
    slab_check_status(index, change(page, growth, &error), &error);
    GenericXLogFinish(xlog);
    UnlockReleaseBuffer(buffer);
}

Buffer slab_new_buffer(Relation index, ForkNumber fork, BlockNumber block) {
    Buffer buffer;

    if (block < RelationGetNumberOfBlocksInFork(index, fork))
        return ReadBufferExtended(index, fork, block, RBM_ZERO_AND_LOCK, NULL);
    buffer = slab_extend(index, fork);
    if (BufferGetBlockNumber(buffer) != block)
        elog(ERROR, "index \"%s\" was extended to block %u instead of %u",
             RelationGetRelationName(index), BufferGetBlockNumber(buffer), block);
    return buffer;
}

static void format_extent(Relation index, const PgsGrowth *growth) {
    for (uint32 i = 0; i < growth->blocks; i++) {
        Buffer buffer;

        CHECK_FOR_INTERRUPTS();
        buffer = slab_new_buffer(index, MAIN_FORKNUM, growth->first_block + i);
        pgs_growth_format(growth, i, BufferGetPage(buffer));
        MarkBufferDirty(buffer);
        UnlockReleaseBuffer(buffer);
    }
    /* No critical section is needed: until it is published nobody misses the extent. */
    if (RelationNeedsWAL(index))
        log_newpage_range(index, MAIN_FORKNUM, growth->first_block,
                          growth->first_block + growth->blocks, true);
}

static void refresh_cache(Relation index, SlabCache *cache) {
    PGAlignedBlock meta;

    slab_read_meta(index, &meta); /* may fail: the cache keeps what was checked */
    cache->meta = meta;
}

/* Adds an extent to the open part, unless somebody has since cache was read. Brings cache up to
 * date. */
void slab_grow(Relation index, SlabCache *cache) {
    uint32 pages_seen = pgs_open_record_pages(cache->meta.data);
    PgsGrowth growth;

    LockRelationForExtension(index, ExclusiveLock);
    refresh_cache(index, cache);
    if (pgs_open_record_pages(cache->meta.data) == pages_seen) {
        change_meta(index, reserve, &growth);
        format_extent(index, &growth);
        change_meta(index, publish, &growth);
        refresh_cache(index, cache);
    }
    UnlockRelationForExtension(index, ExclusiveLock);
}
