/*
 * neighbour_cast.c - what the planner is to know of a cast between two types whose values have the
 * same bytes: where the value is known to have the dimensions that are asked for, or none are, the
 * cast does nothing. So a column that changes from one type to the other is not written anew.
 */
#include "postgres.h"

#include "fmgr.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "nodes/supportnodes.h"

/* The dimensions that a cast asks for, of its second argument; false where they are not known. */
static bool find_typmod(const FuncExpr *cast, int32 *typmod) {
    const Const *given = list_length(cast->args) < 2 ? NULL : lsecond(cast->args);

    if (given == NULL || !IsA(given, Const) || given->constisnull)
        return false;
    *typmod = DatumGetInt32(given->constvalue);
    return true;
}

/* NULL leaves the call as it is. */
static Node *as_relabelling(const FuncExpr *cast) {
    Node *value = linitial(cast->args);
    int32 typmod;

    if (!find_typmod(cast, &typmod) || (typmod >= 0 && exprTypmod(value) != typmod))
        return NULL;
    return (Node *)makeRelabelType((Expr *)value, cast->funcresulttype, typmod, InvalidOid,
                                   cast->funcformat);
}

PG_FUNCTION_INFO_V1(slab_cast_support);
Datum slab_cast_support(PG_FUNCTION_ARGS) {
    Node *request = (Node *)PG_GETARG_POINTER(0);

    if (!IsA(request, SupportRequestSimplify))
        PG_RETURN_POINTER(NULL);
    PG_RETURN_POINTER(as_relabelling(((SupportRequestSimplify *)request)->fcall));
}
