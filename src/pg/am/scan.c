/*
 * scan.c - ORDER BY vector <-> query: rows in ascending order of their distance. And WHERE vector
 * <-> query < bound, of which the order does not matter where there is no ORDER BY: then the query
 * comes with the condition (keys/term.h).
 *
 * The core says which page it wants and, once it has seen enough, which row is next. Where what the
 * index stores leaves open which of two rows that is, it asks for their vectors, which are looked
 * up in the table; or for the operator's values, where the operator is another library's, which
 * rounds otherwise than ours. So rows come in the order of the operator's values, whatever
 * precision the index has, and the executor need not put them in order (xs_recheckorderby is never
 * set). An index of signs names candidates, which are put in order by what is in the table
 * (ranking.h).
 *
 * The snapshot is older than our reading of the manifest, so every row it can see is in the index
 * by then. Rows found through a TID that VACUUM meanwhile gave to another row are invisible to the
 * snapshot, which is why it has to be an MVCC one.
 */
#include "postgres.h"

#include <math.h>

#include "access/relscan.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "utils/float.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "am/am.h"
#include "am/killed.h"
#include "am/lookup.h"
#include "am/ranking.h"
#include "base/compat.h"
#include "base/scan_work.h"
#include "base/settings.h"
#include "base/type_info.h"
#include "hooks/hooks.h"
#include "keys/keys.h"
#include "learn/learn.h"
#include "maintain/maintain.h"
#include "pgslab/index.h"
#include "pgslab/scan.h"
#include "plan/plan.h"
#include "store/codebook.h"
#include "store/error.h"
#include "store/identity.h"
#include "store/options.h"
#include "store/page.h"
#include "store/pump.h"

typedef struct SlabScan {
    PgsScan *scan; /* freed by the callback when context goes */
    SlabPump pump; /* its pages */
    MemoryContext context;
    MemoryContext filter_context; /* NULL until there is a filter */
    MemoryContextCallback callback;
    const PgsCodebook *codebook; /* pinned until context goes */
    uint64 codebook_identity;
    BufferAccessStrategy strategy; /* NULL until all of an index larger than memory is read */
    uint32 told_rows;              /* 0: ask hooks/limit.c */
    bool started;
    bool null_query;
    bool exact;
    int dims;
    uint32 expected_rows; /* that the core was told of */
    uint32 most_rows;     /* that are to be handed out; 0: any number */
    const char *most_by;  /* the setting that says so */
    uint32 rows;          /* that were, those aside that are dead to everybody */
    bool ended;           /* since there were as many */
    SlabScanTotals told;  /* of this scan's work */
    SlabLookup *lookup;   /* NULL until a row had to be looked up */
    SlabRanking *ranking; /* NULL until one was needed */
    bool ranks;           /* what the index names are candidates */
    bool is_undirected; /* the query, from which an index of signs cannot know: NaN is all values */
    Datum query;        /* of a class that asks its operator, while the scan runs */
    bool asks_operator;
    bool is_lossy;   /* keys say less than the values that scan keys ask for */
    double estimate; /* of recall, by this pass; not a number: unknown */
    uint64 slot;     /* of the row last returned */
    SlabKilled killed;
    PGAlignedBlock meta; /* of a scan that has started */
} SlabScan;

static void destroy_scan(void *arg) {
    SlabScan *state = arg;

    pgs_scan_destroy(state->scan);
    state->scan = NULL;
}

