/*
 * cost.c - what the planner is told: the work that the core expects of a scan with the settings
 * at hand, priced.
 *
 * Work is on the planner's scale for memory, where cpu_operator_cost is about 15 ns; so is that of
 * the distance functions in types/distance_support.c. Pages cost what they cost other plans: read
 * one after the other, or each found for itself.
 */
#include "postgres.h"

#include <math.h>

#include "access/genam.h"
#include "miscadmin.h"
#include "nodes/pathnodes.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "utils/selfuncs.h"
#include "utils/spccache.h"

#include "base/compat.h"
#include "base/settings.h"
#include "pgslab/calibrate.h"
#include "pgslab/index.h"
#include "pgslab/signs.h"
#include "plan/documents.h"
#include "plan/plan.h"
#include "plan/range.h"
#include "store/options.h"
#include "store/page.h"

#define NANOSECONDS_PER_OPERATOR 15

#define REFUSED_COST 1e100

/* Nanoseconds that the steps of a scan take, and their shares for each dimension or byte of a
 * stored vector. */
#define QUERY_NS 15000
#define QUERY_DIMENSION_NS 10
#define CENTROID_DIMENSION_NS 0.02
#define LIST_NS 1000
#define KEY_NS 4
#define RECORD_NS 8
#define POSTING_NS 2
#define ADDRESSES_PER_PAGE (BLCKSZ / 12)
#define MATCH_NS 1000
#define CODE_NS 3
#define CODE_DIMENSION_NS 0.01
#define REFINED_NS 20
#define REFINED_DIMENSION_NS 0.1
#define COMPARED_NS 300
#define COMPARED_IN_TURN_NS 75
#define COMPARED_BYTE_NS 0.075
#define LOOKED_UP_NS 700
#define DOCUMENT_ROW_NS 500

/* Of an index that only might exist, nothing is known but its table; this is what it might do. */
static void guess_work(double tuples, PgsMetaInfo *info, PgsWork *work) {
    memset(info, 0, sizeof *info);
    memset(work, 0, sizeof *work);
    info->dims = 768;
    info->item_bytes = 2 * info->dims;
    info->lists = (uint32)Min(sqrt(tuples), PGS_MAX_LISTS);
    info->slab_blocks = (uint32)(tuples * info->item_bytes / BLCKSZ);
    info->refine_blocks = info->slab_blocks / 4;
    info->segment_blocks = info->refine_blocks / 4;
    work->lists = info->lists / 16 + 1;
    work->codes = (uint64)(tuples / 16);
    work->refined = work->codes / 16;
    work->compared = 100;
}

/* Rows that an index of signs has looked up in the table (am/ranking.h), where it has so many. What
 * the search for them takes, effort becomes. */
static uint64 expect_candidates(const void *meta, double tuples, PgsEffort *effort) {
    uint64 rows = (uint64)Max(tuples, 1);
    uint64 wanted = effort->exact         ? rows
                    : effort->rerank != 0 ? Max(effort->rerank, effort->rows)
                                          : pgs_meta_candidates(meta, effort->target_recall,
                                                                Max(effort->rows, 1), rows);

    effort->exact |= wanted >= rows;
    effort->rows = (uint32)Min(Min(wanted, rows), PG_UINT32_MAX);
    effort->target_recall = pgs_recall_by_signs(effort->target_recall);
    effort->rerank = 0;
    return Min(wanted, rows);
}

/* False for an index that cannot be read, which a warning says. */
static bool expect_work(const IndexOptInfo *index, PgsEffort *effort, PgsMetaInfo *info,
                        uint64 *candidates, PgsWork *work) {
    Relation relation;
    PGAlignedBlock meta;
    bool readable;

    if (index->hypothetical) {
        guess_work(index->tuples, info, work);
        return true;
    }
    relation = index_open(index->indexoid, NoLock);
    readable = slab_try_meta(relation, &meta);
    index_close(relation, NoLock);
    if (readable) {
        pgs_meta_info(meta.data, info);
        if (info->signs)
            *candidates = expect_candidates(meta.data, index->tuples, effort);
        pgs_expected_work(meta.data, effort, work);
        if (info->signs) /* these are candidates */
            work->refined = 0;
    }
    return readable;
}

/* The share of rows that satisfy the conditions which the index is told of, but this one. */
static Selectivity filter_selectivity(PlannerInfo *root, const IndexPath *path,
                                      const RestrictInfo *but) {
    List *conditions = NIL;
    ListCell *cell;

    foreach (cell, path->indexclauses)
        if (lfirst_node(IndexClause, cell)->rinfo != but)
            conditions = lappend(conditions, lfirst_node(IndexClause, cell)->rinfo);
    return Max(clauselist_selectivity(root, conditions, (int)path->indexinfo->rel->relid,
                                      JOIN_INNER, NULL),
               1e-9);
}

