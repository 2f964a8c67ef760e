/*
 * two_tier.c - slab_two_tier(): the nearest rows by one vector, ranked by another, too.
 *
 * An index finds candidates by small or coarse vectors, and the vectors of another column, which
 * needs no index, are compared for these alone. Of each of the two a candidate gets a score, and of
 * both a share between 0 and 1 by which they are added up.
 */
#include "postgres.h"

#include <math.h>

#include "access/attnum.h"
#include "access/tableam.h"
#include "executor/tuptable.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/float.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"

#include "base/compat.h"
#include "base/type_info.h"
#include "pgslab/types.h"
#include "sql/queries.h"
#include "sql/topk.h"
#include "store/options.h"

/* Candidates for each row that is wanted, unless the caller says how many. */
#define CANDIDATES_A_ROW 3

/* The arguments, by their numbers. */
enum { INDEX, COLUMN, FAST, QUALITY, ROWS, ALPHA, CANDIDATES, FILTER };

typedef struct Candidate {
    double fast, quality; /* scores; NaN for none */
    double score;         /* of both */
    int64 rank;           /* by the index, from 0 */
} Candidate;

/* The column that is compared, and the query for it. */
typedef struct QualityColumn {
    AttrNumber number;
    int32 dims;       /* that the column declares; -1 for any */
    PgsMetric metric; /* see metric_of() */
    const SlabTypeInfo *type;
    SlabVector query;
} QualityColumn;

/* What scores of one kind lie between. */
typedef struct Span {
    double least, greatest;
} Span;

static void find_column(QualityColumn *column, const SlabTopK *top, const char *name) {
    Oid type, collation;

    column->number = get_attnum(RelationGetRelid(top->table), name);
    if (column->number <= 0)
        ereport(ERROR, errcode(ERRCODE_UNDEFINED_COLUMN),
                errmsg("column \"%s\" does not exist", name),
                errdetail("It is looked for in table \"%s\", which the index \"%s\" is on.",
                          RelationGetRelationName(top->table), RelationGetRelationName(top->index)),
                errhint("Name the column with the vectors to rank by."));
    get_atttypetypmodcoll(RelationGetRelid(top->table), column->number, &type, &column->dims,
                          &collation);
    type = getBaseTypeAndTypmod(type, &column->dims);
    column->type = slab_type_info_of_type(top->index->rd_rel->relam, type);
    if (column->type == NULL)
        ereport(ERROR, errcode(ERRCODE_DATATYPE_MISMATCH),
                errmsg("column \"%s\" is of type %s", name, format_type_be(type)),
                errdetail("Rows are ranked by vectors of a type that slab indexes have."),
                errhint("Name a column of type vec, hvec or bit."));
}

/* The query as the column has vectors: rounded as on the right of the column's operator. */
static void read_query(QualityColumn *column, const SlabTopK *top, Oid type, Datum query) {
    column->type->read(slab_make_query_as(top->index, column->type, type, query), &column->query);
    if (column->dims > 0)
        slab_check_dims(column->type, &column->query, column->dims);
}

/* The index's, where vectors of the column's type have it. */
static PgsMetric metric_of(const QualityColumn *column, const SlabTypeInfo *indexed) {
    bool same_kind = (indexed->storage == PGS_BITS) == (column->type->storage == PGS_BITS);

    return same_kind ? indexed->metric : column->type->metric;
}

/* As the operator of the column's type gives it. */
static double distance_of_vector(const QualityColumn *column, const float *vector) {
    return pgs_operator_value(column->metric, vector, column->query.values, column->query.dims);
}

/* NaN for a row without a vector. */
static double score_of_row(const QualityColumn *column, TupleTableSlot *row) {
    SlabVector vector;
    double score;
    bool isnull;
    Datum value = slot_getattr(row, column->number, &isnull);

    if (isnull)
        return get_float8_nan();
    slab_read_vector(column->type, value, column->query.dims, &vector);
    score = slab_score_of_distance(column->metric, distance_of_vector(column, vector.values));
    slab_free_vector(&vector);
    return score;
}

/* The candidates, in the order of the index, with both of their scores. */
static Candidate *score_candidates(const SlabTopK *top, const QualityColumn *column,
                                   PgsMetric metric) {
    Candidate *candidates =
        palloc_extended(sizeof(Candidate) * Max(top->found, 1), MCXT_ALLOC_HUGE);
    TupleTableSlot *slot = table_slot_create(top->table, NULL);

    for (int64 i = 0; i < top->found; i++) {
        const SlabNeighbour *neighbour = &top->neighbours[i];
        ItemPointerData tid = neighbour->tid;
        Candidate *candidate = &candidates[i];

        CHECK_FOR_INTERRUPTS();
        candidate->rank = i;
        candidate->fast = slab_score_of_distance(metric, neighbour->distance);
        candidate->quality = get_float8_nan();
        if (table_tuple_fetch_row_version(top->table, &tid, GetActiveSnapshot(), slot))
            candidate->quality = score_of_row(column, slot);
        ExecClearTuple(slot);
    }
    ExecDropSingleTupleTableSlot(slot);
    return candidates;
}

