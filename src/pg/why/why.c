/*
 * why.c - slab_why(): for each slab index of the tables that a query reads, whether its plan uses
 * it, and why not.
 *
 * The query is planned with the rights of the caller, as EXPLAIN plans it, and never run.
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "why/why.h"

enum { INDEX, ALIAS, USED, REASON, REMEDY, COLUMNS };

static void set_text(Datum *values, bool *nulls, int column, const char *text) {
    nulls[column] = text == NULL;
    if (text != NULL)
        values[column] = CStringGetTextDatum(text);
}

static void return_answer(const SlabPlanned *planned, const SlabCandidate *candidate,
                          ReturnSetInfo *result) {
    SlabAnswer answer = slab_why_reason(planned, candidate);
    Datum values[COLUMNS] = {0};
    bool nulls[COLUMNS] = {false};

    values[INDEX] = ObjectIdGetDatum(candidate->index);
    values[USED] = BoolGetDatum(candidate->used);
    set_text(values, nulls, ALIAS, candidate->reading->rte->eref->aliasname);
    set_text(values, nulls, REASON, answer.reason);
    set_text(values, nulls, REMEDY, answer.remedy);
    tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

PG_FUNCTION_INFO_V1(slab_why);
Datum slab_why(PG_FUNCTION_ARGS) {
    const char *statement = text_to_cstring(PG_GETARG_TEXT_PP(0));
    bool found = false;
    int options;
    List *queries;
    ListCell *query;

    InitMaterializedSRF(fcinfo, 0);
    queries = slab_why_parse(statement, &options);
    foreach (query, queries) {
        SlabPlanned *planned = slab_why_plan(lfirst_node(Query, query), statement, options);
        ListCell *cell;

        foreach (cell, planned->candidates) {
            CHECK_FOR_INTERRUPTS();
            return_answer(planned, lfirst(cell), (ReturnSetInfo *)fcinfo->resultinfo);
            found = true;
        }
    }
    if (!found)
        ereport(NOTICE, errmsg("the query reads no table that has a slab index"),
                errdetail("What functions do that it calls is not looked at."),
                errhint("CREATE INDEX ON table USING slab (column vec_cosine_ops) makes one for "
                        "ORDER BY column <=> query; vec_l2_ops is for <->, vec_ip_ops for <#>, "
                        "vec_l1_ops for <+>; of an hvec hvec_cosine_ops and so on."));
    return (Datum)0;
}
