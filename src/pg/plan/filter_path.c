/*
 * filter_path.c - hands conditions to scans: on filter columns, and bounds of distances (range.c).
 * Such a bound makes a path of its own where the query does not order by that distance.
 *
 * The server hands an ordered scan what an operator compares with a value. What it keeps to itself
 * is OR, <>, NOT IN, IS DISTINCT FROM, a value among a column's set, before 17 also IN and = ANY,
 * before 16 also a column that is true. For each such condition that its filter columns can narrow,
 * a path over a slab index gets a further one, in the form that term.h describes; the condition
 * itself stays with the executor, which looks at each row again.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/stratnum.h"
#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/clauses.h"
#include "optimizer/optimizer.h"
#include "optimizer/pathnode.h"
#include "optimizer/paths.h"
#include "optimizer/restrictinfo.h"
#include "parser/parsetree.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"

#include "base/compat.h"
#include "keys/keys.h"
#include "keys/term.h"
#include "plan/plan.h"
#include "plan/range.h"
#include "store/identity.h"

static set_rel_pathlist_hook_type previous_set_rel_pathlist;

/* A condition being put into terms. */
typedef struct Writer {
    PlannerInfo *root;
    const IndexOptInfo *index;
    Oid opno;               /* of what the condition becomes */
    const OpExpr *distance; /* of the scan */
    StringInfoData terms;
    List *values;
} Writer;

static bool write_clause(Writer *writer, Node *clause, int depth);

static int count_terms(const Writer *writer) {
    return writer->terms.len / (int)sizeof(SlabTerm);
}

static void write_term(Writer *writer, SlabTerm term) {
    appendBinaryStringInfo(&writer->terms, (const char *)&term, sizeof term);
}

/* The filter column that the expression is, counted from 1, with this collation; or 0. */
static int column_of(const Writer *writer, Node *expression, Oid collation) {
    IndexOptInfo *index = (IndexOptInfo *)writer->index;

    for (int i = 1; i < index->nkeycolumns; i++)
        if (match_index_to_operand(expression, i, index) &&
            (!OidIsValid(index->indexcollations[i]) || index->indexcollations[i] == collation))
            return i + 1;
    return 0;
}

/* False where the values would be more than a row has room for. */
static bool write_comparison(Writer *writer, SlabTermKind kind, int column, int strategy,
                             Node *value, Oid type) {
    if (list_length(writer->values) >= MaxTupleAttributeNumber - 1)
        return false;
    write_term(writer, (SlabTerm){.kind = kind,
                                  .column = column,
                                  .strategy = strategy,
                                  .value = list_length(writer->values),
                                  .type = type});
    writer->values = lappend(writer->values, copyObject(value));
    return true;
}

/* The operator's strategy in the column's family, and the type that it compares the column with. */
static bool find_strategy(const Writer *writer, int column, Oid opno, int *strategy, Oid *type) {
    Oid family = writer->index->opfamily[column - 1];
    Oid left;

    if (!OidIsValid(opno) || !op_in_opfamily(opno, family))
        return false;
    get_op_opfamily_properties(opno, family, false, strategy, &left, type);
    return true;
}

/* An operator with a column on one side, as if it were the left one, and a value on the other. */
typedef struct Comparison {
    int column;
    Oid opno;
    Node *value;
} Comparison;

static bool find_comparison(const Writer *writer, const OpExpr *expr, Comparison *found) {
    bool is_right;

    if (list_length(expr->args) != 2)
        return false;
    found->column = column_of(writer, linitial(expr->args), expr->inputcollid);
    is_right = found->column == 0;
    if (is_right)
        found->column = column_of(writer, lsecond(expr->args), expr->inputcollid);
    found->opno = is_right ? get_commutator(expr->opno) : expr->opno;
    found->value = is_right ? linitial(expr->args) : lsecond(expr->args);
    return found->column != 0 && OidIsValid(found->opno) &&
           slab_has_one_value(writer->root, found->value);
}

