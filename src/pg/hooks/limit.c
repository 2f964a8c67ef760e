/*
 * limit.c - how many rows the query wants of an index scan: its LIMIT; and what comes of a row that
 * the scan does not find.
 *
 * An access method is not told what is above it. So when an executor starts, the plan is searched
 * for scans of slab indexes, and each of them is remembered together with the Limit node that it is
 * below, as long as the executor's memory lives. A scan that starts finds its own entry by
 * its descriptor, whatever else runs: nested queries, cursors in turns, the same index twice. By
 * then the Limit node has worked out its count, parameters and all.
 *
 * Between the two there may be nodes of which nobody knows how many rows they take for one that
 * they return, a join or a grouping; then it is known only that not every row is wanted. The count
 * is a hint: where more rows are asked for after all, the scan goes on.
 *
 * Who asks for the rows within a distance wants all of them and may be content with most. But where
 * a statement changes what it finds, or an antijoin, EXCEPT, HAVING or a condition turns what was
 * not found into a row of the result, none may be missing.
 *
 * A plan that starts in another way, as when a row has changed under FOR UPDATE and is looked at
 * again, has no entries: its scans return every row.
 */
#include "postgres.h"

#include "access/parallel.h"
#include "access/relscan.h"
#include "executor/executor.h"
#include "lib/ilist.h"
#include "nodes/nodeFuncs.h"
#include "utils/rel.h"

#include "hooks/hooks.h"
#include "plan/plan.h"
#include "store/identity.h"

/* Allocated in the executor's memory context, whose end unlinks it. */
typedef struct LimitedScan {
    dlist_node node;
    MemoryContextCallback callback;
    const IndexScanState *scan;
    const LimitState *limit; /* NULL where every row is taken */
    bool only_loses;         /* as hooks.h says */
    bool counts;             /* rows of the scan are those that the limit counts, filters aside */
    bool ahead;              /* and one more is looked at, to see whether it ties with the last */
} LimitedScan;

/* What lies above a node. */
typedef struct Above {
    PlanState *top; /* of the whole plan */
    const PlanState *parent;
    bool in_cte;
    bool chooses;            /* some node leaves rows out, or joins them */
    const LimitState *limit; /* as above, and the others */
    bool only_loses;
    bool counts;
    bool ahead;
} Above;

static dlist_head limited_scans = DLIST_STATIC_INIT(limited_scans);
static ExecutorStart_hook_type previous_executor_start;

static void forget_scan(void *arg) {
    dlist_delete(&((LimitedScan *)arg)->node);
}

static void remember_scan(const IndexScanState *scan, const Above *above) {
    MemoryContext context = scan->ss.ps.state->es_query_cxt;
    LimitedScan *entry = MemoryContextAlloc(context, sizeof *entry);

    entry->scan = scan;
    entry->limit = above->limit;
    entry->only_loses = above->only_loses;
    entry->counts = above->counts;
    entry->ahead = above->ahead;
    entry->callback.func = forget_scan;
    entry->callback.arg = entry;
    dlist_push_head(&limited_scans, &entry->node);
    MemoryContextRegisterResetCallback(context, &entry->callback);
}

static bool is_slab_scan(const PlanState *node) {
    const IndexScanState *scan = (const IndexScanState *)node;

    return IsA(node, IndexScanState) && scan->iss_RelationDesc != NULL &&
           slab_is_routine(scan->iss_RelationDesc->rd_indam);
}

/* Whether a node takes from this child no or few more rows than it returns, filters aside, in their
 * order. The inner side of a nested loop is read to its end for each row of the outer. */
static bool passes_rows_on(const PlanState *node, const PlanState *child) {
    switch (nodeTag(node)) {
        case T_AppendState:
        case T_IncrementalSortState:
        case T_LockRowsState:
        case T_MergeAppendState:
        case T_ResultState:
        case T_SubqueryScanState:
            return true;
        case T_NestLoopState:
            return child == outerPlanState(node);
        case T_CustomScanState:
            return slab_ordered_scan_of(node->plan) != NULL;
        default:
            return false;
    }
}

