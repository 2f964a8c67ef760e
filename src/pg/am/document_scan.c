/*
 * document_scan.c - scans of indexes of documents: ORDER BY text <@> query, the best scores first,
 * and ORDER BY sparse vector <#> or <=> query.
 *
 * As in scan.c, whose verbs call these. The values that the core gives are the operator's, bit for
 * bit, so that no row has to be looked up for its order; but where a query of text asks for more
 * than which words a row has, the row is asked. Text is scored by the statistics that all of the
 * statement goes by (text/scoring.h), and rows that do not match are not returned. Of sparse
 * vectors every row is, those that have nothing in common with the query among them.
 */
#include "postgres.h"

#include <math.h>

#include "access/relscan.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "utils/float.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "am/am.h"
#include "am/killed.h"
#include "am/lookup.h"
#include "base/compat.h"
#include "base/scan_work.h"
#include "base/settings.h"
#include "hooks/hooks.h"
#include "keys/keys.h"
#include "pgslab/inverted.h"
#include "plan/plan.h"
#include "store/error.h"
#include "store/options.h"
#include "store/page.h"
#include "store/pump.h"
#include "text/index.h"
#include "text/scoring.h"

typedef struct DocumentScan {
    PgsInvertedScan *scan; /* freed by the callback when context goes */
    SlabPump pump;         /* its pages */
    MemoryContext context;
    MemoryContext query_context; /* of what is at hand until the scan starts anew */
    MemoryContextCallback callback;
    uint32 told_rows; /* 0: ask hooks/limit.c */
    bool started;
    bool null_query;
    bool has_no_value;   /* no row has: under cosine the query is zero */
    SlabScoring scoring; /* of text */
    SlabLookup *lookup;  /* NULL until a row had to be looked up */
    bool is_lossy;       /* keys say less than the values that scan keys ask for */
    uint32 expected_rows;
    double recall;
    SlabScanTotals told; /* of this scan's work */
    uint64 slot;         /* of the row last returned */
    SlabKilled killed;
    PGAlignedBlock meta; /* of a scan that has started */
} DocumentScan;

static void destroy_scan(void *arg) {
    DocumentScan *state = arg;

    pgs_inverted_scan_destroy(state->scan);
    state->scan = NULL;
}

void slab_begin_document_scan(IndexScanDesc scan) {
    DocumentScan *state = palloc(sizeof *state);

    memset(state, 0, offsetof(DocumentScan, meta));
    state->context = state->killed.context = CurrentMemoryContext;
    state->query_context =
        AllocSetContextCreate(state->context, "slab query", ALLOCSET_SMALL_SIZES);
    state->callback.func = destroy_scan;
    state->callback.arg = state;
    MemoryContextRegisterResetCallback(state->context, &state->callback);
    slab_check_status(scan->indexRelation,
                      pgs_inverted_scan_create((size_t)work_mem * 1024, &state->scan),
                      &slab_out_of_memory);
    scan->opaque = state;
}

void slab_expect_documents(IndexScanDesc scan, uint32 rows) {
    ((DocumentScan *)scan->opaque)->told_rows = rows;
}

/* ---- the start */

/* What rows are to be near: the same in a condition as in ORDER BY. */
static void find_query(const IndexScanDescData *scan, SlabCenter *given) {
    const ScanKeyData *key = scan->orderByData;

    if (scan->numberOfOrderBys > 1 || (scan->numberOfOrderBys == 0 && !given->given))
        elog(ERROR, "a scan of a slab index needs one order, in ORDER BY or bounded");
    if (scan->numberOfOrderBys == 1)
        *given = (SlabCenter){true, (key->sk_flags & SK_ISNULL) != 0, key->sk_argument};
}

/* The planner has seen to it, but names may have been given to other indexes since. */
static void require_named(Relation index, Oid named) {
    if (!slab_is_named_index(named, RelationGetRelid(index)))
        ereport(ERROR, errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
                errmsg("index \"%s\" is not the one that the bm25query names",
                       RelationGetRelationName(index)),
                errdetail("The plan was made when another index had the name."),
                errhint("Prepare the statement again."));
}

