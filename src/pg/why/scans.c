/*
 * scans.c - the scans of a plan, by the table and the index that they read.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "parser/parsetree.h"

#include "why/why.h"

typedef struct Search {
    const PlannedStmt *plan;
    List *scans;
} Search;

static void visit_plan(Search *search, Plan *plan);

static void visit_plans(Search *search, List *plans) {
    ListCell *cell;

    foreach (cell, plans)
        visit_plan(search, lfirst(cell));
}

/* Scans of a join that is done elsewhere have no table of their own. */
static void add_scan(Search *search, const Plan *plan, Oid index) {
    Index table = ((const Scan *)plan)->scanrelid;
    SlabPlanScan *scan;

    if (table == 0)
        return;
    scan = palloc(sizeof *scan);
    scan->table = rt_fetch(table, search->plan->rtable)->eref;
    scan->index = index;
    search->scans = lappend(search->scans, scan);
}

static void visit_plan(Search *search, Plan *plan) {
    if (plan == NULL)
        return;
    check_stack_depth();
    visit_plan(search, plan->lefttree);
    visit_plan(search, plan->righttree);
    switch (nodeTag(plan)) {
        case T_IndexScan:
            add_scan(search, plan, ((IndexScan *)plan)->indexid);
            break;
        case T_SeqScan:
        case T_SampleScan:
        case T_IndexOnlyScan:
        case T_BitmapHeapScan:
        case T_TidScan:
        case T_TidRangeScan:
        case T_ForeignScan:
            add_scan(search, plan, InvalidOid);
            break;
        case T_CustomScan:
            add_scan(search, plan, InvalidOid);
            visit_plans(search, ((CustomScan *)plan)->custom_plans);
            break;
        case T_SubqueryScan:
            visit_plan(search, ((SubqueryScan *)plan)->subplan);
            break;
        case T_Append:
            visit_plans(search, ((Append *)plan)->appendplans);
            break;
        case T_MergeAppend:
            visit_plans(search, ((MergeAppend *)plan)->mergeplans);
            break;
        default:
            break;
    }
}

List *slab_why_scans(const PlannedStmt *plan) {
    Search search = {plan, NIL};

    visit_plan(&search, plan->planTree);
    visit_plans(&search, plan->subplans);
    return search.scans;
}
