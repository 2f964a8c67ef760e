/*
 * queries.h - the queries that a SQL function was given. Include postgres.h first.
 *
 * They may be of another vector type than the index has, and are rounded to that as they would be
 * on the right of its operator.
 */
#ifndef PGSLAB_SQL_QUERIES_H
#define PGSLAB_SQL_QUERIES_H

#include "utils/array.h"
#include "utils/rel.h"

#include "base/type_info.h"

/* A query of that type, as one of the type that the index has; detoasted, in CurrentMemoryContext
 * or the datum itself. ERROR where an element is too large for that. */
extern Datum slab_make_query(Relation index, Oid type, Datum query);

/* The same as one of another type, for what the index does not have; always a copy. */
extern Datum slab_make_query_as(Relation index, const SlabTypeInfo *to, Oid type, Datum query);

/* The vectors of an array, one after the other: float32[*n][dims]. ERROR where there are none, or
 * one is null or of other dims. */
extern const float *slab_take_queries(Relation index, ArrayType *array, uint32 dims, uint32 *n);

#endif
