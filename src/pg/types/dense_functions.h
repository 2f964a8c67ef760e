/*
 * dense_functions.h - the SQL functions that vec and hvec have alike. Include postgres.h and
 * types/dense.h first.
 *
 * DENSE_FUNCTIONS(vec) defines vec_in(), which is dense_in() for vec_type, and so on: that is where
 * to look for a function of the library that a script of the extension names.
 */
#ifndef PGSLAB_TYPES_DENSE_FUNCTIONS_H
#define PGSLAB_TYPES_DENSE_FUNCTIONS_H

#include "fmgr.h"

#include "base/type_info.h"
#include "types/dense.h"

/* dense_text.c */
Datum dense_in(FunctionCallInfo fcinfo, const DenseType *type);
Datum dense_out(FunctionCallInfo fcinfo, const DenseType *type);
Datum dense_typmod_in(FunctionCallInfo fcinfo, const DenseType *type);
Datum dense_typmod_out(FunctionCallInfo fcinfo, const DenseType *type);

/* dense_binary.c */
Datum dense_recv(FunctionCallInfo fcinfo, const DenseType *type);
Datum dense_send(FunctionCallInfo fcinfo, const DenseType *type);

/* dense_cast.c */
Datum dense_from_int4_array(FunctionCallInfo fcinfo, const DenseType *type);
Datum dense_from_float4_array(FunctionCallInfo fcinfo, const DenseType *type);
Datum dense_from_float8_array(FunctionCallInfo fcinfo, const DenseType *type);
Datum dense_from_numeric_array(FunctionCallInfo fcinfo, const DenseType *type);
Datum dense_to_float4_array(FunctionCallInfo fcinfo, const DenseType *type);
Datum dense_to_float8_array(FunctionCallInfo fcinfo, const DenseType *type);
Datum dense_cast(FunctionCallInfo fcinfo, const DenseType *from, const DenseType *to);

/* dense_arith.c */
Datum dense_add(FunctionCallInfo fcinfo, const DenseType *type);
Datum dense_sub(FunctionCallInfo fcinfo, const DenseType *type);
Datum dense_mul(FunctionCallInfo fcinfo, const DenseType *type);
Datum dense_concat(FunctionCallInfo fcinfo, const DenseType *type);
Datum dense_subvector(FunctionCallInfo fcinfo, const DenseType *type);

/* dense_measure.c */
Datum dense_dims(FunctionCallInfo fcinfo, const DenseType *type);
Datum dense_norm(FunctionCallInfo fcinfo, const DenseType *type);
Datum dense_l2_normalize(FunctionCallInfo fcinfo, const DenseType *type);
Datum dense_binary_quantize(FunctionCallInfo fcinfo, const DenseType *type);

/* dense_order.c */
Datum dense_cmp(FunctionCallInfo fcinfo, const DenseType *type);
Datum dense_lt(FunctionCallInfo fcinfo, const DenseType *type);
Datum dense_le(FunctionCallInfo fcinfo, const DenseType *type);
Datum dense_eq(FunctionCallInfo fcinfo, const DenseType *type);
Datum dense_ne(FunctionCallInfo fcinfo, const DenseType *type);
Datum dense_ge(FunctionCallInfo fcinfo, const DenseType *type);
Datum dense_gt(FunctionCallInfo fcinfo, const DenseType *type);
Datum dense_hash(FunctionCallInfo fcinfo, const DenseType *type);
Datum dense_hash_extended(FunctionCallInfo fcinfo, const DenseType *type);

/* dense_aggregate.c */
Datum dense_accum(FunctionCallInfo fcinfo, const DenseType *type);
Datum dense_combine(FunctionCallInfo fcinfo, const DenseType *type);
Datum dense_avg(FunctionCallInfo fcinfo, const DenseType *type);
Datum dense_sum(FunctionCallInfo fcinfo, const DenseType *type);

/* dense_support.c */
Datum dense_distance_support(FunctionCallInfo fcinfo, const DenseType *type);

/* dense_distance.c: of the two arguments, whose dims are the same. */
typedef double (*DenseDistance)(const Dense *left, const Dense *right);
Datum dense_distance(FunctionCallInfo fcinfo, const DenseType *type, DenseDistance distance);

/* dense_index.c: what an operator class of slab does with values (base/type_info.h). */
void dense_read(const DenseType *type, Datum value, SlabVector *vector);

#define DENSE_FUNCTION(type, verb)                 \
    PG_FUNCTION_INFO_V1(type##_##verb);            \
    Datum type##_##verb(PG_FUNCTION_ARGS) {        \
        return dense_##verb(fcinfo, &type##_type); \
    }

