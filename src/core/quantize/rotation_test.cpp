// The rotation keeps lengths and angles, and is the one its header describes.
#include "quantize/rotation.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>

#include "quantize/testing/hard_vectors.h"

namespace pgslab {
namespace {

std::vector<uint8_t> signs_of(uint32_t padded, uint64_t seed = 7) {
    std::vector<uint8_t> signs(rotation_bytes(padded));
    draw_rotation(seed, padded, signs.data());
    return signs;
}

Vector rotated(const std::vector<uint8_t> &signs, const Vector &x, const float *mean = nullptr) {
    const auto dims = static_cast<uint32_t>(x.size());
    Vector out(padded_dims(dims), NAN);
    rotate(signs.data(), x.data(), mean, dims, out.data());
    return out;
}

double dot(const Vector &a, const Vector &b) {
    double sum = 0;
    for (size_t i = 0; i < a.size(); i++) {
        sum += static_cast<double>(a[i]) * b[i];
    }
    return sum;
}

double norm(const Vector &a) {
    return std::sqrt(dot(a, a));
}

// The header's description, word for word, in float64.
std::vector<double> by_definition(const std::vector<uint8_t> &signs, const Vector &x) {
    const uint32_t padded = padded_dims(static_cast<uint32_t>(x.size()));
    const uint32_t t = std::bit_floor(padded);
    std::vector<double> v(x.begin(), x.end());
    v.resize(padded);
    for (uint32_t round = 0; round < 4; round++) {
        for (uint32_t i = 0; i < padded; i++) {
            const uint8_t byte = signs[round * padded / 8 + i / 32 * 4 + i % 4];
            if (byte >> (7 - i % 32 / 4) & 1) {
                v[i] = -v[i];
            }
        }
        double *range = v.data() + (round % 2 == 0 ? 0 : padded - t);
        std::vector<double> transformed(t);
        for (uint32_t i = 0; i < t; i++) {
            for (uint32_t j = 0; j < t; j++) {
                transformed[i] += (std::popcount(i & j) % 2 == 0 ? range[j] : -range[j]);
            }
        }
        for (uint32_t i = 0; i < t; i++) {
            range[i] = transformed[i] / std::sqrt(t);
        }
        for (uint32_t i = 0; t < padded && i < padded / 2; i++) {
            const double a = v[i], b = v[i + padded / 2];
            v[i] = (a + b) / std::sqrt(2);
            v[i + padded / 2] = (a - b) / std::sqrt(2);
        }
    }
    return v;
}

TEST(Rotation, IsWhatItsHeaderSays) {
    Random random(1);
    for (uint32_t dims : {1u, 40u, 64u, 65u, 128u, 130u, 192u, 300u, 512u, 600u, 832u}) {
        const auto signs = signs_of(padded_dims(dims));
        const Vector x = scaled_normal(random, dims, 1);
        const Vector out = rotated(signs, x);
        const auto expected = by_definition(signs, x);
        double squares = 0;
        for (size_t i = 0; i < out.size(); i++) {
            squares += (out[i] - expected[i]) * (out[i] - expected[i]);
        }
        EXPECT_LE(std::sqrt(squares), rotation_rounding(padded_dims(dims)) * norm(x)) << dims;
    }
}

TEST(Rotation, KeepsLengthsAndInnerProducts) {
    Random random(2);
    std::vector<uint32_t> all = {1,   2,    3,    63,   64,   65,   127,  128,
                                 129, 1000, 1024, 1025, 4096, 8192, 8193, 16000};
    for (uint32_t dims = 5; dims < 3000; dims += 61) {
        all.push_back(dims);
    }
    for (uint32_t dims : all) {
        const uint32_t padded = padded_dims(dims);
        const auto signs = signs_of(padded, dims);
        for (int round = 0; round < 3; round++) {
            const Vector x = round == 0 ? Vector(dims, 1.0f) : scaled_normal(random, dims, 1);
            const Vector y = round == 1 ? hard_vector(random, dims, Kind::kUnit)
                                        : scaled_normal(random, dims, 10);
            const Vector u = rotated(signs, x), v = rotated(signs, y);
            const double slack = rotation_rounding(padded);
            ASSERT_NEAR(norm(u), norm(x), slack * norm(x)) << dims;
            ASSERT_NEAR(dot(u, v), dot(x, y), 2.01 * slack * norm(x) * norm(y)) << dims;
        }
    }
}

TEST(Rotation, SpreadsOneElementOverAll) {
    for (uint32_t dims : {64u, 100u, 768u, 832u, 1024u, 1536u}) {
        const uint32_t padded = padded_dims(dims);
        const auto signs = signs_of(padded);
        for (uint32_t i = 0; i < dims; i += 17) {
            Vector x(dims);
            x[i] = 1;
            double largest = 0;
            for (float value : rotated(signs, x)) {
                largest = std::max(largest, std::abs(static_cast<double>(value)));
            }
            const bool power = std::has_single_bit(padded);
            EXPECT_LT(largest, 6 / std::sqrt(padded) + (power ? 0 : 0.25)) << dims << " " << i;
        }
    }
}

TEST(Rotation, SubtractsTheMean) {
    Random random(3);
    for (uint32_t dims : {3u, 128u, 300u}) {
        const auto signs = signs_of(padded_dims(dims));
        const Vector x = scaled_normal(random, dims, 1), mean = scaled_normal(random, dims, 5);
        Vector difference(dims);
        for (uint32_t i = 0; i < dims; i++) {
            difference[i] = x[i] - mean[i];
        }
        EXPECT_EQ(rotated(signs, x, mean.data()), rotated(signs, difference));
        EXPECT_EQ(rotated(signs, x, x.data()), Vector(padded_dims(dims)));
    }
}

TEST(Rotation, StaysInRangeWhereTheLengthDoes) {
    Random random(4);
    for (uint32_t dims : {1u, 64u, 65u, 300u, 512u, 784u, 1536u, 16000u}) {
        const uint32_t padded = padded_dims(dims);
        const auto signs = signs_of(padded);
        for (double length : {1e-44, 1e-40, 1e-30, 1e20, 1e38, 3.39e38}) {
            for (int kind = 0; kind < 2; kind++) {
                Vector x = scaled_normal(random, dims, 1);
                if (kind == 1) {
                    std::fill(x.begin() + 1, x.end(), 0.0f);
                }
                x = times(x, length / norm(x));
                const Vector out = rotated(signs, x);
                const double slack = rotation_rounding(padded) * norm(x) + kRotationUnderflow;
                for (float value : out) {
                    ASSERT_TRUE(std::isfinite(value));
                }
                ASSERT_NEAR(norm(out), norm(x), slack) << dims << " " << length;
            }
        }
    }
}

TEST(Rotation, OfOneSeedIsAlwaysTheSame) {
    EXPECT_EQ(signs_of(128, 1), signs_of(128, 1));
    EXPECT_NE(signs_of(128, 1), signs_of(128, 2));
    const auto signs = signs_of(64, 0);
    uint64_t first;
    std::copy_n(signs.data(), sizeof first, reinterpret_cast<uint8_t *>(&first));
    EXPECT_EQ(first, 0xE220A8397B1DCDAF);  // SplitMix64's first number for seed 0
}

}  // namespace
}  // namespace pgslab
