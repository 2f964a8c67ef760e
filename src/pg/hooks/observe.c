/*
 * observe.c - shows the tables of a query, while it is planned, to who plans it to learn about it.
 *
 * The planner knows best what a query comes to: views, subqueries and partitions are taken apart,
 * functions inlined, conditions compared with the predicates of indexes. Who observes it sees each
 * table with all that, and may take paths away to learn what a plan without them costs.
 */
#include "postgres.h"

#include "catalog/pg_class.h"
#include "optimizer/paths.h"

#include "hooks/hooks.h"

static set_rel_pathlist_hook_type previous_set_rel_pathlist;
static SlabObserver *current;

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

SlabObserver *slab_observe(SlabObserver *observer) {
    SlabObserver *former = current;

    current = observer;
    return former;
}

void slab_init_observe(void) {
    previous_set_rel_pathlist = set_rel_pathlist_hook;
    set_rel_pathlist_hook = set_rel_pathlist;
}
