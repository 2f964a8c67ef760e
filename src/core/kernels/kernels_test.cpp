// Every sum, over every instruction set, against sums in float64.
#include "kernels/kernels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <new>
#include <random>
#include <vector>

#include "kernels/kernels_under_test.h"

namespace pgslab {
namespace {

constexpr size_t max_size = 2100;
constexpr double unit_roundoff = 0x1p-24;  // of float32, rounding to nearest

enum class Term { Dot, L2, L1 };
constexpr Term terms[] = {Term::Dot, Term::L2, Term::L1};

double value_of(float stored) {
    return stored;
}
double value_of(int8_t stored) {
    return stored;
}
// Finite binary16 only.
double value_of(uint16_t stored) {
    const int exponent = stored >> 10 & 31;
    const int fraction = stored & 1023;
    const double magnitude =
        exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(1024 + fraction, exponent - 25);
    return (stored & 0x8000) != 0 ? -magnitude : magnitude;
}

void run(const Kernels &k, Term term, Lanes &lanes, const float *q, const float *y, float scale,
         size_t n, size_t start) {
    switch (term) {
        case Term::Dot:
            return k.dot_f32(lanes, q, y, n, start);
        case Term::L2:
            return k.l2_f32(lanes, q, y, scale, n, start);
        case Term::L1:
            return k.l1_f32(lanes, q, y, scale, n, start);
    }
}

void run(const Kernels &k, Term term, Lanes &lanes, const float *q, const uint16_t *y, float scale,
         size_t n, size_t start) {
    switch (term) {
        case Term::Dot:
            return k.dot_f16(lanes, q, y, n, start);
        case Term::L2:
            return k.l2_f16(lanes, q, y, scale, n, start);
        case Term::L1:
            return k.l1_f16(lanes, q, y, scale, n, start);
    }
}

void run(const Kernels &k, Term term, Lanes &lanes, const float *q, const int8_t *y, float scale,
         size_t n, size_t start) {
    switch (term) {
        case Term::Dot:
            return k.dot_i8(lanes, q, y, n, start);
        case Term::L2:
            return k.l2_i8(lanes, q, y, scale, n, start);
        case Term::L1:
            return k.l1_i8(lanes, q, y, scale, n, start);
    }
}

std::mt19937 seeded(size_t seed) {
    return std::mt19937(static_cast<unsigned>(seed));
}

template <typename T>
std::vector<T> random_stored(size_t n, size_t seed);

template <>
std::vector<float> random_stored(size_t n, size_t seed) {
    return normal_vector(n, seed + 1000003);
}

// Both signs, all fractions, subnormals; below 32.
template <>
std::vector<uint16_t> random_stored(size_t n, size_t seed) {
    std::mt19937 random = seeded(seed + 2000003);
    std::vector<uint16_t> stored(n);
    for (uint16_t &element : stored) {
        element = static_cast<uint16_t>((random() & 0x83ff) | (random() % 20) << 10);
    }
    return stored;
}

template <>
std::vector<int8_t> random_stored(size_t n, size_t seed) {
    std::mt19937 random = seeded(seed + 3000003);
    std::vector<int8_t> stored(n);
    for (int8_t &element : stored) {
        element = static_cast<int8_t>(random());
    }
    return stored;
}

struct Reference {
    double sum = 0;
    double tolerance = 0;
};

// The sum in float64, and how far one in float32 may lie from it. With u the unit roundoff:
//  - A lane adds n/32 terms, the reduction five times more, and a term is itself a rounded product,
//    so terms t_i that are exact otherwise are off by at most (n/32 + 8) u sum |t_i|, the 8 with
//    room for second-order parts (Higham, Accuracy and Stability of Numerical Algorithms, 4.2).
//  - q - scale * y is off by e = u (|scale * y| + |q - scale * y|), the first part where the
//  product
//    is rounded by itself; its square by 2 |q - scale * y| e + e^2.
template <typename T>
Reference reference_of(Term term, const std::vector<float> &q, const std::vector<T> &y,
                       float scale) {
    double sum = 0, magnitude = 0, inexact = 0;
    for (size_t i = 0; i < q.size(); i++) {
        const double product = double{scale} * value_of(y[i]);
        const double difference = q[i] - product;
        const double e = unit_roundoff * (std::fabs(product) + std::fabs(difference));
        double t = 0;
        switch (term) {
            case Term::Dot:
                t = q[i] * value_of(y[i]);
                break;
            case Term::L2:
                t = difference * difference;
                inexact += 2 * std::fabs(difference) * e + e * e;
                break;
            case Term::L1:
                t = std::fabs(difference);
                inexact += e;
                break;
        }
        sum += t;
        magnitude += std::fabs(t);
    }
    const double additions = static_cast<double>(q.size()) / 32 + 8;
    return {sum, additions * unit_roundoff * magnitude + 2 * inexact};
}

template <typename T>
Lanes lanes_of(const Kernels &k, Term term, const std::vector<float> &q, const std::vector<T> &y,
               float scale, size_t shift) {
    // Two shifts that run through all pairs modulo 16.
    Unaligned<float> query(q, shift % 16);
    Unaligned<T> stored(y, shift / 16 % 16);
    Lanes lanes;
    run(k, term, lanes, query.data(), stored.data(), scale, q.size(), 0);
    return lanes;
}

bool same_bits(const Lanes &a, const Lanes &b) {
    return std::memcmp(&a, &b, sizeof(Lanes)) == 0;
}

class KernelSums : public testing::TestWithParam<const Kernels *> {};

template <typename T>
void expect_close_at_every_size(const Kernels &k) {
    for (size_t n = 0; n <= max_size; n++) {
        const std::vector<float> q = normal_vector(n, n);
        const std::vector<T> y = random_stored<T>(n, n);
        const float scale = 0.03f + static_cast<float>(n % 7);
        for (Term term : terms) {
            const Reference reference = reference_of(term, q, y, scale);
            const double got = sum(lanes_of(k, term, q, y, scale, n));
            ASSERT_NEAR(got, reference.sum, reference.tolerance)
                << "term " << static_cast<int>(term) << ", size " << n;
        }
    }
}

TEST_P(KernelSums, OfF32AreWithinTheBound) {
    expect_close_at_every_size<float>(*GetParam());
}
TEST_P(KernelSums, OfF16AreWithinTheBound) {
    expect_close_at_every_size<uint16_t>(*GetParam());
}
TEST_P(KernelSums, OfI8AreWithinTheBound) {
    expect_close_at_every_size<int8_t>(*GetParam());
}

template <typename T>
T stored_integer(int value);
template <>
float stored_integer(int value) {
    return static_cast<float>(value);
}
template <>
int8_t stored_integer(int value) {
    return static_cast<int8_t>(value);
}
// Of magnitude 0 to 3.
template <>
uint16_t stored_integer(int value) {
    constexpr uint16_t magnitudes[] = {0, 0x3c00, 0x4000, 0x4200};
    return static_cast<uint16_t>(magnitudes[std::abs(value)] | (value < 0 ? 0x8000 : 0));
}

// Small integers add up exactly in any order, so every lane has one right value: that of its own
// elements. No tolerance hides an element left out, counted twice or put into another lane.
template <typename T>
void expect_exact_lanes(const Kernels &k) {
    for (size_t n = 0; n <= max_size; n++) {
        std::mt19937 random = seeded(n);
        std::vector<float> q(n);
        std::vector<T> y(n);
        for (size_t i = 0; i < n; i++) {
            q[i] = static_cast<float>(static_cast<int>(random() % 15) - 7);
            y[i] = stored_integer<T>(static_cast<int>(random() % 7) - 3);
        }
        for (Term term : terms) {
            Lanes expected;
            for (size_t i = 0; i < n; i++) {
                const double difference = q[i] - 2 * value_of(y[i]);
                const double t = term == Term::Dot  ? q[i] * value_of(y[i])
                                 : term == Term::L2 ? difference * difference
                                                    : std::fabs(difference);
                expected.lane[i % 32] += static_cast<float>(t);
            }
            const Lanes lanes = lanes_of(k, term, q, y, 2, n * 5);
            for (size_t lane = 0; lane < 32; lane++) {
                ASSERT_EQ(lanes.lane[lane], expected.lane[lane])
                    << "term " << static_cast<int>(term) << ", size " << n << ", lane " << lane;
            }
        }
    }
}

TEST_P(KernelSums, PutEveryElementIntoItsLane) {
    expect_exact_lanes<float>(*GetParam());
    expect_exact_lanes<uint16_t>(*GetParam());
    expect_exact_lanes<int8_t>(*GetParam());
}

// Cuts at multiples of `unit` chosen at random, two in a row allowed: an empty run adds nothing.
template <typename T>
void expect_cuts_change_nothing(const Kernels &k, size_t unit) {
    for (size_t n = 1; n <= max_size; n += 1 + n / 40) {
        const std::vector<float> q = normal_vector(n, n);
        const std::vector<T> y = random_stored<T>(n, n);
        const float scale = 0.7f;
        std::mt19937 random = seeded(n);
        for (Term term : terms) {
            const Lanes whole = lanes_of(k, term, q, y, scale, 0);
            for (int attempt = 0; attempt < 5; attempt++) {
                Lanes lanes;
                for (size_t start = 0; start < n;) {
                    const size_t length = std::min(random() % 20 * unit, n - start);
                    const auto first = static_cast<ptrdiff_t>(start);
                    const auto end = static_cast<ptrdiff_t>(start + length);
                    Unaligned<float> query({q.begin() + first, q.begin() + end}, random() % 64);
                    Unaligned<T> stored({y.begin() + first, y.begin() + end}, random() % 64);
                    run(k, term, lanes, query.data(), stored.data(), scale, length, start);
                    start += length;
                }
                ASSERT_TRUE(same_bits(lanes, whole))
                    << "term " << static_cast<int>(term) << ", size " << n;
            }
        }
    }
}

TEST_P(KernelSums, AreTheSameBitsHoweverAVectorIsCut) {
    expect_cuts_change_nothing<float>(*GetParam(), 16);
    expect_cuts_change_nothing<uint16_t>(*GetParam(), 16);
    expect_cuts_change_nothing<uint16_t>(*GetParam(), 32);
    expect_cuts_change_nothing<int8_t>(*GetParam(), 16);
    expect_cuts_change_nothing<int8_t>(*GetParam(), 64);
}

TEST_P(KernelSums, AreTheSameBitsAtEveryAlignment) {
    for (size_t n : {1, 15, 16, 33, 64, 100, 768}) {
        const std::vector<float> q = normal_vector(n, n);
        const std::vector<uint16_t> y = random_stored<uint16_t>(n, n);
        const Lanes aligned = lanes_of(*GetParam(), Term::L2, q, y, 0.5f, 0);
        for (size_t shift = 1; shift < 256; shift++) {
            EXPECT_TRUE(same_bits(lanes_of(*GetParam(), Term::L2, q, y, 0.5f, shift), aligned));
        }
    }
}

TEST_P(KernelSums, OfNormsAreTheDotProducts) {
    const Kernels &k = *GetParam();
    for (size_t n = 0; n <= 5000; n += 1 + n / 20) {
        const std::vector<float> a = normal_vector(n, n);
        const std::vector<float> b = random_stored<float>(n, n);
        Unaligned<float> left(a, n % 16), right(b, n / 16 % 16);
        Lanes out[3];
        k.dot_norms_f32(out, left.data(), right.data(), n);
        EXPECT_TRUE(same_bits(out[0], lanes_of(k, Term::Dot, a, b, 1, 0))) << n;
        EXPECT_TRUE(same_bits(out[1], lanes_of(k, Term::Dot, a, a, 1, 0))) << n;
        EXPECT_TRUE(same_bits(out[2], lanes_of(k, Term::Dot, b, b, 1, 0))) << n;
    }
}

TEST_P(KernelSums, AddToWhatTheLanesHold) {
    const std::vector<float> q(70, 1.0f), y(70, 2.0f);
    for (Term term : terms) {
        Lanes lanes = lanes_of(*GetParam(), term, q, y, 3, 0);
        run(*GetParam(), term, lanes, q.data(), y.data(), 3, q.size(), 0);
        EXPECT_EQ(sum(lanes), 2 * sum(lanes_of(*GetParam(), term, q, y, 3, 0)));
    }
    Lanes out[3];
    GetParam()->dot_norms_f32(out, q.data(), y.data(), q.size());
    GetParam()->dot_norms_f32(out, q.data(), y.data(), q.size());
    EXPECT_EQ(sum(out[0]), 2 * 140);
    EXPECT_EQ(sum(out[1]), 2 * 70);
    EXPECT_EQ(sum(out[2]), 2 * 280);
}

TEST_P(KernelSums, LetInfinityAndNanThrough) {
    const Kernels &k = *GetParam();
    for (size_t n : {1, 16, 31, 40}) {
        for (size_t at = 0; at < n; at++) {
            std::vector<float> q(n, 1.0f);
            const std::vector<float> y(n, 1.0f);
            for (Term term : terms) {
                q[at] = INFINITY;
                EXPECT_EQ(sum(lanes_of(k, term, q, y, 1, 0)), INFINITY);
                q[at] = NAN;
                EXPECT_TRUE(std::isnan(sum(lanes_of(k, term, q, y, 1, 0))));
            }
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Isa, KernelSums, testing::ValuesIn(kernels_under_test()), isa_of);

// Two sets that round alike (a product by itself, or with the addition) give the same bits, because
// lanes and order are the same. The emulation rounds as the baseline does unless the tests
// themselves are compiled with fused multiply-add.
TEST(KernelSumsAcross, InstructionSetsThatRoundAlikeAreTheSameBits) {
    std::vector<std::pair<const Kernels *, const Kernels *>> alike;
#if !defined(__FMA__) && defined(__x86_64__)
    alike.push_back({&emulated_avx512_kernels, available_kernels(0)});
#endif
    if (available_kernels(1) != nullptr && available_kernels(2) != nullptr) {
        alike.push_back({available_kernels(1), available_kernels(2)});
    }
    if (alike.empty()) {
        GTEST_SKIP() << "no two instruction sets here round alike";
    }
    for (const auto &[a, b] : alike) {
        for (size_t n = 1; n < 300; n++) {
            const std::vector<float> q = normal_vector(n, n);
            const std::vector<uint16_t> y = random_stored<uint16_t>(n, n);
            for (Term term : terms) {
                EXPECT_TRUE(
                    same_bits(lanes_of(*a, term, q, y, 0.3f, 0), lanes_of(*b, term, q, y, 0.3f, 0)))
                    << a->isa << " and " << b->isa << ", size " << n;
            }
        }
    }
}

TEST(LanesTest, BeginAtZero) {
    alignas(Lanes) unsigned char memory[sizeof(Lanes)];
    std::memset(memory, 0xff, sizeof memory);
    const Lanes *lanes = new (memory) Lanes;
    for (float lane : lanes->lane) {
        EXPECT_EQ(lane, 0);
    }
}

TEST(Sum, AddsHalvesOntoEachOther) {
    // 1 + 2^-24 rounds to 1, so which order the lanes are added in shows: lanes 0 and 16 meet
    // first.
    Lanes lanes;
    lanes.lane[0] = 1;
    lanes.lane[1] = 0x1p-24f;
    lanes.lane[17] = 0x1p-24f;
    EXPECT_EQ(sum(lanes), 1 + 0x1p-23f);
    lanes.lane[17] = 0;
    lanes.lane[16] = 0x1p-24f;
    EXPECT_EQ(sum(lanes), 1);

    for (int i = 0; i < 32; i++) {
        lanes.lane[i] = static_cast<float>(1 << i % 20);
    }
    EXPECT_EQ(sum(lanes), 1048575 + 4095);
}

}  // namespace
}  // namespace pgslab
