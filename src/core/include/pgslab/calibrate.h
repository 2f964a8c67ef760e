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
 * never sees; or to train with, from the others. meta is copied.
 */
typedef enum PgsDraw { PGS_DRAW_ALL, PGS_DRAW_HELD_OUT, PGS_DRAW_OTHERS } PgsDraw;

typedef struct PgsSampler PgsSampler;

PgsStatus pgs_sampler_create(const void *meta, uint32_t vectors, PgsDraw draw, uint64_t seed,
                             PgsSampler **sampler);
void pgs_sampler_destroy(PgsSampler *sampler); /* NULL is fine */

PgsMachine *pgs_sampler_machine(PgsSampler *sampler);

/* Vectors drawn, which may be fewer than asked for; the i-th, float32[dims], and the slot it has,
 * as in PgsRequest. Valid as long as the sampler. */
uint32_t pgs_sampler_vectors(const PgsSampler *sampler);
const float *pgs_sampler_vector(const PgsSampler *sampler, uint32_t i, uint64_t *slot);

/*
 * A machine that finds out how much work which recall takes: for each vector of a sampler its true
 * neighbours by exact search, then what finds them. sampler, codebook must outlive it; meta is
 * copied. rows is how many the index has that are no tombstones, for pgs_pick_job() to compare
 * later.
 */
typedef struct PgsCalibration PgsCalibration;

PgsStatus pgs_calibration_create(const void *meta, const PgsCodebook *codebook,
                                 const PgsSampler *sampler, uint64_t rows, size_t memory_bytes,
                                 PgsCalibration **calibration);
void pgs_calibration_destroy(PgsCalibration *calibration); /* NULL is fine */

PgsMachine *pgs_calibration_machine(PgsCalibration *calibration);
void pgs_calibration_progress(const PgsCalibration *calibration, PgsProgress *progress);

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

/* The work a query for the ten nearest rows is expected to take, by the calibration or, where there
 * is none, by a rule of thumb. */
void pgs_expected_work(const void *meta, const PgsEffort *effort, PgsWork *work);

#ifdef __cplusplus
}
#endif

#endif