/* column operator value, and the other way round. */
static bool write_operator(Writer *writer, const OpExpr *expr) {
    Comparison found;
    int strategy;
    Oid type;

    if (!find_comparison(writer, expr, &found))
        return false;
    if (find_strategy(writer, found.column, found.opno, &strategy, &type))
        return write_comparison(writer, SLAB_TERM_COMPARE, found.column, strategy, found.value,
                                type);
    return find_strategy(writer, found.column, get_negator(found.opno), &strategy, &type) &&
           strategy == BTEqualStrategyNumber &&
           write_comparison(writer, SLAB_TERM_DIFFERS, found.column, 0, found.value, type);
}

/* column IS [NOT] DISTINCT FROM value, of which the server keeps the operator =. */
static bool write_distinct(Writer *writer, const DistinctExpr *expr, SlabTermKind kind) {
    Comparison found;
    int strategy;
    Oid type;

    return find_comparison(writer, (const OpExpr *)expr, &found) &&
           find_strategy(writer, found.column, found.opno, &strategy, &type) &&
           strategy == BTEqualStrategyNumber &&
           write_comparison(writer, kind, found.column, 0, found.value, type);
}

/* Whether the column is of sets, whose elements the operator finds equal to a value. */
static bool finds_elements(const Writer *writer, int column, Oid opno) {
    Oid element = get_element_type(writer->index->opcintype[column - 1]);

    return OidIsValid(element) && opno == lookup_type_cache(element, TYPECACHE_EQ_OPR)->eq_opr;
}

/* column operator ANY (array), column <> ALL (array), value = ANY (column). */
static bool write_array_operator(Writer *writer, const ScalarArrayOpExpr *expr) {
    Node *left = linitial(expr->args);
    Node *right = lsecond(expr->args);
    int column = column_of(writer, left, expr->inputcollid);
    int strategy;
    Oid type;

    if (column == 0) {
        column = column_of(writer, right, expr->inputcollid);
        return column != 0 && expr->useOr && slab_has_one_value(writer->root, left) &&
               finds_elements(writer, column, expr->opno) &&
               write_comparison(writer, SLAB_TERM_HAS, column, 0, left, exprType(left));
    }
    if (!slab_has_one_value(writer->root, right))
        return false;
    if (expr->useOr)
        return find_strategy(writer, column, expr->opno, &strategy, &type) &&
               strategy <= BTMaxStrategyNumber &&
               write_comparison(writer, SLAB_TERM_ANY_OF, column, strategy, right, type);
    return find_strategy(writer, column, get_negator(expr->opno), &strategy, &type) &&
           strategy == BTEqualStrategyNumber &&
           write_comparison(writer, SLAB_TERM_NONE_OF, column, 0, right, type);
}

static bool write_null(Writer *writer, Node *expression, SlabTermKind kind) {
    int column = column_of(writer, expression, exprCollation(expression));

    if (column == 0)
        return false;
    write_term(writer, (SlabTerm){.kind = kind, .column = column});
    return true;
}

static bool write_null_test(Writer *writer, const NullTest *test) {
    return !test->argisrow &&
           write_null(writer, (Node *)test->arg,
                      test->nulltesttype == IS_NULL ? SLAB_TERM_NULL : SLAB_TERM_NOT_NULL);
}

/* A column that is true, or false; or distinct from that. */
static bool write_boolean(Writer *writer, Node *expression, SlabTermKind kind, bool value) {
    int column = exprType(expression) == BOOLOID ? column_of(writer, expression, InvalidOid) : 0;

    return column != 0 && write_comparison(writer, kind, column, BTEqualStrategyNumber,
                                           makeBoolConst(value, false), BOOLOID);
}

