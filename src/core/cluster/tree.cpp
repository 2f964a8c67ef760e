#include "cluster/tree.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "kernels/kernels.h"

namespace pgslab {

namespace {

constexpr uint32_t kNone = std::numeric_limits<uint32_t>::max();

// A node is in the beam when its squared distance is at most this times the nearest one's.
constexpr float kBeamRatio = 1.2f;

// Members whose mean is taken at a time.
constexpr size_t kRun = 64;

}  // namespace

Beam::Beam(const Points &points, const Centroids &tops, const float *origin, Tile &tile)
    : points_(points),
      tops_(tops),
      origin_(origin),
      tile_(tile),
      chosen_(points.count * kWidth, kNone),
      own_(tops.size()),
      errors_(tops.size()) {}

size_t Beam::advance() {
    const size_t n = std::min(Tile::rows_for(points_.dims), points_.count - next_);
    uint32_t rows[Tile::kMostRows] = {};
    std::iota(rows, rows + n, static_cast<uint32_t>(next_));
    tile_.fill(points_, rows, n, origin_);
    tile_.compare(tops_, n);
    for (size_t i = 0; i < n; i++) {
        choose(next_ + i, i);
    }
    next_ += n;
    if (finished()) {
        group();
    }
    return Tile::work(n, tops_.size(), points_.dims);
}

void Beam::choose(size_t row, size_t in_tile) {
    const Nearest nearest = tile_.nearest(in_tile);
    uint32_t *chosen = chosen_.data() + row * kWidth;
    float distances[kWidth] = {nearest.distance};
    size_t size = 1;
    chosen[0] = nearest.index;
    for (uint32_t t = 0; t < tops_.size(); t++) {
        const float distance = tile_.distance(in_tile, t);
        if (t == nearest.index || distance > nearest.distance * kBeamRatio ||
            (size == kWidth && distance >= distances[size - 1])) {
            continue;
        }
        size_t at = size < kWidth ? size++ : size - 1;
        for (; at > 1 && distances[at - 1] > distance; at--) {
            distances[at] = distances[at - 1];
            chosen[at] = chosen[at - 1];
        }
        distances[at] = distance;
        chosen[at] = t;
    }
    own_[nearest.index]++;
    errors_[nearest.index] += nearest.distance;
}

// From each point's nodes to each node's points.
void Beam::group() {
    begin_.assign(tops_.size() + 1, 0);
    for (const uint32_t t : chosen_) {
        if (t != kNone) {
            begin_[t + 1]++;
        }
    }
    std::vector<size_t> next_own, next_other;
    for (size_t t = 0; t < tops_.size(); t++) {
        begin_[t + 1] += begin_[t];
        next_own.push_back(begin_[t]);
        next_other.push_back(begin_[t] + own_[t]);
    }
    rows_.resize(begin_.back());
    for (size_t i = 0; i < chosen_.size(); i++) {
        if (const uint32_t t = chosen_[i]; t != kNone) {
            rows_[(i % kWidth == 0 ? next_own : next_other)[t]++] =
                static_cast<uint32_t>(i / kWidth);
        }
    }
    chosen_ = {};
}

Assignment::Assignment(const Points &points, const Beam &beam, const std::vector<Node> &nodes,
                       Tile &tile)
    : points_(points),
      beam_(beam),
      nodes_(nodes),
      tile_(tile),
      lists_(points.count),
      distances_(points.count, std::numeric_limits<float>::infinity()) {}

double Assignment::progress() const noexcept {
    return static_cast<double>(node_) / static_cast<double>(nodes_.size());
}

size_t Assignment::advance() {
    const Node &node = nodes_[node_];
    const size_t n = std::min(Tile::rows_for(points_.dims), beam_.size(node_) - next_);
    const uint32_t *rows = beam_.points_of(node_) + next_;
    if (n > 0 && node.lists.size() > 0) {
        tile_.fill(points_, rows, n, node.origin.data());
        tile_.compare(node.lists, n);
        for (size_t i = 0; i < n; i++) {
            const Nearest found = tile_.nearest(i);
            if (found.distance < distances_[rows[i]]) {
                distances_[rows[i]] = found.distance;
                lists_[rows[i]] = static_cast<uint32_t>(first_list_ + found.index);
            }
        }
    }
    const size_t work = Tile::work(n, node.lists.size(), points_.dims);
    next_ += n;
    if (next_ == beam_.size(node_)) {
        first_list_ += node.lists.size();
        node_++;
        next_ = 0;
    }
    return work;
}

Members Assignment::take_members() {
    distances_ = {};
    Members members = group_by_list(lists_, first_list_, nullptr);
    lists_ = {};
    return members;
}

CentroidUpdate::CentroidUpdate(const Points &points, const Members &members,
                               std::vector<Node> &nodes)
    : points_(points), members_(members), nodes_(nodes), point_(points.dims), sums_(points.dims) {}

size_t CentroidUpdate::advance() noexcept {
    while (in_node_ == nodes_[node_].lists.size()) {
        node_++;
        in_node_ = 0;
    }
    const float *origin = nodes_[node_].origin.data();
    const size_t n = std::min(kRun, members_.size(list_) - next_);
    for (size_t i = 0; i < n; i++) {
        const size_t at = next_ + i;
        if (members_.begin[list_] + at + kAhead < members_.rows.size()) {
            points_.prefetch(members_.of(list_)[at + kAhead]);
        }
        points_.relative(members_.of(list_)[at], origin, point_.data());
        add_to(sums_.data(), point_.data(), points_.dims);
    }
    next_ += n;
    if (next_ == members_.size(list_)) {
        finish_list();
    }
    return 8 * (n + 1) * points_.dims;
}

void CentroidUpdate::finish_list() noexcept {
    if (next_ > 0) {
        nodes_[node_].lists.set_mean(in_node_, sums_.data(), next_, points_.dims);
    }
    std::fill(sums_.begin(), sums_.end(), 0);
    next_ = 0;
    list_++;
    in_node_++;
}

}  // namespace pgslab
