/*
 * hooks.h - where pgslab hooks into the server: executor, EXPLAIN, catalogs, commands. Include
 * postgres.h first.
 *
 * Each slab_init_...() is called once, when the library is loaded. It keeps what was hooked in
 * there before, and calls that in its turn.
 */
#ifndef PGSLAB_HOOKS_HOOKS_H
#define PGSLAB_HOOKS_HOOKS_H

#include "access/genam.h"

/* limit.c: scans learn how many rows the query wants of them. */
extern void slab_init_limit(void);

typedef struct SlabLimit {
    uint32 rows; /* that the query at hand wants of a scan; 0 when nobody knows */
    bool all;    /* it wants every row */
    /* A row that the scan does not find is missing from the result, or from what is made of all
     * rows, and nothing else comes of it. */
    bool only_loses;
} SlabLimit;

/* To be asked when the scan starts, not before: only then the LIMIT's parameters are known. */
extern SlabLimit slab_limit(IndexScanDesc scan);

/* explain.c: EXPLAIN (ANALYZE, VERBOSE) says what the scans did. */
extern void slab_init_explain(void);

/* definition.c: no index is defined that a build would refuse. */
extern void slab_init_definition(void);

/* stand_in.c: who asks for pgvector is content with pgslab_compat. */
extern void slab_init_stand_in(void);

#endif
