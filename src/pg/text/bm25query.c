/*
 * bm25query.c - the type bm25query: input, output, and what makes one.
 *
 * Its text is a JSON object, {"index": "documents_idx", "query": "fast search"} or, for a query of
 * full text search, {"index": "documents_idx", "tsquery": "'fast' & 'search'"}. A value only says
 * what was asked for: whether there is such an index is looked at by whoever scores rows by it.
 */
#include "postgres.h"

#include "fmgr.h"
#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/json.h"
#include "utils/jsonb.h"

#include "base/compat.h"
#include "text/bm25query.h"

Bm25Query *slab_make_bm25query(Bm25QueryKind kind, const char *name, Size name_bytes,
                               const void *body, Size body_bytes) {
    Size before_body = INTALIGN(offsetof(Bm25Query, name) + name_bytes);
    Bm25Query *query;

    if (before_body + body_bytes > MaxAllocSize)
        ereport(ERROR, errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED), errmsg("bm25query is too long"),
                errdetail("It would take %zu bytes of at most %zu.", before_body + body_bytes,
                          MaxAllocSize));
    query = palloc0(before_body + body_bytes);
    SET_VARSIZE(query, before_body + body_bytes);
    query->kind = kind;
    query->name_bytes = (int32)name_bytes;
    memcpy(query->name, name, name_bytes);
    memcpy((char *)query + before_body, body, body_bytes);
    return query;
}

char *slab_bm25query_name(const Bm25Query *query) {
    return pnstrdup(query->name, query->name_bytes);
}

text *slab_bm25query_text(const Bm25Query *query) {
    return cstring_to_text_with_len(BM25_QUERY_BODY(query), (int)BM25_QUERY_BODY_BYTES(query));
}

TSQuery slab_bm25query_tsquery(Bm25Query *query) {
    return (TSQuery)BM25_QUERY_BODY(query);
}

PG_FUNCTION_INFO_V1(slab_bm25_query_of_text);
Datum slab_bm25_query_of_text(PG_FUNCTION_ARGS) {
    text *name = PG_GETARG_TEXT_PP(0);
    text *body = PG_GETARG_TEXT_PP(1);

    PG_RETURN_POINTER(slab_make_bm25query(BM25_TEXT, VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name),
                                          VARDATA_ANY(body), VARSIZE_ANY_EXHDR(body)));
}

PG_FUNCTION_INFO_V1(slab_bm25_query_of_tsquery);
Datum slab_bm25_query_of_tsquery(PG_FUNCTION_ARGS) {
    text *name = PG_GETARG_TEXT_PP(0);
    TSQuery body = PG_GETARG_TSQUERY(1);

    PG_RETURN_POINTER(slab_make_bm25query(BM25_TSQUERY, VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name),
                                          body, VARSIZE(body)));
}

/* ---- text */

/* Calls an input function that may report what is wrong with its text to context; false then. */
static bool call_input(PGFunction input, char *string, Node *context, Datum *result) {
#if PG_VERSION_NUM >= 160000
    return DirectInputFunctionCallSafe(input, string, InvalidOid, -1, context, result);
#else
    *result = DirectFunctionCall3(input, CStringGetDatum(string), ObjectIdGetDatum(InvalidOid),
                                  Int32GetDatum(-1));
    return true;
#endif
}

/* The member of the object if it is a string; else NULL. */
static char *string_member(Jsonb *object, const char *key) {
    JsonbValue value;

    if (getKeyJsonValueFromContainer(&object->root, key, (int)strlen(key), &value) == NULL ||
        value.type != jbvString)
        return NULL;
    return pnstrdup(value.val.string.val, value.val.string.len);
}

static Datum report_form(const char *detail, Node *context) {
    errsave(context, (errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
                      errmsg("invalid input syntax for type bm25query"), errdetail("%s", detail),
                      errhint("Write {\"index\": \"documents_idx\", \"query\": \"words\"}, or call "
                              "bm25_query('documents_idx', 'words').")));
    return (Datum)0;
}

static Datum query_of_members(const char *name, const char *words, char *terms, Node *context) {
    Datum tsquery;

    if (words != NULL)
        return PointerGetDatum(
            slab_make_bm25query(BM25_TEXT, name, strlen(name), words, strlen(words)));
    if (!call_input(tsqueryin, terms, context, &tsquery))
        return (Datum)0;
    return PointerGetDatum(slab_make_bm25query(BM25_TSQUERY, name, strlen(name),
                                               DatumGetPointer(tsquery),
                                               VARSIZE(DatumGetPointer(tsquery))));
}

