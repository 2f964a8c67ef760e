#include "ivf/lessons.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/assert.h"

namespace pgslab {

namespace {

// Learning from single queries goes up to this.
constexpr double kMost = 0.75 * kLearntUnits;

// The levels that decide how far a search for a recall goes: one, or the two that it lies between.
struct Range {
    uint32_t first;
    uint32_t last;
};

Range levels_for(const Calibration &calibration, double recall) noexcept {
    const auto wanted = static_cast<float>(recall);
    Range range = {0, 0};
    for (uint32_t i = 0; i < kLevels; i++) {
        range.first = calibration.level[i].recall <= wanted ? i : range.first;
    }
    while (range.last + 1 < kLevels && calibration.level[range.last].recall < wanted) {
        range.last++;
    }
    return range;
}

}  // namespace

uint32_t class_of(double rows) noexcept {
    return rows <= 3 ? 0 : rows <= 30 ? 1 : 2;
}

// A query that needs more says nothing about those that are to find less, and one that needs less
// nothing about those that are to find more.
bool learn(Calibration &calibration, uint32_t row_class, double recall, double more) noexcept {
    PGSLAB_ASSERT(row_class < kRowClasses);
    if (calibration.queries == 0) {
        return false;  // a search visits everything
    }
    const Range of_query = levels_for(calibration, recall);
    const uint32_t first = more > 0 ? of_query.first : 0;
    const uint32_t last = more > 0 ? kLevels - 1 : of_query.last;
    bool has_changed = false;
    for (uint32_t i = first; i <= last; i++) {
        uint16_t &learnt = calibration.learnt.more[i][row_class];
        const double before = learnt;
        const double after = std::round(before + more * kLearntUnits);
        learnt = static_cast<uint16_t>(std::clamp(after, 0.0, std::max(before, kMost)));
        has_changed |= learnt != static_cast<uint16_t>(before);
    }
    if (has_changed) {
        keep_order(calibration);
    }
    return has_changed;
}

void keep_order(Calibration &calibration) noexcept {
    constexpr float kMostUnits = std::numeric_limits<uint16_t>::max();
    for (uint32_t i = 1; i < kLevels; i++) {
        for (uint32_t m = 0; m < kMargins; m++) {
            const uint32_t row_class = class_of(kMarginRows[m]);
            const float less = calibration.level[i - 1].margin[m] - calibration.level[i].margin[m];
            const float least =
                static_cast<float>(calibration.learnt.more[i - 1][row_class]) + less * kLearntUnits;
            uint16_t &learnt = calibration.learnt.more[i][row_class];
            learnt = std::max(
                learnt, static_cast<uint16_t>(std::clamp(std::ceil(least), 0.0F, kMostUnits)));
        }
    }
}

}  // namespace pgslab