/* Whether a grouping returns a group as soon as the next one begins, and none that it would not
 * return if it had all rows. With grouping sets one group may have all rows. A HAVING may hold of a
 * group only because some of its rows are missing. */
static bool groups_in_order(const Agg *agg) {
    return agg->aggstrategy == AGG_SORTED && agg->groupingSets == NIL && agg->chain == NIL &&
           agg->plan.qual == NIL;
}

/* Of the other joins a row that is missing on the outer side makes one that must not be. */
static bool only_loses_rows(JoinType type) {
    return type == JOIN_INNER || type == JOIN_LEFT || type == JOIN_SEMI || type == JOIN_ANTI;
}

/* Whether a node returns rows while it takes them from this child, several for one maybe, so that
 * it takes no more when it is asked for no more; and a row that it does not get can only be missing
 * from the result. Of the others, a sort or a hash table takes all rows first, and a window may. */
static bool stops_early(const PlanState *node, const PlanState *child) {
    switch (nodeTag(node)) {
        case T_AggState:
            return groups_in_order((const Agg *)node->plan);
        case T_MergeJoinState:
            return child == outerPlanState(node) &&
                   only_loses_rows(((const MergeJoin *)node->plan)->join.jointype);
        case T_GroupState:
        case T_MaterialState:
        case T_ProjectSetState:
        case T_UniqueState:
            return true;
        default:
            return false;
    }
}

/* Whether a row that is missing from this side of a join is only missing from what it returns. */
static bool join_only_loses(JoinType type, bool is_outer) {
    switch (type) {
        case JOIN_INNER:
        case JOIN_SEMI:
#if PG_VERSION_NUM >= 180000
        case JOIN_RIGHT_SEMI:
#endif
            return true;
        case JOIN_LEFT:
        case JOIN_ANTI:
            return is_outer;
        case JOIN_RIGHT:
#if PG_VERSION_NUM >= 160000
        case JOIN_RIGHT_ANTI:
#endif
            return !is_outer;
        default:
            return false;
    }
}

static bool is_join(const PlanState *node) {
    return IsA(node, HashJoinState) || IsA(node, MergeJoinState) || IsA(node, NestLoopState);
}

/* Whether a node has conditions on rows, as a window may have on its results. */
static bool has_conditions(const PlanState *node) {
    return node->plan->qual != NIL ||
           (IsA(node, WindowAggState) && ((const WindowAgg *)node->plan)->runCondition != NIL);
}

static bool chooses_rows(const PlanState *node) {
    return has_conditions(node) || is_join(node);
}

/* What is computed of several rows may satisfy a condition because some of them are missing. */
static bool computes_of_rows(const PlanState *node) {
    return IsA(node, WindowAggState) ||
           (IsA(node, AggState) && ((const AggState *)node)->numaggs > 0);
}

/* The same of a node and a child of it, where a node above may choose rows. */
static bool only_loses(const PlanState *node, const PlanState *child, bool chosen_above) {
    switch (nodeTag(node)) {
        case T_ModifyTableState:
        case T_SetOpState:
            return false;
        case T_HashJoinState:
        case T_MergeJoinState:
        case T_NestLoopState:
            return join_only_loses(((const JoinState *)node)->jointype,
                                   child == outerPlanState(node));
        default:
            return !computes_of_rows(node) || !(has_conditions(node) || chosen_above);
    }
}

/* Whether somewhere in the plan a row that is missing may be more than that. chosen_above: a bool,
 * as above. */
static bool may_do_harm(PlanState *node, void *chosen_above) {
    bool chosen = *(bool *)chosen_above;
    bool chosen_below;
    ListCell *cell;

    if (node == NULL)
        return false;
    chosen_below = chosen || chooses_rows(node);
    foreach (cell, node->initPlan)
        if (((const SubPlanState *)lfirst(cell))->subplan->subLinkType != CTE_SUBLINK)
            return true;
    return node->subPlan != NIL || !only_loses(node, outerPlanState(node), chosen) ||
           !only_loses(node, innerPlanState(node), chosen) ||
           planstate_tree_walker(node, may_do_harm, &chosen_below);
}