/* What is known of a scan before it is priced. */
typedef struct ScanShape {
    double tuples;
    Selectivity satisfies; /* share of them that the index returns, if it returns all that it can */
    Selectivity filtered; /* share that its filter lets through, which knows nothing of distances */
    bool named;           /* a bitmap says which, too */
    bool by_address;      /* then: postings of the index tell which rows they are */
    double named_rows;    /* then: so many */
    Cost from_table;      /* and to read them from the table takes this */
    Cost rows_cost;       /* or, once they were found by the index, this */
} ScanShape;

static ScanShape shape_of(PlannerInfo *root, const IndexPath *path) {
    const RestrictInfo *range = slab_range_of_path(root, path);

    return (ScanShape){.tuples = Max(path->indexinfo->tuples, 1),
                       .satisfies = filter_selectivity(root, path, NULL),
                       .filtered = filter_selectivity(root, path, range)};
}

static bool has_addresses(const PgsMetaInfo *info) {
    for (uint32 i = 0; i < info->keys.count; i++)
        if (info->keys.column[i].is_address)
            return true;
    return false;
}

/* Whether all records are read to find the rows that a bitmap names. */
static bool walks_records(PgsFiltering filtering, const ScanShape *shape) {
    return shape->named && (!shape->by_address || filtering == PGS_FILTERING_ROWS);
}

/* Pages of postings of addresses that a bitmap names, which lie apart. */
static double address_pages(const ScanShape *shape) {
    return shape->by_address ? Min(shape->named_rows, shape->tuples / ADDRESSES_PER_PAGE) : 0;
}

/* Of how many rows postings are read. */
static double postings_read(const ScanShape *shape) {
    return shape->by_address ? address_pages(shape) * ADDRESSES_PER_PAGE
                             : shape->filtered * shape->tuples;
}

/* Nanoseconds to compare a stored vector and to return its row in order, for which the row itself
 * may have to be looked up. */
static double row_ns(const PgsMetaInfo *info, double tuples) {
    return COMPARED_NS + COMPARED_BYTE_NS * info->item_bytes + LOOKED_UP_NS +
           NANOSECONDS_PER_OPERATOR * log2(tuples + 1);
}

static Cost price_of(double ns) {
    return ns / NANOSECONDS_PER_OPERATOR * cpu_operator_cost;
}

/* Nanoseconds of everything before the first row. Vectors of which no code says which to compare
 * come one after the other, unless a bitmap names them. */
static double startup_ns(const PgsMetaInfo *info, const PgsWork *work, const ScanShape *shape) {
    double dims = info->dims;
    double coded = info->prefix_dims != 0 ? info->prefix_dims : dims;
    bool in_turn = work->codes == 0 && work->refined == 0 && !shape->named;
    double compared_ns = in_turn ? COMPARED_IN_TURN_NS : COMPARED_NS;

    return QUERY_NS + dims * QUERY_DIMENSION_NS + info->lists * dims * CENTROID_DIMENSION_NS +
           work->lists * LIST_NS + work->codes * (CODE_NS + coded * CODE_DIMENSION_NS) +
           work->refined * (REFINED_NS + coded * REFINED_DIMENSION_NS) +
           work->compared * (compared_ns + info->item_bytes * COMPARED_BYTE_NS);
}

/* Nanoseconds to tell which of all rows satisfy a filter. A search looks at postings or at keys,
 * whichever it expects to be fewer. */
static double filtering_ns(PgsFiltering filtering, const PgsMetaInfo *info, const PgsWork *work,
                           const ScanShape *shape) {
    double matches = shape->filtered * shape->tuples;
    double in_lists = shape->tuples * work->lists / Max(info->lists, 1);

    switch (filtering) {
        case PGS_FILTERING_NONE:
        case PGS_FILTERING_NEVER:
        case PGS_FILTERING_TABLE:
            return 0;
        case PGS_FILTERING_ROWS:
            return shape->tuples * (walks_records(filtering, shape) ? RECORD_NS : KEY_NS);
        case PGS_FILTERING_TIDS:
            return shape->tuples * RECORD_NS + in_lists * KEY_NS;
        case PGS_FILTERING_KEYS:
        case PGS_FILTERING_POSTINGS:
            return Min(postings_read(shape) * POSTING_NS, in_lists * KEY_NS);
        case PGS_FILTERING_MATCHES:
            return matches * MATCH_NS + postings_read(shape) * POSTING_NS;
    }
    pg_unreachable();
}

