/*
 * reason.c - why a plan uses an index, or why not.
 *
 * The planner leaves out an index that it may not use; it has no path where the order or the
 * predicate is another; and of the paths that it has it takes the cheapest.
 */
#include "postgres.h"

#include "nodes/makefuncs.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "optimizer/pathnode.h"
#include "utils/lsyscache.h"
#include "utils/ruleutils.h"

#include "plan/plan.h"
#include "plan/range.h"
#include "why/why.h"

/* Fewer rows are as quickly read as an index of them. */
#define FEW_ROWS 1000

/* ---- it is used, or another is ---- */

/* LIMIT ALL and LIMIT NULL are none. */
static bool has_limit(const PlannerInfo *root) {
    const Node *count = root->parse->limitCount;

    return count != NULL && !(IsA(count, Const) && ((const Const *)count)->constisnull);
}

static bool is_within_limit(const PlannerInfo *root) {
    for (; root != NULL; root = root->parent_root)
        if (has_limit(root))
            return true;
    return false;
}

/* Whether the index finds the rows within a distance, in any order. */
static bool is_of_range(const SlabCandidate *candidate) {
    return candidate->path != NULL && candidate->path->indexorderbys == NIL;
}

static SlabAnswer explain_use(const SlabCandidate *candidate) {
    const char *distance = slab_distance_text(candidate);
    bool is_bounded = candidate->path != NULL &&
                      slab_range_of_path(candidate->reading->root, candidate->path) != NULL;
    SlabAnswer answer = {psprintf("The plan reads it in the order of %s%s.", distance,
                                  is_bounded ? ", as far as the condition on that says" : ""),
                         NULL};

    if (is_of_range(candidate))
        answer.reason = psprintf(
            "The plan finds the rows by it for which the condition on %s holds.", distance);
    if (is_bounded || is_within_limit(candidate->reading->root))
        return answer;
    answer.reason = psprintf(
        "The plan reads it in the order of %s; without a LIMIT it reads every "
        "row, and searches exactly.",
        distance);
    answer.remedy = "If only the nearest rows are wanted, add LIMIT.";
    return answer;
}

/* Another slab index that the plan uses for the table; or NULL. */
static const SlabCandidate *find_used(const SlabPlanned *planned, const SlabCandidate *candidate) {
    ListCell *cell;

    foreach (cell, planned->candidates) {
        const SlabCandidate *other = lfirst(cell);

        if (other->used && other->reading == candidate->reading)
            return other;
    }
    return NULL;
}

/* ---- the planner leaves it out ---- */

static SlabAnswer explain_absence(const SlabCandidate *candidate) {
    const char *name = slab_relation_text(candidate->index);
    SlabAnswer answer;

    if (!candidate->valid) {
        answer.reason =
            "The index is not valid: a concurrent build of it is under way, or did not "
            "finish.";
        answer.remedy = psprintf(
            "If no build is under way, REINDEX INDEX CONCURRENTLY %s, or DROP "
            "it.",
            name);
        return answer;
    }
    answer.reason =
        "The planner leaves the index out: rows that this transaction may see were "
        "changed before it was built, or another extension hides it.";
    answer.remedy = "Try again in a new transaction, once older ones have ended.";
    return answer;
}

static SlabAnswer explain_unread_table(void) {
    return (SlabAnswer){"The plan does not read the table: no row of it can be in the result.",
                        "Nothing, unless the conditions are not what was meant."};
}

/* ---- it has no path ---- */

static SlabAnswer explain_sample(void) {
    return (SlabAnswer){"TABLESAMPLE takes rows from the table itself, and uses no index.",
                        "Leave TABLESAMPLE out."};
}

static SlabAnswer explain_predicate(const SlabCandidate *candidate) {
    Node *predicate = (Node *)make_ands_explicit(candidate->info->indpred);
    const char *text = slab_expression_text(candidate, predicate);
    SlabAnswer answer;

    answer.reason = psprintf(
        "The index is partial, with the rows of %s WHERE %s, and it is not known that all "
        "rows of the query are among them.",
        slab_relation_text(candidate->reading->rte->relid), text == NULL ? "..." : text);
    answer.remedy =
        "Repeat the index's condition in WHERE, as it is there and with constants; or "
        "make an index without it.";
    return answer;
}

