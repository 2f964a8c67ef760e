/*
 * topk.c - slab_topk(): the k nearest visible rows, by the index it is given and no other plan.
 *
 * The index searches as slab.exact, slab.target_recall and the others say, and returns the nearest
 * rows first. The distances are the operator's.
 *
 * A condition that rows have to satisfy, be it a filter or a policy, takes a plan, which is
 * topk_query.c's.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/table.h"
#include "access/tableam.h"
#include "catalog/index.h"
#include "catalog/pg_class.h"
#include "executor/executor.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/float.h"
#include "utils/lsyscache.h"
#include "utils/rls.h"
#include "utils/snapmgr.h"

#include "am/am.h"
#include "base/compat.h"
#include "base/owner.h"
#include "pgslab/index.h"
#include "sql/index.h"
#include "sql/queries.h"
#include "sql/topk.h"
#include "store/options.h"
#include "store/page.h"

/* Neighbours that there is room for at first. */
#define FEWEST_NEIGHBOURS 64

void slab_keep_neighbour(SlabTopK *top, double distance, ItemPointer tid, Oid table) {
    if (top->found == top->room) {
        top->room *= 2;
        top->neighbours = repalloc_huge(top->neighbours, top->room * sizeof *top->neighbours);
    }
    top->neighbours[top->found].distance = distance;
    top->neighbours[top->found].tid = *tid;
    top->neighbours[top->found].table = table;
    top->found++;
}

static void find_neighbours(SlabTopK *top, IndexScanDesc scan) {
    IndexInfo *info = BuildIndexInfo(top->index);
    EState *estate = CreateExecutorState();
    TupleTableSlot *slot = table_slot_create(top->table, NULL);
    MemoryContext caller = CurrentMemoryContext;

    GetPerTupleExprContext(estate)->ecxt_scantuple = slot;
    while (top->found < top->k && index_getnext_slot(scan, ForwardScanDirection, slot)) {
        Datum values[INDEX_MAX_KEYS];
        bool isnull[INDEX_MAX_KEYS];
        double distance = 0;

        CHECK_FOR_INTERRUPTS();
        MemoryContextSwitchTo(GetPerTupleMemoryContext(estate));
        FormIndexDatum(info, slot, estate, values, isnull);
        if (!isnull[0]) /* an expression need not be as immutable as it says */
            distance = DatumGetFloat8(FunctionCall2(&top->distance, values[0], top->query));
        MemoryContextSwitchTo(caller);
        ResetPerTupleExprContext(estate);
        if (isnull[0])
            continue;
        if (float8_gt(distance, top->farthest))
            break;
        slab_keep_neighbour(top, distance, &slot->tts_tid, slot->tts_tableOid);
    }
    ExecDropSingleTupleTableSlot(slot);
    FreeExecutorState(estate);
}

static void scan_index(SlabTopK *top) {
    ScanKeyData key;
    IndexScanDesc scan;
    SlabSecurity outside;

    slab_enter_owner(top->table, &outside);
    ScanKeyEntryInitialize(&key, SK_ORDER_BY, 1, SLAB_DISTANCE_STRATEGY, top->query_type,
                           InvalidOid, top->distance.fn_oid, top->query);
    scan = slab_index_beginscan(top->table, top->index, GetActiveSnapshot(), 0, 1);
    slab_expect_rows(scan, (uint32)Min(top->k, PG_UINT32_MAX));
    index_rescan(scan, NULL, 0, &key, 1);
    find_neighbours(top, scan);
    index_endscan(scan);
    slab_leave_owner(&outside);
}

static void return_neighbours(const SlabTopK *top, ReturnSetInfo *result) {
    for (int64 i = 0; i < top->found; i++) {
        SlabNeighbour *neighbour = &top->neighbours[i];
        Datum values[2] = {PointerGetDatum(&neighbour->tid), Float8GetDatum(neighbour->distance)};
        bool nulls[2] = {false, false};

        tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
    }
}

static void check_arguments(const SlabTopK *top) {
    if (top->k < 0)
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("k must not be negative"),
                errdetail("k is %lld.", (long long)top->k),
                errhint("Ask for the number of rows you want."));
    slab_require_usable(top->index, GetActiveSnapshot());
}

static void find_operator(SlabTopK *top) {
    top->nearness = get_opfamily_member(top->index->rd_opfamily[0], top->index->rd_opcintype[0],
                                        top->query_type, SLAB_DISTANCE_STRATEGY);
    fmgr_info(get_opcode(top->nearness), &top->distance);
}

static bool has_policies(Relation table) {
    return check_enable_rls(RelationGetRelid(table), InvalidOid, false) == RLS_ENABLED;
}

void slab_prepare_topk(SlabTopK *top, const char *function, Relation index, Oid query_type,
                       Datum query, int32 k) {
    top->function = function;
    top->index = index;
    top->table = table_open(IndexGetRelation(RelationGetRelid(index), false), AccessShareLock);
    top->query_type = query_type;
    top->query = query;
    top->k = k;
    top->farthest = get_float8_nan(); /* beyond all others */
    top->found = 0;
    top->room = FEWEST_NEIGHBOURS;
    top->neighbours = palloc_array(SlabNeighbour, top->room);
    slab_require_select(index);
    check_arguments(top);
    find_operator(top);
}

void slab_begin_topk(SlabTopK *top, const char *function, Oid index_oid, Oid query_type,
                     Datum query, int32 k, PgsMetaInfo *info) {
    Relation index = slab_open_index(index_oid);
    PGAlignedBlock meta;

    slab_require_vectors(index, function);
    slab_prepare_topk(top, function, index, index->rd_opcintype[0],
                      slab_make_query(index, query_type, query), k);
    slab_read_meta(index, &meta);
    pgs_meta_info(meta.data, info);
}

static bool is_partitioned(Relation index) {
    return index->rd_rel->relkind == RELKIND_PARTITIONED_INDEX;
}

void slab_find_topk(SlabTopK *top, const PgsMetaInfo *info, const char *filter) {
    if (filter != NULL || has_policies(top->table) || is_partitioned(top->index)) {
        if (info != NULL)
            slab_check_embedder(top->index, info);
        slab_topk_by_query(top, filter);
    } else if (top->k > 0) {
        scan_index(top);
    }
}

void slab_end_topk(SlabTopK *top) {
    table_close(top->table, AccessShareLock);
    index_close(top->index, AccessShareLock);
}

PG_FUNCTION_INFO_V1(slab_topk);
Datum slab_topk(PG_FUNCTION_ARGS) {
    SlabTopK top;
    PgsMetaInfo info;

    InitMaterializedSRF(fcinfo, 0);
    if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2))
        return (Datum)0;
    slab_begin_topk(&top, "slab_topk", PG_GETARG_OID(0), get_fn_expr_argtype(fcinfo->flinfo, 1),
                    PG_GETARG_DATUM(1), PG_GETARG_INT32(2), &info);
    if (!PG_ARGISNULL(3))
        top.farthest =
            slab_distance_of_score(slab_type_info(top.index)->metric, PG_GETARG_FLOAT8(3));
    slab_find_topk(&top, &info, PG_ARGISNULL(4) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(4)));
    return_neighbours(&top, (ReturnSetInfo *)fcinfo->resultinfo);
    slab_end_topk(&top);
    return (Datum)0;
}
