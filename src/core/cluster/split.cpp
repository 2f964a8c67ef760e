#include "cluster/split.h"

#include <algorithm>

#include "kernels/kernels.h"

namespace pgslab {

namespace {

constexpr size_t kTrainingRows = 256;
constexpr uint32_t kIterations = 6;
constexpr size_t kRun = 64;  // rows at a time
constexpr size_t kThresholdRows = 4096;
constexpr size_t kSmallestSide = 4;  // at least 1 / so much of the members

std::vector<float> scaled(const Points &points, uint32_t row) {
    std::vector<float> out(points.dims);
    for (uint32_t d = 0; d < points.dims; d++) {
        out[d] = points.row(row)[d] * points.scale;
    }
    return out;
}

// All, or some drawn at random.
std::vector<uint32_t> training_rows(const uint32_t *rows, size_t n, SplitMix &random) {
    std::vector<uint32_t> chosen(rows, rows + std::min(n, kTrainingRows));
    if (n > kTrainingRows) {
        for (uint32_t &row : chosen) {
            row = rows[random.below(n)];
        }
    }
    return chosen;
}

}  // namespace

Split::Split(const Points &points, uint32_t *rows, size_t n, SplitMix &random, Tile &tile)
    : points_(points),
      rows_(rows),
      size_(n),
      origin_(scaled(points, rows[0])),
      training_(points, training_rows(rows, n, random), origin_.data(), 2, kIterations, random,
                tile),
      point_(points.dims) {}

size_t Split::advance() {
    const uint32_t dims = points_.dims;
    if (phase_ == Phase::kTrain) {
        const size_t work = training_.advance();
        if (training_.finished()) {
            begin_projection();
        }
        return work;
    }
    const size_t n = std::min(kRun, size_ - next_);
    if (phase_ == Phase::kProject) {
        for (size_t i = next_; i < next_ + n; i++) {
            points_.relative(rows_[i], origin_.data(), point_.data());
            projections_[i] = dot_f32(point_.data(), direction_.data(), dims);
        }
        next_ += n;
        if (next_ == size_) {
            cut();
        }
    } else if (phase_ == Phase::kAverage) {
        average(n);
    }
    return 8 * n * (dims + 8);
}

void Split::begin_projection() {
    const uint32_t dims = points_.dims;
    const Centroids &two = training_.centroids();
    if (two.size() < 2) {
        phase_ = Phase::kDone;
        return;
    }
    direction_.resize(dims);
    for (uint32_t d = 0; d < dims; d++) {
        direction_[d] = two.at(1, dims)[d] - two.at(0, dims)[d];
    }
    middle_ = two.halves[1] - two.halves[0];
    projections_.resize(size_);
    phase_ = Phase::kProject;
}

// Projections below it are on the first side. Equal points have equal projections, so that they are
// never parted.
float Split::threshold() const {
    const size_t step = (size_ + kThresholdRows - 1) / kThresholdRows;
    std::vector<float> sorted;
    for (size_t i = 0; i < size_; i += step) {
        sorted.push_back(projections_[i]);
    }
    std::sort(sorted.begin(), sorted.end());
    const auto at = [&](size_t i) { return sorted.begin() + static_cast<ptrdiff_t>(i); };
    const size_t fewest = sorted.size() / kSmallestSide;
    const float low = *at(fewest), high = *at(sorted.size() - 1 - fewest);
    const float wanted = std::clamp(middle_, low, high);
    // The first side is never empty: the first value above the least, if need be.
    if (wanted > sorted.front()) {
        return wanted;
    }
    const auto above = std::upper_bound(sorted.begin(), sorted.end(), sorted.front());
    return above != sorted.end() ? *above : sorted.front();
}

void Split::cut() {
    const float least = threshold();
    std::vector<uint32_t> second;
    for (size_t i = 0; i < size_; i++) {
        if (projections_[i] < least) {
            rows_[first_side_++] = rows_[i];
        } else {
            second.push_back(rows_[i]);
        }
    }
    std::copy(second.begin(), second.end(), rows_ + first_side_);
    if (first_side_ == size_) {
        first_side_ = 0;
    }
    projections_ = {};
    sums_.resize(size_t{2} * points_.dims);
    next_ = 0;
    phase_ = first_side_ > 0 ? Phase::kAverage : Phase::kDone;
}

void Split::average(size_t n) noexcept {
    for (size_t i = next_; i < next_ + n; i++) {
        points_.relative(rows_[i], origin_.data(), point_.data());
        add_to(sums_.data() + (i < first_side_ ? 0 : points_.dims), point_.data(), points_.dims);
    }
    next_ += n;
    if (next_ == size_) {
        phase_ = Phase::kDone;
    }
}

void Split::mean(int side, const float *origin, float *out) const noexcept {
    const auto n = static_cast<double>(side == 0 ? first_side_ : size_ - first_side_);
    const double *sums = sums_.data() + (side == 0 ? 0 : points_.dims);
    for (uint32_t d = 0; d < points_.dims; d++) {
        out[d] = static_cast<float>(static_cast<double>(origin_[d]) - origin[d] + sums[d] / n);
    }
}

Balance::Balance(const Points &points, std::vector<Node> &nodes, Members members,
                 const BalanceGoal &goal, SplitMix &random, Tile &tile)
    : points_(points),
      nodes_(nodes),
      members_(std::move(members)),
      goal_(goal),
      random_(random),
      tile_(tile),
      kept_(nodes.size()),
      left_(nodes.size()),
      point_(points.dims) {
    for (uint32_t t = 0; t < nodes.size(); t++) {
        kept_[t].assign(nodes[t].lists.size(), true);
        left_[t] = nodes[t].lists.size();
        for (uint32_t i = 0; i < left_[t]; i++) {
            const size_t list = lists_.size();
            lists_.push_back({t, i, members_.begin[list], members_.size(list)});
            largest_.emplace(lists_[list].size, list);
            smallest_.push_back(list);
        }
    }
    count_ = lists_.size();
    std::stable_sort(smallest_.begin(), smallest_.end(),
                     [&](size_t a, size_t b) { return lists_[a].size < lists_[b].size; });
    while (drop_for(0)) {
    }
}

size_t Balance::advance() {
    if (split_ != nullptr) {
        const size_t work = split_->advance();
        if (split_->finished()) {
            finish_split();
        }
        return work;
    }
    if (choose_list()) {
        const List &list = lists_[list_];
        split_ = std::make_unique<Split>(points_, members_.rows.data() + list.begin, list.size,
                                         random_, tile_);
    } else {
        finish();
    }
    return points_.dims;
}

// The next list to split, or false.
bool Balance::choose_list() {
    while (!largest_.empty() && dropped(largest_.top().second)) {
        largest_.pop();
    }
    if (largest_.empty()) {
        return false;
    }
    const auto [size, list] = largest_.top();
    const auto members = static_cast<double>(size);
    const bool room = count_ < goal_.lists;
    if (size < 2 || members <= (room ? goal_.wanted : goal_.tolerable) ||
        (!room && !drop_for(size))) {
        return false;
    }
    largest_.pop();
    list_ = list;
    return true;
}

// Drops the smallest list, if it is small beside one of that size, and not the last of its node.
bool Balance::drop_for(size_t size) {
    constexpr size_t kSmall = 4;
    while (next_smallest_ < smallest_.size()) {
        const List &list = lists_[smallest_[next_smallest_]];
        if (list.size * kSmall > size) {
            return false;
        }
        next_smallest_++;
        if (left_[list.node] > 1 || list.size == 0) {
            kept_[list.node][list.in_node] = false;
            left_[list.node]--;
            count_--;
            return true;
        }
    }
    return false;
}

void Balance::finish_split() {
    const size_t first = split_->first_side();
    if (first > 0) {
        const List list = lists_[list_];
        Node &node = nodes_[list.node];
        split_->mean(0, node.origin.data(), point_.data());
        node.lists.set(list.in_node, point_.data(), points_.dims);
        split_->mean(1, node.origin.data(), point_.data());
        const auto in_node = static_cast<uint32_t>(node.lists.size());
        node.lists.add(point_.data(), points_.dims);
        kept_[list.node].push_back(true);
        left_[list.node]++;
        count_++;
        lists_[list_].size = first;
        largest_.emplace(first, list_);
        lists_.push_back({list.node, in_node, list.begin + first, list.size - first});
        largest_.emplace(list.size - first, lists_.size() - 1);
    }
    split_.reset();
}

void Balance::finish() {
    for (size_t t = 0; t < nodes_.size(); t++) {
        nodes_[t].lists.keep(kept_[t], points_.dims);
    }
    finished_ = true;
}

}  // namespace pgslab
