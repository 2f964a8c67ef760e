/*
 * maintenance.c - slab_compact(), slab_vacuum(), slab_recluster(): maintenance on demand.
 *
 * Readers and inserts go on meanwhile; other maintenance of the index, VACUUM included, waits.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/xlog.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "portability/instr_time.h"
#include "utils/memutils.h"

#include "base/progress.h"
#include "maintain/maintain.h"
#include "pgslab/maintain.h"
#include "sql/index.h"
#include "store/give_way.h"
#include "store/manifest.h"

typedef struct Call {
    Relation index;
    TupleDesc columns;
    instr_time start;
    SlabMaintenance *state;
} Call;

/* Opens the index for its owner, with the maintenance lock. */
static Call begin_call(FunctionCallInfo fcinfo, const char *function, SlabOperation operation) {
    Call call;

    INSTR_TIME_SET_CURRENT(call.start);
    PreventCommandDuringRecovery(function);
    PreventCommandIfReadOnly(function);
    call.index = slab_open_index(PG_GETARG_OID(0));
    slab_require_owner(call.index);
    if (get_call_result_type(fcinfo, NULL, &call.columns) != TYPEFUNC_COMPOSITE)
        elog(ERROR, "%s returns a row", function);
    slab_progress_begin(call.index, operation);
    slab_lock_maintenance(call.index);
    call.state = slab_open_maintenance(call.index);
    return call;
}

static double elapsed_ms(const Call *call) {
    instr_time now;

    INSTR_TIME_SET_CURRENT(now);
    INSTR_TIME_SUBTRACT(now, call->start);
    return INSTR_TIME_GET_MILLISEC(now);
}

static Datum end_call(Call *call, Datum *values) {
    bool nulls[8] = {false};

    slab_unlock_maintenance(call->index);
    slab_progress_end();
    index_close(call->index, AccessShareLock);
    return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(call->columns), values, nulls));
}

/* Slots in use, tombstones included; those of them that VACUUM flagged. */
static int64 records(const SlabMaintenance *state) {
    return (int64)(state->info.sealed_slots + state->open_slots);
}

static int64 tombstones(const SlabMaintenance *state) {
    return (int64)state->info.counted_tombstones;
}

static int64 used_blocks(const SlabMaintenance *state) {
    return (int64)state->info.end_block - state->info.spare_blocks;
}

PG_FUNCTION_INFO_V1(slab_compact);
Datum slab_compact(PG_FUNCTION_ARGS) {
    Call call = begin_call(fcinfo, "slab_compact()", SLAB_OPERATION_COMPACT);
    SlabMaintenance *state = call.state;
    PgsNeeds needs;
    Datum values[6];

    pgs_needs(state->meta.data, state->open_slots, &state->policy, &needs);
    values[0] = Int64GetDatum(records(state));
    values[1] = Int64GetDatum((int64)needs.sidecar);
    values[2] = Int32GetDatum((int32)state->info.segments);
    slab_pursue(state, PG_GETARG_BOOL(1) ? PGS_GOAL_COMPACT_FULL : PGS_GOAL_COMPACT);
    values[3] = Int32GetDatum((int32)state->info.segments);
    values[4] = Int64GetDatum((int64)state->bytes_written);
    values[5] = Float8GetDatum(elapsed_ms(&call));
    return end_call(&call, values);
}

PG_FUNCTION_INFO_V1(slab_vacuum);
Datum slab_vacuum(PG_FUNCTION_ARGS) {
    Call call = begin_call(fcinfo, "slab_vacuum()", SLAB_OPERATION_VACUUM);
    SlabMaintenance *state = call.state;
    int64 dead = tombstones(state);
    int64 blocks = used_blocks(state);
    Datum values[5];

    values[0] = Int64GetDatum(records(state));
    slab_pursue(state, PGS_GOAL_VACUUM);
    values[1] = Int64GetDatum(records(state));
    values[2] = Int64GetDatum(dead - tombstones(state));
    values[3] = Int64GetDatum(Max(blocks - used_blocks(state), 0) * BLCKSZ);
    if (slab_call_may_truncate(fcinfo, call.index))
        slab_truncate(call.index);
    values[4] = Float8GetDatum(elapsed_ms(&call));
    return end_call(&call, values);
}

PG_FUNCTION_INFO_V1(slab_recluster);
Datum slab_recluster(PG_FUNCTION_ARGS) {
    Call call = begin_call(fcinfo, "slab_recluster()", SLAB_OPERATION_RECLUSTER);
    SlabMaintenance *state = call.state;
    Datum values[5];

    slab_require_vectors(call.index, "slab_recluster");
    if (state->info.metric == PGS_L1)
        ereport(ERROR, errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                errmsg("index \"%s\" has no lists", RelationGetRelationName(call.index)),
                errdetail("A search by L1 distance reads all vectors."),
                errhint("slab_compact(index, full => true) writes an index anew as it is."));
    values[1] = Int32GetDatum((int32)state->info.lists);
    slab_pursue(state, PGS_GOAL_RECLUSTER);
    values[0] = Int64GetDatum(records(state) - tombstones(state));
    values[2] = Int32GetDatum((int32)state->info.lists);
    values[3] = Int64GetDatum((int64)state->bytes_written);
    values[4] = Float8GetDatum(elapsed_ms(&call));
    return end_call(&call, values);
}
