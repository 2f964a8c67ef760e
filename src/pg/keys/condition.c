/*
 * condition.c - from the keys of a scan to a condition on the keys of rows, of what comparison.h
 * says of each.
 *
 * The condition may let rows through that do not satisfy the operators, since keys say less than
 * values; so the executor looks at them again.
 */
#include "postgres.h"

#include <math.h>

#include "access/htup_details.h"
#include "access/stratnum.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "parser/parse_coerce.h"
#include "utils/float.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"

#include "keys/comparison.h"
#include "keys/keys.h"
#include "keys/ranges.h"
#include "keys/term.h"
#include "store/options.h"

/* So many that what they take can be told in 32 bits, twice over. */
#define MOST_RANGES (1 << 25)

/* One under construction. */
typedef struct Builder {
    PgsFilterNode *nodes;
    uint32 count;
    uint32 room;
    uint32 group; /* the node that others are put into */
    PgsKeyRange *ranges;
    uint32 ranges_count;
    uint32 ranges_room;
    double bound; /* of the distance; infinity for none */
    SlabCenter center;
} Builder;

static uint32 add_node(Builder *builder, PgsFilterKind kind) {
    if (builder->count == builder->room) {
        builder->room *= 2;
        builder->nodes = repalloc(builder->nodes, sizeof(PgsFilterNode) * builder->room);
    }
    builder->nodes[builder->count] = (PgsFilterNode){.kind = kind};
    return builder->count++;
}

/* Returns the group that is left, to be told when this one ends. */
static uint32 begin_group(Builder *builder, PgsFilterKind kind) {
    uint32 outer = builder->group;

    builder->group = add_node(builder, kind);
    return outer;
}

static void end_group(Builder *builder, uint32 outer) {
    builder->nodes[builder->group].end = builder->count;
    builder->group = outer;
}

static void set_ranges(Builder *builder, PgsFilterNode *node, SlabRanges ranges) {
    uint32 needed = builder->ranges_count + ranges.count;

    if (needed > MOST_RANGES)
        ereport(ERROR, errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
                errmsg("the condition on a slab index is too large"),
                errdetail("It comes to more than %d ranges of keys.", MOST_RANGES),
                errhint("Join arrays of values to a table of them."));
    if (needed > builder->ranges_room) {
        builder->ranges_room += needed;
        builder->ranges =
            repalloc_huge(builder->ranges, sizeof(PgsKeyRange) * builder->ranges_room);
    }
    node->first_range = builder->ranges_count;
    node->ranges = ranges.count;
    memcpy(builder->ranges + builder->ranges_count, ranges.range,
           sizeof(PgsKeyRange) * ranges.count);
    builder->ranges_count = needed;
}

/* What the group asks of the column already, if the two can be one: two keys of a set that has to
 * have both cannot. */
static PgsFilterNode *find_keys(const Builder *builder, const SlabColumn *column) {
    uint32 i = builder->group + 1;

    if (column->type->element != NULL && builder->nodes[builder->group].kind == PGS_FILTER_ALL)
        return NULL;
    while (i < builder->count) {
        PgsFilterNode *node = &builder->nodes[i];

        if (node->kind == PGS_FILTER_KEYS && node->column == column->number)
            return node;
        i = node->kind == PGS_FILTER_KEYS ? i + 1 : node->end;
    }
    return NULL;
}

/* Of the group: one that asks for a key of the column in these ranges. What is asked of a column is
 * one condition, whose postings are one stretch then. */
static void add_keys(Builder *builder, const SlabColumn *column, SlabRanges ranges) {
    PgsFilterNode *node = find_keys(builder, column);

    if (node == NULL) {
        uint32 number = add_node(builder, PGS_FILTER_KEYS); /* which may move the others */

        node = &builder->nodes[number];
        node->column = column->number;
        set_ranges(builder, node, ranges);
    } else {
        SlabRanges before = {builder->ranges + node->first_range, (int)node->ranges};
        SlabRanges both = builder->nodes[builder->group].kind == PGS_FILTER_ALL
                              ? slab_common_ranges(&before, &ranges)
                              : slab_all_ranges(&before, &ranges);

        if (node->first_range + node->ranges == builder->ranges_count)
            builder->ranges_count = node->first_range;
        set_ranges(builder, node, both);
        pfree(both.range);
    }
    pfree(ranges.range);
}

static void add_constant(Builder *builder, bool holds) {
    end_group(builder, begin_group(builder, holds ? PGS_FILTER_ALL : PGS_FILTER_ANY));
}

static void add_null(Builder *builder, const SlabColumn *column, bool is_null) {
    add_keys(builder, column,
             is_null ? slab_one_range(column->most + 1, column->most + 1)
                     : slab_one_range(0, column->most));
}

