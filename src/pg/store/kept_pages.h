/*
 * kept_pages.h - copies of an index's pages for who reads the same ones again and again. Include
 * postgres.h first.
 *
 * A page is verified and copied when it is first read; what becomes of it afterwards is not seen.
 */
#ifndef PGSLAB_STORE_KEPT_PAGES_H
#define PGSLAB_STORE_KEPT_PAGES_H

#include "storage/block.h"
#include "storage/bufpage.h"
#include "utils/rel.h"

typedef struct SlabKeptPages SlabKeptPages;

/* Room for pages of the index of so many bytes in all, in CurrentMemoryContext; none where the
 * index is so large that their places alone take half of that. */
extern SlabKeptPages *slab_keep_pages(Relation index, size_t bytes);

/* NULL where it was not kept. */
extern Page slab_kept_page(const SlabKeptPages *kept, BlockNumber block);

/* Copies a page, which the caller has locked, if there is room. */
extern void slab_keep_page(SlabKeptPages *kept, BlockNumber block, Page page);

#endif
