/*
 * identity.c - which access methods, and so which indexes, are ours.
 *
 * An access method is known by what it does: in a database without the extension another one may
 * have the name. Ours are those whose options are read by functions of ours: slab, and what
 * pgslab_compat calls hnsw and ivfflat.
 */
#include "postgres.h"

#include "store/identity.h"
#include "store/options.h"

bool slab_is_routine(const IndexAmRoutine *routine) {
    return routine->amoptions == slab_options || slab_dialect(routine) != SLAB_NATIVE;
}

SlabDialect slab_dialect(const IndexAmRoutine *routine) {
    return routine->amoptions == slab_hnsw_options      ? SLAB_HNSW
           : routine->amoptions == slab_ivfflat_options ? SLAB_IVFFLAT
                                                        : SLAB_NATIVE;
}

bool slab_is_access_method(Oid am) {
    IndexAmRoutine *routine = OidIsValid(am) ? GetIndexAmRoutineByAmId(am, true) : NULL;

    return routine != NULL && slab_is_routine(routine);
}