static const PgsInvertedQuery *read_text(DocumentScan *state, Relation index, Datum given) {
    Bm25Query *query = (Bm25Query *)PG_DETOAST_DATUM_COPY(given);

    slab_make_scoring(query, &state->scoring);
    require_named(index, state->scoring.index);
    return &state->scoring.query.query;
}

static const PgsInvertedQuery *read_sparse(DocumentScan *state, const SlabTypeInfo *type, int dims,
                                           Datum given) {
    PgsInvertedQuery *query = palloc0(sizeof *query);
    SlabDocument document;
    PgsQueryTerm *terms;

    slab_read_document(type, given, dims, &document);
    terms = palloc_extended(sizeof *terms * Max(document.count, 1), MCXT_ALLOC_HUGE);
    for (uint32 i = 0; i < document.count; i++)
        terms[i] = (PgsQueryTerm){.bytes = document.terms[i].bytes,
                                  .length = document.terms[i].length,
                                  .weight = document.terms[i].weight};
    query->terms = terms;
    query->count = document.count;
    state->has_no_value = document.count == 0 && type->documents->weights == PGS_COSINES;
    return query;
}

/* What the rows have to satisfy, and what they are to be near. */
static const PgsFilter *make_filter(IndexScanDesc scan, SlabCenter *center) {
    const PgsTidSet *named = slab_named_rows(scan);

    *center = (SlabCenter){0};
    return scan->numberOfKeys == 0 && named == NULL ? NULL : slab_make_filter(scan, named, center);
}

/* Other keys of the scan than those of the planner's hook, which are looked at where they stand. */
static bool asks_for_values(const IndexScanDescData *scan) {
    for (int i = 0; i < scan->numberOfKeys; i++)
        if (scan->keyData[i].sk_attno > 1)
            return true;
    return false;
}

/* How many rows are wanted, and which share of them has to be found: of text all. */
static void choose_effort(IndexScanDesc scan, const SlabDocumentInfo *documents,
                          const PgsFilter *filter) {
    DocumentScan *state = scan->opaque;
    bool is_bounded = filter != NULL && filter->is_bounded;
    SlabLimit limit = {.rows = state->told_rows, .only_loses = true};

    if (limit.rows == 0)
        limit = slab_limit(scan);
    state->expected_rows = limit.rows;
    state->recall =
        documents->weights == PGS_OCCURRENCES || (is_bounded ? !limit.only_loses : limit.all)
            ? 1
            : slab_asked_recall();
}

static void start_scan(IndexScanDesc scan) {
    DocumentScan *state = scan->opaque;
    Relation index = scan->indexRelation;
    const SlabTypeInfo *type = slab_type_info(index);
    const PgsInvertedQuery *query = NULL;
    const PgsFilter *filter;
    MemoryContext caller;
    SlabCenter given;
    PgsMetaInfo info;
    PgsError error;

    if (!IsMVCCSnapshot(scan->xs_snapshot))
        elog(ERROR, "a scan of a slab index needs an MVCC snapshot");
    MemoryContextReset(state->query_context);
    caller = MemoryContextSwitchTo(state->query_context);
    filter = make_filter(scan, &given);
    find_query(scan, &given);
    state->null_query = given.isnull;
    state->has_no_value = false;
    if (!given.isnull && type->documents->weights == PGS_OCCURRENCES)
        query = read_text(state, index, given.vector);
    slab_read_meta(index, &state->meta);
    pgs_meta_info(state->meta.data, &info);
    slab_check_embedder(index, &info);
    if (!given.isnull && type->documents->weights != PGS_OCCURRENCES)
        query = read_sparse(state, type, info.dims, given.vector);
    choose_effort(scan, type->documents, filter);
    slab_check_status(
        index,
        pgs_inverted_scan_start(state->scan, state->meta.data, query, filter, state->expected_rows,
                                state->recall, scan->ignore_killed_tuples, &error),
        &error);
    MemoryContextSwitchTo(caller);
    slab_count_scan(scan);
    state->is_lossy = asks_for_values(scan);
    state->pump = (SlabPump){.machine = pgs_inverted_scan_machine(state->scan),
                             .index = index,
                             .meta = state->meta.data,
                             .prefetch = true,
                             .snapshot = scan->xs_snapshot,
                             .buffers = 1}; /* the metapage */
    memset(&state->told, 0, sizeof state->told);
    state->started = true;
}

