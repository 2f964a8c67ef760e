// Measures which recall which reach gives (choice.h), with queries whose true neighbours a search
// of all lists finds.
//
// A true neighbour is found if its list is visited: that is the case from the reach on at which the
// list's score falls below the distance of the last neighbour wanted. The distribution of those
// reaches over all neighbours of all queries says which are worth measuring; each of them is then
// used for real, and what came of it, less the measurement's own uncertainty, is a point of the
// curve.
#pragma once

#include <cstdint>
#include <vector>

#include "ivf/format.h"
#include "ivf/sampler.h"
#include "pgslab/codebook.h"
#include "pgslab/machine.h"
#include "pgslab/scan.h"
#include "pgslab/status.h"
#include "search/search.h"
#include "store/machine.h"

namespace pgslab {

class Calibrate final : public Machine {
  public:
    // rows is how many the index has. codebook and queries must outlive it. May throw
    // std::bad_alloc.
    Calibrate(const Page &meta, const Codebook &codebook, const Sampler &queries, uint64_t rows,
              size_t memory_bytes);

    PgsStatus next(PgsRequest &request, PgsError *error) override;
    PgsStatus page(const Page &page, PgsError *error) override;
    void progress(PgsProgress &progress) const noexcept;

    // When finished.
    const Calibration &result() const noexcept { return result_; }

  private:
    enum class Phase { kTruth, kCurve, kDone };

    void use_level(const Level &level) noexcept;
    void begin_search();
    void end_search();
    void end_truth();
    void end_level();
    void take_row(const PgsRequest &found);

    Page meta_;
    const Codebook &codebook_;
    const Sampler &queries_;
    Search search_;
    Phase phase_ = Phase::kTruth;
    bool searching_ = false;
    uint32_t query_ = 0;
    uint32_t level_ = 0;

    std::vector<double> found_;     // values of the rows the search under way has returned
    std::vector<uint32_t> lists_;   // of the same rows
    std::vector<double> worst_;     // value of each query's last true neighbour
    std::vector<uint32_t> wanted_;  // how many it has
    std::vector<double> reaches_;   // of all true neighbours

    // Of the level being measured.
    double recall_ = 0;
    double recall_squares_ = 0;
    PgsWork work_ = {};
    Calibration result_ = {};
};

}  // namespace pgslab
