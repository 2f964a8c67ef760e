// Codes are laid out as the header says, and never estimate worse than their factors promise.
#include "quantize/code.h"

#include <gtest/gtest.h>

#include <cmath>

#include "quantize/rotation.h"
#include "quantize/testing/hard_vectors.h"

namespace pgslab {
namespace {

const unsigned kBits[] = {1, 4, 8};
const CodeMetric kMetrics[] = {CodeMetric::kL2, CodeMetric::kInnerProduct};

struct Coded {
    std::vector<uint8_t> code;
    Factors factors;
};

Coded coded(CodeMetric metric, unsigned bits, const Vector &o, const Vector &c) {
    const auto padded = static_cast<uint32_t>(o.size());
    Coded result = {std::vector<uint8_t>(code_bytes(bits, padded)), {}};
    result.factors = encode_code(metric, bits, o.data(), c.data(), padded, code_step(bits, padded),
                                 result.code.data());
    return result;
}

// u, from the description of the layouts.
std::vector<double> decoded(unsigned bits, const std::vector<uint8_t> &code, size_t padded) {
    std::vector<double> u(padded);
    for (size_t i = 0; i < padded; i++) {
        if (bits == 1) {
            u[i] = (code[i / 8] >> i % 8 & 1) - 0.5;
        } else if (bits == 4) {
            const uint8_t byte = code[i / 64 * 32 + i % 32];
            u[i] = (i % 64 < 32 ? byte & 15 : byte >> 4) - 7.5;
        } else {
            u[i] = static_cast<int8_t>(code[i]) + 128 - 127.5;
        }
    }
    return u;
}

template <typename A, typename B>
long double dot(const A &a, const B &b) {
    long double sum = 0;
    for (size_t i = 0; i < a.size(); i++) {
        sum += static_cast<long double>(a[i]) * b[i];
    }
    return sum;
}

template <typename A>
long double norm(const A &a) {
    return std::sqrt(dot(a, a));
}

std::vector<double> minus(const Vector &a, const Vector &b) {
    std::vector<double> difference;
    for (size_t i = 0; i < a.size(); i++) {
        difference.push_back(static_cast<double>(a[i]) - b[i]);
    }
    return difference;
}

long double true_value(CodeMetric metric, const Vector &q, const Vector &o) {
    const auto difference = minus(q, o);
    return metric == CodeMetric::kL2 ? dot(difference, difference) : -dot(q, o);
}

long double estimated(CodeMetric metric, const Factors &f, const Vector &q, const Vector &c,
                      const std::vector<double> &u) {
    return f.add + true_value(metric, q, c) + f.rescale * dot(q, u);
}

void check_promise(CodeMetric metric, unsigned bits, const Vector &o, const Vector &c,
                   const Vector &q) {
    const Coded x = coded(metric, bits, o, c);
    const Factors &f = x.factors;
    ASSERT_TRUE(std::isfinite(f.add) && std::isfinite(f.rescale) && std::isfinite(f.error) &&
                std::isfinite(f.norm));
    ASSERT_GE(f.error, 0);
    if (f.error == kUnbounded) {
        return;
    }
    const auto u = decoded(bits, x.code, o.size());
    const auto r = minus(o, c);
    const int m = metric == CodeMetric::kL2 ? 2 : 1;
    ASSERT_GE(f.norm, m * norm(r) * (1 - 1e-15));
    if (norm(r) > 0) {
        ASSERT_GT(dot(r, u), 0);
        ASSERT_GE(f.norm, std::abs(f.rescale) * norm(u) * (1 - 1e-15));
    }
    const long double size = dot(r, r) + f.norm * norm(c);
    const long double slack = 0x1p-24L * std::abs(f.add) + 0x1p-149L + o.size() * 0x1p-52L * size;
    const long double difference =
        std::abs(true_value(metric, q, o) - estimated(metric, f, q, c, u));
    // long double rounds too.
    const long double reference = 0x1p-50L * (dot(q, q) + dot(c, c) + dot(o, o));
    ASSERT_LE(difference, f.error * norm(minus(q, c)) + slack + reference)
        << bits << " bits " << o.size();
}

TEST(Code, KeepsItsPromiseOnHardData) {
    Random random(1);
    for (int round = 0; round < 3000; round++) {
        const uint32_t sizes[] = {64, 128, 192, 832};
        const uint32_t padded = sizes[round % 4];
        const Vector c = any_hard_vector(random, padded);
        Vector o = random() % 2 == 0 ? any_hard_vector(random, padded) : neighbour(random, c);
        if (round % 16 == 1) {
            o = c;
        }
        const Vector q = random() % 2 == 0 ? any_hard_vector(random, padded) : neighbour(random, o);
        for (CodeMetric metric : kMetrics) {
            for (unsigned bits : kBits) {
                check_promise(metric, bits, o, c, q);
            }
        }
    }
}

TEST(Code, HasTheResidualsSignsAsItsHighestBit) {
    Random random(2);
    const Vector o = scaled_normal(random, 192, 1), c = scaled_normal(random, 192, 1);
    for (unsigned bits : kBits) {
        const auto u = decoded(bits, coded(CodeMetric::kL2, bits, o, c).code, o.size());
        for (size_t i = 0; i < o.size(); i++) {
            ASSERT_EQ(u[i] > 0, o[i] >= c[i]);
        }
    }
}

TEST(Code, OfTheCentroidItselfIsExact) {
    Random random(3);
    const Vector c = scaled_normal(random, 128, 3);
    for (CodeMetric metric : kMetrics) {
        for (unsigned bits : kBits) {
            const Coded x = coded(metric, bits, c, c);
            EXPECT_EQ(x.factors.add, 0);
            EXPECT_EQ(x.factors.rescale, 0);
            EXPECT_EQ(x.factors.error, 0);
            EXPECT_EQ(x.factors.norm, 0);
            EXPECT_EQ(decoded(bits, x.code, 128), std::vector<double>(128, 0.5));
        }
    }
}

TEST(Code, OutOfRangeSaysSo) {
    for (unsigned bits : kBits) {
        for (float large : {1e25f, 3e38f, INFINITY, -INFINITY, NAN}) {
            const Coded x = coded(CodeMetric::kL2, bits, Vector(64, large), Vector(64));
            EXPECT_EQ(x.factors.add, 0);
            EXPECT_EQ(x.factors.rescale, 0);
            EXPECT_EQ(x.factors.error, kUnbounded);
            EXPECT_EQ(x.factors.norm, 0);
        }
    }
}

// Mean over random vectors of the tangent between r and u, which is error / |2 r|.
double mean_tangent(unsigned bits, uint32_t padded) {
    Random random(4);
    double sum = 0;
    constexpr int kVectors = 200;
    for (int i = 0; i < kVectors; i++) {
        const Vector r = scaled_normal(random, padded, 1);
        const Coded x = coded(CodeMetric::kL2, bits, r, Vector(padded));
        sum += x.factors.error / (2 * norm(r));
    }
    return sum / kVectors;
}

TEST(Code, PointsWhereTheResidualDoes) {
    EXPECT_NEAR(mean_tangent(1, 768), 0.753, 0.01);
    EXPECT_NEAR(mean_tangent(4, 768), 0.107, 0.002);
    EXPECT_NEAR(mean_tangent(8, 768), 0.0076, 0.0003);
    EXPECT_LT(mean_tangent(4, 64), 0.107);
    EXPECT_LT(mean_tangent(8, 64), 0.0062);
    EXPECT_LT(mean_tangent(4, 1536), 0.11);
    EXPECT_LT(mean_tangent(8, 1536), 0.0083);
    for (unsigned bits : kBits) {
        for (uint32_t padded : {64u, 128u, 768u, 1536u}) {
            RecordProperty("tangent_" + std::to_string(bits) + "_" + std::to_string(padded),
                           std::to_string(mean_tangent(bits, padded)));
        }
    }
}

// Over random rotations, error * |q - c| * 1.9 / sqrt(padded - 1) is passed as a normal deviate
// passes 1.9, on one side 2.9 times in 100.
TEST(Code, MissesAsOftenAsANormalDeviate) {
    Random random(5);
    for (uint32_t dims : {128u, 300u, 768u}) {
        const uint32_t padded = padded_dims(dims);
        std::vector<uint8_t> signs(rotation_bytes(padded));
        Vector q(padded), o(padded), c(padded);
        const Vector x = scaled_normal(random, dims, 1);
        for (CodeMetric metric : kMetrics) {
            for (unsigned bits : kBits) {
                int missed = 0;
                constexpr int kRounds = 1500;
                for (int round = 0; round < kRounds; round++) {
                    draw_rotation(random(), padded, signs.data());
                    const Vector centroid = scaled_normal(random, dims, 0.7);
                    const Vector query = scaled_normal(random, dims, 1);
                    rotate(signs.data(), query.data(), nullptr, dims, q.data());
                    rotate(signs.data(), x.data(), nullptr, dims, o.data());
                    rotate(signs.data(), centroid.data(), nullptr, dims, c.data());
                    const Coded code = coded(metric, bits, o, c);
                    const auto u = decoded(bits, code.code, padded);
                    const long double margin =
                        code.factors.error * norm(minus(q, c)) * 1.9 / std::sqrt(padded - 1.0);
                    missed += true_value(metric, q, o) <
                              estimated(metric, code.factors, q, c, u) - margin;
                }
                EXPECT_LT(missed, 0.04 * kRounds) << bits << " bits, " << dims;
                EXPECT_GT(missed, 0.01 * kRounds) << bits << " bits, " << dims;
            }
        }
    }
}

// Vectors of two blocks that are rotated each by itself.
struct Blocks {
    uint32_t prefix, rest;
    std::vector<uint8_t> signs;

