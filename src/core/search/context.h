// What all parts of a search refer to: the index as the copied metapage has it, the query, what may
// be spent on it, and what was done so far.
#pragma once

#include <cstdint>
#include <optional>

#include "filter/filter.h"
#include "ivf/codebook.h"
#include "ivf/format.h"
#include "ivf/meta.h"
#include "ivf/segment_layout.h"
#include "pgslab/scan.h"
#include "quantize/code_bound.h"
#include "search/query.h"
#include "search/recall_log.h"
#include "search/stop_rule.h"
#include "search/upcoming.h"
#include "store/page.h"
#include "store/slots.h"

namespace pgslab {

struct SearchContext {
    SearchContext() = default;
    SearchContext(const SearchContext &) = delete;
    SearchContext &operator=(const SearchContext &) = delete;

    // codebook_given must outlive the search. The filter is to be set. May throw std::bad_alloc, as
    // may set_query().
    void open(const Page &meta_page, const Codebook &codebook_given, const PgsEffort &effort_given,
              bool believe_killed);

    // False when the query orders nothing: it has no direction under cosine.
    bool set_query(const float *given);

    const Meta &meta() const noexcept { return meta_of(meta_page_); }

    // Whether there are lists to visit; if not, all rows are looked at.
    bool has_lists() const noexcept { return shape.code_bits != 0 && meta().segments > 0; }

    // Those with lists; and all, where the open part may have fewer than it has room for.
    double rows_in_segments() const noexcept;
    double rows_at_most() const noexcept;

    // From here on bounds hold always.
    void make_exact() {
        effort.exact = true;
        set_bound();
    }

    const Codebook *codebook = nullptr;
    Shape shape = {};
    PgsEffort effort = {};
    Level level = {};   // what finds the wanted share of the nearest rows
    uint16_t skip = 0;  // flags of records to pass over
    Slots slots;
    SegmentLayout layout{SegmentShape{}};
    Filter filter;                 // what the keys of wanted rows satisfy
    bool by_lists = false;         // lists are visited
    bool takes_all_lists = false;  // as they tell too little of where rows are
    Query query;
    std::optional<CodeBound> bound;  // of codes, if the index has any
    StopRule stop;
    RecallLog *log = nullptr;  // of who calibrates
    Upcoming upcoming;
    PgsWork work = {};

  private:
    void set_bound();

    Page meta_page_;
};

}  // namespace pgslab
