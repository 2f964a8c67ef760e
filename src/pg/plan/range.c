/*
 * range.c - conditions that a distance lies below a value.
 */
#include "postgres.h"

#include <math.h>

#include "access/genam.h"
#include "access/stratnum.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/clauses.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "optimizer/paths.h"
#include "parser/parse_func.h"
#include "utils/float.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "base/compat.h"
#include "pgslab/calibrate.h"
#include "pgslab/index.h"
#include "plan/range.h"
#include "store/codebook.h"
#include "store/error.h"
#include "store/identity.h"
#include "store/options.h"
#include "store/page.h"
#include "types/vec.h"

/* The operator family of comparisons of floating-point numbers. */
#define FLOAT_FAMILY 1970

/* Where nothing is known: who asks for the rows within a distance has few in mind. */
#define UNKNOWN_SHARE 0.005

/* What other conditions leave of a table is not worth a look into the index where it is fewer. */
#define FEW_ROWS 10

/* An operator of two arguments with its sides changed; NULL where there is none such. */
static OpExpr *commuted(const OpExpr *expr) {
    OpExpr *result;

    if (!OidIsValid(get_commutator(expr->opno)))
        return NULL;
    result = (OpExpr *)copyObject((OpExpr *)expr);
    CommuteOpExpr(result);
    return result;
}

bool slab_has_one_value(PlannerInfo *root, Node *expression) {
    return bms_is_empty(pull_varnos(root, expression)) && !contain_volatile_functions(expression) &&
           !contain_subplans(expression);
}

/* The distance of the index's order that the expression is, with the vector on the left; or NULL.
 */
static OpExpr *distance_of(PlannerInfo *root, IndexOptInfo *index, Node *expression) {
    OpExpr *distance = (OpExpr *)expression;

    if (!IsA(expression, OpExpr) || list_length(distance->args) != 2 ||
        !OidIsValid(get_op_opfamily_sortfamily(distance->opno, index->opfamily[0])))
        return NULL;
    if (!match_index_to_operand(linitial(distance->args), 0, index))
        distance = commuted(distance);
    return distance != NULL && match_index_to_operand(linitial(distance->args), 0, index) &&
                   slab_has_one_value(root, lsecond(distance->args))
               ? distance
               : NULL;
}

/* The expression of which this one is the negative, as a number is; or NULL. */
static Node *negated_by(const OpExpr *expr) {
    ListCell *cell;

    if (!IsA(expr, OpExpr))
        return NULL;
    if (expr->opfuncid == F_FLOAT8UM)
        return linitial(expr->args);
    if (expr->opfuncid != F_FLOAT8MUL)
        return NULL;
    foreach (cell, expr->args) {
        const Const *factor = lfirst(cell);

        if (IsA(factor, Const) && !factor->constisnull && DatumGetFloat8(factor->constvalue) == -1)
            return cell == list_head(expr->args) ? lsecond(expr->args) : linitial(expr->args);
    }
    return NULL;
}

static bool orders_by_product(const IndexOptInfo *index) {
    Oid type = index->opcintype[0];
    Oid proc = get_opfamily_proc(index->opfamily[0], type, type, SLAB_METRIC_PROC);

    return OidIsValid(proc) &&
           ((const SlabOpclass *)DatumGetPointer(OidFunctionCall1(proc, (Datum)0)))->metric ==
               PGS_INNER_PRODUCT;
}

/* The call of inner_product() as the operator that is its negative; NULL if it is no such call. */
static Node *negative_product(const IndexOptInfo *index, const FuncExpr *call) {
    Oid types[] = {index->opcintype[0], index->opcintype[0]};
    Oid opno = get_opfamily_member(index->opfamily[0], types[0], types[1], SLAB_DISTANCE_STRATEGY);
    List *name;

    if (!IsA(call, FuncExpr) || !OidIsValid(opno))
        return NULL;
    name = list_make2(makeString(get_namespace_name(get_func_namespace(get_opcode(opno)))),
                      makeString("inner_product"));
    if (call->funcid != LookupFuncName(name, 2, types, true))
        return NULL;
    return (Node *)make_opclause(opno, FLOAT8OID, false, linitial(call->args), lsecond(call->args),
                                 InvalidOid, InvalidOid);
}

static Node *call_of_number(Oid function, Node *number) {
    return (Node *)makeFuncExpr(function, FLOAT8OID, list_make1(number), InvalidOid, InvalidOid,
                                COERCE_EXPLICIT_CALL);
}

/* The expression as a float8; NULL where it is none. */
static Node *as_float8(Node *expression) {
    switch (exprType(expression)) {
        case FLOAT8OID:
            return expression;
        case FLOAT4OID:
            return call_of_number(F_FLOAT8_FLOAT4, expression);
        default:
            return NULL;
    }
}

/* What is no number, as the distance of a vector without a direction, is larger than any: so is its
 * negative, and rows that have it are in no index. Inner products are numbers. */
static Node *find_negated(const IndexOptInfo *index, Node *expression) {
    Node *negated;

    if ((!IsA(expression, OpExpr) && !IsA(expression, FuncExpr)) || !orders_by_product(index))
        return NULL;
    negated = negated_by((OpExpr *)expression);
    return negated == NULL ? negative_product(index, (FuncExpr *)expression) : negated;
}

/* Whether a bound is known to be no number, which is as large as the distances that are none. */
static bool is_no_number(PlannerInfo *root, Node *bound) {
    const Const *known = (const Const *)eval_const_expressions(root, bound);

    return IsA(known, Const) && !known->constisnull && isnan(DatumGetFloat8(known->constvalue));
}

