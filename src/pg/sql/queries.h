/*
 * queries.h - the queries that a SQL function was given. Include postgres.h first.
 */
#ifndef PGSLAB_SQL_QUERIES_H
#define PGSLAB_SQL_QUERIES_H

#include "utils/array.h"

/* The vectors of an array, one after the other: float32[*n][dims]. ERROR where there are none, or
 * one is null or of other dims. */
extern const float *slab_take_queries(ArrayType *array, uint32 dims, uint32 *n);

#endif
