/*
 * identity.c - which access methods, and so which indexes, are ours.
 *
 * An access method is known by what it does: in a database without the extension another one may
 * have the name. Ours is the one whose options are read by slab_options().
 */
#include "postgres.h"

#include "store/identity.h"
#include "store/options.h"

bool slab_is_routine(const IndexAmRoutine *routine) {
    return routine->amoptions == slab_options;
}

bool slab_is_access_method(Oid am) {
    IndexAmRoutine *routine = OidIsValid(am) ? GetIndexAmRoutineByAmId(am, true) : NULL;

    return routine != NULL && slab_is_routine(routine);
}
