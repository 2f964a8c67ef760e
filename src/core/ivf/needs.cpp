#include "ivf/needs.h"

#include <algorithm>

#include "ivf/format.h"
#include "ivf/training.h"

namespace pgslab {

namespace {

// Times as many lists as there are would suit the rows.
constexpr double kManyMoreLists = 2;

// Where rows lie so much farther from their centroids than those that lists were trained with, most
// of them lie far from all, in a few lists that are no use to them.
constexpr double kMuchDrift = 0.2;

// Share of rows, more or less, or coded since, than when the index last measured itself.
constexpr double kManyOthers = 0.5;

// As if rows that are gone had been like those of their time, which nobody has counted.
double drift_of(const Vectors &vectors, double live) noexcept {
    const Spread &trained = vectors.trained;
    const Spread &coded = vectors.coded;
    if (trained.rows == 0 || trained.sum == 0 || vectors.lists < 2 || live == 0) {
        return 0;
    }
    const double mean = trained.sum / static_cast<double>(trained.rows);
    const double excess = coded.sum - mean * static_cast<double>(coded.rows);
    const double rows = std::max(live, static_cast<double>(coded.rows));
    return std::max(0.0, excess / (mean * rows));
}

// Not if as many lists would already have suited the rows that the present ones were trained with:
// then training could not make more, for want of memory or of distinct rows.
bool has_few_lists(const Vectors &vectors, double live, const PgsPolicy &policy) noexcept {
    const auto trained = static_cast<double>(vectors.trained.rows);
    const uint32_t most = std::max(vectors.lists, automatic_lists(trained));
    return policy.lists == 0 && automatic_lists(live) >= kManyMoreLists * most;
}

}  // namespace

bool needs_all_lists(const Meta &meta) noexcept {
    double rows = 0;
    for (uint32_t s = 0; s < meta.segments; s++) {
        rows += meta.segment[s].rows;
    }
    const Vectors &vectors = vectors_of(meta);
    return vectors.metric == Metric::kInnerProduct && drift_of(vectors, rows) > kMuchDrift;
}

OwnNeeds needs_of_vectors(const Meta &meta, uint64_t live_rows, const PgsPolicy &policy) noexcept {
    const Vectors &vectors = vectors_of(meta);
    OwnNeeds needs = {};
    if (vectors.code_bits == 0) {
        return needs;
    }
    const auto live = static_cast<double>(live_rows);
    const auto then = static_cast<double>(vectors.calibration.rows);
    const auto others = static_cast<double>(vectors.coded.rows - vectors.calibrated);
    needs.drift = drift_of(vectors, live);
    needs.recluster = has_few_lists(vectors, live, policy) || needs.drift > kMuchDrift;
    needs.calibrate = live > (1 + kManyOthers) * then || live < (1 - kManyOthers) * then ||
                      others > kManyOthers * live;
    return needs;
}

}  // namespace pgslab