/* A comparison with the distance, or what is its negative, on the left. */
static bool find_on_left(PlannerInfo *root, IndexOptInfo *index, const OpExpr *comparison,
                         SlabRange *range) {
    Node *left = linitial(comparison->args);
    Node *negated = NULL;

    range->bound = as_float8(lsecond(comparison->args));
    range->strategy = get_op_opfamily_strategy(comparison->opno, FLOAT_FAMILY);
    range->distance = distance_of(root, index, left);
    if (range->distance == NULL) {
        negated = find_negated(index, left);
        range->distance = negated == NULL ? NULL : distance_of(root, index, negated);
    }
    if (range->distance == NULL || range->bound == NULL || is_no_number(root, range->bound) ||
        !slab_has_one_value(root, range->bound))
        return false;
    if (negated != NULL) {
        range->bound = call_of_number(F_FLOAT8UM, range->bound);
        range->strategy = BTMaxStrategyNumber + 1 - range->strategy;
    }
    return range->strategy == BTLessStrategyNumber || range->strategy == BTLessEqualStrategyNumber;
}

bool slab_find_range(PlannerInfo *root, IndexOptInfo *index, const Node *clause, SlabRange *range) {
    const OpExpr *comparison = (const OpExpr *)clause;

    if (!IsA(clause, OpExpr) || list_length(comparison->args) != 2 ||
        get_op_opfamily_strategy(comparison->opno, FLOAT_FAMILY) == 0)
        return false;
    if (find_on_left(root, index, comparison, range))
        return true;
    comparison = commuted(comparison);
    return comparison != NULL && find_on_left(root, index, comparison, range);
}

const RestrictInfo *slab_range_of_path(PlannerInfo *root, const IndexPath *path) {
    ListCell *cell;

    foreach (cell, path->indexclauses) {
        const IndexClause *clause = lfirst_node(IndexClause, cell);
        SlabRange range;

        if (clause->indexcol == 0 && clause->lossy &&
            slab_find_range(root, path->indexinfo, (const Node *)clause->rinfo->clause, &range) &&
            (path->indexorderbys == NIL || equal(range.distance, linitial(path->indexorderbys))))
            return clause->rinfo;
    }
    return NULL;
}

/* The value that an expression will have, as far as it is known by now; false where it is not. */
static bool value_of(PlannerInfo *root, Node *expression, Datum *value) {
    const Const *known = (const Const *)estimate_expression_value(root, expression);

    *value = IsA(known, Const) ? known->constvalue : 0;
    return IsA(known, Const) && !known->constisnull;
}

/* What an index says which can be read; not a number from any other. What is read for that is let
 * go at once. */
static double share_within(const IndexOptInfo *index, Datum given, double bound) {
    MemoryContext context =
        AllocSetContextCreate(CurrentMemoryContext, "slab range", ALLOCSET_SMALL_SIZES);
    MemoryContext caller = MemoryContextSwitchTo(context);
    Relation relation = index_open(index->indexoid, NoLock);
    double share = get_float8_nan();
    PGAlignedBlock meta;
    PgsMetaInfo info;

    if (slab_try_meta(relation, &meta)) {
        const Vec *query = DatumGetVecP(given);

        pgs_meta_info(meta.data, &info);
        if (query->dims == info.dims)
            slab_check_status(relation,
                              pgs_expected_within(meta.data, slab_pin_codebook(relation, meta.data),
                                                  query->values, bound, &share),
                              &slab_out_of_memory);
    }
    index_close(relation, NoLock);
    MemoryContextSwitchTo(caller);
    MemoryContextDelete(context);
    return share;
}

/* The share of rows that satisfy the condition, as far as the index can tell. */
static Selectivity range_selectivity(PlannerInfo *root, const IndexOptInfo *index,
                                     const SlabRange *range) {
    double share = get_float8_nan();
    Datum query;
    Datum bound;

    /* Whoever may not use the index may also have reason not to read it; and of few rows a guess
     * will do. */
    if (enable_indexscan && !index->hypothetical && index->rel->rows > FEW_ROWS &&
        value_of(root, lsecond(range->distance->args), &query) &&
        value_of(root, range->bound, &bound))
        share = share_within(index, query, DatumGetFloat8(bound));
    return isnan(share) ? UNKNOWN_SHARE : share;
}

/* False where no index of the table knows the condition. */
static bool estimate(PlannerInfo *root, const RelOptInfo *rel, RestrictInfo *condition) {
    ListCell *cell;

    foreach (cell, rel->indexlist) {
        IndexOptInfo *index = lfirst_node(IndexOptInfo, cell);
        SlabRange range;

        if (slab_is_access_method(index->relam) &&
            slab_find_range(root, index, (const Node *)condition->clause, &range)) {
            condition->norm_selec = range_selectivity(root, index, &range);
            return true;
        }
    }
    return false;
}

static void scale_rows(const List *paths, double factor) {
    ListCell *cell;

    foreach (cell, paths) {
        Path *path = lfirst(cell);

        path->rows = clamp_row_est(path->rows * factor);
    }
}

void slab_estimate_ranges(PlannerInfo *root, RelOptInfo *rel) {
    Cardinality before = rel->rows;
    bool is_known = false;
    ListCell *cell;

    foreach (cell, rel->baserestrictinfo)
        is_known |= estimate(root, rel, lfirst_node(RestrictInfo, cell));
    if (!is_known)
        return;
    set_baserel_size_estimates(root, rel);
    scale_rows(rel->pathlist, rel->rows / before);
    scale_rows(rel->partial_pathlist, rel->rows / before);
    foreach (cell, rel->ppilist) {
        ParamPathInfo *info = lfirst_node(ParamPathInfo, cell);

        info->ppi_rows = clamp_row_est(info->ppi_rows * rel->rows / before);
    }
}
