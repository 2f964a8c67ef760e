#include "ivf/training.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>

#include "base/magnitude.h"
#include "kernels/kernels.h"
#include "quantize/bits.h"
#include "quantize/encode.h"
#include "quantize/offset.h"
#include "quantize/rotation.h"
#include "quantize/unit.h"

namespace pgslab {

namespace {

constexpr uint64_t kRotationSeed = 0x70677323;  // any
constexpr uint64_t kClusterSeed = 0x736C6162;

// Below so many rows one list is as fast as several.
constexpr double kFewRows = 10000;
constexpr double kListsPerRoot = 4;

// From here on lists grow faster than the rows' root: looking at their centroids costs less than
// the longer lists would.
constexpr double kManyRows = 100000;
constexpr double kGrowthOfMany = 0.8;
constexpr uint32_t kSamplePerList = 28;
constexpr uint32_t kSmallestSample = 10000;

}  // namespace

uint32_t automatic_lists(double rows) noexcept {
    if (rows < kFewRows) {
        return 1;
    }
    const double few = kListsPerRoot * std::sqrt(std::min(rows, kManyRows));
    const double lists = few * std::pow(std::max(rows / kManyRows, 1.0), kGrowthOfMany);
    return static_cast<uint32_t>(std::min<double>(lists, PGS_MAX_LISTS));
}

void plan_training(const Shape &shape, double rows, size_t memory_bytes, PgsPlan &plan) noexcept {
    if (plan.lists == 0) {
        plan.lists = automatic_lists(rows);
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

Training::Training(const Shape &shape, const PgsPlan &plan, const Codebook *present)
    : shape_(shape),
      plan_(plan),
      choose_offset_(present == nullptr && shape.storage != Storage::kF32 &&
                     shape.storage != Storage::kBits) {
    if (shape_.code_bits == 0) {
        plan_.sample = 0;  // nothing to learn
    }
    if (present != nullptr && present->offset() != nullptr) {
        offset_.assign(present->offset(), present->offset() + shape.dims);
    }
}

bool Training::put(uint32_t i, const float *vector) noexcept {
    float *to = sample_.data() + size_t{i} * shape_.dims;
    if (shape_.metric == Metric::kCosine) {
        return normalize(vector, shape_.dims, to) > 0;
    }
    if (is_of_sets(shape_.metric)) {
        vector_of_set(shape_.metric, vector, shape_.dims, to);
    } else {
        std::memcpy(to, vector, shape_.dims * sizeof(float));
    }
    return true;
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

bool Training::replace(uint32_t i, const float *vector) noexcept {
    return i < rows_ && put(i, vector);
}

// From here on the sample is of what is stored of the rows, more or less.
void Training::subtract_offset() {
    if (choose_offset_) {
        offset_ = choose_offset(shape_.metric, shape_.storage, sample_.data(), rows_, shape_.dims);
    }
    for (uint32_t i = 0; !offset_.empty() && i < rows_; i++) {
        float *row = sample_.data() + size_t{i} * shape_.dims;
        for (uint32_t d = 0; d < shape_.dims; d++) {
            row[d] = static_cast<float>(static_cast<double>(row[d]) - offset_[d]);
        }
    }
}

// A unit that suits the rows. Larger than seven eighths of them: rows far below it only look alike,
// whereas far above it they have no codes; but a few that are out of all proportion must not make
// the others vanish.
void Training::choose_unit() {
    std::vector<int> exponents;
    for (uint32_t i = 0; !is_of_directions(shape_.metric) && i < rows_; i++) {
        const float *row = sample_.data() + size_t{i} * shape_.dims;
        if (std::any_of(row, row + shape_.dims, [](float x) { return x != 0; })) {
            exponents.push_back(largest_exponent(row, shape_.dims));
        }
    }
    if (exponents.empty()) {
        return;
    }
    const auto most = exponents.begin() + static_cast<ptrdiff_t>(exponents.size() * 7 / 8);
    std::nth_element(exponents.begin(), most, exponents.end());
    exponent_ = unit_exponent(*most);
}

// Takes the sample to that unit, without the rows that are too large for it.
void Training::measure_in_units() {
    // Beyond this squares are no float32 any more; such rows belong to some list all the same.
    constexpr float kLargest = 1e15f;
    const float factor = std::ldexp(1.0f, -exponent_);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < rows_; i++) {
        const float *from = sample_.data() + size_t{i} * shape_.dims;
        float *to = sample_.data() + size_t{kept} * shape_.dims;
        if (max_magnitude(from, shape_.dims) * factor > kLargest) {
            continue;
        }
        if (factor != 1 || from != to) {
            std::transform(from, from + shape_.dims, to, [=](float x) { return x * factor; });
        }
        kept++;
    }
    rows_ = kept;
}

// Subtracts the mean, without which the inner products of clustering and coding lose their
// precision to a common offset.
void Training::centre() {
    std::vector<double> sums(shape_.dims);
    for (uint32_t i = 0; i < rows_; i++) {
        kernels().add_to(sums.data(), sample_.data() + size_t{i} * shape_.dims, shape_.dims);
    }
    mean_.resize(shape_.dims);
    for (uint32_t d = 0; d < shape_.dims; d++) {
        mean_[d] = static_cast<float>(sums[d] / std::max<uint32_t>(rows_, 1));
    }
    for (uint32_t i = 0; i < rows_; i++) {
        float *row = sample_.data() + size_t{i} * shape_.dims;
        std::transform(row, row + shape_.dims, mean_.data(), row, std::minus<>());
    }
}

// Brings the centroids into code space.
void Training::rotate_centroids() {
    signs_.resize(rotation_bytes(shape_.padded));
    draw_rotation(kRotationSeed, shape_.padded, signs_.data());
    const std::vector<float> &found = clustering_->centroids();
    const auto lists = static_cast<uint32_t>(found.size() / shape_.dims);
    centroids_.resize(size_t{lists} * shape_.padded);
    for (uint32_t l = 0; l < lists; l++) {
        rotate_blocks(shape_, signs_.data(), found.data() + size_t{l} * shape_.dims, nullptr,
                      centroids_.data() + size_t{l} * shape_.padded);
    }
    clustering_.reset();
}

void Training::step(PgsProgress &progress) {
    switch (phase_) {
        case Phase::kSample:
            if (shape_.code_bits == 0) {
                phase_ = Phase::kDone;
                break;
            }
            subtract_offset();
            choose_unit();
            measure_in_units();
            centre();
            clustering_ = std::make_unique<Clustering>(
                sample_.data(), rows_, ClusterOptions{shape_.dims, plan_.lists, kClusterSeed});
            phase_ = Phase::kCluster;
            break;
        case Phase::kCluster: {
            const bool finished = clustering_->step();
            progress = {clustering_->done(), clustering_->total(), false};
            if (finished) {
                rotate_centroids();
                phase_ = Phase::kDone;
            }
            break;
        }
        case Phase::kDone:
            break;
    }
    progress.finished = phase_ == Phase::kDone;
}

std::unique_ptr<const Codebook> Training::finish(uint64_t identity) {
    if (shape_.code_bits == 0) {
        return std::make_unique<Codebook>(shape_);
    }
    return std::make_unique<Codebook>(shape_, identity, signs_, mean_, centroids_, exponent_,
                                      offset_);
}

}  // namespace pgslab
