// One half from and to a float64: every half comes back, and what lies between two goes to the
// nearer one.
#include "base/half.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace pgslab {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(HalfNumber, ComesBack) {
    for (uint32_t bits = 0; bits < 65536; bits++) {
        const auto half = static_cast<uint16_t>(bits);
        if (!std::isnan(double_of(half))) {
            ASSERT_EQ(half_of(double_of(half)), half) << bits;
        }
    }
}

TEST(HalfNumber, HasTheValuesOfTheStandard) {
    EXPECT_EQ(double_of(0x3c00), 1);
    EXPECT_EQ(double_of(0xc100), -2.5);
    EXPECT_EQ(double_of(0x0001), 0x1p-24);
    EXPECT_EQ(double_of(0x03ff), 0x1p-14 - 0x1p-24);
    EXPECT_EQ(double_of(0x0400), 0x1p-14);
    EXPECT_EQ(double_of(0x7bff), 65504);
    EXPECT_EQ(double_of(0x7c00), kInfinity);
    EXPECT_EQ(double_of(0xfc00), -kInfinity);
    EXPECT_TRUE(std::isnan(double_of(0x7c01)));
    EXPECT_TRUE(std::signbit(double_of(0x8000)));
}

// The tie goes to the even one of two neighbours, and what is next to the tie to the nearer one.
TEST(HalfNumber, IsTheNearest) {
    for (uint32_t bits = 0; bits < kHalfInfinity; bits++) {
        const auto below = static_cast<uint16_t>(bits);
        const auto above = static_cast<uint16_t>(bits + 1);
        const double upper = above == kHalfInfinity ? 65536 : double_of(above);
        const double tie = (double_of(below) + upper) / 2;
        ASSERT_EQ(half_of(tie), bits % 2 == 0 ? below : above) << tie;
        ASSERT_EQ(half_of(std::nextafter(tie, 0.0)), below) << tie;
        ASSERT_EQ(half_of(std::nextafter(tie, kInfinity)), above) << tie;
        ASSERT_EQ(half_of(-tie), half_of(tie) | 0x8000) << tie;
    }
}

TEST(HalfNumber, OfTheEndsOfFloat64) {
    EXPECT_EQ(half_of(0.0), 0);
    EXPECT_EQ(half_of(-0.0), 0x8000);
    EXPECT_EQ(half_of(std::numeric_limits<double>::denorm_min()), 0);
    EXPECT_EQ(half_of(-std::numeric_limits<double>::denorm_min()), 0x8000);
    EXPECT_EQ(half_of(std::numeric_limits<double>::max()), kHalfInfinity);
    EXPECT_EQ(half_of(-kInfinity), kHalfInfinity | 0x8000);
    EXPECT_TRUE(std::isnan(double_of(half_of(std::numeric_limits<double>::quiet_NaN()))));
}

TEST(HalfNumber, SpacingIsWhatNeighboursDifferBy) {
    for (uint32_t bits = 0; bits < kHalfInfinity - 1; bits++) {
        const double half = double_of(static_cast<uint16_t>(bits));
        const double next = double_of(static_cast<uint16_t>(bits + 1));
        ASSERT_EQ(half_spacing(half), next - half) << half;
        ASSERT_EQ(half_spacing((half + next) / 2), next - half) << half;
    }
    EXPECT_EQ(half_spacing(65520), 32);
}

}  // namespace
}  // namespace pgslab
