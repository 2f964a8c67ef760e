/*
 * calibrate.c - an index measures itself: how much work finds how many of the nearest rows.
 *
 * It draws some of its own vectors, finds their true neighbours by exact search and notes what
 * finds them; the core says which pages it wants. Vectors are drawn from those that training has
 * not seen, as far as there are enough: others lie nearer to their centroids than a new query
 * would.
 * Query after query wants the same pages, which are copied as far as there is memory.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "base/progress.h"
#include "base/settings.h"
#include "build/build.h"
#include "build/share.h"
#include "pgslab/calibrate.h"
#include "pgslab/index.h"
#include "store/error.h"
#include "store/options.h"
#include "store/page.h"
#include "store/pump.h"

/* Vectors to query the index with: one for so many rows, within limits. */
#define ROWS_PER_QUERY 10
#define LEAST_QUERIES 50
#define MOST_QUERIES 160

/* Fewer rows, or queries, say nothing about the next query; and few rows are soon compared all. */
#define LEAST_ROWS 100
#define LEAST_DRAWN 10

typedef struct Measurement {
    Relation index;
    const void *meta;
    SlabReport report;
    PgsSampler *sampler; /* freed by the callback when the memory context goes */
    PgsCalibration *calibration;
    MemoryContextCallback callback;
} Measurement;

static void destroy_measurement(void *arg) {
    Measurement *measurement = arg;

    pgs_calibration_destroy(measurement->calibration);
    pgs_sampler_destroy(measurement->sampler);
}

/* In CurrentMemoryContext, which frees the core's objects. */
static Measurement *open_measurement(Relation index, const void *meta, SlabReport report) {
    Measurement *measurement = palloc0(sizeof *measurement);

    measurement->index = index;
    measurement->meta = meta;
    measurement->report = report;
    measurement->callback.func = destroy_measurement;
    measurement->callback.arg = measurement;
    MemoryContextRegisterResetCallback(CurrentMemoryContext, &measurement->callback);
    return measurement;
}

static uint32 choose_queries(uint64 rows) {
    return (uint32)Min(Max(rows / ROWS_PER_QUERY, LEAST_QUERIES), MOST_QUERIES);
}

static SlabPump pump_for(const Measurement *measurement, PgsMachine *machine) {
    return (SlabPump){.machine = machine,
                      .index = measurement->index,
                      .meta = measurement->meta,
                      .verified = true,
                      .give_way = true};
}

static void draw_queries(Measurement *measurement, const PgsCodebook *codebook, uint32 queries,
                         bool held_out) {
    SlabPump pump;

    slab_check_status(measurement->index,
                      pgs_sampler_create(measurement->meta, codebook, queries,
                                         held_out ? PGS_DRAW_HELD_OUT : PGS_DRAW_ALL,
                                         SLAB_BUILD_SEED, &measurement->sampler),
                      &slab_out_of_memory);
    pump = pump_for(measurement, pgs_sampler_machine(measurement->sampler));
    slab_pump_pages(&pump);
}

static void report_progress(void *arg) {
    const Measurement *measurement = arg;
    PgsProgress progress;

    pgs_calibration_progress(measurement->calibration, &progress);
    if (measurement->report == SLAB_REPORT_BUILD)
        slab_report_blocks(progress.done, progress.total);
    else
        slab_progress_done(progress.done);
}

static void run_calibration(Measurement *measurement, const PgsCodebook *codebook,
                            PgsCalibrationOptions options) {
    size_t memory = (size_t)slab_maintenance_memory() * 1024;
    PgsProgress progress;
    SlabPump pump;

    options.memory_bytes = memory / 2;
    slab_check_status(measurement->index,
                      pgs_calibration_create(measurement->meta, codebook, measurement->sampler,
                                             &options, &measurement->calibration),
                      &slab_out_of_memory);
    pgs_calibration_progress(measurement->calibration, &progress);
    if (measurement->report == SLAB_REPORT_MAINTENANCE)
        slab_progress_phase(SLAB_PROGRESS_CALIBRATING, progress.total);
    pump = pump_for(measurement, pgs_calibration_machine(measurement->calibration));
    pump.kept = slab_keep_pages(measurement->index, memory / 2);
    pump.after_page = report_progress;
    pump.arg = measurement;
    slab_pump_pages(&pump);
}

/* given: for the queries that were given, else for those like the rows. */
static void warn_if_short(const Measurement *measurement, const PgsMetaInfo *info, bool given) {
    double promised;
    double found;

    if (pgs_calibration_falls_short(measurement->calibration, given, &promised, &found))
        ereport(WARNING,
                errmsg("index \"%s\" cannot keep a recall of %g%s",
                       RelationGetRelationName(measurement->index), promised,
                       given ? " for the given queries" : ""),
                errdetail("Its codes are too coarse for these rows: searches find %.3f of the "
                          "nearest, however many lists they visit.",
                          found),
                errhint("%s", slab_remedy_for_codes(measurement->index, info)));
}

const PgsCalibration *slab_measure(Relation index, const void *meta, const PgsCodebook *codebook,
                                   const PgsCalibrationOptions *options, SlabReport report) {
    PgsCalibrationOptions wanted = *options;
    Measurement *measurement;
    PgsMetaInfo info;

    pgs_meta_info(meta, &info);
    wanted.rows = slab_count_slots(index, meta) - info.counted_tombstones;
    if (info.lists == 0 || wanted.rows < LEAST_ROWS)
        return NULL;
    measurement = open_measurement(index, meta, report);
    draw_queries(measurement, codebook, choose_queries(wanted.rows),
                 info.sealed_slots >= SLAB_HOLD_OUT_ROWS);
    if (pgs_sampler_vectors(measurement->sampler) < LEAST_DRAWN)
        return NULL;
    run_calibration(measurement, codebook, wanted);
    warn_if_short(measurement, &info, false);
    warn_if_short(measurement, &info, true);
    return measurement->calibration;
}
