// Which lists to visit for a query, nearest first, and how far to go.
//
// A list whose centroid is at distance d, with rows at about rho from it, has rows whose squared
// distance from the query is d^2 + rho^2 - 2 d <r, v>, r being the row's residual and v the query's
// direction as the centroid sees it; over a list's rows <r, v> is spread like rho / sqrt(D). So
//
//     score = d^2 + rho^2 - 2 reach d rho / sqrt(D)
//
// is about the smallest squared distance to expect in the list when `reach` standard deviations are
// thought of, and a list is worth a visit as long as its score lies below what the caller already
// has. With inner product it is -<q, c> - reach |q| rho / sqrt(D). The reach that finds a wanted
// share of the true neighbours is measured (calibration.h): queries near the middle of a list then
// visit few of them and others many.
//
// Centroids are looked at as rows are: estimated from codes first, and exactly where the estimate
// comes near the top of the heap.
#pragma once

#include <cstdint>
#include <vector>

#include "index/codebook.h"
#include "quantize/code_query.h"

namespace pgslab {

class ListChoice {
  public:
    // query is codes' float[padded], which and codebook must outlive the choice. May throw
    // std::bad_alloc.
    void begin(const Codebook &codebook, const float *query, const CodeQuery &codes, double reach);

    // The next list's score, or infinity when there is none.
    double score();

    // The next list.
    uint32_t take();

    // A list's score for a given reach, and the reach for a given score.
    static double score_of(const Shape &shape, const ListQuery &at, double query_norm,
                           double radius, double reach) noexcept;
    static double reach_of(const Shape &shape, const ListQuery &at, double query_norm,
                           double radius, double score) noexcept;

  private:
    struct Entry {
        float score;
        uint32_t list;
        bool exact;  // score is, not an estimate
    };
    static bool later(const Entry &a, const Entry &b) noexcept {
        return a.score > b.score || (a.score == b.score && a.list > b.list);
    }

    float estimated_score(uint32_t list, float square, float error) const noexcept;

    const Codebook *codebook_ = nullptr;
    const float *query_ = nullptr;
    double query_norm_ = 0;
    double reach_ = 0;
    std::vector<float> estimate_;
    std::vector<Entry> heap_;
};

}  // namespace pgslab
