/*
 * distance_support.c - what the planner asks about a distance function: what it costs, and which
 * operator it is.
 *
 * The cost is that of reading thousands of elements, often from a TOAST table, which the planner's
 * own arithmetic knows nothing of. And since it matches only operators with indexes, a call like
 * l2_distance(v, q) is turned into v <-> q. That is the same function with the same arguments, so
 * nothing else about the expression changes.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_operator.h"
#include "fmgr.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "nodes/supportnodes.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "types/distance_support.h"

/* Values of more bytes are stored out of line, in chunks of about as many. */
#define INLINE_BYTES 2000

/* In units of cpu_operator_cost, about 15 ns: measured with an AVX2 CPU on pages in memory. A row's
 * value takes 45 ns and what its dimensions take inline, 2 us and 1 us a chunk from TOAST. */
static double operators_of(const DistanceWork *work, int dims) {
    Size bytes = work->header + ((Size)dims * work->bits + BITS_PER_BYTE - 1) / BITS_PER_BYTE;

    if (bytes <= INLINE_BYTES)
        return 3 + dims / work->at_a_time;
    return 130 + 67.0 * ((bytes + INLINE_BYTES - 1) / INLINE_BYTES);
}

/* The dimensions that an argument was declared with; for a domain, those of its base type. */
static int32 argument_dims(Node *argument) {
    int32 dims;

    while (IsA(argument, RelabelType))
        argument = (Node *)((RelabelType *)argument)->arg;
    dims = exprTypmod(argument);
    (void)getBaseTypeAndTypmod(exprType(argument), &dims);
    return dims;
}

/* Dimensions of the widest argument, 0 if none says. */
static int dims_of_arguments(Node *node) {
    List *arguments = IsA(node, OpExpr)     ? ((OpExpr *)node)->args
                      : IsA(node, FuncExpr) ? ((FuncExpr *)node)->args
                                            : NIL;
    int dims = 0;
    ListCell *cell;

    foreach (cell, arguments)
        dims = Max(dims, argument_dims(lfirst(cell)));
    return dims;
}

/* By the declared dimensions; NULL where none are known. */
static Node *price_call(const DistanceWork *work, SupportRequestCost *request) {
    int dims = request->node == NULL ? 0 : dims_of_arguments(request->node);

    if (dims <= 0)
        return NULL;
    request->startup = 0;
    request->per_tuple = operators_of(work, dims) * cpu_operator_cost;
    return (Node *)request;
}

/* The operator in the function's own schema that stands for it, if there is one. */
static Oid operator_of(Oid function) {
    static const char *const names[] = {"<->", "<#>", "<=>", "<+>", "<~>", "<%>"};
    Oid schema = get_func_namespace(function);
    Oid *types;
    int arguments;
    Oid found = InvalidOid;

    (void)get_func_signature(function, &types, &arguments);
    for (Size i = 0; arguments == 2 && i < lengthof(names) && !OidIsValid(found); i++) {
        HeapTuple tuple =
            SearchSysCache4(OPERNAMENSP, CStringGetDatum(names[i]), ObjectIdGetDatum(types[0]),
                            ObjectIdGetDatum(types[1]), ObjectIdGetDatum(schema));

        if (!HeapTupleIsValid(tuple))
            continue;
        if (((Form_pg_operator)GETSTRUCT(tuple))->oprcode == function)
            found = ((Form_pg_operator)GETSTRUCT(tuple))->oid;
        ReleaseSysCache(tuple);
    }
    return found;
}

/* NULL leaves the call as it is. An operator comes here as a call, too, and becomes itself. */
static Node *as_operator(const FuncExpr *call) {
    Oid operator= operator_of(call->funcid);
    OpExpr *result;

    if (!OidIsValid(operator) || list_length(call->args) != 2)
        return NULL;
    result = (OpExpr *)make_opclause(operator, call->funcresulttype, call->funcretset,
                                     linitial(call->args), lsecond(call->args), call->funccollid,
                                     call->inputcollid);
    result->opfuncid = call->funcid;
    result->location = call->location;
    return (Node *)result;
}

Node *value_support_distance(Node *request, const DistanceWork *work) {
    if (IsA(request, SupportRequestCost))
        return price_call(work, (SupportRequestCost *)request);
    if (IsA(request, SupportRequestSimplify))
        return as_operator(((SupportRequestSimplify *)request)->fcall);
    return NULL;
}
