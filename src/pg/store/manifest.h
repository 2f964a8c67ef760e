/*
 * manifest.h - changing which runs of blocks belong to what: reserved, published, given up, free,
 * cut off. Include postgres.h first.
 *
 * The caller holds the maintenance lock, unless another is named; the extension lock is
 * taken here, but for a cut, which has the index to itself.
 */
#ifndef PGSLAB_STORE_MANIFEST_H
#define PGSLAB_STORE_MANIFEST_H

#include "fmgr.h"
#include "utils/rel.h"

#include "pgslab/machine.h"
#include "pgslab/maintain.h"

/* ---- manifest.c ---- */

/* Reserves the run that a task asks for, of which the file has all blocks then. */
extern PgsReservation slab_reserve(Relation index, const PgsRequest *run);

/* Publishes what a task has made; closes the open part in the same step if asked. */
extern void slab_publish(Relation index, const PgsTask *task, bool close);

extern void slab_close_open_part(Relation index);

/* Makes free what no snapshot can need any more, and what maintenance that failed left. */
extern void slab_reclaim(Relation index);

/* In VACUUM: lets what was given up so far be free for what comes next. Takes a transaction id only
 * if something waits for one and ids are not scarce. */
extern void slab_let_ids_pass(Relation index);

/* Whether snapshots, of anybody, may need what was given up. Without a lock. */
extern bool slab_waits_for_snapshots(Relation index);

/* ---- horizon.c ---- */

/* Runs that were given up before this full transaction id are needed by nobody. */
extern uint64 slab_removable_below(Relation index);

/* Whether the server warns by now that its transaction ids are running out. */
extern bool slab_ids_are_scarce(void);

/* ---- truncate.c ---- */

/* Cuts off what is free at the end of the file, if nobody else has the index open. */
extern void slab_truncate(Relation index);

/* Whether there is something to cut off. Without a lock. */
extern bool slab_ends_free(Relation index);

/* Whether the VACUUM under way may do so. */
extern bool slab_vacuum_may_truncate(Relation index);

/* Whether a function may, before it returns from this call. */
extern bool slab_call_may_truncate(FunctionCallInfo fcinfo, Relation index);

#endif
