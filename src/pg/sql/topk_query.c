/*
 * topk_query.c - slab_topk() where rows have to satisfy a condition: a filter, or a policy of row
 * level security.
 *
 * The query orders by the distance that the index orders by, so the planner may choose the index,
 * and hand conditions to it; a condition that few rows satisfy may have it choose another plan.
 * Either way the rows are those that the index has: its predicate is part of the query, and rows
 * without a distance, which come last, are left out.
 *
 * In the query's text the parameters stand for what is known as expressions already: the distance,
 * the index's predicate, k. While the text is analysed they are replaced by these, as the index has
 * them, so there is no name that could be looked up as another function or operator. The only text
 * of the user's is the filter. It has been parsed by itself before, as one expression, so that its
 * parentheses, quotes and comments end within it; of a parameter the place tells whether it is the
 * filter's, which may have none.
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "parser/parse_node.h"
#include "parser/parser.h"
#include "tcop/dest.h"
#include "utils/builtins.h"
#include "utils/float.h"
#include "utils/lsyscache.h"
#include "utils/relcache.h"

#include "sql/topk.h"

/* The table's place in FROM. */
#define TABLE 1

/* The parameters of the text, by their numbers. */
enum { DISTANCE = 1, PREDICATE, ROWS };

typedef struct TopKQuery {
    const SlabTopK *top;
    const char *filter;
    StringInfoData text;
    int before; /* bytes of the text before the filter, which has so many bytes itself */
    int length;
} TopKQuery;

/* What an error's position is to be moved to. */
typedef struct Quotation {
    const char *function; /* whose filter it is */
    const char *filter;
    int before; /* characters of the text before the filter */
} Quotation;

/* Lets an error that was met in the filter point into it, not into the query around it. */
static void point_into_filter(void *arg) {
    const Quotation *quotation = arg;
    int position = geterrposition();

    if (position <= 0)
        position = getinternalerrposition();
    position -= quotation->before;
    if (position <= 0 || position > pg_mbstrlen(quotation->filter) + 1)
        return;
    errposition(0);
    internalerrposition(position);
    internalerrquery(quotation->filter);
    errcontext("filter of %s", quotation->function);
}

/* Whether a parsed text is one expression, without a name and with nothing behind it. */
static bool is_expression(List *parsed) {
    SelectStmt *statement;
    List *targets;
    const ResTarget *target;

    if (list_length(parsed) != 1)
        return false;
    statement = castNode(SelectStmt, linitial_node(RawStmt, parsed)->stmt);
    targets = statement->targetList;
    statement->targetList = NIL;
    if (list_length(targets) != 1 || !equal(statement, makeNode(SelectStmt)))
        return false;
    target = linitial_node(ResTarget, targets);
    return target->name == NULL && !(IsA(target->val, ColumnRef) &&
                                     IsA(llast(((const ColumnRef *)target->val)->fields), A_Star));
}

static void require_expression(const SlabTopK *top, const char *filter) {
    Quotation quotation = {top->function, filter, 0};
    ErrorContextCallback callback = {error_context_stack, point_into_filter, &quotation};
    List *parsed;

    error_context_stack = &callback;
    parsed = raw_parser(filter, RAW_PARSE_PLPGSQL_EXPR);
    error_context_stack = callback.previous;
    if (!is_expression(parsed))
        ereport(ERROR, errcode(ERRCODE_SYNTAX_ERROR),
                errmsg("the filter of %s is not one expression", top->function),
                errdetail("Its place is behind WHERE in a query of table \"%s\".",
                          RelationGetRelationName(top->table)),
                errhint("Give a condition and nothing else, as 'tenant = 7 AND price < 10', or "
                        "NULL for all rows."));
}

/* The expression that the index has vectors of. */
static Expr *vector_of_row(const SlabTopK *top) {
    AttrNumber column = top->index->rd_index->indkey.values[0];
    Oid type = top->index->rd_opcintype[0];
    Expr *vector;

    if (column == 0) {
        vector = linitial(RelationGetIndexExpressions(top->index));
    } else {
        Form_pg_attribute attribute = TupleDescAttr(RelationGetDescr(top->table), column - 1);

        vector = (Expr *)makeVar(TABLE, column, attribute->atttypid, attribute->atttypmod,
                                 attribute->attcollation, 0);
    }
    if (exprType((Node *)vector) != type) /* a domain */
        vector = (Expr *)makeRelabelType(vector, type, -1, InvalidOid, COERCE_IMPLICIT_CAST);
    return vector;
}

static Node *distance_of_row(const SlabTopK *top) {
    Const *query = makeConst(top->query_type, -1, InvalidOid, -1, top->query, false, false);
    Expr *distance = make_opclause(top->nearness, FLOAT8OID, false, vector_of_row(top),
                                   (Expr *)query, InvalidOid, InvalidOid);

    ((OpExpr *)distance)->opfuncid = top->distance.fn_oid;
    return (Node *)distance;
}

/* All rows satisfy the predicate of an index that has none. */
static Node *predicate(const SlabTopK *top) {
    return (Node *)make_ands_explicit(RelationGetIndexPredicate(top->index));
}

static void refuse_parameter(const TopKQuery *query, ParseState *parse, const ParamRef *parameter) {
    ereport(ERROR, errcode(ERRCODE_UNDEFINED_PARAMETER),
            errmsg("there is no parameter $%d", parameter->number),
            errdetail("A filter on table \"%s\" has no parameters of its own.",
                      RelationGetRelationName(query->top->table)),
            errhint("Put the value into the text, as format('tenant = %%L', value) does."),
            parser_errposition(parse, parameter->location));
}

