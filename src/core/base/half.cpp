#include "base/half.h"

#include <bit>
#include <cmath>

namespace pgslab {

namespace {

// From here on each half has a leading one of its own; those below lie equally far apart.
constexpr double kLeastNormal = 0x1p-14;
constexpr double kSpacingBelow = 0x1p-24;

constexpr double kLeastInfinite = 65520;  // half way from the largest half to the next power of two

// A float64 has 52 places behind the leading one, a half 10.
constexpr int kLostPlaces = 52 - 10;

// What is added to the exponent of a number: 1023 in a float64, 15 in a half.
constexpr std::uint64_t kBiasDifference = 1023 - 15;

}  // namespace

std::uint16_t half_of(double x) noexcept {
    const unsigned sign = std::signbit(x) ? 0x8000 : 0;
    const double magnitude = std::fabs(x);
    if (std::isnan(x)) {
        return static_cast<std::uint16_t>(sign | kHalfInfinity | 0x200);
    }
    if (magnitude >= kLeastInfinite) {
        return static_cast<std::uint16_t>(sign | kHalfInfinity);
    }
    if (magnitude < kLeastNormal) {
        return static_cast<std::uint16_t>(
            sign | static_cast<unsigned>(std::lrint(magnitude / kSpacingBelow)));
    }
    auto bits = std::bit_cast<std::uint64_t>(magnitude);
    // Half of what the last place kept is worth, less a bit where that place is even: then only
    // what lies beyond the tie is carried. A carry out of the fraction raises the exponent.
    bits += (std::uint64_t{1} << (kLostPlaces - 1)) - 1 + (bits >> kLostPlaces & 1);
    return static_cast<std::uint16_t>(sign | ((bits >> kLostPlaces) - (kBiasDifference << 10)));
}

double double_of(std::uint16_t half) noexcept {
    const int exponent = half >> 10 & 31;
    const int fraction = half & 1023;
    double magnitude = 0;
    if (exponent == 31) {
        magnitude = fraction == 0 ? HUGE_VAL : NAN;
    } else if (exponent == 0) {
        magnitude = std::ldexp(fraction, -24);
    } else {
        magnitude = std::ldexp(1024 + fraction, exponent - 25);
    }
    return (half & 0x8000) != 0 ? -magnitude : magnitude;
}

double half_spacing(double magnitude) noexcept {
    if (magnitude < kLeastNormal) {
        return kSpacingBelow;
    }
    int exponent = 0;
    std::frexp(magnitude, &exponent);
    return std::ldexp(1.0, exponent - 11);
}

}  // namespace pgslab
