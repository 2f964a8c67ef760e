/*
 * stats.c - slab_stats(): what an index is and holds, counted from its record pages; and
 * slab_try_stats(), which says of an index that cannot be read what is wrong with it.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/resowner.h"

#include "base/attempt.h"
#include "base/settings.h"
#include "base/stop_point.h"
#include "learn/samples.h"
#include "pgslab/calibrate.h"
#include "pgslab/index.h"
#include "pgslab/inverted.h"
#include "pgslab/maintain.h"
#include "sql/index.h"
#include "store/options.h"
#include "store/page.h"

typedef struct RowCounts {
    int64 slots;      /* in use: of documents each has one or more */
    int64 rows;       /* with a slot */
    int64 tombstones; /* of them, flagged by VACUUM or by a scan */
    int64 sidecar;    /* of rows: in no segment, or without codes in the open part */
} RowCounts;

/* What counts go by. */
typedef struct Counting {
    Relation index;
    const void *meta;
    bool of_documents;
    uint64 slots; /* of the part at hand, before the page at hand */
    uint32 part;  /* by its number in the manifest */
} Counting;

static bool is_in_sidecar(const Counting *counting, const PgsRecordPage *where, uint32 i) {
    return counting->of_documents
               ? counting->slots + i >= pgs_meta_flushed(counting->meta, where->part)
               : where->open;
}

/* Counts the rows of a record page; returns its number of records. */
static uint32 count_page(Counting *counting, const PgsRecordPage *where, RowCounts *counts) {
    Buffer buffer = slab_read_buffer(counting->index, where->block, BUFFER_LOCK_SHARE, NULL);
    Page page = BufferGetPage(buffer);
    uint32 count = slab_check_records(counting->index, counting->meta, where, page);

    if (where->part != counting->part)
        counting->slots = 0;
    counting->part = where->part;
    for (uint32 i = 0; i < count; i++) {
        const PgsRecord *record = pgs_page_record(page, i);

        if (counting->of_documents && !pgs_record_ends_document(record))
            continue;
        counts->rows++;
        counts->tombstones += pgs_record_flags(record) != 0;
        counts->sidecar += is_in_sidecar(counting, where, i);
    }
    UnlockReleaseBuffer(buffer);
    counts->slots += count;
    counting->slots += count;
    return count;
}

static RowCounts count_rows(Relation index, const void *meta) {
    Counting counting = {.index = index, .meta = meta, .of_documents = slab_is_inverted(index)};
    RowCounts counts = {0};
    uint32 pages = pgs_record_pages(meta);

    for (uint32 i = 0; i < pages; i++) {
        PgsRecordPage where = pgs_record_page(meta, i);

        CHECK_FOR_INTERRUPTS();
        if (count_page(&counting, &where, &counts) < where.capacity)
            break; /* the tail */
    }
    return counts;
}

static const char *metric_name(const SlabTypeInfo *type) {
    if (type->documents != NULL && type->documents->weights == PGS_OCCURRENCES)
        return "bm25";
    switch (type->metric) {
        case PGS_L2:
            return "l2";
        case PGS_INNER_PRODUCT:
            return "ip";
        case PGS_COSINE:
            return "cosine";
        case PGS_L1:
            return "l1";
        case PGS_HAMMING:
            return "hamming";
        case PGS_JACCARD:
            return "jaccard";
    }
    return NULL;
}

/* What was learnt from real queries, and what audits of them came to, by class of rows; audits are
 * null where the library was not preloaded, or none were made. */
