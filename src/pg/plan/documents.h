/*
 * documents.h - scans of indexes of documents, as plans have them. Include postgres.h first.
 */
#ifndef PGSLAB_PLAN_DOCUMENTS_H
#define PGSLAB_PLAN_DOCUMENTS_H

#include "nodes/pathnodes.h"

#include "base/type_info.h"

/* What the index's rows are, as its operator class says; NULL: no documents. */
extern const SlabDocumentInfo *slab_documents_of(const IndexOptInfo *index);

/* Whether a query that the path orders by is one that this index is to answer: a query of text
 * names the index, by which rows are scored. */
extern bool slab_is_query_of_index(const IndexPath *path);

/* What finding the first row takes, or about as much, where a filter lets this share of the rows
 * through. False, after a warning, for an index that cannot be read. */
typedef struct SlabDocumentWork {
    double pages; /* one after the other, mostly */
    double nanoseconds;
} SlabDocumentWork;
extern bool slab_expect_document_work(const IndexPath *path, Selectivity filtered,
                                      SlabDocumentWork *work);

#endif
