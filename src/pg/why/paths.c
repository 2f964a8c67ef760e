/*
 * paths.c - the paths of a table, while it is planned, as slab_why() wants them: those over slab
 * indexes in order or within a distance, and no others.
 */
#include "postgres.h"

#include "optimizer/pathnode.h"
#include "optimizer/paths.h"

#include "plan/plan.h"
#include "store/identity.h"
#include "why/why.h"

/* More than any plan costs that is not to be avoided. */
#define AVOIDED_COST 1e10

static IndexPath *first_over_slab(List *paths) {
    ListCell *cell;

    foreach (cell, paths)
        if (slab_is_search_path(lfirst(cell)))
            return lfirst(cell);
    return NULL;
}

/* Whether the server looks for paths over indexes. */
static bool takes_indexes(const PlannerInfo *root, RelOptInfo *rel) {
    return !is_dummy_rel(rel) && root->simple_rte_array[rel->relid]->tablesample == NULL;
}

bool slab_narrow_paths(PlannerInfo *root, RelOptInfo *rel, List *indexes, SlabPaths *former) {
    former->indexes = rel->indexlist;
    former->paths = rel->pathlist;
    former->partial = rel->partial_pathlist;
    if (indexes == NIL || !takes_indexes(root, rel))
        return false;
    rel->indexlist = indexes;
    rel->pathlist = NIL;
    rel->partial_pathlist = NIL;
    if (root->query_pathkeys != NIL)
        slab_add_paths_by_first_key(root, rel, indexes);
    slab_add_paths_with_conditions(root, rel);
    if (first_over_slab(rel->pathlist) != NULL)
        return true;
    slab_restore_paths(rel, former);
    return false;
}

void slab_restore_paths(RelOptInfo *rel, const SlabPaths *former) {
    rel->indexlist = former->indexes;
    rel->pathlist = former->paths;
    rel->partial_pathlist = former->partial;
}

IndexPath *slab_find_path(PlannerInfo *root, RelOptInfo *rel, IndexOptInfo *index) {
    SlabPaths former;
    IndexPath *found;

    if (!slab_narrow_paths(root, rel, list_make1(index), &former))
        return NULL;
    found = first_over_slab(rel->pathlist);
    slab_restore_paths(rel, &former);
    return found;
}

void slab_keep_slab_paths(RelOptInfo *rel) {
    List *kept = NIL;
    ListCell *cell;

    foreach (cell, rel->pathlist)
        if (slab_is_search_path(lfirst(cell)))
            kept = lappend(kept, lfirst(cell));
    rel->pathlist = kept;
    rel->partial_pathlist = NIL;
}

void slab_avoid_paths(RelOptInfo *rel) {
    ListCell *cell;

    foreach (cell, rel->pathlist) {
        ((Path *)lfirst(cell))->startup_cost += AVOIDED_COST;
        ((Path *)lfirst(cell))->total_cost += AVOIDED_COST;
    }
    rel->partial_pathlist = NIL;
}
