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

static Form_pg_enum row_of(const CatCList *values, int i) {
    return (Form_pg_enum)GETSTRUCT(&values->members[i]->tuple);
}

/* All values of its enum. NULL where the catalog does not show it. */
static CatCList *values_beside(Oid value) {
    HeapTuple found = SearchSysCache1(ENUMOID, ObjectIdGetDatum(value));
    Oid type;

    if (!HeapTupleIsValid(found))
        return NULL;
    type = ((Form_pg_enum)GETSTRUCT(found))->enumtypid;
    ReleaseSysCache(found);
    return SearchSysCacheList1(ENUMTYPOIDNAME, ObjectIdGetDatum(type));
}

/* Those that come before the i-th, or after it. They have one numbering, as all are of one list. */
static SlabRanges keys_on_side(const CatCList *values, int i, bool before, uint64 most) {
    float4 own = row_of(values, i)->enumsortorder;
    SlabRanges keys = slab_no_ranges(values->n_members);

    for (int j = 0; j < values->n_members; j++) {
        Form_pg_enum other = row_of(values, j);

        if (other->oid < most && (before ? other->enumsortorder < own : other->enumsortorder > own))
            keys.range[keys.count++] = (PgsKeyRange){other->oid, other->oid};
    }
    slab_normalise_ranges(&keys);
    return keys;
}

SlabRanges slab_enum_keys(Oid value, bool from, uint64 most) {
    CatCList *values = values_beside(value);
    SlabRanges wrong = slab_no_ranges(0);
    SlabRanges right;

    if (values != NULL) {
        for (int i = 0; i < values->n_members; i++)
            if (row_of(values, i)->oid == value) {
                pfree(wrong.range);
                wrong = keys_on_side(values, i, from, most);
                break;
            }
        ReleaseCatCacheList(values);
    }
    right = slab_other_ranges(&wrong, most);
    pfree(wrong.range);
    return right;
}
