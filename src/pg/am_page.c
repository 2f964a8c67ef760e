/*
 * am_page.c - reading pages: buffers, the metapage and its cached copy, the tail of the open part.
 */
#include "postgres.h"

#include "access/xact.h"
#include "executor/instrument.h"
#include "pgstat.h"
#include "slab.h"
#include "slab_maintenance.h"
#include "storage/buf_internals.h"
#include "utils/memutils.h"
#include "utils/spccache.h"

/* The core formats pages by itself; this is what it takes for granted of the server's. */
StaticAssertDecl(BLCKSZ == 8192, "slab pages are 8192 bytes");
StaticAssertDecl(SizeOfPageHeaderData == 24, "the slab header follows the server's 24 bytes");
StaticAssertDecl(offsetof(PageHeaderData, pd_lower) == 12, "pd_lower");
StaticAssertDecl(offsetof(PageHeaderData, pd_upper) == 14, "pd_upper");
StaticAssertDecl(offsetof(PageHeaderData, pd_special) == 16, "pd_special");
StaticAssertDecl(offsetof(PageHeaderData, pd_pagesize_version) == 18, "pd_pagesize_version");
StaticAssertDecl(PG_PAGE_LAYOUT_VERSION == 4, "layout version of the server's page header");

PgsTid slab_tid(ItemPointer tid) {
    PgsTid result = {ItemPointerGetBlockNumber(tid), ItemPointerGetOffsetNumber(tid)};

    return result;
}

/*
 * Where blocks were found last. A search reads hundreds of pages and most of them again and again;
 * with a buffer to look into first, the server need not look the block up in its shared table. What
 * is kept is a guess, which the server checks; and whether this backend has verified the page's
 * checksum there.
 */
#define RECENT_BUFFERS 131072 /* a power of two; at most 2 MB are touched */
#define RECENT_USES 8         /* so many uses of a guess for one that counts as one for eviction */

typedef struct RecentBuffer {
    SlabRelNumber relation;
    BlockNumber block;
    Buffer buffer; /* InvalidBuffer in an empty entry */
    bool verified; /* in that buffer */
} RecentBuffer;

static RecentBuffer recent_buffers[RECENT_BUFFERS];
static uint32 recent_uses;

/* The block's entry, empty if it was another's. */
static RecentBuffer *find_recent(Relation index, BlockNumber block) {
    SlabRelNumber relation = slab_rel_number(index);
    uint32 hash = (relation + block) * UINT32_C(0x9E3779B1);
    RecentBuffer *recent = &recent_buffers[hash >> 15];

    StaticAssertStmt(RECENT_BUFFERS == 1 << (32 - 15), "the hash's highest bits name the entry");
    if (recent->block != block || recent->relation != relation)
        *recent = (RecentBuffer){relation, block, InvalidBuffer, false};
    return recent;
}

/* What was verified elsewhere says nothing of this copy. */
static void set_recent(RecentBuffer *recent, Buffer buffer) {
    recent->verified = recent->verified && recent->buffer == buffer;
    recent->buffer = buffer;
}

/* Pins the block's buffer, which the entry names then. */
static Buffer pin_buffer(Relation index, RecentBuffer *recent, BufferAccessStrategy strategy) {
    BlockNumber block = recent->block;
    int64 reads = pgBufferUsage.shared_blks_read + pgBufferUsage.local_blks_read;

    if (recent->buffer != InvalidBuffer && ++recent_uses % RECENT_USES != 0 &&
        ReadRecentBuffer(slab_rel_locator(index), MAIN_FORKNUM, block, recent->buffer)) {
        pgstat_count_buffer_read(index);
        pgstat_count_buffer_hit(index);
        return recent->buffer;
    }
    set_recent(recent, ReadBufferExtended(index, MAIN_FORKNUM, block, RBM_NORMAL, strategy));
    if (pgBufferUsage.shared_blks_read + pgBufferUsage.local_blks_read != reads)
        recent->verified = false; /* it comes from disk */
    return recent->buffer;
}

/*
 * Whether the block most probably still is where it was found last. This looks without a lock, and
 * only at the block's number: what is fetched in vain does no harm.
 */
static bool is_likely(const RecentBuffer *recent) {
    if (BufferIsLocal(recent->buffer))
        return true;
    return recent->buffer != InvalidBuffer &&
           GetBufferDescriptor(recent->buffer - 1)->tag.blockNum == recent->block;
}

