#include "search/probe.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/assert.h"
#include "base/error.h"
#include "search/effort.h"
#include "store/layout.h"

namespace pgslab {

void Probe::begin() {
    directories_.assign(context_.meta().segments, {});
    are_lists_known_ = false;
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
    next_segment_ = context_.meta().segments;
}

PgsStatus Probe::next(Found *found, PgsError *error) {
    const Meta &meta = context_.meta();
    if (is_told() && !are_lists_known_) {
        if (want_directories()) {
            *found = Found::kPage;
            return PGS_OK;
        }
        if (PgsStatus status = find_lists(error)) {
            return status;
        }
    }
    if (context_.effort.exact && !is_ordered_) {
        order_matching_lists();
    }
    for (;;) {
        for (; next_segment_ < meta.segments; next_segment_++) {
            segment_ = &meta.segment[next_segment_];
            const ListRun *run = run_of(next_segment_, list_);
            if (run == nullptr) {
                want_directory(next_segment_, list_);
                *found = Found::kPage;
                return PGS_OK;
            }
            if (PgsStatus status = check_run(next_segment_, list_, error)) {
                return status;
            }
            context_.stop.come_to(run->rows);
            if (matches_in(next_segment_, *run) > 0) {
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
            return PGS_OK;
        }
    }
}

// ---- where lists lie

// Where the segment has the list; null unless that page of its directory was read.
const ListRun *Probe::run_of(uint32_t segment, uint32_t list) const noexcept {
    const Directory &directory = directories_[segment];
    const uint32_t page = list / kRunsPerPage;
    return page < directory.is_read.size() && directory.is_read[page] ? &directory.runs[list]
                                                                      : nullptr;
}

PgsStatus Probe::check_run(uint32_t segment, uint32_t list, PgsError *error) const {
    const ListRun &run = *run_of(segment, list);
    const Segment &of = context_.meta().segment[segment];
    if (uint64_t{run.first_row} + run.rows > of.rows) {
        return fail(error, PGS_CORRUPT, page_of_segment(of, list / kRunsPerPage).block,
                    "list %u of segment %llu lies outside the segment", list,
                    static_cast<unsigned long long>(of.id));
    }
    return PGS_OK;
}

void Probe::want_directory(uint32_t segment, uint32_t list) noexcept {
    reading_ = segment;
    wanted_ = page_of_segment(context_.meta().segment[segment], list / kRunsPerPage);
}

// All of the directories.
bool Probe::want_directories() noexcept {
    const Meta &meta = context_.meta();
    for (uint32_t s = 0; s < meta.segments; s++) {
        for (uint32_t page = 0; page < meta.segment[s].first_blocks; page++) {
            if (run_of(s, page * kRunsPerPage) == nullptr) {
                want_directory(s, page * kRunsPerPage);
                return true;
            }
        }
    }
    return false;
}

PgsStatus Probe::page(const Page &page, PgsError *error) {
    PGSLAB_ASSERT(reading_ < directories_.size());
    Directory &directory = directories_[reading_];
    if (directory.runs.empty()) {
        directory.runs.resize(context_.codebook->lists());
        directory.is_read.resize(context_.meta().segment[reading_].first_blocks);
    }
    PGSLAB_ASSERT(!directory.is_read[wanted_.sequence]);
    const size_t first = size_t{wanted_.sequence} * kRunsPerPage;
    PGSLAB_ASSERT(first < directory.runs.size());
    const size_t n = std::min<size_t>(kRunsPerPage, directory.runs.size() - first);
    if (used_bytes(page) != n * sizeof(ListRun)) {
        return fail(error, PGS_CORRUPT, wanted_.block, "the directory page uses %u bytes",
                    used_bytes(page));
    }
    std::memcpy(directory.runs.data() + first, page.payload, n * sizeof(ListRun));
    directory.is_read[wanted_.sequence] = true;
    return PGS_OK;
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

// With all of the directories read.
PgsStatus Probe::find_lists(PgsError *error) {
    if (matches_.is_resolved()) {
        if (PgsStatus status = count_matches(error)) {
            return status;
        }
    } else {
        is_matching_ = selected_.lists();
    }
    are_lists_known_ = true;
    if (!context_.effort.exact) {
        choice_.keep_to(is_matching_);
    }
    return PGS_OK;
}

PgsStatus Probe::count_matches(PgsError *error) {
    const Meta &meta = context_.meta();
    const uint32_t lists = context_.codebook->lists();
    uint64_t matches = 0;
    is_matching_.assign(lists, false);
    for (uint32_t s = 0; s < meta.segments; s++) {
        for (uint32_t list = 0; list < lists; list++) {
            if (PgsStatus status = check_run(s, list, error)) {
                return status;
            }
            if (const uint32_t n = matches_in(s, *run_of(s, list))) {
                is_matching_[list] = true;
                matches += n;
            }
        }
    }
    if (matches != matches_.rows()) {
        return fail(error, PGS_CORRUPT, page_of_segment(meta.segment[0], 0).block,
                    "%llu of %llu rows that satisfy the filter are in lists",
                    static_cast<unsigned long long>(matches),
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
    const bool enough = context_.effort.probes != 0
                            ? visited_ >= top_.in_this_pass(context_.effort.probes)
                            : context_.stop.is_enough(choice_.add(), top_.bar());
    if (enough) {
        top_.drop();
        context_.stop.end_before(choice_.add(), top_.bar());
        return false;
    }
    begin_list(choice_.take(at_));
    context_.stop.begin_list(at_);
    PGSLAB_ASSERT(!is_visited_[list_]);
    is_visited_[list_] = true;
    announce_next_list();
    return true;
}

// Only the sidecar can have rows of theirs that satisfy the filter.
void Probe::pass_lists_left_out() {
    for (uint32_t list : choice_.left_out()) {
        is_visited_[list] = true;
        for (uint32_t s = 0; s < context_.meta().segments; s++) {
            context_.stop.come_to(run_of(s, list)->rows);
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
        if (const ListRun *run = run_of(s, choice_.list())) {
            context_.upcoming.add_list(meta.segment[s], context_.layout, *run);
        }
    }
}

}  // namespace pgslab
