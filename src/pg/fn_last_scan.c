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

void slab_add_work(SlabScanTotals *sum, const SlabScanTotals *from, const SlabScanTotals *to) {
    sum->scans += to->scans - from->scans;
    sum->buffers += to->buffers - from->buffers;
    sum->core.lists += to->core.lists - from->core.lists;
    sum->core.codes += to->core.codes - from->core.codes;
    sum->core.filtered += to->core.filtered - from->core.filtered;
    sum->core.refined += to->core.refined - from->core.refined;
    sum->core.exact += to->core.exact - from->core.exact;
    sum->core.rows += to->core.rows - from->core.rows;
    sum->core.passes += to->core.passes - from->core.passes;
    sum->core.looked_up += to->core.looked_up - from->core.looked_up;
}

void slab_note_progress(SlabScanTotals *told, const SlabScanTotals *now) {
    slab_add_work(&totals, told, now);
    *told = *now;
}

void slab_note_scan(const SlabScanWork *work) {
    last = *work;
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