#define DENSE_FUNCTIONS(type)                \
    DENSE_FUNCTION(type, in)                 \
    DENSE_FUNCTION(type, out)                \
    DENSE_FUNCTION(type, typmod_in)          \
    DENSE_FUNCTION(type, typmod_out)         \
    DENSE_FUNCTION(type, recv)               \
    DENSE_FUNCTION(type, send)               \
    DENSE_FUNCTION(type, from_int4_array)    \
    DENSE_FUNCTION(type, from_float4_array)  \
    DENSE_FUNCTION(type, from_float8_array)  \
    DENSE_FUNCTION(type, from_numeric_array) \
    DENSE_FUNCTION(type, to_float4_array)    \
    DENSE_FUNCTION(type, to_float8_array)    \
    DENSE_FUNCTION(type, add)                \
    DENSE_FUNCTION(type, sub)                \
    DENSE_FUNCTION(type, mul)                \
    DENSE_FUNCTION(type, concat)             \
    DENSE_FUNCTION(type, subvector)          \
    DENSE_FUNCTION(type, dims)               \
    DENSE_FUNCTION(type, norm)               \
    DENSE_FUNCTION(type, l2_normalize)       \
    DENSE_FUNCTION(type, binary_quantize)    \
    DENSE_FUNCTION(type, cmp)                \
    DENSE_FUNCTION(type, lt)                 \
    DENSE_FUNCTION(type, le)                 \
    DENSE_FUNCTION(type, eq)                 \
    DENSE_FUNCTION(type, ne)                 \
    DENSE_FUNCTION(type, ge)                 \
    DENSE_FUNCTION(type, gt)                 \
    DENSE_FUNCTION(type, hash)               \
    DENSE_FUNCTION(type, hash_extended)      \
    DENSE_FUNCTION(type, accum)              \
    DENSE_FUNCTION(type, combine)            \
    DENSE_FUNCTION(type, avg)                \
    DENSE_FUNCTION(type, sum)                \
    DENSE_FUNCTION(type, distance_support)

/* The SQL function from_to_to(): of a type to itself, or to another. */
#define DENSE_CAST(from, to)                                 \
    PG_FUNCTION_INFO_V1(from##_to_##to);                     \
    Datum from##_to_##to(PG_FUNCTION_ARGS) {                 \
        return dense_cast(fcinfo, &from##_type, &to##_type); \
    }

/* The SQL function type_verb(), of a distance of the core that takes the type's elements. */
#define DENSE_DISTANCE(type, verb, distance)                                                      \
    static double type##_##verb##_of(const Dense *left, const Dense *right) {                     \
        return distance((const void *)left->elements, (const void *)right->elements, left->dims); \
    }                                                                                             \
    PG_FUNCTION_INFO_V1(type##_##verb);                                                           \
    Datum type##_##verb(PG_FUNCTION_ARGS) {                                                       \
        return dense_distance(fcinfo, &type##_type, type##_##verb##_of);                          \
    }

/* The support functions slab_type_l2() and so on of the operator classes of slab, for columns that
 * are declared with the name. The storage is the one that keeps elements as they are. */
#define DENSE_OPCLASSES(type, name, storage)                                \
    static void read_##type(Datum value, SlabVector *vector) {              \
        dense_read(&type##_type, value, vector);                            \
    }                                                                       \
    static void report_dims_of_##type(int expected, int dims) {             \
        value_report_different_dims(&type##_type.words, expected, dims);    \
    }                                                                       \
    static Datum make_##type(const float *numbers, int dims) {              \
        return PointerGetDatum(dense_rounded(&type##_type, numbers, dims)); \
    }                                                                       \
    DENSE_OPCLASS(type, name, l2, PGS_L2, storage)                          \
    DENSE_OPCLASS(type, name, ip, PGS_INNER_PRODUCT, storage)               \
    DENSE_OPCLASS(type, name, cosine, PGS_COSINE, storage)                  \
    DENSE_OPCLASS(type, name, l1, PGS_L1, storage)

#define DENSE_OPCLASS(type, name, metric_name, metric, storage)                             \
    PG_FUNCTION_INFO_V1(slab_##type##_##metric_name);                                       \
    Datum slab_##type##_##metric_name(PG_FUNCTION_ARGS) {                                   \
        static const SlabTypeInfo info = {                                                  \
            name, metric, storage, false, read_##type, report_dims_of_##type, make_##type}; \
        PG_RETURN_POINTER(&info);                                                           \
    }

#endif