/* The pages of all that. A search says which it will read next, so they cost what pages do that lie
 * one after the other. No page is read twice. */
static Cost pages_cost(PgsFiltering filtering, const PgsMetaInfo *info, const PgsWork *work,
                       const ScanShape *shape, Oid tablespace) {
    double pages = 1 + Min((double)work->lists, info->segment_blocks) +
                   Min(work->codes / shape->tuples, 1) * info->segment_blocks +
                   Min(work->refined / shape->tuples, 1) * info->refine_blocks +
                   Min(work->compared / shape->tuples, 1) * info->slab_blocks;
    double seq_page_cost_here;

    if (walks_records(filtering, shape))
        pages += info->record_blocks;
    else if (filtering == PGS_FILTERING_MATCHES)
        pages += address_pages(shape);
    else
        pages += Min(address_pages(shape), work->lists);
    if (filtering == PGS_FILTERING_MATCHES ||
        (filtering == PGS_FILTERING_ROWS && walks_records(filtering, shape)))
        pages += Min(shape->filtered * shape->tuples, info->slab_blocks);
    get_tablespace_page_costs(tablespace, NULL, &seq_page_cost_here);
    return pages * seq_page_cost_here;
}

/* Whether the statement changes rows. Of those within a distance it is to miss none. */
static bool changes_rows(const PlannerInfo *root) {
    for (; root != NULL; root = root->parent_root)
        if (root->parse->commandType != CMD_SELECT)
            return true;
    return false;
}

/* What settings ask of searches of the index. */
static PgsEffort effort_of(const IndexOptInfo *index) {
    Relation relation;
    PgsEffort effort;

    if (index->hypothetical)
        return slab_effort(SLAB_NATIVE, 0);
    relation = index_open(index->indexoid, NoLock);
    effort = slab_index_effort(relation);
    index_close(relation, NoLock);
    return effort;
}

/* What the query will take, as far as the planner knows, where the index returns at most so many
 * rows, of which the executor keeps this share. Without a limit these are all rows: where that is
 * not all within a distance, it takes an exact search. So does a scan that starts anew for each row
 * of another table, since a join takes all it finds. */
static PgsEffort planned_effort(PlannerInfo *root, const IndexPath *path, double most,
                                Selectivity kept) {
    PgsEffort effort = effort_of(path->indexinfo);

    if (slab_range_of_path(root, path) != NULL && root->limit_tuples <= 0) {
        effort.rows = (uint32)Min(Max(most, 1), PG_UINT32_MAX);
        effort.exact |= changes_rows(root);
    } else if (path->path.param_info != NULL) {
        effort.exact = true;
    } else if (root->limit_tuples > 0) {
        effort.rows = (uint32)Min(root->limit_tuples / kept, PG_UINT32_MAX);
    } else if (root->parse->limitCount == NULL) {
        effort.exact = true;
    }
    return effort;
}

/* Whether the plan asks for rows whose vector is null, which are not in the index. */
static bool asks_for_null_vectors(const IndexPath *path) {
    ListCell *cell;

    foreach (cell, path->indexclauses) {
        const IndexClause *clause = lfirst_node(IndexClause, cell);
        const Node *asked = (const Node *)clause->rinfo->clause;

        if (clause->indexcol == 0 && IsA(asked, NullTest) &&
            ((const NullTest *)asked)->nulltesttype == IS_NULL)
            return true;
    }
    return false;
}

static bool begins_with(const List *pathkeys, const PathKey *key) {
    return pathkeys != NIL && linitial(pathkeys) == key;
}

/* Whether all windows are of all rows, and in one order at first. */
static bool have_one_order(const List *windows) {
    Index first = 0;
    ListCell *cell;

    foreach (cell, windows) {
        const WindowClause *window = lfirst_node(WindowClause, cell);
        Index ref;

        if (window->partitionClause != NIL || window->orderClause == NIL)
            return false;
        ref = linitial_node(SortGroupClause, window->orderClause)->tleSortGroupRef;
        if (first != 0 && ref != first)
            return false;
        first = ref;
    }
    return true;
}

/* Whether an outer join has a row without any of the table's where it finds none there. */
static bool is_outer_joined(const PlannerInfo *root, const RelOptInfo *rel) {
    Relids relids = rel->top_parent_relids != NULL ? rel->top_parent_relids : rel->relids;
    ListCell *cell;

    foreach (cell, root->join_info_list) {
        const SpecialJoinInfo *join = lfirst_node(SpecialJoinInfo, cell);

        if (join->jointype != JOIN_SEMI && bms_overlap(relids, join->syn_righthand))
            return true;
        if (join->jointype == JOIN_FULL && bms_overlap(relids, join->syn_lefthand))
            return true;
    }
    return false;
}

