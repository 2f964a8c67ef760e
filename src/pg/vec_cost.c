/*
 * vec_cost.c - what a distance costs, for the planner: that of reading thousands of floats, often
 * from a TOAST table, which its own arithmetic knows nothing of.
 */
#include "postgres.h"

#include "fmgr.h"
#include "nodes/nodeFuncs.h"
#include "nodes/supportnodes.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "utils/lsyscache.h"
#include "vec.h"

/* Vectors of more bytes are stored out of line, in chunks of about as many. */
#define INLINE_BYTES 2000

/* In units of cpu_operator_cost, about 15 ns: measured with an AVX2 CPU on pages in memory. A row's
 * vector takes 45 ns and half a nanosecond a dimension inline, 2 us and 1 us a chunk from TOAST. */
static double operators_of(int dims) {
    int bytes = (int)VEC_SIZE(dims);

    if (bytes <= INLINE_BYTES)
        return 3 + dims / 32.0;
    return 130 + 67 * ((bytes + INLINE_BYTES - 1) / INLINE_BYTES);
}

/* Dimensions that an argument was declared with, as those of a column whose type is a domain. */
static int32 declared_dims(Node *argument) {
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
        dims = Max(dims, declared_dims(lfirst(cell)));
    return dims;
}

/* Planner support of the distance functions: their cost by the declared dimensions, where known. */
PG_FUNCTION_INFO_V1(vec_distance_support);
Datum vec_distance_support(PG_FUNCTION_ARGS) {
    Node *request = (Node *)PG_GETARG_POINTER(0);

    if (IsA(request, SupportRequestCost)) {
        SupportRequestCost *cost = (SupportRequestCost *)request;
        int dims = cost->node == NULL ? 0 : dims_of_arguments(cost->node);

        if (dims > 0) {
            cost->startup = 0;
            cost->per_tuple = operators_of(dims) * cpu_operator_cost;
            PG_RETURN_POINTER(cost);
        }
    }
    PG_RETURN_POINTER(NULL);
}
