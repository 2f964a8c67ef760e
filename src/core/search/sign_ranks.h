// How many candidates an index of the signs of vectors has to name, for a share of the rows that
// are nearest by the vectors themselves to be among them.
//
// Such an index finds the rows whose signs differ least from the query's, and whoever searches it
// ranks them by what is in the table. So the table tells: while its rows go by, each query
// (calibration_queries.h) notes its nearest ones, and how many rows differ in how many signs. That
// gives the rank by signs of each of the nearest, with ties counted against it. For each kind of
// query the rank is taken that as large a share of them has at most as is wanted; then the largest
// of all kinds. Those of which half of the elements are 0, and have no sign, are left out: they
// would take many times as many candidates as any other.
//
// A level of the calibration keeps that number, for ten rows, as what a search refines. More rows
// take in proportion more candidates, which errs upwards: rows further down are easier to find for
// their number. So do candidates of those rows that satisfy a filter.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "ivf/format.h"
#include "pgslab/index.h"
#include "search/calibration_queries.h"
#include "store/meta.h"

namespace pgslab {

class SignRanks {
  public:
    static constexpr uint32_t kNearest = 10;

    // rows: of the table, drawn at random. given: float[dims] each, queries of somebody's own. May
    // throw std::bad_alloc.
    SignRanks(PgsMetric metric, const DrawnRows &rows, std::span<const float> given);

    // A row of the table.
    void add(const float *vector, uint64_t address);

    uint64_t rows() const noexcept { return rows_; }
    uint32_t queries() const noexcept { return static_cast<uint32_t>(asked_.size()); }

    // All rows were added. May throw std::bad_alloc.
    void finish();

    // Then, by level; zeros, where there were too few rows to tell.
    const std::array<float, kLevels> &candidates() const noexcept { return candidates_; }

  private:
    struct Near {
        double distance;
        uint32_t differing;
    };
    struct Asked {
        CalibrationQueries::Kind kind;
        std::vector<float> vector;
        std::vector<uint8_t> signs;
        std::vector<uint64_t> made_of;  // addresses
        std::vector<Near> nearest;      // a heap, the farthest first
        std::vector<uint64_t> rows_at;  // by how many signs of theirs differ
    };

    void add_to(Asked &asked, const float *vector);
    std::vector<uint64_t> ranks_of(uint32_t kind) const;

    PgsMetric metric_;
    uint32_t dims_;
    std::vector<uint8_t> signs_;  // of the row at hand
    std::vector<Asked> asked_;
    uint64_t rows_ = 0;
    std::array<float, kLevels> candidates_ = {};
};

// How often a search by signs itself is to find its candidates, and how often these are to contain
// the nearest rows, where the two together are to find the share recall.
double recall_by_signs(double recall) noexcept;
double recall_by_candidates(double recall) noexcept;

// Candidates for so many rows, where there are `now` in the index. UINT64_MAX: all there are, since
// nothing is known or the recall is more than levels promise.
uint64_t candidates_for(const Meta &meta, double recall, uint64_t rows, uint64_t now) noexcept;

}  // namespace pgslab
