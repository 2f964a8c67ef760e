#include "search/recall_fit.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "ivf/lessons.h"
#include "search/stop_rule.h"

namespace pgslab {

namespace {

// Added to the parabola, for what chance has spared the queries measured with.
constexpr double kAllowance = 0.02;

// What was measured says nothing beside the parabola unless margins may miss so many rows there,
// and less than others to the parabola: what a few rows need at most is less than what one in a
// hundred of many does.
constexpr double kFewMissed = 3;

// A search finds what needs a margin if it stops at one that is larger.
constexpr double kMore = 1e-3;

// What bounds may cost of the rows that may be missed, of all kinds together and of each by itself,
// and the deviations they are to hold for.
constexpr double kShareOfBounds = 0.3;
constexpr double kShareOfKind = 0.7;
constexpr float kFewestDeviations = 1.0F;
constexpr float kMostDeviations = 3;

// No search stops earlier, and none goes on longer: margins are parts of the distance that rows lie
// from their centroids.
constexpr double kLeastMargin = -2;
constexpr double kMostMargin = 4;

// The value that a share of all are not above; needs at least one.
float quantile(std::vector<float> &values, double share) {
    const auto n = static_cast<double>(values.size());
    const auto at = static_cast<size_t>(std::clamp(std::ceil(share * n) - 1, 0.0, n - 1));
    std::nth_element(values.begin(), values.begin() + static_cast<ptrdiff_t>(at), values.end());
    return values[at];
}

// Whatever bounds rule out, margins leave out this share of what may be missed, or the rows that
// are hardest to find would decide.
constexpr double kLeftToMargins = 0.2;

struct Reached {
    double margin;
    double missed;  // rows that the margin may miss; bounds rule out others
};

// The margin above which a share of the rows were found; those whose bounds ruled them out were
// not.
Reached margin_that_finds(const std::vector<Needed> &needed, double recall, float deviations) {
    std::vector<float> margins;
    for (const Needed &row : needed) {
        if (row.deviations < deviations) {
            margins.push_back(row.margin);
        }
    }
    if (margins.empty()) {
        return {kMostMargin, 0};
    }
    const auto in_bounds = static_cast<double>(margins.size());
    const double found = recall * static_cast<double>(needed.size());
    const double share = std::min(found / in_bounds, 1 - kLeftToMargins * (1 - recall));
    const double least = quantile(margins, share);
    return {std::clamp(least + kMore, kLeastMargin, kMostMargin), (1 - share) * in_bounds};
}

// What a share of the rows need; the fewest where there are none.
float deviations_of(std::vector<float> &deviations, double share) {
    return deviations.empty() ? kFewestDeviations : quantile(deviations, share);
}

// A parabola through weighted points with ascending x, by least squares; of lower degree where
// there are few. Beyond the last point it stays at what it is there.
class Parabola {
  public:
    void add(double x, double y, double weight) {
        double power = weight;
        for (double &sum : x_) {
            sum += power;
            power *= x;
        }
        y_[0] += weight * y;
        y_[1] += weight * y * x;
        y_[2] += weight * y * x * x;
        n_++;
        last_ = x;
    }

    bool is_empty() const { return n_ == 0; }

    double at(double x) const {
        if (n_ < 4) {
            return y_[0] / x_[0];
        }
        x = std::min(x, last_);
        // Cramer's rule.
        const double d = det(x_[0], x_[1], x_[2], x_[1], x_[2], x_[3], x_[2], x_[3], x_[4]);
        const double a = det(y_[0], x_[1], x_[2], y_[1], x_[2], x_[3], y_[2], x_[3], x_[4]) / d;
        const double b = det(x_[0], y_[0], x_[2], x_[1], y_[1], x_[3], x_[2], y_[2], x_[4]) / d;
        const double c = det(x_[0], x_[1], y_[0], x_[1], x_[2], y_[1], x_[2], x_[3], y_[2]) / d;
        return a + b * x + c * x * x;
    }

  private:
    static double det(double a, double b, double c, double d, double e, double f, double g,
                      double h, double i) {
        return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
    }

