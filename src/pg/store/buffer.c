/*
 * buffer.c - blocks of an index, pinned and locked, and their checksums verified.
 */
#include "postgres.h"

#include "executor/instrument.h"
#include "pgstat.h"
#include "storage/buf_internals.h"
#include "utils/spccache.h"

#include "base/compat.h"
#include "pgslab/index.h"
#include "pgslab/machine.h"
#include "store/page.h"

/* The core formats pages by itself; this is what it takes for granted of the server's. */
StaticAssertDecl(BLCKSZ == 8192, "slab pages are 8192 bytes");
StaticAssertDecl(SizeOfPageHeaderData == 24, "the slab header follows the server's 24 bytes");
StaticAssertDecl(offsetof(PageHeaderData, pd_lower) == 12, "pd_lower");
StaticAssertDecl(offsetof(PageHeaderData, pd_upper) == 14, "pd_upper");
StaticAssertDecl(offsetof(PageHeaderData, pd_special) == 16, "pd_special");
StaticAssertDecl(offsetof(PageHeaderData, pd_pagesize_version) == 18, "pd_pagesize_version");
StaticAssertDecl(PG_PAGE_LAYOUT_VERSION == 4, "layout version of the server's page header");

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

Buffer slab_find_buffer(Relation index, BlockNumber block) {
    RecentBuffer *recent = find_recent(index, block);

    return recent->buffer != InvalidBuffer &&
                   ReadRecentBuffer(slab_rel_locator(index), MAIN_FORKNUM, block, recent->buffer)
               ? recent->buffer
               : InvalidBuffer;
}