/* Brings what is in memory nearer to the processor, and has the system read what is not. */
static void prefetch(Relation index, const PgsUpcoming *page) {
    enum { LINE = 64, MOST = 512 }; /* further lines the processor fetches by itself */
    RecentBuffer *recent = find_recent(index, page->block);
    const char *bytes;

    if (!is_likely(recent)) {
        Buffer buffer = InvalidBuffer;

        if (get_tablespace_io_concurrency(index->rd_rel->reltablespace) > 0)
            buffer = PrefetchBuffer(index, MAIN_FORKNUM, page->block).recent_buffer;
        set_recent(recent, buffer);
        if (buffer == InvalidBuffer)
            return;
    }
    bytes = BufferGetBlock(recent->buffer);
    __builtin_prefetch(bytes);
    for (uint32 at = 0; at < Min(page->bytes, MOST); at += LINE)
        __builtin_prefetch(bytes + page->offset + at);
}

void slab_prefetch_upcoming(Relation index, const PgsMachine *machine) {
    const PgsUpcoming *upcoming;
    uint32 n = pgs_upcoming(machine, &upcoming);

    for (uint32 i = 0; i < n; i++)
        prefetch(index, &upcoming[i]);
}

/*
 * Pins and locks a block. Its page's checksum is verified at first sight: when it comes from disk,
 * and when this backend has not verified it in this buffer, as others load pages without knowing
 * them. Damage is marked in the buffer, and what the core makes of the page from then on, here or
 * in any other backend, is an error. The page is not made dirty: what lies on disk stays.
 */
static Buffer read_buffer(Relation index, BlockNumber block, int lock,
                          BufferAccessStrategy strategy, bool verify) {
    RecentBuffer *recent = find_recent(index, block);
    Buffer buffer = pin_buffer(index, recent, strategy);

    LockBuffer(buffer, lock);
    if (verify || !recent->verified)
        recent->verified = pgs_page_verify(BufferGetPage(buffer));
    return buffer;
}

Buffer slab_read_buffer(Relation index, BlockNumber block, int lock,
                        BufferAccessStrategy strategy) {
    return read_buffer(index, block, lock, strategy, false);
}

Buffer slab_read_verified(Relation index, BlockNumber block, int lock,
                          BufferAccessStrategy strategy) {
    return read_buffer(index, block, lock, strategy, true);
}

/* Copies the metapage, or raises the error that it deserves. */
void slab_read_meta(Relation index, PGAlignedBlock *meta) {
    Buffer buffer = slab_read_buffer(index, SLAB_META_BLOCK, BUFFER_LOCK_SHARE, NULL);
    PgsError error;

    memcpy(meta->data, BufferGetPage(buffer), BLCKSZ);
    UnlockReleaseBuffer(buffer);
    slab_check_status(index, pgs_meta_check(meta->data, &error), &error);
}

/* The metapage's buffer if it is where it was found last: then nothing can fail. */
static Buffer find_meta(Relation index) {
    RecentBuffer *recent = find_recent(index, SLAB_META_BLOCK);

    return recent->buffer != InvalidBuffer &&
                   ReadRecentBuffer(slab_rel_locator(index), MAIN_FORKNUM, SLAB_META_BLOCK,
                                    recent->buffer)
               ? recent->buffer
               : InvalidBuffer;
}

typedef struct MetaRead {
    Relation index;
    PGAlignedBlock *meta;
} MetaRead;

/* From its buffer, which is locked. */
static void copy_meta(const MetaRead *read, Buffer buffer) {
    memcpy(read->meta->data, BufferGetPage(buffer), BLCKSZ);
    UnlockReleaseBuffer(buffer);
}

static void load_meta(void *arg) {
    const MetaRead *read = arg;

    copy_meta(read, slab_read_buffer(read->index, SLAB_META_BLOCK, BUFFER_LOCK_SHARE, NULL));
}

