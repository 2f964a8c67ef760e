/*
 * growth.c - giving the open part another stride.
 *
 * Blocks are reserved on the metapage, many at a time; a stride of them is formatted and logged
 * (write.c), and published on the metapage. What a crash, a cancel or a full disk leaves is a
 * reservation, which the next growth takes up; and blocks that are written again. So nothing leaks
 * and no reader meets a page that is not there.
 */
#include "postgres.h"

#include "storage/lmgr.h"

#include "base/stop_point.h"
#include "pgslab/insert.h"
#include "store/error.h"
#include "store/open_part.h"
#include "store/page.h"
#include "store/write.h"

static PgsStatus reserve(void *meta_page, void *unused, PgsError *error) {
    return pgs_growth_reserve(meta_page, error);
}

static PgsStatus publish(void *meta_page, void *arg, PgsError *error) {
    return pgs_growth_publish(meta_page, arg, error);
}

static void format_stride(Relation index, const void *meta, const PgsGrowth *growth) {
    SlabWriter *writer = slab_open_writer(index);

    for (uint32 i = 0; i < growth->blocks; i++)
        pgs_growth_format(meta, growth, i, slab_add_page(writer, growth->first_block + i));
    slab_write_pending(writer);
    pfree(writer);
}

/* What the open part grows by next, which is reserved if need be. */
static PgsGrowth next_growth(Relation index, SlabCache *cache) {
    PgsGrowth growth;
    PgsError error;

    slab_check_status(index, pgs_growth_next(cache->meta.data, &growth, &error), &error);
    if (growth.blocks == 0) {
        slab_change_meta(index, reserve, NULL);
        slab_refresh_cache(index, cache);
        slab_check_status(index, pgs_growth_next(cache->meta.data, &growth, &error), &error);
    }
    return growth;
}

/* Adds a stride to the open part, unless somebody has since cache was read, or the part is open no
 * longer. Brings cache up to date. */
void slab_grow(Relation index, SlabCache *cache) {
    uint64 part_seen = pgs_open_part(cache->meta.data);
    uint32 pages_seen = pgs_open_record_pages(cache->meta.data);
    PgsGrowth growth;

    LockRelationForExtension(index, ExclusiveLock);
    slab_refresh_cache(index, cache);
    if (pgs_open_part(cache->meta.data) == part_seen &&
        pgs_open_record_pages(cache->meta.data) == pages_seen) {
        growth = next_growth(index, cache);
        SLAB_STOP_WITHOUT_LOCK("growing");
        /* Also what comes before it, if maintenance reserved more than the disk had room for. All
         * at once, which from 16 on takes a few system calls instead of one a block. */
        slab_extend_to(index, growth.first_block + growth.blocks);
        format_stride(index, cache->meta.data, &growth);
        slab_change_meta(index, publish, &growth);
        slab_refresh_cache(index, cache);
    }
    UnlockRelationForExtension(index, ExclusiveLock);
    SLAB_STOP("grown");
}
