/*
 * explain.c - EXPLAIN (ANALYZE, VERBOSE) says what the query's scans of slab indexes did, all of
 * them together.
 *
 * EXPLAIN is ours to wrap, but what it prints of a query ends before it returns to us. So the line
 * is added when the explained query's executor ends, which is between its plan and its execution
 * time.
 */
#include "postgres.h"

#include "commands/explain.h"
#include "compat.h"
#include "executor/executor.h"
#include "slab.h"
#include "tcop/tcopprot.h"
#if PG_VERSION_NUM >= 180000
#include "commands/explain_format.h"
#include "commands/explain_state.h"
#endif

/* The EXPLAIN under way whose output we add to. */
typedef struct Explained {
    ExplainState *es;
    const char *text; /* of the query; its executor has the same pointer */
    SlabScanTotals before;
} Explained;

static Explained *explained;
static ExplainOneQuery_hook_type previous_explain;
static ExecutorEnd_hook_type previous_executor_end;

static void print_as_text(ExplainState *es, const SlabScanTotals *work) {
    ExplainPropertyText(
        "Slab Scan",
        psprintf("scans=" UINT64_FORMAT " lists=" UINT64_FORMAT " codes=" UINT64_FORMAT
                 " filtered=" UINT64_FORMAT " refined=" UINT64_FORMAT " compared=" UINT64_FORMAT
                 " buffers=" UINT64_FORMAT " rows=" UINT64_FORMAT " passes=" UINT64_FORMAT
                 " looked_up=" UINT64_FORMAT,
                 work->scans, work->core.lists, work->core.codes, work->core.filtered,
                 work->core.refined, work->core.exact, work->buffers, work->core.rows,
                 work->core.passes, work->core.looked_up),
        es);
}

static void print_as_group(ExplainState *es, const SlabScanTotals *work) {
    ExplainOpenGroup("Slab Scan", "Slab Scan", true, es);
    ExplainPropertyUInteger("Scans", NULL, work->scans, es);
    ExplainPropertyUInteger("Lists", NULL, work->core.lists, es);
    ExplainPropertyUInteger("Codes", NULL, work->core.codes, es);
    ExplainPropertyUInteger("Filtered", NULL, work->core.filtered, es);
    ExplainPropertyUInteger("Refined", NULL, work->core.refined, es);
    ExplainPropertyUInteger("Compared", NULL, work->core.exact, es);
    ExplainPropertyUInteger("Buffers", NULL, work->buffers, es);
    ExplainPropertyUInteger("Rows", NULL, work->core.rows, es);
    ExplainPropertyUInteger("Passes", NULL, work->core.passes, es);
    ExplainPropertyUInteger("Looked Up", NULL, work->core.looked_up, es);
    ExplainCloseGroup("Slab Scan", "Slab Scan", true, es);
}

static void print(const Explained *what) {
    SlabScanTotals now = slab_scan_totals();
    SlabScanTotals work = {
        now.scans - what->before.scans,
        now.buffers - what->before.buffers,
        {now.core.lists - what->before.core.lists, now.core.codes - what->before.core.codes,
         now.core.filtered - what->before.core.filtered,
         now.core.refined - what->before.core.refined, now.core.exact - what->before.core.exact,
         now.core.rows - what->before.core.rows, now.core.passes - what->before.core.passes,
         now.core.looked_up - what->before.core.looked_up}};

    if (work.scans == 0)
        return;
    if (what->es->format == EXPLAIN_FORMAT_TEXT)
        print_as_text(what->es, &work);
    else
        print_as_group(what->es, &work);
}

static void end_executor(QueryDesc *query) {
    bool prints = explained != NULL && query->sourceText == explained->text;

    if (previous_executor_end != NULL)
        previous_executor_end(query);
    else
        standard_ExecutorEnd(query);
    if (prints) {
        print(explained);
        explained = NULL;
    }
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
    Explained here = {es, text, slab_scan_totals()};

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

void slab_init_explain(void) {
    previous_explain = ExplainOneQuery_hook;
    ExplainOneQuery_hook = explain_query;
    previous_executor_end = ExecutorEnd_hook;
    ExecutorEnd_hook = end_executor;
}
