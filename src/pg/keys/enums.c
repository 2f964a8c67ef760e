/*
 * enums.c - the order of an enum's values.
 *
 * A value is the number of its row in pg_enum, where another column has the order. ALTER TYPE may
 * put a value between others, and number all anew, but two values never change places. So what is
 * told here is which values are known to be on the wrong side: one that the catalog does not show
 * yet is not lost.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_enum.h"
#include "utils/catcache.h"
#include "utils/syscache.h"

#include "keys/enums.h"

static FormData_pg_enum row_of(const CatCList *values, int i) {
    return *(Form_pg_enum)GETSTRUCT(&values->members[i]->tuple);
}

SlabRanges slab_enum_keys(Oid value, bool from, uint64 most) {
    HeapTuple found = SearchSysCache1(ENUMOID, ObjectIdGetDatum(value));
    FormData_pg_enum own;
    CatCList *values;
    SlabRanges others;

    if (!HeapTupleIsValid(found))
        return slab_one_range(0, most);
    own = *(Form_pg_enum)GETSTRUCT(found);
    ReleaseSysCache(found);
    values = SearchSysCacheList1(ENUMTYPOIDNAME, ObjectIdGetDatum(own.enumtypid));
    others = slab_no_ranges(values->n_members);
    for (int i = 0; i < values->n_members; i++) {
        FormData_pg_enum other = row_of(values, i);

        if (other.oid < most && (from ? other.enumsortorder < own.enumsortorder
                                      : other.enumsortorder > own.enumsortorder))
            others.range[others.count++] = (PgsKeyRange){other.oid, other.oid};
    }
    ReleaseCatCacheList(values);
    slab_normalise_ranges(&others);
    return slab_other_ranges(&others, most);
}
