// Distances of halves, over every instruction set: bit for bit those of the same numbers as
// float32. And conversions at the boundary.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "base/half.h"
#include "pgslab_core.h"

namespace pgslab {
namespace {

using Halves = std::vector<uint16_t>;
using Vector = std::vector<float>;

class HalfDistance : public testing::TestWithParam<const char *> {
  protected:
    void SetUp() override { ASSERT_TRUE(pgs_isa_force(GetParam())); }
    void TearDown() override { ASSERT_TRUE(pgs_isa_force("auto")); }
};

Vector widened(const Halves &halves) {
    Vector wide(halves.size());
    pgs_half_to_float(halves.data(), wide.data(), static_cast<int>(halves.size()));
    return wide;
}

uint64_t bits(double value) {
    return std::bit_cast<uint64_t>(value);
}

void expect_same(const Halves &a, const Halves &b) {
    const Vector x = widened(a), y = widened(b);
    const int n = static_cast<int>(a.size());
    EXPECT_EQ(bits(pgs_half_l2_squared_distance(a.data(), b.data(), n)),
              bits(pgs_l2_squared_distance(x.data(), y.data(), n)));
    EXPECT_EQ(bits(pgs_half_l2_distance(a.data(), b.data(), n)),
              bits(pgs_l2_distance(x.data(), y.data(), n)));
    EXPECT_EQ(bits(pgs_half_inner_product(a.data(), b.data(), n)),
              bits(pgs_inner_product(x.data(), y.data(), n)));
    EXPECT_EQ(bits(pgs_half_l1_distance(a.data(), b.data(), n)),
              bits(pgs_l1_distance(x.data(), y.data(), n)));
    const double cosine = pgs_half_cosine_distance(a.data(), b.data(), n);
    const double expected = pgs_cosine_distance(x.data(), y.data(), n);
    EXPECT_TRUE(bits(cosine) == bits(expected) || (std::isnan(cosine) && std::isnan(expected)));
}

Halves random_halves(size_t n, unsigned seed, double factor) {
    std::mt19937 random(seed);
    std::uniform_real_distribution<double> uniform(-1, 1);
    Halves halves(n);
    for (uint16_t &half : halves) {
        half = half_of(uniform(random) * factor);
    }
    return halves;
}

TEST_P(HalfDistance, IsThatOfFloatsAtEverySize) {
    for (unsigned n = 1; n <= 2100; n += 1 + n / 40) {
        SCOPED_TRACE(n);
        expect_same(random_halves(n, n, 1), random_halves(n, n + 5000, 1));
    }
    for (unsigned n : {511, 512, 513, 1023, 1024, 1025, 1040}) {
        SCOPED_TRACE(n);
        expect_same(random_halves(n, n, 1), random_halves(n, n + 5000, 1));
    }
    expect_same(random_halves(PGS_MAX_DIMS, 1, 1), random_halves(PGS_MAX_DIMS, 2, 1));
}

TEST_P(HalfDistance, IsThatOfFloatsAtEveryMagnitude) {
    for (int exponent = -24; exponent <= 15; exponent++) {
        SCOPED_TRACE(exponent);
        const double factor = std::ldexp(1.0, exponent);
        expect_same(random_halves(200, 1, factor), random_halves(200, 2, factor));
        expect_same(random_halves(200, 1, factor), random_halves(200, 3, 1));
    }
    const Halves largest(PGS_MAX_DIMS, 0x7bff), least(PGS_MAX_DIMS, 0xfbff);
    expect_same(largest, least);
    expect_same(Halves(1000, 1), Halves(1000, 0x8001));
}

TEST_P(HalfDistance, OfZerosAndOfWhatCancels) {
    const Halves zero(100, 0), one(100, 0x3c00);
    expect_same(zero, zero);
    expect_same(zero, one);
    EXPECT_TRUE(std::isnan(pgs_half_cosine_distance(zero.data(), one.data(), 100)));
    expect_same({0x7bff, 0x7bff}, {0x7bff, 0xfbff});
    EXPECT_EQ(pgs_half_inner_product(Halves{0x7bff, 1, 0x7bff}.data(),
                                     Halves{0x7bff, 1, 0xfbff}.data(), 3),
              0x1p-48);
}

TEST_P(HalfDistance, IsSymmetric) {
    for (unsigned n = 1; n < 700; n += 13) {
        const Halves a = random_halves(n, n, 1), b = random_halves(n, n + 1, 1);
        const int dims = static_cast<int>(n);
        EXPECT_EQ(pgs_half_l2_distance(a.data(), b.data(), dims),
                  pgs_half_l2_distance(b.data(), a.data(), dims));
        EXPECT_EQ(pgs_half_inner_product(a.data(), b.data(), dims),
                  pgs_half_inner_product(b.data(), a.data(), dims));
        EXPECT_EQ(pgs_half_l1_distance(a.data(), b.data(), dims),
                  pgs_half_l1_distance(b.data(), a.data(), dims));
        EXPECT_EQ(pgs_half_cosine_distance(a.data(), b.data(), dims),
                  pgs_half_cosine_distance(b.data(), a.data(), dims));
        EXPECT_EQ(pgs_half_l2_distance(a.data(), a.data(), dims), 0);
        EXPECT_EQ(pgs_half_cosine_distance(a.data(), a.data(), dims), 0);
    }
}

// One at a time and many at once give the same bits, from float32 as from float64.
TEST_P(HalfDistance, ConversionsAgree) {
    Halves all(kHalfInfinity);
    for (size_t i = 0; i < all.size(); i++) {
        all[i] = static_cast<uint16_t>(i);
    }
    const Vector wide = widened(all);
    std::vector<double> wider(wide.begin(), wide.end());
    for (size_t i = 0; i < all.size(); i++) {
        ASSERT_EQ(wider[i], double_of(all[i]));
    }
    Halves back(all.size());
    pgs_half_from_float(wide.data(), back.data(), static_cast<int>(back.size()));
    EXPECT_EQ(back, all);
    pgs_half_from_double(wider.data(), back.data(), static_cast<int>(back.size()));
    EXPECT_EQ(back, all);

    std::mt19937 random(5);
    Vector floats(100000);
    for (float &x : floats) {
        do {
            x = std::bit_cast<float>(static_cast<uint32_t>(random()));
        } while (std::isnan(x));
    }
    const std::vector<double> doubles(floats.begin(), floats.end());
    Halves of_floats(floats.size()), of_doubles(floats.size());
    pgs_half_from_float(floats.data(), of_floats.data(), static_cast<int>(floats.size()));
    pgs_half_from_double(doubles.data(), of_doubles.data(), static_cast<int>(doubles.size()));
    EXPECT_EQ(of_floats, of_doubles);
}

std::vector<const char *> available() {
    std::vector<const char *> names;
    for (int i = 0; const char *name = pgs_isa_available(i); i++) {
        names.push_back(name);
    }
    return names;
}

std::string name_of(const testing::TestParamInfo<const char *> &isa) {
    return isa.param;
}

INSTANTIATE_TEST_SUITE_P(Isa, HalfDistance, testing::ValuesIn(available()), name_of);

}  // namespace
}  // namespace pgslab