/* Whether a condition is of the form that the index finds rows by. */
static bool asks_for_range(const SlabCandidate *candidate) {
    const SlabReading *reading = candidate->reading;
    ListCell *cell;
    SlabRange range;

    foreach (cell, reading->rel->baserestrictinfo)
        if (slab_find_range(reading->root, candidate->info,
                            (const Node *)lfirst_node(RestrictInfo, cell)->clause, &range))
            return true;
    return false;
}

static SlabAnswer explain_order(const SlabCandidate *candidate) {
    bool is_unimplied = candidate->info->indpred != NIL && !candidate->info->predOK;
    SlabAnswer answer;

    if (is_unimplied && asks_for_range(candidate))
        return explain_predicate(candidate);
    if (slab_why_order(candidate, &answer))
        return answer;
    if (is_unimplied)
        return explain_predicate(candidate);
    answer.reason = "The planner finds no way to have the scan's order reach the result.";
    answer.remedy = psprintf(
        "Find the nearest rows in a subquery of the table alone: SELECT ... "
        "FROM (SELECT ... ORDER BY %s LIMIT n) AS nearest ...",
        slab_distance_text(candidate));
    return answer;
}

/* ---- another plan costs less ---- */

/* Rows without a distance make a difference. */
static SlabAnswer explain_missing_rows(const SlabCandidate *candidate) {
    SlabAnswer answer;

    if (slab_why_nullable(candidate, &answer))
        return answer;
    answer.reason =
        "The query takes the order for a GROUP BY, DISTINCT, UNION, aggregate or window of all "
        "rows, to which rows without a distance matter as well, and the index does not have them.";
    answer.remedy = psprintf(
        "Find the nearest rows first: ... FROM (SELECT ... ORDER BY %s LIMIT n) AS nearest ...",
        slab_distance_text(candidate));
    return answer;
}

/* The access method has the planner take any other plan. */
static SlabAnswer explain_refusal(const SlabCandidate *candidate, SlabRefusal refusal) {
    SlabAnswer answer;

    switch (refusal) {
        case SLAB_REFUSED_NULL_VECTORS:
            answer.reason =
                "The query wants rows that have no vector, which the index does not have.";
            answer.remedy =
                psprintf("Leave the condition %s IS NULL out.", slab_column_text(candidate));
            return answer;
        case SLAB_REFUSED_OTHER_QUERY:
            answer.reason = "The query is for another index, or it is not known for which.";
            answer.remedy = psprintf("Write bm25_query('%s', ...) with the name as a constant.",
                                     slab_relation_text(candidate->index));
            return answer;
        case SLAB_REFUSED_ALL_ROWS:
            return explain_missing_rows(candidate);
        default:
            answer.reason = "The index cannot be read, so that plans go on without it.";
            answer.remedy = psprintf("REINDEX INDEX %s.", slab_relation_text(candidate->index));
            return answer;
    }
}

static const char *both_costs(const SlabPlanned *planned, const SlabCandidate *candidate) {
    if (candidate->cost < 0)
        return psprintf("the plan is expected to cost %.2f, and none was found with the index",
                        planned->cost);
    return psprintf("the plan is expected to cost %.2f, and %.2f with the index", planned->cost,
                    candidate->cost);
}

/* Whether the conditions of the query leave few of the table's rows. */
static bool is_selective(const RelOptInfo *rel) {
    return rel->baserestrictinfo != NIL && rel->rows < rel->tuples / 10;
}

static SlabAnswer explain_rival(const SlabCandidate *used, const char *costs) {
    SlabAnswer answer;

    answer.reason = psprintf("Another index, %s, gives the same order for no more: %s.",
                             slab_relation_text(used->index), costs);
    answer.remedy = "Nothing; of two indexes of the same order one can be dropped.";
    return answer;
}

static SlabAnswer explain_many_within(const SlabCandidate *candidate, const char *costs) {
    const SlabReading *reading = candidate->reading;
    const RestrictInfo *range = slab_range_of_path(reading->root, candidate->path);
    Selectivity share = range->norm_selec;
    SlabAnswer answer;

    answer.reason = psprintf(
        "The condition on %s holds for about %.0f of %.0f rows, which another plan finds for less: "
        "%s.",
        slab_distance_text(candidate), share * reading->rel->tuples, reading->rel->tuples, costs);
    answer.remedy = "Nothing, if for about so many it does; or add ORDER BY and LIMIT.";
    return answer;
}

