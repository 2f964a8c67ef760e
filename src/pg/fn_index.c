/*
 * fn_index.c - opening the index a SQL function was given, and who may.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/relation.h"
#include "access/xlog.h"
#include "catalog/index.h"
#include "catalog/pg_class.h"
#include "commands/defrem.h"
#include "compat.h"
#include "miscadmin.h"
#include "slab.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/lsyscache.h"

/* ERROR when there are no pages to look at yet, or here. */
static void require_storage(Relation index) {
    const char *name = RelationGetRelationName(index);

    if (!index->rd_index->indisready)
        ereport(ERROR, errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
                errmsg("index \"%s\" is not ready", name),
                errdetail("Its concurrent build has not read the table yet, or was stopped."),
                errhint("If no build is under way any more, DROP or REINDEX the index."));
    if (index->rd_rel->relpersistence == RELPERSISTENCE_UNLOGGED && RecoveryInProgress())
        ereport(ERROR, errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                errmsg("cannot read unlogged index \"%s\" during recovery", name),
                errdetail("What is unlogged is not on a standby."),
                errhint("Run this on the primary."));
}

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
    require_storage(index);
    return index;
}

void slab_require_owner(Relation index) {
    Oid table = IndexGetRelation(RelationGetRelid(index), false);

    if (!slab_owns_relation(table, GetUserId()))
        aclcheck_error(ACLCHECK_NOT_OWNER, get_relkind_objtype(get_rel_relkind(table)),
                       get_rel_name(table));
}
