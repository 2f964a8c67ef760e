// Conversions between binary16 and binary32: every instruction set gives the bits IEEE 754 asks
// for.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <random>
#include <vector>

#include "kernels/kernels_under_test.h"

namespace pgslab {
namespace {

// From the definition, over exact float64 arithmetic.
uint32_t expected_f32(uint16_t half) {
    const uint32_t sign = uint32_t{half} >> 15 << 31;
    const int exponent = half >> 10 & 31;
    const uint32_t fraction = half & 1023;
    if (exponent == 31) {
        const uint32_t quiet = fraction != 0 ? 0x400000 : 0;
        return sign | 0x7f800000 | quiet | fraction << 13;
    }
    const double magnitude =
        exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(1024 + fraction, exponent - 25);
    return sign | std::bit_cast<uint32_t>(static_cast<float>(magnitude));
}

uint16_t expected_f16(uint32_t bits) {
    const uint32_t sign = bits >> 31 << 15;
    const float value = std::fabs(std::bit_cast<float>(bits));
    uint32_t magnitude;
    if (std::isnan(value)) {
        magnitude = 0x7e00 | (bits >> 13 & 0x3ff);
    } else if (value >= 65520) {
        magnitude = 0x7c00;
    } else {
        // In units of the last place at this exponent; below 2^-14 the unit stays 2^-24. A value
        // that rounds up to 2048 units carries into the exponent field by itself.
        const int exponent = value < 0x1p-14f ? -14 : std::ilogb(value);
        const auto units = static_cast<uint32_t>(std::nearbyint(std::ldexp(value, 10 - exponent)));
        magnitude = static_cast<uint32_t>(exponent + 14) * 1024 + units;
    }
    return static_cast<uint16_t>(sign | magnitude);
}

std::vector<uint16_t> all_halves() {
    std::vector<uint16_t> halves(65536);
    for (size_t i = 0; i < halves.size(); i++) {
        halves[i] = static_cast<uint16_t>(i);
    }
    return halves;
}

// Every combination of sign, exponent and the ten kept places, with what rounding must tell apart
// behind them; the values halfway between two neighbours and next to halfway, which below 2^-14 are
// not at a fixed place; and some at random.
std::vector<uint32_t> telling_floats() {
    std::vector<uint32_t> floats;
    for (uint32_t top = 0; top < 1u << 19; top++) {
        for (uint32_t rest : {0x0, 0x1, 0xfff, 0x1000, 0x1001, 0x1fff}) {
            floats.push_back(top << 13 | rest);
        }
    }
    for (uint32_t half = 0; half < 0x7c00; half++) {
        const auto low = std::bit_cast<float>(expected_f32(static_cast<uint16_t>(half)));
        const auto high = half == 0x7bff
                              ? 65536.0f
                              : std::bit_cast<float>(expected_f32(static_cast<uint16_t>(half + 1)));
        const auto halfway = std::bit_cast<uint32_t>((low + high) / 2);  // exact
        for (uint32_t bits : {halfway - 1, halfway, halfway + 1}) {
            floats.push_back(bits);
            floats.push_back(bits | 0x80000000);
        }
    }
    std::mt19937 random(1);
    for (int i = 0; i < 1000000; i++) {
        floats.push_back(static_cast<uint32_t>(random()));
    }
    return floats;
}

class Conversions : public testing::TestWithParam<const Kernels *> {};

TEST_P(Conversions, WidenEveryHalfExactly) {
    const std::vector<uint16_t> halves = all_halves();
    std::vector<float> floats(halves.size());
    GetParam()->f16_to_f32(halves.data(), floats.data(), halves.size());
    for (size_t i = 0; i < halves.size(); i++) {
        ASSERT_EQ(std::bit_cast<uint32_t>(floats[i]), expected_f32(halves[i])) << i;
    }
}

TEST_P(Conversions, NarrowToTheNearestTiesToEven) {
    static const std::vector<uint32_t> patterns = telling_floats();
    static const std::vector<uint16_t> expected = [] {
        std::vector<uint16_t> halves;
        for (uint32_t bits : patterns) {
            halves.push_back(expected_f16(bits));
        }
        return halves;
    }();
    std::vector<float> floats(patterns.size());
    std::memcpy(floats.data(), patterns.data(), patterns.size() * sizeof(float));
    std::vector<uint16_t> halves(patterns.size());
    GetParam()->f32_to_f16(floats.data(), halves.data(), floats.size());
    for (size_t i = 0; i < patterns.size(); i++) {
        ASSERT_EQ(halves[i], expected[i]) << std::hex << patterns[i];
    }
}

TEST_P(Conversions, NarrowWhatTheyWidenedToTheSame) {
    const std::vector<uint16_t> halves = all_halves();
    std::vector<float> floats(halves.size());
    std::vector<uint16_t> back(halves.size());
    GetParam()->f16_to_f32(halves.data(), floats.data(), halves.size());
    GetParam()->f32_to_f16(floats.data(), back.data(), floats.size());
    for (size_t i = 0; i < halves.size(); i++) {
        const bool is_nan = (halves[i] & 0x7fff) > 0x7c00;
        ASSERT_EQ(back[i], is_nan ? halves[i] | 0x200 : halves[i]) << i;
    }
}

TEST_P(Conversions, TakeEverySizeAndAlignment) {
    for (size_t n = 0; n < 80; n++) {
        std::vector<uint16_t> halves(n);
        std::vector<float> floats(n);
        for (size_t i = 0; i < n; i++) {
            halves[i] = static_cast<uint16_t>(i * 397 + n);
            floats[i] = std::bit_cast<float>(expected_f32(halves[i]));
        }
        for (size_t shift = 0; shift < 64; shift += 1 + n % 3) {
            Unaligned<uint16_t> narrow(halves, shift), narrowed(n, shift / 2);
            Unaligned<float> wide(floats, shift), widened(n, shift / 2);
            GetParam()->f16_to_f32(narrow.data(), widened.data(), n);
            GetParam()->f32_to_f16(wide.data(), narrowed.data(), n);
            EXPECT_EQ(widened.copy(), floats) << n;
            EXPECT_EQ(narrowed.copy(), halves) << n;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Isa, Conversions, testing::ValuesIn(kernels_under_test()), isa_of);

}  // namespace
}  // namespace pgslab
