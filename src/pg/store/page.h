/*
 * page.h - reading an index page by page: blocks, the metapage, record pages. Include postgres.h
 * first.
 *
 * Who reads what a machine of the core asks for uses pump.h instead. Whoever reads a page that the
 * manifest named reports what the page turned out to be with slab_check_read().
 */
#ifndef PGSLAB_STORE_PAGE_H
#define PGSLAB_STORE_PAGE_H

#include "storage/bufmgr.h"
#include "storage/itemptr.h"
#include "utils/rel.h"

#include "pgslab/index.h"
#include "pgslab/machine.h"

#define SLAB_META_BLOCK 0

/* ---- buffer.c: blocks ---- */

/* Pins and locks a block. Its checksum is verified when this backend sees the page in that buffer
 * for the first time; damage is marked there, so that pgs_page_damaged() and all checks of the core
 * tell of it from then on. */
extern Buffer slab_read_buffer(Relation index, BlockNumber block, int lock,
                               BufferAccessStrategy strategy);

/* The same for who makes others believe what it reads, such as by copying it: the page is verified
 * whoever has seen it before. */
extern Buffer slab_read_verified(Relation index, BlockNumber block, int lock,
                                 BufferAccessStrategy strategy);

/* Pins the block if it is in the buffer where this backend found it last, which cannot fail.
 * InvalidBuffer if it is not. It may not have been verified. */
extern Buffer slab_find_buffer(Relation index, BlockNumber block);

/* Fetches what the machine has found out that it will need. */
extern void slab_prefetch_upcoming(Relation index, const PgsMachine *machine);

/* ---- metapage.c ---- */

/* Copies the metapage, or raises the error that it deserves. */
extern void slab_read_meta(Relation index, PGAlignedBlock *meta);

/* Copies the metapage for who can do without the index: what is wrong with it, or with reading it,
 * is a WARNING, and the result false. */
extern bool slab_try_meta(Relation index, PGAlignedBlock *meta);

/* Has change(meta_page, arg, error) change the metapage, under its exclusive lock and in one WAL
 * record. ERROR, and nothing is changed, if the metapage is damaged or change() fails. */
typedef PgsStatus (*SlabMetaChange)(void *meta_page, void *arg, PgsError *error);
extern void slab_change_meta(Relation index, SlabMetaChange change, void *arg);

/* ---- records.c: record pages, and where the open part ends ---- */

/* Checks a page that was read from where the manifest in meta says that this record page is;
 * returns how many records it has. */
extern uint32 slab_check_records(Relation index, const void *meta, const PgsRecordPage *where,
                                 Page page);

/* The first record page of the open part that has room; their number if none has. */
extern uint32 slab_find_tail(Relation index, const void *meta);

/* Slots in use, of the open part and of all parts, flagged ones included. */
extern uint64 slab_count_open_slots(Relation index, const void *meta);
extern uint64 slab_count_slots(Relation index, const void *meta);

extern PgsTid slab_tid(ItemPointer tid);

#endif
