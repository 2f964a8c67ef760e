#include "search/probe.h"

#include <algorithm>
#include <bit>

#include "base/assert.h"
#include "base/error.h"
#include "search/effort.h"
#include "store/layout.h"

namespace pgslab {

namespace {

// After one list in so many more it is looked at again whether enough were visited.
constexpr uint64_t kVisitMore = 8;

}  // namespace

void Probe::begin() {
    directories_.begin();
    are_lists_known_ = false;
    in_segment_ = 0;
    from_row_ = 0;
    is_matching_.clear();
}

void Probe::begin_pass() {
    context_.stop.begin_pass(vectors_of(context_.meta()).calibration, context_.level,
                             context_.shape.metric, context_.query.codes.norm(),
                             top_.in_this_pass(rows_expected(context_.effort)),
                             rows_expected(context_.effort));
    is_visited_.assign(context_.codebook->lists(), context_.effort.exact);
    is_ordered_ = false;
    if (!context_.effort.exact) {
        choice_.begin(*context_.codebook, context_.query.rotated.data(), context_.query.codes);
        if (are_lists_known_) {
            choice_.keep_to(is_matching_);
        }
    }
    visited_ = 0;
    visit_at_least_ = 0;
    come_to_ = 0;
    next_segment_ = context_.meta().segments;
}

PgsStatus Probe::next(Found *found, PgsError *error) {
    const Meta &meta = context_.meta();
    if (is_told() && !are_lists_known_) {
        if (PgsStatus status = find_lists(error)) {
            return status;
        }
        if (!are_lists_known_) {
            *found = Found::kPage;
            return PGS_OK;
        }
    }
    if (context_.effort.exact && !is_ordered_) {
        order_matching_lists();
    }
    for (;;) {
        for (; next_segment_ < meta.segments; next_segment_++) {
            segment_ = &meta.segment[next_segment_];
            const ListRun *run = directories_.run_of(next_segment_, list_);
            if (run == nullptr && looks_rows_up()) {
                continue;
            }
            if (run == nullptr) {
                directories_.want(next_segment_, list_);
                *found = Found::kPage;
                return PGS_OK;
            }
            if (PgsStatus status = directories_.check_run(next_segment_, list_, error)) {
                return status;
            }
            context_.stop.come_to(run->rows);
            const uint32_t matches = matches_in(next_segment_, *run);
            come_to_ += matches;
            if (matches > 0) {
                rows_ = *run;
                next_segment_++;
                visited_ += is_counted_ ? 0 : 1;
                context_.work.lists += is_counted_ ? 0 : 1;
                is_counted_ = true;
                *found = Found::kRows;
                return PGS_OK;
            }
        }
        if (context_.effort.exact ? !choose_matching_list() : !choose_list()) {
            *found = Found::kEnd;
            return looks_rows_up() ? check_matches(come_to_, error) : PGS_OK;
        }
    }
}

// ---- which lists have rows that satisfy the filter

// How many rows of a list in a segment are not ruled out as yet.
uint32_t Probe::matches_in(uint32_t segment, const ListRun &run) const noexcept {
    if (run.rows == 0 || !matches_.is_resolved()) {
        return run.rows;
    }
    const uint32_t *const left = matches_.rows_of(segment).data();
    const uint64_t end = uint64_t{run.first_row} + run.rows;
    uint32_t matches = 0;
    for (uint64_t row = run.first_row; row < end;) {
        const auto in_block = static_cast<uint32_t>(row % kBlockRows);
        const auto rows =
            static_cast<uint32_t>(std::min<uint64_t>(kBlockRows - in_block, end - row));
        const uint32_t bits = left[row / kBlockRows] >> in_block & (~0U >> (kBlockRows - rows));
        matches += bits == 0 ? 0 : static_cast<uint32_t>(std::popcount(bits));
        row += rows;
    }
    return matches;
}

// Done once the lists are known; until then a page of a directory is wanted.
PgsStatus Probe::find_lists(PgsError *error) {
    if (looks_rows_up()) {
        return look_rows_up(error);
    }
    // An approximate search counts the rows of those that it leaves out, too.
    if (!context_.effort.exact && directories_.want_any()) {
        return PGS_OK;
    }
    if (!matches_.is_resolved()) {
        is_matching_ = selected_.lists();
    } else if (PgsStatus status = count_matches(error)) {
        return status;
    }
    are_lists_known_ = true;
    if (!context_.effort.exact) {
        choice_.keep_to(is_matching_);
    }
    return PGS_OK;
}

// From the row in hand on, the lists that have the rows.
PgsStatus Probe::look_rows_up(PgsError *error) {
    const Meta &meta = context_.meta();
    is_matching_.resize(context_.codebook->lists());
    for (; in_segment_ < meta.segments; in_segment_++, from_row_ = 0) {
        while ((from_row_ = matches_.next_row(in_segment_, from_row_)) <
               meta.segment[in_segment_].rows) {
            uint32_t list = 0;
            if (PgsStatus status = directories_.find(in_segment_, from_row_, &list, error)) {
                return status;
            }
            if (list == Directories::kNoList) {
                return PGS_OK;
            }
            is_matching_[list] = true;
            const ListRun &run = *directories_.run_of(in_segment_, list);
            from_row_ = uint64_t{run.first_row} + run.rows;
        }
    }
    are_lists_known_ = true;
    return PGS_OK;
}

// With all of the directories read.
PgsStatus Probe::count_matches(PgsError *error) {
    const Meta &meta = context_.meta();
    const uint32_t lists = context_.codebook->lists();
    uint64_t matches = 0;
    is_matching_.assign(lists, false);
    for (uint32_t s = 0; s < meta.segments; s++) {
        for (uint32_t list = 0; list < lists; list++) {
            if (PgsStatus status = directories_.check_run(s, list, error)) {
                return status;
            }
            if (const uint32_t n = matches_in(s, *directories_.run_of(s, list))) {
                is_matching_[list] = true;
                matches += n;
            }
        }
    }
    return check_matches(matches, error);
}

// Lists have so many rows that satisfy the filter, each of which is to be in one of them.
PgsStatus Probe::check_matches(uint64_t in_lists, PgsError *error) const {
    if (in_lists != matches_.rows()) {
        return fail(error, PGS_CORRUPT, page_of_segment(context_.meta().segment[0], 0).block,
                    "%llu of %llu rows that satisfy the filter are in lists",
                    static_cast<unsigned long long>(in_lists),
                    static_cast<unsigned long long>(matches_.rows()));
    }
    return PGS_OK;
}

// ---- an exact search

void Probe::order_matching_lists() {
    matching_.clear();
    for (uint32_t list = 0; list < is_matching_.size(); list++) {
        if (is_matching_[list]) {
            matching_.push_back(
                {list, context_.codebook->list_query(context_.query.rotated.data(),
                                                     context_.query.codes.norm(), list)});
        }
    }
    std::sort(matching_.begin(), matching_.end(),
              [](const MatchingList &a, const MatchingList &b) { return a.at.add > b.at.add; });
    is_ordered_ = true;
}

bool Probe::choose_matching_list() noexcept {
    if (matching_.empty()) {
        return false;
    }
    at_ = matching_.back().at;
    begin_list(matching_.back().list);
    matching_.pop_back();
    return true;
}

// ---- an approximate one

// Goes on to the next list worth a visit; false when there is none.
bool Probe::choose_list() {
    context_.stop.end_list();
    const bool is_one = choice_.next();
    pass_lists_left_out();
    if (!is_one) {
        context_.stop.end_after_all();
        return false;
    }
    if (context_.log != nullptr) {
        context_.log->before_list(choice_.list(), choice_.add(), context_.stop, *context_.bound);
    }
    if (top_.seeks_within()) {
        top_.follow_rows_within();
        context_.stop.want(static_cast<double>(top_.rows_within()));
    }
    if (is_enough()) {
        top_.drop();
        context_.stop.end_before(choice_.add(), top_.stop_bar());
        return false;
    }
    begin_list(choice_.take(at_));
    context_.stop.begin_list(at_);
    PGSLAB_ASSERT(!is_visited_[list_]);
    is_visited_[list_] = true;
    announce_next_list();
    return true;
}

// Whether to stop before the next list.
bool Probe::is_enough() {
    if (context_.effort.probes != 0) {
        return visited_ >= top_.in_this_pass(context_.effort.probes);
    }
    if (context_.takes_all_lists || visited_ < visit_at_least_ ||
        !context_.stop.is_enough(choice_.add(), top_.stop_bar())) {
        return false;
    }
    if (misses_too_many()) {
        visit_at_least_ = visited_ + 1 + visited_ / kVisitMore;
        return false;
    }
    return true;
}

// Where the rows that satisfy the filter begin far from the query: whether the lists that were not
// visited have more of those wanted than may be missed, if each has as many as another.
bool Probe::misses_too_many() const noexcept {
    if (context_.filter.asks_nothing() && !selected_.is_known()) {
        return false;
    }
    const double rows = context_.rows_in_segments();
    const double matching = matches_.is_resolved() ? static_cast<double>(matches_.rows())
                            : selected_.is_known() ? static_cast<double>(selected_.rows())
                                                   : rows * context_.stop.share_matching();
    if (!context_.stop.begins_far(matching / rows)) {
        return false;
    }
    double lists = 0;
    double missed = 0;
    for (uint32_t list = 0; list < is_visited_.size(); list++) {
        if (are_lists_known_ && !is_matching_[list]) {
            continue;
        }
        lists++;
        if (!is_visited_[list]) {
            missed += context_.stop.share_beyond(
                context_.stop.margin(choice_.least_add(list), top_.stop_bar()));
        }
    }
    return missed * matching / lists >
           (1 - context_.effort.target_recall) * context_.stop.rows_asked_for();
}

// Only the sidecar can have rows of theirs that satisfy the filter.
void Probe::pass_lists_left_out() {
    for (uint32_t list : choice_.left_out()) {
        is_visited_[list] = true;
        for (uint32_t s = 0; s < context_.meta().segments; s++) {
            context_.stop.come_to(directories_.run_of(s, list)->rows);
        }
    }
}

void Probe::begin_list(uint32_t list) {
    list_ = list;
    next_segment_ = 0;
    // Without a filter an empty list counts, too.
    is_counted_ = !is_told();
    visited_ += is_counted_ ? 1 : 0;
    context_.work.lists += is_counted_ ? 1 : 0;
}

// Says where the list after the one in hand lies, as far as the directories were read.
void Probe::announce_next_list() {
    // With a filter it is known only later which of a list's codes are wanted.
    if (!context_.filter.asks_nothing() || !choice_.next()) {
        return;
    }
    const Meta &meta = context_.meta();
    for (uint32_t s = 0; s < meta.segments; s++) {
        if (const ListRun *run = directories_.run_of(s, choice_.list())) {
            context_.upcoming.add_list(meta.segment[s], context_.layout, *run);
        }
    }
}

}  // namespace pgslab
