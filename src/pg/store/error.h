/*
 * error.h - the core's failures as PostgreSQL errors. Include postgres.h first.
 *
 * Damage, a caller's mistake and an error of ours are told apart by the core's status;
 * doc/architecture.md has the table of statuses and SQLSTATEs. None of these may be called beneath
 * a frame of the core, as ereport() jumps.
 */
#ifndef PGSLAB_STORE_ERROR_H
#define PGSLAB_STORE_ERROR_H

#include "utils/rel.h"

#include "base/compat.h"
#include "pgslab/status.h"

/* What to hand to slab_check_status() for calls that say no more than their status. */
extern const PgsError slab_out_of_memory;

pg_noreturn extern void slab_raise(Relation index, PgsStatus status, const PgsError *error);

/* ERROR unless the status is PGS_OK. */
static inline void slab_check_status(Relation index, PgsStatus status, const PgsError *error) {
    if (unlikely(status != PGS_OK))
        slab_raise(index, status, error);
}

/*
 * The same for what was read from pages that the manifest in meta named. On a standby such a page
 * may have been replaced since; then the error is a conflict with recovery rather than damage. The
 * metapage is read again to find that out, so the caller must not have it locked.
 */
pg_noreturn extern void slab_raise_read(Relation index, const void *meta, PgsStatus status,
                                        const PgsError *error);

static inline void slab_check_read(Relation index, const void *meta, PgsStatus status,
                                   const PgsError *error) {
    if (unlikely(status != PGS_OK))
        slab_raise_read(index, meta, status, error);
}

/* A WARNING that queries go on without the index, whose metapage cannot be read. */
extern void slab_warn_unreadable(Relation index, const PgsError *error);

#endif
