/*
 * explain.c - EXPLAIN (ANALYZE, VERBOSE) says what the query's scans of slab indexes did, all of
 * them together.
 *
 * A query's work is what all scans of the session do while its executor runs, so the scans of
 * queries in functions that it calls are among it, and those of a cursor that is fetched from in
 * between are not.
 *
 * From 18 on EXPLAIN asks whether there is something to add to a node, and the line goes to the
 * topmost one: with EXPLAIN EXECUTE and auto_explain, too. To 17 EXPLAIN is ours to wrap, but not
 * with EXECUTE, and what it prints of a query ends before it returns to us. So the line is added
 * when the explained query's executor ends, which is between its plan and its execution time.
 */
#include "postgres.h"

#include "commands/explain.h"
#include "executor/executor.h"
#include "lib/ilist.h"
#include "tcop/tcopprot.h"
#if PG_VERSION_NUM >= 180000
#include "commands/explain_format.h"
#include "commands/explain_state.h"
#endif

#include "base/compat.h"
#include "base/scan_work.h"
#include "hooks/hooks.h"

/* Allocated in the executor's memory context, whose end unlinks it. */
typedef struct MeasuredQuery {
    dlist_node node;
    MemoryContextCallback callback;
    const EState *executor;
    SlabScanTotals work;
} MeasuredQuery;

static dlist_head measured_queries = DLIST_STATIC_INIT(measured_queries);
static ExecutorRun_hook_type previous_executor_run;
static ExecutorFinish_hook_type previous_executor_finish;

static MeasuredQuery *find_query(const EState *executor) {
    dlist_iter iter;

    dlist_foreach(iter, &measured_queries) {
        MeasuredQuery *query = dlist_container(MeasuredQuery, node, iter.cur);

        if (query->executor == executor)
            return query;
    }
    return NULL;
}

static void forget_query(void *arg) {
    dlist_delete(&((MeasuredQuery *)arg)->node);
}

static MeasuredQuery *remember_query(const EState *executor) {
    MeasuredQuery *query = MemoryContextAllocZero(executor->es_query_cxt, sizeof *query);

    query->executor = executor;
    query->callback.func = forget_query;
    query->callback.arg = query;
    dlist_push_head(&measured_queries, &query->node);
    MemoryContextRegisterResetCallback(executor->es_query_cxt, &query->callback);
    return query;
}

/* Adds what was done since, for whoever is going to explain the query. */
static void note_execution(const QueryDesc *query, const SlabScanTotals *before) {
    SlabScanTotals now = slab_scan_totals();
    MeasuredQuery *measured;

    if (query->instrument_options == 0)
        return;
    measured = find_query(query->estate);
    if (measured == NULL)
        measured = remember_query(query->estate);
    slab_add_work(&measured->work, before, &now);
}

static void run_executor(SLAB_RUN_PARAMETERS) {
    SlabScanTotals before = slab_scan_totals();

    if (previous_executor_run != NULL)
        previous_executor_run(SLAB_RUN_ARGUMENTS);
    else
        standard_ExecutorRun(SLAB_RUN_ARGUMENTS);
    note_execution(query, &before);
}

/* The executor runs triggers when it finishes, and they may scan, too. */
static void finish_executor(QueryDesc *query) {
    SlabScanTotals before = slab_scan_totals();

    if (previous_executor_finish != NULL)
        previous_executor_finish(query);
    else
        standard_ExecutorFinish(query);
    note_execution(query, &before);
}

/* Of the scans for which there is one, on average. */
static char *estimate_as_text(const SlabScanTotals *work) {
    return work->estimates == 0
               ? ""
               : psprintf(" estimated_recall=%.3f", work->estimated / (double)work->estimates);
}

/* How scans with a filter told which rows to find, each way once. */
static char *strategies(const SlabScanTotals *work) {
    StringInfoData names;

    initStringInfo(&names);
    for (int f = 0; f < (int)lengthof(work->filterings); f++)
        if (work->filterings[f] > 0 && slab_filtering_name(f) != NULL)
            appendStringInfo(&names, "%s%s", names.len > 0 ? "," : "", slab_filtering_name(f));
    return names.data;
}