    Vector rotated(const Vector &x) const {
        Vector out(prefix + rest);
        rotate(signs.data(), x.data(), nullptr, prefix, out.data());
        rotate(signs.data() + rotation_bytes(prefix), x.data() + prefix, nullptr, rest,
               out.data() + prefix);
        return out;
    }
};

Coded coded_prefix(CodeMetric metric, unsigned bits, const Vector &o, const Vector &c,
                   const Blocks &blocks) {
    Coded result = {std::vector<uint8_t>(code_bytes(bits, blocks.prefix)), {}};
    result.factors =
        encode_code(metric, bits, o.data(), c.data(), blocks.prefix, code_step(bits, blocks.prefix),
                    result.code.data(), nullptr, blocks.rest);
    return result;
}

// u is 0 where there is no code.
std::vector<double> decoded_prefix(unsigned bits, const Coded &code, const Blocks &blocks) {
    std::vector<double> u = decoded(bits, code.code, blocks.prefix);
    u.resize(blocks.prefix + blocks.rest);
    return u;
}

// Of vectors that lie in any direction of a list's centroid the estimate is right on average, and
// misses as often as any.
TEST(CodeOfPrefix, MissesAsOftenAsANormalDeviate) {
    Random random(15);
    constexpr int kRounds = 1500;
    for (auto [prefix, rest] : {std::pair{128U, 128U}, {256U, 768U}, {192U, 64U}}) {
        Blocks blocks = {prefix, rest, std::vector<uint8_t>(rotation_bytes(prefix + rest))};
        for (CodeMetric metric : kMetrics) {
            for (unsigned bits : kBits) {
                int missed = 0;
                long double off = 0;
                for (int round = 0; round < kRounds; round++) {
                    draw_rotation(random(), prefix + rest, blocks.signs.data());
                    const Vector c = blocks.rotated(scaled_normal(random, prefix + rest, 0.7));
                    const Vector q = blocks.rotated(scaled_normal(random, prefix + rest, 1));
                    const Vector o = blocks.rotated(scaled_normal(random, prefix + rest, 1));
                    const Coded code = coded_prefix(metric, bits, o, c, blocks);
                    const auto u = decoded_prefix(bits, code, blocks);
                    const long double deviation =
                        code.factors.error * norm(minus(q, c)) / std::sqrt(prefix - 1.0);
                    const long double z =
                        (estimated(metric, code.factors, q, c, u) - true_value(metric, q, o)) /
                        deviation;
                    missed += z > 1.9;
                    off += z;
                }
                EXPECT_LT(missed, 0.04 * kRounds) << bits << " bits, " << prefix;
                EXPECT_GT(missed, 0.01 * kRounds) << bits << " bits, " << prefix;
                EXPECT_LT(std::abs(off / kRounds), 0.1) << bits << " bits, " << prefix;
            }
        }
    }
}

TEST(CodeOfPrefix, IsRightOfTheVectorItself) {
    Random random(16);
    for (auto [prefix, rest] : {std::pair{64U, 64U}, {256U, 768U}}) {
        const Blocks blocks = {prefix, rest, {}};
        for (unsigned bits : kBits) {
            const Vector c = scaled_normal(random, prefix + rest, 0.7);
            const Vector o = scaled_normal(random, prefix + rest, 1);
            const Coded code = coded_prefix(CodeMetric::kL2, bits, o, c, blocks);
            const auto u = decoded_prefix(bits, code, blocks);
            EXPECT_NEAR(static_cast<double>(estimated(CodeMetric::kL2, code.factors, o, c, u)), 0,
                        1e-4 * static_cast<double>(dot(o, o)));
        }
    }
}

// Where a vector differs from its list's centroid behind the prefix only, nothing is known of that.
TEST(CodeOfPrefix, MayHaveNoResidual) {
    Random random(17);
    const Blocks blocks = {64, 64, {}};
    const Vector c = scaled_normal(random, 128, 0.7);
    Vector o = c;
    for (unsigned bits : kBits) {
        const Factors none = coded_prefix(CodeMetric::kL2, bits, o, c, blocks).factors;
        EXPECT_EQ(none.add, 0);
        EXPECT_EQ(none.error, 0);
    }
    o[100] += 2;
    for (unsigned bits : kBits) {
        const Factors factors = coded_prefix(CodeMetric::kL2, bits, o, c, blocks).factors;
        EXPECT_EQ(factors.rescale, 0);
        EXPECT_NEAR(factors.add, 4, 1e-5);
        EXPECT_GT(factors.error, 0);
        EXPECT_GE(factors.norm, 4 - 1e-5);
    }
}

// All codes round the same residual, so one is in the others.
TEST(Code, TheCodeOfOneBitIsInThatOfMore) {
    Random random(9);
    for (int round = 0; round < 300; round++) {
        const size_t padded = 64 * (1 + random() % 5);
        const Vector c = any_hard_vector(random, padded);
        Vector o = random() % 2 == 0 ? any_hard_vector(random, padded) : neighbour(random, c);
        o[random() % padded] = c[random() % padded];
        const size_t same = random() % padded;
        o[same] = c[same];
        for (CodeMetric metric : kMetrics) {
            const std::vector<uint8_t> expected = coded(metric, 1, o, c).code;
            for (unsigned bits : {0u, 4u, 8u}) {
                const std::vector<uint8_t> code = coded(metric, bits == 0 ? 1 : bits, o, c).code;
                std::vector<uint8_t> signs(padded / 8, 0xAA);
                sign_code(bits, code.data(), static_cast<uint32_t>(padded), signs.data());
                ASSERT_EQ(signs, expected) << bits << " bits";
            }
        }
    }
}

TEST(Code, TheTailIsBehindTheCodeWhateverItsBits) {
    for (unsigned bits : {0u, 4u, 8u}) {
        const uint32_t bytes = code_bytes(bits == 0 ? 1 : bits, 128);
        std::vector<uint8_t> item(bytes + sizeof(RefineTail), 0xEE);
        const RefineTail tail = {1, 2, 3, 4, 5, {6, 7, 8}};
        std::memcpy(item.data() + bytes, &tail, sizeof tail);
        const RefineTail found = tail_of(item.data(), bits, 128);
        EXPECT_EQ(std::memcmp(&found, &tail, sizeof tail), 0);
    }
}

}  // namespace
}  // namespace pgslab
