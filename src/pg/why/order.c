/*
 * order.c - what in an ORDER BY keeps an index from returning rows in that order.
 *
 * Each function here knows one reason, and they are asked in turn, those first without which the
 * later ones would say nothing. All look at the first key of the ORDER BY that has a distance in
 * it, as the planner has simplified it: function calls have become operators, and constant
 * expressions constants. Keys that are the same for all rows order nothing, and are left out.
 */
#include "postgres.h"

#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "optimizer/pathnode.h"
#include "optimizer/paths.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/ruleutils.h"
#include "utils/typcache.h"

#include "store/identity.h"
#include "store/options.h"
#include "why/why.h"

/* An ORDER BY as it looks from an index. */
typedef struct Order {
    const SlabCandidate *candidate;
    int keys;                    /* that order anything */
    int position;                /* of the key, from 0 */
    const SortGroupClause *sort; /* of the key */
    Node *key;
    Node *distance; /* in the key */
    Node *vector;   /* what the distance compares: the index's column, or else the table's side */
    Node *other;
    bool matches; /* the vector is the index's column */
} Order;

typedef bool (*Reason)(const Order *order, SlabAnswer *answer);

/* ---- the key ---- */

/* Without what does not change a value. */
static Node *strip(Node *node) {
    while (IsA(node, PlaceHolderVar) || IsA(node, RelabelType))
        node = IsA(node, PlaceHolderVar) ? (Node *)((PlaceHolderVar *)node)->phexpr
                                         : (Node *)((RelabelType *)node)->arg;
    return node;
}

/* What stands behind ORDER BY; or what the query's only window is ordered by. */
static List *sort_clauses(const Query *query) {
    const WindowClause *window;

    if (query->sortClause != NIL || list_length(query->windowClause) != 1)
        return query->sortClause;
    window = linitial_node(WindowClause, query->windowClause);
    return list_concat_copy(window->partitionClause, window->orderClause);
}

static void split_distance(Order *order) {
    const SlabReading *reading = order->candidate->reading;
    List *arguments = slab_distance_arguments(order->distance);
    Node *left = strip(linitial(arguments));
    Node *right = strip(lsecond(arguments));
    bool is_left = match_index_to_operand(left, 0, order->candidate->info);

    order->matches = is_left || match_index_to_operand(right, 0, order->candidate->info);
    if (!order->matches)
        is_left = bms_is_member((int)reading->rel->relid, pull_varnos(reading->root, left));
    order->vector = is_left ? left : right;
    order->other = is_left ? right : left;
}

static bool take_key(Order *order, const SortGroupClause *sort, Node *expression,
                     bool of_any_type) {
    order->key = strip(expression);
    order->distance = slab_find_distance(order->candidate, order->key, of_any_type);
    if (order->distance == NULL)
        return false;
    order->sort = sort;
    split_distance(order);
    return true;
}

/* False where no key has a distance of the table's rows in it, of the type that the index has or of
 * any. */
static bool find_key(Order *order, bool of_any_type) {
    PlannerInfo *root = order->candidate->reading->root;
    bool found = false;
    ListCell *cell;

    order->keys = 0;
    foreach (cell, sort_clauses(root->parse)) {
        SortGroupClause *sort = lfirst_node(SortGroupClause, cell);

        if (make_pathkeys_for_sortclauses(root, list_make1(sort), root->parse->targetList) == NIL)
            continue;
        if (!found && take_key(order, sort,
                               get_sortgroupclause_expr(sort, order->candidate->reading->targets),
                               of_any_type)) {
            found = true;
            order->position = order->keys;
        }
        order->keys++;
    }
    return found;
}

/* ---- the reasons, in the order in which they are asked ---- */

static const char *column_of(const Order *order) {
    return slab_column_text(order->candidate);
}

static const char *distance_of(const Order *order) {
    return slab_distance_text(order->candidate);
}

/* Rows that are put together come in no order of the table's. */
static bool is_grouped(const Order *order, SlabAnswer *answer) {
    const Query *query = order->candidate->reading->root->parse;
    const char *what = query->groupClause != NIL || query->groupingSets != NIL || query->hasAggs
                           ? "are grouped"
                       : query->distinctClause != NIL ? "go through DISTINCT"
                       : query->hasWindowFuncs        ? "go through window functions"
                                                      : NULL;

    if (what == NULL || (query->sortClause == NIL && query->hasWindowFuncs))
        return false;
    answer->reason = psprintf(
        "The rows %s before they are ordered and LIMIT counts them, so the "
        "order of the scan is lost.",
        what);
    answer->remedy = psprintf(
        "Find the nearest rows in a subquery, and do the rest around it: "
        "SELECT ... FROM (SELECT ... ORDER BY %s LIMIT n) AS nearest ...",
        distance_of(order));
    return true;
}

static bool is_around_distance(const Order *order, SlabAnswer *answer) {
    if (order->key == order->distance)
        return false;
    answer->reason = psprintf(
        "ORDER BY has an expression around the distance; the index knows "
        "the order of %s alone.",
        distance_of(order));
    answer->remedy = psprintf(
        "ORDER BY %s, ascending, and compute the expression in the SELECT "
        "list.",
        distance_of(order));
    return true;
}

