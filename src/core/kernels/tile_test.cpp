// The inner products of a tile, over every instruction set, against sums in float64.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <random>
#include <vector>

#include "kernels/kernels.h"
#include "kernels/kernels_under_test.h"

namespace pgslab {
namespace {

constexpr double unit_roundoff = 0x1p-24;  // of float32, rounding to nearest

std::vector<float> normal_rows(size_t count, unsigned seed, float offset = 0, float scale = 1) {
    std::mt19937 random(seed);
    std::normal_distribution<float> normal;
    std::vector<float> rows(count);
    for (float &element : rows) {
        element = offset + scale * normal(random);
    }
    return rows;
}

std::vector<float> tile_of(const Kernels &k, const std::vector<float> &a, size_t rows_a,
                           const std::vector<float> &b, size_t rows_b, size_t n, size_t shift) {
    Unaligned<float> left(a, shift % 64), right(b, shift / 64 % 64);
    Unaligned<float> out(rows_a * rows_b, shift * 7 % 64);
    k.dot_tile(left.data(), rows_a, right.data(), rows_b, n, out.data());
    return out.copy();
}

class DotTile : public testing::TestWithParam<const Kernels *> {};

// A lane adds at most n/4 + 1 products and the lanes four times more; each product is rounded once.
void expect_close(const std::vector<float> &got, const std::vector<float> &a, size_t rows_a,
                  const std::vector<float> &b, size_t rows_b, size_t n) {
    for (size_t i = 0; i < rows_a; i++) {
        for (size_t j = 0; j < rows_b; j++) {
            double sum = 0, magnitude = 0;
            for (size_t d = 0; d < n; d++) {
                const double product = double{a[i * n + d]} * b[j * n + d];
                sum += product;
                magnitude += std::fabs(product);
            }
            const double terms = static_cast<double>(n) / 4 + 8;
            ASSERT_NEAR(got[i * rows_b + j], sum, 1.01 * terms * unit_roundoff * magnitude)
                << i << ", " << j << " of " << rows_a << " x " << rows_b << ", size " << n;
        }
    }
}

TEST_P(DotTile, IsWithinTheBoundAtEveryShape) {
    for (size_t n : {0, 1, 3, 4, 5, 7, 8, 15, 16, 17, 31, 33, 64, 100, 784}) {
        for (size_t rows_a : {0, 1, 2, 3, 4, 5, 6, 7, 11, 12, 13}) {
            for (size_t rows_b : {0, 1, 2, 3, 4, 5, 8, 11}) {
                const auto seed = static_cast<unsigned>(n * 1000 + rows_a * 30 + rows_b);
                const std::vector<float> a = normal_rows(rows_a * n, seed);
                const std::vector<float> b = normal_rows(rows_b * n, seed + 7, 3);
                expect_close(tile_of(*GetParam(), a, rows_a, b, rows_b, n, seed), a, rows_a, b,
                             rows_b, n);
            }
        }
    }
}

TEST_P(DotTile, IsWithinTheBoundForHardRows) {
    constexpr size_t n = 37, rows = 9;
    std::vector<float> a(rows * n, 0.0f);  // row 0 stays zero
    for (size_t i = 0; i < n; i++) {
        a[1 * n + i] = 1;                                          // constant
        a[2 * n + i] = i == 36 ? 5.0f : 0.0f;                      // one-hot, in the last step
        a[3 * n + i] = 1e15f * static_cast<float>(i % 3);          // huge
        a[4 * n + i] = 1e-15f;                                     // tiny
        a[5 * n + i] = i % 2 == 0 ? 1.0f : -1.0f;                  // cancels
        a[6 * n + i] = 1e4f + static_cast<float>(i % 5) * 1e-2f;   // a common offset
        a[7 * n + i] = a[8 * n + i] = static_cast<float>(i) - 18;  // duplicates
    }
    expect_close(tile_of(*GetParam(), a, rows, a, rows, n, 0), a, rows, a, rows, n);
}

// Small integers add up exactly in any order: no tolerance hides an element left out.
TEST_P(DotTile, IsExactForSmallIntegers) {
    std::mt19937 random(5);
    for (size_t n = 1; n < 70; n++) {
        const size_t rows_a = 1 + random() % 14, rows_b = 1 + random() % 10;
        std::vector<float> a(rows_a * n), b(rows_b * n);
        for (float &element : a) {
            element = static_cast<float>(static_cast<int>(random() % 15) - 7);
        }
        for (float &element : b) {
            element = static_cast<float>(static_cast<int>(random() % 15) - 7);
        }
        const std::vector<float> got = tile_of(*GetParam(), a, rows_a, b, rows_b, n, random());
        for (size_t i = 0; i < rows_a; i++) {
            for (size_t j = 0; j < rows_b; j++) {
                float sum = 0;
                for (size_t d = 0; d < n; d++) {
                    sum += a[i * n + d] * b[j * n + d];
                }
                ASSERT_EQ(got[i * rows_b + j], sum) << i << ", " << j << ", size " << n;
            }
        }
    }
}

TEST_P(DotTile, GivesAPairTheSameBitsWhereverItLies) {
    for (size_t n : {5, 64, 100, 784, 1000}) {
        const size_t rows_a = 27, rows_b = n == 784 ? 150 : 21;  // 150: more than the cached rows
        const std::vector<float> a = normal_rows(rows_a * n, 1), b = normal_rows(rows_b * n, 2);
        const std::vector<float> whole = tile_of(*GetParam(), a, rows_a, b, rows_b, n, 0);
        for (size_t i = 0; i < rows_a; i++) {
            for (size_t j = 0; j < rows_b; j++) {
                float alone = 0;
                GetParam()->dot_tile(a.data() + i * n, 1, b.data() + j * n, 1, n, &alone);
                ASSERT_EQ(std::memcmp(&alone, &whole[i * rows_b + j], sizeof alone), 0)
                    << i << ", " << j << ", size " << n;
            }
        }
    }
}

TEST_P(DotTile, IsSymmetric) {
    constexpr size_t n = 123, rows = 20;
    const std::vector<float> a = normal_rows(rows * n, 3);
    const std::vector<float> got = tile_of(*GetParam(), a, rows, a, rows, n, 0);
    for (size_t i = 0; i < rows; i++) {
        for (size_t j = 0; j < rows; j++) {
            EXPECT_EQ(got[i * rows + j], got[j * rows + i]);
        }
    }
}

TEST_P(DotTile, LetsInfinityAndNanThroughToTheirPairsOnly) {
    constexpr size_t n = 21, rows = 8;
    std::vector<float> a(rows * n, 1.0f);
    const std::vector<float> b(rows * n, 2.0f);
    a[3 * n + 20] = NAN;
    a[5 * n] = INFINITY;
    const std::vector<float> got = tile_of(*GetParam(), a, rows, b, rows, n, 0);
    for (size_t i = 0; i < rows; i++) {
        for (size_t j = 0; j < rows; j++) {
            const float value = got[i * rows + j];
            EXPECT_TRUE(i == 3 ? std::isnan(value) : value == (i == 5 ? INFINITY : 42.0f));
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Isa, DotTile, testing::ValuesIn(kernels_under_test()), isa_of);

}  // namespace
}  // namespace pgslab
