/*
 * draw.c - rows of a table drawn at random, with the vectors that an index is of.
 *
 * All of the table is read, by a snapshot, as others may write meanwhile; only rows that enter the
 * reservoir are detoasted.
 */
#include "postgres.h"

#include "access/tableam.h"
#include "catalog/index.h"
#include "common/pg_prng.h"
#include "utils/memutils.h"

#include "base/type_info.h"
#include "build/build.h"
#include "store/give_way.h"
#include "store/options.h"

typedef struct Reservoir {
    const SlabTypeInfo *type;
    SlabDrawn *drawn;
    uint32 most;
    pg_prng_state random;
    MemoryContext context;
    MemoryContext row_context; /* for a value as it is read */
} Reservoir;

uint64 slab_address(ItemPointer tid) {
    return (uint64)ItemPointerGetBlockNumber(tid) << 16 | ItemPointerGetOffsetNumber(tid);
}

static void keep_row(Reservoir *reservoir, uint64 place, ItemPointer tid, const float *vector) {
    SlabDrawn *drawn = reservoir->drawn;
    size_t bytes = sizeof(float) * drawn->dims;
    PgsTableRow *row = &drawn->row[place];

    if (row->vector == NULL)
        row->vector = MemoryContextAlloc(reservoir->context, bytes);
    memcpy((float *)row->vector, vector, bytes);
    row->address = slab_address(tid);
}

/* Keeps the row, unless it has no distance from itself; returns whether it did. */
static bool try_row(Reservoir *reservoir, uint64 place, ItemPointer tid, Datum value) {
    MemoryContext caller = MemoryContextSwitchTo(reservoir->row_context);
    SlabVector vector;
    bool is_drawn;

    slab_read_vector(reservoir->type, value, reservoir->drawn->dims, &vector);
    is_drawn = slab_has_distances(reservoir->type, &vector);
    if (is_drawn)
        keep_row(reservoir, place, tid, vector.values);
    MemoryContextSwitchTo(caller);
    MemoryContextReset(reservoir->row_context);
    return is_drawn;
}

static void see_row(Relation index, ItemPointer tid, Datum *values, bool *isnull, bool alive,
                    void *arg) {
    Reservoir *reservoir = arg;
    SlabDrawn *drawn = reservoir->drawn;
    uint64 place = drawn->rows;

    slab_breathe();
    if (isnull[0])
        return;
    drawn->seen++;
    if (drawn->rows == reservoir->most)
        place = pg_prng_uint64_range(&reservoir->random, 0, drawn->seen - 1);
    if (place < reservoir->most && try_row(reservoir, place, tid, values[0]) &&
        place == drawn->rows)
        drawn->rows++;
}

void slab_scan_table(Relation heap, Relation index, IndexBuildCallback callback, void *arg) {
    IndexInfo *info = BuildIndexInfo(index);

    info->ii_Concurrent = true;
    (void)table_index_build_scan(heap, index, info, false, false, callback, arg, NULL);
}

SlabDrawn *slab_draw_rows(Relation heap, Relation index, int dims, uint32 most, uint64 seed) {
    SlabDrawn *drawn = palloc0(offsetof(SlabDrawn, row) + sizeof(PgsTableRow) * most);
    Reservoir reservoir = {.type = slab_type_info(index),
                           .drawn = drawn,
                           .most = most,
                           .context = CurrentMemoryContext,
                           .row_context = AllocSetContextCreate(
                               CurrentMemoryContext, "slab drawn row", ALLOCSET_DEFAULT_SIZES)};

    drawn->dims = dims;
    pg_prng_seed(&reservoir.random, seed);
    slab_scan_table(heap, index, see_row, &reservoir);
    MemoryContextDelete(reservoir.row_context);
    return drawn;
}
