// The unit that codes and queries are measured in: a power of two near the values, so that their
// squares and products stay inside float32 however large or small the values are.
//
// It is 1 where they do so by themselves. Multiplying by a power of two is exact but for what
// becomes denormal.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>

#include "base/magnitude.h"

namespace pgslab {

constexpr int kMostUnitExponent = 126;  // so that the unit and its inverse are normal numbers

// The exponent of the unit for values whose largest magnitude has this exponent, as std::frexp()
// counts.
inline int unit_exponent(int exponent) noexcept {
    constexpr int kHarmless = 24;
    return std::abs(exponent) <= kHarmless
               ? 0
               : std::clamp(exponent, -kMostUnitExponent, kMostUnitExponent);
}

// The exponent of the largest magnitude among finite values; 0 where all are zero.
inline int largest_exponent(const float *values, uint32_t n) noexcept {
    int exponent = 0;
    std::frexp(max_magnitude(values, n), &exponent);
    return exponent;
}

}  // namespace pgslab
