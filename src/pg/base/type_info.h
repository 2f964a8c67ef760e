/*
 * type_info.h - what an operator class of the access method slab says of its type. Include
 * postgres.h first.
 *
 * Its support function 1 returns a SlabTypeInfo, which is never freed. Whoever reads a value of an
 * index's first column, or a query of it, does so through this, and takes what was read to be
 * float32[dims], or, where the class says that its values are documents, a set of terms: no other
 * code knows which types there are.
 */
#ifndef PGSLAB_BASE_TYPE_INFO_H
#define PGSLAB_BASE_TYPE_INFO_H

#include <math.h>

#include "base/document.h"
#include "pgslab/index.h"

/* A vector that was read. */
typedef struct SlabVector {
    const float *values; /* float32[dims]: within the datum, or in memory of its own */
    int dims;
    void *memory; /* of its own, NULL for none */
} SlabVector;

typedef struct SlabTypeInfo {
    const char *name; /* of the type, as columns of it are declared */
    PgsMetric metric; /* what the class orders by */

    /* The storage that keeps elements as they are, where the metric does not change them: a wider
     * one gains nothing. PGS_BITS is the only one that goes with its metrics. */
    PgsStorage storage;

    /* The operator is not this library's: it adds in float32 in an order of its own, so a scan asks
     * it for its values where that may make a difference to the order of rows. Not of sets. */
    bool asks_operator;

    /* Reads a value, each element exactly, and detoasts it for that. In CurrentMemoryContext;
     * slab_free_vector() frees what was allocated. */
    void (*read)(Datum value, SlabVector *vector);

    /* ERROR data_exception for a value of other dims than are expected. */
    void (*report_dims)(int expected, int dims);

    /* A palloc'ed value of these elements, each rounded to what the type has. ERROR
     * numeric_value_out_of_range for one that is too large. */
    Datum (*make)(const float *values, int dims);

    /* ERROR numeric_value_out_of_range for a row's vector, or a query's, for which the operator's
     * values say nothing of the distance, so that no index can be in their order. NULL: there are
     * none such. */
    void (*check)(const SlabVector *vector);

    /* Values are documents: how they are read. Of what is above, they have a name, and, as sparse
     * vectors, a metric and dims. NULL: values are vectors. */
    const SlabDocumentInfo *documents;
} SlabTypeInfo;

static inline void slab_check_vector(const SlabTypeInfo *type, const SlabVector *vector) {
    if (type->check != NULL)
        type->check(vector);
}

static inline void slab_check_dims(const SlabTypeInfo *type, const SlabVector *vector, int dims) {
    if (unlikely(vector->dims != dims))
        type->report_dims(dims, vector->dims);
}

/* Reads a value that has so many dims; ERROR if it has not. */
static inline void slab_read_vector(const SlabTypeInfo *type, Datum value, int dims,
                                    SlabVector *vector) {
    type->read(value, vector);
    slab_check_dims(type, vector, dims);
}

/* The same of documents; of those that are text, dims is 0. */
static inline void slab_check_document_dims(const SlabTypeInfo *type, const SlabDocument *document,
                                            int dims) {
    if (unlikely(document->dims != dims))
        type->report_dims(dims, document->dims);
}

static inline void slab_read_document(const SlabTypeInfo *type, Datum value, int dims,
                                      SlabDocument *document) {
    type->documents->read(value, document);
    slab_check_document_dims(type, document, dims);
}

/* Whether rows have a distance from this vector: the zero vector has none under cosine. */
static inline bool slab_has_distances(const SlabTypeInfo *type, const SlabVector *vector) {
    return type->metric != PGS_COSINE ||
           !isnan(pgs_operator_value(type->metric, vector->values, vector->values, vector->dims));
}

static inline void slab_free_vector(const SlabVector *vector) {
    if (vector->memory != NULL)
        pfree(vector->memory);
}

#endif
