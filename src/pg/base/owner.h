/*
 * owner.h - running what a table's owner has defined with the owner's rights. Include postgres.h
 * first.
 */
#ifndef PGSLAB_BASE_OWNER_H
#define PGSLAB_BASE_OWNER_H

#include "utils/rel.h"

/* Who the user was before slab_enter_owner(), for slab_leave_owner(). */
typedef struct SlabSecurity {
    Oid user;
    int context;
    int guc_level;
} SlabSecurity;

/* Runs what follows as the table's owner, without leave to change the session, until
 * slab_leave_owner() or an error, which ends it as well. */
extern void slab_enter_owner(Relation table, SlabSecurity *outside);
extern void slab_leave_owner(const SlabSecurity *outside);

#endif
