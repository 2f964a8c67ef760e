/*
 * insert.h - adding a row to the open part, and a stride to that when it is full.
 */
#ifndef PGSLAB_INSERT_H
#define PGSLAB_INSERT_H

#include <stdint.h>

#include "pgslab/index.h"
#include "pgslab/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- insert ---------------------------------------------------------------------------------- */

/* Id of the open part, 0 when there is none; how many of its slots are in segments. */
uint64_t pgs_open_part(const void *meta);
uint64_t pgs_open_flushed(const void *meta);

/* Whether the block is one of the open part's, to whose pages inserts append. */
bool pgs_is_open_block(const void *meta, uint32_t block);

/* Record pages of the open part; 0 when there is none. The i-th of them, which must exist. */
uint32_t pgs_open_record_pages(const void *meta);
PgsRecordPage pgs_open_record_page(const void *meta, uint32_t i);

/* Slots before the i-th open record page. */
uint64_t pgs_open_slots_before(const void *meta, uint32_t i);

/* Tables of a part, at most so many; number 0 is of records. */
#define PGS_MAX_COLUMNS 16
uint32_t pgs_columns(const void *meta);

/* Where an item of the index-th record of an open record page goes: to offset of the payload of
 * first_block, and on from the beginning of the payloads of the blocks after it. */
typedef struct PgsPlacement {
    uint32_t part;   /* number in the manifest */
    uint32_t column; /* the table */
    uint32_t first_block;
    uint32_t blocks;
    uint32_t offset;   /* bytes into the payload of the first block */
    uint32_t sequence; /* of the first block among the part's */
} PgsPlacement;

PgsPlacement pgs_place(const void *meta, const PgsRecordPage *where, uint32_t index,
                       uint32_t column);

/* Whether the page is the i-th block of a placement and has all that comes before it there. */
PgsStatus pgs_item_page_check(const void *meta, const PgsPlacement *placement, uint32_t i,
                              const void *page, PgsError *error);

/* What writing to a page changes, besides pd_lower and the checksum: bytes from its beginning. */
typedef struct PgsChange {
    uint16_t offset;
    uint16_t bytes;
} PgsChange;

/* Where a page has its checksum: 4 bytes. */
#define PGS_CHECKSUM_OFFSET 28

/* Writes what belongs on the i-th block of a placement to a page that was checked. row is an
 * encoded row. */
PgsChange pgs_item_write(const void *meta, const PgsPlacement *placement, uint32_t i,
                         const void *row, void *page);

/* Appends the record of an encoded row to an open record page that pgs_record_page_check() accepted
 * and that has room. */
PgsChange pgs_record_append(void *page, const void *row);

/* ---- growth ---------------------------------------------------------------------------------- */

/*
 * Blocks are reserved on the metapage, in long runs. Of these the open part gets a stride at a
 * time: its pages are formatted and logged one by one, then it is published on the metapage. All
 * under one lock; what a crash or an error leaves is a reservation, which the next growth takes up.
 */
typedef struct PgsGrowth {
    uint64_t part;       /* id */
    uint64_t generation; /* of the part */
    uint32_t first_block;
    uint32_t blocks;
    uint32_t slots;
    uint32_t sequence; /* of the first block among the part's */
} PgsGrowth;

/* What the open part grows by next; blocks is 0 when a run has to be reserved first. */
PgsStatus pgs_growth_next(const void *meta, PgsGrowth *growth, PgsError *error);
PgsStatus pgs_growth_reserve(void *meta_page, PgsError *error);

/* Formats the i-th of its blocks, empty. */
void pgs_growth_format(const void *meta, const PgsGrowth *growth, uint32_t i, void *page);

/* Gives them to the open part, which it opens if there is none. */
PgsStatus pgs_growth_publish(void *meta_page, const PgsGrowth *growth, PgsError *error);

#ifdef __cplusplus
}
#endif

#endif