static bool write_boolean_test(Writer *writer, const BooleanTest *test) {
    Node *expression = (Node *)test->arg;

    switch (test->booltesttype) {
        case IS_TRUE:
            return write_boolean(writer, expression, SLAB_TERM_COMPARE, true);
        case IS_FALSE:
            return write_boolean(writer, expression, SLAB_TERM_COMPARE, false);
        case IS_NOT_TRUE:
            return write_boolean(writer, expression, SLAB_TERM_DISTINCT, true);
        case IS_NOT_FALSE:
            return write_boolean(writer, expression, SLAB_TERM_DISTINCT, false);
        case IS_UNKNOWN:
            return write_null(writer, expression, SLAB_TERM_NULL);
        default:
            return write_null(writer, expression, SLAB_TERM_NOT_NULL);
    }
}

/* All of some conditions, of which those are left out that say nothing of filter columns; or one of
 * some, where none can be left out. */
static bool write_group(Writer *writer, const List *clauses, SlabTermKind kind, int depth) {
    int group = count_terms(writer);
    bool is_any = false;
    ListCell *cell;

    if (depth == SLAB_TERM_DEPTH)
        return false;
    write_term(writer, (SlabTerm){.kind = kind});
    foreach (cell, clauses) {
        int length = writer->terms.len;
        int values = list_length(writer->values);

        if (write_clause(writer, lfirst(cell), depth + 1)) {
            is_any = true;
            continue;
        }
        if (kind == SLAB_TERM_ANY)
            return false;
        writer->terms.len = length;
        writer->values = list_truncate(writer->values, values);
    }
    ((SlabTerm *)writer->terms.data)[group].end = count_terms(writer);
    return is_any;
}

static bool write_not(Writer *writer, Node *expression) {
    if (IsA(expression, DistinctExpr))
        return write_distinct(writer, (const DistinctExpr *)expression, SLAB_TERM_NOT_DISTINCT);
    return write_boolean(writer, expression, SLAB_TERM_COMPARE, false);
}

static bool write_bool_expr(Writer *writer, const BoolExpr *expr, int depth) {
    switch (expr->boolop) {
        case AND_EXPR:
            return write_group(writer, expr->args, SLAB_TERM_ALL, depth);
        case OR_EXPR:
            return write_group(writer, expr->args, SLAB_TERM_ANY, depth);
        default:
            return write_not(writer, linitial(expr->args));
    }
}

/* The distance is below a value. */
static bool write_range(Writer *writer, const Node *clause) {
    SlabRange range;

    if (!slab_find_range(writer->root, (IndexOptInfo *)writer->index, clause, &range) ||
        !equal(range.distance, writer->distance) ||
        !write_comparison(writer, SLAB_TERM_WITHIN, 0, range.strategy, range.bound, FLOAT8OID))
        return false;
    writer->values = lappend(writer->values, copyObject(lsecond(range.distance->args)));
    return true;
}

/* False where the condition says nothing that keys can tell; what was written is then of no use. */
static bool write_clause(Writer *writer, Node *clause, int depth) {
    if (IsA(clause, RestrictInfo))
        clause = (Node *)((RestrictInfo *)clause)->clause;
    if (depth == 0 && write_range(writer, clause))
        return true;
    /* As in $1 IS NULL OR column = $1. */
    if (depth > 0 && slab_has_one_value(writer->root, clause))
        return write_comparison(writer, SLAB_TERM_CONSTANT, 0, 0, clause, BOOLOID);
    switch (nodeTag(clause)) {
        case T_OpExpr:
            return write_operator(writer, (const OpExpr *)clause);
        case T_DistinctExpr:
            return write_distinct(writer, (const DistinctExpr *)clause, SLAB_TERM_DISTINCT);
        case T_ScalarArrayOpExpr:
            return write_array_operator(writer, (const ScalarArrayOpExpr *)clause);
        case T_NullTest:
            return write_null_test(writer, (const NullTest *)clause);
        case T_BooleanTest:
            return write_boolean_test(writer, (const BooleanTest *)clause);
        case T_BoolExpr:
            return write_bool_expr(writer, (const BoolExpr *)clause, depth);
        default:
            return write_boolean(writer, clause, SLAB_TERM_COMPARE, true);
    }
}

