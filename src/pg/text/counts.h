/*
 * counts.h - what scores need to know of all rows of an index. Include postgres.h first.
 */
#ifndef PGSLAB_TEXT_COUNTS_H
#define PGSLAB_TEXT_COUNTS_H

#include "utils/rel.h"

#include "pgslab/inverted.h"

typedef struct SlabCounts {
    PgsBm25 bm25;
    uint64 documents;
    uint64 *with_term; /* of each term of the query */
} SlabCounts;

/* Counts, in CurrentMemoryContext, over all indexes that a partitioned one has. ERROR where these
 * are not of one mind on how to score. */
extern SlabCounts slab_count_terms(Relation index, const PgsQueryTerm *terms, uint32 count);

#endif
