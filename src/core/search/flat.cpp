#include "search/flat.h"

#include <algorithm>

#include "ivf/vector_tables.h"
#include "search/effort.h"

namespace pgslab {

void Flat::begin(const std::vector<bool> *visited) {
    wanted_.set(context_.filter, visited);
    wanted_of_any_list_.set(context_.filter, nullptr);
    const Meta &meta = context_.meta();
    walker_.open(
        meta,
        {.skip = context_.skip,
         .table = is_worth_refining(context_.shape, context_.effort.exact) ? refine_table(meta)
                                                                           : slab_table(meta),
         .stale_table = slab_table(meta),
         .sidecar = visited != nullptr,
         .filter = wanted_.are_all() ? nullptr : &wanted_,
         .stale_filter = wanted_of_any_list_.are_all() ? nullptr : &wanted_of_any_list_});
    evaluation_.set_query(context_.shape, context_.query, context_.effort.stored_values);
}

void Flat::piece(const Row &row, uint32_t offset, const uint8_t *bytes, uint32_t n) {
    if (walker_.column() == kSlabColumn) {
        evaluation_.add(bytes, offset, n, vector_record(row.record).scale);
    } else if (!top_.is_done(row.address)) {
        refine_.offer(row.address, bytes);
    }
}

void Flat::row(const Row &row) {
    if (walker_.column() == kRefineColumn) {
        return;
    }
    context_.work.compared++;
    const Interval value = evaluation_.interval(vector_record(row.record));
    if (!top_.is_done(row.address)) {
        offer(row, value);
    }
}

void Flat::offer(const Row &row, const Interval &value) {
    top_.offer({value.lower, row.address, value.upper, tid_of(row.record),
                vector_record(row.record).list, true});
}

// Most rows of a search lie beyond the bar. Of sets there is nothing else to do for these than to
// count, so it is done for many at once.
void Flat::items(const Row *rows, uint32_t n, const uint8_t *items, uint32_t stride,
                 uint32_t bytes) {
    if (walker_.column() != kSlabColumn || context_.shape.storage != Storage::kBits) {
        RowSink::items(rows, n, items, stride, bytes);
        return;
    }
    context_.work.compared += n;
    double values[Evaluation::kMostSets];
    for (uint32_t first = 0; first < n; first += Evaluation::kMostSets) {
        const uint32_t count = std::min(n - first, Evaluation::kMostSets);
        evaluation_.compare_sets(items + size_t{first} * stride, stride, count, values);
        for (uint32_t i = 0; i < count; i++) {
            const Row &row = rows[first + i];
            if (top_.is_done(row.address)) {
                continue;
            }
            if (values[i] >= top_.candidates().bar()) {
                top_.drop();
            } else {
                offer(row, {values[i], values[i]});
            }
        }
    }
}

}  // namespace pgslab
