/*
 * bitmap.h - the pages of a bitmap of table addresses, one after the other, on each PostgreSQL
 * version. Include postgres.h first.
 */
#ifndef PGSLAB_BASE_BITMAP_H
#define PGSLAB_BASE_BITMAP_H

#include "access/htup_details.h"
#include "nodes/tidbitmap.h"

/* A page of the table: rows at n ascending offsets of it or, where it is lossy, any. */
typedef struct SlabBitmapPage {
    BlockNumber block;
    bool lossy;
    int n;
    OffsetNumber offsets[MaxHeapTuplesPerPage];
} SlabBitmapPage;

#if PG_VERSION_NUM >= 180000
typedef TBMPrivateIterator SlabBitmapIterator;
#define slab_bitmap_begin(bitmap) tbm_begin_private_iterate(bitmap)
#define slab_bitmap_end(iterator) tbm_end_private_iterate(iterator)
#else
typedef TBMIterator SlabBitmapIterator;
#define slab_bitmap_begin(bitmap) tbm_begin_iterate(bitmap)
#define slab_bitmap_end(iterator) tbm_end_iterate(iterator)
#endif

/* The next page, in ascending order; false at the end. */
static inline bool slab_bitmap_next(SlabBitmapIterator *iterator, SlabBitmapPage *page) {
#if PG_VERSION_NUM >= 180000
    TBMIterateResult result;

    if (!tbm_private_iterate(iterator, &result))
        return false;
    page->block = result.blockno;
    page->lossy = result.lossy;
    page->n =
        result.lossy ? 0 : tbm_extract_page_tuple(&result, page->offsets, MaxHeapTuplesPerPage);
#else
    const TBMIterateResult *result = tbm_iterate(iterator);

    if (result == NULL)
        return false;
    page->block = result->blockno;
    page->lossy = result->ntuples < 0;
    page->n = Max(result->ntuples, 0);
    memcpy(page->offsets, result->offsets, page->n * sizeof(OffsetNumber));
#endif
    return true;
}

#endif
