/*
 * observe.c - shows the tables of a query, while it is planned, to who plans it to learn about it.
 *
 * The planner knows best what a query comes to: views, subqueries and partitions are taken apart,
 * functions inlined, conditions compared with the predicates of indexes. Who observes it sees each
 * table with all that, and may take paths away to learn what a plan without them costs.
 *
 * Planning may call functions, whose queries are planned meanwhile. These are not shown.
 */
#include "postgres.h"

#include "catalog/pg_class.h"
#include "optimizer/paths.h"
#include "optimizer/planner.h"
#include "tcop/tcopprot.h"

#include "plan/plan.h"

static planner_hook_type previous_planner;
static set_rel_pathlist_hook_type previous_set_rel_pathlist;

static SlabObserver *waiting; /* for the next query that is planned */
static SlabObserver *current; /* of the query that is being planned */

static PlannedStmt *plan(Query *query, const char *text, int options, ParamListInfo params) {
    return previous_planner != NULL ? previous_planner(query, text, options, params)
                                    : standard_planner(query, text, options, params);
}

static PlannedStmt *plan_query(Query *query, const char *text, int options, ParamListInfo params) {
    SlabObserver *former = current;
    PlannedStmt *result;

    if (waiting == NULL && current == NULL)
        return plan(query, text, options, params);
    current = waiting;
    waiting = NULL;
    PG_TRY();
    result = plan(query, text, options, params);
    PG_FINALLY();
    current = former;
    PG_END_TRY();
    return result;
}

PlannedStmt *slab_plan_observed(SlabObserver *observer, Query *query, const char *text,
                                int options) {
    PlannedStmt *result;

    PG_TRY();
    waiting = observer;
    result = pg_plan_query(query, text, options, NULL);
    PG_FINALLY();
    waiting = NULL;
    PG_END_TRY();
    return result;
}

/* What has rows of its own: no parent of partitions or of tables that inherit, which come one by
 * one. */
static bool is_table(const RangeTblEntry *entry) {
    return entry->rtekind == RTE_RELATION && !entry->inh &&
           (entry->relkind == RELKIND_RELATION || entry->relkind == RELKIND_MATVIEW);
}

static void set_rel_pathlist(PlannerInfo *root, RelOptInfo *rel, Index rti, RangeTblEntry *rte) {
    SlabObserver *observer = is_table(rte) ? current : NULL;

    if (observer != NULL)
        observer->before(observer, root, rel, rte);
    if (previous_set_rel_pathlist != NULL)
        previous_set_rel_pathlist(root, rel, rti, rte);
    if (observer != NULL)
        observer->after(observer, root, rel, rte);
}

void slab_init_observe(void) {
    previous_planner = planner_hook;
    planner_hook = plan_query;
    previous_set_rel_pathlist = set_rel_pathlist_hook;
    set_rel_pathlist_hook = set_rel_pathlist;
}
