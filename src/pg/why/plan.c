/*
 * plan.c - plans a query to learn what it does with slab indexes.
 *
 * The first planning shows each table that the query reads, and whether an index of it could give
 * the order that is wanted, or the rows within a distance. Where one could and is not used, the
 * query is planned again with no other path to that table, which tells what that would cost. Of
 * partitions, all that have such an index use it then. Both plannings come upon the same tables in
 * the same order.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/table.h"
#include "executor/executor.h"
#include "optimizer/appendinfo.h"
#include "optimizer/pathnode.h"
#include "utils/guc.h"
#include "utils/rel.h"
#include "utils/relcache.h"

#include "base/compat.h"
#include "plan/plan.h"
#include "store/identity.h"
#include "why/why.h"

typedef struct Planning {
    SlabObserver observer; /* first, so that it is known by it */
    Query *query;
    const char *text;
    int options;
    List *readings;
    List *candidates;
    const SlabCandidate *wanted; /* to be used by the plan; NULL the first time */
    int seen;                    /* readings that this planning has come upon */
    bool avoid;                  /* the table at hand */
    bool narrowed;               /* the paths of the table at hand, which had these */
    SlabPaths former;
} Planning;

/* ---- the first planning ---- */

static IndexOptInfo *find_info(const RelOptInfo *rel, Oid index) {
    ListCell *cell;

    foreach (cell, rel->indexlist)
        if (lfirst_node(IndexOptInfo, cell)->indexoid == index)
            return lfirst(cell);
    return NULL;
}

static void add_candidate(Planning *planning, SlabReading *reading, Relation index) {
    SlabCandidate *candidate = palloc0(sizeof *candidate);

    candidate->reading = reading;
    candidate->index = RelationGetRelid(index);
    candidate->valid = index->rd_index->indisvalid;
    candidate->info = find_info(reading->rel, candidate->index);
    candidate->cost = -1;
    if (candidate->info != NULL)
        candidate->path = slab_find_path(reading->root, reading->rel, candidate->info);
    planning->candidates = lappend(planning->candidates, candidate);
}

static void add_candidates(Planning *planning, SlabReading *reading) {
    Relation table = table_open(reading->rte->relid, NoLock);
    List *indexes = RelationGetIndexList(table);
    ListCell *cell;

    foreach (cell, indexes) {
        Relation index = index_open(lfirst_oid(cell), AccessShareLock);

        if (slab_is_routine(index->rd_indam))
            add_candidate(planning, reading, index);
        index_close(index, NoLock);
    }
    table_close(table, NoLock);
}

/* The targets of the query; for a partition, or what is a branch of a UNION ALL, with its own
 * columns and expressions in the place of those in FROM. Later the planner forgets which these are.
 */
static List *find_targets(const SlabReading *reading) {
    Node *targets = (Node *)reading->root->parse->targetList;

    if (reading->rel->reloptkind == RELOPT_OTHER_MEMBER_REL)
        targets = slab_translate_to_child(reading->root, targets, reading->rel,
                                          find_base_rel(reading->root, reading->top));
    return (List *)targets;
}

static void see_table(SlabObserver *observer, PlannerInfo *root, RelOptInfo *rel,
                      RangeTblEntry *rte) {
    Planning *planning = (Planning *)observer;
    SlabReading *reading = palloc0(sizeof *reading);

    reading->root = root;
    reading->rel = rel;
    reading->rte = rte;
    reading->name = rte->eref;
    reading->top =
        bms_next_member(rel->top_parent_relids != NULL ? rel->top_parent_relids : rel->relids, -1);
    reading->targets = find_targets(reading);
    planning->readings = lappend(planning->readings, reading);
    add_candidates(planning, reading);
}

static void see_nothing(SlabObserver *observer, PlannerInfo *root, RelOptInfo *rel,
                        RangeTblEntry *rte) {
    (void)observer;
    (void)root;
    (void)rel;
    (void)rte;
}

/* ---- further plannings ---- */

/* Of SELECT min(distance) the planner makes a subquery that has an ORDER BY and a LIMIT, which it
 * may then not use. Whether this is the table in such a subquery of the one in that query. Those
 * that it uses, and subqueries that the query has itself, are known to the planner to its end. */
static bool is_minimum_of(const SlabReading *reading, const SlabReading *outer) {
    PlannerInfo *root = reading->root;

    return root->parent_root == outer->root && outer->root->parse->hasAggs &&
           reading->rel->relid == outer->rel->relid &&
           equal(reading->rte->eref, outer->rte->eref) &&
           !list_member_ptr(root->glob->subroots, root) && slab_place_of_subquery(root) == 0;
}

/* Whether two are of one table in FROM, as partitions are. */
static bool are_related(const SlabReading *a, const SlabReading *b) {
    return a->root == b->root && a->top == b->top;
}

/* The indexes that this planning is to use for a table: the one that is wanted, or those of another
 * partition that could be used beside it. */
static List *indexes_to_use(const Planning *planning, const SlabReading *reading,
                            const RelOptInfo *rel) {
    const SlabCandidate *wanted = planning->wanted;
    List *result = NIL;
    ListCell *cell;

    foreach (cell, planning->candidates) {
        const SlabCandidate *candidate = lfirst(cell);
        IndexOptInfo *info = find_info(rel, candidate->index);

        if (candidate->reading == reading && candidate->path != NULL && info != NULL &&
            (candidate == wanted ||
             (reading != wanted->reading && are_related(reading, wanted->reading))))
            result = lappend(result, info);
    }
    return result;
}