/* The same condition as an operator on the index's first column. */
static Expr *operator_of(const Writer *writer) {
    const IndexOptInfo *index = writer->index;
    const TargetEntry *vector = linitial_node(TargetEntry, index->indextlist);
    RowExpr *row = makeNode(RowExpr);
    bytea *terms = palloc(VARHDRSZ + writer->terms.len);
    OpExpr *made;

    SET_VARSIZE(terms, VARHDRSZ + writer->terms.len);
    memcpy(VARDATA(terms), writer->terms.data, writer->terms.len);
    row->args = lcons(makeConst(BYTEAOID, -1, InvalidOid, -1, PointerGetDatum(terms), false, false),
                      writer->values);
    row->row_typeid = RECORDOID;
    row->row_format = COERCE_EXPLICIT_CALL;
    row->location = -1;
    made = (OpExpr *)make_opclause(writer->opno, BOOLOID, false, (Expr *)copyObject(vector->expr),
                                   (Expr *)row, InvalidOid, InvalidOid);
    set_opfuncid(made);
    return (Expr *)made;
}

static bool is_among(const RestrictInfo *rinfo, const List *index_clauses) {
    ListCell *cell;

    foreach (cell, index_clauses)
        if (lfirst_node(IndexClause, cell)->rinfo == rinfo)
            return true;
    return false;
}

/* NULL where the condition is not to be handed over. Whoever may not see a row must not learn of it
 * by a condition that is looked at before the policies that hide it. */
static IndexClause *index_clause(PlannerInfo *root, RelOptInfo *rel, const IndexOptInfo *index,
                                 const OpExpr *distance, RestrictInfo *rinfo) {
    Writer writer = {
        .root = root,
        .index = index,
        .distance = distance,
        .opno = get_opfamily_member(index->opfamily[0], index->opcintype[0], RECORDOID,
                                    SLAB_CONDITION_STRATEGY),
    };
    IndexClause *made;

    /* An operator class of somebody's own need not have the operator. */
    if (!OidIsValid(writer.opno) || rinfo->pseudoconstant ||
        !restriction_is_securely_promotable(rinfo, rel))
        return NULL;
    initStringInfo(&writer.terms);
    if (!write_clause(&writer, (Node *)rinfo->clause, 0))
        return NULL;
    made = makeNode(IndexClause);
    made->rinfo = rinfo;
    made->indexquals = list_make1(make_simple_restrictinfo(root, operator_of(&writer)));
    made->lossy = true;
    made->indexcol = 0;
    return made;
}

/* What a scan is to look for. */
typedef struct Search {
    OpExpr *distance;
    List *orders; /* the distance, if rows are to come in its order */
    List *pathkeys;
    List *known; /* conditions that the server hands to the scan */
} Search;

/* A path over the index that does so, with further conditions; NULL where there are none. */
static Path *path_with_conditions(PlannerInfo *root, RelOptInfo *rel, IndexOptInfo *index,
                                  const Search *search) {
    List *clauses = NIL;
    ListCell *cell;

    foreach (cell, rel->baserestrictinfo) {
        RestrictInfo *rinfo = lfirst_node(RestrictInfo, cell);
        IndexClause *clause = is_among(rinfo, search->known)
                                  ? NULL
                                  : index_clause(root, rel, index, search->distance, rinfo);

        if (clause != NULL)
            clauses = lappend(clauses, clause);
    }
    if (clauses == NIL)
        return NULL;
    /* In the order of the index's columns, of which the further ones are of the first. */
    return (Path *)create_index_path(
        root, index, list_concat(clauses, search->known), search->orders,
        search->orders == NIL ? NIL : list_make1_int(0), search->pathkeys, ForwardScanDirection,
        false, NULL, 1.0, false);
}

