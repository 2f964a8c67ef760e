/*
 * index.c - opening the index a SQL function was given, and who may.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/relation.h"
#include "access/transam.h"
#include "access/xlog.h"
#include "catalog/index.h"
#include "catalog/pg_class.h"
#include "commands/defrem.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/snapshot.h"

#include "base/compat.h"
#include "sql/index.h"
#include "store/identity.h"
#include "store/options.h"

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

    /* The table is locked first, as everybody does it; otherwise two could wait for each other. */
    if (OidIsValid(table))
        LockRelationOid(table, AccessShareLock);
    index = try_relation_open(index_oid, AccessShareLock);
    if (index == NULL)
        ereport(ERROR, errcode(ERRCODE_UNDEFINED_OBJECT),
                errmsg("index with OID %u does not exist", index_oid),
                errhint("The view slab_indexes lists the slab indexes of this database."));
    name = RelationGetRelationName(index);

    /* An OID may have been used again meanwhile. */
    if (index->rd_rel->relkind == RELKIND_INDEX && index->rd_index->indrelid != table)
        ereport(ERROR, errcode(ERRCODE_UNDEFINED_OBJECT),
                errmsg("index with OID %u is another than a moment ago", index_oid),
                errhint("The view slab_indexes lists the slab indexes of this database."));
    if (index->rd_rel->relkind == RELKIND_PARTITIONED_INDEX)
        ereport(ERROR, errcode(ERRCODE_WRONG_OBJECT_TYPE),
                errmsg("\"%s\" is a partitioned index", name),
                errdetail("A partitioned index holds no rows of its own."),
                errhint("Name the index of one of its partitions."));
    if (index->rd_rel->relkind != RELKIND_INDEX || !slab_is_access_method(index->rd_rel->relam))
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

/* Who may read the table may know how large its index is, and how good. */
void slab_require_select(Relation index) {
    Oid table = IndexGetRelation(RelationGetRelid(index), false);
    AclResult result = pg_class_aclcheck(table, GetUserId(), ACL_SELECT);

    if (result != ACLCHECK_OK)
        aclcheck_error(result, get_relkind_objtype(get_rel_relkind(table)), get_rel_name(table));
}

/* An index made over broken HOT chains does not hold what older snapshots see. */
void slab_require_usable(Relation index, Snapshot snapshot) {
    const char *name = RelationGetRelationName(index);

    if (!index->rd_index->indisvalid)
        ereport(ERROR, errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
                errmsg("index \"%s\" is not valid", name),
                errdetail("A concurrent build of it did not finish, so it lacks rows."),
                errhint("DROP or REINDEX the index."));
    if (index->rd_index->indcheckxmin &&
        !TransactionIdPrecedes(HeapTupleHeaderGetXmin(index->rd_indextuple->t_data),
                               snapshot->xmin))
        ereport(ERROR, errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
                errmsg("index \"%s\" cannot be used with this snapshot", name),
                errdetail("Rows that the snapshot sees were changed before the index was built."),
                errhint("Try again in a new transaction, once older ones have ended."));
}

void slab_require_vectors(Relation index, const char *function) {
    if (slab_is_inverted(index))
        ereport(ERROR, errcode(ERRCODE_WRONG_OBJECT_TYPE),
                errmsg("%s() is not for index \"%s\", which is of documents", function,
                       RelationGetRelationName(index)),
                errdetail("It finds rows by their terms, and has neither lists nor codes."),
                errhint("Name an index of vectors."));
}
