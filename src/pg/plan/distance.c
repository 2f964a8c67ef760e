/*
 * distance.c - spares queries a distance that nobody looks at.
 *
 * Of a query that orders by a distance, the planner has the scan compute that distance for each row
 * it returns, in a column for whatever sorts. Below nothing but a LIMIT nothing does, since the
 * scan is in order by itself; yet computing it takes the row's vector, which often lies in TOAST,
 * and that takes longer than finding the row. So such plans lose the column.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_class.h"
#include "commands/defrem.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "nodes/plannodes.h"
#include "optimizer/planner.h"
#include "utils/syscache.h"

#include "plan/plan.h"
#include "store/identity.h"

static planner_hook_type previous_planner;

/* The scan, of an index or with a bitmap, whose rows are, unsorted, the result of a query or
 * subquery with this plan; or NULL. */
static const Plan *find_scan(const Plan *plan) {
    if (IsA(plan, Limit) && ((const Limit *)plan)->limitOption == LIMIT_OPTION_COUNT)
        plan = plan->lefttree;
    if (IsA(plan, LockRows))
        plan = plan->lefttree;
    return IsA(plan, IndexScan) || slab_ordered_scan_of(plan) != NULL ? plan : NULL;
}

/* The scan of the index itself. */
static const IndexScan *index_scan_of(const Plan *scan) {
    return (const IndexScan *)(IsA(scan, IndexScan) ? scan : slab_ordered_scan_of(scan));
}

/* The distance that orders it, as the scan's columns refer to it; or NULL. */
static const Node *distance_of(const Plan *scan) {
    List *distances = IsA(scan, IndexScan) ? ((const IndexScan *)scan)->indexorderbyorig
                                           : ((const CustomScan *)scan)->custom_exprs;

    return distances == NIL ? NULL : linitial(distances);
}

static bool scans_slab_index(Oid index) {
    HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(index));
    Oid am;

    if (!HeapTupleIsValid(tuple))
        return false;
    am = ((Form_pg_class)GETSTRUCT(tuple))->relam;
    ReleaseSysCache(tuple);
    return slab_is_access_method(am);
}

/* The scan's column of the distance that orders it, if it is there for sorting only; or 0. */
static AttrNumber sorting_column(const Plan *scan, const Node *distance) {
    ListCell *cell;

    foreach (cell, scan->targetlist) {
        const TargetEntry *entry = lfirst_node(TargetEntry, cell);

        if (entry->resjunk && equal(entry->expr, distance))
            return entry->resno;
    }
    return 0;
}

/* A target list without that column. Its further entries move up, and so do those of the plan below
 * that they refer to, if there is one. */
static List *without_column(const List *targets, AttrNumber column) {
    List *result = NIL;
    ListCell *cell;

    foreach (cell, targets) {
        TargetEntry *entry = copyObject(lfirst_node(TargetEntry, cell));
        Var *below = (Var *)entry->expr;

        if (entry->resno == column)
            continue;
        if (entry->resno > column)
            entry->resno--;
        if (IsA(below, Var) && below->varno == OUTER_VAR && below->varattno > column)
            below->varattno--;
        result = lappend(result, entry);
    }
    return result;
}

/* The column that a plan could do without if nobody read it; or 0. */
static AttrNumber spare_column(const Plan *plan) {
    const Plan *scan = plan == NULL ? NULL : find_scan(plan);
    const Node *distance = scan == NULL ? NULL : distance_of(scan);

    if (distance == NULL || !scans_slab_index(index_scan_of(scan)->indexid))
        return 0;
    return sorting_column(scan, distance);
}

/* The nodes above the scan pass all its columns on as they are. */
static void remove_column(Plan *plan, AttrNumber column) {
    for (; column > 0 && plan != NULL; plan = plan->lefttree) {
        plan->targetlist = without_column(plan->targetlist, column);
        plan->plan_width = Max(plan->plan_width - (int)sizeof(float8), 0);
    }
}

typedef struct ReadColumns {
    int relation;     /* as expressions name the plan whose columns these are */
    AttrNumber first; /* and all after it */
} ReadColumns;

/* Whether an expression reads one of the columns. */
static bool reads(Node *node, void *columns) {
    const ReadColumns *which = columns;

    if (node == NULL)
        return false;
    if (IsA(node, Var))
        return ((Var *)node)->varno == which->relation && ((Var *)node)->varattno >= which->first;
    return expression_tree_walker(node, reads, columns);
}

static bool join_reads(const NestLoop *join, ReadColumns *columns) {
    ListCell *cell;

    foreach (cell, join->nestParams)
        if (reads((Node *)lfirst_node(NestLoopParam, cell)->paramval, columns))
            return true;
    return reads((Node *)join->join.plan.targetlist, columns) ||
           reads((Node *)join->join.plan.qual, columns) ||
           reads((Node *)join->join.joinqual, columns);
}

/* A side of a join, which may be a subquery without a node of its own. */
static void spare_join(const NestLoop *join, Plan *side, int relation) {
    ReadColumns columns = {relation, spare_column(side)};

    if (columns.first > 0 && !join_reads(join, &columns))
        remove_column(side, columns.first);
}

static void spare_subquery(const SubqueryScan *scan) {
    ReadColumns columns = {(int)scan->scan.scanrelid, spare_column(scan->subplan)};

    if (columns.first > 0 && !reads((Node *)scan->scan.plan.targetlist, &columns) &&
        !reads((Node *)scan->scan.plan.qual, &columns))
        remove_column(scan->subplan, columns.first);
}

static void visit_plan(Plan *plan);

static void visit_plans(List *plans) {
    ListCell *cell;

    foreach (cell, plans)
        visit_plan(lfirst(cell));
}

/* Looks in a plan for joins and subqueries that have a distance to spare. */
static void visit_plan(Plan *plan) {
    if (plan == NULL)
        return;
    check_stack_depth();
    visit_plan(plan->lefttree);
    visit_plan(plan->righttree);
    switch (nodeTag(plan)) {
        case T_Append:
            visit_plans(((Append *)plan)->appendplans);
            break;
        case T_MergeAppend:
            visit_plans(((MergeAppend *)plan)->mergeplans);
            break;
        case T_NestLoop:
            spare_join((NestLoop *)plan, plan->lefttree, OUTER_VAR);
            spare_join((NestLoop *)plan, plan->righttree, INNER_VAR);
            break;
        case T_SubqueryScan:
            spare_subquery((SubqueryScan *)plan);
            visit_plan(((SubqueryScan *)plan)->subplan);
            break;
        default:
            break;
    }
}

/* Spares a whole query, or a subplan: nobody reads what its plan returns beyond the result proper.
 */
static void spare_query(Plan *plan) {
    remove_column(plan, spare_column(plan));
    visit_plan(plan);
}

static PlannedStmt *plan_query(Query *query, const char *text, int options, ParamListInfo params) {
    PlannedStmt *result = previous_planner != NULL ? previous_planner(query, text, options, params)
                                                   : standard_planner(query, text, options, params);
    ListCell *cell;

    spare_query(result->planTree);
    foreach (cell, result->subplans)
        spare_query(lfirst(cell));
    return result;
}

void slab_init_distance(void) {
    previous_planner = planner_hook;
    planner_hook = plan_query;
}