IndexScanDesc slab_begin_scan(Relation index, int keys, int orderbys) {
    IndexScanDesc scan = RelationGetIndexScan(index, keys, orderbys);
    SlabScan *state;

    scan->xs_recheckorderby = false;
    scan->xs_orderbyvals = palloc0(sizeof(Datum) * orderbys);
    scan->xs_orderbynulls = palloc(sizeof(bool) * orderbys);
    memset(scan->xs_orderbynulls, true,
           sizeof(bool) * orderbys); /* there is no datum to free yet */
    if (slab_is_inverted(index)) {
        slab_begin_document_scan(scan);
        return scan;
    }
    state = palloc(sizeof *state);
    memset(state, 0, offsetof(SlabScan, meta));
    state->context = state->killed.context = CurrentMemoryContext;
    state->callback.func = destroy_scan;
    state->callback.arg = state;
    MemoryContextRegisterResetCallback(state->context, &state->callback);
    slab_check_status(index, pgs_scan_create((size_t)work_mem * 1024, &state->scan),
                      &slab_out_of_memory);
    state->asks_operator = slab_type_info(index)->asks_operator;
    if (state->asks_operator)
        pgs_scan_goes_by_told_values(state->scan);
    scan->opaque = state;
    return scan;
}

void slab_expect_rows(IndexScanDesc scan, uint32 rows) {
    if (slab_is_inverted(scan->indexRelation))
        slab_expect_documents(scan, rows);
    else
        ((SlabScan *)scan->opaque)->told_rows = rows;
}

/* Pins the codebook that the manifest names, unless an earlier start of this scan has. */
static void pin_codebook(Relation index, SlabScan *state, const PgsMetaInfo *info) {
    MemoryContext caller;

    if (state->codebook != NULL && state->codebook_identity == info->codebook_identity)
        return;
    caller = MemoryContextSwitchTo(state->context);
    state->codebook = slab_pin_codebook(index, state->meta.data);
    state->codebook_identity = info->codebook_identity;
    MemoryContextSwitchTo(caller);
}

/*
 * A search that is not exact may miss rows, and what it misses it cannot return later without
 * breaking the order. That is for queries of the nearest rows, and for those of rows within a
 * distance; one without either asks for every row.
 */
static PgsEffort choose_effort(IndexScanDesc scan, const PgsFilter *filter) {
    SlabScan *state = scan->opaque;
    bool is_bounded = filter != NULL && filter->is_bounded;
    PgsEffort effort = slab_index_effort(scan->indexRelation);
    SlabLimit limit = {.rows = state->told_rows, .only_loses = true};

    slab_check_guests(slab_dialect(scan->indexRelation->rd_indam));
    if (limit.rows == 0)
        limit = slab_limit(scan);
    effort.rows = limit.rows;
    effort.exact |= is_bounded ? !limit.only_loses : limit.all;
    return effort;
}

/* What the rows have to satisfy, valid until the scan starts anew. */
static const PgsFilter *make_filter(SlabScan *state, IndexScanDesc scan, SlabCenter *center) {
    const PgsTidSet *named = slab_named_rows(scan);
    MemoryContext caller;
    const PgsFilter *filter;

    *center = (SlabCenter){0};
    if (scan->numberOfKeys == 0 && named == NULL)
        return NULL;
    if (state->filter_context == NULL)
        state->filter_context =
            AllocSetContextCreate(state->context, "slab filter", ALLOCSET_SMALL_SIZES);
    MemoryContextReset(state->filter_context);
    caller = MemoryContextSwitchTo(state->filter_context);
    filter = slab_make_filter(scan, named, center);
    MemoryContextSwitchTo(caller);
    return filter;
}

/* What the planner's hook asks of the vector (keys/term.h) is looked at where it stands. */
static bool asks_for_values(const IndexScanDescData *scan) {
    for (int i = 0; i < scan->numberOfKeys; i++)
        if (scan->keyData[i].sk_attno > 1)
            return true;
    return false;
}

/* slab.max_scan_rows is about rows beyond LIMIT, which other conditions of the query leave out.
 * Whoever tells the scan how many rows to expect ends it by itself; all rows within a distance are
 * wanted. */
static uint32 most_rows(const IndexScanDescData *scan, const PgsEffort *effort,
                        const PgsFilter *filter) {
    SlabScan *state = scan->opaque;
    bool wants_all = effort->exact || (filter != NULL && filter->is_bounded && effort->rows == 0);
    uint32 most = slab_index_max_scan_rows(scan->indexRelation, &state->most_by);

    return wants_all || state->told_rows != 0 || most == 0 ? 0 : Max(most, effort->rows);
}

