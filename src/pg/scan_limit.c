/*
 * scan_limit.c - how many rows the query wants of an index scan: its LIMIT.
 *
 * An access method is not told of a LIMIT above it. So when an executor starts, the plan is
 * searched for scans of slab indexes below a LIMIT, and each of them is remembered together with
 * its Limit node, as long as the executor's memory lives. A scan that starts finds its own entry by
 * its descriptor, whatever else runs: nested queries, cursors in turns, the same index twice. By
 * then the Limit node has worked out its count, parameters and all.
 *
 * It is a hint. Where there is none, or more rows are asked for after all, the scan goes on.
 */
#include "postgres.h"

#include "access/relscan.h"
#include "executor/executor.h"
#include "lib/ilist.h"
#include "nodes/nodeFuncs.h"
#include "slab.h"

/* Allocated in the executor's memory context, whose end unlinks it. */
typedef struct LimitedScan {
    dlist_node node;
    MemoryContextCallback callback;
    const IndexScanState *scan;
    const LimitState *limit;
} LimitedScan;

static dlist_head limited_scans = DLIST_STATIC_INIT(limited_scans);
static ExecutorStart_hook_type previous_executor_start;

static void forget(void *arg) {
    dlist_delete(&((LimitedScan *)arg)->node);
}

static void remember(const IndexScanState *scan, const LimitState *limit) {
    MemoryContext context = scan->ss.ps.state->es_query_cxt;
    LimitedScan *entry = MemoryContextAlloc(context, sizeof *entry);

    entry->scan = scan;
    entry->limit = limit;
    entry->callback.func = forget;
    entry->callback.arg = entry;
    dlist_push_head(&limited_scans, &entry->node);
    MemoryContextRegisterResetCallback(context, &entry->callback);
}

static bool is_ordered_slab_scan(const PlanState *node) {
    const IndexScanState *scan = (const IndexScanState *)node;

    return IsA(node, IndexScanState) && scan->iss_NumOrderByKeys > 0 &&
           scan->iss_RelationDesc != NULL &&
           scan->iss_RelationDesc->rd_indam->amgettuple == slab_get_tuple;
}

/* Whether a node takes from each node below it no or few more rows than it returns, filters aside,
 * in their order. */
static bool passes_rows_on(const PlanState *node) {
    switch (nodeTag(node)) {
        case T_AppendState:
        case T_IncrementalSortState:
        case T_LockRowsState:
        case T_MergeAppendState:
        case T_ResultState:
        case T_SubqueryScanState:
            return true;
        default:
            return false;
    }
}

/* limit is the Limit node above, with nothing but such nodes in between, or NULL. */
static bool visit(PlanState *node, void *limit) {
    if (node == NULL)
        return false;
    if (is_ordered_slab_scan(node)) {
        if (limit != NULL)
            remember((const IndexScanState *)node, limit);
        limit = NULL;
    } else if (IsA(node, LimitState)) {
        limit = node;
    } else if (!passes_rows_on(node)) {
        /* The outer side's rows are passed on with what is joined to them. */
        if (limit != NULL && IsA(node, NestLoopState))
            visit(outerPlanState(node), limit);
        limit = NULL;
    }
    return planstate_tree_walker(node, visit, limit);
}

static void start_executor(QueryDesc *query, int flags) {
    if (previous_executor_start != NULL)
        previous_executor_start(query, flags);
    else
        standard_ExecutorStart(query, flags);
    visit(query->planstate, NULL);
}

void slab_init_limit(void) {
    previous_executor_start = ExecutorStart_hook;
    ExecutorStart_hook = start_executor;
}

/* Rows that the Limit node above will ask for at most, ties aside; 0 when it has no count. */
static uint32 rows_of(const LimitState *limit) {
    if (limit->noCount)
        return 0;
    return (uint32)Min((uint64)limit->offset + (uint64)limit->count, PG_UINT32_MAX);
}

uint32 slab_limit(IndexScanDesc scan) {
    dlist_iter iter;

    dlist_foreach(iter, &limited_scans) {
        const LimitedScan *entry = dlist_container(LimitedScan, node, iter.cur);

        if (entry->scan->iss_ScanDesc == scan)
            return rows_of(entry->limit);
    }
    return 0;
}
