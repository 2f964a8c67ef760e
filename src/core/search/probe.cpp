#include "search/probe.h"

#include <algorithm>
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
    choice_.begin(*context_.codebook, context_.query.rotated.data(), context_.query.codes);
    context_.stop.begin_pass(vectors_of(context_.meta()).calibration, context_.level,
                             context_.shape.metric, context_.query.codes.norm(),
                             top_.in_this_pass(rows_expected(context_.effort)));
    is_visited_.assign(context_.codebook->lists(), false);
    visited_ = 0;
    next_segment_ = context_.meta().segments;
}

PgsStatus Probe::next(Found *found, PgsError *error) {
    const Meta &meta = context_.meta();
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
            if (run->rows > 0) {
                rows_ = *run;
                next_segment_++;
                *found = Found::kRows;
                return PGS_OK;
            }
        }
        if (!choose_list()) {
            *found = Found::kEnd;
            return PGS_OK;
        }
    }
}

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
    list_ = choice_.take(at_);
    context_.stop.begin_list(at_);
    PGSLAB_ASSERT(!is_visited_[list_]);
    is_visited_[list_] = true;
    next_segment_ = 0;
    visited_++;
    context_.work.lists++;
    announce_next_list();
    return true;
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
