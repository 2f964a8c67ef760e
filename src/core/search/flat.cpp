#include "search/flat.h"

namespace pgslab {

void Flat::begin(const std::vector<bool> *visited) {
    const WalkTable table = context_.shape.refine_bits != 0 ? WalkTable::kUseful : WalkTable::kSlab;
    walker_.open(context_.meta(), {context_.skip, table, visited != nullptr, visited});
    evaluation_.set_query(context_.shape, context_.slots, context_.query,
                          context_.effort.stored_values);
}

void Flat::piece(const Row &row, uint32_t offset, const uint8_t *bytes, uint32_t n) {
    if (!walker_.codes()) {
        evaluation_.add(bytes, offset, n, row.record.scale);
    } else if (!top_.is_done(row.address)) {
        refine_.offer(row.address, bytes);
    }
}

void Flat::row(const Row &row) {
    if (walker_.codes()) {
        return;
    }
    context_.work.exact++;
    const Interval value = evaluation_.interval(row.record);
    if (!top_.is_done(row.address)) {
        top_.offer(
            {value.lower, row.address, value.upper, tid_of(row.record), row.record.list, true});
    }
}

}  // namespace pgslab
