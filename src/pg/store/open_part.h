/*
 * open_part.h - what inserts keep in mind of an index, and giving its open part room. Include
 * postgres.h first.
 */
#ifndef PGSLAB_STORE_OPEN_PART_H
#define PGSLAB_STORE_OPEN_PART_H

#include "utils/rel.h"

#include "pgslab/index.h"

/*
 * Kept in the relation cache between statements: a copy of the metapage and where inserts last
 * found room. Good for as long as the metapage has that generation, and for the transaction that
 * found it so: what is replaced meanwhile is not reused before its end.
 */
typedef struct SlabCache {
    PGAlignedBlock meta;
    PgsMetaInfo info;
    uint32 tail; /* record page of the open part: those before it are full */
    bool tail_known;
    uint64 before_tail; /* slots of the open part before that page */
    uint64 flush_at;    /* of its slots in use, at which its sidecar is to be flushed */
} SlabCache;

/*
 * The index's cache, as of the metapage's generation. Growth may have added to the open part since:
 * that does no harm to who looks for pages of it and calls slab_grow() when all it knows of are
 * full. The pointer is good until something may process invalidations, such as opening a relation.
 */
extern SlabCache *slab_cache(Relation index);

/* Reads the metapage into it again. After an error it is as before. */
extern void slab_refresh_cache(Relation index, SlabCache *cache);

/* Notes that record pages before this one, of the open part, are full. */
extern void slab_set_tail(SlabCache *cache, uint32 tail);

/* Brings the cache up to date when its tail has turned out to be closed; ERROR if its part is still
 * the open one. */
extern void slab_leave_closed_part(Relation index, SlabCache *cache);

/* Adds a stride to the open part, unless somebody has since cache was read, or the part is open no
 * longer. Brings cache up to date. Takes the extension lock; the caller has no page locked. */
extern void slab_grow(Relation index, SlabCache *cache);

#endif
