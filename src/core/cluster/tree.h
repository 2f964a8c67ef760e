// Two levels of centroids: nodes, and each node's lists.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "cluster/points.h"

namespace pgslab {

struct Node {
    std::vector<float> origin;  // float[dims]: the node's own centroid
    Centroids lists;            // relative to it
};

// For each point the nodes whose lists it is compared with: the nearest and those about as near.
class Beam {
  public:
    static constexpr size_t kWidth = 5;  // nodes a point is compared with at most

    // The tops are the nodes' centroids relative to origin[dims]. All must outlive this, the first
    // three only until finished. May throw std::bad_alloc, as may advance().
    Beam(const Points &points, const Centroids &tops, const float *origin, Tile &tile);

    // Does the next small piece of work and gives its size in multiply-adds.
    size_t advance();
    bool finished() const noexcept { return next_ == points_.count; }
    double progress() const noexcept {
        return static_cast<double>(next_) / static_cast<double>(points_.count);
    }

    // When finished: the points of node t, those first to which no node is nearer.
    size_t nodes() const noexcept { return tops_.size(); }
    const uint32_t *points_of(size_t node) const noexcept { return rows_.data() + begin_[node]; }
    size_t size(size_t node) const noexcept { return begin_[node + 1] - begin_[node]; }
    size_t own(size_t node) const noexcept { return own_[node]; }

    // Sum of the squared distances of a node's own points to it.
    double error(size_t node) const noexcept { return errors_[node]; }

  private:
    void choose(size_t row, size_t in_tile);
    void group();

    const Points &points_;
    const Centroids &tops_;
    const float *origin_;
    Tile &tile_;
    size_t next_ = 0;

    std::vector<uint32_t> chosen_;  // uint32[count][kWidth], nearest first, then kNone
    std::vector<uint32_t> rows_;
    std::vector<size_t> begin_;
    std::vector<size_t> own_;
    std::vector<double> errors_;
};

// Assigns each point to the nearest list of its beam. Lists are numbered through all nodes in
// order.
class Assignment {
  public:
    // What is referred to must outlive this. May throw std::bad_alloc, as may advance().
    Assignment(const Points &points, const Beam &beam, const std::vector<Node> &nodes, Tile &tile);

    // Does the next small piece of work and gives its size in multiply-adds.
    size_t advance();
    bool finished() const noexcept { return node_ == nodes_.size(); }
    double progress() const noexcept;

    // When finished; may be called once. May throw std::bad_alloc.
    Members take_members();

  private:
    const Points &points_;
    const Beam &beam_;
    const std::vector<Node> &nodes_;
    Tile &tile_;
    size_t node_ = 0;
    size_t next_ = 0;        // of the node's points
    size_t first_list_ = 0;  // of the node
    std::vector<uint32_t> lists_;
    std::vector<float> distances_;  // squared, to it
};

// Moves every list's centroid to the mean of its members; a list without members stays.
class CentroidUpdate {
  public:
    // What is referred to must outlive this; lists are numbered as in Assignment. May throw
    // std::bad_alloc.
    CentroidUpdate(const Points &points, const Members &members, std::vector<Node> &nodes);

    // Does the next small piece of work and gives its size in multiply-adds.
    size_t advance() noexcept;
    bool finished() const noexcept { return list_ == members_.lists(); }
    double progress() const noexcept {
        return static_cast<double>(list_) / static_cast<double>(members_.lists());
    }

  private:
    void finish_list() noexcept;

    const Points &points_;
    const Members &members_;
    std::vector<Node> &nodes_;
    size_t node_ = 0;
    size_t in_node_ = 0;  // the list, within its node
    size_t list_ = 0;
    size_t next_ = 0;  // of the list's members
    std::vector<float> point_;
    std::vector<double> sums_;
};

}  // namespace pgslab
