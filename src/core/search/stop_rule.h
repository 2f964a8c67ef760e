// When a search by lists has come far enough to have found a wanted share of the nearest rows.
//
// A row at squared distance s from the query, in a list whose centroid is at distance d, lies by
//
//     p = (d^2 - s) / (2 d u)
//
// to the query's side of its centroid: its projection, where u is about what rows lie from their
// centroids. A list has rows below the bar t where projections exceed its margin
//
//     m = (d^2 - t) / (2 d u).
//
// Under an inner product p = (<q, o> - <q, c>) / (|q| u), and m likewise. How far projections reach
// is much the same everywhere in an index, but not for every query: one that is unlike the rows
// meets longer or shorter ones. So the search counts those it meets, and stops before the first
// list with
//
//     m - (the projection that one in a hundred of the rows scanned exceeds) >= margin wanted,
//
// which depends on the recall and on the number of rows wanted, and is measured (calibrate.h). Some
// hundred rows as they are everywhere in the index are counted in, lest the first list decide
// alone. After some thousand rows of several lists a search knows its tail, and counts no more.
//
// With a filter, where m of the n rows of the lists so far satisfy it, the nearest k of these are
// among about the nearest k n / m of all rows. The margin is the one for so many.
//
// Margins were measured near rows. Where none of the rows near the query satisfies the filter,
// those that do may all lie as far as one another, and their lists, too. Then the shares of
// projections beyond the margins of the lists that were not visited tell how many rows are missed
// (probe.h).
#pragma once

#include <array>
#include <cstdint>
#include <limits>

#include "ivf/format.h"
#include "quantize/code_bound.h"

namespace pgslab {

// The margin to stop at for so many rows: between two that were measured by the logarithm of their
// numbers, beyond them by one that errs upwards.
double margin_for(const Level &level, double rows) noexcept;

class StopRule {
  public:
    // Forgets what was counted. query_norm: |q'|. rows: that the pass is made for; first_rows: that
    // the first pass of the search was, by which was learnt.
    void begin_pass(const Calibration &calibration, const Level &level, Metric metric,
                    double query_norm, uint64_t rows, uint64_t first_rows) noexcept;

    // Begins with a list, comes to so many rows of it; then counts the estimates (of squared
    // distances, or of negative inner products) of those of a block's rows that have a bit, as they
    // satisfy the filter; then has done with it.
    void begin_list(const ListQuery &at) noexcept;
    void come_to(uint32_t rows) noexcept { passed_ += rows; }
    void count(const float *estimate, uint32_t rows) noexcept;
    void end_list() noexcept;

    // So many rows are wanted, as is known by now.
    void want(double rows) noexcept;

    // Whether to stop before the list with this ListQuery::add; bar: TopK::bar().
    bool is_enough(double add, double bar) const noexcept {
        return wanted_ < kEverything && margin(add, bar) - tail() >= wanted_;
    }

    // The pass ends before that list, or after the last one: for whoever asks how far it came, and
    // for how many rows the margin is.
    void end_before(double add, double bar) noexcept {
        reached_ = margin(add, bar) - tail() - more_;
    }
    void end_after_all() noexcept { reached_ = kEverything; }
    double reached() const noexcept { return reached_; }
    double rows() const noexcept { return rows_wanted_; }
    double rows_asked_for() const noexcept { return rows_asked_for_; }

    // Of that list. Negative infinity as long as there is no bar.
    double margin(double add, double bar) const noexcept;

    // Whether rows that satisfy a filter, which this share of all do, begin farther from the query
    // than they would by chance.
    bool begins_far(double share) const noexcept {
        constexpr double kByChance = 5;
        return static_cast<double>(before_) * share > kByChance;
    }

    // Of the rows since the first one that does, the share that satisfies the filter.
    double share_matching() const noexcept {
        return passed_ > 0 ? static_cast<double>(matching_) / static_cast<double>(passed_) : 0;
    }

    // The share of rows with a larger projection than that, by those that were counted.
    double share_beyond(double margin) const noexcept;

    // The projection that one in a hundred exceeds, of the lists that have ended.
    double tail() const noexcept { return tail_; }

    // How many projections were in each bin, of those that were counted.
    const std::array<uint32_t, kProjectionBins> &counted() const noexcept { return counted_; }

  private:
    static constexpr double kEverything = std::numeric_limits<double>::infinity();

    double scale_of(double add) const noexcept;
    void find_tail() noexcept;
    void find_margin() noexcept;

    bool product_ = false;
    double query_norm_ = 0;
    double unit_ = 0;
    bool is_measured_ = false;  // or everything is searched
    Level level_ = {};
    double learnt_[kRowClasses] = {};  // of the level's margins
    double rows_asked_for_ = 0;
    uint32_t row_class_ = 0;  // of the rows that the search was asked for
    double rows_wanted_ = 0;  // among all, whether they satisfy the filter or not
    double more_ = 0;         // than the margin for so many
    double wanted_ = 0;       // margin
    uint64_t before_ = 0;     // rows, up to the first list with one that satisfies the filter
    uint64_t passed_ = 0;     // rows, from the first list on with one that satisfies the filter
    uint64_t matching_ = 0;   // of these
    double reached_ = 0;
    float add_ = 0;        // of the list in hand
    float per_value_ = 0;  // bins for a difference of 1 from it
    uint64_t rows_ = 0;    // counted
    uint32_t lists_ = 0;   // begun
    uint32_t bins_ = 0;    // none from here on has anything
    double tail_ = 0;
    bool is_tail_old_ = false;
    std::array<uint32_t, kProjectionBins> counted_ = {};
    std::array<float, kProjectionBins> usual_ = {};  // counted in
};

}  // namespace pgslab
