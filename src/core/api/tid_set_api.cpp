// pgslab/tid_set.h.
#include "pgslab/tid_set.h"

#include "api/guard.h"
#include "filter/tid_set.h"

using namespace pgslab;

PgsStatus pgs_tid_set_create(PgsTidSet **set) {
    return guard(nullptr, [&] {
        *set = new PgsTidSet;
        return PGS_OK;
    });
}

void pgs_tid_set_destroy(PgsTidSet *set) {
    delete set;
}

void pgs_tid_set_clear(PgsTidSet *set) {
    set->set.clear();
}

PgsStatus pgs_tid_set_add(PgsTidSet *set, uint32_t block, const uint16_t *offset, uint32_t n,
                          PgsError *error) {
    return guard(error, [&] { return set->set.add(block, offset, n, error); });
}
