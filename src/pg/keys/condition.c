/*
 * condition.c - from the keys of a scan to a condition on the keys of rows.
 *
 * Of each filter column the ranges of keys are kept that may satisfy all scan keys on it. The
 * condition may let rows through that do not satisfy the operators, since keys say less than
 * values; so the executor looks at them again.
 */
#include "postgres.h"

#include "access/stratnum.h"
#include "utils/array.h"
#include "utils/lsyscache.h"

#include "keys/keys.h"

/* Longer arrays narrow nothing: their ranges would take more memory than they are worth. */
#define MOST_ELEMENTS 1000000

/* Ranges of keys, ascending and apart from one another. */
typedef struct Ranges {
    PgsKeyRange *range;
    int count;
} Ranges;

static Ranges one_range(uint64 first, uint64 last) {
    Ranges ranges = {palloc(sizeof(PgsKeyRange)), first <= last ? 1 : 0};

    ranges.range[0] = (PgsKeyRange){first, last};
    return ranges;
}

static int compare_ranges(const void *a, const void *b) {
    const PgsKeyRange *left = a;
    const PgsKeyRange *right = b;

    return left->first < right->first ? -1 : left->first > right->first;
}

/* Puts ranges in order, and together what overlaps or touches. */
static void normalise(Ranges *ranges) {
    int kept = 0;

    qsort(ranges->range, ranges->count, sizeof(PgsKeyRange), compare_ranges);
    for (int i = 0; i < ranges->count; i++) {
        PgsKeyRange next = ranges->range[i];
        PgsKeyRange *last = kept > 0 ? &ranges->range[kept - 1] : NULL;

        if (last != NULL && (next.first <= last->last || next.first - last->last == 1))
            last->last = Max(last->last, next.last);
        else
            ranges->range[kept++] = next;
    }
    ranges->count = kept;
}

static Ranges intersect(const Ranges *a, const Ranges *b) {
    Ranges both = {palloc(sizeof(PgsKeyRange) * (a->count + b->count + 1)), 0};

    for (int i = 0, j = 0; i < a->count && j < b->count;) {
        uint64 first = Max(a->range[i].first, b->range[j].first);
        uint64 last = Min(a->range[i].last, b->range[j].last);

        if (first <= last)
            both.range[both.count++] = (PgsKeyRange){first, last};
        if (a->range[i].last < b->range[j].last)
            i++;
        else
            j++;
    }
    return both;
}

/* Of values that the operator with this strategy finds in order with the value. */
static Ranges ranges_of_value(const SlabKeyType *type, StrategyNumber strategy, Datum value,
                              Oid value_type, Oid collation) {
    SlabKeyBounds bounds = type->bounds(value, value_type, collation);
    uint64 most = pgs_null_key(type->bytes) - 1;

    switch (strategy) {
        case BTLessStrategyNumber:
            if (bounds.exact)
                return bounds.most == 0 ? one_range(1, 0) : one_range(0, bounds.most - 1);
            return one_range(0, bounds.most);
        case BTLessEqualStrategyNumber:
            return one_range(0, bounds.most);
        case BTEqualStrategyNumber:
            return bounds.none ? one_range(1, 0) : one_range(bounds.equal.first, bounds.equal.last);
        case BTGreaterEqualStrategyNumber:
            return one_range(bounds.least, most);
        case BTGreaterStrategyNumber:
            return one_range(bounds.exact ? bounds.least + 1 : bounds.least, most);
        default:
            elog(ERROR, "unrecognized strategy number: %d", strategy);
            return one_range(1, 0);
    }
}