/* The vector that rows are to be near, which is the same in a condition as in ORDER BY. */
static void find_query(const IndexScanDescData *scan, SlabCenter *given) {
    const ScanKeyData *key = scan->orderByData;

    if (scan->numberOfOrderBys > 1 || (scan->numberOfOrderBys == 0 && !given->given))
        elog(ERROR, "a scan of a slab index needs one distance, in ORDER BY or bounded");
    if (scan->numberOfOrderBys == 1)
        *given = (SlabCenter){true, (key->sk_flags & SK_ISNULL) != 0, key->sk_argument};
}

/* To look rows up in the table, as long as the scan lasts. */
static SlabLookup *need_lookup(IndexScanDesc scan) {
    SlabScan *state = scan->opaque;

    if (state->lookup == NULL) {
        MemoryContext caller = MemoryContextSwitchTo(state->context);

        state->lookup = slab_begin_lookup(scan);
        if (state->asks_operator && !state->null_query)
            slab_set_query_of_lookup(state->lookup, state->query);
        MemoryContextSwitchTo(caller);
    }
    return state->lookup;
}

/* Has the rows that an index of signs names put in order. */
static void start_ranking(IndexScanDesc scan, const SlabTypeInfo *type, const SlabVector *query,
                          PgsEffort *effort) {
    SlabScan *state = scan->opaque;

    if (state->ranking == NULL) {
        SlabLookup *lookup = need_lookup(scan);
        MemoryContext caller = MemoryContextSwitchTo(state->context);

        state->ranking =
            slab_begin_ranking(lookup, type->metric, query->dims, state->asks_operator);
        MemoryContextSwitchTo(caller);
    }
    slab_start_ranking(state->ranking, query->values, state->meta.data,
                       slab_count_slots(scan->indexRelation, state->meta.data), effort);
}

/* Reads the manifest and hands the core the query. */
static void start_scan(IndexScanDesc scan) {
    SlabScan *state = scan->opaque;
    Relation index = scan->indexRelation;
    const SlabTypeInfo *type = slab_type_info(index);
    SlabCenter given;
    const PgsFilter *filter = make_filter(state, scan, &given);
    PgsEffort effort;
    PgsMetaInfo info;
    PgsError error;
    SlabVector query = {0};
    bool takes_any_order;
    bool is_sampled;

    find_query(scan, &given);
    if (!IsMVCCSnapshot(scan->xs_snapshot))
        elog(ERROR, "a scan of a slab index needs an MVCC snapshot");
    state->null_query = given.isnull;
    state->query = given.vector;
    if (!state->null_query)
        type->read(given.vector, &query);

    slab_read_meta(index, &state->meta);
    pgs_meta_info(state->meta.data, &info);
    slab_check_embedder(index, &info);
    if (!state->null_query) {
        slab_check_dims(type, &query, info.dims);
        slab_check_vector(type, &query);
    }
    pin_codebook(index, state, &info);
    if (info.signs && filter != NULL && filter->is_bounded)
        elog(ERROR, "an index of signs knows no distances");
    effort = choose_effort(scan, filter);
    state->exact = effort.exact;
    state->expected_rows = effort.rows;
    state->most_rows = most_rows(scan, &effort, filter);
    state->is_undirected = info.signs && !state->null_query && !slab_has_distances(type, &query);
    state->ranks = info.signs && !state->null_query && !state->is_undirected;
    if (state->ranks)
        start_ranking(scan, type, &query, &effort);
    takes_any_order = state->is_undirected || (state->ranks && effort.exact);
    if (effort.exact && state->strategy == NULL && info.end_block > (uint32)NBuffers) {
        MemoryContext caller = MemoryContextSwitchTo(state->context);

        state->strategy = GetAccessStrategy(BAS_BULKREAD);
        MemoryContextSwitchTo(caller);
    }

    slab_check_status(index,
                      pgs_scan_start(state->scan, state->meta.data, state->codebook,
                                     takes_any_order ? NULL : query.values, filter, &effort,
                                     scan->ignore_killed_tuples, &error),
                      &error);
    is_sampled = query.values != NULL && filter == NULL &&
                 pgs_meta_goes_by_margins(state->meta.data) &&
                 slab_offer_query(index, &effort, query.values, (uint32)query.dims);
    /* A nested loop starts often, and its memory stays. */
    slab_free_vector(&query);
    slab_count_scan(scan);
    if (is_sampled)
        (void)slab_start_worker(index, SLAB_LEARN);
    if (state->lookup != NULL && state->asks_operator && !state->null_query)
        slab_set_query_of_lookup(state->lookup, state->query);
    state->is_lossy = asks_for_values(scan);
    state->dims = info.dims;
    state->rows = 0;
    state->ended = false;
    state->pump = (SlabPump){.machine = pgs_scan_machine(state->scan),
                             .index = index,
                             .meta = state->meta.data,
                             .prefetch = true,
                             .strategy = effort.exact ? state->strategy : NULL,
                             .snapshot = scan->xs_snapshot,
                             .buffers = 1}; /* the metapage */
    memset(&state->told, 0, sizeof state->told);
    state->estimate = get_float8_nan();
    state->started = true;
}

