/*
 * text.c - the expressions of a query that slab_why() looks for, and how it writes them.
 *
 * The value that vectors are compared with is written as "query": it may have thousands of numbers.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "rewrite/rewriteManip.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/ruleutils.h"

#include "store/options.h"
#include "why/why.h"

/* Expressions are cut off after so many bytes. */
#define LONGEST_TEXT 60

typedef struct Search {
    const SlabCandidate *candidate;
    bool of_table;    /* only what is computed from the table's rows */
    bool of_any_type; /* not only of the type that the index has */
    Node *found;
} Search;

/* Whether the index is of the type; or, if any will do, whether there are indexes of it. */
static bool is_vector_type(const Search *search, Oid type) {
    const IndexOptInfo *info = search->candidate->info;

    return type == info->opcintype[0] ||
           (search->of_any_type && slab_type_info_of_type(info->relam, type) != NULL);
}

List *slab_distance_arguments(const Node *distance) {
    return IsA(distance, OpExpr) ? ((const OpExpr *)distance)->args
                                 : ((const FuncExpr *)distance)->args;
}

/* Whether it is the operator that the index orders by, or one of its family. */
static bool is_of_family(const Search *search, const Node *node) {
    return IsA(node, OpExpr) &&
           OidIsValid(get_op_opfamily_sortfamily(((const OpExpr *)node)->opno,
                                                 search->candidate->info->opfamily[0]));
}

static bool is_distance(const Search *search, const Node *node) {
    const List *arguments;

    if (!(IsA(node, OpExpr) || IsA(node, FuncExpr)) || exprType(node) != FLOAT8OID)
        return false;
    if (is_of_family(search, node))
        return true;
    arguments = slab_distance_arguments(node);
    return list_length(arguments) == 2 &&
           exprType(linitial(arguments)) == exprType(lsecond(arguments)) &&
           is_vector_type(search, exprType(linitial(arguments)));
}

static bool is_of_table(const SlabCandidate *candidate, Node *node) {
    const SlabReading *reading = candidate->reading;

    return bms_is_member((int)reading->rel->relid, pull_varnos(reading->root, node));
}

static bool search_distance(Node *node, void *context) {
    Search *search = context;

    if (node == NULL)
        return false;
    if (is_distance(search, node) && (!search->of_table || is_of_table(search->candidate, node))) {
        search->found = node;
        return true;
    }
    return expression_tree_walker(node, search_distance, context);
}

Node *slab_find_distance(const SlabCandidate *candidate, Node *expression, bool of_any_type) {
    Search search = {candidate, true, of_any_type, NULL};

    (void)search_distance(expression, &search);
    return search.found;
}

bool slab_has_distance(const SlabCandidate *candidate, Node *expression) {
    Search search = {candidate, false, false, NULL};

    return search_distance(expression, &search);
}

/* Whether there is anything in the expression that only the planner has a name for. */
static bool is_unspeakable(Node *node, void *context) {
    if (node == NULL)
        return false;
    switch (nodeTag(node)) {
        case T_Aggref:
        case T_AlternativeSubPlan:
        case T_GroupingFunc:
        case T_PlaceHolderVar:
        case T_SubLink:
        case T_SubPlan:
        case T_WindowFunc:
            return true;
        case T_Param:
            return ((const Param *)node)->paramkind != PARAM_EXTERN;
        default:
            return expression_tree_walker(node, is_unspeakable, context);
    }
}

static char *cut_off(char *text) {
    int length = (int)strlen(text);

    if (length <= LONGEST_TEXT)
        return text;
    return psprintf("%.*s...", pg_mbcliplen(text, length, LONGEST_TEXT), text);
}

bool slab_is_cut_off(const char *expression_text) {
    return strlen(expression_text) > LONGEST_TEXT;
}

const char *slab_expression_text(const SlabCandidate *candidate, Node *expression) {
    const SlabReading *reading = candidate->reading;
    int table = (int)reading->rel->relid;
    Relids tables = pull_varnos(reading->root, expression);

    if (bms_is_empty(tables) || !bms_is_subset(tables, bms_make_singleton(table)) ||
        is_unspeakable(expression, NULL))
        return NULL;
    expression = copyObject(expression);
    ChangeVarNodes(expression, table, 1, 0);
    return cut_off(deparse_expression(
        expression, deparse_context_for(get_rel_name(reading->rte->relid), reading->rte->relid),
        false, false));
}

const char *slab_relation_text(Oid relation) {
    char *name = get_rel_name(relation);

    if (RelationIsVisible(relation))
        return quote_identifier(name);
    return quote_qualified_identifier(get_namespace_name(get_rel_namespace(relation)), name);
}

const char *slab_table_text(const SlabCandidate *candidate) {
    const SlabReading *reading = candidate->reading;
    const RangeTblEntry *top = reading->root->simple_rte_array[reading->top];

    return slab_relation_text(top->rtekind == RTE_RELATION &&
                                      top->relkind == RELKIND_PARTITIONED_TABLE
                                  ? top->relid
                                  : reading->rte->relid);
}

const char *slab_column_text(const SlabCandidate *candidate) {
    Datum column = DirectFunctionCall3(pg_get_indexdef_ext, ObjectIdGetDatum(candidate->index),
                                       Int32GetDatum(1), BoolGetDatum(false));

    return TextDatumGetCString(column);
}

Oid slab_distance_operator(const SlabCandidate *candidate) {
    return slab_operator_of_family(candidate->info->opfamily[0], candidate->info->opcintype[0]);
}

const char *slab_distance_text(const SlabCandidate *candidate) {
    return psprintf("%s %s query", slab_column_text(candidate),
                    get_opname(slab_distance_operator(candidate)));
}
