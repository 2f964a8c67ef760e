/*
 * columns.c - the filter columns of an index, and the keys of its rows.
 */
#include "postgres.h"

#include "access/genam.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "keys/keys.h"
#include "store/options.h"

const SlabKeyType *slab_key_type(Relation index, AttrNumber column) {
    FmgrInfo *proc;

    if (!OidIsValid(index_getprocid(index, column, SLAB_KEY_PROC)))
        ereport(ERROR, errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                errmsg("only the first column of a slab index can be a vector"),
                errdetail("Column %d of index \"%s\" has an operator class for distances.", column,
                          RelationGetRelationName(index)),
                errhint("Create an index for each column of vectors."));
    proc = index_getprocinfo(index, column, SLAB_KEY_PROC);
    return (const SlabKeyType *)DatumGetPointer(
        FunctionCall1Coll(proc, InvalidOid, PointerGetDatum(NULL)));
}

PgsKeyColumns slab_key_columns(Relation index) {
    PgsKeyColumns columns = {0};
    int filters = IndexRelationGetNumberOfKeyAttributes(index) - 1;

    if (filters > PGS_MAX_FILTER_COLUMNS)
        ereport(
            ERROR, errcode(ERRCODE_TOO_MANY_COLUMNS),
            errmsg("a slab index cannot have more than %d filter columns", PGS_MAX_FILTER_COLUMNS),
            errdetail("Index \"%s\" would have %d besides the vector.",
                      RelationGetRelationName(index), filters),
            errhint("Leave to WHERE what few queries ask for: any condition can be there."));
    for (int i = 0; i < filters; i++)
        columns.column[columns.count++] =
            (PgsKeyColumn){.key_bytes = slab_key_type(index, i + 2)->bytes, .keys = 1};
    return columns;
}

void slab_make_keys(Relation index, const Datum *values, const bool *isnull, uint64 *keys) {
    static MemoryContext garbage = NULL; /* copies of values, until the next row */
    int filters = IndexRelationGetNumberOfKeyAttributes(index) - 1;
    MemoryContext caller;

    if (filters == 0)
        return;
    if (garbage == NULL)
        garbage = AllocSetContextCreate(TopMemoryContext, "slab keys", ALLOCSET_DEFAULT_SIZES);
    MemoryContextReset(garbage);
    caller = MemoryContextSwitchTo(garbage);
    for (int i = 0; i < filters; i++) {
        const SlabKeyType *type = slab_key_type(index, i + 2);

        keys[i] = isnull[i + 1] ? pgs_null_key(type->bytes)
                                : type->key(values[i + 1], index->rd_indcollation[i + 1]);
    }
    MemoryContextSwitchTo(caller);
}
