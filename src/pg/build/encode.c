/*
 * encode.c - CREATE INDEX: the table's rows, encoded and sorted by list.
 *
 * Each row is encoded as it is read, and goes into a sort together with all that the index will
 * hold of it; so the table is read once, and rows of a list come together. Within a list they come
 * in the order of their addresses, so that the same table gives the same index however many
 * processes read it.
 */
#include "postgres.h"

#include "catalog/pg_operator.h"
#include "catalog/pg_type.h"
#include "commands/vacuum.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "base/progress.h"
#include "base/settings.h"
#include "base/type_info.h"
#include "build/build.h"
#include "build/share.h"
#include "keys/keys.h"
#include "pgslab/codebook.h"
#include "pgslab/index.h"
#include "pgslab/maintain.h"
#include "store/error.h"
#include "store/options.h"
#include "store/page.h"
#include "store/pump.h"

/* Columns of what is sorted. In this order the row's bytes need no padding before them. */
enum { TID_COLUMN = 1, LIST_COLUMN, ROW_COLUMN, COLUMNS = ROW_COLUMN };

/* The least memory that a sort is any good with, in kB. */
#define LEAST_SORT_MEMORY 64

/* Memory to merge what each share has sorted, in kB. It is read once from its beginning to its end:
 * more would be filled from afar, and be no longer in the processor's cache when it is used. */
#define MERGE_MEMORY 1024

typedef struct Encoding {
    SlabShare *share;
    const SlabTypeInfo *type;
    PgsEncoder *encoder; /* freed by the callback when the memory context goes */
    MemoryContextCallback callback;
    MemoryContext row_context; /* for a value as it is read */
    TupleTableSlot *slot;
    bytea *row;
} Encoding;

static TupleDesc describe_rows(void) {
    TupleDesc columns = CreateTemplateTupleDesc(COLUMNS);

    TupleDescInitEntry(columns, TID_COLUMN, "tid", INT8OID, -1, 0);
    TupleDescInitEntry(columns, LIST_COLUMN, "list", INT4OID, -1, 0);
    TupleDescInitEntry(columns, ROW_COLUMN, "row", BYTEAOID, -1, 0);
    return columns;
}

Tuplesortstate *slab_begin_sort(const PgsCodebook *codebook, int shares,
                                SortCoordinate coordinate) {
    AttrNumber columns[] = {LIST_COLUMN, TID_COLUMN};
    Oid operators[] = {Int4LessOperator, Int8LessOperator};
    Oid collations[] = {InvalidOid, InvalidOid};
    bool nulls_first[] = {false, false};
    int memory = slab_maintenance_memory() / shares - (int)(pgs_codebook_memory(codebook) / 1024);

    if (coordinate != NULL && !coordinate->isWorker)
        memory = Min(memory, MERGE_MEMORY * coordinate->nParticipants);
    return tuplesort_begin_heap(describe_rows(), lengthof(columns), columns, operators, collations,
                                nulls_first, Max(memory, LEAST_SORT_MEMORY), coordinate,
                                TUPLESORT_NONE);
}

/* ---- encoding ---- */

static void destroy_encoding(void *arg) {
    pgs_encoder_destroy(((Encoding *)arg)->encoder);
}

/* A bytea of n bytes of data, which are aligned to 8. */
static bytea *aligned_bytea(size_t n) {
    char *memory = palloc0(MAXALIGN(VARHDRSZ) + n);
    bytea *result = (bytea *)(memory + MAXALIGN(VARHDRSZ) - VARHDRSZ);

    SET_VARSIZE(result, VARHDRSZ + n);
    return result;
}

/* In CurrentMemoryContext, which frees the encoder. */
static Encoding *open_encoding(SlabShare *share) {
    Encoding *encoding = palloc0(sizeof *encoding);

    encoding->share = share;
    encoding->type = slab_type_info(share->index);
    encoding->row_context =
        AllocSetContextCreate(CurrentMemoryContext, "slab build row", ALLOCSET_DEFAULT_SIZES);
    encoding->row = aligned_bytea(pgs_row_bytes(share->codebook));
    encoding->slot = MakeSingleTupleTableSlot(describe_rows(), &TTSOpsVirtual);
    memset(encoding->slot->tts_isnull, false, COLUMNS * sizeof(bool));
    encoding->callback.func = destroy_encoding;
    encoding->callback.arg = encoding;
    MemoryContextRegisterResetCallback(CurrentMemoryContext, &encoding->callback);
    slab_check_status(share->index, pgs_encoder_create(share->codebook, &encoding->encoder),
                      &slab_out_of_memory);
    return encoding;
}

