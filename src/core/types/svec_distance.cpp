// svec_distance.cpp - distances between sparse vectors, their norms and their order.
//
// Sums are in float64: it holds products of two float32 exactly, and neither overflows nor
// underflows with any number of them. Finding the indices that two vectors share takes longer than
// adding.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "pgslab/svec.h"
#include "types/svec_merge.h"

namespace pgslab {
namespace {

double dot(const PgsSvec &a, const PgsSvec &b) {
    double sum = 0;
    for_each_in_both(a, b, [&](std::int32_t, float x, float y) { sum += double{x} * double{y}; });
    return sum;
}

double square(const PgsSvec &a) {
    double sum = 0;
    for (std::int32_t i = 0; i < a.nnz; ++i)
        sum += double{a.values[i]} * double{a.values[i]};
    return sum;
}

double l2_squared(const PgsSvec &a, const PgsSvec &b) {
    double sum = 0;
    for_each_in_either(a, b, [&](std::int32_t, float x, float y) {
        const double difference = double{x} - double{y};
        sum += difference * difference;
    });
    return sum;
}

double l1(const PgsSvec &a, const PgsSvec &b) {
    double sum = 0;
    for_each_in_either(
        a, b, [&](std::int32_t, float x, float y) { sum += std::fabs(double{x} - double{y}); });
    return sum;
}

// The square root of the product, not the product of two roots, is exact for a = b. A zero vector
// makes this 0/0, NaN, which std::clamp() would not be given.
double cosine_distance(const PgsSvec &a, const PgsSvec &b) {
    const double similarity = dot(a, b) / std::sqrt(square(a) * square(b));
    return std::isnan(similarity) ? similarity : 1.0 - std::clamp(similarity, -1.0, 1.0);
}

int compare(const PgsSvec &a, const PgsSvec &b) {
    const std::int32_t shared = std::min(a.nnz, b.nnz);
    std::int32_t i = 0;
    while (i < shared && a.indices[i] == b.indices[i] && a.values[i] == b.values[i])
        ++i;

    // All before `first` is equal. There the two differ, unless one of them has ended.
    constexpr std::int32_t none = std::numeric_limits<std::int32_t>::max();
    const std::int32_t left = i < a.nnz ? a.indices[i] : none;
    const std::int32_t right = i < b.nnz ? b.indices[i] : none;
    const std::int32_t first = std::min(left, right);
    if (first >= std::min(a.dims, b.dims))
        return (a.dims > b.dims) - (a.dims < b.dims);
    const float x = left == first ? a.values[i] : 0.0F;
    const float y = right == first ? b.values[i] : 0.0F;
    return x < y ? -1 : 1;
}

// No norm is too small to divide by: squares do not underflow.
std::int32_t normalize(const PgsSvec &a, std::int32_t *indices, float *values) {
    const double norm = std::sqrt(square(a));
    std::int32_t written = 0;
    for (std::int32_t i = 0; i < a.nnz; ++i) {
        const float value = static_cast<float>(a.values[i] / norm);
        if (value == 0)
            continue;
        indices[written] = a.indices[i];
        values[written++] = value;
    }
    return written;
}

}  // namespace
}  // namespace pgslab

extern "C" double pgs_svec_l2_squared_distance(const PgsSvec *a, const PgsSvec *b) {
    return pgslab::l2_squared(*a, *b);
}

extern "C" double pgs_svec_l2_distance(const PgsSvec *a, const PgsSvec *b) {
    return std::sqrt(pgslab::l2_squared(*a, *b));
}

extern "C" double pgs_svec_inner_product(const PgsSvec *a, const PgsSvec *b) {
    return pgslab::dot(*a, *b);
}

extern "C" double pgs_svec_l1_distance(const PgsSvec *a, const PgsSvec *b) {
    return pgslab::l1(*a, *b);
}

extern "C" double pgs_svec_cosine_distance(const PgsSvec *a, const PgsSvec *b) {
    return pgslab::cosine_distance(*a, *b);
}

extern "C" double pgs_svec_norm(const PgsSvec *a) {
    return std::sqrt(pgslab::square(*a));
}

extern "C" int32_t pgs_svec_normalize(const PgsSvec *a, int32_t *indices, float *values) {
    return pgslab::normalize(*a, indices, values);
}

extern "C" int pgs_svec_compare(const PgsSvec *a, const PgsSvec *b) {
    return pgslab::compare(*a, *b);
}
