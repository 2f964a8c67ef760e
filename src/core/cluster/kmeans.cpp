#include "cluster/kmeans.h"

#include <limits>
#include <numeric>
#include <utility>

#include "kernels/kernels.h"

namespace pgslab {

namespace {

constexpr size_t kCandidatesPerSeed = 4;

// The iterations end when one lessens the error by less than this part of it.
constexpr double kLittle = 0.004;

}  // namespace

KMeans::KMeans(const Points &points, std::vector<uint32_t> rows, const float *origin, size_t k,
               uint32_t iterations, SplitMix &random, Tile &tile)
    : points_(points),
      origin_(origin),
      random_(random),
      tile_(tile),
      k_(std::min(k, rows.size())),
      iterations_(iterations),
      rows_(std::move(rows)),
      candidates_(std::min(rows_.size(), kCandidatesPerSeed * k_)),
      seed_(0),
      weights_(candidates_, std::numeric_limits<float>::infinity()),
      point_(points.dims),
      nearest_(rows_.size()),
      errors_(rows_.size()),
      previous_error_(std::numeric_limits<double>::infinity()) {
    for (size_t i = 0; i < candidates_; i++) {
        std::swap(rows_[i], rows_[i + random_.below(rows_.size() - i)]);
    }
    if (rows_.size() * points.dims <= kFewElements) {
        all_.emplace(points.dims, rows_.size());
    }
    centroids_.values.reserve(k_ * points.dims);
    centroids_.halves.reserve(k_);
}

size_t KMeans::advance() {
    switch (phase_) {
        case Phase::kSeed:
            return add_seed();
        case Phase::kAssign:
            return assign_tile();
        case Phase::kDone:
            break;
    }
    return 0;
}

double KMeans::progress() const noexcept {
    if (finished()) {
        return 1;
    }
    const double part = static_cast<double>(next_) / static_cast<double>(rows_.size());
    return (iteration_ + part) / iterations_;
}

// Makes candidate seed_ a centroid and chooses the next, unless all are near enough already.
size_t KMeans::add_seed() {
    const uint32_t dims = points_.dims;
    points_.relative(rows_[seed_], origin_, point_.data());
    centroids_.add(point_.data(), dims);
    bool more = centroids_.size() < k_;
    if (more) {
        for (uint32_t d = 0; d < dims; d++) {
            point_[d] = points_.row(rows_[seed_])[d] * points_.scale;
        }
        double total = 0;
        const Kernels &k = kernels();
        for (size_t i = 0; i < candidates_; i++) {
            Lanes lanes;
            k.l2_f32(lanes, point_.data(), points_.row(rows_[i]), points_.scale, dims, 0);
            weights_[i] = std::min(weights_[i], sum(lanes));
            total += weights_[i];
        }
        more = total > 0;
        if (more) {
            choose_seed(total);
        }
    }
    if (!more) {
        phase_ = Phase::kAssign;
        sums_.assign(k_ * dims, 0);
        sizes_.assign(k_, 0);
    }
    return 3 * candidates_ * (dims + 8);
}

// A candidate drawn by its weight, of which `total` > 0 is the sum.
void KMeans::choose_seed(double total) noexcept {
    double left = random_.uniform() * total;
    for (size_t i = 0; i < candidates_; i++) {
        if (weights_[i] > 0) {
            seed_ = i;  // the last such one, should rounding leave something
            left -= weights_[i];
            if (left < 0) {
                break;
            }
        }
    }
}

size_t KMeans::assign_tile() {
    const uint32_t dims = points_.dims;
    const size_t n = std::min(Tile::rows_for(dims), rows_.size() - next_);
    const size_t at = all_ ? next_ : 0;
    Tile &tile = all_ ? *all_ : tile_;
    if (!all_ || iteration_ == 0) {
        tile.fill(points_, rows_.data() + next_, n, origin_, at);
    }
    tile.compare(centroids_, n, at);
    for (size_t i = 0; i < n; i++) {
        const Nearest found = tile.nearest(i);
        nearest_[next_ + i] = found.index;
        errors_[next_ + i] = found.distance;
        sizes_[found.index]++;
        add_to(sums_.data() + size_t{found.index} * dims, tile.row(at + i), dims);
    }
    next_ += n;
    size_t work = Tile::work(n, centroids_.size(), dims);
    if (next_ == rows_.size()) {
        update();
        work += 4 * k_ * dims;
    }
    return work;
}

// The end of an iteration.
void KMeans::update() {
    const uint32_t dims = points_.dims;
    for (size_t c = 0; c < centroids_.size(); c++) {
        if (sizes_[c] > 0) {
            centroids_.set_mean(c, sums_.data() + c * dims, sizes_[c], dims);
        }
    }
    const double error = std::accumulate(errors_.begin(), errors_.end(), 0.0);
    const bool little = previous_error_ - error <= error * kLittle;
    previous_error_ = error;
    iteration_++;
    next_ = 0;
    if (iteration_ == iterations_ || (reseed(error) == 0 && little)) {
        drop_empty();
        phase_ = Phase::kDone;
        return;
    }
    std::fill(sums_.begin(), sums_.end(), 0);
    std::fill(sizes_.begin(), sizes_.end(), 0);
}

// Puts the centroids that have no points, and those there are too few of, onto points drawn by
// their errors, of which `total` is the sum. Gives how many.
size_t KMeans::reseed(double total) {
    std::vector<size_t> empty;
    for (size_t c = 0; c < k_; c++) {
        if (sizes_[c] == 0) {
            empty.push_back(c);
        }
    }
    if (empty.empty() || total <= 0) {
        return 0;
    }
    // One draw from each of as many equal parts of the total.
    const double part = total / static_cast<double>(empty.size());
    size_t drawn = 0;
    double target = part * random_.uniform(), passed = 0;
    for (size_t i = 0; i < rows_.size() && drawn < empty.size(); i++) {
        passed += errors_[i];
        if (errors_[i] > 0 && passed > target) {
            points_.relative(rows_[i], origin_, point_.data());
            if (empty[drawn] < centroids_.size()) {
                centroids_.set(empty[drawn], point_.data(), points_.dims);
            } else {
                centroids_.add(point_.data(), points_.dims);
            }
            drawn++;
            target = part * (static_cast<double>(drawn) + random_.uniform());
        }
    }
    return drawn;
}

void KMeans::drop_empty() {
    std::vector<bool> kept(centroids_.size());
    std::vector<uint32_t> number(centroids_.size());
    uint32_t used = 0;
    for (size_t c = 0; c < kept.size(); c++) {
        kept[c] = sizes_[c] > 0;
        number[c] = used;
        used += kept[c] ? 1 : 0;
    }
    for (uint32_t &c : nearest_) {
        c = number[c];
    }
    centroids_.keep(kept, points_.dims);
    sums_ = {};
}

}  // namespace pgslab
