/*
 * killed.h - rows that a scan has found dead to everybody, which it flags when it ends. Include
 * postgres.h first.
 */
#ifndef PGSLAB_AM_KILLED_H
#define PGSLAB_AM_KILLED_H

#include "utils/rel.h"

#include "pgslab/index.h"

/* All zeros at first, but for the context of what is remembered. */
typedef struct SlabKilled {
    MemoryContext context;
    uint32 count;
    uint64 *slots; /* NULL until there is one */
} SlabKilled;

/* Remembers a row, if it is known where the index has it. */
extern void slab_remember_killed(SlabKilled *killed, uint64 slot);

/* Where the record of a slot is, as the core's scan knows it. */
typedef PgsRecordPage (*SlabFindRecord)(const void *scan, uint64 slot, uint32 *index);

/* Flags the rows, and forgets them. meta: the scan's. */
extern void slab_flag_killed(SlabKilled *killed, Relation index, const void *meta,
                             SlabFindRecord find, const void *scan);

#endif
