/*
 * am_cost.c - what the planner is told. An ordered scan reads the whole slab before its first row,
 * then next to nothing for the first thousand rows, then the slab again for eight times as many.
 *
 * Costs are on the planner's scale for memory, where cpu_operator_cost is about 15 ns; so are those
 * of the distance functions in vec_cost.c. Reading pages in is left out, because what a sequential
 * scan reads from TOAST, which is more, is left out as well.
 */
#include "postgres.h"

#include <math.h>

#include "access/genam.h"
#include "compat.h"
#include "miscadmin.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "slab.h"
#include "utils/float.h"
#include "utils/spccache.h"

/* Streaming a page through the kernels takes about 0.6 us, and a row about 45 ns besides. */
#define OPERATORS_PER_PAGE 40
#define OPERATORS_PER_ROW 3

/* As in index/search.cpp: rows a pass keeps, at first and how they grow, and bytes for each. */
#define FIRST_BATCH 1024
#define BATCH_GROWTH 8
#define BYTES_PER_CANDIDATE 48

/* An index this library cannot read is reported now, not when its answers are missed. */
static void check_format(const IndexOptInfo *index) {
    if (!index->hypothetical) {
        Relation relation = index_open(index->indexoid, NoLock);
        PGAlignedBlock meta;

        slab_read_meta(relation, &meta);
        index_close(relation, NoLock);
    }
}

/* Passes over the slab that returning every row takes. */
static int count_passes(double tuples) {
    double most = Max(FIRST_BATCH, work_mem * 1024.0 / BYTES_PER_CANDIDATE);
    double batch = FIRST_BATCH;
    double returned = batch;
    int passes = 1;

    for (; returned < tuples && batch < most; passes++) {
        batch = Min(batch * BATCH_GROWTH, most);
        returned += batch;
    }
    if (returned < tuples)
        passes += (int)Min(ceil((tuples - returned) / most), 1e6);
    return passes;
}

void slab_cost_estimate(PlannerInfo *root, IndexPath *path, double loop_count, Cost *startup_cost,
                        Cost *total_cost, Selectivity *selectivity, double *correlation,
                        double *pages) {
    IndexOptInfo *index = path->indexinfo;
    double tuples = Max(index->tuples, 1);
    double random_page_cost_here;
    Cost pass;
    QualCost distance;

    *selectivity = 1;
    *correlation = 0;
    *pages = index->pages;

    /* A scan needs a distance to order by, and knows no second one to order ties by. */
    if (list_length(path->indexorderbys) != 1) {
        *startup_cost = *total_cost = get_float8_infinity();
        slab_disable_path(&path->path);
        return;
    }

    check_format(index);
    get_tablespace_page_costs(index->reltablespace, &random_page_cost_here, NULL);
    pass = (index->pages * OPERATORS_PER_PAGE + tuples * OPERATORS_PER_ROW) * cpu_operator_cost;
    *startup_cost = random_page_cost_here + pass;

    /* Each row returned is compared with others here and in the executor, which also computes its
     * distance again. */
    cost_qual_eval_node(&distance, linitial(path->indexorderbys), root);
    *total_cost = *startup_cost + (count_passes(tuples) - 1) * pass +
                  tuples * (cpu_index_tuple_cost + distance.per_tuple +
                            2 * cpu_operator_cost * log2(tuples + 1));
}