static char *strategies_as_text(const SlabScanTotals *work) {
    const char *names = strategies(work);

    return names[0] == '\0' ? "" : psprintf(" strategy=%s", names);
}

static void print_as_text(ExplainState *es, const SlabScanTotals *work) {
    ExplainPropertyText(
        "Slab Scan",
        psprintf("scans=" UINT64_FORMAT " lists=" UINT64_FORMAT " codes=" UINT64_FORMAT
                 " filtered=" UINT64_FORMAT " refined=" UINT64_FORMAT " compared=" UINT64_FORMAT
                 " buffers=" UINT64_FORMAT " rows=" UINT64_FORMAT " passes=" UINT64_FORMAT
                 " looked_up=" UINT64_FORMAT "%s%s",
                 work->scans, work->core.lists, work->core.codes, work->core.filtered,
                 work->core.refined, work->core.compared, work->buffers, work->core.rows,
                 work->core.passes, work->core.looked_up, estimate_as_text(work),
                 strategies_as_text(work)),
        es);
}

static void print_as_group(ExplainState *es, const SlabScanTotals *work) {
    ExplainOpenGroup("Slab Scan", "Slab Scan", true, es);
    ExplainPropertyUInteger("Scans", NULL, work->scans, es);
    ExplainPropertyUInteger("Lists", NULL, work->core.lists, es);
    ExplainPropertyUInteger("Codes", NULL, work->core.codes, es);
    ExplainPropertyUInteger("Filtered", NULL, work->core.filtered, es);
    ExplainPropertyUInteger("Refined", NULL, work->core.refined, es);
    ExplainPropertyUInteger("Compared", NULL, work->core.compared, es);
    ExplainPropertyUInteger("Buffers", NULL, work->buffers, es);
    ExplainPropertyUInteger("Rows", NULL, work->core.rows, es);
    ExplainPropertyUInteger("Passes", NULL, work->core.passes, es);
    ExplainPropertyUInteger("Looked Up", NULL, work->core.looked_up, es);
    if (work->estimates > 0)
        ExplainPropertyFloat("Estimated Recall", NULL, work->estimated / (double)work->estimates, 3,
                             es);
    if (strategies(work)[0] != '\0')
        ExplainPropertyText("Strategy", strategies(work), es);
    ExplainCloseGroup("Slab Scan", "Slab Scan", true, es);
}

static void print_documents_as_text(ExplainState *es, const SlabScanTotals *work) {
    const PgsInvertedWork *done = &work->documents;

    ExplainPropertyText(
        "Slab Terms Scan",
        psprintf("scans=" UINT64_FORMAT " blocks=" UINT64_FORMAT " skipped=" UINT64_FORMAT
                 " postings=" UINT64_FORMAT " sidecar=" UINT64_FORMAT " scored=" UINT64_FORMAT
                 " asked=" UINT64_FORMAT " filter_pages=" UINT64_FORMAT " buffers=" UINT64_FORMAT
                 " rows=" UINT64_FORMAT " passes=" UINT64_FORMAT,
                 work->document_scans, done->blocks, done->skipped, done->postings, done->sidecar,
                 done->scored, done->asked, done->posting_pages, done->buffers, done->rows,
                 done->passes),
        es);
}

static void print_documents_as_group(ExplainState *es, const SlabScanTotals *work) {
    const PgsInvertedWork *done = &work->documents;

    ExplainOpenGroup("Slab Terms Scan", "Slab Terms Scan", true, es);
    ExplainPropertyUInteger("Scans", NULL, work->document_scans, es);
    ExplainPropertyUInteger("Blocks", NULL, done->blocks, es);
    ExplainPropertyUInteger("Skipped", NULL, done->skipped, es);
    ExplainPropertyUInteger("Postings", NULL, done->postings, es);
    ExplainPropertyUInteger("Sidecar", NULL, done->sidecar, es);
    ExplainPropertyUInteger("Scored", NULL, done->scored, es);
    ExplainPropertyUInteger("Asked", NULL, done->asked, es);
    ExplainPropertyUInteger("Filter Pages", NULL, done->posting_pages, es);
    ExplainPropertyUInteger("Buffers", NULL, done->buffers, es);
    ExplainPropertyUInteger("Rows", NULL, done->rows, es);
    ExplainPropertyUInteger("Passes", NULL, done->passes, es);
    ExplainCloseGroup("Slab Terms Scan", "Slab Terms Scan", true, es);
}

