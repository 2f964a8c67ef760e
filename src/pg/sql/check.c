/*
 * check.c - slab_check(): every page of an index, and optionally every row of its table against
 * it.
 *
 * The snapshot for the table is taken before the index is read, so that whatever it sees must be in
 * the index. Both sides are sorted by TID, within maintenance_work_mem, and merged. A sort key is a
 * TID with 16 bits of the checksum of what is stored for it.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/table.h"
#include "access/tableam.h"
#include "catalog/index.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/tuplesort.h"

#include "base/compat.h"
#include "base/owner.h"
#include "base/type_info.h"
#include "keys/keys.h"
#include "pgslab/codebook.h"
#include "pgslab/index.h"
#include "pgslab/inverted.h"
#include "pgslab/verify.h"
#include "sql/index.h"
#include "store/codebook.h"
#include "store/error.h"
#include "store/options.h"
#include "store/page.h"
#include "store/pump.h"

typedef struct Check {
    Relation index;
    PgsVerify *verify; /* freed by the callback when the memory context goes */
    MemoryContextCallback callback;
    PGAlignedBlock meta;
    Tuplesortstate *indexed; /* NULL unless the table is checked too */
    Tuplesortstate *visible;
    const SlabTypeInfo *type;
    int dims;
    const PgsCodebook *codebook; /* of vectors, as what follows */
    void *item;                  /* for an encoded vector */
    PgsRecord *record;           /* for its record and keys */
    MemoryContext row_context;
} Check;

static void destroy_verify(void *arg) {
    pgs_verify_destroy(((Check *)arg)->verify);
    ((Check *)arg)->verify = NULL;
}

static int64 sort_key(PgsTid tid, uint32 content) {
    return (int64)((uint64)tid.block << 32 | (uint64)tid.offset << 16 |
                   (uint16)(content ^ content >> 16));
}

static uint64 key_address(int64 key) {
    return (uint64)key >> 16;
}

/* Puts the rows that the last page completed into the sort of what is indexed. */
static void note_rows(void *arg) {
    Check *check = arg;
    size_t n;
    const PgsVerifiedRow *rows = pgs_verify_rows(check->verify, &n);

    for (size_t i = 0; i < n; i++)
        tuplesort_putdatum(check->indexed, Int64GetDatum(sort_key(rows[i].tid, rows[i].content)),
                           false);
}

static void check_pages(Check *check) {
    SlabPump pump = {.index = check->index,
                     .meta = check->meta.data,
                     .verified = true,
                     .after_page = check->indexed != NULL ? note_rows : NULL,
                     .arg = check};

    slab_read_meta(check->index, &check->meta);
    slab_check_status(check->index, pgs_verify_create(check->meta.data, &check->verify),
                      &slab_out_of_memory);
    pump.machine = pgs_verify_machine(check->verify);
    slab_pump_pages(&pump);
    destroy_verify(check);
}

/* The checksum of what an index is to have of a row; false for one that is not to be indexed. */
static bool vector_content(Check *check, Datum value, const uint64 *keys, PgsTid tid,
                           uint32 *content) {
    SlabVector vector;

    slab_read_vector(check->type, value, check->dims, &vector);
    if (!pgs_encode_value(check->codebook, vector.values, keys, tid, check->item, check->record))
        return false;
    *content = pgs_content(check->meta.data, check->item, check->record);
    return true;
}

/* A sparse vector without values has no cosine. */
static bool document_content(Check *check, Datum value, const uint64 *keys, PgsTid tid,
                             uint32 *content) {
    SlabDocument document;

    slab_read_document(check->type, value, check->dims, &document);
    if (check->type->documents->weights == PGS_COSINES && document.count == 0)
        return false;
    *content = pgs_document_content(check->meta.data, document.terms, document.count, keys, tid);
    return true;
}

/* Called for every row that the snapshot sees and the index should have. */
static void expect_row(Relation index, ItemPointer tid, Datum *values, bool *isnull, bool alive,
                       void *arg) {
    Check *check = arg;
    MemoryContext caller;
    uint64 keys[SLAB_MOST_KEYS];
    PgsTid address = slab_tid(tid);
    uint32 content;
    bool indexed;

    if (isnull[0])
        return;
    caller = MemoryContextSwitchTo(check->row_context);
    slab_make_keys(index, values, isnull, keys);
    indexed = check->type->documents != NULL
                  ? document_content(check, values[0], keys, address, &content)
                  : vector_content(check, values[0], keys, address, &content);
    if (indexed)
        tuplesort_putdatum(check->visible, Int64GetDatum(sort_key(address, content)), false);
    MemoryContextSwitchTo(caller);
    MemoryContextReset(check->row_context);
}

