/*
 * open_part.c - what inserts keep in mind of an index between statements.
 */
#include "postgres.h"

#include "pgslab/index.h"
#include "pgslab/insert.h"
#include "pgslab/maintain.h"
#include "store/open_part.h"
#include "store/options.h"
#include "store/page.h"

void slab_refresh_cache(Relation index, SlabCache *cache) {
    PGAlignedBlock meta;
    PgsPolicy policy = slab_policy(index);
    uint64 flush_rows;

    slab_read_meta(index, &meta); /* may fail: the cache keeps what was checked */
    if (pgs_open_part(meta.data) != pgs_open_part(cache->meta.data))
        cache->tail_known = false;
    cache->meta = meta;
    pgs_meta_info(meta.data, &cache->info);
    flush_rows = pgs_flush_rows(meta.data, &policy);
    cache->flush_at =
        flush_rows == UINT64_MAX ? UINT64_MAX : pgs_open_flushed(meta.data) + flush_rows;
}

static bool is_current(Relation index, const SlabCache *cache) {
    Buffer buffer = slab_read_buffer(index, SLAB_META_BLOCK, BUFFER_LOCK_SHARE, NULL);
    Page page = BufferGetPage(buffer);
    bool current = pgs_meta_generation(page) == cache->info.generation && !pgs_page_damaged(page);

    UnlockReleaseBuffer(buffer);
    return current;
}

SlabCache *slab_cache(Relation index) {
    SlabCache *cache = (SlabCache *)index->rd_amcache;

    if (cache == NULL) {
        SlabCache *made = palloc0(sizeof *made);

        /* This may fail, so nothing is kept yet. */
        slab_refresh_cache(index, made);
        cache = MemoryContextAlloc(index->rd_indexcxt, sizeof *cache);
        *cache = *made;
        pfree(made);
        index->rd_amcache = cache;
    } else if (!is_current(index, cache)) {
        slab_refresh_cache(index, cache);
    }
    return cache;
}