PG_FUNCTION_INFO_V1(slab_bm25query_in);
Datum slab_bm25query_in(PG_FUNCTION_ARGS) {
    Datum json;
    Jsonb *object;
    char *name;
    char *words;
    char *terms;

    if (!call_input(jsonb_in, PG_GETARG_CSTRING(0), fcinfo->context, &json))
        return (Datum)0;
    object = DatumGetJsonbP(json);
    if (!JB_ROOT_IS_OBJECT(object))
        return report_form("The JSON value is not an object.", fcinfo->context);
    name = string_member(object, "index");
    words = string_member(object, "query");
    terms = string_member(object, "tsquery");
    if (name == NULL)
        return report_form("The object has no string \"index\".", fcinfo->context);
    if ((words == NULL) == (terms == NULL))
        return report_form("The object has not just one of the strings \"query\" and \"tsquery\".",
                           fcinfo->context);
    if (JB_ROOT_COUNT(object) != 2)
        return report_form("The object has other members.", fcinfo->context);
    return query_of_members(name, words, terms, fcinfo->context);
}

PG_FUNCTION_INFO_V1(slab_bm25query_out);
Datum slab_bm25query_out(PG_FUNCTION_ARGS) {
    Bm25Query *query = PG_GETARG_BM25QUERY_P(0);
    bool is_text = query->kind == BM25_TEXT;
    StringInfoData out;

    initStringInfo(&out);
    appendStringInfoString(&out, "{\"index\": ");
    escape_json(&out, slab_bm25query_name(query));
    appendStringInfo(&out, ", \"%s\": ", is_text ? "query" : "tsquery");
    escape_json(&out, is_text ? text_to_cstring(slab_bm25query_text(query))
                              : DatumGetCString(DirectFunctionCall1(
                                    tsqueryout, TSQueryGetDatum(slab_bm25query_tsquery(query)))));
    appendStringInfoChar(&out, '}');
    PG_RETURN_CSTRING(out.data);
}

/* ---- the wire: a byte that is 0 or 1 for the kind, the name as a counted text, and the text of
 * the query, or what the server sends of a tsquery. */

PG_FUNCTION_INFO_V1(slab_bm25query_send);
Datum slab_bm25query_send(PG_FUNCTION_ARGS) {
    Bm25Query *query = PG_GETARG_BM25QUERY_P(0);
    StringInfoData out;

    pq_begintypsend(&out);
    pq_sendbyte(&out, (uint8)query->kind);
    pq_sendcountedtext(&out, query->name, query->name_bytes
#if PG_VERSION_NUM < 170000
                       ,
                       false
#endif
    );
    if (query->kind == BM25_TEXT) {
        pq_sendtext(&out, BM25_QUERY_BODY(query), (int)BM25_QUERY_BODY_BYTES(query));
    } else {
        bytea *sent = DatumGetByteaPP(
            DirectFunctionCall1(tsquerysend, TSQueryGetDatum(slab_bm25query_tsquery(query))));

        pq_sendbytes(&out, VARDATA_ANY(sent), (int)VARSIZE_ANY_EXHDR(sent));
    }
    PG_RETURN_BYTEA_P(pq_endtypsend(&out));
}

PG_FUNCTION_INFO_V1(slab_bm25query_recv);
Datum slab_bm25query_recv(PG_FUNCTION_ARGS) {
    StringInfo in = (StringInfo)PG_GETARG_POINTER(0);
    int kind = pq_getmsgbyte(in);
    int bytes = (int)pq_getmsgint(in, 4);
    char *name;
    int name_bytes;

    if (kind != BM25_TEXT && kind != BM25_TSQUERY)
        ereport(ERROR, errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
                errmsg("invalid bm25query in external binary format"),
                errdetail("Its kind is %d.", kind));
    if (bytes < 0 || bytes > in->len - in->cursor)
        ereport(ERROR, errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
                errmsg("invalid bm25query in external binary format"),
                errdetail("The name of its index has %d bytes.", bytes));
    name = pq_getmsgtext(in, bytes, &name_bytes);
    if (kind == BM25_TEXT) {
        int words_bytes;
        char *words = pq_getmsgtext(in, in->len - in->cursor, &words_bytes);

        PG_RETURN_POINTER(slab_make_bm25query(BM25_TEXT, name, name_bytes, words, words_bytes));
    } else {
        TSQuery body = DatumGetTSQuery(DirectFunctionCall1(tsqueryrecv, PointerGetDatum(in)));

        PG_RETURN_POINTER(slab_make_bm25query(BM25_TSQUERY, name, name_bytes, body, VARSIZE(body)));
    }
}
