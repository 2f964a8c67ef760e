/*
 * config.c - by which configuration of full text search a plain query is parsed: the one by which
 * the text of the index was.
 */
#include "postgres.h"

#include "access/table.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_type.h"
#include "nodes/nodeFuncs.h"
#include "rewrite/rewriteHandler.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "store/options.h"
#include "text/index.h"

typedef struct Configs {
    Oid first; /* that was found */
    bool differ;
} Configs;

/* Collects the configurations that an expression names. */
static bool find_configs(Node *node, void *arg) {
    const Const *constant = (const Const *)node;
    Configs *found = arg;

    if (node == NULL)
        return false;
    if (IsA(node, Const)) {
        if (constant->consttype == REGCONFIGOID && !constant->constisnull) {
            Oid config = DatumGetObjectId(constant->constvalue);

            found->differ |= OidIsValid(found->first) && found->first != config;
            found->first = config;
        }
        return false;
    }
    return expression_tree_walker(node, find_configs, arg);
}

/* What the index's first column is computed by; NULL where it is a column that has what was put
 * there. */
static Node *expression_of(Relation index, Relation table) {
    AttrNumber column = index->rd_index->indkey.values[0];

    if (column == 0)
        return linitial(RelationGetIndexExpressions(index));
    if (TupleDescAttr(RelationGetDescr(table), column - 1)->attgenerated == '\0')
        return NULL;
    return build_column_default(table, column);
}

Oid slab_config_of_index(Relation index) {
    Relation table = table_open(index->rd_index->indrelid, AccessShareLock);
    Configs found = {InvalidOid};

    (void)find_configs(expression_of(index, table), &found);
    table_close(table, AccessShareLock);
    if (found.differ && *slab_option_text_config(index) == '\0')
        ereport(ERROR, errcode(ERRCODE_AMBIGUOUS_PARAMETER),
                errmsg("index \"%s\" has text of several configurations",
                       RelationGetRelationName(index)),
                errdetail("So none of them is the one to parse a plain query by."),
                errhint("Set the index's option text_config, or give bm25_query() a tsquery, as "
                        "websearch_to_tsquery('english', 'words') makes."));
    return OidIsValid(found.first) && !found.differ ? found.first : slab_text_config(index);
}