static SlabAnswer explain_all_rows(const SlabCandidate *candidate, const char *costs) {
    SlabAnswer answer;

    answer.reason = psprintf(
        "There is no LIMIT beside the ORDER BY, so every row is wanted, and to "
        "sort them costs less: %s.",
        costs);
    answer.remedy = psprintf(
        "If only the nearest rows are wanted: ORDER BY %s LIMIT n, in the same "
        "query or subquery.",
        slab_distance_text(candidate));
    return answer;
}

static SlabAnswer explain_few_rows(const RelOptInfo *rel, const char *costs) {
    SlabAnswer answer;

    answer.reason = psprintf(
        "The table has few rows, about %.0f, which another plan reads for "
        "less: %s.",
        rel->tuples, costs);
    answer.remedy =
        "Nothing; the index is used when there are more. After many inserts, ANALYZE "
        "the table.";
    return answer;
}

static SlabAnswer explain_conditions(const RelOptInfo *rel, const char *costs) {
    SlabAnswer answer;

    answer.reason = psprintf(
        "Few rows satisfy the conditions, about %.0f of %.0f, which another "
        "plan finds and sorts for less: %s.",
        rel->rows, rel->tuples, costs);
    answer.remedy =
        "Nothing, if about so many do. If not, ANALYZE the table. Columns that "
        "conditions are on can be filter columns of the index, behind the vector.";
    return answer;
}

static SlabAnswer explain_limit(const SlabReading *reading, const char *costs) {
    double rows = reading->root->limit_tuples;
    SlabAnswer answer;

    answer.reason = psprintf("Another plan costs less: %s. The table has about %.0f rows, and %s.",
                             costs, reading->rel->tuples,
                             rows < 0 ? "how many LIMIT asks for is not known yet"
                                      : psprintf("LIMIT asks for %.0f", rows));
    answer.remedy =
        "A smaller LIMIT makes the index cheaper. If the table has changed much, "
        "ANALYZE it. Where joins or sorts read more rows than LIMIT asks for, put the "
        "table into a subquery with the ORDER BY and the LIMIT.";
    return answer;
}

static SlabAnswer explain_cost(const SlabPlanned *planned, const SlabCandidate *candidate) {
    const SlabReading *reading = candidate->reading;
    const SlabCandidate *used = find_used(planned, candidate);
    const char *costs = both_costs(planned, candidate);

    if (used != NULL)
        return explain_rival(used, costs);
    if (is_of_range(candidate))
        return explain_many_within(candidate, costs);
    if (!has_limit(reading->root))
        return explain_all_rows(candidate, costs);
    if (reading->rel->tuples < FEW_ROWS)
        return explain_few_rows(reading->rel, costs);
    if (is_selective(reading->rel))
        return explain_conditions(reading->rel, costs);
    return explain_limit(reading, costs);
}

static SlabAnswer explain_choice(const SlabPlanned *planned, const SlabCandidate *candidate) {
    SlabRefusal refusal = slab_refusal(candidate->reading->root, candidate->path);

    if (refusal != SLAB_NOT_REFUSED)
        return explain_refusal(candidate, refusal);
    if (!enable_indexscan)
        return (SlabAnswer){"The setting enable_indexscan is off.", "SET enable_indexscan = on."};
    return explain_cost(planned, candidate);
}

/* Who asks for another order is told nothing of this one where an index has the other. */
static SlabAnswer explain_pathless(const SlabPlanned *planned, const SlabCandidate *candidate) {
    const SlabCandidate *used = find_used(planned, candidate);
    SlabAnswer answer = explain_order(candidate);

    if (used != NULL)
        answer.remedy =
            psprintf("Nothing: the plan uses the index %s.", slab_relation_text(used->index));
    return answer;
}

SlabAnswer slab_why_reason(const SlabPlanned *planned, const SlabCandidate *candidate) {
    if (candidate->info == NULL)
        return explain_absence(candidate);
    if (candidate->used)
        return explain_use(candidate);
    if (candidate->path == NULL &&
        (is_dummy_rel(candidate->reading->rel) || !candidate->reading->exists))
        return explain_unread_table();
    if (candidate->reading->rte->tablesample != NULL)
        return explain_sample();
    return candidate->path == NULL ? explain_pathless(planned, candidate)
                                   : explain_choice(planned, candidate);
}
