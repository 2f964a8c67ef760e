#include "search/flat.h"

#include "ivf/vector_tables.h"
#include "search/effort.h"

namespace pgslab {

void Flat::begin(const std::vector<bool> *visited) {
    wanted_.set(context_.filter, visited);
    wanted_of_any_list_.set(context_.filter, nullptr);
    const Meta &meta = context_.meta();
    walker_.open(meta, {.skip = context_.skip,
                        .table = is_worth_refining(context_.shape, context_.effort.exact)
                                     ? refine_table(meta)
                                     : slab_table(meta),
                        .stale_table = slab_table(meta),
                        .sidecar = visited != nullptr,
                        .filter = &wanted_,
                        .stale_filter = &wanted_of_any_list_});
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
        top_.offer({value.lower, row.address, value.upper, tid_of(row.record),
                    vector_record(row.record).list, true});
    }
}

}  // namespace pgslab
