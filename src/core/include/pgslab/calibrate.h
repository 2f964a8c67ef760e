/*
 * calibrate.h - an index measures how much work finds how many of the nearest rows.
 */
#ifndef PGSLAB_CALIBRATE_H
#define PGSLAB_CALIBRATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pgslab/codebook.h"
#include "pgslab/machine.h"
#include "pgslab/scan.h"
#include "pgslab/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A machine that draws vectors from an index at random: to query it with, from rows that training
 * never sees; or to train with, from the others. meta is copied; the index's codebook may go.
 */
typedef enum PgsDraw { PGS_DRAW_ALL, PGS_DRAW_HELD_OUT, PGS_DRAW_OTHERS } PgsDraw;

typedef struct PgsSampler PgsSampler;

PgsStatus pgs_sampler_create(const void *meta, const PgsCodebook *codebook, uint32_t vectors,
                             PgsDraw draw, uint64_t seed, PgsSampler **sampler);
void pgs_sampler_destroy(PgsSampler *sampler); /* NULL is fine */

PgsMachine *pgs_sampler_machine(PgsSampler *sampler);

/* Vectors drawn, which may be fewer than asked for; the i-th, float32[dims], and the slot it has,
 * as in PgsRequest. Valid as long as the sampler. */
uint32_t pgs_sampler_vectors(const PgsSampler *sampler);
const float *pgs_sampler_vector(const PgsSampler *sampler, uint32_t i, uint64_t *slot);

/* What to measure with. */
typedef struct PgsCalibrationOptions {
    uint64_t rows;        /* that the index has and that are no tombstones, for pgs_pick_job() to
                             compare later */
    size_t memory_bytes;  /* for candidates */
    bool thorough;        /* however long it takes; else about a tenth of what the index took to be
                             built */
    bool forget;          /* what was learnt from real queries before */
    const float *queries; /* float32[given][dims]: somebody's own, NULL: none */
    uint32_t given;
} PgsCalibrationOptions;

/*
 * A machine that finds out which recall takes how much work: for vectors of a sampler, others made
 * of them and those given, their true neighbours, then what finds them. sampler, codebook and given
 * queries must outlive it; meta is copied.
 */
typedef struct PgsCalibration PgsCalibration;

PgsStatus pgs_calibration_create(const void *meta, const PgsCodebook *codebook,
                                 const PgsSampler *sampler, const PgsCalibrationOptions *options,
                                 PgsCalibration **calibration);
void pgs_calibration_destroy(PgsCalibration *calibration); /* NULL is fine */

PgsMachine *pgs_calibration_machine(PgsCalibration *calibration);
void pgs_calibration_progress(const PgsCalibration *calibration, PgsProgress *progress);

/* Whether queries like the rows, or those given, find less than what is promised, whatever is
 * visited, as codes are too coarse for the rows: then the recall promised and the recall found
 * where most is missing. Only by more than .03, which few queries may come to by chance; and fewer
 * than 20 given queries do not tell. */
bool pgs_calibration_falls_short(const PgsCalibration *calibration, bool given, double *promised,
                                 double *found);

/* Points of the curve of recall over work that calibration puts on the metapage, in ascending order
 * of recall. */
#define PGS_LEVELS 8

typedef struct PgsLevel {
    double recall;
    double lists; /* mean work of a query for the ten nearest rows, as in PgsWork */
    double codes;
    double refined;
    double compared; /* stored vectors */
} PgsLevel;

/* False when there is no i-th level. */
bool pgs_meta_level(const void *meta, int i, PgsLevel *level);

/* Puts the result on the metapage. */
void pgs_meta_calibrate(void *meta_page, const PgsCalibration *calibration);

/*
 * What real queries need beyond that is learnt by how many rows they ask for: up to 3, up to 30,
 * more.
 */
#define PGS_ROW_CLASSES 3
#define PGS_LEARNT_UNIT (1.0 / 4096) /* of a margin */

uint32_t pgs_row_class(uint32_t rows);

/* Whether searches go by these margins alone: not those by signs (pgslab/signs.h), nor where the
 * index has not measured itself, nor as long as its lists tell so little of where rows are that all
 * of them are visited. */
bool pgs_meta_goes_by_margins(const void *meta);

/* The first point of the curve at or above a recall, by its number; the last one beyond that. */
uint32_t pgs_level_of(double recall);

/* Adds to the margins that searches for a class of rows stop at, or takes away from what was added,
 * by a query that was to find the share recall: of what is added, searches for as much recall and
 * more have a part, of what is taken away those for as much and less. Between two points of the
 * curve both count as that recall. What was added stays between nothing and a limit; what is above
 * the limit already does not grow. Returns whether anything changed; nothing does where the index
 * was not measured. */
bool pgs_meta_learn(void *meta, uint32_t row_class, double recall, double more);

/* What was added, where a search is to find the share recall. */
double pgs_meta_learnt(const void *meta, uint32_t row_class, double recall);

/* The work a query for the ten nearest rows is expected to take, by the calibration or, where there
 * is none, by a rule of thumb. */
void pgs_expected_work(const void *meta, const PgsEffort *effort, PgsWork *work);

/* Changes the work that is expected of a search of so many rows without a filter to that with one
 * which a share of them, above 0, satisfies; postings and keys themselves are not in it. Returns
 * how the search will tell which: PGS_FILTERING_POSTINGS where it might also be by keys. */
PgsFiltering pgs_expected_filtering(const PgsEffort *effort, uint32_t lists, double rows,
                                    double share, PgsWork *work);

/* The same where the filter names rows of the table, this share of so many; the walk over the
 * records is not in it. */
PgsFiltering pgs_expected_named(const PgsEffort *effort, uint32_t lists, double rows, double share,
                                PgsWork *work);

/* What share of the rows lies within a distance of the query, float32[dims], by what the index
 * knows of its lists: a guess. Not a number where it has not measured itself. */
PgsStatus pgs_expected_within(const void *meta, const PgsCodebook *codebook, const float *query,
                              double bound, double *share);

#ifdef __cplusplus
}
#endif

#endif