/* Whether the metapage could be read, whatever it says; if not, what the server says of it. */
static bool try_load_meta(Relation index, PGAlignedBlock *meta, PgsError *problem) {
    MetaRead read = {index, meta};
    Buffer buffer = find_meta(index);
    ErrorData *error = NULL;

    if (BufferIsValid(buffer)) {
        LockBuffer(buffer, BUFFER_LOCK_SHARE);
        copy_meta(&read, buffer);
    } else if (IsInParallelMode())
        load_meta(&read);
    else
        error = slab_attempt(load_meta, &read);
    if (error == NULL)
        return true;
    if (ERRCODE_TO_CATEGORY(error->sqlerrcode) != ERRCODE_INTERNAL_ERROR &&
        ERRCODE_TO_CATEGORY(error->sqlerrcode) != ERRCODE_SYSTEM_ERROR)
        ReThrowError(error);
    strlcpy(problem->detail, error->message, sizeof problem->detail);
    FreeErrorData(error);
    return false;
}

/*
 * Copies the metapage for who can do without the index: what is wrong with it, or with reading it,
 * is a warning, and the result false.
 */
bool slab_try_meta(Relation index, PGAlignedBlock *meta) {
    PgsError error = {PGS_CORRUPT, SLAB_META_BLOCK, "the index has no metapage"};

    if (RelationGetNumberOfBlocks(index) > SLAB_META_BLOCK && try_load_meta(index, meta, &error) &&
        pgs_meta_check(meta->data, &error) == PGS_OK)
        return true;
    slab_warn_unreadable(index, &error);
    return false;
}

void slab_refresh_cache(Relation index, SlabCache *cache) {
    PGAlignedBlock meta;
    PgsPolicy policy = slab_policy(index);
    uint64 seal_rows;

    slab_read_meta(index, &meta); /* may fail: the cache keeps what was checked */
    if (pgs_open_part(meta.data) != pgs_open_part(cache->meta.data))
        cache->tail_known = false;
    cache->meta = meta;
    pgs_meta_info(meta.data, &cache->info);
    seal_rows = pgs_seal_rows(meta.data, &policy);
    cache->seal_at = seal_rows == UINT64_MAX ? UINT64_MAX : pgs_open_coded(meta.data) + seal_rows;
}

static bool is_current(Relation index, const SlabCache *cache) {
    Buffer buffer = slab_read_buffer(index, SLAB_META_BLOCK, BUFFER_LOCK_SHARE, NULL);
    Page page = BufferGetPage(buffer);
    bool current = pgs_meta_generation(page) == cache->info.generation && !pgs_page_damaged(page);

    UnlockReleaseBuffer(buffer);
    return current;
}

/*
 * What inserts need to know of the index. Growth may have added to the open part since: that does
 * no harm to who looks for pages of it and asks slab_grow() when all it knows of are full. The
 * pointer is good until something may process invalidations, such as opening a relation.
 */
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

uint32 slab_check_records(Relation index, const void *meta, const PgsRecordPage *where, Page page) {
    uint32 count;
    PgsError error;

    slab_check_read(index, meta, pgs_record_page_check(meta, where, page, &count, &error), &error);
    return count;
}

/* Number of records on a record page. */
uint32 slab_record_count(Relation index, const void *meta, const PgsRecordPage *where,
                         BufferAccessStrategy strategy) {
    Buffer buffer = slab_read_buffer(index, where->block, BUFFER_LOCK_SHARE, strategy);
    uint32 count = slab_check_records(index, meta, where, BufferGetPage(buffer));

    UnlockReleaseBuffer(buffer);
    return count;
}

/* The first record page of the open part that has room, by bisection: pages fill in order. Their
 * number if none has. */
uint32 slab_find_tail(Relation index, const void *meta) {
    uint32 low = 0;
    uint32 high = pgs_open_record_pages(meta);

    while (low < high) {
        uint32 middle = low + (high - low) / 2;
        PgsRecordPage where = pgs_open_record_page(meta, middle);

        if (slab_record_count(index, meta, &where, NULL) == where.capacity)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Slots in use, flagged ones included. */
uint64 slab_count_slots(Relation index, const void *meta) {
    uint32 tail = slab_find_tail(index, meta);
    uint32 pages = pgs_open_record_pages(meta);
    PgsMetaInfo info;
    uint64 slots;

    pgs_meta_info(meta, &info);
    slots = info.sealed_slots + info.open_capacity;
    for (uint32 page = tail; page < pages; page++)
        slots -= pgs_open_record_page(meta, page).capacity;
    if (tail < pages) {
        PgsRecordPage where = pgs_open_record_page(meta, tail);

        slots += slab_record_count(index, meta, &where, NULL);
    }
    return slots;
}
