/*
 * sample.c - CREATE INDEX: rows to train the codebook with, and training.
 *
 * How many rows there are to index is estimated first, by counting them on some blocks: the
 * catalog's figures know nothing of NULLs and predicates, and may be missing. If the sample is
 * about as large as the table, all of it is read. Otherwise blocks are drawn, several times as many
 * as would hold the sample, because rows on one block are often alike. Either way a reservoir gives
 * each row that was read the same chance; only rows that enter it are detoasted.
 */
#include "postgres.h"

#include <math.h>

#include "common/pg_prng.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/sampling.h"

#include "base/progress.h"
#include "base/settings.h"
#include "base/type_info.h"
#include "build/build.h"
#include "build/share.h"
#include "pgslab/calibrate.h"
#include "pgslab/codebook.h"
#include "pgslab/index.h"
#include "store/codebook.h"
#include "store/error.h"
#include "store/give_way.h"
#include "store/options.h"
#include "store/page.h"
#include "store/pump.h"

/* Blocks to estimate the number of rows by. */
#define COUNTED_BLOCKS 128

/* As many blocks are drawn as hold this many times the sample. */
#define BLOCK_SURPLUS 4

/* Blocks drawn for each row of the sample at least, if there are so many: one for so many rows. */
#define ROWS_PER_BLOCK 4

typedef struct Sample {
    Relation heap; /* NULL for an index without rows, of which no progress is reported */
    Relation index;
    IndexInfo *info;
    PgsTraining *training; /* freed by the callback when the memory context goes */
    PgsCodebook *codebook; /* the same, as the next */
    PgsSampler *sampler;
    MemoryContextCallback callback;
    MemoryContext row_context; /* for a value as it is read */
    PgsPlan plan;
    int dims;
    bool hold_out;
    uint64 seen; /* rows that could have been chosen */
    pg_prng_state random;
} Sample;

static void destroy_sample(void *arg) {
    Sample *sample = arg;

    pgs_sampler_destroy(sample->sampler);
    pgs_training_destroy(sample->training);
    pgs_codebook_destroy(sample->codebook);
}

/* In CurrentMemoryContext, which frees the core's objects. */
static Sample *open_sample(Relation heap, Relation index, IndexInfo *info,
                           const PgsOptions *options) {
    Sample *sample = palloc0(sizeof *sample);

    sample->heap = heap;
    sample->index = index;
    sample->info = info;
    sample->dims = options == NULL ? 0 : options->dims;
    sample->row_context =
        AllocSetContextCreate(CurrentMemoryContext, "slab sample row", ALLOCSET_DEFAULT_SIZES);
    pg_prng_seed(&sample->random, SLAB_BUILD_SEED);
    sample->callback.func = destroy_sample;
    sample->callback.arg = sample;
    MemoryContextRegisterResetCallback(CurrentMemoryContext, &sample->callback);
    return sample;
}

/* ---- reading rows ---- */

static void count_row(Relation index, ItemPointer tid, Datum *values, bool *isnull, bool alive,
                      void *arg) {
    if (!isnull[0])
        ++*(uint64 *)arg;
}

/* Adds the vector to the sample, or puts it in the place of a random one. */
static void choose_value(Sample *sample, Datum value, uint64 place) {
    SlabVector vector;
    bool taken;

    slab_read_vector(slab_type_info(sample->index), value, sample->dims, &vector);
    if (pgs_training_rows(sample->training) < sample->plan.sample)
        slab_check_status(sample->index, pgs_training_add(sample->training, vector.values, &taken),
                          &slab_out_of_memory);
    else
        (void)pgs_training_replace(sample->training, (uint32)place, vector.values);
}

static void sample_row(Relation index, ItemPointer tid, Datum *values, bool *isnull, bool alive,
                       void *arg) {
    Sample *sample = arg;
    uint64 place = 0;
    MemoryContext caller;

    if (isnull[0] || (sample->hold_out && pgs_held_out(slab_tid(tid))))
        return;
    sample->seen++;
    if (pgs_training_rows(sample->training) >= sample->plan.sample) {
        place = pg_prng_uint64_range(&sample->random, 0, sample->seen - 1);
        if (place >= sample->plan.sample)
            return;
    }
    caller = MemoryContextSwitchTo(sample->row_context);
    choose_value(sample, values[0], place);
    MemoryContextSwitchTo(caller);
    MemoryContextReset(sample->row_context);
}

