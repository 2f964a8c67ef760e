/*
 * query.h - a bm25query as the terms that it asks for, and the condition on them. Include
 * postgres.h and fmgr.h first.
 */
#ifndef PGSLAB_TEXT_QUERY_H
#define PGSLAB_TEXT_QUERY_H

#include "pgslab/inverted.h"
#include "text/bm25query.h"

/* Weights and average are nothing yet: they are a matter of statistics. */
typedef struct SlabTextQuery {
    PgsInvertedQuery query;
    PgsQueryTerm *terms; /* the query's own, each with weight 1 if it adds to scores, else 0 */
    TSQuery tsquery;     /* that rows have to match; NULL: a row that has a term matches */
} SlabTextQuery;

/* What is made lives in CurrentMemoryContext, and as long as the value does. config: by which plain
 * text is parsed; it is asked for no other queries. */
extern void slab_read_text_query(Bm25Query *value, Oid config, SlabTextQuery *result);

/* Occurrences of a query's term among those of a document, ascending. */
extern double slab_occurrences(const PgsQueryTerm *term, const PgsTerm *terms, uint32 count);

#endif