static int put_lessons(Relation index, const void *meta, Datum *values, bool *nulls, int n) {
    SlabAudits audits[PGS_ROW_CLASSES];
    Datum learnt[PGS_ROW_CLASSES];
    Datum count[PGS_ROW_CLASSES];
    Datum recall[PGS_ROW_CLASSES];
    bool no_recall[PGS_ROW_CLASSES];
    int dims = PGS_ROW_CLASSES;
    int bound = 1;
    double target = slab_index_effort(index).target_recall;
    bool audited = slab_audits(RelationGetRelid(index), audits);

    for (uint32 i = 0; i < PGS_ROW_CLASSES; i++) {
        learnt[i] = Float4GetDatum((float4)pgs_meta_learnt(meta, i, target));
        count[i] = Int64GetDatum(audited ? (int64)audits[i].n : 0);
        recall[i] = Float4GetDatum(audited ? (float4)audits[i].recall : 0);
        no_recall[i] = !audited || audits[i].n == 0;
    }
    values[n++] = PointerGetDatum(
        construct_array(learnt, PGS_ROW_CLASSES, FLOAT4OID, sizeof(float4), true, TYPALIGN_INT));
    nulls[n] = !audited;
    values[n++] = PointerGetDatum(construct_array(count, PGS_ROW_CLASSES, INT8OID, sizeof(int64),
                                                  FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
    nulls[n] = !audited;
    values[n++] = PointerGetDatum(construct_md_array(recall, no_recall, 1, &dims, &bound, FLOAT4OID,
                                                     sizeof(float4), true, TYPALIGN_INT));
    return n;
}

static const char *name_of_storage(PgsStorage storage) {
    switch (storage) {
        case PGS_F16:
            return "f16";
        case PGS_F32:
            return "f32";
        case PGS_I8:
            return "int8";
        case PGS_BITS:
            break;
    }
    return "bits";
}

/* Of documents there is nothing to learn, as scans find every row. */
static int put_no_lessons(Datum *values, bool *nulls, int n) {
    for (int end = n + 3; n < end; n++) {
        values[n] = (Datum)0;
        nulls[n] = true;
    }
    return n;
}

enum { STATS_COLUMNS = 34 };

/* The columns of slab_stats(). */
static void read_stats(Oid index_oid, Datum *values, bool *nulls) {
    Relation index = slab_open_index(index_oid);
    PGAlignedBlock meta;
    PgsMetaInfo info;
    PgsPolicy policy;
    PgsNeeds needs;
    RowCounts counts;
    const SlabTypeInfo *type;
    bool of_documents; /* which have neither lists nor codes */
    int n = 0;

    slab_require_select(index);
    type = slab_type_info(index);
    of_documents = type->documents != NULL;
    slab_read_meta(index, &meta);
    pgs_meta_info(meta.data, &info);
    SLAB_STOP("stats");
    counts = count_rows(index, meta.data);
    policy = slab_policy(index);
    pgs_needs(meta.data, (uint64)counts.slots - info.sealed_slots, &policy, &needs);
    if (info.lists > 0)
        counts.sidecar = (int64)needs.sidecar;

    values[n++] = Int32GetDatum(info.format_version);
    nulls[n] = info.dims == 0;
    values[n++] = Int32GetDatum(info.dims);
    values[n++] = CStringGetTextDatum(metric_name(type));
    nulls[n] = of_documents;
    values[n++] = CStringGetTextDatum(name_of_storage(info.storage));
    nulls[n] = of_documents;
    values[n++] = Int32GetDatum(info.lists);
    nulls[n] = of_documents;
    values[n++] = Int32GetDatum(info.refine_bits);
    values[n++] = Int32GetDatum(info.segments);
    nulls[n] = of_documents;
    values[n++] = Int32GetDatum(info.calibration_queries);
    values[n++] = Int64GetDatum(counts.rows);
    values[n++] = Int64GetDatum(counts.rows - counts.tombstones);
    values[n++] = Int64GetDatum(counts.tombstones);
    values[n++] = Float8GetDatum(counts.rows == 0 ? 0 : (double)counts.tombstones / counts.rows);
    values[n++] = Int64GetDatum(counts.sidecar);
    values[n++] = Int64GetDatum(info.generation);
    nulls[n] = info.embedder[0] == '\0';
    values[n++] = CStringGetTextDatum(info.embedder);
    nulls[n] = info.revision[0] == '\0';
    values[n++] = CStringGetTextDatum(info.revision);
    values[n++] = Int64GetDatum((int64)BLCKSZ);
    values[n++] = Int64GetDatum((int64)info.record_blocks * BLCKSZ);
    values[n++] = Int64GetDatum((int64)(info.slab_blocks + info.piece_blocks) * BLCKSZ);
    values[n++] = Int64GetDatum((int64)info.refine_blocks * BLCKSZ);
    values[n++] = Int64GetDatum((int64)info.segment_blocks * BLCKSZ);
    values[n++] = Int64GetDatum((int64)info.codebook_blocks * BLCKSZ);
    values[n++] = Int64GetDatum((int64)info.in_progress_blocks * BLCKSZ);
    values[n++] = Int64GetDatum((int64)info.spare_blocks * BLCKSZ);
    values[n++] = Int64GetDatum((int64)RelationGetNumberOfBlocks(index) * BLCKSZ);
    nulls[n] = of_documents;
    values[n++] = Float8GetDatum(needs.drift);
    values[n++] = BoolGetDatum(needs.vacuum);
    values[n++] = BoolGetDatum(needs.compaction);
    values[n++] = Int64GetDatum((int64)info.code_bytes_written);
    values[n++] = Int64GetDatum((int64)info.vector_bytes_written);
    values[n++] = BoolGetDatum(needs.flush_overdue);
    n = of_documents ? put_no_lessons(values, nulls, n)
                     : put_lessons(index, meta.data, values, nulls, n);
    Assert(n == STATS_COLUMNS);

    index_close(index, AccessShareLock);
}

/* The description of the row that the function is to return. */
static TupleDesc result_columns(FunctionCallInfo fcinfo) {
    TupleDesc columns;

    if (get_call_result_type(fcinfo, NULL, &columns) != TYPEFUNC_COMPOSITE)
        elog(ERROR, "statistics are a row");
    return BlessTupleDesc(columns);
}

PG_FUNCTION_INFO_V1(slab_stats);
Datum slab_stats(PG_FUNCTION_ARGS) {
    TupleDesc columns = result_columns(fcinfo);
    Datum values[STATS_COLUMNS];
    bool nulls[STATS_COLUMNS] = {false};

    read_stats(PG_GETARG_OID(0), values, nulls);
    PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(columns, values, nulls)));
}

