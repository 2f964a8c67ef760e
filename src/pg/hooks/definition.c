/*
 * definition.c - refuses the definition of an index that could not be built from it.
 *
 * A build checks what it is asked for, but not every definition is followed by one: ALTER TABLE ...
 * TYPE keeps the pages of an index when the values stay as they are, a partitioned index has none,
 * and ALTER INDEX ... SET leaves them for the next REINDEX. What is wrong would show only when
 * REINDEX, VACUUM FULL, a restored dump or a new partition builds the index. So every definition is
 * checked as soon as it is in the catalogs, by the hook that the server calls then.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/xact.h"
#include "catalog/objectaccess.h"
#include "catalog/pg_class.h"
#include "utils/lsyscache.h"
#include "utils/relcache.h"

#include "hooks/hooks.h"
#include "keys/keys.h"
#include "store/identity.h"
#include "store/options.h"

static object_access_hook_type previous_hook;

static bool is_index(char relkind) {
    return relkind == RELKIND_INDEX || relkind == RELKIND_PARTITIONED_INDEX;
}

/* The relation may be one that is being created, which the relation cache knows and no catalog
 * lookup finds yet. */
static bool defines_slab_index(Oid relation) {
    Relation rel = RelationIdGetRelation(relation);
    bool result;

    if (rel == NULL)
        return false;
    result = is_index(rel->rd_rel->relkind) && slab_is_access_method(rel->rd_rel->relam);
    RelationClose(rel);
    return result;
}

/* The hook's caller has locked the index or, when its table goes to another schema, the table. */
static void check_definition(Oid relation) {
    Relation index;

    if (!defines_slab_index(relation))
        return;
    CommandCounterIncrement(); /* what the caller wrote is to be seen */
    index = index_open(relation, AccessShareLock);
    slab_check_options(index);
    (void)slab_key_columns(index);
    index_close(index, AccessShareLock);
}

static void access_object(ObjectAccessType access, Oid catalog, Oid object, int column, void *arg) {
    if (previous_hook != NULL)
        previous_hook(access, catalog, object, column, arg);
    if (catalog != RelationRelationId || column != 0)
        return;
    if (access == OAT_POST_CREATE ||
        (access == OAT_POST_ALTER && is_index(get_rel_relkind(object))))
        check_definition(object);
}

void slab_init_definition(void) {
    previous_hook = object_access_hook;
    object_access_hook = access_object;
}