/* A column of sets: one that has an element of the array, or all of them. */
static void add_set(Builder *builder, const SlabColumn *column, int strategy, Datum array) {
    SlabElements elements = slab_elements(array);
    bool all = strategy == SLAB_CONTAINS_STRATEGY;
    SlabRanges ranges;

    if (elements.too_many) {
        add_constant(builder, true);
        return;
    }
    if (all && elements.has_null) {
        add_constant(builder, false);
        return;
    }
    if (all) {
        uint32 outer = begin_group(builder, PGS_FILTER_ALL);

        if (elements.count == 0)
            add_keys(builder, column, slab_one_range(0, column->most));
        for (int i = 0; i < elements.count; i++) {
            uint64 key = column->type->element(elements.values[i], column->collation);

            add_keys(builder, column, slab_one_range(key, key));
        }
        end_group(builder, outer);
        return;
    }
    ranges = slab_no_ranges(elements.count);
    for (int i = 0; i < elements.count; i++) {
        uint64 key = column->type->element(elements.values[i], column->collation);

        ranges.range[ranges.count++] = (PgsKeyRange){key, key};
    }
    slab_normalise_ranges(&ranges);
    add_keys(builder, column, ranges);
}

static void add_comparison(Builder *builder, const SlabColumn *column, int strategy, Datum value,
                           Oid type) {
    if (column->type->element != NULL)
        add_set(builder, column, strategy, value);
    else
        add_keys(builder, column, slab_ranges_of_value(column, strategy, value, type));
}

/* ---- terms ---- */

/* A condition from the planner's hook, taken apart. */
typedef struct Terms {
    Relation index;
    const SlabTerm *term;
    int count;
    Datum *values;
    bool *isnull;
    int value_count;
} Terms;

static void refuse_terms(void) {
    ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
            errmsg("this is not a condition of a slab index"),
            errdetail("The operator is the planner's own."),
            errhint("Write the condition itself in WHERE."));
}

static void check_term(const Terms *terms, int i, int end) {
    const SlabTerm *term = &terms->term[i];
    bool is_group = term->kind == SLAB_TERM_ALL || term->kind == SLAB_TERM_ANY;
    bool has_column =
        !is_group && term->kind != SLAB_TERM_CONSTANT && term->kind != SLAB_TERM_WITHIN;
    bool has_value = !is_group && term->kind != SLAB_TERM_NULL && term->kind != SLAB_TERM_NOT_NULL;

    if (term->kind < SLAB_TERM_ALL || term->kind > SLAB_TERM_WITHIN ||
        (is_group && (term->end <= i || term->end > end)) ||
        (has_column && (term->column < 2 ||
                        term->column > IndexRelationGetNumberOfKeyAttributes(terms->index))) ||
        (has_value && (term->value < 0 || term->value >= terms->value_count)) ||
        (term->kind == SLAB_TERM_WITHIN &&
         (i != 0 || terms->count != 1 || term->value + 1 >= terms->value_count)))
        refuse_terms();
}

/* The value is NULL, for which all operators are strict. */
static void add_leaf_of_null(Builder *builder, const SlabColumn *column, const SlabTerm *term) {
    if (term->kind == SLAB_TERM_DISTINCT || term->kind == SLAB_TERM_NOT_DISTINCT)
        add_null(builder, column, term->kind == SLAB_TERM_NOT_DISTINCT);
    else
        add_constant(builder, false);
}

/* Vectors without a direction have a cosine distance that is no number and at most another such,
 * and the index does not have them. */
static void refuse_bound(Relation index) {
    ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
            errmsg("the bound of a cosine distance is NaN"),
            errdetail("Zero vectors have such a distance, and index \"%s\" does not have them.",
                      RelationGetRelationName(index)),
            errhint("Leave the condition out, or give a number."));
}

static void add_bound(Builder *builder, Relation index, double bound, int strategy) {
    if (isnan(bound)) {
        /* All numbers are smaller. */
        if (strategy == BTLessEqualStrategyNumber && slab_type_info(index)->metric == PGS_COSINE)
            refuse_bound(index);
        return;
    }
    if (strategy == BTLessEqualStrategyNumber)
        bound = nextafter(bound, get_float8_infinity());
    builder->bound = Min(builder->bound, bound);
}

static void add_range(Builder *builder, const Terms *terms, const SlabTerm *term) {
    const bool *isnull = terms->isnull + term->value;
    const Datum *values = terms->values + term->value;

    builder->center = (SlabCenter){true, isnull[1], values[1]};
    if (isnull[0] || isnull[1])
        add_constant(builder, false);
    else
        add_bound(builder, terms->index, DatumGetFloat8(values[0]), term->strategy);
}

