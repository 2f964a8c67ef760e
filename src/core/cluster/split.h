// Splitting lists that are too large.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <queue>
#include <utility>
#include <vector>

#include "cluster/kmeans.h"
#include "cluster/tree.h"

namespace pgslab {

// Cuts one list's members in two, across the line through the centroids of 2-means, at a place that
// leaves each side at least a quarter of them where equal points allow it.
class Split {
  public:
    // Splits rows[n], n >= 1, and orders it by side. What is referred to must outlive this; no row
    // of the tile's need be kept. May throw std::bad_alloc, as may advance().
    Split(const Points &points, uint32_t *rows, size_t n, SplitMix &random, Tile &tile);

    // Does the next small piece of work and gives its size in multiply-adds.
    size_t advance();
    bool finished() const noexcept { return phase_ == Phase::kDone; }

    // When finished: how many of the rows are on the first side. 0 when the points are all equal,
    // as far as was looked, and nothing was done.
    size_t first_side() const noexcept { return first_side_; }

    // The mean of side 0 or 1, relative to origin[dims].
    void mean(int side, const float *origin, float *out) const noexcept;

  private:
    enum class Phase { kTrain, kProject, kAverage, kDone };

    void begin_projection();
    void cut();
    float threshold() const;
    void average(size_t n) noexcept;

    const Points &points_;
    uint32_t *rows_;
    size_t size_;
    Phase phase_ = Phase::kTrain;
    size_t next_ = 0;
    size_t first_side_ = 0;
    std::vector<float> origin_;  // one of the points, so that equal points are exactly zero
    KMeans training_;
    std::vector<float> direction_;  // from one centroid to the other
    float middle_ = 0;              // between them, as a projection
    std::vector<float> projections_;
    std::vector<float> point_;
    std::vector<double> sums_;  // double[2][dims]
};

struct BalanceGoal {
    size_t lists;      // at most so many
    double tolerable;  // lists of more members are split, and small ones dropped if need be
    double wanted;     // lists of more members are split as long as there may be more lists
};

// Splits the largest lists; drops those without members, and others where the goal says so.
class Balance {
  public:
    // Lists are numbered as in Assignment. What is referred to must outlive this. May throw
    // std::bad_alloc, as may advance().
    Balance(const Points &points, std::vector<Node> &nodes, Members members,
            const BalanceGoal &goal, SplitMix &random, Tile &tile);

    // Does the next small piece of work and gives its size in multiply-adds.
    size_t advance();

    // From then on the lists' numbers and members are no longer those of the beginning.
    bool finished() const noexcept { return finished_; }

  private:
    struct List {
        uint32_t node;
        uint32_t in_node;  // its number there
        size_t begin;      // of its members
        size_t size;
    };

    bool choose_list();
    bool drop_for(size_t size);
    bool dropped(size_t list) const noexcept {
        return !kept_[lists_[list].node][lists_[list].in_node];
    }
    void finish_split();
    void finish();

    const Points &points_;
    std::vector<Node> &nodes_;
    Members members_;
    BalanceGoal goal_;
    SplitMix &random_;
    Tile &tile_;

    std::vector<List> lists_;
    std::vector<std::vector<bool>> kept_;                     // by node and number there
    std::vector<size_t> left_;                                // lists of each node
    size_t count_ = 0;                                        // lists of all
    std::priority_queue<std::pair<size_t, size_t>> largest_;  // size, list
    std::vector<size_t> smallest_;                            // lists, by size
    size_t next_smallest_ = 0;
    size_t list_ = 0;  // being split
    std::unique_ptr<Split> split_;
    std::vector<float> point_;
    bool finished_ = false;
};

}  // namespace pgslab
