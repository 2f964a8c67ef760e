/*
 * write.h - changing pages in place, and writing new ones. Include postgres.h first.
 *
 * WAL comes before data: a page that takes the place of one that was in use is logged in the
 * critical section that puts it into its buffer.
 */
#ifndef PGSLAB_STORE_WRITE_H
#define PGSLAB_STORE_WRITE_H

#include "storage/bufmgr.h"
#include "utils/rel.h"

#include "pgslab/insert.h"

/* ---- change.c: some bytes of pages that are in use ---- */

typedef struct SlabChange {
    Buffer buffer; /* locked, changed and dirty */
    PgsChange bytes;
} SlabChange;

/* Logs changes of at most MAX_GENERIC_XLOG_PAGES pages as one WAL record, in the critical section
 * that they were made in. */
extern void slab_log_changes(const SlabChange *changes, int n);

/* ---- write.c: pages of reserved runs, each lot of them written and logged in one step ---- */

/* Gives the file so many blocks, of zeros where it has none, for who holds the extension lock or is
 * alone. */
extern void slab_extend_to(Relation index, BlockNumber blocks);

/* Nothing is in its block before slab_write_pending(), which is due before anything reads or
 * publishes what was added. */
typedef struct SlabWriter SlabWriter;

/* In CurrentMemoryContext. */
extern SlabWriter *slab_open_writer(Relation index);

/* A page to fill, to be written to a block that the file has and no other added page is for. */
extern void *slab_add_page(SlabWriter *writer, BlockNumber block);

/* No page may be locked. */
extern void slab_write_pending(SlabWriter *writer);

#endif
