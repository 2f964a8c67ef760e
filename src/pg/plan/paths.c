/*
 * paths.c - what the files that offer the planner paths have in common.
 */
#include "postgres.h"

#include "optimizer/pathnode.h"

#include "plan/plan.h"
#include "store/identity.h"

bool slab_is_ordered_path(const Path *path) {
    const IndexPath *scan = (const IndexPath *)path;

    return IsA(path, IndexPath) && list_length(scan->indexorderbys) == 1 &&
           path->param_info == NULL && slab_is_access_method(scan->indexinfo->relam);
}

/* A condition on the vector comes from filter_path.c. Of those on filter columns the server makes
 * paths as well, which have no distance, and are refused. */
static bool has_range(const IndexPath *scan) {
    ListCell *cell;

    foreach (cell, scan->indexclauses)
        if (lfirst_node(IndexClause, cell)->indexcol == 0 && lfirst_node(IndexClause, cell)->lossy)
            return true;
    return false;
}

bool slab_is_search_path(const Path *path) {
    const IndexPath *scan = (const IndexPath *)path;

    return slab_is_ordered_path(path) ||
           (IsA(path, IndexPath) && scan->indexorderbys == NIL && path->param_info == NULL &&
            slab_is_access_method(scan->indexinfo->relam) && has_range(scan));
}

void slab_add_paths(RelOptInfo *rel, List *paths) {
    ListCell *cell;

    foreach (cell, paths)
        if (lfirst(cell) != NULL)
            add_path(rel, lfirst(cell));
    list_free(paths);
}
