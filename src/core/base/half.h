// half.h - one IEEE binary16 from a float64, and back. Arrays are converted by kernels
// (kernels/kernels.h), which give the same bits.
#pragma once

#include <cstdint>

namespace pgslab {

// The bit pattern of infinity; with any of the lower ten bits set, of a number that is none.
constexpr std::uint16_t kHalfInfinity = 0x7c00;

// The half nearest to x, ties to even; from 65520 up infinity. A NaN stays one.
std::uint16_t half_of(double x) noexcept;

// Exact.
double double_of(std::uint16_t half) noexcept;

// How far apart halves are at a magnitude that is finite and not negative.
double half_spacing(double magnitude) noexcept;

}  // namespace pgslab
