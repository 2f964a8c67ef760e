/*
 * counts.c - what scores need to know of all rows of an index, by a machine of the core for each
 * index that rows are in.
 */
#include "postgres.h"

#include "storage/bufmgr.h"
#include "utils/memutils.h"

#include "store/error.h"
#include "store/page.h"
#include "store/pump.h"
#include "text/counts.h"
#include "text/index.h"

/* Of one index; freed by the callback when its context goes. */
typedef struct Counter {
    PgsStatistics *statistics;
    MemoryContextCallback callback;
    PGAlignedBlock meta;
} Counter;

static void destroy(void *arg) {
    Counter *counter = arg;

    pgs_statistics_destroy(counter->statistics);
    counter->statistics = NULL;
}

static Counter *count_in(Relation leaf, const PgsQueryTerm *terms, uint32 count) {
    Counter *counter = palloc(sizeof *counter);
    SlabPump pump;

    counter->statistics = NULL;
    counter->callback.func = destroy;
    counter->callback.arg = counter;
    MemoryContextRegisterResetCallback(CurrentMemoryContext, &counter->callback);
    slab_read_meta(leaf, &counter->meta);
    slab_check_status(leaf,
                      pgs_statistics_create(counter->meta.data, terms, count, &counter->statistics),
                      &slab_out_of_memory);
    pump = (SlabPump){.machine = pgs_statistics_machine(counter->statistics),
                      .index = leaf,
                      .meta = counter->meta.data,
                      .prefetch = true};
    slab_pump_pages(&pump);
    return counter;
}

/* Rows of two partitions could not be compared. */
static void require_same_bm25(const SlabCounts *counts, const PgsMetaInfo *info, Relation index,
                              Relation leaf) {
    if (counts->bm25.k1 != info->k1 || counts->bm25.b != info->b)
        ereport(ERROR, errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
                errmsg("indexes of index \"%s\" score in different ways",
                       RelationGetRelationName(index)),
                errdetail("One has k1 %g and b %g, but \"%s\" has k1 %g and b %g.", counts->bm25.k1,
                          counts->bm25.b, RelationGetRelationName(leaf), info->k1, info->b),
                errhint("Set their options alike, and REINDEX them."));
}

static void add(SlabCounts *counts, const Counter *counter, uint32 count) {
    counts->documents += pgs_statistics_documents(counter->statistics);
    counts->bm25.average += pgs_statistics_length(counter->statistics); /* a sum so far */
    for (uint32 i = 0; i < count; i++)
        counts->with_term[i] += pgs_statistics_with_term(counter->statistics, i);
}

SlabCounts slab_count_terms(Relation index, const PgsQueryTerm *terms, uint32 count) {
    SlabCounts counts = {.with_term = palloc0(sizeof(uint64) * Max(count, 1))};
    MemoryContext work =
        AllocSetContextCreate(CurrentMemoryContext, "slab statistics", ALLOCSET_DEFAULT_SIZES);
    MemoryContext caller = MemoryContextSwitchTo(work);
    List *leaves = slab_open_leaves(index);
    ListCell *cell;

    foreach (cell, leaves) {
        Counter *counter = count_in(lfirst(cell), terms, count);
        PgsMetaInfo info;

        pgs_meta_info(counter->meta.data, &info);
        if (cell == list_head(leaves))
            counts.bm25 = (PgsBm25){.k1 = info.k1, .b = info.b};
        else
            require_same_bm25(&counts, &info, index, lfirst(cell));
        add(&counts, counter, count);
        destroy(counter);
    }
    slab_close_leaves(index, leaves);
    MemoryContextSwitchTo(caller);
    MemoryContextDelete(work);
    if (counts.documents > 0)
        counts.bm25.average /= (double)counts.documents;
    return counts;
}
