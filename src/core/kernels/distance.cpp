// Distances between two full-precision vectors: float32 sums, and float64 where those lose.
#include <cmath>
#include <cstddef>

#include "kernels/kernels.h"
#include "kernels/safe_sum.h"
#include "pgslab/types.h"

namespace {

using pgslab::is_safe;
using pgslab::sum_in_double;

double dot_in_double(const float *a, const float *b, size_t n) {
    return sum_in_double(n, [=](size_t i) { return double{a[i]} * double{b[i]}; });
}

double dot(const float *a, const float *b, size_t n) {
    const double fast = pgslab::dot_f32(a, b, n);
    return is_safe(fast) ? fast : dot_in_double(a, b, n);
}

}  // namespace

double pgs_l2_squared_distance(const float *a, const float *b, int dims) {
    const size_t n = static_cast<size_t>(dims);
    const double fast = pgslab::l2_f32(a, b, n);
    if (is_safe(fast)) {
        return fast;
    }
    return sum_in_double(n, [=](size_t i) {
        const double difference = double{a[i]} - double{b[i]};
        return difference * difference;
    });
}

double pgs_l2_distance(const float *a, const float *b, int dims) {
    return std::sqrt(pgs_l2_squared_distance(a, b, dims));
}

double pgs_inner_product(const float *a, const float *b, int dims) {
    return dot(a, b, static_cast<size_t>(dims));
}

// Differences and sums of float32 do not underflow; only overflow is to be feared.
double pgs_l1_distance(const float *a, const float *b, int dims) {
    const size_t n = static_cast<size_t>(dims);
    const double fast = pgslab::l1_f32(a, b, n);
    if (std::isfinite(fast)) {
        return fast;
    }
    return sum_in_double(n, [=](size_t i) { return std::fabs(double{a[i]} - double{b[i]}); });
}

double pgs_cosine_distance(const float *a, const float *b, int dims) {
    const size_t n = static_cast<size_t>(dims);
    float fast[3];
    pgslab::dot_norms_f32(a, b, n, fast);
    double ab = fast[0], aa = fast[1], bb = fast[2];
    // What underflow costs ab counts beside |a||b|, so a small ab alone is no reason.
    if (!std::isfinite(ab) || !is_safe(aa) || !is_safe(bb)) {
        ab = dot_in_double(a, b, n);
        aa = dot_in_double(a, a, n);
        bb = dot_in_double(b, b, n);
    }
    // The square root of the product, not the product of two roots, is exact for a = b. A zero
    // vector makes this 0/0, NaN, which passes both comparisons.
    double similarity = ab / std::sqrt(aa * bb);
    if (similarity > 1.0) {
        similarity = 1.0;
    } else if (similarity < -1.0) {
        similarity = -1.0;
    }
    return 1.0 - similarity;
}

double pgs_norm(const float *a, int dims) {
    return std::sqrt(dot(a, a, static_cast<size_t>(dims)));
}
