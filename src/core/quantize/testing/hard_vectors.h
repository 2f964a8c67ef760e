// Vectors that are hard to store and to compare: at the edges of float32 and of binary16, of mixed
// magnitudes, nearly equal, nearly parallel.
#pragma once

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "pgslab_core.h"

namespace pgslab {

using Random = std::mt19937;
using Vector = std::vector<float>;

enum class Kind {
    kOrdinary,    // normal deviates
    kUnit,        // of length 1, as embeddings are
    kMixed,       // every magnitude float32 has, within one vector
    kTiny,        // about 1e-30
    kDenormal,    // below 2^-126
    kLarge,       // about 1e30
    kHuge,        // up to the largest float32
    kHalfwayF16,  // between two neighbours of binary16, or next to that
    kF16Edge,     // about the largest binary16 and where a scale begins to be used
    kIntegers,    // small whole numbers: sums are exact and rows coincide
    kOneHot,
    kZero,
    kCount
};

// A float32 of either sign whose magnitude is anything from the smallest to the largest.
inline float any_magnitude(Random &random) {
    uint32_t bits = random();
    if ((bits & 0x7F800000) == 0x7F800000) {
        bits ^= 0x40000000;
    }
    float x;
    static_assert(sizeof x == sizeof bits);
    std::copy_n(reinterpret_cast<const char *>(&bits), sizeof x, reinterpret_cast<char *>(&x));
    return x;
}

// The middle of two neighbouring binary16 values of magnitude 2^-16 to 2^15, or a float32 next to
// it.
inline float halfway_f16(Random &random) {
    const int exponent = static_cast<int>(random() % 31) - 16;
    const float middle =
        std::ldexp(1024 + static_cast<float>(random() % 1024) + 0.5f, exponent - 10);
    const float ends[] = {0, middle, 1e9f};
    const float x = std::nextafter(middle, ends[random() % 3]);
    return random() % 2 == 0 ? x : -x;
}

inline Vector scaled_normal(Random &random, size_t dims, double size) {
    std::normal_distribution<double> normal;
    Vector v(dims);
    for (float &x : v) {
        x = static_cast<float>(
            std::clamp(normal(random) * size, -double{FLT_MAX}, double{FLT_MAX}));
    }
    return v;
}

template <typename Draw>
Vector each_element(size_t dims, Draw draw) {
    Vector v(dims);
    std::generate(v.begin(), v.end(), draw);
    return v;
}

inline Vector hard_vector(Random &random, size_t dims, Kind kind) {
    std::uniform_real_distribution<float> unit(-1, 1);
    switch (kind) {
        case Kind::kUnit:
            return scaled_normal(random, dims, 1 / std::sqrt(static_cast<double>(dims)));
        case Kind::kMixed:
            return each_element(dims, [&] { return any_magnitude(random); });
        case Kind::kTiny:
            return scaled_normal(random, dims, 1e-30);
        case Kind::kDenormal:
            return each_element(dims, [&] { return unit(random) * FLT_MIN; });
        case Kind::kLarge:
            return scaled_normal(random, dims, 1e30);
        case Kind::kHuge:
            return each_element(dims, [&] { return unit(random) * FLT_MAX; });
        case Kind::kHalfwayF16:
            return each_element(dims, [&] { return halfway_f16(random); });
        case Kind::kF16Edge: {
            const float edges[] = {65504, 65519, 65520, 65536, 1.0f / 256, 1.0f / 512};
            const float edge = edges[random() % std::size(edges)];
            return each_element(dims, [&] {
                return unit(random) < 0.5f ? edge * unit(random) : std::nextafter(edge, 0.0f);
            });
        }
        case Kind::kIntegers:
            return each_element(dims, [&] { return static_cast<float>(random() % 3) - 1; });
        case Kind::kOneHot: {
            Vector v(dims);
            v[random() % dims] = any_magnitude(random);
            return v;
        }
        case Kind::kZero:
            return Vector(dims);
        case Kind::kOrdinary:
        case Kind::kCount:
            break;
    }
    return scaled_normal(random, dims, 1);
}

inline Vector any_hard_vector(Random &random, size_t dims) {
    return hard_vector(random, dims, static_cast<Kind>(random() % static_cast<int>(Kind::kCount)));
}

// v times a factor, kept finite.
inline Vector times(const Vector &v, double factor) {
    Vector product;
    for (float x : v) {
        product.push_back(
            static_cast<float>(std::clamp(x * factor, -double{FLT_MAX}, double{FLT_MAX})));
    }
    return product;
}

// A vector that a bound finds hard to tell from v: equal, a few last places away, nearly parallel,
// or nearly opposite.
inline Vector neighbour(Random &random, const Vector &v) {
    Vector near = v;
    switch (random() % 5) {
        case 0:
            return near;
        case 1:
            for (float &x : near) {
                x = std::nextafter(x, random() % 2 == 0 ? 0.0f : x * 0.5f);
            }
            return near;
        case 2:
            near[random() % near.size()] *= 0.5f;
            return near;
        case 3:
            return times(v, 0.3 + 1e-3 * (random() % 100));
        default:
            return times(v, -1 + 1e-4);
    }
}

inline bool is_of_sets(PgsMetric metric) {
    return metric == PGS_HAMMING || metric == PGS_JACCARD;
}

// What can be chosen for a metric where it does not matter.
inline PgsStorage storage_for(PgsMetric metric) {
    return is_of_sets(metric) ? PGS_BITS : PGS_F16;
}

// Which elements are above 0, eight to a byte.
inline std::vector<unsigned char> bits_of(const Vector &v) {
    std::vector<unsigned char> bits((v.size() + 7) / 8);
    for (size_t i = 0; i < v.size(); i++) {
        bits[i / 8] |= static_cast<unsigned char>((v[i] > 0 ? 0x80 : 0) >> i % 8);
    }
    return bits;
}

// The distance operator's value.
inline double operator_value(PgsMetric metric, const Vector &a, const Vector &b) {
    const int dims = static_cast<int>(a.size());
    switch (metric) {
        case PGS_L2:
            return pgs_l2_distance(a.data(), b.data(), dims);
        case PGS_INNER_PRODUCT:
            return -pgs_inner_product(a.data(), b.data(), dims);
        case PGS_COSINE:
            return pgs_cosine_distance(a.data(), b.data(), dims);
        case PGS_L1:
            return pgs_l1_distance(a.data(), b.data(), dims);
        case PGS_HAMMING:
            return static_cast<double>(
                pgs_bits_hamming_distance(bits_of(a).data(), bits_of(b).data(), bits_of(a).size()));
        case PGS_JACCARD:
            return pgs_bits_jaccard_distance(bits_of(a).data(), bits_of(b).data(),
                                             bits_of(a).size());
    }
    return NAN;
}

}  // namespace pgslab
