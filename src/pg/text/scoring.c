/*
 * scoring.c - scores of rows, and the counts that they are made of, which this backend keeps for as
 * long as its statements may ask for the same.
 */
#include "postgres.h"

#include "access/relation.h"
#include "access/xact.h"
#include "fmgr.h"
#include "utils/fmgrprotos.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "store/options.h"
#include "text/counts.h"
#include "text/index.h"
#include "text/scoring.h"

SlabMoment slab_this_moment(void) {
    Snapshot snapshot = ActiveSnapshotSet() ? GetActiveSnapshot() : GetTransactionSnapshot();

    return (SlabMoment){.transaction = GetCurrentTransactionStartTimestamp(),
                        .xmin = snapshot->xmin,
                        .xmax = snapshot->xmax,
                        .running = snapshot->xcnt + (uint32)snapshot->subxcnt,
                        .command = snapshot->curcid};
}

/* ---- counts that are kept */

/* Queries at once, and bytes of one. */
#define KEPT 32
#define MOST_KEPT_BYTES 65536

typedef struct KeptCounts {
    MemoryContext context; /* of what is kept; NULL: nothing */
    Oid index;
    SlabMoment moment;
    const Bm25Query *query;
    SlabCounts counts;
    uint64 used; /* when */
} KeptCounts;

static KeptCounts kept[KEPT];
static uint64 uses;

static bool same_query(const Bm25Query *a, const Bm25Query *b) {
    return VARSIZE(a) == VARSIZE(b) && memcmp(a, b, VARSIZE(a)) == 0;
}

static const SlabCounts *find_kept(Oid index, const SlabMoment *moment, const Bm25Query *query) {
    for (int i = 0; i < KEPT; i++) {
        if (kept[i].context == NULL || kept[i].index != index ||
            !slab_same_moment(&kept[i].moment, moment) || !same_query(kept[i].query, query))
            continue;
        kept[i].used = ++uses;
        return &kept[i].counts;
    }
    return NULL;
}

/* In the place of what was asked for longest ago. */
static void keep(Oid index, const SlabMoment *moment, const Bm25Query *query, uint32 terms,
                 const SlabCounts *counts) {
    KeptCounts *oldest = &kept[0];
    KeptCounts made = {.index = index, .moment = *moment, .counts = *counts, .used = ++uses};
    MemoryContext caller;

    if (VARSIZE(query) > MOST_KEPT_BYTES)
        return;
    for (int i = 1; i < KEPT; i++)
        if (kept[i].used < oldest->used)
            oldest = &kept[i];
    made.context = AllocSetContextCreate(CurrentMemoryContext, "slab statistics that are kept",
                                         ALLOCSET_SMALL_SIZES);
    caller = MemoryContextSwitchTo(made.context);
    made.query = memcpy(palloc(VARSIZE(query)), query, VARSIZE(query));
    made.counts.with_term = palloc(sizeof(uint64) * Max(terms, 1));
    memcpy(made.counts.with_term, counts->with_term, sizeof(uint64) * terms);
    MemoryContextSwitchTo(caller);
    MemoryContextSetParent(made.context, TopMemoryContext);
    if (oldest->context != NULL)
        MemoryContextDelete(oldest->context);
    *oldest = made;
}

static SlabCounts counts_of(Relation index, const SlabMoment *moment, const Bm25Query *query,
                            const SlabTextQuery *read) {
    const SlabCounts *found = find_kept(RelationGetRelid(index), moment, query);
    SlabCounts counts;

    if (found != NULL)
        return *found;
    counts = slab_count_terms(index, read->terms, read->query.count);
    keep(RelationGetRelid(index), moment, query, read->query.count, &counts);
    return counts;
}

/* ---- scores */

static void weigh(SlabScoring *scoring, const SlabCounts *counts) {
    SlabTextQuery *query = &scoring->query;

    scoring->bm25 = counts->bm25;
    query->query.average = counts->bm25.average;
    for (uint32 i = 0; i < query->query.count; i++)
        if (query->terms[i].weight != 0)
            query->terms[i].weight =
                pgs_bm25_idf(counts->documents, Min(counts->with_term[i], counts->documents));
}

