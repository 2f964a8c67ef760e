// What all parts of a search refer to: the index as the copied metapage has it, the query, the
// filter, and what was done so far.
#pragma once

#include <cstdint>
#include <vector>

#include "filter/filter.h"
#include "inverted/format.h"
#include "inverted/query.h"
#include "inverted/segment_layout.h"
#include "inverted/term_lookup.h"
#include "pgslab/inverted.h"
#include "store/page.h"
#include "store/slots.h"

namespace pgslab::inverted {

struct SearchContext {
    SearchContext() = default;
    SearchContext(const SearchContext &) = delete;
    SearchContext &operator=(const SearchContext &) = delete;

    const Meta &meta() const noexcept { return meta_of(page); }

    // Whether rows are told apart by more than their terms.
    bool is_filtered() const noexcept { return filter.tids() != nullptr || !filter.asks_nothing(); }

    Page page;  // the metapage
    Query query;
    std::vector<LookedUp> terms;  // the query's
    Filter filter;
    Slots slots;
    uint16_t skip = 0;  // flags of records to pass over
    double trust = 1;   // share of a bound that is believed; below 1 rows may be missed
    PgsInvertedWork work = {};
};

}  // namespace pgslab::inverted
