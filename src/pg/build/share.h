/*
 * share.h - what the files of a build share among themselves. Include postgres.h first.
 */
#ifndef PGSLAB_BUILD_SHARE_H
#define PGSLAB_BUILD_SHARE_H

#include "access/tableam.h"
#include "port/atomics.h"

#include "build/build.h"

/* Seeds whatever is drawn, so that the same table gives the same index. */
#define SLAB_BUILD_SEED 1

/* Rows from which on some are held out of the sample, for the index to measure itself with. */
#define SLAB_HOLD_OUT_ROWS 4096

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

/* ---- build.c ---- */

/* Writes a page of a block that the index has in that fork, or of the one after its last. The init
 * fork is logged at once, whatever wal_level is; nothing else is. */
extern void slab_write_built_page(Relation index, ForkNumber fork, BlockNumber block,
                                  const void *page);

/* ---- inverted.c ---- */

/* What slab_build() and slab_build_empty() do for an index of documents. */
extern IndexBuildResult *slab_build_inverted(Relation heap, Relation index, IndexInfo *info);
extern void slab_build_empty_inverted(Relation index);

/* ---- sample.c ---- */

/* A codebook for the table's rows, estimated to be *rows; or, when heap is NULL, for none. The
 * caller frees it. */
extern PgsCodebook *slab_train(Relation heap, Relation index, IndexInfo *info,
                               const PgsOptions *options, double *rows);

/* ---- encode.c ---- */

/* A sort of rows for the share-th part of maintenance_work_mem. */
extern Tuplesortstate *slab_begin_sort(const PgsCodebook *codebook, int shares,
                                       SortCoordinate coordinate);
/* Encodes the rows of a share into its sort; returns the number of tuples read. */
extern double slab_encode_share(SlabShare *share);
/* Reads the table in this and other processes. share->sort, scan and rows are not set. The sort is
 * still to be performed. */
extern SlabRows *slab_sort_rows(SlabShare *share);

/* ---- parallel.c ---- */

typedef struct SlabParallel SlabParallel;

/* Reads the table with helpers and fills rows; NULL, and nothing done, when there are none. */
extern SlabParallel *slab_encode_in_parallel(const SlabShare *share, SlabRows *rows);
/* All pages are written: has the helpers log those before end_block but the metapage, or none if
 * that is 0. */
extern void slab_log_in_parallel(SlabParallel *parallel, BlockNumber end_block);
/* Waits until the helpers have finished. Without slab_log_in_parallel() before, they never do where
 * any has been launched. */
extern void slab_end_parallel(SlabParallel *parallel);

#endif