/*
 * Whether rows without a distance, which the index does not have, make a difference. A query that
 * orders by the distance asks for the nearest rows, and they are not among these; neither do they
 * change what a window in that order says of rows before them. But where the order is only a way to
 * DISTINCT, GROUP BY, UNION or an aggregate, all rows count; and what an outer join does not find,
 * it says is not there.
 */
static bool asks_for_all_rows(PlannerInfo *root, const IndexPath *path) {
    const Query *query = root->parse;
    const PathKey *key = path->path.pathkeys == NIL ? NULL : linitial(path->path.pathkeys);
    bool is_ordered = begins_with(root->sort_pathkeys, key);

    /* Rows without a distance are within none; and none that is may be missing there. */
    if (slab_range_of_path(root, path) != NULL)
        return false;
    if (is_outer_joined(root, path->indexinfo->rel))
        return true;
    if (query->windowClause == NIL)
        return !is_ordered;
    return !have_one_order(query->windowClause) || !begins_with(root->window_pathkeys, key) ||
           (!is_ordered && query->limitCount == NULL);
}

/* All but whether the index can be read. */
static SlabRefusal refusal_of_query(PlannerInfo *root, const IndexPath *path) {
    if (list_length(path->indexorderbys) > 1 ||
        (path->indexorderbys == NIL && slab_range_of_path(root, path) == NULL))
        return SLAB_REFUSED_ORDER;
    if (asks_for_null_vectors(path))
        return SLAB_REFUSED_NULL_VECTORS;
    if (!slab_is_query_of_index(path))
        return SLAB_REFUSED_OTHER_QUERY;
    return asks_for_all_rows(root, path) ? SLAB_REFUSED_ALL_ROWS : SLAB_NOT_REFUSED;
}

SlabRefusal slab_refusal(PlannerInfo *root, const IndexPath *path) {
    SlabRefusal refusal = refusal_of_query(root, path);

    return refusal == SLAB_NOT_REFUSED && path->path.total_cost >= REFUSED_COST
               ? SLAB_REFUSED_UNREADABLE
               : refusal;
}

/* Has the planner take any other plan, even one that the user's settings discourage, which adds
 * 1e10 to its cost. With infinities it would compute costs that are not numbers, and take these. */
static void refuse(IndexPath *path, Cost *startup_cost, Cost *total_cost) {
    *startup_cost = *total_cost = REFUSED_COST;
    slab_disable_path(&path->path);
}

/* What the first rows take beyond their part of what the server has all rows of the scan take: it
 * spreads the table's pages over them, of which each is read once. But rows near a query lie on as
 * many pages as they are, as long as they are few. */
static Cost scattered_cost(PlannerInfo *root, const IndexOptInfo *index, double rows, double most) {
    double of_all = index_pages_fetched(most, index->rel->pages, index->pages, root);
    double of_rows = index_pages_fetched(Min(rows, most), index->rel->pages, index->pages, root);
    double random_page_cost_here;

    get_tablespace_page_costs(index->rel->reltablespace, &random_page_cost_here, NULL);
    return Max(of_rows - of_all * Min(rows / most, 1), 0) * random_page_cost_here;
}

/* The search looks rows up in the table where that takes less, which it sees when it has the
 * bitmap: so it costs no more than that. A bitmap heap scan would read as many pages, and distances
 * are computed as a sort would have it, but rows come in order at no further cost. How many there
 * will be is often a guess: where the index finds them by their addresses, which takes a fraction
 * of a sort if they are many, the beginning of a search is not held against it. */
static void price_look_ups(PlannerInfo *root, const IndexPath *path, const ScanShape *shape,
                           double dims, Cost *startup_cost, Cost *total_cost) {
    double begin_ns = shape->by_address ? 0 : QUERY_NS + dims * QUERY_DIMENSION_NS;
    Cost looked_up = shape->from_table + price_of(begin_ns);
    QualCost distance = {0};

    if (path->indexorderbys != NIL)
        cost_qual_eval_node(&distance, linitial(path->indexorderbys), root);
    looked_up += distance.startup + distance.per_tuple * shape->named_rows;
    if (looked_up < *startup_cost) {
        *startup_cost = looked_up;
        *total_cost = looked_up + cpu_index_tuple_cost * shape->named_rows;
    }
}

