/*
 * audit.c - how much of what is nearest to a query its search has found.
 *
 * The search runs again as it did, and once exactly, under the maintenance lock. Distances are
 * those of stored vectors, since what the table says both would ask alike.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/float.h"
#include "utils/memutils.h"

#include "learn/learn.h"
#include "pgslab/index.h"
#include "store/codebook.h"
#include "store/error.h"
#include "store/page.h"
#include "store/pump.h"

typedef struct Audit {
    Relation index;
    PgsScan *scan; /* freed by the callback when the memory context goes */
    MemoryContextCallback callback;
    PGAlignedBlock meta;
    const PgsCodebook *codebook;
} Audit;

static void destroy_audit(void *arg) {
    pgs_scan_destroy(((Audit *)arg)->scan);
}

/* The values of the nearest rows, nearest first; returns how many there are. */
static uint32 find_nearest(Audit *audit, const float *query, PgsEffort effort, double *values) {
    SlabPump pump = {.machine = pgs_scan_machine(audit->scan),
                     .index = audit->index,
                     .meta = audit->meta.data,
                     .give_way = true,
                     .cost_delay = true};
    PgsRequest row;
    PgsError error;
    uint32 n = 0;

    effort.stored_values = true;
    slab_check_status(audit->index,
                      pgs_scan_start(audit->scan, audit->meta.data, audit->codebook, query, NULL,
                                     &effort, true, &error),
                      &error);
    while (n < effort.rows) {
        slab_pump(&pump, &row);
        if (row.kind == PGS_REQUEST_DONE)
            break;
        if (row.kind != PGS_REQUEST_FOUND)
            slab_refuse_request(&pump, &row);
        values[n++] = row.value;
    }
    return n;
}

static double share_found(const double *truth, uint32 n, const double *found, uint32 m) {
    uint32 hits = 0;

    if (n == 0 || isnan(truth[n - 1]))
        return -1;
    for (uint32 i = 0; i < m; i++)
        hits += found[i] <= truth[n - 1];
    return (double)Min(hits, n) / n;
}

static double audit_in_context(Relation index, const float *query, uint32 dims, PgsEffort effort) {
    PgsEffort exactly = effort;
    Audit *audit = palloc0(sizeof *audit);
    double *truth = palloc_array(double, effort.rows);
    double *found = palloc_array(double, effort.rows);
    PgsMetaInfo info;
    uint32 n;

    audit->index = index;
    slab_read_meta(index, &audit->meta);
    pgs_meta_info(audit->meta.data, &info);
    if (info.dims != dims)
        return -1; /* it has been built anew since */
    audit->callback.func = destroy_audit;
    audit->callback.arg = audit;
    MemoryContextRegisterResetCallback(CurrentMemoryContext, &audit->callback);
    audit->codebook = slab_pin_codebook(index, audit->meta.data);
    slab_check_status(index, pgs_scan_create((size_t)work_mem * 1024, &audit->scan),
                      &slab_out_of_memory);
    exactly.exact = true;
    n = find_nearest(audit, query, exactly, truth);
    return share_found(truth, n, found, find_nearest(audit, query, effort, found));
}

double slab_audit(Relation index, const float *query, uint32 dims, PgsEffort effort) {
    MemoryContext context =
        AllocSetContextCreate(CurrentMemoryContext, "slab audit", ALLOCSET_DEFAULT_SIZES);
    MemoryContext caller = MemoryContextSwitchTo(context);
    double recall = audit_in_context(index, query, dims, effort);

    MemoryContextSwitchTo(caller);
    MemoryContextDelete(context);
    return recall;
}
