/*
 * neighbour_index.c - vector and halfvec, the types of the extension vector, as indexes read them:
 * see base/type_info.h. Their values have the layout of vec and hvec, which the extension
 * pgslab_pgvector makes sure of; their operators are asked for distances.
 */
#include "postgres.h"

#include "fmgr.h"

#include "base/type_info.h"
#include "pgslab/scan.h"
#include "types/dense.h"
#include "types/dense_functions.h"

static const TypeWords vector_words = {.name = "vector"};
static const TypeWords halfvec_words = {.name = "halfvec"};

static void read_vector(Datum value, SlabVector *vector) {
    dense_read(&vec_type, value, vector);
}

static void read_halfvec(Datum value, SlabVector *vector) {
    dense_read(&hvec_type, value, vector);
}

/* The cosine divides by lengths whose squares the operator adds up in float32. Where that loses
 * them, its value says nothing of the angle, and an order by it cannot be had of an index. */
static void check_length(const SlabVector *vector) {
    double square = 0;

    for (int i = 0; i < vector->dims; i++)
        square += (double)vector->values[i] * vector->values[i];
    if (square != 0 && (square < PGS_LEAST_TOLD_NORM || square > PGS_LARGEST_TOLD_NORM))
        ereport(ERROR, errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
                errmsg("vector is too %s for the operator <=> of type vector",
                       square < 1 ? "short" : "long"),
                errdetail("The sum of the squares of its elements is %g, and the operator computes "
                          "it as a 4-byte float.",
                          square),
                errhint("Scale the vector, as l2_normalize() does, which leaves its cosine "
                        "distances as they are."));
}

static void report_dims_of_vector(int expected, int dims) {
    value_report_different_dims(&vector_words, expected, dims);
}

static void report_dims_of_halfvec(int expected, int dims) {
    value_report_different_dims(&halfvec_words, expected, dims);
}

static Datum make_vector(const float *numbers, int dims) {
    return PointerGetDatum(dense_rounded(&vec_type, numbers, dims));
}

static Datum make_halfvec(const float *numbers, int dims) {
    return PointerGetDatum(dense_rounded(&hvec_type, numbers, dims));
}

#define NEIGHBOUR_OPCLASS(type, metric_name, metric, storage, check)                               \
    PG_FUNCTION_INFO_V1(slab_##type##_##metric_name);                                              \
    Datum slab_##type##_##metric_name(PG_FUNCTION_ARGS) {                                          \
        static const SlabTypeInfo info = {                                                         \
            #type, metric, storage, true, read_##type, report_dims_of_##type, make_##type, check}; \
        PG_RETURN_POINTER(&info);                                                                  \
    }

NEIGHBOUR_OPCLASS(vector, l2, PGS_L2, PGS_F32, NULL)
NEIGHBOUR_OPCLASS(vector, ip, PGS_INNER_PRODUCT, PGS_F32, NULL)
NEIGHBOUR_OPCLASS(vector, cosine, PGS_COSINE, PGS_F32, check_length)
NEIGHBOUR_OPCLASS(vector, l1, PGS_L1, PGS_F32, NULL)

/* The squares of halves add up to what a float32 keeps. */
NEIGHBOUR_OPCLASS(halfvec, l2, PGS_L2, PGS_F16, NULL)
NEIGHBOUR_OPCLASS(halfvec, ip, PGS_INNER_PRODUCT, PGS_F16, NULL)
NEIGHBOUR_OPCLASS(halfvec, cosine, PGS_COSINE, PGS_F16, NULL)
NEIGHBOUR_OPCLASS(halfvec, l1, PGS_L1, PGS_F16, NULL)
