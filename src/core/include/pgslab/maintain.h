/*
 * maintain.h - what maintenance an index needs, which job of it comes next, and the tasks that do
 * it.
 */
#ifndef PGSLAB_MAINTAIN_H
#define PGSLAB_MAINTAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pgslab/codebook.h"
#include "pgslab/index.h"
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

/*
 * Runs that no table lies in were given up, and may still be read by who began before; or they are
 * free, to be used again; or they are being written by maintenance, or were left so by a crash or
 * an error.
 */

/* Whether pgs_meta_reclaim() would free anything. */
bool pgs_meta_can_reclaim(const void *meta, uint64_t removable);

/* Makes free what was left being written, and what was given up before the full transaction id
 * removable; whether there was any. Nobody may be writing now. */
bool pgs_meta_reclaim(void *meta_page, uint64_t removable);

/* Whether maintenance is writing to a run, or has failed and left it so. */
bool pgs_meta_is_being_written(const void *meta);

/* Whether anything was given up when that full transaction id, or a later one, came next. */
bool pgs_meta_was_given_up_since(const void *meta, uint64_t xid);

/* Whether there are free blocks at the end of the index, which pgs_meta_cut() gives up. That
 * returns the first block that need not be there then. */
bool pgs_meta_can_cut(const void *meta);
uint32_t pgs_meta_cut(void *meta_page);

typedef struct PgsReservation {
    uint32_t block;
    uint32_t blocks;
    uint64_t first_id;
    uint64_t generation;
} PgsReservation;

/* Reserves a run of so many blocks, or a shorter one if that is free and has at least `least`
 * blocks, and ids, on the metapage. */
PgsStatus pgs_meta_reserve(void *meta_page, uint32_t least, uint32_t blocks, uint32_t ids,
                           PgsReservation *reserved, PgsError *error);

typedef struct PgsPolicy {
    uint32_t flush_rows; /* of the sidecar, from which on it is flushed; 0: automatic */
    double dead_share;   /* of a part's slots, above which it is written anew */
    uint32_t dead_bytes; /* but not for less than this */
    uint32_t lists;      /* asked for; 0: automatic */
} PgsPolicy;

/* Rows of the sidecar from which on it should be flushed; UINT64_MAX in an index without codes. */
uint64_t pgs_flush_rows(const void *meta, const PgsPolicy *policy);

/* Closes the open part, which there must be, and of which so many slots are in use. Where its tail
 * page has room, pgs_record_page_close() closes that page, too, in the same step: who finds it so
 * looks for the part that is open now. */
void pgs_meta_close(void *meta_page, uint64_t slots);
void pgs_record_page_close(void *page);
bool pgs_record_page_closed(const void *page);

typedef struct PgsNeeds {
    uint64_t sidecar;   /* slots that are in no segment */
    double drift;       /* by how much the mean squared distance of rows from the centroids of their
                           lists has grown since these were trained, as a share of what it was */
    bool vacuum;        /* parts are due to be written anew: for their tombstones, or for codes that
                           refer to an earlier codebook */
    bool compaction;    /* flushing, a merge, or new lists are due */
    bool flush_overdue; /* flushing has been put off: twice as many slots wait as it takes */
} PgsNeeds;

/* What an index needs whose open part has so many slots in use. */
void pgs_needs(const void *meta, uint64_t open_slots, const PgsPolicy *policy, PgsNeeds *needs);

/* What maintenance is for. */
typedef enum PgsGoalKind {
    PGS_GOAL_FLUSH,        /* flushing, where it is due: what an insert does */
    PGS_GOAL_AUTOMATIC,    /* whatever is due by the policy */
    PGS_GOAL_SHRINK,       /* that; and what lies last is put before it, as long as that makes the
                              file shorter */
    PGS_GOAL_COMPACT,      /* one segment with everything that was there when it began */
    PGS_GOAL_COMPACT_FULL, /* and all of that in parts in the order of their lists, without
                                tombstones */
    PGS_GOAL_VACUUM,       /* no tombstones */
    PGS_GOAL_RECLUSTER     /* a new codebook, all codes by it, and a calibration */
} PgsGoalKind;

