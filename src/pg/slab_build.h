/*
 * slab_build.h - what the files of CREATE INDEX share. Include postgres.h first.
 *
 * A build samples the table and trains the codebook (am_build_sample.c), writes the codebook, reads
 * the table and sorts its encoded rows by list (am_build_encode.c), if possible in several
 * processes (am_build_parallel.c), and writes them in that order (am_build.c).
 */
#ifndef PGSLAB_SLAB_BUILD_H
#define PGSLAB_SLAB_BUILD_H

#include "access/tableam.h"
#include "commands/progress.h"
#include "port/atomics.h"
#include "slab.h"
#include "utils/backend_progress.h"
#include "utils/tuplesort.h"

/* Seeds whatever is drawn, so that the same table gives the same index. */
#define SLAB_BUILD_SEED 1

/* A process's share in reading the table. */
typedef struct SlabShare {
    Relation heap;
    Relation index;
    IndexInfo *info;
    const PgsCodebook *codebook;
    int dims;
    TableScanDesc scan;     /* of this share; NULL: all of the table */
    Tuplesortstate *sort;   /* where the rows go */
    pg_atomic_uint64 *rows; /* counts those of all shares */
    bool report;            /* progress */
} SlabShare;

/* The encoded rows of the table, sorted. */
typedef struct SlabRows {
    Tuplesortstate *sort;
    TupleTableSlot *slot;
    uint64 count;
    double heap_tuples;
    bool broken_hot_chain;
    struct SlabParallel *parallel; /* the sort needs it; NULL when nobody helped */
} SlabRows;

typedef struct SlabParallel SlabParallel;

static inline void slab_report_phase(int phase) {
    pgstat_progress_update_param(PROGRESS_CREATEIDX_SUBPHASE, phase);
}

static inline void slab_report_tuples(uint64 done, uint64 total) {
    pgstat_progress_update_param(PROGRESS_CREATEIDX_TUPLES_TOTAL, (int64)total);
    pgstat_progress_update_param(PROGRESS_CREATEIDX_TUPLES_DONE, (int64)done);
}

static inline void slab_report_blocks(uint64 done, uint64 total) {
    pgstat_progress_update_param(PROGRESS_SCAN_BLOCKS_TOTAL, (int64)total);
    pgstat_progress_update_param(PROGRESS_SCAN_BLOCKS_DONE, (int64)done);
}

/* am_build_sample.c */
/* A codebook for the table's rows, estimated to be *rows; or, when heap is NULL, for none. The
 * caller frees it. */
extern PgsCodebook *slab_train(Relation heap, Relation index, IndexInfo *info,
                               const PgsOptions *options, double *rows);

/* One for about so many rows that an index has stored. In CurrentMemoryContext. */
extern const PgsCodebook *slab_train_stored(Relation index, const void *meta, uint64 rows);

/* am_build_encode.c */
/* A sort of rows for the share-th part of maintenance_work_mem. */
extern Tuplesortstate *slab_begin_sort(const PgsCodebook *codebook, int shares,
                                       SortCoordinate coordinate);
/* Encodes the rows of a share into its sort; returns the number of tuples read. */
extern double slab_encode_share(SlabShare *share);
/* Reads the table in this and other processes. share->sort, scan and rows are not set. */
extern SlabRows *slab_sort_rows(SlabShare *share);
/* The live rows of some parts of an index, encoded by codebook. In CurrentMemoryContext. */
extern SlabRows *slab_sort_stored(Relation index, const PgsCodebook *codebook, const void *meta,
                                  PgsParts parts);
/* Copies the next row and its list; false at the end. */
extern bool slab_next_row(SlabRows *rows, void *row, size_t row_bytes, uint32 *list);
extern void slab_end_rows(SlabRows *rows);

/* am_build_parallel.c */
/* Reads the table with helpers and fills rows; NULL, and nothing done, when there are none. */
extern SlabParallel *slab_encode_in_parallel(const SlabShare *share, SlabRows *rows);
extern void slab_end_parallel(SlabParallel *parallel);

#endif