static void return_row(IndexScanDesc scan, const PgsRequest *found) {
    static const Oid float8_type = FLOAT8OID;
    SlabScan *state = scan->opaque;
    IndexOrderByDistance value = {found->value, state->null_query};

    state->slot = found->slot;
    state->rows++;
    ItemPointerSet(&scan->xs_heaptid, found->tid.block, found->tid.offset);
    scan->xs_recheck = state->is_lossy;
    index_store_float8_orderby_distances(scan, (Oid *)&float8_type, &value, false);
}

static void note_dead(uint64 slot, void *arg) {
    IndexScanDesc scan = arg;
    SlabScan *state = scan->opaque;

    /* As kill_prior_tuple: a standby's snapshots may be older than the primary's. */
    if (!scan->xactStartedInRecovery)
        slab_remember_killed(&state->killed, slot);
}

/* Hands the core the vector of the row, or the operator's value for it. */
static PgsStatus tell_of_row(SlabScan *state, const PgsTid *tid, bool *all_dead, PgsError *error) {
    double value;

    if (!state->asks_operator)
        return pgs_scan_looked_up(state->scan,
                                  slab_look_up(state->lookup, tid, state->dims, all_dead), error);
    return slab_ask_operator(state->lookup, tid, all_dead, &value)
               ? pgs_scan_told(state->scan, value, error)
               : pgs_scan_looked_up(state->scan, NULL, error);
}

/* Tells the core of the row it asked for. */
static void look_up(IndexScanDesc scan, const PgsRequest *wanted) {
    SlabScan *state = scan->opaque;
    bool all_dead;
    PgsError error;

    (void)need_lookup(scan);
    slab_check_status(scan->indexRelation, tell_of_row(state, &wanted->tid, &all_dead, &error),
                      &error);
    slab_release_row(state->lookup);
    if (all_dead)
        note_dead(wanted->slot, scan);
}

/* Candidates of a ranking are rows that the core has found. */
static void note_work(const SlabScan *state, PgsWork *work) {
    pgs_scan_work(state->scan, work);
    if (state->ranks) {
        work->rows = state->rows;
        work->looked_up = slab_ranked_rows(state->ranking);
    }
}

/* For EXPLAIN, which may look while the scan is under way. */
static void note_progress(SlabScan *state) {
    SlabScanTotals now = {.scans = 1, .buffers = state->pump.buffers};

    note_work(state, &now.core);
    if (now.core.passes != state->told.core.passes)
        state->estimate = state->ranks ? get_float8_nan() : pgs_scan_estimated_recall(state->scan);
    if (!isnan(state->estimate)) {
        now.estimates = 1;
        now.estimated = state->estimate;
    }
    now.filterings[pgs_scan_filtering(state->scan)] = 1;
    slab_note_progress(&state->told, &now);
}