void slab_make_scoring(Bm25Query *query, SlabScoring *scoring) {
    char *name = slab_bm25query_name(query);
    Oid named = slab_find_named_index(name);
    Relation index = slab_open_named_index(named, name);
    Oid config = query->kind == BM25_TEXT ? slab_config_of_index(index) : InvalidOid;
    SlabCounts counts;

    scoring->index = named;
    scoring->moment = slab_this_moment();
    scoring->read = slab_type_info(index)->documents->read;
    slab_read_text_query(query, config, &scoring->query);
    counts = counts_of(index, &scoring->moment, query, &scoring->query);
    weigh(scoring, &counts);
    relation_close(index, AccessShareLock);
}

static double sum_of_terms(const SlabScoring *scoring, const SlabDocument *document) {
    double length = 0;
    double sum = 0;

    for (uint32 i = 0; i < document->count; i++)
        length += document->terms[i].weight;
    for (uint32 i = 0; i < scoring->query.query.count; i++) {
        const PgsQueryTerm *term = &scoring->query.terms[i];
        double occurrences =
            term->weight == 0 ? 0 : slab_occurrences(term, document->terms, document->count);

        if (occurrences > 0)
            sum += pgs_bm25_term(&scoring->bm25, term->weight, occurrences, length);
    }
    return sum;
}

bool slab_matches(const SlabScoring *scoring, Datum document) {
    TSQuery tsquery = scoring->query.tsquery;

    return tsquery == NULL ||
           DatumGetBool(DirectFunctionCall2(ts_match_vq, document, TSQueryGetDatum(tsquery)));
}

double slab_score(const SlabScoring *scoring, Datum document) {
    SlabDocument terms;
    double score;

    scoring->read(document, &terms);
    score = sum_of_terms(scoring, &terms);
    slab_free_document(&terms);
    return score > 0 && slab_matches(scoring, document) ? score : 0;
}

/* ---- the operator */

/* Of the query at hand, while a statement runs. */
typedef struct Prepared {
    MemoryContext context;
    Bm25Query *query; /* NULL until there is one */
    SlabScoring scoring;
} Prepared;

static Prepared *prepared_of(FmgrInfo *function) {
    if (function->fn_extra == NULL) {
        Prepared *made = MemoryContextAllocZero(function->fn_mcxt, sizeof *made);

        made->context =
            AllocSetContextCreate(function->fn_mcxt, "slab scoring", ALLOCSET_SMALL_SIZES);
        function->fn_extra = made;
    }
    return function->fn_extra;
}

static void prepare(Prepared *prepared, const Bm25Query *query) {
    MemoryContext caller;
    Bm25Query *copy;

    prepared->query = NULL;
    MemoryContextReset(prepared->context);
    caller = MemoryContextSwitchTo(prepared->context);
    copy = memcpy(palloc(VARSIZE(query)), query, VARSIZE(query));
    slab_make_scoring(copy, &prepared->scoring);
    MemoryContextSwitchTo(caller);
    prepared->query = copy;
}

/* tsvector <@> bm25query: the negative score, so that ORDER BY has the best rows first; 0 where
 * nothing matches. */
PG_FUNCTION_INFO_V1(slab_bm25_distance);
Datum slab_bm25_distance(PG_FUNCTION_ARGS) {
    Bm25Query *query = PG_GETARG_BM25QUERY_P(1);
    Prepared *prepared = prepared_of(fcinfo->flinfo);
    SlabMoment now = slab_this_moment();
    double score;

    if (prepared->query == NULL || !slab_same_moment(&prepared->scoring.moment, &now) ||
        !same_query(prepared->query, query))
        prepare(prepared, query);
    PG_FREE_IF_COPY(query, 1);
    score = slab_score(&prepared->scoring, PG_GETARG_DATUM(0));
    PG_RETURN_FLOAT8(score == 0 ? 0 : -score);
}