/* The subplan that the node is, of these; or NULL. */
static const SubPlan *find_subplan(List *subplans, const PlanState *node) {
    ListCell *cell;

    foreach (cell, subplans) {
        const SubPlanState *state = lfirst(cell);

        if (state->planstate == node)
            return state->subplan;
    }
    return NULL;
}

/* What a node's child has above it. A subplan of an expression is a query of its own, of whose rows
 * a condition may be that there are none. A CTE may be read anywhere in the plan. */
static Above below(const Above *above, const PlanState *child) {
    const PlanState *node = above->parent;
    Above result = {.top = above->top, .only_loses = above->only_loses, .in_cte = above->in_cte};
    const SubPlan *subplan;

    if (node == NULL)
        return result;
    result.chooses = above->chooses || chooses_rows(node);
    subplan = find_subplan(node->initPlan, child);
    if (subplan == NULL)
        subplan = find_subplan(node->subPlan, child);
    if (subplan != NULL) {
        result.in_cte = subplan->subLinkType == CTE_SUBLINK;
        result.only_loses = above->only_loses && result.in_cte;
        return result;
    }
    result.only_loses = above->only_loses && only_loses(node, child, above->chooses);
    if (IsA(node, LimitState)) {
        result.limit = (const LimitState *)node;
        result.counts = true;
        result.ahead = result.limit->limitOption == LIMIT_OPTION_WITH_TIES;
    } else if (passes_rows_on(node, child)) {
        result.limit = above->limit;
        result.counts = above->counts;
        result.ahead = above->ahead || IsA(node, IncrementalSortState);
    } else if (stops_early(node, child)) {
        result.limit = above->limit;
    }
    return result;
}

/* Remembers the scans of a plan of which not every row is wanted. context is an Above: the node's
 * parent, and what lies above that. */
static bool visit_state(PlanState *node, void *context) {
    Above here;

    if (node == NULL)
        return false;
    here = below(context, node);
    if (is_slab_scan(node) && (here.limit != NULL || here.only_loses)) {
        here.only_loses =
            here.only_loses && !(here.in_cte && may_do_harm(here.top, &(bool){false}));
        remember_scan((const IndexScanState *)node, &here);
    }
    here.parent = node;
    return planstate_tree_walker(node, visit_state, &here);
}

static void start_executor(QueryDesc *query, int flags) {
    if (previous_executor_start != NULL)
        previous_executor_start(query, flags);
    else
        standard_ExecutorStart(query, flags);
    /* What lies above a worker's part of a plan it cannot see. */
    visit_state(query->planstate,
                &(Above){.top = query->planstate, .only_loses = !IsParallelWorker()});
}

void slab_init_limit(void) {
    previous_executor_start = ExecutorStart_hook;
    ExecutorStart_hook = start_executor;
}

/* Rows that are asked for at most, further ties aside; 0 when the Limit node has no count. */
static uint32 rows_of(const LimitedScan *entry) {
    const LimitState *limit = entry->limit;

    if (limit == NULL || limit->noCount)
        return 0;
    return (uint32)Min((uint64)limit->offset + (uint64)limit->count + entry->ahead, PG_UINT32_MAX);
}

SlabLimit slab_limit(IndexScanDesc scan) {
    SlabLimit all = {.all = true};
    dlist_iter iter;

    dlist_foreach(iter, &limited_scans) {
        const LimitedScan *entry = dlist_container(LimitedScan, node, iter.cur);

        if (entry->scan->iss_ScanDesc == scan) {
            uint32 rows = rows_of(entry);

            return (SlabLimit){entry->counts ? rows : 0, rows == 0, entry->only_loses};
        }
    }
    return all;
}