static bool is_of_other_type(const Order *order, SlabAnswer *answer) {
    return slab_why_type(order->candidate, order->distance, answer);
}

static bool is_other_function(const Order *order, SlabAnswer *answer) {
    if (!IsA(order->distance, FuncExpr))
        return false;
    answer->reason =
        psprintf("ORDER BY calls the function %s, which is no operator's; the index orders by %s.",
                 get_func_name(((FuncExpr *)order->distance)->funcid), distance_of(order));
    answer->remedy = psprintf("ORDER BY %s, ascending.", distance_of(order));
    return true;
}

/* An index of the same column that orders by the operator; or NULL. */
static const IndexOptInfo *find_index(const Order *order, Oid opno) {
    ListCell *cell;

    foreach (cell, order->candidate->reading->rel->indexlist) {
        IndexOptInfo *index = lfirst_node(IndexOptInfo, cell);

        if (slab_is_access_method(index->relam) &&
            OidIsValid(get_op_opfamily_sortfamily(opno, index->opfamily[0])) &&
            match_index_to_operand(order->vector, 0, index))
            return index;
    }
    return NULL;
}

/* What there is for the operator, or could be. */
static const char *advise_operator(const Order *order, Oid opno) {
    Oid class = slab_class_of_operator(opno, order->candidate->info->opcintype[0]);
    const IndexOptInfo *index = find_index(order, opno);

    if (index != NULL)
        return psprintf("; the index %s is for %s", slab_relation_text(index->indexoid),
                        get_opname(opno));
    if (!OidIsValid(class))
        return "";
    return psprintf("; or make an index for %s: CREATE INDEX ON %s USING slab (%s %s)",
                    get_opname(opno), slab_table_text(order->candidate), column_of(order),
                    generate_opclass_name(class));
}

static bool is_other_operator(const Order *order, SlabAnswer *answer) {
    const SlabCandidate *candidate = order->candidate;
    Oid opno = ((const OpExpr *)order->distance)->opno;

    if (OidIsValid(get_op_opfamily_sortfamily(opno, candidate->info->opfamily[0])))
        return false;
    answer->reason = psprintf(
        "ORDER BY has the operator %s, and the operator class of the index, %s, is for "
        "%s.",
        get_opname(opno), generate_opclass_name(slab_class_of_index(candidate->index)),
        get_opname(slab_distance_operator(candidate)));
    answer->remedy = psprintf("ORDER BY %s, if that is the distance you want%s.",
                              distance_of(order), advise_operator(order, opno));
    return true;
}

/* Text has no dimensions. */
static bool takes_dims(const SlabTypeInfo *type) {
    return type->documents == NULL || type->documents->weights != PGS_OCCURRENCES;
}

/* How to make an index on what is compared, which takes dimensions, if it is a vector. */
static const char *advise_index(const Order *order, const char *text) {
    const IndexOptInfo *info = order->candidate->info;
    const SlabTypeInfo *class = slab_type_info_of_family(info->opfamily[0], info->opcintype[0]);
    const char *type = class->name;
    bool is_column = IsA(order->vector, Var);
    bool has_dims = !takes_dims(class) || exprTypmod(order->vector) > 0;

    return psprintf("CREATE INDEX ON %s USING slab (%s%s%s%s %s)%s",
                    slab_table_text(order->candidate), is_column && has_dims ? "" : "(",
                    has_dims ? text : psprintf("(%s)", text),
                    has_dims ? "" : psprintf("::%s(dims)", type), is_column && has_dims ? "" : ")",
                    generate_opclass_name(slab_class_of_index(order->candidate->index)),
                    has_dims ? "" : ", and ORDER BY just that");
}

static bool is_other_column(const Order *order, SlabAnswer *answer) {
    const char *text = slab_expression_text(order->candidate, order->vector);

    if (order->matches)
        return false;
    answer->reason = psprintf("The distance compares %s, and the index has %s.",
                              text == NULL ? "another expression" : text, column_of(order));
    answer->remedy = IsA(order->vector, Var)
                         ? psprintf("ORDER BY %s, if that column was meant", distance_of(order))
                         : psprintf("ORDER BY %s, just as the index has it", distance_of(order));
    answer->remedy = text == NULL || slab_is_cut_off(text)
                         ? psprintf("%s; or make an index on what is compared.", answer->remedy)
                         : psprintf("%s; or make an index on what is compared: %s.", answer->remedy,
                                    advise_index(order, text));
    return true;
}

static bool is_of_same_row(const Order *order, SlabAnswer *answer) {
    const SlabReading *reading = order->candidate->reading;

    if (!bms_is_member((int)reading->rel->relid, pull_varnos(reading->root, order->other)))
        return false;
    answer->reason = psprintf(
        "The distance compares %s with a value of the same row; a scan needs "
        "one value for all rows.",
        column_of(order));
    answer->remedy = psprintf("No index has this order. For one value: ORDER BY %s LIMIT n.",
                              distance_of(order));
    return true;
}

