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
#include "optimizer/optimizer.h"
#include "optimizer/paths.h"
#include "parser/parse_func.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"

#include "base/compat.h"
#include "pgslab/index.h"
#include "plan/documents.h"
#include "plan/range.h"
#include "store/options.h"
#include "store/page.h"

/* The operator family of comparisons of floating-point numbers. */
#define FLOAT_FAMILY 1970

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

/* Another library's product may be no number, where float32 overflows. */
static bool orders_by_product(const IndexOptInfo *index) {
    const SlabTypeInfo *info = slab_type_info_of_family(index->opfamily[0], index->opcintype[0]);

    return info != NULL && info->metric == PGS_INNER_PRODUCT && !info->asks_operator;
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
    return range->strategy != BTEqualStrategyNumber;
}

/* Whether the index knows the distances of its rows, or no more than signs; one that cannot be read
 * is refused later. Of text it does not have rows that do not match, which are below some bounds.
 */
static bool knows_distances(const IndexOptInfo *index) {
    const SlabDocumentInfo *documents = slab_documents_of(index);
    Relation relation;
    PGAlignedBlock meta;
    PgsMetaInfo info = {0};

    if (documents != NULL && documents->weights == PGS_OCCURRENCES)
        return false;
    if (index->hypothetical)
        return true;
    relation = index_open(index->indexoid, NoLock);
    if (slab_try_meta(relation, &meta))
        pgs_meta_info(meta.data, &info);
    index_close(relation, NoLock);
    return !info.signs;
}

bool slab_find_bound(PlannerInfo *root, IndexOptInfo *index, const Node *clause, SlabRange *range) {
    const OpExpr *comparison = (const OpExpr *)clause;

    if (!IsA(clause, OpExpr) || list_length(comparison->args) != 2 ||
        get_op_opfamily_strategy(comparison->opno, FLOAT_FAMILY) == 0)
        return false;
    if (!find_on_left(root, index, comparison, range)) {
        comparison = commuted(comparison);
        if (comparison == NULL || !find_on_left(root, index, comparison, range))
            return false;
    }
    return knows_distances(index);
}

bool slab_find_range(PlannerInfo *root, IndexOptInfo *index, const Node *clause, SlabRange *range) {
    return slab_find_bound(root, index, clause, range) && range->strategy < BTEqualStrategyNumber;
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
