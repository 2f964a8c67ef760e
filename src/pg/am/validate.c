/*
 * validate.c - whether an operator class is one that the access method can serve.
 */
#include "postgres.h"

#include "access/amvalidate.h"
#include "access/htup_details.h"
#include "access/stratnum.h"
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
#include "keys/keys.h"
#include "keys/term.h"
#include "store/options.h"

/* What an operator family is for. */
typedef enum FamilyKind { FAMILY_OF_DISTANCES, FAMILY_OF_FILTERS } FamilyKind;

static bool operator_is_valid(Form_pg_amop op, FamilyKind kind) {
    bool is_search =
        op->amoppurpose == AMOP_SEARCH &&
        check_amop_signature(op->amopopr, BOOLOID, op->amoplefttype, op->amoprighttype);

    if (kind == FAMILY_OF_FILTERS)
        return is_search && op->amopstrategy >= BTLessStrategyNumber &&
               op->amopstrategy <= SLAB_CONTAINS_STRATEGY;
    if (op->amopstrategy == SLAB_CONDITION_STRATEGY)
        return is_search && op->amoprighttype == RECORDOID;
    return op->amopstrategy == SLAB_DISTANCE_STRATEGY && op->amoppurpose == AMOP_ORDER &&
           opfamily_can_sort_type(op->amopsortfamily, FLOAT8OID);
}

/* The family's operators: distances to order by, as float8, and the one by which the planner hands
 * over conditions (keys/term.h); or comparisons, numbered as those of a btree, or as those of
 * sets. */
static bool operators_are_valid(Oid family, const char *name, FamilyKind kind) {
    CatCList *list = SearchSysCacheList1(AMOPSTRATEGY, ObjectIdGetDatum(family));
    bool valid = true;
    bool found = list->n_members > 0;

    for (int i = 0; i < list->n_members; i++) {
        Form_pg_amop op = (Form_pg_amop)GETSTRUCT(&list->members[i]->tuple);

        if (!operator_is_valid(op, kind)) {
            ereport(INFO, errcode(ERRCODE_INVALID_OBJECT_DEFINITION),
                    errmsg("operator family \"%s\" of access method slab has an operator that is "
                           "not a %s",
                           name, kind == FAMILY_OF_DISTANCES ? "distance" : "comparison"),
                    errdetail("Operator %s has strategy %d.", format_operator(op->amopopr),
                              op->amopstrategy));
            valid = false;
        }
    }
    ReleaseCatCacheList(list);
    if (!found)
        ereport(INFO, errcode(ERRCODE_INVALID_OBJECT_DEFINITION),
                errmsg("operator family \"%s\" of access method slab has no operator", name));
    return valid && found;
}

/* The family's support functions, (internal) returning internal: one that says how vectors are
 * read, or one that says how keys are made. *kind is what they make of the family. */
static bool functions_are_valid(Oid family, const char *name, FamilyKind *kind) {
    CatCList *list = SearchSysCacheList1(AMPROCNUM, ObjectIdGetDatum(family));
    bool valid = true;
    bool found = list->n_members > 0;

    *kind = FAMILY_OF_DISTANCES;
    for (int i = 0; i < list->n_members; i++) {
        Form_pg_amproc proc = (Form_pg_amproc)GETSTRUCT(&list->members[i]->tuple);

        if (i == 0 && proc->amprocnum == SLAB_KEY_PROC)
            *kind = FAMILY_OF_FILTERS;
        if (proc->amprocnum != (*kind == FAMILY_OF_FILTERS ? SLAB_KEY_PROC : SLAB_TYPE_PROC) ||
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
    FamilyKind kind;
    bool operators;
    bool functions;

    if (!HeapTupleIsValid(tuple))
        elog(ERROR, "cache lookup failed for operator class %u", opclass);
    family = ((Form_pg_opclass)GETSTRUCT(tuple))->opcfamily;
    ReleaseSysCache(tuple);
    name = family_name(family);
    functions = functions_are_valid(family, name, &kind);
    operators = operators_are_valid(family, name, kind);
    return operators && functions;
}
