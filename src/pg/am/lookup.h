/*
 * lookup.h - the vector of a row that a scan has found, from the table. Include postgres.h first.
 */
#ifndef PGSLAB_AM_LOOKUP_H
#define PGSLAB_AM_LOOKUP_H

#include "access/genam.h"

#include "pgslab/index.h"

typedef struct SlabLookup SlabLookup;

/* To look rows of a scan up in its table; lives in CurrentMemoryContext, until it is ended. */
extern SlabLookup *slab_begin_lookup(IndexScanDesc scan);

/* The vector that the index has of a row, float[dims], until the row is released. NULL when the
 * scan's snapshot sees none there, with all_dead when no other would. ERROR when it has other dims.
 */
extern const float *slab_look_up(SlabLookup *lookup, const PgsTid *tid, int dims, bool *all_dead);

/* The value of the distance operator of the index's class for a row and the scan's query, which is
 * kept until the scan is given another. False when the scan's snapshot sees no vector there, with
 * all_dead as above. */
extern void slab_set_query_of_lookup(SlabLookup *lookup, Datum query);
extern bool slab_ask_operator(SlabLookup *lookup, const PgsTid *tid, bool *all_dead, double *value);

/* The value that the index has of a row, of whatever type, until the row is released. False as
 * above. */
extern bool slab_look_up_value(SlabLookup *lookup, const PgsTid *tid, bool *all_dead, Datum *value);

extern void slab_release_row(SlabLookup *lookup);

/* Lets go of the table until the next row is looked up. */
extern void slab_reset_lookup(SlabLookup *lookup);
extern void slab_end_lookup(SlabLookup *lookup);

#endif
