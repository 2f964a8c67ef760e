/*
 * fn_last_scan.c - what this session's scans of slab indexes did: kept for slab_last_scan() and
 * EXPLAIN.
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "slab.h"

static SlabScanWork last;     /* of no index when there was none */
static SlabScanTotals totals; /* of the session */

void slab_note_scan(const SlabScanWork *work) {
    last = *work;
    totals.scans++;
    totals.buffers += work->buffers;
    totals.core.lists += work->core.lists;
    totals.core.codes += work->core.codes;
    totals.core.filtered += work->core.filtered;
    totals.core.refined += work->core.refined;
    totals.core.exact += work->core.exact;
    totals.core.rows += work->core.rows;
    totals.core.passes += work->core.passes;
    totals.core.looked_up += work->core.looked_up;
}

SlabScanTotals slab_scan_totals(void) {
    return totals;
}

PG_FUNCTION_INFO_V1(slab_last_scan);
Datum slab_last_scan(PG_FUNCTION_ARGS) {
    enum { COLUMNS = 12 };
    TupleDesc columns;
    Datum values[COLUMNS];
    bool nulls[COLUMNS] = {false};
    int n = 0;

    if (!OidIsValid(last.index))
        PG_RETURN_NULL();
    if (get_call_result_type(fcinfo, NULL, &columns) != TYPEFUNC_COMPOSITE)
        elog(ERROR, "slab_last_scan returns a row");
    values[n++] = ObjectIdGetDatum(last.index);
    values[n++] = BoolGetDatum(last.exact);
    nulls[n] = last.expected_rows == 0;
    values[n++] = Int64GetDatum(last.expected_rows);
    values[n++] = Int64GetDatum((int64)last.core.lists);
    values[n++] = Int64GetDatum((int64)last.core.codes);
    values[n++] = Int64GetDatum((int64)last.core.filtered);
    values[n++] = Int64GetDatum((int64)last.core.refined);
    values[n++] = Int64GetDatum((int64)last.core.exact);
    values[n++] = Int64GetDatum((int64)last.buffers);
    values[n++] = Int64GetDatum((int64)last.core.rows);
    values[n++] = Int64GetDatum((int64)last.core.passes);
    values[n++] = Int64GetDatum((int64)last.core.looked_up);
    Assert(n == COLUMNS);
    PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(columns), values, nulls)));
}
