/*
 * bm25query.h - the type bm25query: a query of text, and the index whose statistics score rows by
 * it. Include postgres.h and fmgr.h first.
 */
#ifndef PGSLAB_TEXT_BM25QUERY_H
#define PGSLAB_TEXT_BM25QUERY_H

#include "tsearch/ts_type.h"

#include "base/compat.h"

typedef enum Bm25QueryKind { BM25_TEXT = 0, BM25_TSQUERY = 1 } Bm25QueryKind;

/* Behind the name of the index, aligned, is what is asked for. */
typedef struct Bm25Query {
    int32 vl_len_; /* varlena header */
    int32 kind;    /* Bm25QueryKind */
    int32
        name_bytes; /* of the index's name, as SQL would have it: perhaps quoted, or with schema */
    char name[FLEXIBLE_ARRAY_MEMBER];
} Bm25Query;

#define BM25_QUERY_BODY(query) \
    ((char *)(query) + INTALIGN(offsetof(Bm25Query, name) + (query)->name_bytes))
#define BM25_QUERY_BODY_BYTES(query) \
    ((Size)((char *)(query) + VARSIZE(query) - BM25_QUERY_BODY(query)))

#define DatumGetBm25QueryP(datum) ((Bm25Query *)PG_DETOAST_DATUM(datum))
#define PG_GETARG_BM25QUERY_P(n) DatumGetBm25QueryP(PG_GETARG_DATUM(n))

/* In CurrentMemoryContext. The body is a text's bytes, or a whole TSQuery. */
extern Bm25Query *slab_make_bm25query(Bm25QueryKind kind, const char *name, Size name_bytes,
                                      const void *body, Size body_bytes);

/* A copy of the name, which ends with a zero. */
extern char *slab_bm25query_name(const Bm25Query *query);

/* What the query is. Each is for queries of its kind. */
extern text *slab_bm25query_text(const Bm25Query *query); /* a copy */
extern TSQuery slab_bm25query_tsquery(Bm25Query *query);  /* in it */

#endif
