/*
 * queries.c - the queries that a SQL function was given: see sql/queries.h.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/array.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "base/type_info.h"
#include "sql/queries.h"
#include "store/options.h"

/* How queries of a type become ones for an index. */
typedef struct Conversion {
    const SlabTypeInfo *from; /* NULL: they are of the type that the index has */
    const SlabTypeInfo *to;
} Conversion;

static const SlabTypeInfo *type_of_query(Relation index, Oid type) {
    const SlabTypeInfo *info = slab_type_info_of_type(index->rd_rel->relam, type);

    if (info == NULL)
        elog(ERROR, "type %u has no default operator class for vectors", type);
    return info;
}

static Conversion conversion_from(Relation index, Oid type) {
    Conversion conversion = {.to = slab_type_info(index)};

    if (type != index->rd_opcintype[0])
        conversion.from = type_of_query(index, type);
    return conversion;
}

static Datum convert(const Conversion *conversion, Datum query) {
    SlabVector vector;
    Datum converted;

    if (conversion->from == NULL)
        return PointerGetDatum(PG_DETOAST_DATUM(query));
    conversion->from->read(query, &vector);
    converted = conversion->to->make(vector.values, vector.dims);
    slab_free_vector(&vector);
    return converted;
}

Datum slab_make_query(Relation index, Oid type, Datum query) {
    Conversion conversion = conversion_from(index, type);

    return convert(&conversion, query);
}

Datum slab_make_query_as(Relation index, const SlabTypeInfo *to, Oid type, Datum query) {
    Conversion conversion = {.from = type_of_query(index, type), .to = to};

    return convert(&conversion, query);
}

/* Puts the query, the number-th of an array, where it is to be. */
static void take_query(const Conversion *conversion, Datum query, bool isnull, int number,
                       uint32 dims, float *to) {
    SlabVector vector;
    Datum converted;

    if (isnull)
        ereport(ERROR, errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("a query must not be null"),
                errdetail("Element %d of the array of queries is.", number),
                errhint("Leave it out."));
    converted = convert(conversion, query);
    slab_read_vector(conversion->to, converted, (int)dims, &vector);
    memcpy(to, vector.values, dims * sizeof(float));
    slab_free_vector(&vector);
    if (DatumGetPointer(converted) != DatumGetPointer(query))
        pfree(DatumGetPointer(converted));
}

const float *slab_take_queries(Relation index, ArrayType *array, uint32 dims, uint32 *n) {
    Conversion conversion = conversion_from(index, ARR_ELEMTYPE(array));
    int16 length;
    bool by_value;
    char align;
    Datum *values;
    bool *nulls;
    int count;
    float *queries;

    get_typlenbyvalalign(ARR_ELEMTYPE(array), &length, &by_value, &align);
    deconstruct_array(array, ARR_ELEMTYPE(array), length, by_value, align, &values, &nulls, &count);
    if (count == 0)
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("there are no queries"),
                errdetail("The array of queries is empty."),
                errhint("Give some vectors, or NULL to take rows of the index."));
    queries = MemoryContextAllocHuge(CurrentMemoryContext, (Size)count * dims * sizeof(float));
    for (int i = 0; i < count; i++)
        take_query(&conversion, values[i], nulls[i], i + 1, dims, queries + (size_t)i * dims);
    *n = (uint32)count;
    return queries;
}
