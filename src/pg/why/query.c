/*
 * query.c - from the text that slab_why() was given to the queries that are to be planned.
 *
 * What stands in EXPLAIN, DECLARE CURSOR or CREATE TABLE AS is planned as it is by itself; nothing
 * is run, whatever EXPLAIN is told.
 */
#include "postgres.h"

#include "mb/pg_wchar.h"
#include "nodes/parsenodes.h"
#include "tcop/tcopprot.h"
#include "tcop/utility.h"

#include "why/why.h"

/* Lets an error that was met in the text point into it, not into the query around it. */
static void point_into_text(void *arg) {
    const char *text = arg;
    int position = geterrposition();

    if (position <= 0 || position > pg_mbstrlen(text) + 1)
        return;
    errposition(0);
    internalerrposition(position);
    internalerrquery(text);
    errcontext("query of slab_why");
}

static RawStmt *parse_statement(const char *text) {
    List *parsed = pg_parse_query(text);

    if (parsed == NIL)
        ereport(ERROR, errcode(ERRCODE_SYNTAX_ERROR), errmsg("slab_why was given no statement"),
                errdetail("The text has nothing but spaces and comments."),
                errhint("Give it the text of a query, as slab_why('SELECT ...')."));
    if (list_length(parsed) > 1)
        ereport(ERROR, errcode(ERRCODE_SYNTAX_ERROR),
                errmsg("slab_why was given several statements"),
                errdetail("There are %d in the text.", list_length(parsed)),
                errhint("Ask about each of them by itself."));
    return linitial_node(RawStmt, parsed);
}

static void refuse_statement(Node *statement) {
    ereport(ERROR, errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
            errmsg("slab_why cannot plan %s", GetCommandTagName(CreateCommandTag(statement))),
            errdetail("No plan is made for such a statement, so it uses no index."),
            IsA(statement, ExecuteStmt)
                ? errhint("Give it the statement that was prepared, which pg_prepared_statements "
                          "has.")
                : errhint("Give it SELECT, VALUES, INSERT, UPDATE, DELETE or MERGE, also within "
                          "EXPLAIN, DECLARE CURSOR or CREATE TABLE AS."));
}

/* The query in a statement that has one; it has been analysed, and not been rewritten. */
static Query *query_within(Node *statement, int *options) {
    switch (nodeTag(statement)) {
        case T_ExplainStmt:
            return castNode(Query, ((ExplainStmt *)statement)->query);
        case T_CreateTableAsStmt:
            return castNode(Query, ((CreateTableAsStmt *)statement)->query);
        case T_DeclareCursorStmt:
            *options = ((DeclareCursorStmt *)statement)->options;
            return castNode(Query, ((DeclareCursorStmt *)statement)->query);
        default:
            refuse_statement(statement);
            return NULL;
    }
}

/* Parameters are of the types that the statement has them be; their values stay unknown. */
static List *analyse(const char *text, int *options) {
    Oid *types = NULL;
    int parameters = 0;
    RawStmt *parsed = parse_statement(text);
    List *queries = pg_analyze_and_rewrite_varparams(parsed, text, &types, &parameters, NULL);

    while (list_length(queries) == 1 && linitial_node(Query, queries)->commandType == CMD_UTILITY)
        queries =
            pg_rewrite_query(query_within(linitial_node(Query, queries)->utilityStmt, options));
    return queries;
}

List *slab_why_parse(const char *text, int *options) {
    ErrorContextCallback callback = {error_context_stack, point_into_text, (void *)text};
    List *planned = NIL;
    List *queries;
    ListCell *cell;

    *options = CURSOR_OPT_PARALLEL_OK;
    error_context_stack = &callback;
    queries = analyse(text, options);
    error_context_stack = callback.previous;
    /* A rule may add a NOTIFY. */
    foreach (cell, queries)
        if (lfirst_node(Query, cell)->commandType != CMD_UTILITY)
            planned = lappend(planned, lfirst(cell));
    return planned;
}