/* The same of an index of documents, of which so many rows may come. */
static bool price_document_scan(PlannerInfo *root, const IndexPath *path, const ScanShape *shape,
                                double most, Selectivity kept, Cost *startup_cost,
                                Cost *total_cost) {
    const IndexOptInfo *index = path->indexinfo;
    double seq_page_cost_here;
    SlabDocumentWork work;

    if (!slab_expect_document_work(path, shape->filtered, &work))
        return false;
    get_tablespace_page_costs(index->reltablespace, NULL, &seq_page_cost_here);
    *startup_cost = work.pages * seq_page_cost_here + price_of(work.nanoseconds);
    if (root->limit_tuples > 0 && most >= 1)
        *startup_cost += scattered_cost(root, index, root->limit_tuples / kept, most);
    *total_cost =
        *startup_cost + (shape->named ? shape->rows_cost
                                      : most * (cpu_index_tuple_cost + price_of(DOCUMENT_ROW_NS)));
    return true;
}

/* The costs of an ordered scan. False for an index that cannot be read: a query can do without,
 * since the table has the rows, too. */
static bool price_scan(PlannerInfo *root, const IndexPath *path, ScanShape *shape,
                       Cost *startup_cost, Cost *total_cost) {
    const IndexOptInfo *index = path->indexinfo;
    double most = shape->tuples * shape->satisfies;
    Selectivity kept = Max(Min(index->rel->rows / most, 1), 1e-9);
    PgsFiltering filtering = PGS_FILTERING_NONE;
    uint64 candidates = 0;
    PgsEffort effort;
    PgsMetaInfo info;
    PgsWork work;

    if (slab_documents_of(index) != NULL)
        return price_document_scan(root, path, shape, most, kept, startup_cost, total_cost);
    effort = planned_effort(root, path, most, kept);
    if (!expect_work(index, &effort, &info, &candidates, &work))
        return false;
    shape->by_address = shape->named && info.lists > 0 && has_addresses(&info);
    if (shape->named && !shape->by_address)
        filtering = pgs_expected_named(&effort, info.lists, shape->tuples, shape->filtered, &work);
    else if (shape->filtered < 1)
        filtering =
            pgs_expected_filtering(&effort, info.lists, shape->tuples, shape->filtered, &work);
    *startup_cost =
        pages_cost(filtering, &info, &work, shape, index->reltablespace) +
        price_of(startup_ns(&info, &work, shape) + filtering_ns(filtering, &info, &work, shape));
    if (candidates > 0) {
        double looked_up = Min((double)candidates, shape->filtered * shape->tuples);

        *startup_cost += scattered_cost(root, index, looked_up, shape->tuples) +
                         price_of(looked_up * row_ns(&info, shape->tuples));
    } else if (effort.rows > 0 && most >= 1)
        *startup_cost += scattered_cost(root, index, effort.rows, most);

    /* Every row takes being compared in the end. */
    *total_cost =
        *startup_cost +
        (shape->named ? shape->rows_cost
                      : most * (cpu_index_tuple_cost + price_of(row_ns(&info, shape->tuples))));
    if (shape->named && index->indpred == NIL)
        price_look_ups(root, path, shape, info.dims, startup_cost, total_cost);
    return true;
}

void slab_cost_estimate(PlannerInfo *root, IndexPath *path, double loop_count, Cost *startup_cost,
                        Cost *total_cost, Selectivity *selectivity, double *correlation,
                        double *pages) {
    const IndexOptInfo *index = path->indexinfo;
    ScanShape shape = shape_of(root, path);

    *selectivity = shape.satisfies;
    *correlation = 0;
    *pages = index->pages;

    if (refusal_of_query(root, path) != SLAB_NOT_REFUSED ||
        !price_scan(root, path, &shape, startup_cost, total_cost))
        refuse(path, startup_cost, total_cost);
}

bool slab_cost_with_bitmap(PlannerInfo *root, const IndexPath *path, Selectivity named,
                           Cost from_table, Cost *startup_cost, Cost *total_cost) {
    ScanShape shape = shape_of(root, path);

    shape.satisfies = Max(shape.satisfies * named, 1e-9);
    shape.filtered = Max(shape.filtered * named, 1e-9);
    shape.named = true;
    shape.named_rows = shape.tuples * named;
    shape.from_table = from_table;
    /* So many of the rows come, and each of them takes what it takes without a bitmap. */
    shape.rows_cost = (path->path.total_cost - path->path.startup_cost) * named;
    return path->path.total_cost < REFUSED_COST &&
           price_scan(root, path, &shape, startup_cost, total_cost);
}
