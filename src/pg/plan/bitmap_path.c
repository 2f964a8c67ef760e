/*
 * bitmap_path.c - hands scans of slab indexes what other indexes find.
 *
 * A condition that no filter column knows may be one that some other index of the table can answer:
 * GIN on jsonb, GiST on boxes, BRIN, or several of them. The server's planner knows how to make a
 * bitmap of addresses of that; here it is offered a path that has the scan return rows of the
 * bitmap only (bitmap_scan.c). The conditions themselves stay with the scan, which looks at each
 * row again: bitmaps may be lossy.
 */
#include "postgres.h"

#include "nodes/extensible.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "optimizer/pathnode.h"
#include "optimizer/paths.h"

#include "plan/plan.h"
#include "store/identity.h"

static set_rel_pathlist_hook_type previous_set_rel_pathlist;

static Plan *plan_path(PlannerInfo *root, RelOptInfo *rel, CustomPath *path, List *targets,
                       List *clauses, List *children) {
    return slab_make_bitmap_scan(targets, children);
}

static const CustomPathMethods path_methods = {
    .CustomName = "SlabBitmapScan",
    .PlanCustomPath = plan_path,
};

/* The conditions that a path's index answers. */
static List *answered(const IndexPath *path) {
    List *conditions = NIL;
    ListCell *cell;

    foreach (cell, path->indexclauses)
        conditions = lappend(conditions, lfirst_node(IndexClause, cell)->rinfo);
    return conditions;
}

/* The indexes that may make a bitmap, for conditions other than these, and nothing but a bitmap, as
 * those of a copy of their relation. */
static List *indexes_for_bitmaps(const RelOptInfo *rel, RelOptInfo *rel_copy,
                                 const List *conditions) {
    List *indexes = NIL;
    ListCell *cell;

    foreach (cell, rel->indexlist) {
        const IndexOptInfo *index = lfirst_node(IndexOptInfo, cell);
        IndexOptInfo *copy;

        if (!index->amhasgetbitmap || slab_is_access_method(index->relam))
            continue;
        copy = makeNode(IndexOptInfo);
        *copy = *index;
        copy->rel = rel_copy;
        copy->amhasgettuple = false;
        copy->indrestrictinfo = list_difference_ptr(index->indrestrictinfo, conditions);
        indexes = lappend(indexes, copy);
    }
    return indexes;
}

/* The server's cheapest bitmap for the conditions of a relation but those that the path's index
 * answers; NULL where there is none. The server adds it to the relation's paths, where a sequential
 * scan might take its place; so it is asked of a copy that has no others, and is joined with
 * nothing: values of other relations are not at hand. */
static BitmapHeapPath *find_bitmap(PlannerInfo *root, const RelOptInfo *rel,
                                   const IndexPath *path) {
    List *conditions = answered(path);
    RelOptInfo *copy = makeNode(RelOptInfo);
    ListCell *cell;

    *copy = *rel;
    copy->baserestrictinfo = list_difference_ptr(rel->baserestrictinfo, conditions);
    copy->indexlist = indexes_for_bitmaps(rel, copy, conditions);
    copy->joininfo = NIL;
    copy->has_eclass_joins = false;
    copy->consider_parallel = false;
    copy->pathlist = NIL;
    copy->ppilist = NIL;
    copy->partial_pathlist = NIL;
    if (copy->baserestrictinfo == NIL || copy->indexlist == NIL)
        return NULL;
    create_index_paths(root, copy);
    foreach (cell, copy->pathlist) {
        Path *made = lfirst(cell);

        if (IsA(made, BitmapHeapPath) && made->param_info == NULL)
            return (BitmapHeapPath *)made;
    }
    return NULL;
}

static Path *bitmap_path(PlannerInfo *root, RelOptInfo *rel, IndexPath *search,
                         BitmapHeapPath *bitmap) {
    CustomPath *path = makeNode(CustomPath);
    IndexPath *child = makeNode(IndexPath);
    Cost bitmap_cost;
    Selectivity named;

    /* The planner may give the path itself other target columns, where it is a candidate, too. */
    *child = *search;
    cost_bitmap_tree_node(bitmap->bitmapqual, &bitmap_cost, &named);
    if (!slab_cost_with_bitmap(root, search, named, bitmap->path.total_cost - bitmap_cost,
                               &path->path.startup_cost, &path->path.total_cost))
        return NULL;
    child->path.startup_cost = path->path.startup_cost;
    child->path.total_cost = path->path.total_cost;
    path->path.startup_cost += bitmap_cost;
    path->path.total_cost += bitmap_cost;
    path->path.pathtype = T_CustomScan;
    path->path.parent = rel;
    path->path.pathtarget = rel->reltarget;
    path->path.parallel_safe = rel->consider_parallel;
    path->path.rows = rel->rows;
    path->path.pathkeys = search->path.pathkeys;
    path->flags = CUSTOMPATH_SUPPORT_PROJECTION;
    path->custom_paths = list_make2(child, bitmap);
    path->methods = &path_methods;
    return (Path *)path;
}

static void set_rel_pathlist(PlannerInfo *root, RelOptInfo *rel, Index rti, RangeTblEntry *rte) {
    List *paths = NIL;
    ListCell *cell;

    if (previous_set_rel_pathlist != NULL)
        previous_set_rel_pathlist(root, rel, rti, rte);
    if (rel->baserestrictinfo == NIL || !enable_indexscan || !enable_bitmapscan)
        return;
    foreach (cell, rel->pathlist) {
        IndexPath *search = lfirst(cell);
        BitmapHeapPath *bitmap =
            slab_is_search_path(&search->path) ? find_bitmap(root, rel, search) : NULL;

        if (bitmap != NULL)
            paths = lappend(paths, bitmap_path(root, rel, search, bitmap));
    }
    slab_add_paths(rel, paths);
}

void slab_init_bitmap_path(void) {
    previous_set_rel_pathlist = set_rel_pathlist_hook;
    set_rel_pathlist_hook = set_rel_pathlist;
}
