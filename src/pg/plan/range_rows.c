/*
 * range_rows.c - the planner knows how many rows lie within a distance.
 *
 * The server takes a third of a table's rows to lie below any bound, and plans joins for as many.
 * An index that has measured itself says more. A condition's share is written where the planner
 * keeps it, and the number of rows of its table is computed again: for all tables of a query before
 * the paths of the second are made, since paths of one table are priced by the rows of others.
 */
#include "postgres.h"

#include <math.h>

#include "access/genam.h"
#include "access/stratnum.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "optimizer/pathnode.h"
#include "optimizer/paths.h"
#include "optimizer/restrictinfo.h"
#include "parser/parsetree.h"
#include "utils/float.h"
#include "utils/memutils.h"
#include "utils/selfuncs.h"

#include "base/type_info.h"
#include "pgslab/calibrate.h"
#include "pgslab/index.h"
#include "plan/documents.h"
#include "plan/plan.h"
#include "plan/range.h"
#include "store/codebook.h"
#include "store/error.h"
#include "store/identity.h"
#include "store/options.h"
#include "store/page.h"

/* Where nothing is known: who asks for the rows within a distance has few in mind. */
#define UNKNOWN_SHARE 0.005

/* What other conditions leave of a table is not worth a look into the index where it is fewer. */
#define FEW_ROWS 10

static set_rel_pathlist_hook_type previous_set_rel_pathlist;

/* The value that an expression will have, as far as it is known by now; false where it is not. */
static bool value_of(PlannerInfo *root, Node *expression, Datum *value) {
    const Const *known = (const Const *)estimate_expression_value(root, expression);

    *value = IsA(known, Const) ? known->constvalue : 0;
    return IsA(known, Const) && !known->constisnull;
}

/* The share of rows within the distance of a vector by an index that can be read, as far as it
 * knows; not a number where it does not. What is read for that is let go at once. */
static double share_within(const IndexOptInfo *index, Datum given, double bound) {
    MemoryContext context =
        AllocSetContextCreate(CurrentMemoryContext, "slab range", ALLOCSET_SMALL_SIZES);
    MemoryContext caller = MemoryContextSwitchTo(context);
    Relation relation = index_open(index->indexoid, NoLock);
    double share = get_float8_nan();
    PGAlignedBlock meta;
    PgsMetaInfo info;

    if (slab_try_meta(relation, &meta)) {
        SlabVector query;

        slab_type_info(relation)->read(given, &query);
        pgs_meta_info(meta.data, &info);
        if (query.dims == info.dims)
            slab_check_status(relation,
                              pgs_expected_within(meta.data, slab_pin_codebook(relation, meta.data),
                                                  query.values, bound, &share),
                              &slab_out_of_memory);
    }
    index_close(relation, NoLock);
    MemoryContextSwitchTo(caller);
    MemoryContextDelete(context);
    return share;
}

/* The share of rows that satisfy a comparison; not a number where the index does not know. */
static double share_of(PlannerInfo *root, const IndexOptInfo *index, const SlabRange *range) {
    double share = get_float8_nan();
    Datum query;
    Datum bound;

    if (index->hypothetical || slab_documents_of(index) != NULL ||
        !value_of(root, lsecond(range->distance->args), &query) ||
        !value_of(root, range->bound, &bound))
        return share;
    if (isinf(DatumGetFloat8(bound)))
        share = DatumGetFloat8(bound) > 0 ? 1 : 0;
    else
        share = share_within(index, query, DatumGetFloat8(bound));
    return range->strategy < BTEqualStrategyNumber ? share : 1 - share;
}

/* Whether ANALYZE has seen the values of what the condition compares. */
static bool has_statistics(PlannerInfo *root, const RelOptInfo *rel, const Node *clause) {
    VariableStatData variable;
    Node *other;
    bool on_left;
    bool has;

    if (!get_restriction_variable(root, ((const OpExpr *)clause)->args, (int)rel->relid, &variable,
                                  &other, &on_left))
        return false;
    has = HeapTupleIsValid(variable.statsTuple);
    ReleaseVariableStats(variable);
    return has;
}

/* What is known of the share of rows that satisfy the condition, by the first index that knows.
 * False where that is no more than the server does. */
static bool find_share(PlannerInfo *root, const RelOptInfo *rel, const RestrictInfo *condition,
                       Selectivity *share) {
    bool is_bound = false;
    ListCell *cell;

    foreach (cell, rel->indexlist) {
        IndexOptInfo *index = lfirst_node(IndexOptInfo, cell);
        SlabRange range;
        double known;

        if (!slab_is_access_method(index->relam) || (index->indpred != NIL && !index->predOK) ||
            !slab_find_bound(root, index, (const Node *)condition->clause, &range))
            continue;
        if (!is_bound && has_statistics(root, rel, (const Node *)condition->clause))
            return false;
        is_bound |= range.strategy < BTEqualStrategyNumber;
        known = share_of(root, index, &range);
        if (!isnan(known)) {
            *share = known;
            return true;
        }
    }
    *share = UNKNOWN_SHARE;
    return is_bound;
}

