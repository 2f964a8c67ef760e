/*
 * outside.c - why a query that does not order by a distance does not use an index: it nowhere
 * asks for an order, or the ORDER BY stands in a query around it.
 */
#include "postgres.h"

#include "nodes/pathnodes.h"
#include "optimizer/optimizer.h"

#include "why/why.h"

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

int slab_place_of_subquery(const PlannerInfo *root) {
    const PlannerInfo *around = root->parent_root;

    for (int i = 1; i < around->simple_rel_array_size; i++) {
        const RelOptInfo *rel = around->simple_rel_array[i];

        if (rel != NULL && rel->subroot == root)
            return i;
    }
    return 0;
}

/* What a query is within the one around it. */
static const char *describe(const PlannerInfo *root) {
    const char *cte = name_of_cte(root);
    int place = slab_place_of_subquery(root);

    if (cte != NULL)
        return psprintf("the CTE %s", cte);
    if (root->parent_root->parse->setOperations != NULL)
        return "a UNION, INTERSECT or EXCEPT";
    return psprintf("the subquery %s", root->parent_root->simple_rte_array[place]->eref->aliasname);
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

/* Whether an expression of the query around has columns of this query, which may be a CTE there, or
 * one of several that are put together. */
static bool has_columns(const PlannerInfo *root, Node *expression) {
    PlannerInfo *around = root->parent_root;
    const char *cte = name_of_cte(root);
    Relids places = pull_varnos(around, expression);

    if (around->parse->setOperations != NULL)
        return true;
    if (cte == NULL)
        return bms_is_member(slab_place_of_subquery(root), places);
    for (int i = 1; i < around->simple_rel_array_size; i++) {
        const RangeTblEntry *entry = around->simple_rte_array[i];

        if (bms_is_member(i, places) && entry->rtekind == RTE_CTE &&
            strcmp(entry->ctename, cte) == 0)
            return true;
    }
    return false;
}

/* Whether the query around orders by a distance of this one's rows, which may be computed on either
 * side. */
static bool is_sorted_around(const SlabCandidate *candidate, const PlannerInfo *root,
                             bool computed) {
    const Query *around = root->parent_root->parse;
    ListCell *cell;

    foreach (cell, around->sortClause) {
        Node *key =
            get_sortgroupclause_expr(lfirst_node(SortGroupClause, cell), around->targetList);

        if ((computed || slab_has_distance(candidate, key)) && has_columns(root, key))
            return true;
    }
    return false;
}

/* Whether the rows of a query go into the one around it, as those of an expression's subquery do
 * not. */
static bool goes_into_another(const PlannerInfo *root) {
    return root->parent_root != NULL &&
           (root->parent_root->parse->setOperations != NULL || name_of_cte(root) != NULL ||
            slab_place_of_subquery(root) != 0);
}

static bool is_sorted_outside(const SlabCandidate *candidate) {
    bool computed = false;

    for (const PlannerInfo *root = candidate->reading->root; goes_into_another(root);
         root = root->parent_root) {
        computed = computed || slab_has_distance(candidate, (Node *)root->parse->targetList);
        if (is_sorted_around(candidate, root, computed))
            return true;
    }
    return false;
}

/* The first distance that there is a condition on, of the type that the index has or of any; or
 * NULL. */
static const Node *find_condition(const SlabCandidate *candidate, bool of_any_type) {
    const Node *found = NULL;
    ListCell *cell;

    foreach (cell, candidate->reading->rel->baserestrictinfo)
        if (found == NULL)
            found = slab_find_distance(candidate, (Node *)lfirst_node(RestrictInfo, cell)->clause,
                                       of_any_type);
    return found;
}

SlabAnswer slab_why_unordered(const SlabCandidate *candidate) {
    const PlannerInfo *root = candidate->reading->root;
    const char *distance = slab_distance_text(candidate);
    const Node *condition = find_condition(candidate, false);
    SlabAnswer answer;

    if (condition == NULL)
        condition = find_condition(candidate, true);

    if (is_sorted_outside(candidate)) {
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
    if (condition != NULL && slab_why_type(candidate, condition, &answer))
        return answer;
    if (condition != NULL) {
        answer.reason = psprintf(
            "There is a condition on the distance, and not that %s lies below one value for all "
            "rows, which is what the index finds rows by.",
            distance);
        answer.remedy = psprintf(
            "If the rows within a distance are wanted: WHERE %s < bound, by AND with other "
            "conditions. If the nearest are: ORDER BY %s LIMIT n.",
            distance, distance);
        return answer;
    }
    answer.reason =
        psprintf("There is no ORDER BY %s, which is the only order that the index has.", distance);
    answer.remedy = psprintf("If the nearest rows are wanted: ORDER BY %s LIMIT n.", distance);
    return answer;
}
