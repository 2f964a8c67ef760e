// Distances between two vectors as they are: float32 sums, and float64 where those lose.
//
// Of halves one vector is widened a piece at a time, which is exact, and the other is what kernels
// compare with float32. So their distances are bit for bit those of the same numbers as float32.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "base/half.h"
#include "kernels/kernels.h"
#include "kernels/safe_sum.h"
#include "pgslab/index.h"
#include "pgslab/types.h"

namespace {

using pgslab::is_safe;
using pgslab::Kernels;
using pgslab::Lanes;
using pgslab::sum_in_double;

// Elements widened at a time: whole rounds of the lanes, and small beside the first-level cache.
constexpr size_t kPiece = 512;

// visit(a piece of the halves as float32, its first element's index, its length)
template <typename Visit>
void each_piece(const Kernels &k, const uint16_t *halves, size_t n, Visit visit) {
    float wide[kPiece];
    for (size_t begin = 0; begin < n; begin += kPiece) {
        const size_t length = std::min(kPiece, n - begin);
        k.f16_to_f32(halves + begin, wide, length);
        visit(wide, begin, length);
    }
}

// ---- sums in float32

float fast_dot(const float *a, const float *b, size_t n) {
    return pgslab::dot_f32(a, b, n);
}

float fast_dot(const uint16_t *a, const uint16_t *b, size_t n) {
    const Kernels &k = pgslab::kernels();
    Lanes lanes;
    each_piece(k, a, n, [&](const float *wide, size_t begin, size_t length) {
        k.dot_f16(lanes, wide, b + begin, length, begin);
    });
    return sum(lanes);
}

float fast_l2(const float *a, const float *b, size_t n) {
    return pgslab::l2_f32(a, b, n);
}

float fast_l2(const uint16_t *a, const uint16_t *b, size_t n) {
    const Kernels &k = pgslab::kernels();
    Lanes lanes;
    each_piece(k, a, n, [&](const float *wide, size_t begin, size_t length) {
        k.l2_f16(lanes, wide, b + begin, 1.0f, length, begin);
    });
    return sum(lanes);
}

float fast_l1(const float *a, const float *b, size_t n) {
    return pgslab::l1_f32(a, b, n);
}

float fast_l1(const uint16_t *a, const uint16_t *b, size_t n) {
    const Kernels &k = pgslab::kernels();
    Lanes lanes;
    each_piece(k, a, n, [&](const float *wide, size_t begin, size_t length) {
        k.l1_f16(lanes, wide, b + begin, 1.0f, length, begin);
    });
    return sum(lanes);
}

// out = {a.b, a.a, b.b}
void fast_norms(const float *a, const float *b, size_t n, float out[3]) {
    pgslab::dot_norms_f32(a, b, n, out);
}

void fast_norms(const uint16_t *a, const uint16_t *b, size_t n, float out[3]) {
    const Kernels &k = pgslab::kernels();
    Lanes lanes[3];
    float wide_b[kPiece];
    each_piece(k, a, n, [&](const float *wide_a, size_t begin, size_t length) {
        k.f16_to_f32(b + begin, wide_b, length);
        k.dot_norms_f32(lanes, wide_a, wide_b, length);
    });
    for (int i = 0; i < 3; i++) {
        out[i] = sum(lanes[i]);
    }
}

// ---- and in float64

double value(float element) {
    return element;
}

double value(uint16_t half) {
    return pgslab::double_of(half);
}

template <typename Element>
double dot_in_double(const Element *a, const Element *b, size_t n) {
    return sum_in_double(n, [=](size_t i) { return value(a[i]) * value(b[i]); });
}

// ---- distances

template <typename Element>
double dot(const Element *a, const Element *b, size_t n) {
    const double fast = fast_dot(a, b, n);
    return is_safe(fast) ? fast : dot_in_double(a, b, n);
}

template <typename Element>
double l2_squared(const Element *a, const Element *b, size_t n) {
    const double fast = fast_l2(a, b, n);
    if (is_safe(fast)) {
        return fast;
    }
    return sum_in_double(n, [=](size_t i) {
        const double difference = value(a[i]) - value(b[i]);
        return difference * difference;
    });
}

// Differences and sums of float32 do not underflow; only overflow is to be feared.
template <typename Element>
double l1(const Element *a, const Element *b, size_t n) {
    const double fast = fast_l1(a, b, n);
    if (std::isfinite(fast)) {
        return fast;
    }
    return sum_in_double(n, [=](size_t i) { return std::fabs(value(a[i]) - value(b[i])); });
}

template <typename Element>
double cosine(const Element *a, const Element *b, size_t n) {
    float fast[3];
    fast_norms(a, b, n, fast);
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

}  // namespace

double pgs_l2_squared_distance(const float *a, const float *b, int dims) {
    return l2_squared(a, b, static_cast<size_t>(dims));
}

double pgs_l2_distance(const float *a, const float *b, int dims) {
    return std::sqrt(l2_squared(a, b, static_cast<size_t>(dims)));
}

double pgs_inner_product(const float *a, const float *b, int dims) {
    return dot(a, b, static_cast<size_t>(dims));
}

double pgs_l1_distance(const float *a, const float *b, int dims) {
    return l1(a, b, static_cast<size_t>(dims));
}

double pgs_cosine_distance(const float *a, const float *b, int dims) {
    return cosine(a, b, static_cast<size_t>(dims));
}

double pgs_norm(const float *a, int dims) {
    return std::sqrt(dot(a, a, static_cast<size_t>(dims)));
}

double pgs_half_l2_squared_distance(const uint16_t *a, const uint16_t *b, int dims) {
    return l2_squared(a, b, static_cast<size_t>(dims));
}

double pgs_half_l2_distance(const uint16_t *a, const uint16_t *b, int dims) {
    return std::sqrt(l2_squared(a, b, static_cast<size_t>(dims)));
}

double pgs_half_inner_product(const uint16_t *a, const uint16_t *b, int dims) {
    return dot(a, b, static_cast<size_t>(dims));
}

double pgs_half_l1_distance(const uint16_t *a, const uint16_t *b, int dims) {
    return l1(a, b, static_cast<size_t>(dims));
}

double pgs_half_cosine_distance(const uint16_t *a, const uint16_t *b, int dims) {
    return cosine(a, b, static_cast<size_t>(dims));
}

// Of the sets that the vectors stand for: see pgs_bits_jaccard_distance() for the second.
static double set_distance(PgsMetric metric, const float *a, const float *b, int dims) {
    int shared = 0;
    int differing = 0;
    for (int i = 0; i < dims; i++) {
        shared += a[i] > 0 && b[i] > 0 ? 1 : 0;
        differing += (a[i] > 0) != (b[i] > 0) ? 1 : 0;
    }
    if (metric == PGS_HAMMING) {
        return differing;
    }
    return shared == 0 ? 1 : 1 - static_cast<double>(shared) / (shared + differing);
}

double pgs_operator_value(PgsMetric metric, const float *a, const float *b, int dims) {
    switch (metric) {
        case PGS_L2:
            return pgs_l2_distance(a, b, dims);
        case PGS_INNER_PRODUCT:
            return 0.0 - pgs_inner_product(a, b, dims);
        case PGS_COSINE:
            return pgs_cosine_distance(a, b, dims);
        case PGS_L1:
            return pgs_l1_distance(a, b, dims);
        case PGS_HAMMING:
        case PGS_JACCARD:
            break;
    }
    return set_distance(metric, a, b, dims);
}
