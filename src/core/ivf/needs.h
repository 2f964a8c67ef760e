// What maintenance an index of vectors needs besides what any index does: lists that suit its rows,
// and a measurement that suits both.
#pragma once

#include "store/needs.h"
#include "store/picker.h"

namespace pgslab {

// Of an index with so many live rows.
OwnNeeds needs_of_vectors(const Meta &meta, uint64_t live, const PgsPolicy &policy) noexcept;

// Whether a search visits all lists, however few it would visit by its margins: by inner product,
// where rows lie so much farther from their centroids than those that lists were trained with that
// these tell little of where rows are.
bool needs_all_lists(const Meta &meta) noexcept;

// What store/needs.h and store/picker.h say of such an index.
inline Needs find_needs(const Meta &meta, uint64_t open_slots, const PgsPolicy &policy) noexcept {
    const uint64_t live = live_slots(meta, open_slots);
    return find_needs(meta, open_slots, policy, needs_of_vectors(meta, live, policy));
}
inline PgsJob pick_job(const Meta &meta, uint64_t open_slots, const PgsPolicy &policy,
                       PgsGoal &goal) noexcept {
    const uint64_t live = live_slots(meta, open_slots);
    return pick_job(meta, open_slots, policy, needs_of_vectors(meta, live, policy), goal);
}

}  // namespace pgslab
