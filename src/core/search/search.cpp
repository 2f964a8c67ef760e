#include "search/search.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "base/assert.h"
#include "base/error.h"
#include "ivf/meta.h"
#include "search/effort.h"

namespace pgslab {

namespace {

// As many float32 as a row's vector takes in the table.
uint32_t floats_in_table(const Vectors &vectors) noexcept {
    const bool are_bits = vectors.storage == Storage::kBits && vectors.element == Element::kFloat32;
    return are_bits ? static_cast<uint32_t>(divide_up(vectors.dims, 32)) : vectors.dims;
}

}  // namespace

Search::Search(size_t memory_bytes) noexcept
    : top_(context_, memory_bytes),
      look_ups_(context_),
      matches_(context_),
      selected_(context_),
      probe_(context_, top_, matches_, selected_),
      filter_(context_, top_, matches_, selected_),
      refine_(context_, top_),
      flat_(context_, top_, refine_),
      rerank_(context_, top_) {}

PgsStatus Search::start(const Page &meta, const Codebook &codebook, const float *query,
                        const PgsFilter *filter, const PgsEffort &effort, bool believe_killed,
                        PgsError *error) {
    asked_ = {};
    context_.open(meta, codebook, effort, believe_killed);
    const PgsKeyColumns keys = key_columns(context_.shape.keys);
    if (PgsStatus status = context_.filter.set(filter, keys, error)) {
        return status;
    }
    matches_.begin();
    selected_.begin();
    is_begun_ = false;
    if (context_.filter.is_never()) {
        phase_ = Phase::kEnd;
        return PGS_OK;
    }
    if (query == nullptr || !context_.set_query(query)) {
        phase_ = Phase::kUnordered;
        unordered_.begin(context_, query == nullptr ? 0 : std::numeric_limits<double>::quiet_NaN());
        return PGS_OK;
    }
    if (context_.filter.tids() != nullptr && begin_with_tids()) {
        return PGS_OK;
    }
    if (context_.has_lists() && !context_.filter.asks_nothing()) {
        phase_ = Phase::kMatches;
        matches_.begin_counting();
        return PGS_OK;
    }
    begin_search();
    return PGS_OK;
}

void Search::begin_search() {
    is_begun_ = true;
    probe_.begin();
    refine_.begin();
    flat_.begin(context_.by_lists ? &probe_.visited() : nullptr);
    rerank_.begin();
    top_.begin();
    begin_pass();
}

void Search::begin_pass() {
    refine_.begin_pass();
    flat_.begin_pass();
    phase_ = Phase::kFlat;
    if (context_.by_lists) {
        probe_.begin_pass();
        filter_.begin_pass();
        phase_ = Phase::kByLists;
    }
}

// ---- the strategy of a search with a filter

// About how many lists a search visits where this share of the rows satisfies the filter.
double Search::lists_to_visit(double share) const noexcept {
    const double lists = context_.codebook->lists();
    return lists_with_filter(lists_expected(context_.level, context_.effort, lists),
                             std::max(share, 1e-9), lists);
}

// What a page of keys takes, with a page of postings as the unit. Of postings of addresses only
// those near the rows that are named are looked at.
double Search::key_page_price() const noexcept {
    return context_.filter.names_by_keys() ? 4 : 1;
}

// Pages of keys of the lists that a search visits: each list has one in every segment, and as many
// more as its rows' keys take.
double Search::key_pages_expected() const noexcept {
    const SegmentLayout &layout = context_.layout;
    const double rows_of_list = context_.rows_in_segments() / context_.codebook->lists();
    const double pages_of_list =
        context_.meta().segments + rows_of_list * layout.key_bytes() / kPayloadBytes;
    return lists_to_visit(matches_.share()) * pages_of_list;
}

bool Search::is_worth_resolving() const noexcept {
    if (context_.effort.exact) {
        return is_worth_lists(matches_.share(), 0, true);
    }
    return static_cast<double>(matches_.pages()) <= key_pages_expected() * key_page_price();
}

// Few rows that are named are looked up. The others are found by postings, which begins as for any
// condition on keys and is false here; or by a walk over all records, and compared on the way where
// that is worth while.
bool Search::begin_with_tids() {
    const TidSet &tids = *context_.filter.tids();
    const auto named = static_cast<double>(tids.rows());
    const bool by_keys = context_.filter.names_by_keys() && context_.has_lists();
    const uint32_t dims = floats_in_table(vectors_of(context_.meta()));
    if (context_.filter.may_look_up() && tids.whole_blocks() == 0 &&
        (by_keys ? is_worth_look_up(named, dims)
                 : are_few_to_look_up(named, context_.rows_at_most(), dims))) {
        phase_ = Phase::kLookUps;
        look_ups_.begin();
        return true;
    }
    if (by_keys) {
        return false;
    }
    if (!context_.by_lists || (tids.whole_blocks() == 0 && are_few_named_rows(named))) {
        compare_all();
    } else {
        phase_ = Phase::kSelect;
        selected_.begin_walk();
    }
    return true;
}

void Search::compare_all() {
    context_.make_exact();
    context_.by_lists = false;
    begin_search();
}

// Codes do not tell the rows apart that are wanted now. To compare all sets takes as long as to
// scan all codes.
void Search::leave_lists() {
    context_.by_lists = false;
    flat_.begin(nullptr);
}

bool Search::are_few_named_rows(double rows) const noexcept {
    const double lists = context_.codebook->lists();
    return are_few_named(rows, context_.rows_in_segments(), context_.effort,
                         lists_expected(context_.level, context_.effort, lists), lists);
}

// With the postings resolved.
void Search::choose_strategy() {
    const auto rows = static_cast<double>(matches_.rows());
    const double share = rows / context_.rows_in_segments();
    if (context_.effort.exact) {
        // Without refinement codes every match has to be kept until its vector was read.
        context_.by_lists = is_worth_lists(share, rows, is_worth_refining(context_.shape, true));
    } else if (are_few(rows, context_.effort, lists_to_visit(share))) {
        context_.make_exact();
    }
}

// ---- what is wanted next

PgsStatus Search::next(PgsRequest &request, PgsError *error) {
    context_.upcoming.clear();
    asked_.stage = Stage::kNone;
    for (bool is_request = false; !is_request;) {
        if (PgsStatus status = advance(request, &is_request, error)) {
            return status;
        }
    }
    return PGS_OK;
}

// Goes on with the phase at hand: either there is a request, or the next phase has
// begun, or the phase has more to do at once.
PgsStatus Search::advance(PgsRequest &request, bool *is_request, PgsError *error) {
    switch (phase_) {
        case Phase::kLookUps:
            if (!look_ups_.next(request)) {
                ask_for_page(request, PGS_NO_BLOCK);
            }
            break;
        case Phase::kMatches:
            next_of_matches(request, is_request);
            return PGS_OK;
        case Phase::kSelect:
            next_of_selected(request, is_request);
            return PGS_OK;
        case Phase::kByLists:
            return next_of_lists(request, is_request, error);
        case Phase::kFlat:
            next_of_flat(request, is_request);
            return PGS_OK;
        case Phase::kRerank:
            return next_of_rerank(request, is_request, error);
        case Phase::kUnordered:
            next_unordered(request);
            break;
        case Phase::kEnd:
            ask_for_page(request, PGS_NO_BLOCK);
            break;
    }
    *is_request = true;
    return PGS_OK;
}

void Search::ask(Stage stage, const PageIdentity &page, PgsRequest &request) noexcept {
    PGSLAB_ASSERT(page.block != PGS_NO_BLOCK);
    asked_ = {stage, page};
    ask_for_page(request, page.block);
}

void Search::next_unordered(PgsRequest &request) {
    if (unordered_.next(request)) {
        context_.work.rows++;
    } else if (unordered_.wanted().block != PGS_NO_BLOCK) {
        ask(Stage::kUnordered, unordered_.wanted(), request);
    } else {
        ask_for_page(request, PGS_NO_BLOCK);
    }
}

// Fences, then, if it is worth while, postings.
void Search::next_of_matches(PgsRequest &request, bool *is_request) {
    *is_request = matches_.wanted().block != PGS_NO_BLOCK;
    if (*is_request) {
        ask(Stage::kMatches, matches_.wanted(), request);
    } else if (is_begun_) {
        phase_ = Phase::kByLists;
    } else if (!matches_.is_resolved() && is_worth_resolving()) {
        matches_.begin_resolving();
    } else {
        if (matches_.is_resolved()) {
            choose_strategy();
        }
        begin_search();
    }
}

// All records; then the search proper.
void Search::next_of_selected(PgsRequest &request, bool *is_request) {
    *is_request = selected_.wanted().block != PGS_NO_BLOCK;
    if (*is_request) {
        ask(Stage::kSelected, selected_.wanted(), request);
        context_.upcoming.add_page(selected_.block_after());
    } else if (selected_.rows() > 0 && are_few_named_rows(static_cast<double>(selected_.rows()))) {
        compare_all();
    } else {
        begin_search();
    }
}

// One-bit codes as long as there are few survivors; then the survivors; then the next list.
PgsStatus Search::next_of_lists(PgsRequest &request, bool *is_request, PgsError *error) {
    *is_request = true;
    if (const PageIdentity &page = refine_.wanted(); page.block != PGS_NO_BLOCK) {
        ask(Stage::kRefinement, page, request);
        return PGS_OK;
    }
    if (const PageIdentity page = filter_.wanted(); page.block != PGS_NO_BLOCK) {
        ask(Stage::kCodes, page, request);
        return PGS_OK;
    }
    if (!filter_.survivors().empty()) {
        *is_request = false;
        return refine_.take(filter_.survivors(), probe_.list(), probe_.at(), error);
    }
    return next_run(request, is_request, error);
}

PgsStatus Search::next_run(PgsRequest &request, bool *is_request, PgsError *error) {
    // Keys have cost as much as the postings would have: there were fewer rows than they seemed.
    if (matches_.is_counted() && !matches_.is_resolved() &&
        static_cast<double>(context_.work.key_pages) * key_page_price() >
            static_cast<double>(matches_.pages())) {
        matches_.begin_resolving();
        phase_ = Phase::kMatches;
        *is_request = false;
        return PGS_OK;
    }
    Probe::Found found = Probe::Found::kEnd;
    if (PgsStatus status = probe_.next(&found, error)) {
        return status;
    }
    *is_request = found == Probe::Found::kPage;
    switch (found) {
        case Probe::Found::kPage:
            ask(Stage::kDirectory, probe_.wanted(), request);
            break;
        case Probe::Found::kRows:
            filter_.begin(probe_.segment(), probe_.rows(), probe_.at());
            break;
        case Probe::Found::kEnd:
            phase_ = Phase::kFlat;
            break;
    }
    return PGS_OK;
}

void Search::next_of_flat(PgsRequest &request, bool *is_request) {
    *is_request = flat_.wanted().block != PGS_NO_BLOCK;
    if (*is_request) {
        ask(Stage::kFlat, flat_.wanted(), request);
        if (!context_.by_lists) {
            context_.upcoming.add_page(flat_.block_after());
        }
        return;
    }
    top_.finish();
    rerank_.begin_pass();
    phase_ = Phase::kRerank;
}

PgsStatus Search::next_of_rerank(PgsRequest &request, bool *is_request, PgsError *error) {
    Rerank::Found found = Rerank::Found::kEnd;
    if (PgsStatus status = rerank_.next(request, &found, error)) {
        return status;
    }
    *is_request = true;
    if (found == Rerank::Found::kPage) {
        ask(Stage::kEvaluation, rerank_.wanted(), request);
    } else if (found == Rerank::Found::kEnd && top_.candidates().dropped()) {
        if (is_of_sets(context_.shape.metric) && context_.by_lists && !top_.has_got_on()) {
            leave_lists();
        }
        top_.begin_next_pass();
        begin_pass();
        *is_request = false;
    } else if (found == Rerank::Found::kEnd) {
        ask_for_page(request, PGS_NO_BLOCK);
    }
    return PGS_OK;
}

// ---- what was asked for

PgsStatus Search::page(const Page &page, PgsError *error) {
    const Stage stage = std::exchange(asked_.stage, Stage::kNone);
    if (stage == Stage::kNone) {
        return fail(error, PGS_INTERNAL, PGS_NO_BLOCK, "the search has asked for no page");
    }
    if (PgsStatus status = check_page(page, asked_.page, error)) {
        return status;
    }
    switch (stage) {
        case Stage::kUnordered:
            return unordered_.page(page, error);
        case Stage::kMatches:
            context_.work.posting_pages++;
            return matches_.page(page, error);
        case Stage::kSelected:
            return selected_.page(page, error);
        case Stage::kDirectory:
            return probe_.page(page, error);
        case Stage::kCodes:
            return filter_.page(page, error);
        case Stage::kRefinement:
            return refine_.page(page, error);
        case Stage::kFlat:
            return flat_.page(page, error);
        default:
            return rerank_.page(page, error);
    }
}

void Search::looked_up(const float *vector) {
    if (phase_ == Phase::kLookUps) {
        look_ups_.looked_up(vector);
    } else {
        rerank_.looked_up(vector);
    }
}

// What is no number comes after the operator's own infinities, where float32 did not do, and both
// are rows that a search without a bound returns: so they are the largest numbers.
void Search::told(double value) {
    constexpr double kLargest = std::numeric_limits<double>::max();
    const double ordered =
        std::isnan(value) ? kLargest : std::min(value, std::nextafter(kLargest, 0));
    if (phase_ == Phase::kLookUps) {
        look_ups_.found(ordered);
    } else {
        rerank_.found(ordered);
    }
}

PgsRecordPage Search::record_page(uint64_t address, uint32_t *index) const noexcept {
    return record_page_of(context_.slots, address, index);
}

double Search::estimated_recall() const noexcept {
    if (!is_begun_ || !context_.by_lists || context_.effort.exact) {
        return std::numeric_limits<double>::quiet_NaN();
    }
    return recall_at(vectors_of(context_.meta()).calibration, context_.stop.rows(),
                     context_.stop.reached());
}

PgsFiltering Search::filtering() const noexcept {
    if (context_.filter.asks_nothing() && context_.filter.tids() == nullptr) {
        return PGS_FILTERING_NONE;
    }
    if (phase_ == Phase::kEnd) {
        return PGS_FILTERING_NEVER;
    }
    if (phase_ == Phase::kLookUps) {
        return PGS_FILTERING_TABLE;
    }
    if (!context_.by_lists || phase_ == Phase::kUnordered) {
        return PGS_FILTERING_ROWS;
    }
    if (context_.filter.tids() != nullptr && !context_.filter.names_by_keys()) {
        return PGS_FILTERING_TIDS;
    }
    if (!matches_.is_resolved()) {
        return PGS_FILTERING_KEYS;
    }
    return context_.effort.exact ? PGS_FILTERING_MATCHES : PGS_FILTERING_POSTINGS;
}

}  // namespace pgslab