static void count_encoded(SlabShare *share) {
    uint64 rows = pg_atomic_add_fetch_u64(share->rows, 1);

    if (rows > PG_UINT32_MAX)
        ereport(ERROR, errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
                errmsg("too many rows for a slab index"),
                errdetail("Index \"%s\" can be built over at most %u rows.",
                          RelationGetRelationName(share->index), PG_UINT32_MAX),
                errhint("Partition the table."));
    if (share->report)
        slab_report_done(rows);
}

/* The encoded row, as a tuple in the slot. */
static void put_row(Encoding *encoding, PgsTid tid, uint32 list) {
    TupleTableSlot *slot = encoding->slot;

    ExecClearTuple(slot);
    slot->tts_values[TID_COLUMN - 1] = Int64GetDatum((int64)tid.block << 16 | tid.offset);
    slot->tts_values[LIST_COLUMN - 1] = Int32GetDatum((int32)list);
    slot->tts_values[ROW_COLUMN - 1] = PointerGetDatum(encoding->row);
    ExecStoreVirtualTuple(slot);
}

static void encode_value(Encoding *encoding, Datum value, const uint64 *keys, PgsTid tid) {
    SlabShare *share = encoding->share;
    SlabVector vector;
    uint32 list;
    bool indexed;

    slab_read_vector(encoding->type, value, share->dims, &vector);
    slab_check_vector(encoding->type, &vector);
    slab_check_status(share->index,
                      pgs_encode_row(encoding->encoder, vector.values, keys, tid,
                                     VARDATA(encoding->row), &list, &indexed),
                      &slab_out_of_memory);
    if (!indexed)
        return;
    put_row(encoding, tid, list);
    tuplesort_puttupleslot(share->sort, encoding->slot);
    count_encoded(share);
}

static void encode_row(Relation index, ItemPointer tid, Datum *values, bool *isnull, bool alive,
                       void *arg) {
    Encoding *encoding = arg;
    uint64 keys[SLAB_MOST_KEYS];
    MemoryContext caller;

    if (isnull[0])
        return;
    caller = MemoryContextSwitchTo(encoding->row_context);
    slab_make_keys(index, values, isnull, keys);
    encode_value(encoding, values[0], keys, slab_tid(tid));
    MemoryContextSwitchTo(caller);
    MemoryContextReset(encoding->row_context);
}

double slab_encode_share(SlabShare *share) {
    MemoryContext context =
        AllocSetContextCreate(CurrentMemoryContext, "slab build encoding", ALLOCSET_DEFAULT_SIZES);
    MemoryContext caller = MemoryContextSwitchTo(context);
    Encoding *encoding = open_encoding(share);
    double tuples;

    MemoryContextSwitchTo(caller);
    tuples = table_index_build_scan(share->heap, share->index, share->info, true, share->report,
                                    encode_row, encoding, share->scan);
    ExecDropSingleTupleTableSlot(encoding->slot);
    MemoryContextDelete(context);
    return tuples;
}

/* ---- all rows, sorted ---- */

static void encode_alone(SlabShare *share, SlabRows *rows) {
    pg_atomic_uint64 count;

    pg_atomic_init_u64(&count, 0);
    share->rows = &count;
    share->scan = NULL;
    share->sort = rows->sort = slab_begin_sort(share->codebook, 1, NULL);
    rows->heap_tuples = slab_encode_share(share);
    rows->count = pg_atomic_read_u64(&count);
    rows->broken_hot_chain = share->info->ii_BrokenHotChain;
}

/* Rows that an index has stored, on their way to a sort. */
typedef struct Stored {
    PgsStoredRows *stored; /* freed by the callback when the memory context goes */
    MemoryContextCallback callback;
    Encoding *encoding;
    SlabRows *rows;
} Stored;

