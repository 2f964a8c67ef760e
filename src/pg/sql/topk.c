/*
 * topk.c - slab_topk(): the k nearest visible rows, by the index it is given and no other plan.
 *
 * The index searches as slab.exact, slab.target_recall and the others say, and returns the nearest
 * rows first. The distances are the operator's.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/table.h"
#include "access/tableam.h"
#include "catalog/index.h"
#include "executor/executor.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/float.h"
#include "utils/lsyscache.h"
#include "utils/rls.h"
#include "utils/snapmgr.h"

#include "am/am.h"
#include "base/compat.h"
#include "base/owner.h"
#include "pgslab/index.h"
#include "sql/index.h"
#include "store/options.h"
#include "store/page.h"
#include "types/vec.h"

/* Neighbours that there is room for at first. */
#define FEWEST_NEIGHBOURS 64

typedef struct Neighbour {
    double distance;
    ItemPointerData tid;
} Neighbour;

typedef struct TopK {
    Relation index;
    Relation table;
    FmgrInfo distance;
    Datum query;
    int64 k;
    double farthest; /* rows beyond are not wanted */
    int64 found;
    int64 room;
    Neighbour *neighbours; /* nearest first */
} TopK;

static void require_readable(Relation index, Relation table) {
    slab_require_select(index);
    if (check_enable_rls(RelationGetRelid(table), InvalidOid, false) == RLS_ENABLED)
        ereport(
            ERROR, errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
            errmsg("slab_topk does not apply row-level security policies"),
            errdetail("Table \"%s\" has policies for this role.", RelationGetRelationName(table)),
            errhint("Use SELECT ... ORDER BY distance LIMIT k, which does."));
}

/* The distance of a score: scores rise where distances fall. See the README. */
static double distance_of_score(const PgsMetaInfo *info, double score) {
    return info->metric == PGS_COSINE ? 1 - score : -score;
}

static void keep(TopK *top, double distance, ItemPointer tid) {
    if (top->found == top->room) {
        top->room *= 2;
        top->neighbours = repalloc_huge(top->neighbours, top->room * sizeof *top->neighbours);
    }
    top->neighbours[top->found].distance = distance;
    top->neighbours[top->found].tid = *tid;
    top->found++;
}

static void find_neighbours(TopK *top, IndexScanDesc scan) {
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
        keep(top, distance, &slot->tts_tid);
    }
    ExecDropSingleTupleTableSlot(slot);
    FreeExecutorState(estate);
}

static void scan_index(TopK *top) {
    Oid type = top->index->rd_opcintype[0];
    Oid operator=
        get_opfamily_member(top->index->rd_opfamily[0], type, type, SLAB_DISTANCE_STRATEGY);
    ScanKeyData key;
    IndexScanDesc scan;

    fmgr_info(get_opcode(operator), &top->distance);
    ScanKeyEntryInitialize(&key, SK_ORDER_BY, 1, SLAB_DISTANCE_STRATEGY, type, InvalidOid,
                           top->distance.fn_oid, top->query);
    scan = slab_index_beginscan(top->table, top->index, GetActiveSnapshot(), 0, 1);
    slab_expect_rows(scan, (uint32)top->k);
    index_rescan(scan, NULL, 0, &key, 1);
    find_neighbours(top, scan);
    index_endscan(scan);
}

static void return_neighbours(const TopK *top, ReturnSetInfo *result) {
    for (int64 i = 0; i < top->found; i++) {
        Neighbour *neighbour = &top->neighbours[i];
        Datum values[2] = {PointerGetDatum(&neighbour->tid), Float8GetDatum(neighbour->distance)};
        bool nulls[2] = {false, false};

        tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
    }
}

static void check_arguments(const TopK *top) {
    if (top->k < 0)
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("k must not be negative"),
                errdetail("k is %lld.", (long long)top->k),
                errhint("Ask for the number of rows you want."));
    slab_require_usable(top->index, GetActiveSnapshot());
}

PG_FUNCTION_INFO_V1(slab_topk);
Datum slab_topk(PG_FUNCTION_ARGS) {
    TopK top = {0};
    PGAlignedBlock meta;
    PgsMetaInfo info;
    SlabSecurity outside;

    InitMaterializedSRF(fcinfo, 0);
    if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2))
        return (Datum)0;
    top.index = slab_open_index(PG_GETARG_OID(0));
    top.table = table_open(IndexGetRelation(RelationGetRelid(top.index), false), AccessShareLock);
    top.query = PointerGetDatum(PG_GETARG_VEC_P(1));
    top.k = PG_GETARG_INT32(2);
    require_readable(top.index, top.table);
    check_arguments(&top);
    slab_read_meta(top.index, &meta);
    pgs_meta_info(meta.data, &info);
    top.farthest =
        PG_ARGISNULL(3) ? get_float8_nan() : distance_of_score(&info, PG_GETARG_FLOAT8(3));
    top.room = FEWEST_NEIGHBOURS;
    top.neighbours = palloc_array(Neighbour, top.room);
    slab_enter_owner(top.table, &outside);
    if (top.k > 0)
        scan_index(&top);
    slab_leave_owner(&outside);
    return_neighbours(&top, (ReturnSetInfo *)fcinfo->resultinfo);
    table_close(top.table, AccessShareLock);
    index_close(top.index, AccessShareLock);
    return (Datum)0;
}
