/*
 * verify.h - whether an index is sound, and what its blocks are.
 */
#ifndef PGSLAB_VERIFY_H
#define PGSLAB_VERIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pgslab/index.h"
#include "pgslab/machine.h"
#include "pgslab/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum PgsRole {
    PGS_ROLE_META,
    PGS_ROLE_RECORD,
    PGS_ROLE_SLAB,
    PGS_ROLE_REFINE,
    PGS_ROLE_CODEBOOK,
    PGS_ROLE_DIRECTORY,
    PGS_ROLE_LIST,
    PGS_ROLE_IN_PROGRESS,
    PGS_ROLE_SPARE,
    PGS_ROLE_BEYOND,
    PGS_ROLE_PIECE,   /* of forward rows */
    PGS_ROLE_SEGMENT, /* the first page of a segment of documents */
    PGS_ROLE_POSTING  /* what follows it */
} PgsRole;

/* What the manifest says a block is for. */
PgsRole pgs_block_role(const void *meta, uint32_t block);

typedef struct PgsPageInfo {
    const char *kind; /* as the page itself says: "meta", "record", "slab", "refine", "codebook",
                         "directory", "list", "piece", "segment", "posting", "empty" (all zero) or
                         "unknown" */
    uint64_t part;    /* id of the part, segment or codebook */
    uint64_t generation;
    uint32_t sequence;
    uint32_t used_bytes; /* of the payload */
    uint32_t records;    /* of a record page */
    uint32_t tombstones; /* of them, flagged as dead: by VACUUM or by a scan */
    bool checksum_ok;
} PgsPageInfo;

/* What a page says of itself, whatever is on it. */
void pgs_page_info(const void *page, PgsPageInfo *info);

/*
 * A machine that verifies an index page by page: every page of every extent is asked for at least
 * once. meta is copied. What concurrent inserts and vacuums do meanwhile is no error. Checks kinds,
 * generations, checksums and bounds, records and stored values, and counters; PGS_CORRUPT says
 * where the first contradiction is.
 */
typedef struct PgsVerify PgsVerify;

/* A row that is in the index and not a tombstone. */
typedef struct PgsVerifiedRow {
    PgsTid tid;
    uint32_t
        content; /* checksum of what is stored for it: equal to pgs_content() of the same vector */
} PgsVerifiedRow;

PgsStatus pgs_verify_create(const void *meta, PgsVerify **verify);
void pgs_verify_destroy(PgsVerify *verify); /* NULL is fine */

/* Done when everything was seen and agrees. */
PgsMachine *pgs_verify_machine(PgsVerify *verify);

/* The rows the last page completed, *count of them; valid until the next call on verify or its
 * machine. */
const PgsVerifiedRow *pgs_verify_rows(const PgsVerify *verify, size_t *count);

/* Checksum of an encoded vector, its scale and the keys behind its record. */
uint32_t pgs_content(const void *meta, const void *item, const PgsRecord *record);

#ifdef __cplusplus
}
#endif

#endif
