#include "quantize/offset.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "quantize/encode.h"

namespace pgslab {

namespace {

// Fewer rows say too little of those that will come.
constexpr uint32_t kFewestRows = 100;

// Rows that are looked at: to place the offset, and to measure what it is good for.
constexpr uint32_t kPlacingRows = 4096;
constexpr uint32_t kMeasuredRows = 512;

// The errors of nearly all rows have to become so many times smaller.
constexpr double kWorthwhile = 4;
constexpr double kNearlyAll = 7.0 / 8;

// Some rows of a sample, evenly drawn.
class SomeRows {
  public:
    SomeRows(const float *sample, uint32_t rows, uint32_t dims, uint32_t wanted) noexcept
        : sample_(sample), rows_(rows), dims_(dims), count_(std::min(rows, wanted)) {}

    uint32_t count() const noexcept { return count_; }
    const float *row(uint32_t i) const noexcept {
        return sample_ + uint64_t{i} * rows_ / count_ * dims_;
    }

  private:
    const float *sample_;
    uint32_t rows_;
    uint32_t dims_;
    uint32_t count_;
};

std::vector<double> mean_of(const SomeRows &rows, uint32_t dims) {
    std::vector<double> mean(dims);
    for (uint32_t i = 0; i < rows.count(); i++) {
        for (uint32_t d = 0; d < dims; d++) {
            mean[d] += rows.row(i)[d];
        }
    }
    for (double &x : mean) {
        x /= rows.count();
    }
    return mean;
}

std::vector<double> deviation_of(const SomeRows &rows, const std::vector<double> &mean) {
    std::vector<double> deviation(mean.size());
    for (uint32_t i = 0; i < rows.count(); i++) {
        for (size_t d = 0; d < mean.size(); d++) {
            const double x = rows.row(i)[d] - mean[d];
            deviation[d] += x * x;
        }
    }
    for (double &x : deviation) {
        x = std::sqrt(x / rows.count());
    }
    return deviation;
}

// The mean, to the largest power of two that is not above the deviation. Where that is beyond
// float32's precision, or there is no deviation, to the nearest float32.
float place(double mean, double deviation) noexcept {
    double x = mean;
    if (deviation > std::fabs(mean) * 0x1p-40) {
        const double grid = std::ldexp(1.0, std::ilogb(deviation));
        x = std::nearbyint(mean / grid) * grid;
    }
    if (std::fabs(x) > kLargestOffset) {
        return 0;
    }
    const auto element = static_cast<float>(x);
    return is_offset_element(element) ? element : 0.0F;
}

// Whether storing what is left is much better than storing the rows themselves.
bool is_worthwhile(Metric metric, Storage storage, const SomeRows &rows,
                   const std::vector<float> &offset) {
    const auto dims = static_cast<uint32_t>(offset.size());
    std::vector<uint64_t> item(item_bytes(dims, storage) / sizeof(uint64_t) + 1);
    uint32_t better = 0;
    for (uint32_t i = 0; i < rows.count(); i++) {
        VectorRecord as_is = {};
        VectorRecord rest = {};
        if (!encode(metric, storage, rows.row(i), dims, item.data(), &as_is) ||
            !encode(metric, storage, rows.row(i), dims, item.data(), &rest, offset.data())) {
            continue;
        }
        better += as_is.error > 0 && kWorthwhile * rest.error <= as_is.error ? 1 : 0;
    }
    return better >= kNearlyAll * rows.count();
}

}  // namespace

bool is_offset_element(float x) noexcept {
    const float magnitude = std::fabs(x);
    return x == 0 || (magnitude >= kSmallestOffset && magnitude <= kLargestOffset);
}

std::vector<float> choose_offset(Metric metric, Storage storage, const float *sample, uint32_t rows,
                                 uint32_t dims) {
    if (rows < kFewestRows) {
        return {};
    }
    const SomeRows placing(sample, rows, dims, kPlacingRows);
    const std::vector<double> mean = mean_of(placing, dims);
    const std::vector<double> deviation = deviation_of(placing, mean);
    std::vector<float> offset(dims);
    for (uint32_t d = 0; d < dims; d++) {
        offset[d] = place(mean[d], deviation[d]);
    }
    const bool is_none = std::all_of(offset.begin(), offset.end(), [](float x) { return x == 0; });
    if (is_none || !is_worthwhile(metric, storage, {sample, rows, dims, kMeasuredRows}, offset)) {
        return {};
    }
    return offset;
}

namespace {

double norm_of(const float *vector, uint32_t dims) noexcept {
    double squares = 0;
    for (uint32_t i = 0; i < dims; i++) {
        squares += static_cast<double>(vector[i]) * vector[i];
    }
    return std::sqrt(squares);
}

double product_of(const float *a, const float *b, uint32_t dims) noexcept {
    double product = 0;
    for (uint32_t i = 0; i < dims; i++) {
        product += static_cast<double>(a[i]) * b[i];
    }
    return product;
}

// vector[dims] = the query times the factor, less the offset; returns at least the error of that.
double subtract(const float *query, double factor, const float *offset, uint32_t dims,
                float *vector) noexcept {
    double squares = 0;
    double largest = 0;
    for (uint32_t i = 0; i < dims; i++) {
        const double exact = query[i] * factor - offset[i];
        vector[i] = static_cast<float>(exact);
        const double error = vector[i] - exact;
        squares += error * error;
        largest = std::max(largest, std::fabs(exact));
    }
    // A difference in float64 is exact, or large beside the smaller of the two.
    return std::sqrt(squares) * (1 + 1e-11) + 0x1p-52 * largest * std::sqrt(dims);
}

}  // namespace

Shift shift_query(Metric metric, const float *query, const float *offset, uint32_t dims,
                  float *vector) noexcept {
    if (offset == nullptr || metric == Metric::kInnerProduct) {
        if (metric == Metric::kCosine) {
            normalize(query, dims, vector);
        } else {
            std::copy_n(query, dims, vector);
        }
        return offset == nullptr
                   ? Shift{}
                   : Shift{false, 0, norm_of(offset, dims), product_of(query, offset, dims)};
    }
    // Normalised, a query is off by what float64 rounds in its length, and so is the vector that
    // was stored.
    constexpr double kNormalising = 0x1p-40;
    const bool is_cosine = metric == Metric::kCosine;
    const double factor = is_cosine ? 1 / norm_of(query, dims) : 1;
    const double error = subtract(query, factor, offset, dims, vector);
    return {false, error + (is_cosine ? 2 * kNormalising : 0), norm_of(offset, dims), 0};
}

void add_offset(const float *offset, uint32_t dims, float *values) noexcept {
    constexpr double kMost = std::numeric_limits<float>::max();
    for (uint32_t i = 0; offset != nullptr && i < dims; i++) {
        const double sum = static_cast<double>(values[i]) + offset[i];
        values[i] = static_cast<float>(std::clamp(sum, -kMost, kMost));
    }
}

}  // namespace pgslab