static void scan_block(Sample *sample, BlockNumber block, IndexBuildCallback callback, void *arg) {
    CHECK_FOR_INTERRUPTS();
    (void)table_index_build_range_scan(sample->heap, sample->index, sample->info, false, false,
                                       false, block, 1, callback, arg, NULL);
}

/* Hands the callback the rows of n random blocks of the table. */
static void scan_blocks(Sample *sample, BlockNumber blocks, int n, IndexBuildCallback callback,
                        void *arg) {
    BlockSamplerData drawn;
    int done = 0;

    n = (int)BlockSampler_Init(&drawn, blocks, n, SLAB_BUILD_SEED);
    while (BlockSampler_HasMore(&drawn)) {
        scan_block(sample, BlockSampler_Next(&drawn), callback, arg);
        slab_report_blocks(++done, n);
    }
}

static void scan_whole_table(Sample *sample) {
    (void)table_index_build_scan(sample->heap, sample->index, sample->info, false, true, sample_row,
                                 sample, NULL);
}

/* ---- how many, and which ---- */

/* Rows to index on a block of the table, on average. */
static double estimate_density(Sample *sample, BlockNumber blocks) {
    uint64 rows = 0;

    if (blocks == 0)
        return 0;
    scan_blocks(sample, blocks, COUNTED_BLOCKS, count_row, &rows);
    return (double)rows / Min(blocks, COUNTED_BLOCKS);
}

/* Blocks to draw for the sample; as many as there are when so many are needed that reading all is
 * better. */
static BlockNumber choose_blocks(const Sample *sample, BlockNumber blocks, double density) {
    double wanted;

    if (density <= 0)
        return blocks;
    wanted = Max(BLOCK_SURPLUS * sample->plan.sample / density,
                 (double)sample->plan.sample / ROWS_PER_BLOCK);
    return wanted > blocks / 2.0 || wanted > INT_MAX ? blocks : (BlockNumber)ceil(wanted);
}

static void fill_sample(Sample *sample, BlockNumber blocks, double density) {
    BlockNumber drawn = choose_blocks(sample, blocks, density);

    sample->hold_out = density * blocks >= SLAB_HOLD_OUT_ROWS;
    if (drawn < blocks)
        scan_blocks(sample, blocks, (int)drawn, sample_row, sample);
    else
        scan_whole_table(sample);
    if (pgs_training_rows(sample->training) == 0 && blocks > 0) {
        /* Whatever was looked at is NULL, or held out. */
        sample->hold_out = false;
        scan_whole_table(sample);
    }
}

static void run_training(Sample *sample) {
    PgsProgress progress;

    do {
        slab_breathe();
        slab_check_status(sample->index, pgs_training_step(sample->training, &progress),
                          &slab_out_of_memory);
        if (sample->heap != NULL)
            slab_report_tuples(progress.done, progress.total);
        else
            slab_progress_done(progress.done);
    } while (!progress.finished);
}

static uint64 new_identity(void) {
    uint64 identity;

    if (!pg_strong_random(&identity, sizeof identity))
        ereport(ERROR, errcode(ERRCODE_INTERNAL_ERROR),
                errmsg("could not generate a random identity for the codebook of an index"));
    return identity;
}

/* Says that lists will be worse, or fewer, than they could be. */
static void notice_small_sample(const Sample *sample, const PgsOptions *options, double rows) {
    PgsPlan wanted = slab_requested_plan(sample->index);
    double bytes;

    pgs_plan(options, rows, SIZE_MAX, &wanted);
    if (sample->plan.sample >= Min(rows, wanted.sample) / 2)
        return;
    bytes = 2.0 * sizeof(float) * options->dims * Min(rows, wanted.sample);
    ereport(NOTICE,
            errmsg("maintenance_work_mem is low for training the lists of index \"%s\"",
                   RelationGetRelationName(sample->index)),
            errdetail("It has room for a sample of %u rows instead of %.0f.", sample->plan.sample,
                      Min(rows, wanted.sample)),
            errhint("Searches will be faster if the index is built with maintenance_work_mem = "
                    "'%.0fMB'.",
                    ceil(bytes / (1024 * 1024))));
}

