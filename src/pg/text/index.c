/*
 * index.c - the index of text that a bm25query names.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/relation.h"
#include "access/xlog.h"
#include "catalog/index.h"
#include "catalog/namespace.h"
#include "catalog/partition.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/varlena.h"

#include "base/compat.h"
#include "store/identity.h"
#include "store/options.h"
#include "text/index.h"

Oid slab_find_named_index(const char *name) {
    RangeVar *range = makeRangeVarFromNameList(textToQualifiedNameList(cstring_to_text(name)));

    return RangeVarGetRelid(range, NoLock, true);
}

bool slab_is_named_index(Oid named, Oid index) {
    return OidIsValid(named) &&
           (named == index || (get_rel_relispartition(index) &&
                               list_member_oid(get_partition_ancestors(index), named)));
}

static bool is_index(const RelationData *relation) {
    return relation->rd_rel->relkind == RELKIND_INDEX ||
           relation->rd_rel->relkind == RELKIND_PARTITIONED_INDEX;
}

bool slab_is_text_index(Relation index) {
    return is_index(index) && slab_is_access_method(index->rd_rel->relam) &&
           slab_is_inverted(index) && slab_type_info(index)->documents->weights == PGS_OCCURRENCES;
}

pg_noreturn static void report_no_index(const char *name) {
    ereport(ERROR, errcode(ERRCODE_UNDEFINED_OBJECT),
            errmsg("index \"%s\" of a bm25query does not exist", name),
            errhint("Name an index USING slab (column tsvector_bm25_ops), as "
                    "bm25_query('documents_idx', 'words') does."));
}

static void require_text_index(Relation index, const char *name) {
    if (!slab_is_text_index(index))
        ereport(ERROR, errcode(ERRCODE_WRONG_OBJECT_TYPE),
                errmsg("\"%s\" is not an index of text", name),
                errdetail("A bm25query takes its statistics from an index that orders by BM25."),
                errhint("Name an index USING slab (column tsvector_bm25_ops)."));
    if (!index->rd_index->indisready)
        ereport(ERROR, errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
                errmsg("index \"%s\" is not ready", name),
                errdetail("Its concurrent build has not read the table yet, or was stopped."),
                errhint("If no build is under way any more, DROP or REINDEX the index."));
    if (RELATION_IS_OTHER_TEMP(index))
        ereport(ERROR, errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                errmsg("cannot read temporary index \"%s\" of another session", name),
                errdetail("Its pages are in that session's memory."),
                errhint("Name an index of your own."));
}

/* How often words occur in a table is for who may read it. Who may read some columns may read the
 * one that is searched in, or no query of theirs gets here. */
static void require_select(Oid table) {
    AclResult result = pg_class_aclcheck(table, GetUserId(), ACL_SELECT);

    if (result != ACLCHECK_OK)
        result = pg_attribute_aclcheck_all(table, GetUserId(), ACL_SELECT, ACLMASK_ANY);
    if (result != ACLCHECK_OK)
        aclcheck_error(result, get_relkind_objtype(get_rel_relkind(table)), get_rel_name(table));
}

/* The table is locked first, as everybody does it. NULL if the index was dropped meanwhile. */
static Relation open_with_table(Oid index) {
    Oid table = IndexGetRelation(index, true);

    if (OidIsValid(table))
        LockRelationOid(table, AccessShareLock);
    return try_relation_open(index, AccessShareLock);
}

Relation slab_open_named_index(Oid named, const char *name) {
    Relation index = OidIsValid(named) ? open_with_table(named) : NULL;

    if (index == NULL)
        report_no_index(name);
    require_text_index(index, name);
    require_select(index->rd_index->indrelid);
    return index;
}

/* Whether there are pages, and here. */
static bool is_readable(Relation index) {
    return index->rd_rel->relkind == RELKIND_INDEX && index->rd_index->indisready &&
           !RELATION_IS_OTHER_TEMP(index) &&
           (index->rd_rel->relpersistence != RELPERSISTENCE_UNLOGGED || !RecoveryInProgress());
}

List *slab_open_leaves(Relation index) {
    List *leaves = NIL;
    ListCell *cell;

    if (index->rd_rel->relkind == RELKIND_INDEX)
        return list_make1(index);
    foreach (cell, find_all_inheritors(RelationGetRelid(index), NoLock, NULL)) {
        Relation leaf = open_with_table(lfirst_oid(cell));

        if (leaf == NULL)
            continue;
        if (is_readable(leaf))
            leaves = lappend(leaves, leaf);
        else
            relation_close(leaf, AccessShareLock);
    }
    return leaves;
}

void slab_close_leaves(Relation index, List *leaves) {
    ListCell *cell;

    foreach (cell, leaves)
        if (lfirst(cell) != index)
            relation_close(lfirst(cell), AccessShareLock);
    list_free(leaves);
}
