/*
 * ranking.h - the rows that an index of signs names, in the order of their distance. Include
 * postgres.h first.
 *
 * Such an index (pgslab/signs.h) knows how many signs of a row differ from the query's. So its rows
 * are candidates, which are looked up in the table: as many as the table has said it takes to find
 * what was asked for, and more as more rows are taken. They come in the order of the operator's
 * values; one that turns out to lie before a row that was taken already is left out, as a row is
 * that an approximate search has missed.
 */
#ifndef PGSLAB_AM_RANKING_H
#define PGSLAB_AM_RANKING_H

#include "am/lookup.h"
#include "pgslab/scan.h"
#include "store/pump.h"

typedef struct SlabRanking SlabRanking;

/* A candidate's row is dead to everybody. */
typedef void (*SlabOnDead)(uint64 slot, void *arg);

/* Lives in CurrentMemoryContext, until it is ended; so has lookup to, which knows the query where
 * the operator is to be asked for its values. */
extern SlabRanking *slab_begin_ranking(SlabLookup *lookup, PgsMetric metric, int dims,
                                       bool asks_operator);

/* Forgets what was ranked. meta is the index's, as long as the ranking is used, which has so many
 * rows; effort is what the rows are to be found with, and becomes that of the search which names
 * candidates: an exact one, where they are all, which may then come in any order. */
extern void slab_start_ranking(SlabRanking *ranking, const float *query, const void *meta,
                               uint64 rows, PgsEffort *effort);

/* The next row in order, by what the search names, whose pages the pump brings; its value is the
 * operator's. False when there is none. on_dead: NULL for none. */
extern bool slab_next_ranked(SlabRanking *ranking, PgsScan *search, SlabPump *pump, PgsRequest *row,
                             SlabOnDead on_dead, void *arg);

/* Rows that were looked up since the start. */
extern uint64 slab_ranked_rows(const SlabRanking *ranking);

extern void slab_end_ranking(SlabRanking *ranking);

#endif
