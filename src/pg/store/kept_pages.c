/*
 * kept_pages.c - copies of an index's pages: see store/kept_pages.h.
 */
#include "postgres.h"

#include "storage/bufmgr.h"
#include "utils/memutils.h"

#include "store/kept_pages.h"

/* Pages are taken from the memory context by the dozen, each at a multiple of a cache line. */
#define PAGES_AT_ONCE 32
#define LINE 64

struct SlabKeptPages {
    MemoryContext context;
    BlockNumber blocks; /* of the index, when it was begun */
    Page *page;         /* by block; NULL: not kept */
    size_t room;        /* for more pages */
    char *next;
    uint32 at_hand; /* pages from next on */
};

SlabKeptPages *slab_keep_pages(Relation index, size_t bytes) {
    SlabKeptPages *kept = palloc0(sizeof *kept);
    size_t places;

    kept->context = CurrentMemoryContext;
    kept->blocks = RelationGetNumberOfBlocks(index);
    places = kept->blocks * sizeof(Page);
    if (places > bytes / 2) {
        kept->blocks = 0;
        return kept;
    }
    kept->page =
        MemoryContextAllocExtended(kept->context, places, MCXT_ALLOC_ZERO | MCXT_ALLOC_HUGE);
    kept->room = (bytes - places) / BLCKSZ;
    return kept;
}

Page slab_kept_page(const SlabKeptPages *kept, BlockNumber block) {
    return block < kept->blocks ? kept->page[block] : NULL;
}

static bool make_room(SlabKeptPages *kept) {
    if (kept->room < PAGES_AT_ONCE)
        return false;
    kept->room -= PAGES_AT_ONCE;
    kept->next = (char *)TYPEALIGN(
        LINE, MemoryContextAlloc(kept->context, (size_t)PAGES_AT_ONCE * BLCKSZ + LINE));
    kept->at_hand = PAGES_AT_ONCE;
    return true;
}

void slab_keep_page(SlabKeptPages *kept, BlockNumber block, Page page) {
    if (block >= kept->blocks || (kept->at_hand == 0 && !make_room(kept)))
        return;
    kept->page[block] = kept->next;
    memcpy(kept->next, page, BLCKSZ);
    kept->next += BLCKSZ;
    kept->at_hand--;
}
