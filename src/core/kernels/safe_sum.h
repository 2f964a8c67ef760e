// Which float32 sums the distance operators take as they are.
#pragma once

#include <cmath>

namespace pgslab {

// Products of two float32 below 2^-126 are rounded to a multiple of 2^-149, so underflow costs a
// sum of n of them at most n * 2^-149, 2.3e-41 for the longest vector. Beside a sum of this size
// that is far below float32's own precision; a smaller sum is computed again in float64, and one
// that overflowed, too.
constexpr double kLeastSafeSum = 1e-25;

inline bool is_safe_sum(double sum) noexcept {
    return std::isfinite(sum) && std::fabs(sum) >= kLeastSafeSum;
}

}  // namespace pgslab
