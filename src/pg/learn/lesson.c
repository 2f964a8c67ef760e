/*
 * lesson.c - which queries are learnt from, and what.
 *
 * What is added to the margins follows, by class of rows, what is missing to the target in steps
 * that get smaller: a query that found less than it was promised adds to it for searches that are
 * to find as much or more, one that found more takes away from what is for as much or less, unless
 * others miss more there.
 */
#include "postgres.h"

#include <math.h>

#include "access/xlog.h"
#include "common/pg_prng.h"
#include "miscadmin.h"

#include "base/settings.h"
#include "learn/learn.h"
#include "learn/samples.h"
#include "pgslab/calibrate.h"
#include "store/give_way.h"
#include "store/page.h"

/* One query in so many is kept. */
#define ONE_IN 32

#define MOST_ROWS 1000

/* More than the target, as what is found is known by chance; but no more than half of what is
 * beyond it. */
#define MORE 0.007
#define FIRST_STEPS 0.1
#define SMALLEST_STEP 0.012

static bool can_be_learnt_from(Relation index, const PgsEffort *effort) {
    return slab_has_samples() && slab_learns() && !effort->exact && effort->probes == 0 &&
           effort->rerank == 0 && effort->rows > 0 && effort->rows <= MOST_ROWS &&
           index->rd_rel->relpersistence != RELPERSISTENCE_TEMP && !RecoveryInProgress();
}

bool slab_offer_query(Relation index, const PgsEffort *effort, const float *query, uint32 dims) {
    SlabSample *sample;
    bool come;

    if (!can_be_learnt_from(index, effort) ||
        pg_prng_uint64_range(&pg_global_prng_state, 1, ONE_IN) != 1)
        return false;
    sample = palloc(sizeof *sample);
    sample->database = MyDatabaseId;
    sample->index = RelationGetRelid(index);
    /* Whoever calls slab_topk(), or a function with its owner's rights, asks as himself. */
    sample->role = GetOuterUserId();
    sample->target = effort->target_recall;
    sample->rows = effort->rows;
    sample->dims = dims;
    memcpy(sample->query, query, dims * sizeof(float));
    come = slab_keep_sample(sample);
    explicit_bzero(sample, sizeof *sample);
    pfree(sample);
    return come;
}

typedef struct Lesson {
    uint32 row_class;
    double target; /* recall */
    double more;   /* margin */
} Lesson;

static PgsStatus add_to_margins(void *meta_page, void *arg, PgsError *error) {
    const Lesson *lesson = arg;

    (void)pgs_meta_learn(meta_page, lesson->row_class, lesson->target, lesson->more);
    return PGS_OK;
}

/* Whether it would; most queries that find enough teach nothing, and then nothing is logged. */
static bool changes_margins(Relation index, const Lesson *lesson) {
    PGAlignedBlock copy;

    slab_read_meta(index, &copy);
    return pgs_meta_learn(copy.data, lesson->row_class, lesson->target, lesson->more);
}

/* What is added is a whole number of units: as many as it should be on average. */
static double round_at_random(double more) {
    return floor(more / PGS_LEARNT_UNIT + pg_prng_double(&pg_global_prng_state)) * PGS_LEARNT_UNIT;
}

static void learn(Relation index, const SlabSample *sample, double recall) {
    Lesson lesson = {pgs_row_class(sample->rows), sample->target, 0};
    double wanted = Min(sample->target + MORE, (1 + sample->target) / 2);
    uint64 n;
    bool misses_most = slab_note_audit(sample, lesson.row_class, recall, &n);
    double step = Max(SMALLEST_STEP, FIRST_STEPS / sqrt(10.0 + (double)n));

    lesson.more = round_at_random(step * (wanted - recall));
    if ((lesson.more > 0 || misses_most) && changes_margins(index, &lesson))
        slab_change_meta(index, add_to_margins, &lesson);
}

void slab_learn_from(Relation index, const SlabSample *sample) {
    const PgsEffort effort = {.target_recall = sample->target, .rows = sample->rows};
    double recall;

    /* Which keeps the pages from being used again, and has the audit give way. */
    if (!slab_try_lock_maintenance(index))
        return;
    recall = slab_audit(index, sample->query, sample->dims, effort);
    if (recall >= 0)
        learn(index, sample, recall);
    slab_unlock_maintenance(index);
}
