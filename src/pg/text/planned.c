/*
 * planned.c - what a plan knows of a bm25query: all of it, where it is a constant; or, where it is
 * made when the plan runs, as by bm25_query('documents_idx', $1), the name of the index.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/builtins.h"

#include "text/index.h"
#include "text/planned.h"
#include "text/query.h"

/* What a query has where nobody knows. */
#define GUESSED_TERMS 4

/* About so many bytes of plain text make a lexeme. */
#define BYTES_OF_WORD 7

/* Their functions for the server. */
extern PGDLLEXPORT Datum slab_bm25_query_of_text(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum slab_bm25_query_of_tsquery(PG_FUNCTION_ARGS);

static bool makes_query(Oid function) {
    FmgrInfo info;

    fmgr_info(function, &info);
    return info.fn_addr == slab_bm25_query_of_text || info.fn_addr == slab_bm25_query_of_tsquery;
}

static const Const *constant(const Node *node) {
    return IsA(node, Const) && !((const Const *)node)->constisnull ? (const Const *)node : NULL;
}

/* NULL where it is not known yet. */
static char *name_in(const Expr *query) {
    const Const *known = constant((const Node *)query);
    const FuncExpr *call = (const FuncExpr *)query;

    if (known != NULL)
        return slab_bm25query_name(DatumGetBm25QueryP(known->constvalue));
    if (!IsA(query, FuncExpr) || !makes_query(call->funcid))
        return NULL;
    known = constant(linitial(call->args));
    return known == NULL ? NULL : TextDatumGetCString(known->constvalue);
}

bool slab_query_names_index(const Expr *query, Oid index) {
    char *name = name_in(query);

    return name != NULL && slab_is_named_index(slab_find_named_index(name), index);
}

double slab_guess_terms(const Expr *query) {
    const Const *known = constant((const Node *)query);
    Bm25Query *value;

    if (known == NULL)
        return GUESSED_TERMS;
    value = DatumGetBm25QueryP(known->constvalue);
    return value->kind == BM25_TEXT ? (double)BM25_QUERY_BODY_BYTES(value) / BYTES_OF_WORD + 1
                                    : slab_bm25query_tsquery(value)->size;
}
