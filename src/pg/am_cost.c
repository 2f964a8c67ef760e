/*
 * am_cost.c - what the planner is told. An ordered scan reads the whole slab before its first row,
 * and then next to nothing.
 */
#include "postgres.h"

#include "access/genam.h"
#include "compat.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "slab.h"
#include "utils/float.h"
#include "utils/selfuncs.h"
#include "utils/spccache.h"

/* Streaming a cached page through the kernels takes about 0.6 us: as long as so many operators of a
 * row's. */
#define OPERATORS_PER_PAGE 30

/* An index this library cannot read is reported now, not when its answers are missed. */
static void check_format(const IndexOptInfo *index) {
    if (!index->hypothetical) {
        Relation relation = index_open(index->indexoid, NoLock);
        PGAlignedBlock meta;

        slab_read_meta(relation, &meta);
        index_close(relation, NoLock);
    }
}

void slab_cost_estimate(PlannerInfo *root, IndexPath *path, double loop_count, Cost *startup_cost,
                        Cost *total_cost, Selectivity *selectivity, double *correlation,
                        double *pages) {
    IndexOptInfo *index = path->indexinfo;
    double uncached;
    double random_page_cost_;
    double seq_page_cost_;

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
    get_tablespace_page_costs(index->reltablespace, &random_page_cost_, &seq_page_cost_);
    uncached = Max(0, (double)index->pages - effective_cache_size);
    *startup_cost = random_page_cost_ + uncached * seq_page_cost_ +
                    (index->pages * OPERATORS_PER_PAGE + index->tuples) * cpu_operator_cost;
    *total_cost = *startup_cost + index->tuples * cpu_index_tuple_cost;
}