static bool is_of_another_table(const Order *order, SlabAnswer *answer) {
    if (bms_is_empty(pull_varnos(order->candidate->reading->root, order->other)))
        return false;
    answer->reason = psprintf(
        "The distance compares %s with a value of another table in the same "
        "FROM; a scan needs one value for all rows.",
        column_of(order));
    answer->remedy = psprintf(
        "Search once for each row of the other table: ... CROSS JOIN LATERAL "
        "(SELECT ... ORDER BY %s LIMIT n) AS nearest.",
        distance_of(order));
    return true;
}

static bool is_volatile(const Order *order, SlabAnswer *answer) {
    if (!contain_volatile_functions(order->other))
        return false;
    answer->reason = psprintf(
        "The value that %s is compared with has a volatile function in it, "
        "which may give another for each row.",
        column_of(order));
    answer->remedy = psprintf(
        "Have it computed once, in a subquery: ORDER BY %s (SELECT ...).",
        psprintf("%s %s", column_of(order), get_opname(slab_distance_operator(order->candidate))));
    return true;
}

static bool is_descending(const Order *order, SlabAnswer *answer) {
    TypeCacheEntry *type = lookup_type_cache(exprType(order->key), TYPECACHE_GT_OPR);

    if (order->sort->sortop != type->gt_opr)
        return false;
    answer->reason = "ORDER BY is descending, and the index returns the nearest rows first.";
    answer->remedy = psprintf(
        "ORDER BY %s without DESC, if the nearest rows are wanted. No index "
        "finds the farthest.",
        distance_of(order));
    return true;
}

static bool is_nulls_first(const Order *order, SlabAnswer *answer) {
    if (!order->sort->nulls_first)
        return false;
    answer->reason = "ORDER BY has NULLS FIRST, and the index has no rows without a distance.";
    answer->remedy = psprintf("ORDER BY %s without NULLS FIRST.", distance_of(order));
    return true;
}

static bool is_behind_another(const Order *order, SlabAnswer *answer) {
    if (order->position == 0)
        return false;
    answer->reason = psprintf(
        "ORDER BY has another key before the distance, so rows are not "
        "wanted in the order of %s.",
        distance_of(order));
    answer->remedy = psprintf(
        "Put the distance first; or order the nearest rows anew: SELECT ... "
        "FROM (SELECT ... ORDER BY %s LIMIT n) AS nearest ORDER BY ...",
        distance_of(order));
    return true;
}

static bool is_nullable(const Order *order, SlabAnswer *answer) {
    return slab_why_nullable(order->candidate, answer);
}

bool slab_why_order(const SlabCandidate *candidate, SlabAnswer *answer) {
    static const Reason reasons[] = {
        is_grouped,          is_nullable,        is_of_other_type, is_other_function,
        is_other_operator,   is_around_distance, is_other_column,  is_of_same_row,
        is_of_another_table, is_volatile,        is_descending,    is_nulls_first,
        is_behind_another,
    };
    Order order = {.candidate = candidate};

    if (!find_key(&order, false) && !find_key(&order, true)) {
        *answer = slab_why_unordered(candidate);
        return true;
    }
    for (size_t i = 0; i < lengthof(reasons); i++)
        if (reasons[i](&order, answer))
            return true;
    return false;
}

static bool is_nulled_by(const SpecialJoinInfo *join, int table) {
    bool in_right = bms_is_member(table, join->syn_righthand);
    bool in_left = bms_is_member(table, join->syn_lefthand);

    return (join->jointype == JOIN_LEFT && in_right) ||
           (join->jointype == JOIN_FULL && (in_right || in_left));
}

bool slab_why_nullable(const SlabCandidate *candidate, SlabAnswer *answer) {
    ListCell *cell;

    foreach (cell, candidate->reading->root->join_info_list) {
        if (!is_nulled_by(lfirst(cell), candidate->reading->top))
            continue;
        answer->reason =
            "The table is on the side of an outer join that may have no row, so the "
            "order of its scan is not that of the result.";
        answer->remedy = psprintf(
            "Use an inner join; or find the nearest rows first: ... FROM "
            "(SELECT ... ORDER BY %s LIMIT n) AS nearest LEFT JOIN ...",
            slab_distance_text(candidate));
        return true;
    }
    return false;
}

bool slab_why_type(const SlabCandidate *candidate, const Node *distance, SlabAnswer *answer) {
    Oid compared = exprType(linitial(slab_distance_arguments(distance)));
    const char *type = format_type_be(candidate->info->opcintype[0]);

    if (compared == candidate->info->opcintype[0])
        return false;
    answer->reason =
        psprintf("The distance compares vectors of type %s, and the index has those of type %s.",
                 format_type_be(compared), type);
    answer->remedy = psprintf("Have it compare what the index has: %s::%s.",
                              slab_distance_text(candidate), type);
    return true;
}