/* There is a further row, but as many were handed out as may be. */
static void end_early(SlabScan *state, Relation index) {
    state->ended = true;
    ereport(WARNING,
            (errcode(ERRCODE_WARNING),
             errmsg("the scan of index \"%s\" ended early", RelationGetRelationName(index)),
             errdetail("It has handed out %u rows, as %s allows, and there are more.", state->rows,
                       state->most_by),
             errhint("Make what WHERE asks a filter column of %s, or raise %s.",
                     index->rd_indam->amcanmulticol ? "the index" : "an index USING slab",
                     state->most_by)));
}

/* What is wanted next, or has been found. */
static void next_request(IndexScanDesc scan, PgsRequest *request) {
    SlabScan *state = scan->opaque;

    if (!state->ranks)
        slab_pump(&state->pump, request);
    else if (!slab_next_ranked(state->ranking, state->scan, &state->pump, request, note_dead, scan))
        request->kind = PGS_REQUEST_DONE;
    if (state->is_undirected)
        request->value = get_float8_nan();
}

bool slab_get_tuple(IndexScanDesc scan, ScanDirection direction) {
    SlabScan *state = scan->opaque;
    PgsRequest request;

    Assert(ScanDirectionIsForward(direction));
    if (slab_is_inverted(scan->indexRelation))
        return slab_next_document(scan);
    if (!state->started)
        start_scan(scan);
    else if (scan->kill_prior_tuple) {
        slab_remember_killed(&state->killed, state->slot);
        state->rows--;
    }

    while (!state->ended) {
        next_request(scan, &request);
        switch (request.kind) {
            case PGS_REQUEST_LOOK_UP:
                look_up(scan, &request);
                break;
            case PGS_REQUEST_FOUND:
                if (state->most_rows != 0 && state->rows == state->most_rows) {
                    note_progress(state);
                    end_early(state, scan->indexRelation);
                    return false;
                }
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
    return false;
}

static PgsRecordPage find_record(const void *scan, uint64 slot, uint32 *index) {
    return pgs_scan_record(scan, slot, index);
}

/* Notes what the scan has found out and done: due when it ends, or starts anew. */
static void finish_scan(IndexScanDesc scan) {
    SlabScan *state = scan->opaque;
    SlabScanWork work = {0};

    if (!state->started)
        return;
    slab_flag_killed(&state->killed, scan->indexRelation, state->meta.data, find_record,
                     state->scan);
    if (state->lookup != NULL)
        slab_reset_lookup(state->lookup);
    work.index = RelationGetRelid(scan->indexRelation);
    work.exact = state->exact;
    work.expected_rows = state->expected_rows;
    work.buffers = state->pump.buffers;
    note_work(state, &work.core);
    work.estimated_recall = state->estimate;
    work.filtering = pgs_scan_filtering(state->scan);
    slab_note_scan(&work);
    state->started = false;
}

void slab_rescan(IndexScanDesc scan, ScanKey keys, int nkeys, ScanKey orderbys, int norderbys) {
    if (slab_is_inverted(scan->indexRelation))
        slab_finish_document_scan(scan);
    else
        finish_scan(scan);
    if (keys != NULL && scan->numberOfKeys > 0)
        memmove(scan->keyData, keys, scan->numberOfKeys * sizeof(ScanKeyData));
    if (orderbys != NULL && scan->numberOfOrderBys > 0)
        memmove(scan->orderByData, orderbys, scan->numberOfOrderBys * sizeof(ScanKeyData));
}

void slab_end_scan(IndexScanDesc scan) {
    SlabScan *state = scan->opaque;

    if (slab_is_inverted(scan->indexRelation)) {
        slab_end_document_scan(scan);
        return;
    }
    finish_scan(scan);
    destroy_scan(state);
    if (state->ranking != NULL)
        slab_end_ranking(state->ranking);
    if (state->lookup != NULL)
        slab_end_lookup(state->lookup);
    if (state->strategy != NULL)
        FreeAccessStrategy(state->strategy);
}
