/*
 * last_scan.c - slab_last_scan() and slab_last_terms_scan(): what the last scan of this session
 * did, of an index of vectors or of one by terms; NULL where it was of the other kind.
 */
#include "postgres.h"

#include <math.h>

#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"

#include "base/scan_work.h"

PG_FUNCTION_INFO_V1(slab_last_scan);
Datum slab_last_scan(PG_FUNCTION_ARGS) {
    enum { COLUMNS = 14 };
    const SlabScanWork *last = slab_last_work();
    TupleDesc columns;
    Datum values[COLUMNS];
    bool nulls[COLUMNS] = {false};
    const char *strategy;
    int n = 0;

    if (last == NULL || last->of_documents)
        PG_RETURN_NULL();
    if (get_call_result_type(fcinfo, NULL, &columns) != TYPEFUNC_COMPOSITE)
        elog(ERROR, "slab_last_scan returns a row");
    values[n++] = ObjectIdGetDatum(last->index);
    values[n++] = BoolGetDatum(last->exact);
    nulls[n] = last->expected_rows == 0;
    values[n++] = Int64GetDatum(last->expected_rows);
    values[n++] = Int64GetDatum((int64)last->core.lists);
    values[n++] = Int64GetDatum((int64)last->core.codes);
    values[n++] = Int64GetDatum((int64)last->core.filtered);
    values[n++] = Int64GetDatum((int64)last->core.refined);
    values[n++] = Int64GetDatum((int64)last->core.compared);
    values[n++] = Int64GetDatum((int64)last->buffers);
    values[n++] = Int64GetDatum((int64)last->core.rows);
    values[n++] = Int64GetDatum((int64)last->core.passes);
    values[n++] = Int64GetDatum((int64)last->core.looked_up);
    nulls[n] = isnan(last->estimated_recall);
    values[n++] = Float4GetDatum((float4)last->estimated_recall);
    strategy = slab_filtering_name(last->filtering);
    nulls[n] = strategy == NULL;
    values[n++] = strategy == NULL ? (Datum)0 : CStringGetTextDatum(strategy);
    Assert(n == COLUMNS);
    PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(columns), values, nulls)));
}

PG_FUNCTION_INFO_V1(slab_last_terms_scan);
Datum slab_last_terms_scan(PG_FUNCTION_ARGS) {
    enum { COLUMNS = 13 };
    const SlabScanWork *last = slab_last_work();
    TupleDesc columns;
    Datum values[COLUMNS];
    bool nulls[COLUMNS] = {false};
    int n = 0;

    if (last == NULL || !last->of_documents)
        PG_RETURN_NULL();
    if (get_call_result_type(fcinfo, NULL, &columns) != TYPEFUNC_COMPOSITE)
        elog(ERROR, "slab_last_terms_scan returns a row");
    values[n++] = ObjectIdGetDatum(last->index);
    values[n++] = BoolGetDatum(last->exact);
    nulls[n] = last->expected_rows == 0;
    values[n++] = Int64GetDatum(last->expected_rows);
    values[n++] = Int64GetDatum((int64)last->documents.blocks);
    values[n++] = Int64GetDatum((int64)last->documents.skipped);
    values[n++] = Int64GetDatum((int64)last->documents.postings);
    values[n++] = Int64GetDatum((int64)last->documents.sidecar);
    values[n++] = Int64GetDatum((int64)last->documents.scored);
    values[n++] = Int64GetDatum((int64)last->documents.asked);
    values[n++] = Int64GetDatum((int64)last->documents.posting_pages);
    values[n++] = Int64GetDatum((int64)last->buffers);
    values[n++] = Int64GetDatum((int64)last->documents.rows);
    values[n++] = Int64GetDatum((int64)last->documents.passes);
    Assert(n == COLUMNS);
    PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(columns), values, nulls)));
}
