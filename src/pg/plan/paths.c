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

void slab_add_paths(RelOptInfo *rel, List *paths) {
    ListCell *cell;

    foreach (cell, paths)
        if (lfirst(cell) != NULL)
            add_path(rel, lfirst(cell));
    list_free(paths);
}
