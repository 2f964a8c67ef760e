/*
 * identity.h - which access methods, and so which indexes, are ours. Include postgres.h first.
 */
#ifndef PGSLAB_STORE_IDENTITY_H
#define PGSLAB_STORE_IDENTITY_H

#include "access/amapi.h"

#include "base/settings.h"

/* Whether those are the functions of an access method of ours. */
extern bool slab_is_routine(const IndexAmRoutine *routine);

/* Whose settings its indexes heed besides ours. */
extern SlabDialect slab_dialect(const IndexAmRoutine *routine);

/* Whether pg_am's row of that OID, if there is one, is an access method of ours. */
extern bool slab_is_access_method(Oid am);

#endif
