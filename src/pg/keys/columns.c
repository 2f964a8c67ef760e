/*
 * columns.c - the filter columns of an index, and the keys of its rows.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/stratnum.h"
#include "parser/parse_coerce.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "keys/keys.h"
#include "keys/term.h"
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

bool slab_key_takes(Relation index, AttrNumber column, int kind, int strategy, Oid given,
                    Oid type) {
    const SlabKeyType *key;
    Oid left;

    if (column < 2 || column > IndexRelationGetNumberOfKeyAttributes(index))
        return false;
    key = slab_key_type(index, column);
    left = index->rd_opcintype[column - 1];
    if (key->keys > 0 && kind == SLAB_TERM_COMPARE)
        return (strategy == SLAB_OVERLAPS_STRATEGY || strategy == SLAB_CONTAINS_STRATEGY) &&
               IsBinaryCoercible(given, get_array_type(key->element_type));
    if (key->keys > 0 || kind == SLAB_TERM_HAS)
        return key->keys > 0 && kind == SLAB_TERM_HAS &&
               IsBinaryCoercible(given, key->element_type);
    if ((kind == SLAB_TERM_COMPARE || kind == SLAB_TERM_ANY_OF) &&
        (strategy < BTLessStrategyNumber || strategy > BTMaxStrategyNumber))
        return false;
    return OidIsValid(get_opfamily_member(index->rd_opfamily[column - 1], left, type,
                                          BTEqualStrategyNumber)) &&
           IsBinaryCoercible(given, type);
}

PgsKeyColumns slab_key_columns(Relation index) {
    PgsKeyColumns columns = {0};
    int filters = IndexRelationGetNumberOfKeyAttributes(index) - 1;
    bool has_addresses = slab_wants_addresses(index);

    if (IndexRelationGetNumberOfAttributes(index) > filters + 1)
        ereport(ERROR, errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                errmsg("access method \"slab\" does not support included columns"),
                errdetail("Index \"%s\" would have %d.", RelationGetRelationName(index),
                          IndexRelationGetNumberOfAttributes(index) - filters - 1),
                errhint("Name columns that conditions ask for behind the vector, as in USING slab "
                        "(embedding, tenant)."));
    if (filters + (has_addresses ? 1 : 0) > PGS_MAX_FILTER_COLUMNS)
        ereport(
            ERROR, errcode(ERRCODE_TOO_MANY_COLUMNS),
            errmsg("a slab index cannot have more than %d filter columns", PGS_MAX_FILTER_COLUMNS),
            errdetail("Index \"%s\" would have %d besides the vector%s.",
                      RelationGetRelationName(index), filters,
                      has_addresses ? ", and option \"addresses\" takes the room of one" : ""),
            errhint("Leave to WHERE what few queries ask for: any condition can be there.%s",
                    has_addresses ? " Or leave option \"addresses\" out." : ""));
    for (int i = 0; i < filters; i++) {
        const SlabKeyType *type = slab_key_type(index, i + 2);

        columns.column[columns.count++] =
            (PgsKeyColumn){.key_bytes = type->bytes, .keys = Max(type->keys, 1)};
    }
    if (has_addresses)
        columns.column[columns.count++] =
            (PgsKeyColumn){.key_bytes = sizeof(uint64), .keys = 1, .is_address = true};
    return columns;
}

static int compare_keys(const void *a, const void *b) {
    uint64 left = *(const uint64 *)a;
    uint64 right = *(const uint64 *)b;

    return left < right ? -1 : left > right;
}

/* The keys of a set, each once. Where there is no room for all of them the first says so. */
static void make_keys_of_set(const SlabKeyType *type, Datum set, Oid collation, uint64 *keys) {
    ArrayType *array = DatumGetArrayTypeP(set);
    Datum *elements;
    bool *isnull;
    uint64 *all;
    int count;
    int found = 0;
    int kept = 0;
    int16 length;
    bool by_value;
    char align;

    get_typlenbyvalalign(ARR_ELEMTYPE(array), &length, &by_value, &align);
    deconstruct_array(array, ARR_ELEMTYPE(array), length, by_value, align, &elements, &isnull,
                      &count);
    all = palloc(sizeof(uint64) * Max(count, 1));
    for (int i = 0; i < count; i++)
        if (!isnull[i])
            all[found++] = type->element(elements[i], collation);
    qsort(all, found, sizeof(uint64), compare_keys);
    for (int i = 0; i < found; i++)
        if (kept == 0 || all[i] != all[kept - 1])
            all[kept++] = all[i];
    for (int i = 0; i < type->keys; i++)
        keys[i] = i < kept ? all[i] : pgs_no_key(type->bytes);
    if (kept > type->keys)
        keys[0] = pgs_full_key(type->bytes);
}

static void make_keys(const SlabKeyType *type, Datum value, bool isnull, Oid collation,
                      uint64 *keys) {
    if (isnull) {
        keys[0] = pgs_null_key(type->bytes);
        for (int i = 1; i < type->keys; i++)
            keys[i] = pgs_no_key(type->bytes);
    } else if (type->keys > 0) {
        make_keys_of_set(type, value, collation, keys);
    } else {
        keys[0] = type->key(value, collation);
    }
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

        make_keys(type, values[i + 1], isnull[i + 1], index->rd_indcollation[i + 1], keys);
        keys += Max(type->keys, 1);
    }
    MemoryContextSwitchTo(caller);
}
