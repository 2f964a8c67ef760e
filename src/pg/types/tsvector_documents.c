/*
 * tsvector_documents.c - text as an index reads it: the lexemes of a tsvector, with how often each
 * occurs.
 */
#include "postgres.h"

#include "fmgr.h"
#include "tsearch/ts_type.h"

#include "base/type_info.h"

StaticAssertDecl(MAXSTRLEN <= PGS_MAX_TERM_BYTES, "every lexeme can be a term");

/* A lexeme without positions, as strip() leaves it, occurs once. */
static float occurrences(TSVector value, WordEntry *entry) {
    return entry->haspos ? (float)Max(POSDATALEN(value, entry), 1) : 1;
}

/* Lexemes come in the order of terms, and each once: tsCompareString() compares their bytes, and
 * then has the shorter one first. One of no bytes, which only the binary format can bring in, is
 * nothing that a query could ask for. */
static void read_lexemes(Datum datum, SlabDocument *document) {
    TSVector value = DatumGetTSVector(datum);
    WordEntry *entries = ARRPTR(value);
    PgsTerm *terms = palloc_extended(sizeof(PgsTerm) * Max(value->size, 1), MCXT_ALLOC_HUGE);
    uint32 count = 0;

    for (int i = 0; i < value->size; i++)
        if (entries[i].len > 0)
            terms[count++] = (PgsTerm){STRPTR(value) + entries[i].pos, entries[i].len,
                                       occurrences(value, &entries[i])};
    *document = (SlabDocument){.terms = terms, .count = count, .memory = terms};
    if ((Pointer)value != DatumGetPointer(datum))
        document->bytes = value;
}

static const SlabDocumentInfo documents = {PGS_OCCURRENCES, read_lexemes};

PG_FUNCTION_INFO_V1(slab_tsvector_bm25);
Datum slab_tsvector_bm25(PG_FUNCTION_ARGS) {
    static const SlabTypeInfo info = {.name = "tsvector", .documents = &documents};

    PG_RETURN_POINTER(&info);
}