/* Whether the error tells of the index and its pages, rather than of who asks or of the server. */
static bool is_about_index(const ErrorData *error) {
    switch (ERRCODE_TO_CATEGORY(error->sqlerrcode)) {
        case ERRCODE_INTERNAL_ERROR: /* with damage to data and indexes */
        case ERRCODE_SYSTEM_ERROR:   /* with failures to read */
            return true;
    }
    switch (error->sqlerrcode) {
        case ERRCODE_FEATURE_NOT_SUPPORTED:            /* another format */
        case ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE: /* a build that did not finish */
        case ERRCODE_UNDEFINED_OBJECT:                 /* dropped just now */
        case ERRCODE_T_R_SERIALIZATION_FAILURE:        /* pages replaced on the primary */
            return true;
    }
    return false;
}

typedef struct Stats {
    Oid index;
    Datum *values;
    bool *nulls;
} Stats;

static void try_to_read(void *arg) {
    const Stats *stats = arg;

    read_stats(stats->index, stats->values, stats->nulls);
}

/* As read_stats(), but returns what is wrong if the index cannot be read. */
static char *try_read_stats(Oid index, Datum *values, bool *nulls) {
    Stats stats = {index, values, nulls};
    ErrorData *error = slab_attempt(try_to_read, &stats);

    if (error == NULL)
        return NULL;
    if (!is_about_index(error))
        ReThrowError(error);
    return error->detail == NULL ? error->message
                                 : psprintf("%s. %s", error->message, error->detail);
}

PG_FUNCTION_INFO_V1(slab_try_stats);
Datum slab_try_stats(PG_FUNCTION_ARGS) {
    TupleDesc columns = result_columns(fcinfo);
    Datum values[STATS_COLUMNS + 1];
    bool nulls[STATS_COLUMNS + 1] = {false};
    char *problem = try_read_stats(PG_GETARG_OID(0), values, nulls);

    if (problem != NULL) {
        memset(nulls, true, STATS_COLUMNS);
        values[STATS_COLUMNS] = CStringGetTextDatum(problem);
    } else {
        nulls[STATS_COLUMNS] = true;
    }
    PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(columns, values, nulls)));
}