static void destroy_stored(void *arg) {
    pgs_stored_rows_destroy(((Stored *)arg)->stored);
}

/* In CurrentMemoryContext, which frees the core's object. */
static Stored *open_stored(Relation index, const void *meta, PgsParts parts) {
    Stored *stored = palloc0(sizeof *stored);

    stored->callback.func = destroy_stored;
    stored->callback.arg = stored;
    MemoryContextRegisterResetCallback(CurrentMemoryContext, &stored->callback);
    slab_check_status(index, pgs_stored_rows_create(meta, parts, &stored->stored),
                      &slab_out_of_memory);
    return stored;
}

/* Encodes the next row that the last page completed; false when there is none. */
static bool encode_next(Stored *stored) {
    Encoding *encoding = stored->encoding;
    char *row = VARDATA(encoding->row);
    uint32 list;
    bool more;

    slab_check_status(encoding->share->index,
                      pgs_encode_stored(encoding->encoder, stored->stored, row, &list, &more),
                      &slab_out_of_memory);
    if (!more)
        return false;
    put_row(encoding, pgs_record_tid(pgs_row_record(row)), list);
    tuplesort_puttupleslot(stored->rows->sort, encoding->slot);
    stored->rows->count++;
    return true;
}

static void encode_completed(void *arg) {
    Stored *stored = arg;

    while (encode_next(stored))
        continue;
    slab_progress_done(stored->rows->count);
}

SlabRows *slab_sort_stored(Relation index, const PgsCodebook *codebook, const void *meta,
                           PgsParts parts) {
    SlabShare share = {.index = index, .codebook = codebook};
    SlabRows *rows = palloc0(sizeof *rows);
    Encoding *encoding = open_encoding(&share);
    Stored *stored = open_stored(index, meta, parts);
    SlabPump pump = {.machine = pgs_stored_rows_machine(stored->stored),
                     .index = index,
                     .meta = meta,
                     .verified = true,
                     .give_way = true,
                     .cost_delay = true,
                     .after_page = encode_completed,
                     .arg = stored};

    stored->encoding = encoding;
    stored->rows = rows;
    rows->sort = slab_begin_sort(codebook, 1, NULL);
    rows->slot = MakeSingleTupleTableSlot(describe_rows(), &TTSOpsMinimalTuple);
    /* Or what the sort has looked up would keep VACUUM from removing rows as long as this takes. */
    InvalidateCatalogSnapshot();
    slab_pump_pages(&pump);
    ExecDropSingleTupleTableSlot(encoding->slot);
    tuplesort_performsort(rows->sort);
    return rows;
}

SlabRows *slab_sort_rows(SlabShare *share) {
    SlabRows *rows = palloc0(sizeof *rows);

    rows->parallel = slab_encode_in_parallel(share, rows);
    if (rows->parallel == NULL)
        encode_alone(share, rows);
    rows->slot = MakeSingleTupleTableSlot(describe_rows(), &TTSOpsMinimalTuple);
    return rows;
}

bool slab_next_row(SlabRows *rows, void *row, size_t row_bytes, uint32 *list) {
    TupleTableSlot *slot = rows->slot;
    bytea *bytes;

    if (!tuplesort_gettupleslot(rows->sort, true, false, slot, NULL))
        return false;
    slot_getallattrs(slot);
    bytes = (bytea *)DatumGetPointer(slot->tts_values[ROW_COLUMN - 1]);
    if (VARSIZE_ANY_EXHDR(bytes) != row_bytes)
        elog(ERROR, "a sorted row has %zu bytes instead of %zu", (size_t)VARSIZE_ANY_EXHDR(bytes),
             row_bytes);
    memcpy(row, VARDATA_ANY(bytes), row_bytes); /* a short one is not aligned in there */
    *list = (uint32)DatumGetInt32(slot->tts_values[LIST_COLUMN - 1]);
    return true;
}

void slab_end_rows(SlabRows *rows) {
    ExecDropSingleTupleTableSlot(rows->slot);
    tuplesort_end(rows->sort);
    pfree(rows);
}
