/*
 * class.c - the operator classes of slab indexes that an answer of slab_why() names.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_amop.h"
#include "catalog/pg_index.h"
#include "catalog/pg_opclass.h"
#include "utils/catcache.h"
#include "utils/syscache.h"

#include "store/identity.h"
#include "store/options.h"
#include "why/why.h"

/* The access method's operator class with this family and type; InvalidOid if there is none. */
static Oid class_of_family(Oid am, Oid family, Oid type) {
    CatCList *list = SearchSysCacheList1(CLAAMNAMENSP, ObjectIdGetDatum(am));
    Oid found = InvalidOid;

    for (int i = 0; i < list->n_members; i++) {
        Form_pg_opclass class = (Form_pg_opclass)GETSTRUCT(&list->members[i]->tuple);

        if (class->opcfamily == family && class->opcintype == type)
            found = class->oid;
    }
    ReleaseSysCacheList(list);
    return found;
}

Oid slab_class_of_operator(Oid opno, Oid type) {
    CatCList *list = SearchSysCacheList1(AMOPOPID, ObjectIdGetDatum(opno));
    Oid found = InvalidOid;

    for (int i = 0; i < list->n_members; i++) {
        Form_pg_amop op = (Form_pg_amop)GETSTRUCT(&list->members[i]->tuple);

        if (op->amoppurpose == AMOP_ORDER && slab_is_access_method(op->amopmethod))
            found = class_of_family(op->amopmethod, op->amopfamily, type);
    }
    ReleaseSysCacheList(list);
    return found;
}

Oid slab_operator_of_family(Oid family, Oid type) {
    CatCList *list = SearchSysCacheList1(AMOPSTRATEGY, ObjectIdGetDatum(family));
    Oid found = InvalidOid;

    for (int i = 0; i < list->n_members; i++) {
        Form_pg_amop op = (Form_pg_amop)GETSTRUCT(&list->members[i]->tuple);

        if (op->amoppurpose == AMOP_ORDER && op->amopstrategy == SLAB_DISTANCE_STRATEGY &&
            op->amoplefttype == type)
            found = op->amopopr;
    }
    ReleaseSysCacheList(list);
    return found;
}

Oid slab_class_of_index(Oid index) {
    HeapTuple tuple = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(index));
    bool isnull;
    Datum classes;
    Oid result;

    if (!HeapTupleIsValid(tuple))
        elog(ERROR, "cache lookup failed for index %u", index);
    classes = SysCacheGetAttr(INDEXRELID, tuple, Anum_pg_index_indclass, &isnull);
    result = ((oidvector *)DatumGetPointer(classes))->values[0];
    ReleaseSysCache(tuple);
    return result;
}