/* Takes all other paths away, so that hooks add theirs to what is left. */
static void narrow_paths(SlabObserver *observer, PlannerInfo *root, RelOptInfo *rel,
                         RangeTblEntry *rte) {
    Planning *planning = (Planning *)observer;
    SlabReading *reading;

    planning->avoid = false;
    planning->narrowed = false;
    if (planning->seen >= list_length(planning->readings))
        return;
    reading = list_nth(planning->readings, planning->seen++);
    if (reading->rte->relid != rte->relid)
        return;
    reading->name = rte->eref;
    planning->avoid = is_minimum_of(planning->wanted->reading, reading);
    planning->narrowed =
        slab_narrow_paths(root, rel, indexes_to_use(planning, reading, rel), &planning->former);
}

/* What hooks have added may be other paths; and the planner looks at indexes later, too. */
static void keep_paths(SlabObserver *observer, PlannerInfo *root, RelOptInfo *rel,
                       RangeTblEntry *rte) {
    Planning *planning = (Planning *)observer;

    (void)root;
    (void)rte;
    if (planning->narrowed) {
        slab_keep_slab_paths(rel);
        rel->indexlist = planning->former.indexes;
    }
    if (planning->avoid)
        slab_avoid_paths(rel);
}

static PlannedStmt *plan_observed(Planning *planning) {
    planning->seen = 0;
    return slab_plan_observed(&planning->observer, copyObject(planning->query), planning->text,
                              planning->options);
}

static bool is_used(List *scans, const SlabCandidate *candidate) {
    ListCell *cell;

    foreach (cell, scans) {
        const SlabPlanScan *scan = lfirst(cell);

        if (scan->table == candidate->reading->name && scan->index == candidate->index)
            return true;
    }
    return false;
}

/* Finds the cost of the plan that uses the index. The plan may use those of other partitions, whose
 * cost this is as well. */
static void plan_with(Planning *planning, SlabCandidate *wanted) {
    PlannedStmt *plan;
    List *scans;
    ListCell *cell;

    planning->observer = (SlabObserver){narrow_paths, keep_paths};
    planning->wanted = wanted;
    plan = plan_observed(planning);
    scans = slab_why_scans(plan);
    foreach (cell, planning->candidates) {
        SlabCandidate *candidate = lfirst(cell);

        if (candidate->cost < 0 && are_related(candidate->reading, wanted->reading) &&
            is_used(scans, candidate))
            candidate->cost = plan->planTree->total_cost;
    }
}

/* ---- both ---- */

static bool is_read(List *scans, const SlabReading *reading) {
    ListCell *cell;

    foreach (cell, scans)
        if (((const SlabPlanScan *)lfirst(cell))->table == reading->name)
            return true;
    return false;
}

/* Whether the index, which this plan does not use there, could find a minimum. */
static bool finds_minimum(const Planning *planning, const SlabCandidate *candidate) {
    ListCell *cell;

    foreach (cell, planning->readings) {
        const SlabReading *other = lfirst(cell);

        if (candidate->path != NULL && other->exists && is_minimum_of(candidate->reading, other))
            return true;
    }
    return false;
}

/* What the planner comes upon and does not read is of no interest where the same table is read
 * elsewhere. */
static bool is_replaced(const Planning *planning, const SlabCandidate *candidate) {
    const SlabReading *reading = candidate->reading;
    ListCell *cell;

    foreach (cell, planning->readings) {
        const SlabReading *other = lfirst(cell);

        if (!reading->exists && other->exists && other->rte->relid == reading->rte->relid)
            return true;
    }
    return false;
}

/* Whether another candidate says more of the same index. */
static bool is_repeated(const Planning *planning, const SlabCandidate *candidate) {
    ListCell *cell;

    foreach (cell, planning->candidates) {
        const SlabCandidate *other = lfirst(cell);

        if (other->index == candidate->index && finds_minimum(planning, other) &&
            is_minimum_of(other->reading, candidate->reading))
            return true;
    }
    return false;
}

static void look_at_plan(Planning *planning, const PlannedStmt *plan) {
    List *scans = slab_why_scans(plan);
    List *kept = NIL;
    ListCell *cell;

    foreach (cell, planning->readings)
        ((SlabReading *)lfirst(cell))->exists = is_read(scans, lfirst(cell));
    foreach (cell, planning->candidates) {
        SlabCandidate *candidate = lfirst(cell);

        candidate->used = is_used(scans, candidate);
        if (finds_minimum(planning, candidate) ||
            !(is_replaced(planning, candidate) || is_repeated(planning, candidate)))
            kept = lappend(kept, candidate);
    }
    planning->candidates = kept;
}

/* What planning has to say to the user it says when the query is run. */
static int begin_silence(void) {
    int level = NewGUCNestLevel();

    (void)set_config_option("client_min_messages", "error", PGC_USERSET, PGC_S_SESSION,
                            GUC_ACTION_SAVE, true, 0, false);
    return level;
}

SlabPlanned *slab_why_plan(Query *query, const char *text, int options) {
    Planning planning = {
        .observer = {see_nothing, see_table}, .query = query, .text = text, .options = options};
    SlabPlanned *result = palloc(sizeof *result);
    int outside = begin_silence();
    PlannedStmt *plan = plan_observed(&planning);
    ListCell *cell;

    slab_check_permissions(plan);
    look_at_plan(&planning, plan);
    foreach (cell, planning.candidates) {
        SlabCandidate *candidate = lfirst(cell);

        if (candidate->path != NULL && !candidate->used && candidate->cost < 0)
            plan_with(&planning, candidate);
    }
    AtEOXact_GUC(false, outside);
    result->cost = plan->planTree->total_cost;
    result->candidates = planning.candidates;
    return result;
}
