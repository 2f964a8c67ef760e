#include "quantize/stored_sum.h"

#include <algorithm>
#include <cmath>

#include "kernels/safe_sum.h"
#include "quantize/encode.h"

namespace pgslab {

namespace {

// One chunk of the sum.
double chunk_sum(Metric metric, const float *q, const float *y, double scale, uint32_t n) {
    switch (metric) {
        case Metric::kL2:
            return sum_in_double(n, [=](size_t i) {
                const double difference = q[i] - scale * y[i];
                return difference * difference;
            });
        case Metric::kL1:
            return sum_in_double(n, [=](size_t i) { return std::fabs(q[i] - scale * y[i]); });
        default:
            return sum_in_double(n, [=](size_t i) { return double{q[i]} * double{y[i]}; });
    }
}

}  // namespace

double stored_sum(Metric metric, Storage storage, const float *query, const uint8_t *item,
                  float scale, uint32_t dims) noexcept {
    constexpr uint32_t kChunk = 256;
    float values[kChunk];
    double sum = 0;
    for (uint32_t begin = 0; begin < dims; begin += kChunk) {
        const uint32_t n = std::min(kChunk, dims - begin);
        to_floats(storage, item, begin, n, values);
        sum += chunk_sum(metric, query + begin, values, scale, n);
    }
    return sum;
}

bool is_sound(Metric metric, Storage storage, double query_norm, float sum) noexcept {
    // Of a binary16 vector the largest element is at least 2^-24, and of whole numbers 1, so
    // products with such a query that underflow are nothing beside the product of the lengths.
    constexpr double kOrdinary = 1e-12;
    switch (metric) {
        case Metric::kL2:
            return is_safe(sum);
        case Metric::kInnerProduct:
            return is_safe(sum) ||
                   (storage != Storage::kF32 && query_norm >= kOrdinary && std::isfinite(sum));
        default:  // differences do not underflow, and under cosine both vectors have length 1
            return std::isfinite(sum);
    }
}

}  // namespace pgslab
