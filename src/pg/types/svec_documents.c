/*
 * svec_documents.c - sparse vectors as an index reads them: their dimensions are terms, and the
 * values the weights.
 */
#include "postgres.h"

#include "fmgr.h"
#include "port/pg_bswap.h"

#include "base/type_info.h"
#include "types/svec.h"

/* A dimension is a term of four bytes with the highest first, so that terms are in the order of
 * dimensions. */
static void read_dimensions(Datum datum, SlabDocument *document) {
    Svec *svec = DatumGetSvecP(datum);
    Size count = (Size)Max(svec->nnz, 1);
    uint32 *bytes = palloc_extended(sizeof(uint32) * count, MCXT_ALLOC_HUGE);
    PgsTerm *terms = palloc_extended(sizeof(PgsTerm) * count, MCXT_ALLOC_HUGE);
    const float *values = SVEC_VALUES(svec);

    for (int32 i = 0; i < svec->nnz; i++) {
        svec_check_interrupts(i);
        bytes[i] = pg_hton32((uint32)svec->indices[i]);
        terms[i] = (PgsTerm){&bytes[i], sizeof bytes[i], values[i]};
    }
    *document = (SlabDocument){
        .terms = terms, .count = svec->nnz, .dims = svec->dims, .memory = terms, .bytes = bytes};
    if ((Pointer)svec != DatumGetPointer(datum))
        pfree(svec);
}

static void report_dims(int expected, int dims) {
    value_report_different_dims(&svec_words, expected, dims);
}

static const SlabDocumentInfo products = {PGS_PRODUCTS, read_dimensions};
static const SlabDocumentInfo cosines = {PGS_COSINES, read_dimensions};

PG_FUNCTION_INFO_V1(slab_svec_ip);
Datum slab_svec_ip(PG_FUNCTION_ARGS) {
    static const SlabTypeInfo info = {.name = "svec",
                                      .metric = PGS_INNER_PRODUCT,
                                      .report_dims = report_dims,
                                      .documents = &products};

    PG_RETURN_POINTER(&info);
}

PG_FUNCTION_INFO_V1(slab_svec_cosine);
Datum slab_svec_cosine(PG_FUNCTION_ARGS) {
    static const SlabTypeInfo info = {
        .name = "svec", .metric = PGS_COSINE, .report_dims = report_dims, .documents = &cosines};

    PG_RETURN_POINTER(&info);
}