static void print_work(ExplainState *es, const EState *executor) {
    const MeasuredQuery *query = find_query(executor);
    bool as_text = es->format == EXPLAIN_FORMAT_TEXT;

    if (query == NULL)
        return;
    if (query->work.scans > 0)
        (as_text ? print_as_text : print_as_group)(es, &query->work);
    if (query->work.document_scans > 0)
        (as_text ? print_documents_as_text : print_documents_as_group)(es, &query->work);
}

#if PG_VERSION_NUM >= 180000

static explain_per_node_hook_type previous_explain_node;

static void explain_node(PlanState *node, List *ancestors, const char *relationship,
                         const char *plan_name, ExplainState *es) {
    if (previous_explain_node != NULL)
        previous_explain_node(node, ancestors, relationship, plan_name, es);
    if (ancestors == NIL && es->analyze && es->verbose)
        print_work(es, node->state);
}

static void wrap_explain(void) {
    previous_explain_node = explain_per_node_hook;
    explain_per_node_hook = explain_node;
}

#else

/* The EXPLAIN under way whose output we add to. */
typedef struct Explained {
    ExplainState *es;
    const char *text; /* of the query; its executor has the same pointer */
} Explained;

static Explained *explained;
static ExplainOneQuery_hook_type previous_explain;
static ExecutorEnd_hook_type previous_executor_end;

static void end_executor(QueryDesc *query) {
    if (explained != NULL && query->sourceText == explained->text) {
        print_work(explained->es, query->estate);
        explained = NULL;
    }
    if (previous_executor_end != NULL)
        previous_executor_end(query);
    else
        standard_ExecutorEnd(query);
}

/* What EXPLAIN does where no extension has a say. */
static void explain_as_always(Query *query, int options, IntoClause *into, ExplainState *es,
                              const char *text, ParamListInfo params, QueryEnvironment *env) {
#if PG_VERSION_NUM >= 170000
    standard_ExplainOneQuery(query, options, into, es, text, params, env);
#else
    BufferUsage before = pgBufferUsage;
    BufferUsage used = {0};
    instr_time begin;
    instr_time duration;
    PlannedStmt *plan;

    INSTR_TIME_SET_CURRENT(begin);
    plan = pg_plan_query(query, text, options, params);
    INSTR_TIME_SET_CURRENT(duration);
    INSTR_TIME_SUBTRACT(duration, begin);
    BufferUsageAccumDiff(&used, &pgBufferUsage, &before);
    ExplainOnePlan(plan, into, es, text, params, env, &duration, es->buffers ? &used : NULL);
#endif
}

static void explain_query(Query *query, int options, IntoClause *into, ExplainState *es,
                          const char *text, ParamListInfo params, QueryEnvironment *env) {
    Explained *outer = explained;
    Explained here = {es, text};

    PG_TRY();
    {
        explained = es->analyze && es->verbose ? &here : NULL;
        if (previous_explain != NULL)
            previous_explain(query, options, into, es, text, params, env);
        else
            explain_as_always(query, options, into, es, text, params, env);
    }
    PG_FINALLY();
    { explained = outer; }
    PG_END_TRY();
}

static void wrap_explain(void) {
    previous_explain = ExplainOneQuery_hook;
    ExplainOneQuery_hook = explain_query;
    previous_executor_end = ExecutorEnd_hook;
    ExecutorEnd_hook = end_executor;
}

#endif

void slab_init_explain(void) {
    previous_executor_run = ExecutorRun_hook;
    ExecutorRun_hook = run_executor;
    previous_executor_finish = ExecutorFinish_hook;
    ExecutorFinish_hook = finish_executor;
    wrap_explain();
}
