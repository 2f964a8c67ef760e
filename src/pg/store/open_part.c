/*
 * open_part.c - what inserts keep in mind of an index between statements.
 */
#include "postgres.h"

#include "pgslab/index.h"
#include "pgslab/insert.h"
#include "pgslab/maintain.h"
#include "store/error.h"
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

void slab_set_tail(SlabCache *cache, uint32 tail) {
    cache->tail = tail;
    cache->before_tail = pgs_open_slots_before(cache->meta.data, tail);
    cache->tail_known = true;
}

/* The mark and the manifest change in one step. */
void slab_leave_closed_part(Relation index, SlabCache *cache) {
    uint64 part = pgs_open_part(cache->meta.data);
    PgsError error = {PGS_CORRUPT, pgs_open_record_page(cache->meta.data, cache->tail).block,
                      "the record page is marked as closed, its part is open"};

    slab_refresh_cache(index, cache);
    if (pgs_open_part(cache->meta.data) == part)
        slab_raise_read(index, cache->meta.data, error.status, &error);
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
