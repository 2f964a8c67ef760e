/*
 * codebook.h - what codes refer to: read from an index, or trained; and encoding rows with it.
 */
#ifndef PGSLAB_CODEBOOK_H
#define PGSLAB_CODEBOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pgslab/index.h"
#include "pgslab/machine.h"
#include "pgslab/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- codebook -------------------------------------------------------------------------------- */

/*
 * What the codes of an index refer to: its rotation, mean and lists' centroids; and the offset that
 * was subtracted of its vectors, which is that of all its codebooks. Immutable; may be
 * used by any number of scans and encoders, which it must outlive. Takes about 1.3 bytes of memory
 * per list and dimension. An index without codes has one too, without lists.
 */
typedef struct PgsCodebook PgsCodebook;

void pgs_codebook_destroy(PgsCodebook *codebook); /* NULL is fine */
size_t pgs_codebook_memory(const PgsCodebook *codebook);

/* A machine that reads an index's codebook. meta is copied. */
typedef struct PgsCodebookLoad PgsCodebookLoad;

PgsStatus pgs_codebook_load_create(const void *meta, PgsCodebookLoad **load);
void pgs_codebook_load_destroy(PgsCodebookLoad *load); /* NULL is fine */

PgsMachine *pgs_codebook_load_machine(PgsCodebookLoad *load);

/* The codebook, which is the caller's from then on, once the machine is done. */
PgsStatus pgs_codebook_load_finish(PgsCodebookLoad *load, PgsCodebook **codebook, PgsError *error);

/* ---- training a codebook --------------------------------------------------------------------- */

typedef struct PgsPlan {
    uint32_t lists;
    uint32_t sample; /* rows to train with; all of them when the table has fewer */
} PgsPlan;

/* Lists and sample for a table of about so many rows. lists and sample that are not 0 are kept as
 * they are, the sample as far as memory_bytes allow; at least one row is sampled. */
void pgs_plan(const PgsOptions *options, double rows, size_t memory_bytes, PgsPlan *plan);

/* Rows with such an address are kept out of the sample, a sixteenth of all, so that the index can
 * measure itself with vectors it was not trained with. */
bool pgs_held_out(PgsTid tid);

typedef struct PgsTraining PgsTraining;

/* For an index that is to be built, where present is NULL; else for the index that has this
 * codebook, with which the new one shares what stored vectors refer to. present may go. */
PgsStatus pgs_training_create(const PgsOptions *options, const PgsPlan *plan,
                              const PgsCodebook *present, PgsTraining **training);
void pgs_training_destroy(PgsTraining *training); /* NULL is fine */

/* Adds a vector to the sample; not taken when the sample has plan->sample of them or the metric has
 * no distance for it. */
PgsStatus pgs_training_add(PgsTraining *training, const float *vector, bool *taken);

/* Replaces the i-th vector of the sample, as reservoir sampling does; false when the metric has no
 * distance for the new one, and the old one stays. */
bool pgs_training_replace(PgsTraining *training, uint32_t i, const float *vector);
uint32_t pgs_training_rows(const PgsTraining *training);

typedef struct PgsProgress {
    uint64_t done;
    uint64_t total;
    bool finished;
} PgsProgress;

/* Some milliseconds of work, after all rows were added; until progress->finished. */
PgsStatus pgs_training_step(PgsTraining *training, PgsProgress *progress);

/* The trained codebook, which is the caller's. identity is a random number. */
PgsStatus pgs_training_finish(PgsTraining *training, uint64_t identity, PgsCodebook **codebook);

/* ---- encoding rows --------------------------------------------------------------------------- */

/* Encodes rows for one codebook; holds the memory that takes. */
typedef struct PgsEncoder PgsEncoder;

PgsStatus pgs_encoder_create(const PgsCodebook *codebook, PgsEncoder **encoder);
void pgs_encoder_destroy(PgsEncoder *encoder); /* NULL is fine */

/* Bytes of an encoded row: record, stored vector and codes, each where the functions below find it.
 * A multiple of 8. */
size_t pgs_row_bytes(const PgsCodebook *codebook);

/* Encodes a vector of the index's dims to row (aligned to 8); *list is the list it belongs to.
 * keys: of the filter columns, one after the other, of a set as many as it has room for; NULL where
 * there are none. *indexed is false when the metric has no distance for it (the zero vector under
 * cosine): such a row is not indexed.
 */
PgsStatus pgs_encode_row(PgsEncoder *encoder, const float *vector, const uint64_t *keys, PgsTid tid,
                         void *row, uint32_t *list, bool *indexed);

const PgsRecord *pgs_row_record(const void *row);
/* pgs_meta_info().item_bytes of it */
const void *pgs_row_item(const void *meta, const void *row);

/* The stored vector and its record alone, as pgs_encode_row() makes them, but for the list. record:
 * room for a PgsRecord and keys of so many bytes behind it. */
bool pgs_encode_value(const PgsCodebook *codebook, const float *vector, const uint64_t *keys,
                      PgsTid tid, void *item, PgsRecord *record);
size_t pgs_key_bytes(const PgsCodebook *codebook);

#ifdef __cplusplus
}
#endif

#endif