/* Of values that find one of the array's elements so. */
static Ranges ranges_of_array(const SlabKeyType *type, const ScanKeyData *key) {
    ArrayType *array = DatumGetArrayTypeP(key->sk_argument);
    Oid element = ARR_ELEMTYPE(array);
    Ranges ranges;
    int16 length;
    bool by_value;
    char align;
    Datum *values;
    bool *isnull;
    int count;

    if (ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array)) > MOST_ELEMENTS)
        return one_range(0, pgs_null_key(type->bytes) - 1);
    get_typlenbyvalalign(element, &length, &by_value, &align);
    deconstruct_array(array, element, length, by_value, align, &values, &isnull, &count);
    ranges = (Ranges){palloc(sizeof(PgsKeyRange) * (count + 1)), 0};
    for (int i = 0; i < count; i++) {
        Ranges one;

        if (isnull[i])
            continue;
        one = ranges_of_value(type, key->sk_strategy, values[i],
                              OidIsValid(key->sk_subtype) ? key->sk_subtype : element,
                              key->sk_collation);
        if (one.count > 0)
            ranges.range[ranges.count++] = one.range[0];
        pfree(one.range);
    }
    normalise(&ranges);
    return ranges;
}

static Ranges ranges_of_key(const SlabKeyType *type, const ScanKeyData *key, Oid column_type) {
    uint64 null_key = pgs_null_key(type->bytes);

    if (key->sk_flags & SK_SEARCHNULL)
        return one_range(null_key, null_key);
    if (key->sk_flags & SK_SEARCHNOTNULL)
        return one_range(0, null_key - 1);
    if (key->sk_flags & SK_ISNULL) /* all operators are strict */
        return one_range(1, 0);
    if (key->sk_flags & SK_SEARCHARRAY)
        return ranges_of_array(type, key);
    return ranges_of_value(type, key->sk_strategy, key->sk_argument,
                           OidIsValid(key->sk_subtype) ? key->sk_subtype : column_type,
                           key->sk_collation);
}

/* A filter under construction: all of some conditions on one column each. */
typedef struct Filter {
    PgsFilter filter;
    PgsFilterNode node[1 + PGS_MAX_FILTER_COLUMNS];
    Ranges column[PGS_MAX_FILTER_COLUMNS];
    bool is_asked[PGS_MAX_FILTER_COLUMNS];
} Filter;

static void add_column(Filter *filter, uint32 column) {
    PgsFilter *made = &filter->filter;
    const Ranges *ranges = &filter->column[column];

    filter->node[made->nodes++] = (PgsFilterNode){.kind = PGS_FILTER_KEYS,
                                                  .column = column,
                                                  .first_range = made->ranges,
                                                  .ranges = ranges->count};
    memcpy((PgsKeyRange *)made->range + made->ranges, ranges->range,
           sizeof(PgsKeyRange) * ranges->count);
    made->ranges += ranges->count;
}

static const PgsFilter *finish(Filter *filter) {
    int ranges = 1;

    for (int c = 0; c < PGS_MAX_FILTER_COLUMNS; c++)
        ranges += filter->is_asked[c] ? filter->column[c].count : 0;
    filter->filter.node = filter->node;
    filter->filter.range = palloc(sizeof(PgsKeyRange) * ranges);
    filter->filter.nodes = 1;
    for (int c = 0; c < PGS_MAX_FILTER_COLUMNS; c++)
        if (filter->is_asked[c])
            add_column(filter, c);
    filter->node[0] = (PgsFilterNode){.kind = PGS_FILTER_ALL, .end = filter->filter.nodes};
    return &filter->filter;
}

const PgsFilter *slab_make_filter(IndexScanDesc scan) {
    Relation index = scan->indexRelation;
    Filter *filter;
    bool is_asked = false;

    if (scan->numberOfKeys == 0)
        return NULL;
    filter = palloc0(sizeof *filter);
    for (int i = 0; i < scan->numberOfKeys; i++) {
        const ScanKeyData *key = &scan->keyData[i];
        int column = key->sk_attno - 2;
        Ranges ranges;

        /* Of the vector it can be asked only whether it is there, which it is in every row. */
        if (column < 0) {
            if ((key->sk_flags & SK_SEARCHNOTNULL) == 0)
                elog(ERROR, "a slab index does not have rows whose vector is null");
            continue;
        }
        ranges = ranges_of_key(slab_key_type(index, key->sk_attno), key,
                               index->rd_opcintype[key->sk_attno - 1]);
        filter->column[column] =
            filter->is_asked[column] ? intersect(&filter->column[column], &ranges) : ranges;
        filter->is_asked[column] = true;
        is_asked = true;
    }
    return is_asked ? finish(filter) : NULL;
}
