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
}

void Probe::begin_pass() {
    context_.stop.begin_pass(vectors_of(context_.meta()).calibration, context_.level,
                             context_.shape.metric, context_.query.codes.norm(),
                             top_.in_this_pass(rows_expected(context_.effort)));
    is_to_find_ = context_.effort.exact;
    is_visited_.assign(context_.codebook->lists(), is_to_find_);
    if (!is_to_find_) {
        choice_.begin(*context_.codebook, context_.query.rotated.data(), context_.query.codes);
    }
    visited_ = 0;
    next_segment_ = context_.meta().segments;
}

PgsStatus Probe::next(Found *found, PgsError *error) {
    const Meta &meta = context_.meta();
    if (is_to_find_) {
        if (want_directories()) {
            *found = Found::kPage;
            return PGS_OK;
        }
        if (PgsStatus status = find_matching_lists(error)) {
            return status;
        }
    }
    for (;;) {
        for (; next_segment_ < meta.segments; next_segment_++) {
            segment_ = &meta.segment[next_segment_];
            const uint32_t page = list_ / kRunsPerPage;
            const ListRun *run = run_of(next_segment_, list_);
            if (run == nullptr) {
                wanted_ = page_of_segment(*segment_, page);
                *found = Found::kPage;
                return PGS_OK;
            }
            if (uint64_t{run->first_row} + run->rows > segment_->rows) {
                return fail(error, PGS_CORRUPT, page_of_segment(*segment_, page).block,
                            "list %u of segment %llu lies outside the segment", list_,
                            static_cast<unsigned long long>(segment_->id));
            }
            context_.stop.come_to(run->rows);
            if (may_match(*run)) {
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

// Whether a row of the list in the segment in hand is not ruled out as yet.
bool Probe::may_match(const ListRun &run) const noexcept {
    if (run.rows == 0 || !matches_.is_resolved()) {
        return run.rows > 0;
    }
    const uint32_t *const left = matches_.rows_of(next_segment_).data();
    const uint64_t end = uint64_t{run.first_row} + run.rows;
    for (uint64_t row = run.first_row; row < end;) {
        const auto in_block = static_cast<uint32_t>(row % kBlockRows);
        const auto rows =
            static_cast<uint32_t>(std::min<uint64_t>(kBlockRows - in_block, end - row));
        if ((left[row / kBlockRows] >> in_block & (~0U >> (kBlockRows - rows))) != 0) {
            return true;
        }
        row += rows;
    }
    return false;
}

// ---- an exact search

// All of the directories have to be read first.
bool Probe::want_directories() noexcept {
    const Meta &meta = context_.meta();
    for (next_segment_ = 0; next_segment_ < meta.segments; next_segment_++) {
        segment_ = &meta.segment[next_segment_];
        for (uint32_t page = 0; page < segment_->first_blocks; page++) {
            if (run_of(next_segment_, page * kRunsPerPage) == nullptr) {
                wanted_ = page_of_segment(*segment_, page);
                return true;
            }
        }
    }
    return false;
}

// The lists of the rows that are left.
PgsStatus Probe::find_matching_lists(PgsError *error) {
    const Meta &meta = context_.meta();
    std::vector<bool> is_matching(context_.codebook->lists());
    matching_.clear();
    for (uint32_t s = 0; s < meta.segments; s++) {
        const std::vector<ListRun> &runs = directories_[s].runs;
        const std::vector<uint32_t> &left = matches_.rows_of(s);
        uint64_t end = 0;  // of the list of the row before
        for (uint64_t block = 0; block < left.size(); block++) {
            for (uint32_t rows = left[block]; rows != 0; rows &= rows - 1) {
                const uint64_t row =
                    block * kBlockRows + static_cast<uint32_t>(std::countr_zero(rows));
                if (row < end) {
                    continue;
                }
                const auto after = std::upper_bound(
                    runs.begin(), runs.end(), row,
                    [](uint64_t wanted, const ListRun &run) { return wanted < run.first_row; });
                const auto list = static_cast<uint32_t>(after - runs.begin()) - 1;
                end = after == runs.begin() ? 0 : uint64_t{runs[list].first_row} + runs[list].rows;
                if (row >= end) {
                    return fail(error, PGS_CORRUPT, page_of_segment(meta.segment[s], 0).block,
                                "row %llu of segment %llu is in no list",
                                static_cast<unsigned long long>(row),
                                static_cast<unsigned long long>(meta.segment[s].id));
                }
                if (!is_matching[list]) {
                    is_matching[list] = true;
                    matching_.push_back(
                        {list, context_.codebook->list_query(context_.query.rotated.data(),
                                                             context_.query.codes.norm(), list)});
                }
            }
        }
    }
    std::sort(matching_.begin(), matching_.end(),
              [](const MatchingList &a, const MatchingList &b) { return a.at.add > b.at.add; });
    is_to_find_ = false;
    return PGS_OK;
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
    if (!choice_.next()) {
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

void Probe::begin_list(uint32_t list) {
    list_ = list;
    next_segment_ = 0;
    // Without a filter an empty list counts, too.
    is_counted_ = !matches_.is_resolved();
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

// Where the segment has the list; null unless that page of its directory was read.
const ListRun *Probe::run_of(uint32_t segment, uint32_t list) const noexcept {
    const Directory &directory = directories_[segment];
    const uint32_t page = list / kRunsPerPage;
    return page < directory.is_read.size() && directory.is_read[page] ? &directory.runs[list]
                                                                      : nullptr;
}

PgsStatus Probe::page(const Page &page, PgsError *error) {
    PGSLAB_ASSERT(next_segment_ < directories_.size());
    Directory &directory = directories_[next_segment_];
    if (directory.runs.empty()) {
        directory.runs.resize(context_.codebook->lists());
        directory.is_read.resize(segment_->first_blocks);
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

}  // namespace pgslab
