// What a search has found so far: the candidates of the pass under way, and the rows that are done
// with.
//
// A pass is made for a number of rows and keeps what its memory has room for; what it turns away is
// met again by the next one. That is made for eight times as many rows, and leaves out those that
// are done with: returned, left out for coming too late, dead, or seen by nobody. Where memory was
// why a pass came to almost nothing, the next takes twice as much.
//
// The bar of the candidates (candidates.h) is a value of the operator. Codes are compared with the
// estimate that has that value.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "search/candidates.h"
#include "search/context.h"
#include "search/effort.h"
#include "search/slot_set.h"

namespace pgslab {

class TopK {
  public:
    // context must outlive it. memory_bytes: for candidates.
    TopK(SearchContext &context, size_t memory_bytes) noexcept
        : context_(context), memory_bytes_(memory_bytes) {}

    // Forgets everything and begins the first pass of the context's query; begins the next one. May
    // throw std::bad_alloc, as may what takes rows.
    void begin();
    void begin_next_pass();

    // Whether the pass that has ended came to anything, if memory limited what it could come to.
    bool has_got_on() const noexcept;

    // Of the first pass n is so many in this one: eight times as many from pass to pass.
    uint64_t in_this_pass(uint64_t n) const noexcept;

    // Whether the row is done with since an earlier pass.
    bool is_done(uint64_t address) const noexcept {
        return !done_before_.empty() && done_before_.contains(address);
    }

    // The row is not to come in a later pass.
    void set_done(uint64_t address) { done_.push_back(address); }

    // ---- collecting

    // What a row's estimate, less its margin, has to be below. Infinite as long as there are not
    // enough candidates.
    double bar() const noexcept { return bar_; }

    // How many rows have to have an upper bound so that there is a bar, what that does not fall
    // below, and the upper bound that counts for a row.
    size_t wanted() const noexcept { return candidates_.wanted(); }
    double floor() const noexcept { return context_.bound->to_estimate(candidates_.floor()); }
    double upper(double estimate, double margin) const noexcept {
        return estimate + upper_share_ * margin;
    }

    // What an estimate of a row of this list may be off by beyond its margin. That is for errors
    // that have nothing to do with one another; but where a row lies at its centroid all that is
    // left of it is what rounding took from that, and a query that is the same vector lost the
    // same by its own; and what storing it as bytes took, which a query did not lose. A bound of
    // distances is compared with values, which have no such error; a bar, which is an upper bound
    // of other estimates, spares it.
    double rounding_in(const ListQuery &at, unsigned bits) const noexcept {
        constexpr double kSums = 0x1p-20;
        constexpr double kCentroid = 0x1p-5;  // twice what int8 takes from a vector, to its length
        const CodeQuery &codes = context_.query.row_codes();
        const double length = context_.query.codes.norm() + at.distance;
        return context_.filter.is_bounded()
                   ? length * (kSums * length + kCentroid * codes.rounding(bits)) +
                         storing_at(length)
                   : 0;
    }

    // Something was passed over: for the bar, or since there are enough others. There may be more
    // rows than what the candidates hold.
    void drop() noexcept { candidates_.drop(); }
    void turn_away() noexcept { candidates_.turn_away(); }

    // Where rows within a bound are searched for by lists, nobody knows how many there are: as many
    // are wanted as seem to be there by now, but not more than are asked for. Then the search stops
    // where one would that asks for so many rows: by the upper bound that would be its bar.
    bool seeks_within() const noexcept {
        return context_.filter.is_bounded() && context_.by_lists && !context_.effort.exact;
    }
    void follow_rows_within();
    uint64_t rows_within() const noexcept { return rows_within_; }

    // What the stop rule goes by.
    double stop_bar() const noexcept { return seeks_within() ? bar_within_ : bar_; }

    // A row whose code has this estimate, which may be off by the margin. The bar stays where it is
    // until follow_bar().
    void offer(uint64_t address, double estimate, double margin) {
        const CodeBound &bound = *context_.bound;
        const double upper = bound.to_value(this->upper(estimate, margin));
        candidates_.offer({bound.to_value(estimate - margin), address, 0, {}, 0, false}, upper);
        if (context_.log != nullptr) {
            context_.log->offer(address, estimate, margin / context_.level.deviations, upper);
        }
    }
    void follow_bar() noexcept { bar_ = context_.bound->to_estimate(candidates_.bar()); }

    // An evaluated row.
    void offer(const Candidate &row);

    // ---- afterwards

    // No more offers: candidates() are to be evaluated.
    void finish();
    Candidates &candidates() noexcept { return candidates_; }

  private:
    // Whether there are no codes to choose rows by: then a pass compares the vectors of all rows.
    bool compares_all() const noexcept {
        return !is_worth_refining(context_.shape, context_.effort.exact) && !context_.by_lists;
    }

    // What an estimate may be off by as stored vectors are, at such a distance. A row that is near
    // the query has lost as much as the query would have.
    double storing_at(double length) const noexcept {
        const bool is_product = context_.shape.metric == Metric::kInnerProduct;
        const double across = context_.level.deviations / std::sqrt(context_.shape.padded - 1.0);
        return storing_ * ((is_product ? 0 : storing_) + 2 * length * across);
    }

    double greatest() const noexcept;
    void set_storing();
    void begin_pass();
    void begin_within();
    void want_within(uint64_t rows);
    uint64_t most_within() const noexcept;

    SearchContext &context_;
    double storing_ = 0;  // what the query would lose as a stored vector of bytes, in code space
    const size_t memory_bytes_;
    uint32_t pass_ = 0;
    uint64_t least_ = 0;        // rows that are almost nothing, where memory limits this pass
    size_t memory_factor_ = 1;  // times the memory that a pass may take
    Candidates candidates_;
    double bar_ = 0;
    uint64_t rows_within_ = 0;
    double bar_within_ = 0;
    double per_row_in_lists_ = 1;  // rows of the index
    uint64_t kept_then_ = 0;       // when that was found
    double upper_share_ = 1;       // of a margin: the bar is the same however sure lower bounds are
    std::vector<uint64_t> done_;   // slots, in this pass
    SlotSet done_before_;          // in earlier ones
};

}  // namespace pgslab
