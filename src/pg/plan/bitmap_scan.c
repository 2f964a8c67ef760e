/*
 * bitmap_scan.c - a plan node that returns the rows of an ordered scan which a bitmap of addresses
 * has.
 *
 *     Custom Scan (SlabBitmapScan)
 *       ->  Index Scan using items_embedding on items
 *             Order By: (embedding <-> ...)
 *             Filter: (payload @> ...)
 *       ->  Bitmap Index Scan on items_payload
 *             Index Cond: (payload @> ...)
 *
 * It passes on what the ordered scan returns, which has conditions, rows seen again under FOR
 * UPDATE and all else that is the server's. When that scan starts, it asks here for the rows that
 * it may return, and only then the bitmap is made: where no scan starts, none is.
 *
 * A scan that is not told of a bitmap returns every row that satisfies the conditions: the bitmap
 * makes a search cheaper, and never its result another.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/relscan.h"
#include "executor/executor.h"
#include "lib/ilist.h"
#include "miscadmin.h"
#include "nodes/extensible.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "optimizer/tlist.h"

#include "base/bitmap.h"
#include "pgslab/tid_set.h"
#include "plan/plan.h"
#include "store/error.h"

typedef struct BitmapScan {
    CustomScanState state;
    PlanState *ordered; /* perhaps below a condition without a column */
    PlanState *bitmap;
    PgsTidSet *named; /* NULL until there was a bitmap; freed by the callback */
    bool is_made;     /* named is what the bitmap has */
    dlist_node node;  /* of running_scans, until the executor's memory goes */
    MemoryContextCallback callback;
} BitmapScan;

static dlist_head running_scans = DLIST_STATIC_INIT(running_scans);

static Node *create_state(CustomScan *scan);

static const CustomScanMethods scan_methods = {
    .CustomName = "SlabBitmapScan",
    .CreateCustomScanState = create_state,
};

/* ---- its plan */

/* A condition without a column has a node of its own, above the scan. */
static Plan *below_gate(Plan *plan) {
    return IsA(plan, Result) ? outerPlan(plan) : plan;
}

static bool has_all_columns_of(const List *targets, Node *expression) {
    const int through = PVC_RECURSE_AGGREGATES | PVC_RECURSE_WINDOWFUNCS | PVC_RECURSE_PLACEHOLDERS;
    ListCell *cell;

    foreach (cell, pull_var_clause(expression, through))
        if (tlist_member(lfirst(cell), (List *)targets) == NULL)
            return false;
    return true;
}

Plan *slab_make_bitmap_scan(List *targets, List *children) {
    CustomScan *scan = makeNode(CustomScan);
    Plan *ordered = linitial(children);
    const IndexScan *index_scan = castNode(IndexScan, below_gate(ordered));
    List *distances = index_scan->indexorderbyorig;
    Plan *heap_scan = below_gate(lsecond(children));

    scan->scan.plan.targetlist = targets;
    scan->custom_plans = list_make2(ordered, outerPlan(castNode(BitmapHeapScan, heap_scan)));
    scan->custom_scan_tlist = copyObject(ordered->targetlist);
    /* As it looks in terms of these columns: distance.c compares target lists with it. */
    if (has_all_columns_of(scan->custom_scan_tlist, (Node *)distances))
        scan->custom_exprs = copyObject(distances);
    scan->flags = CUSTOMPATH_SUPPORT_PROJECTION;
    scan->methods = &scan_methods;
    return &scan->scan.plan;
}

const Plan *slab_ordered_scan_of(const Plan *plan) {
    const CustomScan *scan = (const CustomScan *)plan;

    return IsA(plan, CustomScan) && scan->methods == &scan_methods
               ? below_gate(linitial(scan->custom_plans))
               : NULL;
}

/* ---- its execution */

static ScanState *below_gate_state(PlanState *state) {
    return (ScanState *)(IsA(state, ResultState) ? outerPlanState(state) : state);
}

static void forget_scan(void *arg) {
    BitmapScan *scan = arg;

    dlist_delete(&scan->node);
    pgs_tid_set_destroy(scan->named);
}

