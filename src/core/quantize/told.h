// How an operator that is not ours may round: what bounds of its values allow for, where it adds
// the terms of a distance in float32, in any order.
//
// A sum of n terms, each of which is rounded twice, is off by at most (n + 2) u / (1 - (n + 2) u)
// times the sum of their magnitudes, u = 2^-24, in whatever order it is made (Higham, Accuracy and
// Stability of Numerical Algorithms, section 4.2). A term that underflows is off by at most 2^-150
// besides. A sum of squares or of magnitudes that overflows is infinity, and a larger one is, too;
// a sum of products may be anything then, and no number either.
#pragma once

#include <cstdint>

namespace pgslab {

// Relative to the sum of magnitudes, for at most PGS_MAX_DIMS terms.
constexpr double told_rounding(uint32_t dims) noexcept {
    return (dims + 8) * 0x1p-24 * 1.002;
}

// Of all terms that may underflow, and the root of that.
constexpr double kToldUnderflow = 0x1p-134;
constexpr double kToldRootUnderflow = 0x1p-67;

// A sum of terms whose magnitudes add up to less than this does not overflow; and the root of that.
constexpr double kToldLargest = 0x1p126;
constexpr double kToldRootLargest = 0x1p63;

}  // namespace pgslab
