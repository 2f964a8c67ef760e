/*
 * fn_topk.c - slab_topk(): the k nearest visible rows, by the index it is given and no other plan.
 *
 * The index searches as slab.exact, slab.target_recall and the others say. Ordinarily it returns
 * the nearest rows first, and the first k are taken. With slab.exact it returns rows in ascending
 * order of a lower bound; then the k best by the operator's own value are kept, until the bound
 * passes the worst of them. Either way the distances are the operator's.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/table.h"
#include "access/tableam.h"
#include "catalog/index.h"
#include "compat.h"
#include "executor/executor.h"
#include "fmgr.h"
#include "funcapi.h"
#include "lib/pairingheap.h"
#include "miscadmin.h"
#include "slab.h"
#include "utils/acl.h"
#include "utils/float.h"
#include "utils/lsyscache.h"
#include "utils/rls.h"
#include "utils/snapmgr.h"
#include "vec.h"

typedef struct Neighbour {
    pairingheap_node node;
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
    int64 kept;
    pairingheap *heap; /* the farthest on top */
} TopK;

static int compare_neighbours(const pairingheap_node *a, const pairingheap_node *b, void *arg) {
    const Neighbour *left = pairingheap_const_container(Neighbour, node, a);
    const Neighbour *right = pairingheap_const_container(Neighbour, node, b);

    return float8_cmp_internal(left->distance, right->distance);
}

static void require_readable(Relation table) {
    AclResult result = pg_class_aclcheck(RelationGetRelid(table), GetUserId(), ACL_SELECT);

    if (result != ACLCHECK_OK)
        aclcheck_error(result, get_relkind_objtype(table->rd_rel->relkind),
                       RelationGetRelationName(table));
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

static double worst_kept(const TopK *top) {
    return pairingheap_container(Neighbour, node, pairingheap_first(top->heap))->distance;
}

/* Keeps the row if it is among the k best so far. */
static void offer(TopK *top, double distance, ItemPointer tid) {
    Neighbour *neighbour;

    if (float8_gt(distance, top->farthest))
        return;
    if (top->kept < top->k) {
        neighbour = palloc(sizeof *neighbour);
        top->kept++;
    } else {
        if (!float8_lt(distance, worst_kept(top)))
            return;
        neighbour = pairingheap_container(Neighbour, node, pairingheap_remove_first(top->heap));
    }
    neighbour->distance = distance;
    neighbour->tid = *tid;
    pairingheap_add(top->heap, &neighbour->node);
}

/* Whether the scan has a further row, if one can be wanted. */
static bool next_row(TopK *top, IndexScanDesc scan, TupleTableSlot *slot) {
    double value;

    /* Asking for one row more than needed may make the scan go on for long. */
    if (!scan->xs_recheckorderby && top->kept == top->k)
        return false;
    if (!index_getnext_slot(scan, ForwardScanDirection, slot))
        return false;
    value = DatumGetFloat8(scan->xs_orderbyvals[0]);
    return !float8_gt(value, top->farthest) &&
           (top->kept < top->k || float8_lt(value, worst_kept(top)));
}

static void find_neighbours(TopK *top, IndexScanDesc scan) {
    IndexInfo *info = BuildIndexInfo(top->index);
    EState *estate = CreateExecutorState();
    TupleTableSlot *slot = table_slot_create(top->table, NULL);
    MemoryContext caller = CurrentMemoryContext;

    GetPerTupleExprContext(estate)->ecxt_scantuple = slot;
    while (next_row(top, scan, slot)) {
        Datum value;
        bool isnull;
        double distance = 0;

        CHECK_FOR_INTERRUPTS();
        MemoryContextSwitchTo(GetPerTupleMemoryContext(estate));
        FormIndexDatum(info, slot, estate, &value, &isnull);
        if (!isnull) /* an expression need not be as immutable as it says */
            distance = DatumGetFloat8(FunctionCall2(&top->distance, value, top->query));
        MemoryContextSwitchTo(caller);
        ResetPerTupleExprContext(estate);
        if (!isnull)
            offer(top, distance, &slot->tts_tid);
    }
    ExecDropSingleTupleTableSlot(slot);
    FreeExecutorState(estate);
}

static void search(TopK *top) {
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

/* Empties the heap into the result, nearest first. */
static void return_neighbours(TopK *top, ReturnSetInfo *result) {
    Neighbour **sorted = palloc_array(Neighbour *, top->kept + 1);

    for (int64 i = top->kept; i-- > 0;)
        sorted[i] = pairingheap_container(Neighbour, node, pairingheap_remove_first(top->heap));
    for (int64 i = 0; i < top->kept; i++) {
        Datum values[2] = {PointerGetDatum(&sorted[i]->tid), Float8GetDatum(sorted[i]->distance)};
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
    require_readable(top.table);
    check_arguments(&top);
    slab_read_meta(top.index, &meta);
    pgs_meta_info(meta.data, &info);
    top.farthest =
        PG_ARGISNULL(3) ? get_float8_nan() : distance_of_score(&info, PG_GETARG_FLOAT8(3));
    top.heap = pairingheap_allocate(compare_neighbours, NULL);
    slab_enter_owner(top.table, &outside);
    if (top.k > 0)
        search(&top);
    slab_leave_owner(&outside);
    return_neighbours(&top, (ReturnSetInfo *)fcinfo->resultinfo);
    table_close(top.table, AccessShareLock);
    index_close(top.index, AccessShareLock);
    return (Datum)0;
}
