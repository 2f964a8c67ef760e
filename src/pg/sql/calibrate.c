/*
 * calibrate.c - slab_calibrate(): an index measures itself again, as rows have come and gone.
 *
 * The maintenance lock keeps other maintenance away; readers and inserts go on. Only the
 * calibration on the metapage changes, and it is only ever a guide to how much work a scan does:
 * one that was measured while rows came in is as good.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/table.h"
#include "access/xlog.h"
#include "catalog/index.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "base/owner.h"
#include "base/progress.h"
#include "learn/samples.h"
#include "maintain/maintain.h"
#include "pgslab/calibrate.h"
#include "pgslab/index.h"
#include "sql/index.h"
#include "sql/queries.h"
#include "store/give_way.h"
#include "store/page.h"

/* Each takes some kB of memory. */
#define MOST_QUERIES 10000

static void ask_table(Relation index, const PgsCalibrationOptions *options) {
    Relation table = table_open(IndexGetRelation(RelationGetRelid(index), false), AccessShareLock);
    SlabSecurity outside;

    slab_enter_owner(table, &outside);
    slab_ask_table(table, index, options);
    slab_leave_owner(&outside);
    table_close(table, AccessShareLock);
}

static void measure_under_lock(Relation index, bool has_signs,
                               const PgsCalibrationOptions *options) {
    MemoryContext context =
        AllocSetContextCreate(CurrentMemoryContext, "slab calibration", ALLOCSET_DEFAULT_SIZES);
    MemoryContext caller = MemoryContextSwitchTo(context);

    slab_progress_begin(index, SLAB_OPERATION_CALIBRATE);
    slab_lock_maintenance(index);
    slab_calibrate_index(index, options);
    if (has_signs)
        ask_table(index, options);
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

/* No rows when the index has not been measured. */
static void put_levels(ReturnSetInfo *result, const void *meta) {
    PgsLevel level;

    for (int i = 0; pgs_meta_level(meta, i, &level); i++)
        put_level(result, &level);
}

PG_FUNCTION_INFO_V1(slab_calibrate);
Datum slab_calibrate(PG_FUNCTION_ARGS) {
    PgsCalibrationOptions options = {.thorough = true};
    Relation index;
    PGAlignedBlock meta;
    PgsMetaInfo info;

    PreventCommandDuringRecovery("slab_calibrate()");
    PreventCommandIfReadOnly("slab_calibrate()");
    InitMaterializedSRF(fcinfo, 0);
    if (PG_ARGISNULL(0))
        return (Datum)0;
    index = slab_open_index(PG_GETARG_OID(0));
    slab_require_owner(index);
    slab_require_vectors(index, "slab_calibrate");
    slab_read_meta(index, &meta);
    pgs_meta_info(meta.data, &info);
    if (!PG_ARGISNULL(1))
        options.queries =
            slab_take_queries(index, PG_GETARG_ARRAYTYPE_P(1), info.dims, &options.given);
    if (options.given > MOST_QUERIES)
        ereport(ERROR, errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
                errmsg("there are too many queries to learn from"),
                errdetail("The array has %u of them, and at most %d can be used.", options.given,
                          MOST_QUERIES),
                errhint("Give some of them at random: a few hundred tell enough."));
    options.forget = !PG_ARGISNULL(2) && PG_GETARG_BOOL(2);
    measure_under_lock(index, info.signs, &options);
    if (options.forget)
        slab_forget_audits(RelationGetRelid(index));
    slab_read_meta(index, &meta);
    put_levels((ReturnSetInfo *)fcinfo->resultinfo, meta.data);
    index_close(index, AccessShareLock);
    return (Datum)0;
}
