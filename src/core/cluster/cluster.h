// Centroids for the lists of an index, from a sample of its vectors.
//
// Euclidean k-means on two levels. Some of the points are clustered into about the root of the
// number of lists, then the points of each such node by themselves: both together cost about as
// much as one iteration of plain k-means. What a border between nodes spoils, two further
// iterations mend, in which a point is compared with the lists of all nodes that are about as near
// as the nearest. Between these, lists much above the mean size are split, because a scan reads a
// list as a whole.
//
// The same points, options and instruction set give the same centroids.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "cluster/kmeans.h"
#include "cluster/points.h"
#include "cluster/random.h"
#include "cluster/split.h"
#include "cluster/tree.h"

namespace pgslab {

struct ClusterOptions {
    uint32_t dims;   // >= 1
    uint32_t lists;  // >= 1
    uint64_t seed;
};

class Clustering {
  public:
    // points: float[n][dims], finite, n below 2^32; the caller's, unchanged until finished, and
    // null only if n is 0. Cosine distance wants unit vectors. May throw std::bad_alloc.
    Clustering(const float *points, size_t n, const ClusterOptions &options);

    // Works for some milliseconds; true when finished. May throw std::bad_alloc.
    bool step();

    // In multiply-adds, about: done() never falls nor exceeds total(), which is fixed, and reaches
    // it at the end.
    uint64_t done() const noexcept { return done_; }
    uint64_t total() const noexcept { return total_; }

    // When finished: float[k][dims] with 1 <= k <= lists, all finite. k is about `lists`, but at
    // most the number of different points; without points there is one centroid of zeros.
    const std::vector<float> &centroids() const noexcept { return centroids_; }

  private:
    enum class Phase {
        kMeasure,
        kTops,
        kBalanceTops,
        kBeam,
        kLists,
        kAssign,
        kUpdate,
        kBalance,
        kFinish,
        kDone
    };

    size_t advance();
    size_t measure();
    size_t cluster_tops();
    size_t balance_tops();
    size_t choose_beams();
    size_t cluster_lists();
    size_t assign();
    size_t update();
    size_t balance();
    size_t finish_node();

    void begin_tops();
    void begin_balance_tops();
    void begin_beams();
    void begin_lists();
    void begin_assign();
    void begin_finish();
    void enter(Phase phase);
    void report(double part) noexcept;
    void plan();
    void count_children();

    Points points_;
    uint32_t wanted_;  // lists
    size_t tops_;      // nodes to begin with
    SplitMix random_;
    Phase phase_ = Phase::kMeasure;
    std::optional<Tile> tile_;

    // Progress: what phases are expected to cost, and what those before this one did.
    std::vector<double> planned_;
    size_t stage_ = 0;
    double before_ = 0;
    uint64_t done_ = 0;
    uint64_t total_ = 0;

    size_t next_ = 0;  // point or node
    std::vector<double> sums_;
    float largest_ = 0;  // magnitude

    std::vector<Node> top_;  // one node whose lists are the nodes
    std::vector<Node> nodes_;
    std::vector<size_t> children_;  // wanted, by node
    uint32_t round_ = 0;            // of assigning, refining and balancing
    Members members_;

    // Of the phase that is under way.
    std::unique_ptr<KMeans> kmeans_;
    std::unique_ptr<Balance> balance_;
    std::unique_ptr<Beam> beam_;  // until finished
    std::unique_ptr<Assignment> assignment_;
    std::unique_ptr<CentroidUpdate> update_;

    std::vector<float> centroids_;
};

// Bytes a clustering takes at most, beyond the points themselves.
size_t clustering_memory(size_t n, uint32_t dims, uint32_t lists) noexcept;

}  // namespace pgslab
