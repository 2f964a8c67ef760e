/*
 * calibrate.c - slab_calibrate(): an index measures itself again, as rows have come and gone.
 *
 * The maintenance lock keeps other maintenance away; readers and inserts go on. Only the
 * calibration on the metapage changes, and it is only ever a guide to how much work a scan does:
 * one that was measured while rows came in is as good.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/xlog.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "base/progress.h"
#include "maintain/maintain.h"
#include "pgslab/calibrate.h"
#include "sql/index.h"
#include "store/give_way.h"
#include "store/page.h"

static void measure_under_lock(Relation index) {
    MemoryContext context =
        AllocSetContextCreate(CurrentMemoryContext, "slab calibration", ALLOCSET_DEFAULT_SIZES);
    MemoryContext caller = MemoryContextSwitchTo(context);

    slab_progress_begin(index, SLAB_OPERATION_CALIBRATE);
    slab_lock_maintenance(index);
    slab_calibrate_index(index);
    slab_unlock_maintenance(index);
    slab_progress_end();
    MemoryContextSwitchTo(caller);
    MemoryContextDelete(context);
}

static void put_level(ReturnSetInfo *result, const PgsLevel *level) {
    enum { COLUMNS = 5 };
    Datum values[COLUMNS];
    bool nulls[COLUMNS] = {false};
    int n = 0;

    values[n++] = Float4GetDatum((float4)level->recall);
    values[n++] = Float4GetDatum((float4)level->lists);
    values[n++] = Float4GetDatum((float4)level->codes);
    values[n++] = Float4GetDatum((float4)level->refined);
    values[n++] = Float4GetDatum((float4)level->compared);
    Assert(n == COLUMNS);
    tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

static bool same_level(const PgsLevel *a, const PgsLevel *b) {
    return a->recall == b->recall && a->lists == b->lists && a->codes == b->codes &&
           a->refined == b->refined && a->compared == b->compared;
}

/* No rows when the index has not been measured. A level that adds nothing to the one before, as
 * where there are few lists, is left out. */
static void put_levels(ReturnSetInfo *result, const void *meta) {
    PgsLevel level;
    PgsLevel previous;

    for (int i = 0; pgs_meta_level(meta, i, &level); i++) {
        if (i == 0 || !same_level(&level, &previous))
            put_level(result, &level);
        previous = level;
    }
}

PG_FUNCTION_INFO_V1(slab_calibrate);
Datum slab_calibrate(PG_FUNCTION_ARGS) {
    Relation index;
    PGAlignedBlock meta;

    PreventCommandDuringRecovery("slab_calibrate()");
    PreventCommandIfReadOnly("slab_calibrate()");
    index = slab_open_index(PG_GETARG_OID(0));
    slab_require_owner(index);
    InitMaterializedSRF(fcinfo, 0);
    measure_under_lock(index);
    slab_read_meta(index, &meta);
    put_levels((ReturnSetInfo *)fcinfo->resultinfo, meta.data);
    index_close(index, AccessShareLock);
    return (Datum)0;
}