static void widen(Span *span, double score) {
    if (isnan(score))
        return;
    span->least = Min(span->least, score);
    span->greatest = Max(span->greatest, score);
}

/* Where a score lies between the least, 0, and the greatest, 1. Who has none comes last; where all
 * have the same it tells nothing. */
static double share(const Span *span, double score) {
    if (isnan(score))
        return 0;
    if (span->greatest <= span->least)
        return 0.5;
    return (score - span->least) / (span->greatest - span->least);
}

/* By descending score, then as the index had them. */
static int compare_candidates(const void *left, const void *right, void *arg) {
    const Candidate *a = left;
    const Candidate *b = right;

    (void)arg;
    if (a->score != b->score)
        return a->score > b->score ? -1 : 1;
    return (a->rank > b->rank) - (a->rank < b->rank);
}

static void rank(Candidate *candidates, int64 n, double alpha) {
    Span fast = {get_float8_infinity(), -get_float8_infinity()};
    Span quality = fast;

    for (int64 i = 0; i < n; i++) {
        widen(&fast, candidates[i].fast);
        widen(&quality, candidates[i].quality);
    }
    for (int64 i = 0; i < n; i++)
        candidates[i].score = alpha * share(&quality, candidates[i].quality) +
                              (1 - alpha) * share(&fast, candidates[i].fast);
    qsort_interruptible(candidates, n, sizeof(Candidate), compare_candidates, NULL);
}

static void return_candidates(const SlabTopK *top, const Candidate *candidates, int64 n,
                              ReturnSetInfo *result) {
    for (int64 i = 0; i < n; i++) {
        const Candidate *candidate = &candidates[i];
        Datum values[4] = {PointerGetDatum(&top->neighbours[candidate->rank].tid),
                           Float8GetDatum(candidate->score), Float8GetDatum(candidate->fast),
                           Float8GetDatum(candidate->quality)};
        bool nulls[4] = {false, false, isnan(candidate->fast), isnan(candidate->quality)};

        CHECK_FOR_INTERRUPTS();
        tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
    }
}

static double check_alpha(double alpha) {
    if (!(alpha >= 0 && alpha <= 1))
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                errmsg("alpha must be between 0 and 1"), errdetail("alpha is %g.", alpha),
                errhint("It is the share of the quality column's score: 1 ranks by that alone."));
    return alpha;
}

static int32 check_candidates(int32 candidates, int32 k) {
    if (candidates < k)
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                errmsg("candidates must not be fewer than k"),
                errdetail("candidates is %d, k is %d.", candidates, k),
                errhint("Leave candidates out for %d times k.", CANDIDATES_A_ROW));
    return candidates;
}

PG_FUNCTION_INFO_V1(slab_two_tier);
Datum slab_two_tier(PG_FUNCTION_ARGS) {
    SlabTopK top;
    PgsMetaInfo info;
    QualityColumn column;
    Candidate *candidates;
    int32 k;
    double alpha;

    InitMaterializedSRF(fcinfo, 0);
    for (int i = INDEX; i <= ALPHA; i++)
        if (PG_ARGISNULL(i))
            return (Datum)0;
    k = PG_GETARG_INT32(ROWS);
    alpha = check_alpha(PG_GETARG_FLOAT8(ALPHA));
    slab_begin_topk(&top, "slab_two_tier", PG_GETARG_OID(INDEX),
                    get_fn_expr_argtype(fcinfo->flinfo, FAST), PG_GETARG_DATUM(FAST), k, &info);
    top.k = PG_ARGISNULL(CANDIDATES) ? (int64)CANDIDATES_A_ROW * k
                                     : check_candidates(PG_GETARG_INT32(CANDIDATES), k);
    find_column(&column, &top, NameStr(*PG_GETARG_NAME(COLUMN)));
    column.metric = metric_of(&column, slab_type_info(top.index));
    read_query(&column, &top, get_fn_expr_argtype(fcinfo->flinfo, QUALITY),
               PG_GETARG_DATUM(QUALITY));
    slab_find_topk(&top, &info,
                   PG_ARGISNULL(FILTER) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(FILTER)));
    candidates = score_candidates(&top, &column, slab_type_info(top.index)->metric);
    rank(candidates, top.found, alpha);
    return_candidates(&top, candidates, Min(top.found, k), (ReturnSetInfo *)fcinfo->resultinfo);
    slab_end_topk(&top);
    return (Datum)0;
}
