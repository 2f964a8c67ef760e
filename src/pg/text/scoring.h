/*
 * scoring.h - what scores rows by a bm25query: the terms with their weights, by the statistics of
 * the index that it names. Include postgres.h and fmgr.h first.
 *
 * Statistics change with every row that comes or goes. All of a statement score by the same: those
 * that were taken first with its snapshot, by an operator or a scan.
 */
#ifndef PGSLAB_TEXT_SCORING_H
#define PGSLAB_TEXT_SCORING_H

#include "text/query.h"

/* With which snapshot, and in which transaction. */
typedef struct SlabMoment {
    TimestampTz transaction;
    TransactionId xmin;
    TransactionId xmax;
    uint32 running;
    CommandId command;
} SlabMoment;

typedef struct SlabScoring {
    Oid index;           /* that the query names */
    SlabMoment moment;   /* of the statistics */
    SlabTextQuery query; /* with weights and average */
    PgsBm25 bm25;
    void (*read)(Datum value, SlabDocument *document);
} SlabScoring;

/* What the active snapshot makes of now. */
extern SlabMoment slab_this_moment(void);

static inline bool slab_same_moment(const SlabMoment *a, const SlabMoment *b) {
    return a->transaction == b->transaction && a->xmin == b->xmin && a->xmax == b->xmax &&
           a->running == b->running && a->command == b->command;
}

/* Prepares to score rows. What is made lives in CurrentMemoryContext, and as long as the query
 * does. ERROR where there is no such index of text that the user may read. */
extern void slab_make_scoring(Bm25Query *query, SlabScoring *scoring);

/* Of a row's tsvector: above 0 if it matches, else 0. */
extern double slab_score(const SlabScoring *scoring, Datum document);

/* Whether its terms, which the row has, are as the query asks for them. */
extern bool slab_matches(const SlabScoring *scoring, Datum document);

#endif
