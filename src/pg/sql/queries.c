/*
 * queries.c - the queries that a SQL function was given: see sql/queries.h.
 */
#include "postgres.h"

#include "utils/array.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "sql/queries.h"
#include "types/vec.h"

static const Vec *take_query(Datum value, bool null, int number, uint32 dims) {
    const Vec *query;

    if (null)
        ereport(ERROR, errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("a query must not be null"),
                errdetail("Element %d of the array of queries is.", number),
                errhint("Leave it out."));
    query = DatumGetVecP(value);
    if (query->dims != dims)
        vec_report_different_dims(dims, query->dims);
    return query;
}

const float *slab_take_queries(ArrayType *array, uint32 dims, uint32 *n) {
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
        memcpy(queries + (size_t)i * dims, take_query(values[i], nulls[i], i + 1, dims)->values,
               dims * sizeof(float));
    *n = (uint32)count;
    return queries;
}
