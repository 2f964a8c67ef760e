#include "search/top_k.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "quantize/encode.h"

namespace pgslab {

namespace {

constexpr size_t kFewestCandidates = 256;

// Times the memory that a pass may take at most: enough for all rows that an index may have.
constexpr size_t kMostMemoryFactor = size_t{1} << 24;

constexpr uint32_t kPassGrowth = 8;

// A pass that has not come to one in so many of the rows it was made for has not got on.
constexpr uint32_t kLeastShare = 64;

// So many rows are taken to lie within a bound at least. Room is made for half as many again: there
// may turn out to be more.
constexpr uint64_t kFewestWithin = 10;

// And so many at most; further ones are a later pass's.
constexpr uint64_t kMostWithin = uint64_t{1} << 20;

// How far the rows lie that a pass would stop by is found anew with one in so many more kept.
constexpr uint64_t kMoreKept = 32;

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
    if (context_.filter.is_bounded() && context_.bound) {
        set_storing();
    }
    begin_pass();
}

// Of halves and floats it is below what rounding_in() allows for anyway.
void TopK::set_storing() {
    const Shape &shape = context_.shape;
    storing_ = 0;
    if (shape.storage == Storage::kI8) {
        std::vector<uint8_t> item(item_bytes(shape.dims, shape.storage));
        VectorRecord record;
        (void)encode(shape.metric, shape.storage, context_.query.given.data(), shape.dims,
                     item.data(), &record, context_.codebook->offset());
        storing_ = record.error / context_.codebook->unit();
    }
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

// Sets that share nothing with the query are all as far from it, and no code tells that they do.
double TopK::greatest() const noexcept {
    return context_.shape.metric == Metric::kJaccard && !context_.effort.exact
               ? 1
               : std::numeric_limits<double>::infinity();
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
    // There is a bar from the beginning, and one pass finds all that there is room for.
    if (context_.filter.is_bounded() && context_.effort.rows == 0 && !seeks_within()) {
        wanted = kept = capacity;
    }
    wanted = std::min<uint64_t>(wanted, capacity);
    least_ = kept == capacity ? wanted / kLeastShare : 0;
    candidates_.begin(wanted, kept, context_.filter.bound(), seeks_within(), greatest());
    bar_ = std::numeric_limits<double>::infinity();
    if (seeks_within()) {
        begin_within();
    } else if (context_.filter.is_bounded() && context_.bound) {
        follow_bar();
    }
    context_.work.passes++;
}

// ---- rows within a bound

// How many of them this pass is made for at most.
uint64_t TopK::most_within() const noexcept {
    const uint64_t rows = context_.effort.rows == 0 ? kMostWithin : rows_expected(context_.effort);
    return std::min(in_this_pass(rows), kMostWithin << 10);
}

void TopK::begin_within() {
    kept_then_ = 0;
    per_row_in_lists_ = context_.rows_at_most() / std::max(context_.rows_in_segments(), 1.0);
    bar_within_ = std::numeric_limits<double>::infinity();
    want_within(std::min(kFewestWithin, most_within()));
}

void TopK::want_within(uint64_t rows) {
    rows_within_ = rows;
    if (rows == most_within()) {
        candidates_.want(rows_wanted(static_cast<uint32_t>(rows)), false);
    } else if (rows_wanted(static_cast<uint32_t>(rows)) > candidates_.wanted()) {
        candidates_.want(rows_wanted(static_cast<uint32_t>(rows + rows / 2)), true);
    }
    follow_bar();
}

void TopK::follow_rows_within() {
    const uint64_t kept = candidates_.kept_so_far();
    if (kept - kept_then_ <= kept_then_ / kMoreKept) {
        return;
    }
    kept_then_ = kept;
    // The rows beside the lists come later, and of those that are wanted some are not found.
    const double wanted = static_cast<double>(candidates_.within()) * per_row_in_lists_ /
                          context_.effort.target_recall;
    const uint64_t seem =
        std::min(std::max(static_cast<uint64_t>(wanted), kFewestWithin), most_within());
    if (seem != rows_within_) {
        want_within(seem);
    }
    const size_t counts =
        std::min<size_t>(rows_wanted(static_cast<uint32_t>(seem)), candidates_.wanted());
    bar_within_ = context_.bound->to_estimate(candidates_.upper_of(counts));
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
    uint64_t sure = effort.exact ? 0 : in_this_pass(rows_expected(effort));
    if (seeks_within()) {
        sure = rows_within_;
    }
    candidates_.finish(most, sure);
}

}  // namespace pgslab