/* What can be done at once, and is visible at once. */
typedef enum PgsJobKind {
    PGS_JOB_NONE,      /* the goal is reached, or nothing can be done for it now */
    PGS_JOB_CLOSE,     /* close the open part, see pgs_meta_close(). That is done in a moment and by
                          itself of no use: who does one job at a time does the next one, too */
    PGS_JOB_FLUSH,     /* part: pgs_flush_create() */
    PGS_JOB_MERGE,     /* segments and parts: pgs_merge_create() */
    PGS_JOB_REWRITE,   /* parts: pgs_rewrite_create() with the index's codebook */
    PGS_JOB_RECLUSTER, /* parts: the same with a new one, which has been trained with them. The open
                          part, where others insert meanwhile, is closed as it is published */
    PGS_JOB_MOVE,      /* block: pgs_move_create() */
    PGS_JOB_CALIBRATE  /* measure the index, if it has enough rows */
} PgsJobKind;

typedef struct PgsJob {
    PgsJobKind kind;
    uint32_t part; /* number in the manifest */
    uint32_t block;
    PgsSegments segments;
    PgsParts parts;
} PgsJob;

/* A goal, and how far it is, which pgs_pick_job() keeps here: all but kind is zero at first. */
typedef struct PgsGoal {
    PgsGoalKind kind;
    bool begun;
    bool ended;         /* the last job has been picked */
    uint32_t jobs;      /* picked */
    PgsJobKind last;    /* of them */
    uint64_t open_part; /* when the goal was new: its id, how many of its slots were in use, */
    uint64_t open_slots;
    uint64_t dictionary; /* and the id of what tables refer to: the codebook */
    uint32_t end;        /* the first of the free blocks at the end, where it was least */
    uint32_t vain;       /* jobs since then that were to make it less */
    uint64_t flushing;   /* the part whose flush was picked last: its id, */
    uint64_t flushed;    /* and how many of its slots were in segments then */
} PgsGoal;

/*
 * The next job towards a goal, for an index whose open part has so many slots in use. It is to be
 * done before the next one is picked. In between others may insert and, if the maintenance lock is
 * let go, maintain the index. Each goal comes to its end, unless rows come in faster than
 * PGS_GOAL_AUTOMATIC puts them in order; then it leaves off.
 */
PgsJob pgs_pick_job(const void *meta, uint64_t open_slots, const PgsPolicy *policy, PgsGoal *goal);

typedef struct PgsTask PgsTask;

/* A task for parts or segments that the manifest does not have is not created: PGS_MISUSE. */

/* Puts the sidecar's rows of a part (by its number), as many as memory_bytes hold, into a segment.
 */
PgsStatus pgs_flush_create(const void *meta, uint32_t part, size_t memory_bytes, PgsTask **task);

/* Merges segments into one without their dead rows; with all segments given, also writes parts anew
 * in list order, of which every slot must be in a segment. */
PgsStatus pgs_merge_create(const void *meta, PgsSegments segments, PgsParts parts, PgsTask **task);

/* Copies an extent of a sealed part, or a segment, to a run of its own, by the block it begins at:
 * its records' or the segment's. PGS_MISUSE, from pgs_next(), when there is none. */
PgsStatus pgs_move_create(const void *meta, uint32_t block, PgsTask **task);

/* Writes parts anew from so many rows that the task asks for, encoded by codebook, in the order of
 * their lists. If codebook is not the index's it takes that one's place: it was trained for this
 * index then, see pgs_training_create(). codebook must outlive the task. */
PgsStatus pgs_rewrite_create(const void *meta, const PgsCodebook *codebook, PgsParts parts,
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

/* A machine that reads the live rows of parts as they are stored, record, keys and
 * vector, for pgs_encode_stored(). */
typedef struct PgsStoredRows PgsStoredRows;

PgsStatus pgs_stored_rows_create(const void *meta, PgsParts parts, PgsStoredRows **rows);
void pgs_stored_rows_destroy(PgsStoredRows *rows); /* NULL is fine */
PgsMachine *pgs_stored_rows_machine(PgsStoredRows *rows);

/* Encodes the next of the rows that the last page completed; *more is false when there is none. */
PgsStatus pgs_encode_stored(PgsEncoder *encoder, PgsStoredRows *rows, void *row, uint32_t *list,
                            bool *more);

#ifdef __cplusplus
}
#endif

#endif
