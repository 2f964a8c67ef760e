/*
 * lookup.c - the vector of a row that a scan has found, from the table; or what the distance
 * operator gives for it, where that is another library's.
 *
 * Where what an index stores does not say which of two rows is nearer, the scan looks them up as
 * its caller will: by the same address, with the same snapshot. The slot and the place in the table
 * are its own, so that the caller's are not disturbed.
 */
#include "postgres.h"

#include "access/relscan.h"
#include "access/tableam.h"
#include "catalog/index.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "am/lookup.h"
#include "base/type_info.h"
#include "store/options.h"

struct SlabLookup {
    IndexScanDesc scan;
    const SlabTypeInfo *type;
    IndexFetchTableData *fetch;
    TupleTableSlot *slot;
    IndexInfo *info;
    EState *estate;    /* for an index on an expression, else NULL */
    FmgrInfo distance; /* of a class that asks its operator */
    Datum query;       /* its right operand, detoasted in query_context */
    MemoryContext query_context;
    MemoryContext row_context; /* of the vector at hand */
};

/* Of the index's columns the vector alone is wanted; expressions of the others need not be worked
 * out. */
static IndexInfo *vector_of(Relation index) {
    IndexInfo *info = BuildIndexInfo(index);

    info->ii_NumIndexAttrs = 1;
    info->ii_NumIndexKeyAttrs = 1;
    info->ii_Expressions = info->ii_IndexAttrNumbers[0] == InvalidAttrNumber
                               ? list_make1(linitial(info->ii_Expressions))
                               : NIL;
    return info;
}

static void find_operator(SlabLookup *lookup, Relation index) {
    Oid type = index->rd_opcintype[0];
    Oid opno = get_opfamily_member(index->rd_opfamily[0], type, type, SLAB_DISTANCE_STRATEGY);

    if (!OidIsValid(opno))
        elog(ERROR, "missing operator %d(%u,%u) in opfamily %u", SLAB_DISTANCE_STRATEGY, type, type,
             index->rd_opfamily[0]);
    fmgr_info(get_opcode(opno), &lookup->distance);
    lookup->query_context =
        AllocSetContextCreate(CurrentMemoryContext, "slab query", ALLOCSET_START_SMALL_SIZES);
}

SlabLookup *slab_begin_lookup(IndexScanDesc scan) {
    SlabLookup *lookup = palloc0(sizeof *lookup);

    lookup->scan = scan;
    lookup->type = slab_type_info(scan->indexRelation);
    lookup->fetch = table_index_fetch_begin(scan->heapRelation);
    lookup->slot = table_slot_create(scan->heapRelation, NULL);
    lookup->info = vector_of(scan->indexRelation);
    lookup->row_context =
        AllocSetContextCreate(CurrentMemoryContext, "slab lookup", ALLOCSET_DEFAULT_SIZES);
    if (lookup->info->ii_Expressions != NIL) {
        lookup->estate = CreateExecutorState();
        GetPerTupleExprContext(lookup->estate)->ecxt_scantuple = lookup->slot;
    }
    if (lookup->type->asks_operator)
        find_operator(lookup, scan->indexRelation);
    return lookup;
}

/* Puts the row into the slot, if the scan's snapshot sees it. */
static bool fetch_row(SlabLookup *lookup, const PgsTid *tid, bool *all_dead) {
    ItemPointerData address;
    bool call_again = false;

    CHECK_FOR_INTERRUPTS();
    ItemPointerSet(&address, tid->block, tid->offset);
    *all_dead = false;
    return table_index_fetch_tuple(lookup->fetch, &address, lookup->scan->xs_snapshot, lookup->slot,
                                   &call_again, all_dead);
}

/* The value that the index has of the row in the slot; false when it has none, which an expression
 * that is as immutable as it says never gives. */
static bool value_of_row(SlabLookup *lookup, Datum *value) {
    Datum values[INDEX_MAX_KEYS];
    bool isnull[INDEX_MAX_KEYS];

    FormIndexDatum(lookup->info, lookup->slot, lookup->estate, values, isnull);
    *value = values[0];
    return !isnull[0];
}

const float *slab_look_up(SlabLookup *lookup, const PgsTid *tid, int dims, bool *all_dead) {
    MemoryContext caller;
    SlabVector vector;
    Datum value;
    bool has_value;

    if (!fetch_row(lookup, tid, all_dead))
        return NULL;
    caller = MemoryContextSwitchTo(lookup->row_context);
    has_value = value_of_row(lookup, &value);
    if (has_value)
        lookup->type->read(value, &vector);
    MemoryContextSwitchTo(caller);
    if (!has_value)
        return NULL;
    slab_check_dims(lookup->type, &vector, dims);
    return vector.values;
}

void slab_set_query_of_lookup(SlabLookup *lookup, Datum query) {
    MemoryContext caller;

    MemoryContextReset(lookup->query_context);
    caller = MemoryContextSwitchTo(lookup->query_context);
    lookup->query = PointerGetDatum(PG_DETOAST_DATUM_COPY(query));
    MemoryContextSwitchTo(caller);
}

bool slab_ask_operator(SlabLookup *lookup, const PgsTid *tid, bool *all_dead, double *value) {
    MemoryContext caller;
    Datum vector;
    bool has_value;

    if (!fetch_row(lookup, tid, all_dead))
        return false;
    caller = MemoryContextSwitchTo(lookup->row_context);
    has_value = value_of_row(lookup, &vector);
    if (has_value)
        *value =
            DatumGetFloat8(FunctionCall2Coll(&lookup->distance, InvalidOid, vector, lookup->query));
    MemoryContextSwitchTo(caller);
    return has_value;
}

bool slab_look_up_value(SlabLookup *lookup, const PgsTid *tid, bool *all_dead, Datum *value) {
    MemoryContext caller;
    bool has_value;

    if (!fetch_row(lookup, tid, all_dead))
        return false;
    caller = MemoryContextSwitchTo(lookup->row_context);
    has_value = value_of_row(lookup, value);
    MemoryContextSwitchTo(caller);
    return has_value;
}

void slab_release_row(SlabLookup *lookup) {
    ExecClearTuple(lookup->slot);
    MemoryContextReset(lookup->row_context);
    if (lookup->estate != NULL)
        ResetPerTupleExprContext(lookup->estate);
}

void slab_reset_lookup(SlabLookup *lookup) {
    table_index_fetch_reset(lookup->fetch);
}

void slab_end_lookup(SlabLookup *lookup) {
    table_index_fetch_end(lookup->fetch);
    ExecDropSingleTupleTableSlot(lookup->slot);
    if (lookup->estate != NULL)
        FreeExecutorState(lookup->estate);
    MemoryContextDelete(lookup->row_context);
    if (lookup->query_context != NULL)
        MemoryContextDelete(lookup->query_context);
    pfree(lookup);
}
