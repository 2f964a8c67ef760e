// Sums in float64, for where float32 has left its range or lost its precision.
#pragma once

#include <cmath>
#include <cstddef>

namespace pgslab {

// Products of two float32 below 2^-126 are rounded to a multiple of 2^-149, so underflow costs a
// sum of n of them at most n * 2^-149, 2.3e-41 for the longest vector. Beside a sum of this size
// that is far below float32's own precision; a smaller sum is computed again.
constexpr double kLeastSafeSum = 1e-25;

inline bool is_safe(double sum) noexcept {
    return std::isfinite(sum) && std::fabs(sum) >= kLeastSafeSum;
}

// term(0) + ... + term(n - 1), in eight chains so that additions need not wait for one another. No
// product of two float32 or of their differences overflows or underflows float64.
template <typename Term>
double sum_in_double(size_t n, Term term) {
    double part[8] = {};
    size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        for (size_t k = 0; k < 8; k++) {
            part[k] += term(i + k);
        }
    }
    for (; i < n; i++) {
        part[i % 8] += term(i);
    }
    return ((part[0] + part[4]) + (part[2] + part[6])) +
           ((part[1] + part[5]) + (part[3] + part[7]));
}

}  // namespace pgslab
