// What maintenance an index of documents needs besides what any index does: parts that inserts
// opened are to be written anew, without forward rows, once they are many.
#pragma once

#include <algorithm>
#include <cstdint>

#include "store/layout.h"
#include "store/needs.h"
#include "store/picker.h"
#include "store/sets.h"

namespace pgslab::inverted {

// So few slots are not worth the while; and of those that other parts have, this share.
constexpr uint64_t kFewInserted = 65536;
constexpr uint64_t kInsertedShare = 2;

inline OwnNeeds needs_of_documents(const Meta &meta) noexcept {
    OwnNeeds needs = {};
    uint64_t inserted = 0;
    uint64_t written = 0;
    for (uint32_t p = 0; p < meta.parts; p++) {
        const Part &part = meta.part[p];
        (is_written(part) ? written : inserted) += is_written(part) ? part.slots : part.flushed;
        if (!is_written(part) && part.flushed > 0) {
            add(needs.rewrite, p);
        }
    }
    if (inserted < std::max(kFewInserted, written / kInsertedShare)) {
        needs.rewrite = {};
    }
    return needs;
}

// What store/needs.h and store/picker.h say of such an index.
inline Needs find_needs(const Meta &meta, uint64_t open_slots, const PgsPolicy &policy) noexcept {
    return pgslab::find_needs(meta, open_slots, policy, needs_of_documents(meta));
}
inline PgsJob pick_job(const Meta &meta, uint64_t open_slots, const PgsPolicy &policy,
                       PgsGoal &goal) noexcept {
    return pgslab::pick_job(meta, open_slots, policy, needs_of_documents(meta), goal);
}

}  // namespace pgslab::inverted
