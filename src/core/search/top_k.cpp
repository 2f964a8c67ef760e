#include "search/top_k.h"

#include <algorithm>
#include <limits>

#include "search/effort.h"

namespace pgslab {

namespace {

constexpr size_t kFewestCandidates = 256;

// Times the memory that a pass may take at most: enough for all rows that an index may have.
constexpr size_t kMostMemoryFactor = size_t{1} << 24;

constexpr uint32_t kPassGrowth = 8;

// A pass that has not come to one in so many of the rows it was made for has not got on.
constexpr uint32_t kLeastShare = 64;

// Rows kept by a pass that compares vectors at once and knows no upper bounds.
constexpr size_t kFlatCapacity = 1024;

}  // namespace

void TopK::begin() {
    const float deviations = context_.level.deviations;
    upper_share_ = context_.effort.exact || !(deviations > 0) ? 1 : kUsualDeviations / deviations;
    pass_ = 0;
    memory_factor_ = 1;
    done_.clear();
    done_before_.clear();
    begin_pass();
}

// Rows that are hard to tell apart may almost all lie beyond what a pass could keep. Then twice the
// memory lets a pass get on several times as far, and without it there may be no end.
bool TopK::has_got_on() const noexcept {
    return done_.size() > (candidates_.overflowed() ? least_ : 0);
}

void TopK::begin_next_pass() {
    memory_factor_ =
        has_got_on() ? memory_factor_ : std::min(2 * memory_factor_, kMostMemoryFactor);
    for (uint64_t address : done_) {
        done_before_.insert(address);
    }
    done_.clear();
    pass_++;
    begin_pass();
}

void TopK::begin_pass() {
    // Twice as many are gathered before the larger half is cut.
    const size_t capacity =
        memory_factor_ * std::max(kFewestCandidates, memory_bytes_ / (3 * sizeof(Candidate)));
    uint64_t wanted = in_this_pass(rows_wanted(context_.effort));
    size_t kept = capacity;
    if (compares_all()) {
        wanted = std::max<uint64_t>(wanted, in_this_pass(kFlatCapacity));
        kept = std::min<size_t>(capacity, wanted);
    }
    wanted = std::min<uint64_t>(wanted, capacity);
    least_ = kept == capacity ? wanted / kLeastShare : 0;
    candidates_.begin(wanted, kept);
    bar_ = std::numeric_limits<double>::infinity();
    context_.work.passes++;
}

uint64_t TopK::in_this_pass(uint64_t n) const noexcept {
    for (uint32_t pass = pass_; pass > 0 && n < uint64_t{1} << 40; pass--) {
        n *= kPassGrowth;
    }
    return n;
}

void TopK::offer(const Candidate &row) {
    candidates_.offer(row, std::numeric_limits<double>::infinity());
}

void TopK::finish() {
    const PgsEffort &effort = context_.effort;
    size_t most = std::numeric_limits<size_t>::max();
    // What was compared already costs nothing more, and may be among the nearest.
    if (effort.rerank != 0 && !effort.exact && !compares_all()) {
        most = in_this_pass(effort.rerank);
    }
    // Bounds that hold always keep the order by themselves.
    const uint64_t sure = effort.exact ? 0 : in_this_pass(rows_expected(effort));
    candidates_.finish(most, sure);
}

}  // namespace pgslab
