#include "cluster/cluster.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "base/magnitude.h"

namespace pgslab {

namespace {

// Multiply-adds in one step: some milliseconds also without wide instructions.
constexpr size_t kStepWork = size_t{16} << 20;

// With so many lists or fewer there is one node.
constexpr uint32_t kFewLists = 24;

// More nodes than lists in each, because an iteration over nodes looks at some of the points only.
constexpr double kNodesPerRoot = 1.5;
constexpr size_t kPointsPerTop = 128;
constexpr size_t kPointsPerList = 256;  // at most, to train a list with
constexpr uint32_t kTopIterations = 8;
constexpr uint32_t kListIterations = 6;
constexpr uint32_t kRounds = 2;

// A node may have so many times the mean number of points, and of lists; more lists come by
// splitting.
constexpr double kLargestNode = 3;

// A list above twice the mean is split. So are smaller ones while there may be more lists, of
// which a part is left over for that.
constexpr double kLargestList = 2;
constexpr double kLargeList = 1.2;
constexpr size_t kReserve = 16;

size_t nodes_for(uint32_t lists) noexcept {
    return lists <= kFewLists
               ? 1
               : static_cast<size_t>(kNodesPerRoot * std::sqrt(static_cast<double>(lists)));
}

// A power of two that brings the largest magnitude near 1, where squares might leave float32; both
// it and its inverse are normal numbers.
float scale_for(float largest) noexcept {
    constexpr int kHarmless = 24;
    int exponent = 0;
    std::frexp(largest, &exponent);
    return largest == 0 || std::abs(exponent) <= kHarmless
               ? 1.0f
               : std::ldexp(1.0f, std::clamp(-exponent, -126, 126));
}

// Some of the points, in the order of the table, which may hold runs of similar ones.
std::vector<uint32_t> choose_points(const uint32_t *rows, size_t n, size_t wanted,
                                    SplitMix &random) {
    std::vector<uint32_t> chosen;
    chosen.reserve(std::min(n, wanted));
    size_t left = std::min(n, wanted);
    for (size_t i = 0; i < n; i++) {
        // Knuth, The Art of Computer Programming 2, algorithm 3.4.2 S.
        if (left == n - i || random.below(n - i) < left) {
            chosen.push_back(rows != nullptr ? rows[i] : static_cast<uint32_t>(i));
            if (--left == 0) {
                break;
            }
        }
    }
    return chosen;
}

}  // namespace

Clustering::Clustering(const float *points, size_t n, const ClusterOptions &options)
    : points_{points, n, options.dims, 1},
      wanted_(options.lists),
      tops_(nodes_for(options.lists)),
      random_(options.seed),
      tile_(std::in_place, options.dims, Tile::rows_for(options.dims)),
      sums_(options.dims) {
    plan();
}

bool Clustering::step() {
    size_t work = 0;
    while (phase_ != Phase::kDone && work < kStepWork) {
        work += advance();
    }
    return phase_ == Phase::kDone;
}

size_t Clustering::advance() {
    switch (phase_) {
        case Phase::kMeasure:
            return measure();
        case Phase::kTops:
            return cluster_tops();
        case Phase::kBalanceTops:
            return balance_tops();
        case Phase::kBeam:
            return choose_beams();
        case Phase::kLists:
            return cluster_lists();
        case Phase::kAssign:
            return assign();
        case Phase::kUpdate:
            return update();
        case Phase::kBalance:
            return balance();
        case Phase::kFinish:
            return finish_node();
        case Phase::kDone:
            break;
    }
    return 0;
}

// Expected costs in the order of the phases, the rounds one after the other.
void Clustering::plan() {
    const auto n = static_cast<double>(points_.count);
    const auto tops = static_cast<double>(tops_);
    const double children = wanted_ / tops + 8;
    const double trained = std::min(n, tops * kPointsPerTop);
    planned_ = {n * 8, trained * tops * kTopIterations, trained * 16, n * (tops + 8),
                n * children * kListIterations};
    for (uint32_t round = 0; round < kRounds; round++) {
        planned_.insert(planned_.end(), {n * children * 2, n * 8, n * 8});
    }
    double all = 1;
    for (double &cost : planned_) {
        cost *= points_.dims;
        all += cost;
    }
    total_ = static_cast<uint64_t>(all);
}

void Clustering::enter(Phase phase) {
    before_ += planned_[stage_++];
    phase_ = phase;
    next_ = 0;
    report(0);
}

void Clustering::report(double part) noexcept {
    const double now = before_ + (stage_ < planned_.size() ? planned_[stage_] * part : 0);
    done_ = std::clamp(static_cast<uint64_t>(now), done_, total_);
}

// Magnitudes, and the mean.
size_t Clustering::measure() {
    constexpr size_t kRun = 64;
    const size_t n = std::min(kRun, points_.count - next_);
    for (size_t i = next_; i < next_ + n; i++) {
        const float *p = points_.row(i);
        add_to(sums_.data(), p, points_.dims);
        largest_ = std::max(largest_, max_magnitude(p, points_.dims));
    }
    next_ += n;
    if (next_ == points_.count) {
        begin_tops();
    } else {
        report(static_cast<double>(next_) / static_cast<double>(points_.count));
    }
    return 8 * (n + 1) * points_.dims;
}

void Clustering::begin_tops() {
    points_.scale = scale_for(largest_);
    top_.resize(1);
    Node &root = top_[0];
    root.origin.resize(points_.dims);
    for (uint32_t d = 0; d < points_.dims; d++) {
        const double n = static_cast<double>(std::max<size_t>(points_.count, 1));
        root.origin[d] = static_cast<float>(sums_[d] / n * points_.scale);
    }
    sums_ = {};
    enter(Phase::kTops);
    if (points_.count == 0) {
        centroids_.resize(points_.dims);
        tile_.reset();
        phase_ = Phase::kDone;
        done_ = total_;
    } else if (tops_ == 1) {
        root.lists.add(std::vector<float>(points_.dims).data(), points_.dims);
        enter(Phase::kBalanceTops);
        begin_beams();
    } else {
        kmeans_ = std::make_unique<KMeans>(
            points_, choose_points(nullptr, points_.count, tops_ * kPointsPerTop, random_),
            root.origin.data(), tops_, kTopIterations, random_, *tile_);
    }
}

size_t Clustering::cluster_tops() {
    const size_t work = kmeans_->advance();
    report(kmeans_->progress());
    if (kmeans_->finished()) {
        begin_balance_tops();
    }
    return work;
}

// Otherwise a dense part of the space would be one node, and its lists expensive to find.
void Clustering::begin_balance_tops() {
    Centroids &tops = top_[0].lists;
    tops = std::move(kmeans_->centroids());
    Members members = group_by_list(kmeans_->nearest(), tops.size(), kmeans_->rows().data());
    const auto mean = static_cast<double>(members.rows.size()) / static_cast<double>(tops_);
    kmeans_.reset();
    balance_ = std::make_unique<Balance>(
        points_, top_, std::move(members),
        BalanceGoal{std::min<size_t>(2 * tops_, wanted_), HUGE_VAL, mean * kLargestNode}, random_,
        *tile_);
    enter(Phase::kBalanceTops);
}

size_t Clustering::balance_tops() {
    const size_t work = balance_->advance();
    if (balance_->finished()) {
        balance_.reset();
        begin_beams();
    }
    return work;
}

void Clustering::begin_beams() {
    const Node &root = top_[0];
    beam_ = std::make_unique<Beam>(points_, root.lists, root.origin.data(), *tile_);
    nodes_.resize(root.lists.size());
    for (size_t t = 0; t < nodes_.size(); t++) {
        nodes_[t].origin.resize(points_.dims);
        for (uint32_t d = 0; d < points_.dims; d++) {
            nodes_[t].origin[d] = root.origin[d] + root.lists.at(t, points_.dims)[d];
        }
    }
    enter(Phase::kBeam);
}

size_t Clustering::choose_beams() {
    const size_t work = beam_->advance();
    report(beam_->progress());
    if (beam_->finished()) {
        count_children();
        enter(Phase::kLists);
    }
    return work;
}

// Shares the lists out among the nodes. Least error would have them in proportion to a node's
// error, lists of one size to its points; this is the geometric mean of both.
void Clustering::count_children() {
    const size_t nodes = beam_->nodes();
    std::vector<double> weights(nodes);
    for (size_t t = 0; t < nodes; t++) {
        weights[t] = std::sqrt(static_cast<double>(beam_->own(t)) * beam_->error(t));
    }
    const double all = std::accumulate(weights.begin(), weights.end(), 0.0);
    const size_t shared = std::max<size_t>(wanted_ - wanted_ / kReserve, nodes) - nodes;
    const size_t most = nodes == 1 ? wanted_ : static_cast<size_t>(kLargestNode * wanted_) / tops_;
    children_.resize(nodes);
    for (size_t t = 0; t < nodes; t++) {
        const double part = all > 0 ? weights[t] / all : 0;
        const auto share = static_cast<size_t>(part * static_cast<double>(shared));
        children_[t] = std::min({1 + share, std::max<size_t>(most, 1), beam_->own(t)});
    }
}

// Each node by itself; next_ is the node.
size_t Clustering::cluster_lists() {
    const size_t own = beam_->own(next_);
    size_t work = 0;
    if (own > 0) {
        Node &node = nodes_[next_];
        if (kmeans_ == nullptr) {
            kmeans_ = std::make_unique<KMeans>(
                points_,
                choose_points(beam_->points_of(next_), own, children_[next_] * kPointsPerList,
                              random_),
                node.origin.data(), children_[next_], kListIterations, random_, *tile_);
        }
        work = kmeans_->advance();
        if (!kmeans_->finished()) {
            return work;
        }
        node.lists = std::move(kmeans_->centroids());
        kmeans_.reset();
    }
    next_++;
    report(static_cast<double>(next_) / static_cast<double>(nodes_.size()));
    if (next_ == nodes_.size()) {
        begin_assign();
    }
    return work;
}

void Clustering::begin_assign() {
    enter(Phase::kAssign);
    assignment_ = std::make_unique<Assignment>(points_, *beam_, nodes_, *tile_);
}

size_t Clustering::assign() {
    const size_t work = assignment_->advance();
    report(assignment_->progress());
    if (assignment_->finished()) {
        members_ = assignment_->take_members();
        assignment_.reset();
        update_ = std::make_unique<CentroidUpdate>(points_, members_, nodes_);
        enter(Phase::kUpdate);
    }
    return work;
}

size_t Clustering::update() {
    const size_t work = update_->advance();
    report(update_->progress());
    if (update_->finished()) {
        update_.reset();
        const double mean = static_cast<double>(points_.count) / wanted_;
        balance_ = std::make_unique<Balance>(
            points_, nodes_, std::move(members_),
            BalanceGoal{wanted_, mean * kLargestList, mean * kLargeList}, random_, *tile_);
        enter(Phase::kBalance);
    }
    return work;
}

size_t Clustering::balance() {
    const size_t work = balance_->advance();
    if (balance_->finished()) {
        balance_.reset();
        round_++;
        if (round_ < kRounds) {
            begin_assign();
        } else {
            begin_finish();
        }
    }
    return work;
}

void Clustering::begin_finish() {
    size_t lists = 0;
    for (const Node &node : nodes_) {
        lists += node.lists.size();
    }
    beam_.reset();
    tile_.reset();
    centroids_.reserve(lists * points_.dims);
    enter(Phase::kFinish);
}

// Takes one node's centroids back to the points' own scale.
size_t Clustering::finish_node() {
    const uint32_t dims = points_.dims;
    const auto largest = static_cast<double>(largest_);
    const Node node = std::move(nodes_[next_++]);
    for (size_t l = 0; l < node.lists.size(); l++) {
        for (uint32_t d = 0; d < dims; d++) {
            const double sum = static_cast<double>(node.origin[d]) + node.lists.at(l, dims)[d];
            centroids_.push_back(
                static_cast<float>(std::clamp(sum / points_.scale, -largest, largest)));
        }
    }
    if (next_ == nodes_.size()) {
        nodes_.clear();
        phase_ = Phase::kDone;
        done_ = total_;
    }
    return 8 * (node.lists.size() + 1) * dims;
}

size_t clustering_memory(size_t n, uint32_t dims, uint32_t lists) noexcept {
    const size_t tops = nodes_for(lists);
    const size_t nodes = std::min<size_t>(2 * tops, lists);
    const size_t in_node = tops == 1 ? lists : static_cast<size_t>(kLargestNode * lists) / tops;
    const size_t compared = std::max(nodes, in_node);
    // Vectors that grow may be twice as large as need be, and centroids are there twice at the end.
    const size_t centroids = 3 * size_t{lists} + 4 * nodes + 3 * compared;
    const size_t tile =
        Tile::rows_for(dims) * (dims + compared + 1) + Tile::rows_for(dims) * compared;
    const size_t by_point = sizeof(uint32_t) * (2 * Beam::kWidth + 8);
    const size_t by_list = 256;
    return (centroids * dims + tile + KMeans::kFewElements) * sizeof(float) + n * by_point +
           lists * by_list + (size_t{64} << 10);
}

}  // namespace pgslab