static void add_leaf(Builder *builder, const Terms *terms, const SlabTerm *term) {
    SlabColumn column;
    SlabKeyBounds bounds;
    Datum value = 0;

    if (term->kind == SLAB_TERM_CONSTANT) {
        add_constant(builder,
                     !terms->isnull[term->value] && DatumGetBool(terms->values[term->value]));
        return;
    }
    if (term->kind == SLAB_TERM_WITHIN) {
        add_range(builder, terms, term);
        return;
    }
    column = slab_column(terms->index, term->column);
    if (term->kind != SLAB_TERM_NULL && term->kind != SLAB_TERM_NOT_NULL) {
        if (terms->isnull[term->value]) {
            add_leaf_of_null(builder, &column, term);
            return;
        }
        value = terms->values[term->value];
    }
    switch (term->kind) {
        case SLAB_TERM_COMPARE:
            add_comparison(builder, &column, term->strategy, value, term->type);
            break;
        case SLAB_TERM_DIFFERS:
            bounds = column.type->bounds(value, term->type, column.collation);
            add_keys(builder, &column, slab_ranges_of_others(&bounds, column.most));
            break;
        case SLAB_TERM_DISTINCT: /* as NULL is */
            bounds = column.type->bounds(value, term->type, column.collation);
            add_keys(builder, &column, slab_ranges_of_others(&bounds, column.most + 1));
            break;
        case SLAB_TERM_NOT_DISTINCT:
            add_comparison(builder, &column, BTEqualStrategyNumber, value, term->type);
            break;
        case SLAB_TERM_ANY_OF:
            add_keys(builder, &column,
                     slab_ranges_of_array(&column, term->strategy, value, term->type));
            break;
        case SLAB_TERM_NONE_OF:
            add_keys(builder, &column, slab_ranges_of_none(&column, value, term->type));
            break;
        case SLAB_TERM_HAS: {
            uint64 key = column.type->element(value, column.collation);

            add_keys(builder, &column, slab_one_range(key, key));
            break;
        }
        default:
            add_null(builder, &column, term->kind == SLAB_TERM_NULL);
            break;
    }
}

/* The i-th term, of those before the end of the one that it is inside; returns the next one. */
static int add_term(Builder *builder, const Terms *terms, int i, int end, int depth) {
    const SlabTerm *term = &terms->term[i];
    uint32 outer;

    CHECK_FOR_INTERRUPTS();
    check_term(terms, i, end);
    if (term->kind != SLAB_TERM_ALL && term->kind != SLAB_TERM_ANY) {
        add_leaf(builder, terms, term);
        return i + 1;
    }
    if (depth == SLAB_TERM_DEPTH)
        refuse_terms();
    outer = begin_group(builder, term->kind == SLAB_TERM_ALL ? PGS_FILTER_ALL : PGS_FILTER_ANY);
    for (int inside = i + 1; inside < term->end;)
        inside = add_term(builder, terms, inside, term->end, depth + 1);
    end_group(builder, outer);
    return term->end;
}

/* Whether the value behind that of a bound is one of the type that the index has, as a bit is one
 * of varbit. */
static bool is_vector(const Terms *terms, TupleDesc row, const SlabTerm *term) {
    return term->value + 1 < terms->value_count &&
           IsBinaryCoercible(TupleDescAttr(row, term->value + 2)->atttypid,
                             terms->index->rd_opcintype[0]);
}

/* The types of values are those that the planner's hook has seen: whoever writes the operator by
 * hand may give others, which must not be taken for these. */
static void check_types(const Terms *terms, TupleDesc row) {
    for (int i = 0; i < terms->count; i++) {
        const SlabTerm *term = &terms->term[i];
        bool is_constant = term->kind == SLAB_TERM_CONSTANT || term->kind == SLAB_TERM_WITHIN;
        bool compares = term->kind >= SLAB_TERM_COMPARE && term->kind <= SLAB_TERM_NOT_DISTINCT;
        Oid given;

        if ((!is_constant && !compares) || term->value < 0 || term->value >= terms->value_count)
            continue;
        given = getBaseType(TupleDescAttr(row, term->value + 1)->atttypid);
        if (term->kind == SLAB_TERM_WITHIN && given == FLOAT8OID && is_vector(terms, row, term))
            continue;
        if (term->kind == SLAB_TERM_CONSTANT && given == BOOLOID)
            continue;
        if (term->kind == SLAB_TERM_ANY_OF || term->kind == SLAB_TERM_NONE_OF)
            given = get_element_type(given);
        if (is_constant || !OidIsValid(given) ||
            !slab_key_takes(terms->index, term->column, term->kind, term->strategy, given,
                            term->type))
            refuse_terms();
    }
}

