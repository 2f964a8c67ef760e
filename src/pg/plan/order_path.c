/*
 * order_path.c - ordered scans for queries that order by more than a distance.
 *
 * A slab index orders by one distance. ORDER BY distance, id can be had of it all the same: its
 * rows come in the order of the first key, and an incremental sort puts those of equal distance in
 * the order of the others. To 16 the server asks an index for all keys or for none; and where the
 * second key is a distance, too, later versions ask for both. So the server is had to look again
 * as though the first key were the only one. What it makes of the paths that it finds then is as
 * with any index that has the first keys of an order.
 */
#include "postgres.h"

#include "optimizer/optimizer.h"
#include "optimizer/pathnode.h"
#include "optimizer/paths.h"

#include "plan/plan.h"
#include "store/identity.h"

static set_rel_pathlist_hook_type previous_set_rel_pathlist;

static bool has_ordered_path(const RelOptInfo *rel) {
    ListCell *cell;

    foreach (cell, rel->pathlist)
        if (slab_is_ordered_path(lfirst(cell)))
            return true;
    return false;
}

static List *slab_indexes(const RelOptInfo *rel) {
    List *result = NIL;
    ListCell *cell;

    foreach (cell, rel->indexlist)
        if (slab_is_access_method(lfirst_node(IndexOptInfo, cell)->relam))
            result = lappend(result, lfirst(cell));
    return result;
}

/* Whether the server looks for index scans of it: it is neither the parent of others nor sampled,
 * nor known to have no row. */
static bool is_scanned(RelOptInfo *rel, const RangeTblEntry *rte) {
    return rte->rtekind == RTE_RELATION && !rte->inh && rte->tablesample == NULL &&
           !IS_DUMMY_REL(rel);
}

void slab_add_paths_by_first_key(PlannerInfo *root, RelOptInfo *rel, List *indexes) {
    List *pathkeys = root->query_pathkeys;
    List *indexlist = rel->indexlist;

    root->query_pathkeys = list_make1(linitial(pathkeys));
    rel->indexlist = indexes;
    create_index_paths(root, rel);
    rel->indexlist = indexlist;
    root->query_pathkeys = pathkeys;
}

static void set_rel_pathlist(PlannerInfo *root, RelOptInfo *rel, Index rti, RangeTblEntry *rte) {
    List *indexes;

    if (previous_set_rel_pathlist != NULL)
        previous_set_rel_pathlist(root, rel, rti, rte);
    if (list_length(root->query_pathkeys) < 2 || !is_scanned(rel, rte) || has_ordered_path(rel))
        return;
    indexes = slab_indexes(rel);
    if (indexes != NIL)
        slab_add_paths_by_first_key(root, rel, indexes);
}

void slab_init_order_path(void) {
    previous_set_rel_pathlist = set_rel_pathlist_hook;
    set_rel_pathlist_hook = set_rel_pathlist;
}
