// The Walsh-Hadamard transform, over every instruction set, against its stages one by one.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <random>
#include <vector>

#include "kernels/kernels.h"
#include "kernels/kernels_under_test.h"

namespace pgslab {
namespace {

constexpr size_t max_size = 16384;

// Stage after stage in float32: what every instruction set has to give, bit for bit.
std::vector<float> staged(std::vector<float> x) {
    for (size_t h = 1; h < x.size(); h *= 2) {
        for (size_t i = 0; i < x.size(); i++) {
            if ((i & h) == 0) {
                const float a = x[i], b = x[i + h];
                x[i] = a + b;
                x[i + h] = a - b;
            }
        }
    }
    return x;
}

std::vector<float> normal_vector(size_t n, unsigned seed, float offset, float scale) {
    std::mt19937 random(seed);
    std::normal_distribution<float> normal;
    std::vector<float> x(n);
    for (float &element : x) {
        element = offset + scale * normal(random);
    }
    return x;
}

// Hard ones of size n: magnitudes far apart, cancelling to zeros of either sign, constant, one-hot.
std::vector<std::vector<float>> vectors_of(size_t n) {
    const auto seed = static_cast<unsigned>(n);
    std::vector<std::vector<float>> vectors = {
        normal_vector(n, seed, 0, 1),        normal_vector(n, seed, 1e4f, 1e-3f),
        normal_vector(n, seed, 0, 1e33f),    normal_vector(n, seed, 0, 1e-42f),
        std::vector<float>(n, 0.0f),         std::vector<float>(n, -0.0f),
        std::vector<float>(n, 0.1f),         std::vector<float>(n, 0.0f),
        normal_vector(n, seed + 1, 0, 1e-3f)};
    vectors[7][n - 3] = -2;
    for (size_t i = 0; i < n; i += 5) {
        vectors[8][i] *= 1e20f;
    }
    return vectors;
}

std::vector<float> transformed(const Kernels &k, const std::vector<float> &x, size_t shift) {
    Unaligned<float> unaligned(x, shift);
    k.hadamard(unaligned.data(), x.size());
    return unaligned.copy();
}

class Hadamard : public testing::TestWithParam<const Kernels *> {};

TEST_P(Hadamard, IsItsStagesBitForBit) {
    for (size_t n = 16; n <= max_size; n *= 2) {
        for (const std::vector<float> &x : vectors_of(n)) {
            const std::vector<float> expected = staged(x);
            for (size_t shift : {0, 1, 4, 16, 60}) {
                const std::vector<float> got = transformed(*GetParam(), x, shift);
                ASSERT_EQ(std::memcmp(got.data(), expected.data(), n * sizeof(float)), 0)
                    << "size " << n << ", shift " << shift;
            }
        }
    }
}

TEST_P(Hadamard, IsTheMatrixOfSigns) {
    for (size_t n = 16; n <= 1024; n *= 2) {
        std::mt19937 random(static_cast<unsigned>(n));
        std::vector<float> x(n);
        for (float &element : x) {
            element = static_cast<float>(static_cast<int>(random() % 201) - 100);
        }
        const std::vector<float> got = transformed(*GetParam(), x, 0);
        for (size_t i = 0; i < n; i++) {
            float sum = 0;  // of small integers: exact
            for (size_t j = 0; j < n; j++) {
                sum += std::popcount(i & j) % 2 == 0 ? x[j] : -x[j];
            }
            ASSERT_EQ(got[i], sum) << i << ", size " << n;
        }
    }
}

TEST_P(Hadamard, TwiceIsNTimesTheVector) {
    for (size_t n = 16; n <= max_size; n *= 2) {
        std::vector<float> x(n);
        for (size_t i = 0; i < n; i++) {
            x[i] = static_cast<float>(i % 13) - 6;
        }
        const std::vector<float> got = transformed(*GetParam(), transformed(*GetParam(), x, 0), 0);
        for (size_t i = 0; i < n; i++) {
            ASSERT_EQ(got[i], static_cast<float>(n) * x[i]) << i << ", size " << n;
        }
    }
}

TEST_P(Hadamard, LetsInfinityAndNanThrough) {
    for (size_t n : {16, 64, 512}) {
        for (size_t at = 0; at < n; at++) {
            std::vector<float> x(n, 1.0f);
            x[at] = INFINITY;
            const std::vector<float> infinite = transformed(*GetParam(), x, 0);
            x[at] = NAN;
            const std::vector<float> nan = transformed(*GetParam(), x, 0);
            for (size_t i = 0; i < n; i++) {
                ASSERT_EQ(infinite[i], std::popcount(i & at) % 2 == 0 ? INFINITY : -INFINITY);
                ASSERT_TRUE(std::isnan(nan[i]));
            }
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Isa, Hadamard, testing::ValuesIn(kernels_under_test()), isa_of);

}  // namespace
}  // namespace pgslab