/* Whether the index can give rows in the order of that path. */
static bool has_order(IndexOptInfo *index, const IndexPath *path) {
    const OpExpr *distance = linitial(path->indexorderbys);

    return IsA(distance, OpExpr) &&
           OidIsValid(get_op_opfamily_sortfamily(distance->opno, index->opfamily[0])) &&
           match_index_to_operand(linitial(distance->args), 0, index);
}

/* The path over this index; or one over another, which may have taken its place as long as neither
 * knew more conditions. */
static const IndexPath *find_path(const RelOptInfo *rel, IndexOptInfo *index) {
    const IndexPath *found = NULL;
    ListCell *cell;

    foreach (cell, rel->pathlist) {
        const IndexPath *path = lfirst(cell);

        if (slab_is_ordered_path(&path->path) && has_order(index, path) &&
            (found == NULL || path->indexinfo == index))
            found = path;
    }
    return found;
}

/* The path in the order that the query asks for. */
static Path *path_in_order(PlannerInfo *root, RelOptInfo *rel, IndexOptInfo *index) {
    const IndexPath *like = find_path(rel, index);
    Search search;

    if (like == NULL)
        return NULL;
    search = (Search){.distance = linitial(like->indexorderbys),
                      .orders = like->indexorderbys,
                      .pathkeys = like->path.pathkeys,
                      .known = like->indexinfo == index ? like->indexclauses : NIL};
    return path_with_conditions(root, rel, index, &search);
}

/* The first distance that lies below a value, and is not what that path is ordered by; or NULL. */
static OpExpr *find_distance(PlannerInfo *root, const RelOptInfo *rel, IndexOptInfo *index,
                             const IndexPath *than) {
    ListCell *cell;

    foreach (cell, rel->baserestrictinfo) {
        const RestrictInfo *rinfo = lfirst_node(RestrictInfo, cell);
        SlabRange range;

        if (slab_find_range(root, index, (const Node *)rinfo->clause, &range) &&
            (than == NULL || !equal(range.distance, linitial(than->indexorderbys))))
            return range.distance;
    }
    return NULL;
}

/* The path that finds the rows within a distance, in any order. */
static Path *path_of_range(PlannerInfo *root, RelOptInfo *rel, IndexOptInfo *index) {
    Search search = {.distance = find_distance(root, rel, index, find_path(rel, index))};

    return search.distance == NULL ? NULL : path_with_conditions(root, rel, index, &search);
}

void slab_add_paths_with_conditions(PlannerInfo *root, RelOptInfo *rel) {
    const RangeTblEntry *rte = planner_rt_fetch(rel->relid, root);
    List *paths = NIL;
    ListCell *cell;

    if (rel->baserestrictinfo == NIL || rte->inh || rte->tablesample != NULL || IS_DUMMY_REL(rel))
        return;
    /* Its columns are computed of another table's row at hand, which these paths do not ask for. */
    if (!bms_is_empty(rel->lateral_relids))
        return;
    foreach (cell, rel->indexlist) {
        IndexOptInfo *index = lfirst_node(IndexOptInfo, cell);

        if (!slab_is_access_method(index->relam) || (index->indpred != NIL && !index->predOK))
            continue;
        paths = lappend(paths, path_in_order(root, rel, index));
        paths = lappend(paths, path_of_range(root, rel, index));
    }
    slab_add_paths(rel, paths);
}

static void set_rel_pathlist(PlannerInfo *root, RelOptInfo *rel, Index rti, RangeTblEntry *rte) {
    if (previous_set_rel_pathlist != NULL)
        previous_set_rel_pathlist(root, rel, rti, rte);
    slab_add_paths_with_conditions(root, rel);
}

void slab_init_filter_path(void) {
    previous_set_rel_pathlist = set_rel_pathlist_hook;
    set_rel_pathlist_hook = set_rel_pathlist;
}
