/*
 * comparison.c - which keys of a filter column values have that a comparison finds.
 */
#include "postgres.h"

#include "access/stratnum.h"
#include "utils/array.h"
#include "utils/lsyscache.h"

#include "keys/comparison.h"

/* Longer arrays narrow nothing: their ranges would take more memory than they are worth. */
#define MOST_ELEMENTS 1000000

SlabColumn slab_column(Relation index, AttrNumber number) {
    const SlabKeyType *type = slab_key_type(index, number);

    return (SlabColumn){type, (uint32)number - 2, index->rd_opcintype[number - 1],
                        index->rd_indcollation[number - 1], pgs_null_key(type->bytes) - 1};
}

/* Keys that only values have which are equal to the one with these bounds. */
static SlabRanges ranges_of_equal_only(const SlabKeyBounds *bounds) {
    return bounds->unique ? slab_one_range(bounds->equal.first, bounds->equal.last)
                          : slab_no_ranges(1);
}

SlabRanges slab_ranges_of_others(const SlabKeyBounds *bounds, uint64 most) {
    SlabRanges equal = ranges_of_equal_only(bounds);
    SlabRanges others = slab_other_ranges(&equal, most);

    pfree(equal.range);
    return others;
}

/* Of values that are not greater than this one; from: that are not less. */
static SlabRanges ranges_in_order(const SlabColumn *column, const SlabKeyBounds *bounds,
                                  Datum value, bool from) {
    if (column->type->ordered != NULL)
        return column->type->ordered(value, from);
    return from ? slab_one_range(bounds->least, column->most) : slab_one_range(0, bounds->most);
}

SlabRanges slab_ranges_of_value(const SlabColumn *column, int strategy, Datum value, Oid type) {
    SlabKeyBounds bounds = column->type->bounds(value, type, column->collation);
    SlabRanges ordered;
    SlabRanges others;
    SlabRanges both;

    if (strategy == BTEqualStrategyNumber)
        return bounds.none ? slab_no_ranges(1)
                           : slab_one_range(bounds.equal.first, bounds.equal.last);
    ordered = ranges_in_order(column, &bounds, value, strategy > BTEqualStrategyNumber);
    if (strategy == BTLessEqualStrategyNumber || strategy == BTGreaterEqualStrategyNumber)
        return ordered;
    others = slab_ranges_of_others(&bounds, column->most);
    both = slab_common_ranges(&ordered, &others);
    pfree(ordered.range);
    pfree(others.range);
    return both;
}

SlabElements slab_elements(Datum datum) {
    ArrayType *array = DatumGetArrayTypeP(datum);
    SlabElements elements = {.type = ARR_ELEMTYPE(array)};
    int16 length;
    bool by_value;
    char align;
    bool *isnull;
    int count;

    if (ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array)) > MOST_ELEMENTS) {
        elements.too_many = true;
        return elements;
    }
    get_typlenbyvalalign(elements.type, &length, &by_value, &align);
    deconstruct_array(array, elements.type, length, by_value, align, &elements.values, &isnull,
                      &count);
    for (int i = 0; i < count; i++) {
        if (isnull[i])
            elements.has_null = true;
        else
            elements.values[elements.count++] = elements.values[i];
    }
    return elements;
}

SlabRanges slab_ranges_of_array(const SlabColumn *column, int strategy, Datum array, Oid type) {
    SlabElements elements = slab_elements(array);
    SlabRanges ranges;
    int room;

    if (elements.too_many)
        return slab_one_range(0, column->most);
    room = Max(elements.count, 1);
    ranges = slab_no_ranges(room);
    for (int i = 0; i < elements.count; i++) {
        SlabRanges one = slab_ranges_of_value(column, strategy, elements.values[i],
                                              OidIsValid(type) ? type : elements.type);

        if (one.count > room - ranges.count) {
            slab_normalise_ranges(&ranges);
            room += ranges.count + one.count;
            ranges.range = repalloc_huge(ranges.range, sizeof(PgsKeyRange) * room);
        }
        memcpy(ranges.range + ranges.count, one.range, sizeof(PgsKeyRange) * one.count);
        ranges.count += one.count;
        pfree(one.range);
    }
    slab_normalise_ranges(&ranges);
    return ranges;
}

SlabRanges slab_ranges_of_none(const SlabColumn *column, Datum array, Oid type) {
    SlabElements elements = slab_elements(array);
    SlabRanges equal;

    if (elements.count == 0 && !elements.has_null && !elements.too_many)
        return slab_one_range(0, column->most + 1);
    if (elements.too_many)
        return slab_one_range(0, column->most);
    if (elements.has_null)
        return slab_no_ranges(1);
    equal = slab_no_ranges(elements.count);
    for (int i = 0; i < elements.count; i++) {
        SlabKeyBounds bounds = column->type->bounds(
            elements.values[i], OidIsValid(type) ? type : elements.type, column->collation);

        if (bounds.unique)
            equal.range[equal.count++] = bounds.equal;
    }
    slab_normalise_ranges(&equal);
    return slab_other_ranges(&equal, column->most);
}
