/*
 * document.h - a value as a set of terms with weights, which is what an index of documents has of
 * its rows. Include postgres.h first.
 */
#ifndef PGSLAB_BASE_DOCUMENT_H
#define PGSLAB_BASE_DOCUMENT_H

#include "pgslab/inverted.h"

/* A document that was read. Terms ascend as pgslab/inverted.h says, each once. */
typedef struct SlabDocument {
    const PgsTerm *terms;
    uint32 count;
    int dims;     /* of a sparse vector; 0: of text */
    void *memory; /* the terms' own, and that of their bytes where they do not lie in the datum;
                     each is NULL for none */
    void *bytes;
} SlabDocument;

/* What an operator class says of values that are documents. */
typedef struct SlabDocumentInfo {
    PgsWeights weights;

    /* Reads a value, and detoasts it for that. In CurrentMemoryContext; slab_free_document() frees
     * what was allocated. */
    void (*read)(Datum value, SlabDocument *document);
} SlabDocumentInfo;

static inline void slab_free_document(const SlabDocument *document) {
    if (document->memory != NULL)
        pfree(document->memory);
    if (document->bytes != NULL)
        pfree(document->bytes);
}

#endif
