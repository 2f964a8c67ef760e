/*
 * maintain.h - what maintenance an index needs, and the tasks that do it.
 */
#ifndef PGSLAB_MAINTAIN_H
#define PGSLAB_MAINTAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pgslab/codebook.h"
#include "pgslab/machine.h"
#include "pgslab/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Whoever holds the index's maintenance lock carries out tasks, one after the other. A task is a
 * machine that reads tables and writes others to runs it had reserved; once it is done one change
 * of the metapage puts them in the place of those they replace. The copy of the metapage that a
 * task is given must stay true but for what inserts append.
 */

/* Runs that no table lies in. */
#define PGS_SPARE_FREE UINT64_C(0)
#define PGS_SPARE_WORKING UINT64_MAX /* being written, or left so by a crash or an error */

typedef struct PgsSpare {
    uint32_t block;
    uint32_t blocks;
    uint64_t since; /* one of these, or the full transaction id that came next when the run was
                       given up: who began before may still read it */
} PgsSpare;

/* False when there is no i-th one. */
bool pgs_meta_spare(const void *meta, uint32_t i, PgsSpare *spare);

/* Makes free what was left working or growing, and what was given up before the full transaction id
 * removable; whether that changed anything. Nobody may be at either now. */
bool pgs_meta_reclaim(void *meta_page, uint64_t removable);

/* Gives up free runs at the end of the index. Returns the first block that belongs to nobody then.
 */
uint32_t pgs_meta_cut(void *meta_page);

typedef struct PgsReservation {
    uint32_t block;
    uint32_t blocks;
    uint32_t first_id;
    uint64_t generation;
} PgsReservation;

/* Reserves a run of so many blocks, or a shorter one if that is free and has at least `least`
 * blocks, and ids, on the metapage. */
PgsStatus pgs_meta_reserve(void *meta_page, uint32_t least, uint32_t blocks, uint32_t ids,
                           PgsReservation *reserved, PgsError *error);

typedef struct PgsPolicy {
    uint32_t seal_rows;  /* of the sidecar, from which on it is sealed; 0: automatic */
    double dead_share;   /* of a part's slots, above which it is written anew */
    uint32_t dead_bytes; /* but not for less than this */
    uint32_t lists;      /* asked for; 0: automatic */
    bool give_back;      /* move what lies last to where it makes the file shorter */
} PgsPolicy;

/* Rows of the sidecar from which on it should be sealed; UINT64_MAX in an index without codes. */
uint64_t pgs_seal_rows(const void *meta, const PgsPolicy *policy);

/* Closes the open part, of which so many slots are in use. Where its tail page has room, that page
 * is marked, in the same step: who finds it so looks for the part that is open now. */
void pgs_meta_close(void *meta_page, uint64_t slots);
void pgs_record_page_close(void *page);
bool pgs_record_page_closed(const void *page);

/* Bit i of a set of parts or segments stands for number i in the manifest. */
typedef struct PgsNeeds {
    uint64_t sidecar; /* slots that are in no segment */
    uint32_t seal;    /* parts with many of them */
    uint32_t recode;  /* parts whose codes refer to an earlier codebook */
    uint32_t merge;   /* segments that should be one */
    uint32_t rewrite; /* parts with many tombstones */
    uint32_t move;  /* block where what is to be moved begins, see pgs_move_create(); 0: nothing */
    bool recluster; /* there are far fewer lists than suit the rows, or they have drifted */
    bool calibrate; /* there are far more, or fewer, or other rows than were measured with */
    bool seal_overdue; /* sealing has been put off: twice as many slots wait as it takes */
    double drift;      /* by how much the mean squared distance of rows from the centroids of their
                          lists has grown since these were trained, as a share of what it was */
} PgsNeeds;

/* What maintenance an index needs whose open part has so many slots in use. */
void pgs_needs(const void *meta, uint64_t open_slots, const PgsPolicy *policy, PgsNeeds *needs);

/* Sets that name everything: segments; sealed parts; those of them whose codes refer to an earlier
 * codebook. */
uint32_t pgs_all_segments(const void *meta);
uint32_t pgs_sealed_parts(const void *meta);
uint32_t pgs_stale_parts(const void *meta);

typedef struct PgsTask PgsTask;

/* A task for parts or segments that the manifest does not have is not created: PGS_MISUSE. */

/* Puts the sidecar's rows of a part (by its number), as many as memory_bytes hold, into a segment.
 */
PgsStatus pgs_seal_create(const void *meta, uint32_t part, size_t memory_bytes, PgsTask **task);

/* Merges segments into one without their dead rows; with all segments given, also writes parts anew
 * in list order, of which every slot must be in a segment. */
PgsStatus pgs_merge_create(const void *meta, uint32_t segments, uint32_t parts, PgsTask **task);

/* Copies an extent of a sealed part, or a segment, to a run of its own, by the block it begins at:
 * its records' or the segment's. PGS_MISUSE, from pgs_next(), when there is none. */
PgsStatus pgs_move_create(const void *meta, uint32_t block, PgsTask **task);

/* Writes parts anew from so many rows that the task asks for, encoded by codebook, in the order of
 * their lists. If codebook is not the index's it takes that one's place. codebook must outlive the
 * task. */
PgsStatus pgs_rewrite_create(const void *meta, const PgsCodebook *codebook, uint32_t parts,
                             uint64_t rows, PgsTask **task);
void pgs_task_destroy(PgsTask *task); /* NULL is fine */

PgsMachine *pgs_task_machine(PgsTask *task);

/* Answers PGS_REQUEST_RUN. */
PgsStatus pgs_task_reserved(PgsTask *task, const PgsReservation *reserved, PgsError *error);

/* Answers PGS_REQUEST_ROW; row is NULL when there are no more. */
PgsStatus pgs_task_row(PgsTask *task, const void *row, uint32_t list, PgsError *error);

typedef struct PgsTaskWork {
    uint64_t rows;  /* done */
    uint64_t total; /* of them */
    uint64_t bytes; /* written, once the task is done */
} PgsTaskWork;

void pgs_task_work(const PgsTask *task, PgsTaskWork *work);

/* Puts what the task wrote into the manifest. next_xid is the full transaction id that comes next.
 */
PgsStatus pgs_task_publish(const PgsTask *task, void *meta_page, uint64_t next_xid,
                           PgsError *error);

/* A machine that reads the live rows of parts as they are stored, record and vector, for
 * pgs_encode_stored(). */
typedef struct PgsStoredRows PgsStoredRows;

PgsStatus pgs_stored_rows_create(const void *meta, uint32_t parts, PgsStoredRows **rows);
void pgs_stored_rows_destroy(PgsStoredRows *rows); /* NULL is fine */
PgsMachine *pgs_stored_rows_machine(PgsStoredRows *rows);

/* Encodes the next of the rows that the last page completed; *more is false when there is none. */
PgsStatus pgs_encode_stored(PgsEncoder *encoder, PgsStoredRows *rows, void *row, uint32_t *list,
                            bool *more);

#ifdef __cplusplus
}
#endif

#endif
