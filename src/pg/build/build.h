/*
 * build.h - making the contents of an index from rows: what CREATE INDEX does, and those steps of
 * it that maintenance takes again. Include postgres.h first.
 *
 * A build samples the table and trains the codebook (sample.c), writes the codebook, reads the
 * table and sorts its encoded rows by list (encode.c), if possible in several processes
 * (parallel.c), writes them in that order (build.c), and has the index measure itself
 * (calibrate.c), and its table, where it has no more than signs (signs.c). Of documents an index is
 * built by inverted.c.
 */
#ifndef PGSLAB_BUILD_BUILD_H
#define PGSLAB_BUILD_BUILD_H

#include "access/genam.h"
#include "access/tableam.h"
#include "executor/tuptable.h"
#include "nodes/execnodes.h"
#include "utils/rel.h"
#include "utils/tuplesort.h"

#include "pgslab/calibrate.h"
#include "pgslab/codebook.h"
#include "pgslab/signs.h"

/* What the access method's ambuild and ambuildempty do. */
extern IndexBuildResult *slab_build(Relation heap, Relation index, IndexInfo *info);
extern void slab_build_empty(Relation index);

/* ---- for maintenance too: all of these live in CurrentMemoryContext, and breathe ---- */

/* A codebook for about so many rows that the index has stored, trained with a sample of them. */
extern const PgsCodebook *slab_train_stored(Relation index, const void *meta, uint64 rows);

/* Encoded rows, sorted by list and address. */
typedef struct SlabRows {
    Tuplesortstate *sort;
    TupleTableSlot *slot;
    uint64 count;
    double heap_tuples; /* rows that were read from the table; this and the next mean something only
                           where one was read */
    bool broken_hot_chain;
    struct SlabParallel *parallel; /* the sort needs it, and it outlives the sort; NULL when nobody
                                      helped */
} SlabRows;

/* The live rows of some parts of an index, encoded by codebook. */
extern SlabRows *slab_sort_stored(Relation index, const PgsCodebook *codebook, const void *meta,
                                  PgsParts parts);
/* Copies the next row, of so many bytes, and its list; false at the end. */
extern bool slab_next_row(SlabRows *rows, void *row, size_t row_bytes, uint32 *list);
extern void slab_end_rows(SlabRows *rows);

/* Whose progress to report. */
typedef enum SlabReport { SLAB_REPORT_BUILD, SLAB_REPORT_MAINTENANCE } SlabReport;

/* Has the index measure itself, for pgs_meta_calibrate(), with what options say beside rows and
 * memory. NULL when it has no codes or too few rows. report says which progress this backend
 * reports, and so where the steps are counted. */
extern const PgsCalibration *slab_measure(Relation index, const void *meta,
                                          const PgsCodebook *codebook,
                                          const PgsCalibrationOptions *options, SlabReport report);

/* Rows of the table that an index has vectors of, drawn at random, and how many there are; live in
 * CurrentMemoryContext. Not of vectors without a distance from themselves. Expressions of the index
 * are evaluated with the rights of who calls. */
typedef struct SlabDrawn {
    int dims;
    uint64 seen;
    uint32 rows;
    PgsTableRow row[FLEXIBLE_ARRAY_MEMBER];
} SlabDrawn;

extern SlabDrawn *slab_draw_rows(Relation heap, Relation index, int dims, uint32 most, uint64 seed);
/* What a row is known by there. */
extern uint64 slab_address(ItemPointer tid);
/* Hands the callback the rows that are to be indexed. */
extern void slab_scan_table(Relation heap, Relation index, IndexBuildCallback callback, void *arg);

/* Has the table of an index of signs tell how many candidates searches take, for
 * pgs_meta_set_candidates(). NULL where it has too few rows. */
extern const PgsSignRanks *slab_rank_table(Relation heap, Relation index, int dims,
                                           const PgsCalibrationOptions *options);
/* NOTICE, where it could not tell; WARNING, where that is a large part of the rows. */
extern void slab_notice_no_candidates(Relation index);
extern void slab_warn_of_signs(Relation index, const void *meta);

#endif
