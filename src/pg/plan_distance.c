/*
 * plan_distance.c - spares queries a distance that nobody looks at.
 *
 * Of a query that orders by a distance, the planner has the scan compute that distance for each row
 * it returns, in a column for whatever sorts. Below nothing but a LIMIT nothing does, since the
 * scan is in order by itself; yet computing it takes the row's vector, which often lies in TOAST,
 * and that takes longer than finding the row. So in such plans the column is NULL.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "commands/defrem.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/plannodes.h"
#include "optimizer/planner.h"
#include "slab.h"
#include "utils/syscache.h"

static planner_hook_type previous_planner;

/* The scan whose rows are, unsorted, the result of a query or subquery with this plan; or NULL. */
static IndexScan *find_scan(Plan *plan) {
    if (IsA(plan, Limit) && ((Limit *)plan)->limitOption == LIMIT_OPTION_COUNT)
        plan = plan->lefttree;
    if (IsA(plan, LockRows))
        plan = plan->lefttree;
    return IsA(plan, IndexScan) ? (IndexScan *)plan : NULL;
}

static bool is_slab_index(Oid index) {
    HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(index));
    Oid am;

    if (!HeapTupleIsValid(tuple))
        return false;
    am = ((Form_pg_class)GETSTRUCT(tuple))->relam;
    ReleaseSysCache(tuple);
    return am == get_index_am_oid("slab", true);
}

/* plan is all of a query or subquery: what it returns beyond the result proper, nobody reads. */
static void spare_distance(Plan *plan) {
    IndexScan *scan = find_scan(plan);
    ListCell *cell;

    if (scan == NULL || scan->indexorderbyorig == NIL || !is_slab_index(scan->indexid))
        return;
    foreach (cell, scan->scan.plan.targetlist) {
        TargetEntry *entry = lfirst_node(TargetEntry, cell);

        if (entry->resjunk && equal(entry->expr, linitial(scan->indexorderbyorig)))
            entry->expr = (Expr *)makeNullConst(FLOAT8OID, -1, InvalidOid);
    }
}

static void visit(Plan *plan);

static void visit_all(List *plans) {
    ListCell *cell;

    foreach (cell, plans)
        visit(lfirst(cell));
}

/* A plan of a query, with all below it. */
static void visit_query(Plan *plan) {
    if (plan != NULL)
        spare_distance(plan);
    visit(plan);
}

/* Looks for subqueries. */
static void visit(Plan *plan) {
    if (plan == NULL)
        return;
    check_stack_depth();
    visit(plan->lefttree);
    visit(plan->righttree);
    switch (nodeTag(plan)) {
        case T_Append:
            visit_all(((Append *)plan)->appendplans);
            break;
        case T_MergeAppend:
            visit_all(((MergeAppend *)plan)->mergeplans);
            break;
        case T_SubqueryScan:
            visit_query(((SubqueryScan *)plan)->subplan);
            break;
        default:
            break;
    }
}

static PlannedStmt *plan_query(Query *query, const char *text, int options, ParamListInfo params) {
    PlannedStmt *result = previous_planner != NULL ? previous_planner(query, text, options, params)
                                                   : standard_planner(query, text, options, params);
    ListCell *cell;

    visit_query(result->planTree);
    foreach (cell, result->subplans)
        visit_query(lfirst(cell));
    return result;
}

void slab_init_plan(void) {
    previous_planner = planner_hook;
    planner_hook = plan_query;
}
