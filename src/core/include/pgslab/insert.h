/*
 * insert.h - adding a row to the open part, and an extent when that is full.
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
uint32_t pgs_open_part(const void *meta);
uint64_t pgs_open_coded(const void *meta);

/* Record pages of the open part; 0 when there is none. The sequence-th of them, which must exist.
 */
uint32_t pgs_open_record_pages(const void *meta);
PgsRecordPage pgs_open_record_page(const void *meta, uint32_t sequence);

/* Slots before the given open record page. */
uint64_t pgs_open_slots_before(const void *meta, uint32_t sequence);

/* Where something of the index-th record of an open record page goes: to offset of the payload of
 * first_block, and on from the beginning of the payloads of the blocks after it. */
typedef struct PgsPlacement {
    uint32_t part; /* number in the manifest */
    uint32_t first_block;
    uint32_t blocks;   /* 0: nowhere, the index has no refinement codes */
    uint32_t offset;   /* bytes into the payload of the first block */
    uint32_t sequence; /* of the first block in the part's table */
} PgsPlacement;

PgsPlacement pgs_place(const void *meta, const PgsRecordPage *where, uint32_t index);
PgsPlacement pgs_place_refine(const void *meta, const PgsRecordPage *where, uint32_t index);

/* Whether the page is the i-th block of a placement and has all that comes before it there. */
PgsStatus pgs_slab_page_check(const void *meta, const PgsPlacement *placement, uint32_t i,
                              const void *page, PgsError *error);
PgsStatus pgs_refine_page_check(const void *meta, const PgsPlacement *placement, const void *page,
                                PgsError *error);

/* What writing to a page changes, besides pd_lower and the checksum: bytes from its beginning. */
typedef struct PgsChange {
    uint16_t offset;
    uint16_t bytes;
} PgsChange;

/* Where a page has its checksum: 4 bytes. */
#define PGS_CHECKSUM_OFFSET 44

/* Writes what belongs on the i-th block of a placement to a page that was checked. row is an
 * encoded row. */
PgsChange pgs_slab_write(const void *meta, const PgsPlacement *placement, uint32_t i,
                         const void *row, void *page);
PgsChange pgs_refine_write(const void *meta, const PgsPlacement *placement, const void *row,
                           void *page);

/* Appends a record to an open record page that pgs_record_page_check() accepted and that has room.
 */
PgsChange pgs_record_append(void *page, const PgsRecord *record);

/* ---- growth ---------------------------------------------------------------------------------- */

/*
 * A new extent is reserved on the metapage, formatted and logged page by page, and then published
 * on the metapage. All under one lock, so that a reservation found there is what a crash or an
 * error left; it is taken up again.
 */
typedef struct PgsGrowth {
    uint64_t generation; /* of the part */
    uint32_t part;       /* id */
    uint32_t first_block;
    uint32_t blocks;
    uint32_t record_blocks; /* the first of them; then the refinement codes'; then the slab */
    uint32_t refine_blocks;
    uint32_t slots;
    uint32_t record_sequence; /* of the first page of each kind */
    uint32_t refine_sequence;
    uint32_t slab_sequence;
} PgsGrowth;

/* Reserves the open part's next extent on the metapage. */
PgsStatus pgs_growth_reserve(void *meta_page, PgsGrowth *growth, PgsError *error);

/* Formats the i-th block of the extent, empty. */
void pgs_growth_format(const PgsGrowth *growth, uint32_t i, void *page);

/* Adds the extent to the open part, which it opens if there is none. */
PgsStatus pgs_growth_publish(void *meta_page, const PgsGrowth *growth, PgsError *error);

#ifdef __cplusplus
}
#endif

#endif
