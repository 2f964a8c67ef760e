/*
 * identity.h - which access methods, and so which indexes, are ours. Include postgres.h first.
 */
#ifndef PGSLAB_STORE_IDENTITY_H
#define PGSLAB_STORE_IDENTITY_H

#include "access/amapi.h"

/* Whether those are the functions of our access method. */
extern bool slab_is_routine(const IndexAmRoutine *routine);

/* Whether pg_am's row of that OID, if there is one, is our access method. */
extern bool slab_is_access_method(Oid am);

#endif
