/*
 * fn_stats.c - slab_stats(): what an index is and holds, counted from its record pages.
 */
#include "postgres.h"

#include "access/genam.h"
#include "compat.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "slab.h"
#include "slab_maintenance.h"
#include "utils/builtins.h"

typedef struct RowCounts {
    int64 rows;       /* slots in use */
    int64 tombstones; /* of them, flagged by VACUUM or by a scan */
    int64 sidecar;    /* of rows: in no segment, or without codes in the open part */
} RowCounts;

/* Returns the number of records on the page. */
static uint32 count_page(Relation index, const void *meta, const PgsRecordPage *where,
                         RowCounts *counts) {
    bool fresh;
    Buffer buffer = slab_read_buffer(index, where->block, BUFFER_LOCK_SHARE, NULL, &fresh);
    Page page = BufferGetPage(buffer);
    uint32 count;
    PgsError error;

    slab_check_status(index, pgs_record_page_check(meta, where, page, fresh, &count, &error),
                      &error);
    for (uint32 i = 0; i < count; i++)
        counts->tombstones += pgs_record_flags(pgs_page_records(page) + i) != 0;
    UnlockReleaseBuffer(buffer);
    counts->rows += count;
    counts->sidecar += where->open ? count : 0;
    return count;
}

static RowCounts count_rows(Relation index, const void *meta) {
    RowCounts counts = {0};
    uint32 pages = pgs_record_pages(meta);

    for (uint32 i = 0; i < pages; i++) {
        PgsRecordPage where = pgs_record_page(meta, i);

        CHECK_FOR_INTERRUPTS();
        if (count_page(index, meta, &where, &counts) < where.capacity)
            break; /* the tail */
    }
    return counts;
}

static const char *metric_name(PgsMetric metric) {
    switch (metric) {
        case PGS_L2:
            return "l2";
        case PGS_INNER_PRODUCT:
            return "ip";
        case PGS_COSINE:
            return "cosine";
        case PGS_L1:
            return "l1";
    }
    return NULL;
}

PG_FUNCTION_INFO_V1(slab_stats);
Datum slab_stats(PG_FUNCTION_ARGS) {
    enum { COLUMNS = 31 };
    Relation index = slab_open_index(PG_GETARG_OID(0));
    PGAlignedBlock meta;
    PgsMetaInfo info;
    PgsPolicy policy;
    PgsNeeds needs;
    RowCounts counts;
    TupleDesc columns;
    Datum values[COLUMNS];
    bool nulls[COLUMNS] = {false};
    int n = 0;

    slab_require_select(index);
    if (get_call_result_type(fcinfo, NULL, &columns) != TYPEFUNC_COMPOSITE)
        elog(ERROR, "slab_stats returns a row");
    slab_read_meta(index, &meta);
    pgs_meta_info(meta.data, &info);
    counts = count_rows(index, meta.data);
    policy = slab_policy(index);
    pgs_needs(meta.data, (uint64)counts.rows - info.sealed_slots, &policy, &needs);
    if (info.lists > 0)
        counts.sidecar = (int64)needs.sidecar;

    values[n++] = Int32GetDatum(info.format_version);
    values[n++] = Int32GetDatum(info.dims);
    values[n++] = CStringGetTextDatum(metric_name(info.metric));
    values[n++] = CStringGetTextDatum(info.storage == PGS_F16 ? "f16" : "f32");
    values[n++] = Int32GetDatum(info.lists);
    values[n++] = Int32GetDatum(info.refine_bits);
    values[n++] = Int32GetDatum(info.segments);
    values[n++] = Int32GetDatum(info.calibration_queries);
    values[n++] = Int64GetDatum(counts.rows);
    values[n++] = Int64GetDatum(counts.rows - counts.tombstones);
    values[n++] = Int64GetDatum(counts.tombstones);
    values[n++] = Float8GetDatum(counts.rows == 0 ? 0 : (double)counts.tombstones / counts.rows);
    values[n++] = Int64GetDatum(counts.sidecar);
    values[n++] = Int64GetDatum(info.generation);
    nulls[n] = info.embedder[0] == '\0';
    values[n++] = CStringGetTextDatum(info.embedder);
    values[n++] = Int32GetDatum(info.revision);
    values[n++] = Int64GetDatum((int64)BLCKSZ);
    values[n++] = Int64GetDatum((int64)info.record_blocks * BLCKSZ);
    values[n++] = Int64GetDatum((int64)info.slab_blocks * BLCKSZ);
    values[n++] = Int64GetDatum((int64)info.refine_blocks * BLCKSZ);
    values[n++] = Int64GetDatum((int64)info.segment_blocks * BLCKSZ);
    values[n++] = Int64GetDatum((int64)info.codebook_blocks * BLCKSZ);
    values[n++] = Int64GetDatum((int64)info.in_progress_blocks * BLCKSZ);
    values[n++] = Int64GetDatum((int64)info.spare_blocks * BLCKSZ);
    values[n++] = Int64GetDatum((int64)RelationGetNumberOfBlocks(index) * BLCKSZ);
    values[n++] = Float8GetDatum(needs.drift);
    values[n++] = BoolGetDatum((needs.rewrite | needs.recode) != 0);
    values[n++] = BoolGetDatum((needs.seal | needs.merge) != 0 || needs.recluster);
    values[n++] = Int64GetDatum((int64)info.code_bytes_written);
    values[n++] = Int64GetDatum((int64)info.vector_bytes_written);
    values[n++] = BoolGetDatum(needs.seal_overdue);
    Assert(n == COLUMNS);

    index_close(index, AccessShareLock);
    PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(columns), values, nulls)));
}
