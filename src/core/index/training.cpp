#include "index/training.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "quantize/encode.h"
#include "quantize/rotation.h"

namespace pgslab {

namespace {

constexpr uint64_t kRotationSeed = 0x70677323;  // any
constexpr uint64_t kClusterSeed = 0x736C6162;

// Below so many rows one list is as fast as several.
constexpr double kFewRows = 10000;
constexpr double kListsPerRoot = 4;
constexpr uint32_t kSamplePerList = 40;
constexpr uint32_t kSmallestSample = 10000;

// Rows a list's radius is measured with, and at a time.
constexpr uint32_t kRadiusPerList = 16;
constexpr uint32_t kRadiusStep = 256;

}  // namespace

void plan_training(const Shape &shape, double rows, size_t memory_bytes, PgsPlan &plan) noexcept {
    if (plan.lists == 0) {
        plan.lists = rows < kFewRows ? 1 : static_cast<uint32_t>(kListsPerRoot * std::sqrt(rows));
    }
    plan.lists = std::clamp<uint32_t>(plan.lists, 1, shape.code_bits == 0 ? 1 : PGS_MAX_LISTS);
    if (plan.sample == 0) {
        plan.sample = std::max(plan.lists * kSamplePerList, kSmallestSample);
    }
    const size_t affordable = memory_bytes / (size_t{shape.dims} * sizeof(float));
    plan.sample = static_cast<uint32_t>(std::clamp<size_t>(affordable, 1, plan.sample));
    plan.lists = std::min(plan.lists, plan.sample);
}

bool held_out(PgsTid tid) noexcept {
    uint64_t x = (uint64_t{tid.block} << 16 | tid.offset) * 0x9E3779B97F4A7C15u;
    x ^= x >> 32;
    return x % 16 == 0;
}

Training::Training(const Shape &shape, const PgsPlan &plan) : shape_(shape), plan_(plan) {
    if (shape_.code_bits == 0) {
        plan_.sample = 0;  // nothing to learn
    }
}

bool Training::put(uint32_t i, const float *vector) {
    float *to = sample_.data() + size_t{i} * shape_.dims;
    if (shape_.metric == Metric::kCosine) {
        return normalize(vector, shape_.dims, to) > 0;
    }
    // Beyond this squares are no float32 any more; such rows belong to some list all the same.
    constexpr float kLargest = 1e15f;
    const bool usable = std::all_of(vector, vector + shape_.dims,
                                    [](float x) { return std::abs(x) <= kLargest; });
    if (usable) {
        std::memcpy(to, vector, shape_.dims * sizeof(float));
    }
    return usable;
}

bool Training::add(const float *vector) {
    if (rows_ == plan_.sample) {
        return false;
    }
    if (rows_ == 0) {
        sample_.reserve(size_t{plan_.sample} * shape_.dims);
    }
    sample_.resize((size_t{rows_} + 1) * shape_.dims);
    const bool taken = put(rows_, vector);
    rows_ += taken ? 1 : 0;
    return taken;
}

bool Training::replace(uint32_t i, const float *vector) {
    return i < rows_ && put(i, vector);
}

// Subtracts the mean, without which the inner products of clustering and coding lose their
// precision to a common offset.
void Training::centre() {
    std::vector<double> sums(shape_.dims);
    for (uint32_t i = 0; i < rows_; i++) {
        for (uint32_t d = 0; d < shape_.dims; d++) {
            sums[d] += sample_[size_t{i} * shape_.dims + d];
        }
    }
    mean_.resize(shape_.dims);
    for (uint32_t d = 0; d < shape_.dims; d++) {
        mean_[d] = static_cast<float>(sums[d] / std::max<uint32_t>(rows_, 1));
    }
    for (uint32_t i = 0; i < rows_; i++) {
        for (uint32_t d = 0; d < shape_.dims; d++) {
            sample_[size_t{i} * shape_.dims + d] -= mean_[d];
        }
    }
}

void Training::begin_radius() {
    const uint32_t padded = shape_.padded;
    signs_.resize(rotation_bytes(padded));
    draw_rotation(kRotationSeed, padded, signs_.data());
    const std::vector<float> &found = clustering_->centroids();
    const auto lists = static_cast<uint32_t>(found.size() / shape_.dims);
    centroids_.resize(size_t{lists} * padded);
    for (uint32_t l = 0; l < lists; l++) {
        rotate(signs_.data(), found.data() + size_t{l} * shape_.dims, nullptr, shape_.dims,
               centroids_.data() + size_t{l} * padded);
    }
    clustering_.reset();
    draft_ = std::make_unique<Codebook>(shape_, 0, signs_, mean_, centroids_,
                                        std::vector<float>(lists));
    estimate_.resize(lists);
    rotated_.resize(padded);
    squares_.assign(lists, 0);
    counts_.assign(lists, 0);
}

void Training::measure_radius() {
    const uint32_t lists = draft_->lists();
    const uint32_t wanted = std::min(rows_, std::max(lists, 64u) * kRadiusPerList);
    const uint32_t end = std::min(wanted, measured_ + kRadiusStep);
    for (; measured_ < end; measured_++) {
        // Spread over the sample, which may be in the order of the table.
        const uint64_t row = uint64_t{measured_} * rows_ / wanted;
        rotate(signs_.data(), sample_.data() + row * shape_.dims, nullptr, shape_.dims,
               rotated_.data());
        query_.set(rotated_.data(), shape_.padded);
        const uint32_t list = draft_->nearest(rotated_.data(), query_, estimate_);
        const double distance =
            draft_->list_query(rotated_.data(), query_.norm(), list).distance;
        squares_[list] += distance * distance;
        counts_[list]++;
    }
    if (measured_ == wanted) {
        phase_ = Phase::kDone;
    }
}

void Training::step(PgsProgress &progress) {
    switch (phase_) {
        case Phase::kSample:
            if (shape_.code_bits == 0) {
                phase_ = Phase::kDone;
                break;
            }
            centre();
            clustering_ = std::make_unique<Clustering>(
                sample_.data(), rows_, ClusterOptions{shape_.dims, plan_.lists, kClusterSeed});
            phase_ = Phase::kCluster;
            break;
        case Phase::kCluster: {
            const bool finished = clustering_->step();
            progress = {clustering_->done(), clustering_->total(), false};
            if (finished) {
                begin_radius();
                phase_ = Phase::kRadius;
            }
            break;
        }
        case Phase::kRadius:
            measure_radius();
            break;
        case Phase::kDone:
            break;
    }
    progress.finished = phase_ == Phase::kDone;
}

std::unique_ptr<const Codebook> Training::finish(uint64_t identity) {
    if (shape_.code_bits == 0) {
        return std::make_unique<Codebook>(shape_);
    }
    double all_squares = 0;
    uint32_t all = 0;
    for (size_t l = 0; l < counts_.size(); l++) {
        all_squares += squares_[l];
        all += counts_[l];
    }
    // Lists the measurement has not met are taken to be like the others.
    const double usual = all == 0 ? 0 : std::sqrt(all_squares / all);
    std::vector<float> radius(counts_.size());
    for (size_t l = 0; l < counts_.size(); l++) {
        radius[l] = static_cast<float>(counts_[l] == 0 ? usual
                                                       : std::sqrt(squares_[l] / counts_[l]));
    }
    return std::make_unique<Codebook>(shape_, identity, signs_, mean_, centroids_, radius);
}

}  // namespace pgslab
