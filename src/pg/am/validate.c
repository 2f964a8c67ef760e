/*
 * validate.c - whether an operator class is one that the access method can serve.
 */
#include "postgres.h"

#include "access/amvalidate.h"
#include "access/htup_details.h"
#include "catalog/pg_amop.h"
#include "catalog/pg_amproc.h"
#include "catalog/pg_opclass.h"
#include "catalog/pg_opfamily.h"
#include "catalog/pg_type.h"
#include "utils/catcache.h"
#include "utils/lsyscache.h"
#include "utils/regproc.h"
#include "utils/syscache.h"

#include "am/am.h"
#include "store/options.h"

/* The family's operators: distances to order by, as float8. */
static bool operators_are_valid(Oid family, const char *name) {
    CatCList *list = SearchSysCacheList1(AMOPSTRATEGY, ObjectIdGetDatum(family));
    bool valid = true;
    bool found = false;

    for (int i = 0; i < list->n_members; i++) {
        Form_pg_amop op = (Form_pg_amop)GETSTRUCT(&list->members[i]->tuple);

        found = true;
        if (op->amopstrategy != SLAB_DISTANCE_STRATEGY || op->amoppurpose != AMOP_ORDER ||
            !opfamily_can_sort_type(op->amopsortfamily, FLOAT8OID)) {
            ereport(INFO, errcode(ERRCODE_INVALID_OBJECT_DEFINITION),
                    errmsg("operator family \"%s\" of access method slab has an operator that is "
                           "not a distance",
                           name),
                    errdetail("Operator %s has strategy %d.", format_operator(op->amopopr),
                              op->amopstrategy));
            valid = false;
        }
    }
    ReleaseCatCacheList(list);
    if (!found)
        ereport(
            INFO, errcode(ERRCODE_INVALID_OBJECT_DEFINITION),
            errmsg("operator family \"%s\" of access method slab has no distance operator", name));
    return valid && found;
}

/* The family's support functions: one, (internal) returning internal. */
static bool functions_are_valid(Oid family, const char *name) {
    CatCList *list = SearchSysCacheList1(AMPROCNUM, ObjectIdGetDatum(family));
    bool valid = true;
    bool found = false;

    for (int i = 0; i < list->n_members; i++) {
        Form_pg_amproc proc = (Form_pg_amproc)GETSTRUCT(&list->members[i]->tuple);

        found = true;
        if (proc->amprocnum != SLAB_METRIC_PROC ||
            !check_amproc_signature(proc->amproc, INTERNALOID, true, 1, 1, INTERNALOID)) {
            ereport(
                INFO, errcode(ERRCODE_INVALID_OBJECT_DEFINITION),
                errmsg("operator family \"%s\" of access method slab has a wrong support function",
                       name),
                errdetail("Function %s has number %d.", format_procedure(proc->amproc),
                          proc->amprocnum));
            valid = false;
        }
    }
    ReleaseCatCacheList(list);
    if (!found)
        ereport(
            INFO, errcode(ERRCODE_INVALID_OBJECT_DEFINITION),
            errmsg("operator family \"%s\" of access method slab has no support function", name));
    return valid && found;
}

static char *family_name(Oid family) {
    HeapTuple tuple = SearchSysCache1(OPFAMILYOID, ObjectIdGetDatum(family));
    char *name;

    if (!HeapTupleIsValid(tuple))
        elog(ERROR, "cache lookup failed for operator family %u", family);
    name = pstrdup(NameStr(((Form_pg_opfamily)GETSTRUCT(tuple))->opfname));
    ReleaseSysCache(tuple);
    return name;
}

bool slab_validate(Oid opclass) {
    HeapTuple tuple = SearchSysCache1(CLAOID, ObjectIdGetDatum(opclass));
    Oid family;
    char *name;
    bool operators;
    bool functions;

    if (!HeapTupleIsValid(tuple))
        elog(ERROR, "cache lookup failed for operator class %u", opclass);
    family = ((Form_pg_opclass)GETSTRUCT(tuple))->opcfamily;
    ReleaseSysCache(tuple);
    name = family_name(family);
    operators = operators_are_valid(family, name);
    functions = functions_are_valid(family, name);
    return operators && functions;
}