    int n_ = 0;
    double last_ = 0;
    double x_[5] = {};  // sums of powers
    double y_[3] = {};
};

}  // namespace

void RecallFit::add(uint32_t kind, const std::vector<RecallLog::NeededByRows> &nearest) {
    queries_++;
    for (size_t i = 0; i < RecallLog::kRows.size(); i++) {
        if (RecallLog::kRows[i] > nearest.size()) {
            break;
        }
        for (size_t row = 0; row < RecallLog::kRows[i]; row++) {
            needed_[kind][i].push_back(nearest[row][i]);
        }
    }
}

// So that bounds alone miss no more than their share of the rows that the level's margins come to.
// What they need is much the same for all kinds of queries, so these are taken together, as are
// like numbers of rows: few rows say little about rare deviations. But no kind is to lose more than
// its margins can make up for.
float RecallFit::deviations_for(const Level &level) const {
    const double missed = 1.0 - level.recall;
    float most = kFewestDeviations;
    for (uint32_t row_class = 0; row_class < kRowClasses; row_class++) {
        std::vector<float> deviations;
        for (const ByRows &by_rows : needed_) {
            add_deviations(level, by_rows, row_class, deviations);
        }
        most = std::max(most, deviations_of(deviations, 1 - kShareOfBounds * missed));
    }
    for (const ByRows &by_rows : needed_) {
        std::vector<float> deviations;
        for (uint32_t row_class = 0; row_class < kRowClasses; row_class++) {
            add_deviations(level, by_rows, row_class, deviations);
        }
        most = std::max(most, deviations_of(deviations, 1 - kShareOfKind * missed));
    }
    return std::min(std::nextafter(most, kMostDeviations), kMostDeviations);
}

double RecallFit::in_bounds(uint32_t kind, float deviations) const noexcept {
    size_t all = 0;
    size_t in_bounds = 0;
    for (const std::vector<Needed> &needed : needed_[kind]) {
        all += needed.size();
        in_bounds +=
            static_cast<size_t>(std::count_if(needed.begin(), needed.end(), [&](const Needed &row) {
                return row.deviations < deviations;
            }));
    }
    return all == 0 ? 1 : static_cast<double>(in_bounds) / static_cast<double>(all);
}

// Those of the rows of a class that the level's margins come to.
void RecallFit::add_deviations(const Level &level, const ByRows &by_rows, uint32_t row_class,
                               std::vector<float> &deviations) {
    for (size_t i = 0; i < RecallLog::kRows.size(); i++) {
        if (class_of(RecallLog::kRows[i]) != row_class) {
            continue;
        }
        const double margin = margin_for(level, RecallLog::kRows[i]);
        for (const Needed &row : by_rows[i]) {
            if (row.margin < margin) {
                deviations.push_back(row.deviations);
            }
        }
    }
}

void RecallFit::fit(float recall, const Level *before, Level &level) const {
    level.recall = recall;
    level.deviations = kMostDeviations;
    fit_margins(recall, before, level);
    level.deviations = deviations_for(level);
    if (before != nullptr) {
        level.deviations = std::max(level.deviations, before->deviations);
    }
    fit_margins(recall, before, level);
}

void RecallFit::fit_margins(float recall, const Level *before, Level &level) const {
    std::optional<double> margins[kMargins];
    for (const ByRows &by_rows : needed_) {
        if (by_rows[0].empty()) {
            continue;
        }
        Parabola parabola;
        double measured[kMargins];
        std::fill_n(measured, kMargins, kLeastMargin);
        for (size_t i = 0; i < RecallLog::kRows.size(); i++) {
            if (by_rows[i].empty()) {
                break;
            }
            const Reached reached = margin_that_finds(by_rows[i], recall, level.deviations);
            // Rows that any margin finds, as few lists have so many, say nothing about others.
            if (reached.margin > kLeastMargin) {
                const double weight = std::clamp(reached.missed / kFewMissed, 0.01, 1.0);
                parabola.add(std::log(RecallLog::kRows[i]), reached.margin, weight);
            }
            const auto *knot = std::find(kMarginRows, kMarginRows + kMargins, RecallLog::kRows[i]);
            if (knot != kMarginRows + kMargins && reached.missed >= kFewMissed) {
                measured[knot - kMarginRows] = reached.margin;
            }
        }
        for (uint32_t i = 0; i < kMargins; i++) {
            const double smooth =
                parabola.is_empty() ? kLeastMargin : parabola.at(std::log(kMarginRows[i]));
            const double at = std::max(smooth + kAllowance, measured[i]);
            margins[i] = std::max(margins[i].value_or(at), at);
        }
    }
    for (uint32_t i = 0; i < kMargins; i++) {
        level.margin[i] = static_cast<float>(
            std::clamp(margins[i].value_or(kMostMargin), kLeastMargin, kMostMargin));
        // More recall takes no less, whatever chance says.
        if (before != nullptr) {
            level.margin[i] = std::max(level.margin[i], before->margin[i]);
        }
    }
}

}  // namespace pgslab
