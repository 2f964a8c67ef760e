// From what rows needed to be found (recall_log.h) to the levels of a calibration.
//
// Queries of several kinds are told apart: some like the rows, others unlike them. For each kind
// and number of rows, the margin is found that reaches a recall. Over the numbers of rows it
// follows a parabola in their logarithm, which smooths what a few queries leave to chance, with a
// little more, or what was measured where that is above it and of enough rows. The largest of all
// kinds is taken. Deviations of bounds are fitted to all kinds together, as far as each can stand
// it.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "ivf/format.h"
#include "search/recall_log.h"

namespace pgslab {

// The recalls that levels are made for.
constexpr std::array<float, kLevels> kRecalls = {0.5F,  0.7F,  0.8F,  0.9F,
                                                 0.95F, 0.98F, 0.99F, 0.999F};

class RecallFit {
  public:
    explicit RecallFit(uint32_t kinds) : needed_(kinds) {}

    // What the nearest rows, in order, of a query of a kind needed. May throw std::bad_alloc.
    void add(uint32_t kind, const std::vector<RecallLog::NeededByRows> &nearest);

    uint32_t queries() const noexcept { return queries_; }

    // Margins and deviations of a level; levels must be asked for in ascending order. May throw
    // std::bad_alloc.
    void fit(float recall, const Level *before, Level &level) const;

    // The margins alone, where bounds hold for the level's deviations.
    void fit_margins(float recall, const Level *before, Level &level) const;

    // The share of the nearest rows, of queries of a kind, that bounds of so many deviations do not
    // rule out.
    double in_bounds(uint32_t kind, float deviations) const noexcept;

  private:
    using ByRows = std::array<std::vector<Needed>, RecallLog::kRows.size()>;

    float deviations_for(const Level &level) const;
    static void add_deviations(const Level &level, const ByRows &by_rows, uint32_t row_class,
                               std::vector<float> &deviations);

    std::vector<ByRows> needed_;  // by kind
    uint32_t queries_ = 0;
};

}  // namespace pgslab
