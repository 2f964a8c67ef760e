/*
 * signs.h - an index of the signs of vectors, whose rows are ranked by the vectors in the table.
 *
 * The index itself is one of sets under PGS_HAMMING (PgsOptions.signs): a vector stands for the set
 * of its elements above 0, and so does a query. A search names rows in the order of how many signs
 * differ; whoever runs it looks them up and orders them by the distance that users mean. How many
 * rows that takes, the table has told.
 */
#ifndef PGSLAB_SIGNS_H
#define PGSLAB_SIGNS_H

#include <stdint.h>

#include "pgslab/index.h"
#include "pgslab/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A row of the table that was drawn, or that passes by. */
typedef struct PgsTableRow {
    const float *vector; /* float32[dims] */
    uint64_t address;    /* that no other row has */
} PgsTableRow;

/* What the table tells of its nearest rows. */
typedef struct PgsSignRanks PgsSignRanks;

/* Makes queries of rows that were drawn at random, and takes those given, float32[given][dims],
 * NULL for none. metric: what rows are ranked by. All is copied. PGS_MISUSE for a metric of sets.
 */
PgsStatus pgs_sign_ranks_create(PgsMetric metric, int dims, const PgsTableRow *drawn, uint32_t n,
                                const float *queries, uint32_t given, PgsSignRanks **ranks);
void pgs_sign_ranks_destroy(PgsSignRanks *ranks); /* NULL is fine */

/* Notes a row; each row of the table once. */
PgsStatus pgs_sign_ranks_add(PgsSignRanks *ranks, const PgsTableRow *row);

/* All were noted. */
PgsStatus pgs_sign_ranks_finish(PgsSignRanks *ranks);

/* Puts what the table has told on the metapage of an index that has measured itself; nothing, where
 * it had too few rows to tell. */
void pgs_meta_set_candidates(void *meta_page, const PgsSignRanks *ranks);

/* How many rows of the index to look up, to find the share recall of so many rows that are nearest,
 * where the index has `now` rows; UINT64_MAX: all of them. */
uint64_t pgs_meta_candidates(const void *meta, double recall, uint64_t rows, uint64_t now);

/* The share of these that the search by signs has to find. */
double pgs_recall_by_signs(double recall);

#ifdef __cplusplus
}
#endif

#endif