/* Whether the share of a condition changes. Whoever may not see a row must not learn of it by an
 * estimate; and whoever may not use the index may also have reason not to read it. */
static bool estimate(PlannerInfo *root, RelOptInfo *rel, RestrictInfo *condition) {
    Selectivity share;

    if (condition->pseudoconstant || !restriction_is_securely_promotable(condition, rel) ||
        !find_share(root, rel, condition, &share))
        return false;
    condition->norm_selec = share;
    return true;
}

/* Computes the rows of a table again where its conditions have another share than the server took
 * them to have. */
static void estimate_rows(PlannerInfo *root, RelOptInfo *rel) {
    const RangeTblEntry *rte = planner_rt_fetch(rel->relid, root);
    bool is_known = false;
    ListCell *cell;

    if (rte->rtekind != RTE_RELATION || rte->inh || rte->tablesample != NULL ||
        rel->indexlist == NIL || rel->rows <= FEW_ROWS || IS_DUMMY_REL(rel))
        return;
    foreach (cell, rel->baserestrictinfo)
        is_known |= estimate(root, rel, lfirst_node(RestrictInfo, cell));
    if (is_known)
        set_baserel_size_estimates(root, rel);
}

/* What a parent has more or less of than before by its children: these come behind it. */
static void estimate_all_rows(PlannerInfo *root) {
    double *more = palloc0(sizeof *more * root->simple_rel_array_size);

    for (int i = root->simple_rel_array_size - 1; i > 0; i--) {
        RelOptInfo *rel = root->simple_rel_array[i];
        double before;

        if (rel == NULL)
            continue;
        before = rel->rows;
        estimate_rows(root, rel);
        if (more[i] != 0)
            rel->rows = clamp_row_est(rel->rows + more[i]);
        if (root->append_rel_array != NULL && root->append_rel_array[i] != NULL)
            more[root->append_rel_array[i]->parent_relid] += rel->rows - before;
    }
    pfree(more);
}

/* Paths that were made before. Ordered ones search for as many rows as conditions leave LIMIT of,
 * so they are priced, and compared with others, anew. */
static void estimate_paths(PlannerInfo *root, RelOptInfo *rel, double before) {
    List *paths = rel->pathlist;
    List *searches = NIL;
    ListCell *cell;

    foreach (cell, rel->ppilist) {
        ParamPathInfo *info = lfirst_node(ParamPathInfo, cell);

        info->ppi_rows = get_parameterized_baserel_size(root, rel, info->ppi_clauses);
    }
    rel->pathlist = NIL;
    foreach (cell, paths) {
        Path *path = lfirst(cell);

        path->rows = path->param_info != NULL ? path->param_info->ppi_rows : rel->rows;
        if (slab_is_ordered_path(path))
            searches = lappend(searches, path);
        else
            rel->pathlist = lappend(rel->pathlist, path);
    }
    foreach (cell, searches)
        cost_index(lfirst(cell), root, 1.0, false);
    slab_add_paths(rel, searches);
    foreach (cell, rel->partial_pathlist) {
        Path *path = lfirst(cell);

        path->rows = clamp_row_est(path->rows * rel->rows / before);
    }
}

/* Whether the paths of no other table were made by now. */
static bool is_first(const PlannerInfo *root, const RelOptInfo *rel) {
    for (int i = 1; i < root->simple_rel_array_size; i++) {
        RelOptInfo *other = root->simple_rel_array[i];

        if (other != NULL && other != rel && other->rtekind == RTE_RELATION &&
            other->pathlist != NIL && !IS_DUMMY_REL(other))
            return false;
    }
    return true;
}

static void set_rel_pathlist(PlannerInfo *root, RelOptInfo *rel, Index rti, RangeTblEntry *rte) {
    if (previous_set_rel_pathlist != NULL)
        previous_set_rel_pathlist(root, rel, rti, rte);
    if (enable_indexscan && rte->rtekind == RTE_RELATION && is_first(root, rel)) {
        double before = rel->rows;

        estimate_all_rows(root);
        if (rel->rows != before)
            estimate_paths(root, rel, before);
    }
}

void slab_init_range_rows(void) {
    previous_set_rel_pathlist = set_rel_pathlist_hook;
    set_rel_pathlist_hook = set_rel_pathlist;
}