/* Begins training for about so many rows. */
static void open_training(Sample *sample, const PgsOptions *options, double rows) {
    sample->plan = slab_requested_plan(sample->index);
    pgs_plan(options, rows, (size_t)maintenance_work_mem * 1024 / 2, &sample->plan);
    if (options->metric != PGS_L1)
        notice_small_sample(sample, options, rows);
    slab_check_status(sample->index,
                      pgs_training_create(options, &sample->plan, NULL, &sample->training),
                      &slab_out_of_memory);
}

static double sample_table(Sample *sample, const PgsOptions *options) {
    BlockNumber blocks = RelationGetNumberOfBlocks(sample->heap);
    double density;

    slab_report_phase(SLAB_PHASE_SAMPLE);
    density = estimate_density(sample, blocks);
    open_training(sample, options, density * blocks);
    if (options->metric != PGS_L1) /* which has nothing to train */
        fill_sample(sample, blocks, density);
    slab_report_blocks(0, 0);
    slab_report_phase(SLAB_PHASE_TRAIN);
    return density * blocks;
}

/* ---- from the index itself ---- */

static PgsOptions stored_options(const void *meta) {
    PgsMetaInfo info;
    PgsOptions options = {0};

    pgs_meta_info(meta, &info);
    options.dims = info.dims;
    options.metric = info.metric;
    options.storage = info.storage;
    options.embedder = "";
    options.revision = "";
    options.refine_bits = info.refine_bits;
    options.keys = info.keys;
    options.prefix_dims = info.prefix_dims;
    options.signs = info.signs;
    return options;
}

static void draw_stored(Sample *sample, const void *meta, PgsSampler *sampler) {
    SlabPump pump = {.machine = pgs_sampler_machine(sampler),
                     .index = sample->index,
                     .meta = meta,
                     .verified = true,
                     .give_way = true};

    slab_pump_pages(&pump);
    for (uint32 i = 0; i < pgs_sampler_vectors(sampler); i++) {
        uint64 slot;
        bool taken;

        slab_breathe();
        slab_check_status(
            sample->index,
            pgs_training_add(sample->training, pgs_sampler_vector(sampler, i, &slot), &taken),
            &slab_out_of_memory);
    }
}

const PgsCodebook *slab_train_stored(Relation index, const void *meta, uint64 rows) {
    Sample *sample = open_sample(NULL, index, NULL, NULL);
    const PgsCodebook *present = slab_pin_codebook(index, meta);
    PgsOptions options = stored_options(meta);
    PgsDraw draw = rows >= SLAB_HOLD_OUT_ROWS ? PGS_DRAW_OTHERS : PGS_DRAW_ALL;

    sample->plan = slab_requested_plan(index);
    /* Vectors are in memory twice for a while. */
    pgs_plan(&options, (double)rows, (size_t)slab_maintenance_memory() * 1024 / 4, &sample->plan);
    slab_check_status(index,
                      pgs_training_create(&options, &sample->plan, present, &sample->training),
                      &slab_out_of_memory);
    slab_progress_phase(SLAB_PROGRESS_SAMPLING, 0);
    slab_check_status(index,
                      pgs_sampler_create(meta, present, sample->plan.sample, draw, SLAB_BUILD_SEED,
                                         &sample->sampler),
                      &slab_out_of_memory);
    draw_stored(sample, meta, sample->sampler);
    pgs_sampler_destroy(sample->sampler);
    sample->sampler = NULL;
    slab_progress_phase(SLAB_PROGRESS_TRAINING, 0);
    run_training(sample);
    slab_check_status(index,
                      pgs_training_finish(sample->training, new_identity(), &sample->codebook),
                      &slab_out_of_memory);
    return sample->codebook;
}

PgsCodebook *slab_train(Relation heap, Relation index, IndexInfo *info, const PgsOptions *options,
                        double *rows) {
    MemoryContext context =
        AllocSetContextCreate(CurrentMemoryContext, "slab sample", ALLOCSET_SMALL_SIZES);
    MemoryContext caller = MemoryContextSwitchTo(context);
    Sample *sample = open_sample(heap, index, info, options);
    PgsCodebook *codebook;

    if (heap != NULL)
        *rows = sample_table(sample, options);
    else
        open_training(sample, options, 0);
    run_training(sample);
    slab_check_status(index,
                      pgs_training_finish(sample->training, new_identity(), &sample->codebook),
                      &slab_out_of_memory);
    MemoryContextSwitchTo(caller);
    codebook = sample->codebook;
    sample->codebook = NULL;
    MemoryContextDelete(context);
    return codebook;
}
