/*
 * growth.c - giving the open part another extent.
 *
 * The extent is reserved on the metapage, formatted and logged (write.c), and published on the
 * metapage. What a crash, a cancel or a full disk leaves is a reservation, which the next growth
 * takes up or the next maintenance gives up; and a file longer than the metapage knows of, whose
 * blocks are written again. So nothing leaks and no reader meets a page that is not there.
 */
#include "postgres.h"

#include "storage/lmgr.h"

#include "base/stop_point.h"
#include "pgslab/insert.h"
#include "store/open_part.h"
#include "store/page.h"
#include "store/write.h"

static PgsStatus reserve(void *meta_page, void *arg, PgsError *error) {
    return pgs_growth_reserve(meta_page, arg, error);
}

static PgsStatus publish(void *meta_page, void *arg, PgsError *error) {
    return pgs_growth_publish(meta_page, arg, error);
}

static void format_extent(Relation index, const PgsGrowth *growth) {
    SlabWriter *writer = slab_open_writer(index);

    for (uint32 i = 0; i < growth->blocks; i++)
        pgs_growth_format(growth, i, slab_add_page(writer, growth->first_block + i));
    slab_write_pending(writer);
    pfree(writer);
}

/* Adds an extent to the open part, unless somebody has since cache was read, or the part is open no
 * longer. Brings cache up to date. */
void slab_grow(Relation index, SlabCache *cache) {
    uint32 part_seen = pgs_open_part(cache->meta.data);
    uint32 pages_seen = pgs_open_record_pages(cache->meta.data);
    PgsGrowth growth;

    LockRelationForExtension(index, ExclusiveLock);
    slab_refresh_cache(index, cache);
    if (pgs_open_part(cache->meta.data) == part_seen &&
        pgs_open_record_pages(cache->meta.data) == pages_seen) {
        slab_change_meta(index, reserve, &growth);
        SLAB_STOP_WITHOUT_LOCK("growing");
        /* Also what comes before it, if maintenance reserved more than the disk had room for. All
         * at once, which from 16 on takes a few system calls instead of one a block. */
        slab_extend_to(index, growth.first_block + growth.blocks);
        format_extent(index, &growth);
        slab_change_meta(index, publish, &growth);
        slab_refresh_cache(index, cache);
    }
    UnlockRelationForExtension(index, ExclusiveLock);
    SLAB_STOP("grown");
}
