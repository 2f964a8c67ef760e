/*
 * fn_index.c - opening the index a SQL function was given, and who may.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/relation.h"
#include "catalog/index.h"
#include "catalog/pg_class.h"
#include "commands/defrem.h"
#include "compat.h"
#include "miscadmin.h"
#include "slab.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/lsyscache.h"

Relation slab_open_index(Oid index_oid) {
    Oid table = IndexGetRelation(index_oid, true);
    Relation index;
    const char *name;

    /* The table first, as everybody does. */
    if (OidIsValid(table))
        LockRelationOid(table, AccessShareLock);
    index = relation_open(index_oid, AccessShareLock);
    name = RelationGetRelationName(index);

    if (index->rd_rel->relkind == RELKIND_PARTITIONED_INDEX)
        ereport(ERROR, errcode(ERRCODE_WRONG_OBJECT_TYPE),
                errmsg("\"%s\" is a partitioned index", name),
                errdetail("A partitioned index holds no rows of its own."),
                errhint("Name the index of one of its partitions."));
    if (index->rd_rel->relkind != RELKIND_INDEX ||
        index->rd_rel->relam != get_index_am_oid("slab", false))
        ereport(ERROR, errcode(ERRCODE_WRONG_OBJECT_TYPE),
                errmsg("\"%s\" is not a slab index", name),
                errhint("The view slab_indexes lists the slab indexes of this database."));
    if (RELATION_IS_OTHER_TEMP(index))
        ereport(ERROR, errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                errmsg("cannot read temporary index \"%s\" of another session", name),
                errdetail("Its pages are in that session's memory."),
                errhint("Run this in the session that made it."));
    return index;
}

void slab_require_owner(Relation index) {
    Oid table = IndexGetRelation(RelationGetRelid(index), false);

    if (!slab_owns_relation(table, GetUserId()))
        aclcheck_error(ACLCHECK_NOT_OWNER, get_relkind_objtype(get_rel_relkind(table)),
                       get_rel_name(table));
}
