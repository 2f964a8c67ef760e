/*
 * stand_in.c - CREATE EXTENSION IF NOT EXISTS vector where pgslab_compat stands in for it.
 *
 * Clients of pgvector send that before anything else. In a database with pgslab_compat it could
 * only fail, though all that they want of it is there. So it becomes the same command of
 * pgslab_compat, of which the server says that it exists.
 */
#include "postgres.h"

#include "commands/extension.h"
#include "nodes/parsenodes.h"
#include "tcop/utility.h"

#include "hooks/hooks.h"

#define PGVECTOR "vector"
#define STAND_IN "pgslab_compat"

static ProcessUtility_hook_type previous_hook;

static bool is_stood_in_for(const Node *statement) {
    const CreateExtensionStmt *create = (const CreateExtensionStmt *)statement;

    return IsA(statement, CreateExtensionStmt) && create->if_not_exists &&
           strcmp(create->extname, PGVECTOR) == 0 &&
           OidIsValid(get_extension_oid(STAND_IN, true)) &&
           !OidIsValid(get_extension_oid(PGVECTOR, true));
}

/* The statement may be one that a plan cache keeps. */
static PlannedStmt *of_stand_in(const PlannedStmt *statement) {
    PlannedStmt *copy = copyObject(statement);
    CreateExtensionStmt *create = castNode(CreateExtensionStmt, copy->utilityStmt);

    create->extname = pstrdup(STAND_IN);
    create->options = NIL;
    return copy;
}

static void process_utility(PlannedStmt *statement, const char *query, bool is_kept,
                            ProcessUtilityContext context, ParamListInfo parameters,
                            QueryEnvironment *environment, DestReceiver *receiver,
                            QueryCompletion *completion) {
    ProcessUtility_hook_type process =
        previous_hook != NULL ? previous_hook : standard_ProcessUtility;

    if (is_stood_in_for(statement->utilityStmt))
        statement = of_stand_in(statement);
    process(statement, query, is_kept, context, parameters, environment, receiver, completion);
}

void slab_init_stand_in(void) {
    previous_hook = ProcessUtility_hook;
    ProcessUtility_hook = process_utility;
}