/* ---- rows */

static void note_progress(DocumentScan *state) {
    SlabScanTotals now = {.document_scans = 1};

    pgs_inverted_scan_work(state->scan, &now.documents);
    now.documents.buffers = state->pump.buffers;
    slab_note_progress(&state->told, &now);
}

static void return_row(IndexScanDesc scan, const PgsRequest *found) {
    static const Oid float8_type = FLOAT8OID;
    DocumentScan *state = scan->opaque;
    IndexOrderByDistance value = {state->has_no_value ? get_float8_nan() : found->value,
                                  state->null_query};

    state->slot = found->slot;
    ItemPointerSet(&scan->xs_heaptid, found->tid.block, found->tid.offset);
    scan->xs_recheck = state->is_lossy;
    index_store_float8_orderby_distances(scan, (Oid *)&float8_type, &value, false);
}

static SlabLookup *need_lookup(IndexScanDesc scan) {
    DocumentScan *state = scan->opaque;

    if (state->lookup == NULL) {
        MemoryContext caller = MemoryContextSwitchTo(state->context);

        state->lookup = slab_begin_lookup(scan);
        MemoryContextSwitchTo(caller);
    }
    return state->lookup;
}

/* Tells the core whether the row matches. */
static void look_up(IndexScanDesc scan, const PgsRequest *wanted) {
    DocumentScan *state = scan->opaque;
    SlabLookup *lookup = need_lookup(scan);
    bool all_dead;
    Datum text;
    bool matches = slab_look_up_value(lookup, &wanted->tid, &all_dead, &text) &&
                   slab_matches(&state->scoring, text);
    PgsError error;

    slab_release_row(lookup);
    slab_check_status(scan->indexRelation, pgs_inverted_scan_told(state->scan, matches, &error),
                      &error);
    /* As kill_prior_tuple: a standby's snapshots may be older than the primary's. */
    if (all_dead && !scan->xactStartedInRecovery)
        slab_remember_killed(&state->killed, wanted->slot);
}

bool slab_next_document(IndexScanDesc scan) {
    DocumentScan *state = scan->opaque;
    PgsRequest request;

    if (!state->started)
        start_scan(scan);
    else if (scan->kill_prior_tuple)
        slab_remember_killed(&state->killed, state->slot);

    for (;;) {
        slab_pump(&state->pump, &request);
        switch (request.kind) {
            case PGS_REQUEST_LOOK_UP:
                look_up(scan, &request);
                break;
            case PGS_REQUEST_FOUND:
                return_row(scan, &request);
                note_progress(state);
                return true;
            case PGS_REQUEST_DONE:
                note_progress(state);
                return false;
            default:
                slab_refuse_request(&state->pump, &request);
        }
    }
}

/* ---- the end */

static PgsRecordPage find_record(const void *scan, uint64 slot, uint32 *index) {
    return pgs_inverted_scan_record(scan, slot, index);
}

void slab_finish_document_scan(IndexScanDesc scan) {
    DocumentScan *state = scan->opaque;
    SlabScanWork work = {.index = RelationGetRelid(scan->indexRelation),
                         .of_documents = true,
                         .exact = state->recall >= 1,
                         .expected_rows = state->expected_rows,
                         .buffers = state->pump.buffers,
                         .estimated_recall = get_float8_nan()};

    if (!state->started)
        return;
    slab_flag_killed(&state->killed, scan->indexRelation, state->meta.data, find_record,
                     state->scan);
    if (state->lookup != NULL)
        slab_reset_lookup(state->lookup);
    pgs_inverted_scan_work(state->scan, &work.documents);
    work.documents.buffers = state->pump.buffers;
    slab_note_scan(&work);
    state->started = false;
}

void slab_end_document_scan(IndexScanDesc scan) {
    DocumentScan *state = scan->opaque;

    slab_finish_document_scan(scan);
    destroy_scan(state);
    if (state->lookup != NULL)
        slab_end_lookup(state->lookup);
    MemoryContextDelete(state->query_context);
}
