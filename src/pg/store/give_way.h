/*
 * give_way.h - the maintenance lock, and ending maintenance early for who waits. Include postgres.h
 * first.
 */
#ifndef PGSLAB_STORE_GIVE_WAY_H
#define PGSLAB_STORE_GIVE_WAY_H

#include "utils/rel.h"

/* The maintenance lock is taken before every other lock on the index but the relation's own; who
 * holds it is the only one to change more of the manifest than growth does. */
extern void slab_lock_maintenance(Relation index);
extern bool slab_try_lock_maintenance(Relation index);
extern void slab_unlock_maintenance(Relation index);

/* To be called between the steps of maintenance and of builds, where no page is locked: an ERROR if
 * it was cancelled, or is to end because somebody waits: in a worker anybody who waits for
 * something that it holds, in a function a VACUUM to prevent wraparound that waits for the
 * maintenance lock. */
extern void slab_breathe(void);

/* In a worker: an ERROR if its database is to be dropped or copied. In a transaction. */
extern void slab_leave_wanted_database(const char *index_name);

/* Says that this process is a worker. */
extern void slab_give_way_as_worker(void);

/* Whether the error at hand is a worker's giving way. */
extern bool slab_gave_way(void);

#endif
