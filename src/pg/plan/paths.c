/*
 * paths.c - which of the planner's paths are ours.
 */
#include "postgres.h"

#include "plan/plan.h"
#include "store/identity.h"

bool slab_is_ordered_path(const Path *path) {
    const IndexPath *scan = (const IndexPath *)path;

    return IsA(path, IndexPath) && list_length(scan->indexorderbys) == 1 &&
           path->param_info == NULL && slab_is_access_method(scan->indexinfo->relam);
}
