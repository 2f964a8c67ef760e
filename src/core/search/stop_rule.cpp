#include "search/stop_rule.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "ivf/lessons.h"
#include "search/effort.h"

namespace pgslab {

namespace {

// What the bins take in; what lies beyond is counted in the first or the last.
constexpr double kLowest = -0.6;
constexpr double kBinsPerUnit = 80;

// Rows as they are everywhere that are counted in, and the share of all that lies in the tail.
constexpr double kUsualRows = 300;

// So many rows, of so many lists, have to be counted; then no more are.
constexpr uint64_t kEnoughRows = 4096;
constexpr uint32_t kEnoughLists = 8;
constexpr double kTail = 0.01;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

}  // namespace

double margin_for(const Level &level, double rows) noexcept {
    constexpr double kAboveLast = 0.05;  // for e times the rows
    const double at = std::log(std::max(rows, 1.0));
    for (uint32_t i = 1; i < kMargins; i++) {
        const double low = std::log(kMarginRows[i - 1]);
        const double high = std::log(kMarginRows[i]);
        if (at <= high) {
            const double share = (at - low) / (high - low);
            if (level.margin[i - 1] == level.margin[i]) {
                return level.margin[i];  // both may be infinite
            }
            return level.margin[i - 1] + share * (level.margin[i] - level.margin[i - 1]);
        }
    }
    const double last = level.margin[kMargins - 1];
    const double most = *std::max_element(level.margin, level.margin + kMargins);
    return std::max(last, most) + kAboveLast * (at - std::log(kMarginRows[kMargins - 1]));
}

void StopRule::begin_pass(const Calibration &calibration, const Level &level, Metric metric,
                          double query_norm, uint64_t rows, uint64_t first_rows) noexcept {
    product_ = metric == Metric::kInnerProduct;
    query_norm_ = query_norm;
    unit_ = calibration.unit;
    // What was never measured is searched as a whole.
    is_measured_ = calibration.queries != 0;
    level_ = level;
    for (uint32_t c = 0; c < kRowClasses; c++) {
        learnt_[c] = is_measured_ ? learnt_for(calibration, c, level.recall) : 0;
    }
    rows_asked_for_ = static_cast<double>(rows);
    row_class_ = class_of(static_cast<double>(first_rows));
    before_ = 0;
    passed_ = 0;
    matching_ = 0;
    find_margin();
    reached_ = -kInfinity;
    rows_ = 0;
    lists_ = 0;
    counted_.fill(0);
    double all = 0;
    for (uint16_t n : calibration.projections) {
        all += n;
    }
    const auto each = static_cast<float>(all > 0 ? kUsualRows / all : 0);
    bins_ = 0;
    for (uint32_t b = 0; b < kProjectionBins; b++) {
        usual_[b] = each * static_cast<float>(calibration.projections[b]);
        bins_ = usual_[b] > 0 ? b + 1 : bins_;
    }
    find_tail();
}

// What a projection of 1 is in estimates, of a list with this ListQuery::add.
double StopRule::scale_of(double add) const noexcept {
    return unit_ * (product_ ? query_norm_ : 2 * std::sqrt(std::max(add, 0.0)));
}

void StopRule::begin_list(const ListQuery &at) noexcept {
    if (matching_ == 0) {
        before_ += passed_;
        passed_ = 0;
    }
    lists_++;
    const double scale = scale_of(at.add);
    const double per_value = kBinsPerUnit / scale;
    add_ = static_cast<float>(at.add);
    constexpr double kMost = std::numeric_limits<float>::max();
    per_value_ =
        std::isfinite(add_) && scale > 0 ? static_cast<float>(std::min(per_value, kMost)) : 0;
}

void StopRule::count(const float *estimate, uint32_t rows) noexcept {
    constexpr auto kFirst = static_cast<float>(-kLowest * kBinsPerUnit);
    constexpr auto kLast = static_cast<float>(kProjectionBins - 1);
    matching_ += static_cast<uint32_t>(std::popcount(rows));
    if (rows_ >= kEnoughRows && lists_ >= kEnoughLists) {
        return;
    }
    // First the bins, by wide instructions, then the counting, which knows none.
    int32_t bins[kBlockRows];
    for (uint32_t i = 0; i < kBlockRows; i++) {
        const float at = kFirst + (add_ - estimate[i]) * per_value_;
        // What is no number is in the first.
        bins[i] = static_cast<int32_t>(at > 0 ? std::min(at, kLast) : 0);
    }
    int32_t last = 0;
    rows_ += static_cast<uint32_t>(std::popcount(rows));
    for (; rows != 0; rows &= rows - 1) {
        const int32_t bin = bins[std::countr_zero(rows)];
        counted_[static_cast<size_t>(bin)]++;
        last = std::max(last, bin);
    }
    bins_ = std::max(bins_, static_cast<uint32_t>(last) + 1);
    is_tail_old_ = true;
}

void StopRule::end_list() noexcept {
    if (is_tail_old_) {
        find_tail();
    }
    if (matching_ > 0 && matching_ < passed_) {
        find_margin();
    }
}

void StopRule::want(double rows) noexcept {
    rows_asked_for_ = rows;
    row_class_ = class_of(rows);
    find_margin();
}

// Margins for more rows than were measured with are guesses that err upwards. What was learnt from
// searches for as many rows as this one holds in its later passes, too, and with a filter.
void StopRule::find_margin() noexcept {
    constexpr double kMeasured = kMarginRows[kMargins - 1];
    rows_wanted_ = rows_asked_for_;
    if (matching_ < passed_ && rows_asked_for_ < kMeasured) {
        const double per_match = static_cast<double>(passed_) / static_cast<double>(matching_);
        rows_wanted_ = std::min(rows_asked_for_ * per_match, kMeasured);
    }
    more_ = std::max(0.0, learnt_[row_class_] - learnt_[class_of(rows_wanted_)]);
    wanted_ = is_measured_ ? margin_for(level_, rows_wanted_) + more_ : kEverything;
}

void StopRule::find_tail() noexcept {
    is_tail_old_ = false;
    tail_ = kLowest;
    const auto beyond = static_cast<float>(kTail * (static_cast<double>(rows_) + kUsualRows));
    float above = 0;
    for (uint32_t b = bins_; b-- > 0;) {
        const float here = static_cast<float>(counted_[b]) + usual_[b];
        if (above + here >= beyond) {
            const float share = (beyond - above) / here;
            tail_ = kLowest + (static_cast<double>(b) + 1 - share) / kBinsPerUnit;
            return;
        }
        above += here;
    }
}

double StopRule::share_beyond(double margin) const noexcept {
    const double at = (margin - kLowest) * kBinsPerUnit;
    double beyond = 0;
    for (uint32_t b = bins_; b-- > 0 && b + 1 > at;) {
        beyond += (counted_[b] + static_cast<double>(usual_[b])) * std::min(b + 1 - at, 1.0);
    }
    return beyond / (static_cast<double>(rows_) + kUsualRows);
}

double StopRule::margin(double add, double bar) const noexcept {
    const double room = add - (product_ ? bar : std::max(bar, 0.0));
    const double scale = scale_of(add);
    if (!(room > -kInfinity) || std::isinf(bar)) {
        return -kInfinity;
    }
    // Rows that lie at their centroids have no projection.
    return scale > 0 ? room / scale : room > 0 ? kInfinity : -kInfinity;
}

}  // namespace pgslab