static void add_condition(Builder *builder, Relation index, Datum condition) {
    HeapTupleHeader header = DatumGetHeapTupleHeader(condition);
    TupleDesc row =
        lookup_rowtype_tupdesc(HeapTupleHeaderGetTypeId(header), HeapTupleHeaderGetTypMod(header));
    HeapTupleData tuple = {.t_len = HeapTupleHeaderGetDatumLength(header), .t_data = header};
    Datum *members = palloc(sizeof(Datum) * row->natts);
    bool *isnull = palloc(sizeof(bool) * row->natts);
    Terms terms = {.index = index};
    bytea *bytes;

    heap_deform_tuple(&tuple, row, members, isnull);
    if (row->natts < 1 || TupleDescAttr(row, 0)->atttypid != BYTEAOID || isnull[0])
        refuse_terms();
    bytes = DatumGetByteaPCopy(members[0]);
    terms.term = (const SlabTerm *)VARDATA(bytes);
    terms.count = (int)((VARSIZE(bytes) - VARHDRSZ) / sizeof(SlabTerm));
    terms.values = members + 1;
    terms.isnull = isnull + 1;
    terms.value_count = row->natts - 1;
    if (terms.count < 1)
        refuse_terms();
    check_types(&terms, row);
    if (add_term(builder, &terms, 0, terms.count, 0) != terms.count)
        refuse_terms();
    ReleaseTupleDesc(row);
}

/* ---- scan keys ---- */

/* Of the vector it can be asked only whether it is there, which it is in every row, or what the
 * planner's hook asks. */
static void add_key_of_vector(Builder *builder, Relation index, const ScanKeyData *key) {
    if (key->sk_strategy == SLAB_CONDITION_STRATEGY && (key->sk_flags & SK_ISNULL) != 0)
        add_constant(builder, false);
    else if (key->sk_strategy == SLAB_CONDITION_STRATEGY)
        add_condition(builder, index, key->sk_argument);
    else if ((key->sk_flags & SK_SEARCHNOTNULL) == 0)
        elog(ERROR, "a slab index does not have rows whose vector is null");
}

static void add_key(Builder *builder, Relation index, const ScanKeyData *key) {
    SlabColumn column = slab_column(index, key->sk_attno);
    Oid type = OidIsValid(key->sk_subtype) ? key->sk_subtype : column.value_type;

    if (key->sk_flags & (SK_SEARCHNULL | SK_SEARCHNOTNULL))
        add_null(builder, &column, (key->sk_flags & SK_SEARCHNULL) != 0);
    else if (key->sk_flags & SK_ISNULL) /* all operators are strict */
        add_constant(builder, false);
    else if (key->sk_flags & SK_SEARCHARRAY)
        add_keys(
            builder, &column,
            slab_ranges_of_array(&column, key->sk_strategy, key->sk_argument, key->sk_subtype));
    else
        add_comparison(builder, &column, key->sk_strategy, key->sk_argument, type);
}

static bool is_bounded(const Builder *builder) {
    return builder->bound < get_float8_infinity();
}

const PgsFilter *slab_make_filter(IndexScanDesc scan, const PgsTidSet *named, SlabCenter *center) {
    Relation index = scan->indexRelation;
    Builder builder = {.room = 16, .ranges_room = 16, .bound = get_float8_infinity()};
    PgsFilter *filter;

    builder.nodes = palloc(sizeof(PgsFilterNode) * builder.room);
    builder.ranges = palloc(sizeof(PgsKeyRange) * builder.ranges_room);
    begin_group(&builder, PGS_FILTER_ALL);
    for (int i = 0; i < scan->numberOfKeys; i++) {
        if (scan->keyData[i].sk_attno == 1)
            add_key_of_vector(&builder, index, &scan->keyData[i]);
        else
            add_key(&builder, index, &scan->keyData[i]);
    }
    end_group(&builder, 0);
    *center = builder.center;
    if (builder.count == 1)
        builder.count = 0;
    if (builder.count == 0 && named == NULL && !is_bounded(&builder))
        return NULL;
    filter = palloc(sizeof *filter);
    *filter = (PgsFilter){.node = builder.nodes,
                          .nodes = builder.count,
                          .range = builder.ranges,
                          .ranges = builder.ranges_count,
                          .tids = named,
                          .may_look_up = RelationGetIndexPredicate(index) == NIL,
                          .is_bounded = is_bounded(&builder),
                          .bound = builder.bound};
    return filter;
}