static void read_visible_rows(Check *check, Relation table, Snapshot snapshot) {
    IndexInfo *info = BuildIndexInfo(check->index);
    TableScanDesc scan = table_beginscan_strat(table, snapshot, 0, NULL, true, true);

    /* As a concurrent build would: whatever the snapshot sees, by the address of its HOT chain's
     * root. */
    info->ii_Concurrent = true;
    table_index_build_scan(table, check->index, info, true, false, expect_row, check, scan);
}

static bool next_key(Tuplesortstate *sort, int64 *key) {
    Datum datum;
    bool isnull;

    CHECK_FOR_INTERRUPTS();
    if (!slab_sort_next(sort, &datum, &isnull))
        return false;
    *key = DatumGetInt64(datum);
    return true;
}

static void report_row(Check *check, int64 key, const char *fault) {
    ereport(
        ERROR, errcode(ERRCODE_INDEX_CORRUPTED),
        errmsg("index \"%s\" does not agree with its table", RelationGetRelationName(check->index)),
        errdetail("Row (%u,%u) %s.", (uint32)(key_address(key) >> 16),
                  (uint32)(key_address(key) & 0xFFFF), fault),
        errhint("REINDEX the index, and look for what damaged it."));
}

/* Every visible row is indexed once, with the content that its value comes to. */
static void compare_with_table(Check *check) {
    int64 row;
    int64 entry = 0;
    bool more;

    tuplesort_performsort(check->indexed);
    tuplesort_performsort(check->visible);
    more = next_key(check->indexed, &entry);
    while (next_key(check->visible, &row)) {
        while (more && key_address(entry) != key_address(row) && entry < row)
            more = next_key(check->indexed, &entry);
        if (!more || key_address(entry) != key_address(row))
            report_row(check, row, "is not in the index");
        if (entry != row)
            report_row(check, row,
                       check->type->documents != NULL
                           ? "is in the index with other terms or other keys"
                           : "is in the index with another vector or other keys");
        more = next_key(check->indexed, &entry);
        if (more && key_address(entry) == key_address(row))
            report_row(check, row, "is in the index more than once");
    }
}

static Tuplesortstate *begin_sort(void) {
    return tuplesort_begin_datum(INT8OID, Int8LessOperator, InvalidOid, false,
                                 maintenance_work_mem / 2, NULL, TUPLESORT_NONE);
}

static void check_table(Check *check, Relation table) {
    Snapshot snapshot = RegisterSnapshot(GetTransactionSnapshot());
    PgsMetaInfo info;
    SlabSecurity outside;

    slab_require_usable(check->index, snapshot);
    check->indexed = begin_sort();
    check->visible = begin_sort();
    check->row_context =
        AllocSetContextCreate(CurrentMemoryContext, "slab check row", ALLOCSET_DEFAULT_SIZES);
    check_pages(check);
    pgs_meta_info(check->meta.data, &info);
    check->type = slab_type_info(check->index);
    check->dims = info.dims;
    if (check->type->documents == NULL) {
        check->codebook = slab_pin_codebook(check->index, check->meta.data);
        check->item = palloc(info.item_bytes);
        check->record = palloc(sizeof(PgsRecord) + pgs_key_bytes(check->codebook));
    }
    slab_enter_owner(table, &outside);
    read_visible_rows(check, table, snapshot);
    slab_leave_owner(&outside);
    compare_with_table(check);
    tuplesort_end(check->indexed);
    tuplesort_end(check->visible);
    UnregisterSnapshot(snapshot);
}

PG_FUNCTION_INFO_V1(slab_check);
Datum slab_check(PG_FUNCTION_ARGS) {
    Relation index = slab_open_index(PG_GETARG_OID(0));
    Check *check = palloc0(sizeof *check);

    slab_require_owner(index);
    check->index = index;
    check->callback.func = destroy_verify;
    check->callback.arg = check;
    MemoryContextRegisterResetCallback(CurrentMemoryContext, &check->callback);
    if (PG_GETARG_BOOL(1)) {
        Relation table =
            table_open(IndexGetRelation(RelationGetRelid(index), false), AccessShareLock);

        check_table(check, table);
        table_close(table, AccessShareLock);
    } else {
        check_pages(check);
    }
    index_close(index, AccessShareLock);
    PG_RETURN_VOID();
}
