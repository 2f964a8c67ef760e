/*
 * why_outside.c - why a query that does not order by a distance does not use an index: it nowhere
 * asks for an order, or the ORDER BY stands in a query around it.
 */
#include "postgres.h"

#include "nodes/pathnodes.h"
#include "optimizer/optimizer.h"

#include "sql/why.h"

/* Whether the subquery's plan is this one, by which the planner knows CTEs. */
static bool is_cte(const PlannerInfo *around, int plan, const PlannerInfo *root) {
    return plan > 0 && list_nth(around->glob->subroots, plan - 1) == root;
}

static const char *name_of_cte(const PlannerInfo *root) {
    const PlannerInfo *around = root->parent_root;
    ListCell *cte;
    ListCell *plan;

    forboth(cte, around->parse->cteList, plan, around->cte_plan_ids) {
        if (is_cte(around, lfirst_int(plan), root))
            return lfirst_node(CommonTableExpr, cte)->ctename;
    }
    return NULL;
}

static const char *name_of_subquery(const PlannerInfo *root) {
    const PlannerInfo *around = root->parent_root;

    for (int i = 1; i < around->simple_rel_array_size; i++) {
        const RelOptInfo *rel = around->simple_rel_array[i];

        if (rel != NULL && rel->subroot == root)
            return around->simple_rte_array[i]->eref->aliasname;
    }
    return NULL;
}

/* What a query is within the one around it. */
static const char *describe(const PlannerInfo *root) {
    const char *cte = name_of_cte(root);
    const char *subquery = name_of_subquery(root);

    if (cte != NULL)
        return psprintf("the CTE %s", cte);
    if (root->parent_root->parse->setOperations != NULL)
        return "a UNION, INTERSECT or EXCEPT";
    return subquery != NULL ? psprintf("the subquery %s", subquery) : "a subquery";
}

/* What keeps a query from becoming one with the query around it. */
static const char *what_separates(const PlannerInfo *root) {
    const Query *query = root->parse;

    if (name_of_cte(root) != NULL)
        return "is materialized";
    if (root->parent_root->parse->setOperations != NULL)
        return "puts the rows of several queries together";
    if (query->groupClause != NIL || query->groupingSets != NIL || query->hasAggs)
        return "groups rows";
    if (query->distinctClause != NIL)
        return "has DISTINCT";
    if (query->hasWindowFuncs)
        return "has window functions";
    if (query->limitCount != NULL || query->limitOffset != NULL)
        return "has LIMIT or OFFSET";
    return "is planned by itself";
}

static bool sorts_by_distance(const SlabCandidate *candidate, const Query *query) {
    ListCell *cell;

    foreach (cell, query->sortClause) {
        SortGroupClause *sort = lfirst_node(SortGroupClause, cell);

        if (slab_has_distance(candidate, get_sortgroupclause_expr(sort, query->targetList)))
            return true;
    }
    return false;
}

/* Whether a query around this one orders by a distance, which may be computed on either side. */
static bool is_sorted_outside(const SlabCandidate *candidate) {
    const PlannerInfo *root = candidate->reading->root;
    bool computed = slab_has_distance(candidate, (Node *)candidate->reading->targets);

    for (root = root->parent_root; root != NULL; root = root->parent_root)
        if ((computed && root->parse->sortClause != NIL) ||
            sorts_by_distance(candidate, root->parse))
            return true;
    return false;
}

static bool has_condition_on_distance(const SlabCandidate *candidate) {
    ListCell *cell;

    foreach (cell, candidate->reading->rel->baserestrictinfo)
        if (slab_find_distance(candidate, (Node *)lfirst_node(RestrictInfo, cell)->clause) != NULL)
            return true;
    return false;
}

SlabAnswer slab_why_unordered(const SlabCandidate *candidate) {
    const PlannerInfo *root = candidate->reading->root;
    const char *distance = slab_distance_text(candidate);
    SlabAnswer answer;

    if (root->parent_root != NULL && is_sorted_outside(candidate)) {
        answer.reason = psprintf(
            "ORDER BY stands outside of %s, which %s, so the order does not "
            "reach the scan.",
            describe(root), what_separates(root));
        answer.remedy = psprintf(
            "Put ORDER BY %s LIMIT n where the table is read: (SELECT ... "
            "ORDER BY %s LIMIT n).",
            distance, distance);
        return answer;
    }
    answer.reason = has_condition_on_distance(candidate)
                        ? psprintf(
                              "There is a condition on the distance, and no ORDER BY %s: the "
                              "index returns rows in order, and cannot look for those "
                              "within a distance.",
                              distance)
                        : psprintf(
                              "There is no ORDER BY %s, which is the only order that the "
                              "index has.",
                              distance);
    answer.remedy = psprintf("If the nearest rows are wanted: ORDER BY %s LIMIT n.", distance);
    return answer;
}
