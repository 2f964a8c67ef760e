// Distances between two full-precision vectors: float32 sums, and float64 where those lose.
#include <cmath>
#include <cstddef>

#include "kernels/kernels.h"
#include "kernels/safe_sum.h"
#include "pgslab_core.h"

namespace {

using pgslab::is_safe_sum;

// term(0) + ... + term(n - 1), in eight chains so that additions need not wait for one another. No
// product of two float32 or of their differences overflows or underflows float64.
template <typename Term>
double sum_in_double(size_t n, Term term) {
    double part[8] = {};
    size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        for (size_t k = 0; k < 8; k++) {
            part[k] += term(i + k);
        }
    }
    for (; i < n; i++) {
        part[i % 8] += term(i);
    }
    return ((part[0] + part[4]) + (part[2] + part[6])) +
           ((part[1] + part[5]) + (part[3] + part[7]));
}

double dot_in_double(const float *a, const float *b, size_t n) {
    return sum_in_double(n, [=](size_t i) { return double{a[i]} * double{b[i]}; });
}

double dot(const float *a, const float *b, size_t n) {
    const double fast = pgslab::dot_f32(a, b, n);
    return is_safe_sum(fast) ? fast : dot_in_double(a, b, n);
}

}  // namespace

double pgs_l2_squared_distance(const float *a, const float *b, int dims) {
    const size_t n = static_cast<size_t>(dims);
    const double fast = pgslab::l2_f32(a, b, n);
    if (is_safe_sum(fast)) {
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
    if (!std::isfinite(ab) || !is_safe_sum(aa) || !is_safe_sum(bb)) {
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