/* The expressions are those of the index's table, whose schema may have been renamed meanwhile. */
static void require_table(const TopKQuery *query, const ParseState *parse) {
    const RangeTblEntry *table = list_nth(parse->p_rtable, TABLE - 1);

    if (table->relid != RelationGetRelid(query->top->table))
        ereport(ERROR, errcode(ERRCODE_OBJECT_IN_USE),
                errmsg("table \"%s\" was renamed", RelationGetRelationName(query->top->table)),
                errdetail("Another has its name now."), errhint("Try again."));
}

static Node *supply_expression(ParseState *parse, ParamRef *parameter) {
    const TopKQuery *query = parse->p_ref_hook_state;
    int place = parameter->location - query->before;

    if (place >= 0 && place < query->length)
        refuse_parameter(query, parse, parameter);
    require_table(query, parse);
    switch (parameter->number) {
        case DISTANCE:
            return distance_of_row(query->top);
        case PREDICATE:
            return predicate(query->top);
        case ROWS:
            return (Node *)makeConst(INT8OID, -1, InvalidOid, sizeof(int64),
                                     Int64GetDatum(query->top->k), false, FLOAT8PASSBYVAL);
        default:
            elog(ERROR, "unrecognized parameter: $%d", parameter->number);
            return NULL;
    }
}

static void set_up_parser(ParseState *parse, void *arg) {
    parse->p_paramref_hook = supply_expression;
    parse->p_ref_hook_state = arg;
}

/* Rows of tables that inherit from this one are not in the index, unless they are partitions. The
 * filter may end with a comment
 * to the end of the line. */
static void compose(TopKQuery *query) {
    Relation table = query->top->table;
    bool is_partitioned = table->rd_rel->relkind == RELKIND_PARTITIONED_TABLE;
    Oid schema = RelationGetNamespace(table);

    initStringInfo(&query->text);
    appendStringInfo(
        &query->text, "SELECT ctid, $%d, tableoid FROM %s%s WHERE $%d AND (", DISTANCE,
        is_partitioned ? "" : "ONLY ",
        quote_qualified_identifier(get_namespace_name(schema), RelationGetRelationName(table)),
        PREDICATE);
    query->before = query->text.len;
    query->length = (int)strlen(query->filter);
    appendStringInfo(&query->text, "%s\n) ORDER BY $%d LIMIT $%d", query->filter, DISTANCE, ROWS);
}

static SPIPlanPtr prepare(TopKQuery *query) {
    Quotation quotation = {query->top->function, query->filter,
                           pg_mbstrlen_with_len(query->text.data, query->before)};
    ErrorContextCallback callback = {error_context_stack, point_into_filter, &quotation};
    SPIPrepareOptions options = {.parserSetup = set_up_parser,
                                 .parserSetupArg = query,
                                 .cursorOptions = CURSOR_OPT_PARALLEL_OK};
    SPIPlanPtr plan;

    error_context_stack = &callback;
    plan = SPI_prepare_extended(query->text.data, &options);
    error_context_stack = callback.previous;
    if (plan == NULL)
        elog(ERROR, "SPI_prepare_extended failed: %s", SPI_result_code_string(SPI_result));
    return plan;
}

typedef struct Receiver {
    DestReceiver interface;
    SlabTopK *top;
    bool takes_any; /* also rows at no distance, since none is at any */
} Receiver;

/* Rows come nearest first, then those whose distance is not a number, then those without a vector.
 * So all that follow one that is not wanted are not wanted either. */
static bool receive_row(TupleTableSlot *row, DestReceiver *interface) {
    Receiver *receiver = (Receiver *)interface;
    bool isnull;
    ItemPointer tid = (ItemPointer)DatumGetPointer(slot_getattr(row, 1, &isnull));
    Datum value = slot_getattr(row, 2, &isnull);
    double distance = isnull ? 0 : DatumGetFloat8(value);
    bool has_no_table;

    if (isnull || (isnan(distance) && !receiver->takes_any) ||
        float8_gt(distance, receiver->top->farthest))
        return false;
    slab_keep_neighbour(receiver->top, distance, tid,
                        DatumGetObjectId(slot_getattr(row, 3, &has_no_table)));
    return true;
}

static void start_up(DestReceiver *interface, int operation, TupleDesc columns) {
    (void)interface;
    (void)operation;
    (void)columns;
}

static void do_nothing(DestReceiver *interface) {
    (void)interface;
}

/* Under cosine a query of zeros is at no distance from any row, and a row of zeros from any query;
 * of these only the rows are not in the index. Of a query that is no vector nobody asks that. */
static bool has_no_distance(SlabTopK *top) {
    return top->query_type == top->index->rd_opcintype[0] &&
           isnan(DatumGetFloat8(FunctionCall2(&top->distance, top->query, top->query)));
}

/* The snapshot is the caller's, as it is for a scan of the index. */
static void run(SlabTopK *top, SPIPlanPtr plan) {
    Receiver receiver = {
        {receive_row, start_up, do_nothing, do_nothing, DestTuplestore}, top, has_no_distance(top)};
    SPIExecuteOptions options = {.read_only = true, .dest = &receiver.interface};
    int result = SPI_execute_plan_extended(plan, &options);

    if (result != SPI_OK_SELECT)
        elog(ERROR, "SPI_execute_plan_extended failed: %s", SPI_result_code_string(result));
}

void slab_topk_by_query(SlabTopK *top, const char *filter) {
    TopKQuery query = {.top = top, .filter = filter == NULL ? "true" : filter};

    if (filter != NULL)
        require_expression(top, filter);
    SPI_connect();
    compose(&query);
    run(top, prepare(&query));
    SPI_finish();
}