static void begin_scan(CustomScanState *state, EState *estate, int flags) {
    BitmapScan *scan = (BitmapScan *)state;
    const CustomScan *plan = (const CustomScan *)state->ss.ps.plan;

    /* The node above does without these, too. */
    flags &= ~(EXEC_FLAG_REWIND | EXEC_FLAG_BACKWARD | EXEC_FLAG_MARK);
    scan->ordered = ExecInitNode(linitial(plan->custom_plans), estate, flags);
    scan->bitmap = ExecInitNode(lsecond(plan->custom_plans), estate, flags);
    state->custom_ps = list_make2(scan->ordered, scan->bitmap);
    /* Rows are projected from the slots of the ordered scan, which need not be virtual ones. */
    state->ss.ps.scanops = ExecGetResultSlotOps(scan->ordered, &state->ss.ps.scanopsfixed);
    state->ss.ps.scanopsset = true;
    ExecAssignScanProjectionInfoWithVarno(&state->ss, INDEX_VAR);
    /* WHERE CURRENT OF finds its row in the slot of whoever scans its table. */
    state->ss.ss_currentRelation = below_gate_state(scan->ordered)->ss_currentRelation;
    state->ss.ss_ScanTupleSlot = below_gate_state(scan->ordered)->ss_ScanTupleSlot;

    scan->callback.func = forget_scan;
    scan->callback.arg = scan;
    dlist_push_head(&running_scans, &scan->node);
    MemoryContextRegisterResetCallback(estate->es_query_cxt, &scan->callback);
}

static TupleTableSlot *next_row(CustomScanState *state) {
    TupleTableSlot *slot = ExecProcNode(((BitmapScan *)state)->ordered);
    ProjectionInfo *projection = state->ss.ps.ps_ProjInfo;

    if (TupIsNull(slot) || projection == NULL)
        return slot;
    ResetExprContext(projection->pi_exprContext);
    projection->pi_exprContext->ecxt_scantuple = slot;
    return ExecProject(projection);
}

static void end_scan(CustomScanState *state) {
    ListCell *cell;

    foreach (cell, state->custom_ps)
        ExecEndNode(lfirst(cell));
}

/* The bitmap is made again where a parameter of its own has changed. */
static void rescan(CustomScanState *state) {
    BitmapScan *scan = (BitmapScan *)state;
    ListCell *cell;

    foreach (cell, state->custom_ps) {
        PlanState *child = lfirst(cell);

        if (state->ss.ps.chgParam != NULL)
            UpdateChangedParamSet(child, state->ss.ps.chgParam);
    }
    if (scan->bitmap->chgParam != NULL)
        scan->is_made = false;
    if (scan->ordered->chgParam == NULL)
        ExecReScan(scan->ordered);
}

static const CustomExecMethods exec_methods = {
    .CustomName = "SlabBitmapScan",
    .BeginCustomScan = begin_scan,
    .ExecCustomScan = next_row,
    .EndCustomScan = end_scan,
    .ReScanCustomScan = rescan,
};

static Node *create_state(CustomScan *plan) {
    BitmapScan *scan = palloc0(sizeof *scan);

    NodeSetTag(scan, T_CustomScanState);
    scan->state.methods = &exec_methods;
    return (Node *)scan;
}

/* ---- the rows that are named */

static void name_rows_of(Relation index, PgsTidSet *named, TIDBitmap *bitmap) {
    SlabBitmapIterator *iterator = slab_bitmap_begin(bitmap);
    SlabBitmapPage page;
    PgsError error;

    pgs_tid_set_clear(named);
    while (slab_bitmap_next(iterator, &page)) {
        CHECK_FOR_INTERRUPTS();
        if (page.lossy || page.n > 0)
            slab_check_status(
                index, pgs_tid_set_add(named, page.block, page.offsets, (uint32)page.n, &error),
                &error);
    }
    slab_bitmap_end(iterator);
}

static void make_bitmap(Relation index, BitmapScan *scan) {
    MemoryContext caller = MemoryContextSwitchTo(scan->state.ss.ps.state->es_query_cxt);
    TIDBitmap *bitmap = (TIDBitmap *)MultiExecProcNode(scan->bitmap);

    if (bitmap == NULL || !IsA(bitmap, TIDBitmap))
        elog(ERROR, "a bitmap index scan made no bitmap");
    if (scan->named == NULL)
        slab_check_status(index, pgs_tid_set_create(&scan->named), &slab_out_of_memory);
    name_rows_of(index, scan->named, bitmap);
    tbm_free(bitmap);
    MemoryContextSwitchTo(caller);
    scan->is_made = true;
}

const PgsTidSet *slab_named_rows(IndexScanDesc scan) {
    dlist_iter iter;

    dlist_foreach(iter, &running_scans) {
        BitmapScan *running = dlist_container(BitmapScan, node, iter.cur);

        if (castNode(IndexScanState, below_gate_state(running->ordered))->iss_ScanDesc == scan) {
            if (!running->is_made)
                make_bitmap(scan->indexRelation, running);
            return running->named;
        }
    }
    return NULL;
}

void slab_init_bitmap_scan(void) {
    RegisterCustomScanMethods(&scan_methods);
}
