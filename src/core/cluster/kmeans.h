// Plain k-means of some of the points: Lloyd's iteration from k-means++ seeds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "cluster/points.h"
#include "cluster/random.h"

namespace pgslab {

// Lloyd, Least squares quantization in PCM, 1982. Seeds: Arthur and Vassilvitskii, k-means++: the
// advantages of careful seeding, 2007, among a few times as many points as seeds are wanted.
// Centroids without points move to points drawn by their error, and vanish at the end.
class KMeans {
  public:
    // Points of so many elements together are kept as a matrix, instead of gathered in each
    // iteration.
    static constexpr size_t kFewElements = size_t{1} << 20;

    // k >= 1 clusters of points rows[i], of which there is at least one, in at most `iterations`
    // >= 1 iterations. origin[dims] is near the points; the centroids are relative to it. What is
    // referred to must outlive this. May throw std::bad_alloc.
    KMeans(const Points &points, std::vector<uint32_t> rows, const float *origin, size_t k,
           uint32_t iterations, SplitMix &random, Tile &tile);

    // Does the next small piece of work and gives its size in multiply-adds. May throw
    // std::bad_alloc.
    size_t advance();
    bool finished() const noexcept { return phase_ == Phase::kDone; }
    double progress() const noexcept;  // 0 to 1

    // When finished: 1 to k centroids, and the points as they are ordered here and the centroid
    // each was nearest to in the last iteration. None is without points.
    Centroids &centroids() noexcept { return centroids_; }
    const std::vector<uint32_t> &rows() const noexcept { return rows_; }
    const std::vector<uint32_t> &nearest() const noexcept { return nearest_; }

  private:
    enum class Phase { kSeed, kAssign, kDone };

    size_t add_seed();
    void choose_seed(double total) noexcept;
    size_t assign_tile();
    void update();
    size_t reseed(double total);
    void drop_empty();

    const Points &points_;
    const float *origin_;
    SplitMix &random_;
    Tile &tile_;

    Phase phase_ = Phase::kSeed;
    size_t k_;
    uint32_t iterations_;
    uint32_t iteration_ = 0;
    std::vector<uint32_t> rows_;
    Centroids centroids_;

    // Seeding: the first rows are the candidates.
    size_t candidates_;
    size_t seed_;                 // the next, an index into rows_
    std::vector<float> weights_;  // squared distance to the nearest seed
    std::vector<float> point_;    // one, relative to the origin

    std::optional<Tile> all_;  // the points, when few

    // One iteration.
    size_t next_ = 0;  // row
    std::vector<uint32_t> nearest_;
    std::vector<float> errors_;  // squared distances to it
    std::vector<double> sums_;   // double[k][dims]
    std::vector<size_t> sizes_;
    double previous_error_;
};

}  // namespace pgslab
