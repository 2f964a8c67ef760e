// Measures which margins to stop at (stop_rule.h), and what they cost.
//
// First the projections of rows near some queries are counted. Then queries of several kinds
// (calibration_queries.h) have their nearest rows found by searches of all lists, which are logged
// (recall_log.h), and margins are fitted to what those rows needed (recall_fit.h). At last the
// margins are used for real, which tells their work.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <vector>

#include "ivf/format.h"
#include "ivf/sampler.h"
#include "pgslab/calibrate.h"
#include "pgslab/codebook.h"
#include "pgslab/machine.h"
#include "pgslab/scan.h"
#include "pgslab/status.h"
#include "search/calibration_queries.h"
#include "search/recall_fit.h"
#include "search/recall_log.h"
#include "search/search.h"
#include "store/machine.h"

namespace pgslab {

class Calibrate final : public Machine {
  public:
    // codebook, queries and what wanted refers to must outlive it. May throw std::bad_alloc.
    Calibrate(const Page &meta, const Codebook &codebook, const Sampler &rows,
              const PgsCalibrationOptions &wanted);

    PgsStatus next(PgsRequest &request, PgsError *error) override;
    PgsStatus page(const Page &page, PgsError *error) override;
    void progress(PgsProgress &progress) const noexcept;

    // When finished.
    const Calibration &result() const noexcept { return result_; }
    // What was learnt when it began.
    const Lessons *learnt_before() const noexcept { return &learnt_before_; }
    // The level where bounds alone, whatever is visited, have queries miss most beyond what is
    // promised: queries like the rows, and those given. Zeros where they nowhere do, or too few
    // were given to tell.
    struct Shortfall {
        double promised = 0;
        double found = 0;
    };
    const Shortfall &short_of_rows() const noexcept { return short_of_rows_; }
    const Shortfall &short_of_given() const noexcept { return short_of_given_; }

  private:
    enum class Phase { kProjections, kNearest, kWork, kDone };

    // How far searches of a depth have to go.
    struct Depth {
        uint32_t queries = 0;  // that were measured
        float farthest = 0;    // margin that a row needed
        uint32_t rows = 0;     // to be found
    };

    uint32_t queries_of_phase() const noexcept;
    void search_far(const Depth &depth) noexcept;
    void begin_search();
    void end_search();
    void end_nearest();
    void end_phase();
    void end_projections() noexcept;
    void fit_levels();
    void learn_from_given(uint32_t level);
    void end_level() noexcept;
    bool is_round_the_last() const noexcept;
    Depth &depth() noexcept { return depth_[CalibrationQueries::is_deep(round_) ? 1 : 0]; }

    Page meta_;
    const Codebook &codebook_;
    CalibrationQueries queries_;
    const double budget_;  // nanoseconds
    Search search_;
    RecallLog log_;
    RecallFit fit_;
    RecallFit given_;
    Phase phase_ = Phase::kProjections;
    bool searching_ = false;
    uint32_t round_ = 0;
    uint32_t query_ = 0;            // of the round, or of the phase
    uint32_t level_ = 0;            // whose work is measured
    uint32_t rows_ = 0;             // that the search under way is to find
    uint32_t done_ = 0;             // searches
    double spent_ = 0;              // nanoseconds, estimated
    Depth depth_[2];                // of the rounds that are not deep, and of those that are
    std::vector<LoggedRow> found_;  // by the search under way
    std::array<uint64_t, kProjectionBins> projections_ = {};
    PgsWork work_ = {};  // of the level
    Shortfall short_of_rows_;
    Shortfall short_of_given_;
    Lessons learnt_before_ = {};
    Calibration result_ = {};
};

}  // namespace pgslab
