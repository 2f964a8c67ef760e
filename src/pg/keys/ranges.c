/*
 * ranges.c - sets of keys as ranges.
 */
#include "postgres.h"

#include "keys/ranges.h"

SlabRanges slab_no_ranges(int room) {
    return (SlabRanges){palloc(sizeof(PgsKeyRange) * Max(room, 1)), 0};
}

SlabRanges slab_one_range(uint64 first, uint64 last) {
    SlabRanges ranges = slab_no_ranges(1);

    ranges.range[0] = (PgsKeyRange){first, last};
    ranges.count = first <= last ? 1 : 0;
    return ranges;
}

static int compare_ranges(const void *a, const void *b) {
    const PgsKeyRange *left = a;
    const PgsKeyRange *right = b;

    return left->first < right->first ? -1 : left->first > right->first;
}

void slab_normalise_ranges(SlabRanges *ranges) {
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

SlabRanges slab_common_ranges(const SlabRanges *a, const SlabRanges *b) {
    SlabRanges both = slab_no_ranges(a->count + b->count);

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

SlabRanges slab_all_ranges(const SlabRanges *a, const SlabRanges *b) {
    SlabRanges all = slab_no_ranges(a->count + b->count);

    memcpy(all.range, a->range, sizeof(PgsKeyRange) * a->count);
    memcpy(all.range + a->count, b->range, sizeof(PgsKeyRange) * b->count);
    all.count = a->count + b->count;
    slab_normalise_ranges(&all);
    return all;
}

SlabRanges slab_other_ranges(const SlabRanges *ranges, uint64 most) {
    SlabRanges others = slab_no_ranges(ranges->count + 1);
    uint64 next = 0;

    for (int i = 0; i < ranges->count && next <= most; i++) {
        if (ranges->range[i].first > next)
            others.range[others.count++] =
                (PgsKeyRange){next, Min(ranges->range[i].first - 1, most)};
        if (ranges->range[i].last >= most)
            return others;
        next = ranges->range[i].last + 1;
    }
    others.range[others.count++] = (PgsKeyRange){next, most};
    return others;
}
