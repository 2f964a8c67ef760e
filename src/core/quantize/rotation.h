// A random rotation: it spreads a vector's length evenly over its dimensions, so that codes of few
// bits an element know it equally well whatever the data is like.
//
// Four rounds of random signs and a fast Walsh-Hadamard transform. `padded` dimensions, the next
// multiple of 64, are rarely a power of two: the transform then covers the first power of two of
// them in even rounds and the last in odd ones, and after each round the two halves are mixed, x
// and y becoming (x + y) / sqrt(2) and (x - y) / sqrt(2). Each step is orthogonal.
//
// An element outside the first power of two may keep a quarter of itself in two places, the rest is
// spread; with a power of two everything is.
//
// The signs are kept in the index and never drawn again. Row r of the four is padded / 8 bytes; of
// every 32 dimensions it has four bytes, and dimension 4 j + k of them changes its sign in round r
// where bit 7 - j of byte k is set.
#pragma once

#include <cstdint>

#include "quantize/stored.h"  // padded_dims()

namespace pgslab {

constexpr uint32_t kRotationRounds = 4;

// Of the signs, for padded_dims().
constexpr uint32_t rotation_bytes(uint32_t padded) noexcept {
    return kRotationRounds * (padded / 8);
}

// Fills signs[rotation_bytes(padded)] from SplitMix64: the same for the same seed.
void draw_rotation(uint64_t seed, uint32_t padded, uint8_t *signs) noexcept;

// out[padded_dims(dims)] = R (f x - mean), for x and mean float[dims] and f a power of two; mean
// may be null, for zero. out overlaps neither.
//
// Float32 throughout: |out - R (f x - mean)| <= rotation_rounding(padded) |f x - mean|, plus
// kRotationUnderflow. No step makes a value larger than |f x - mean|; where that is no float32, out
// may have infinities and NaN. With mean null it may be infinite only if |f x| is.
void rotate(const uint8_t *signs, const float *x, const float *mean, uint32_t dims, float *out,
            float f = 1) noexcept;

// A round adds log2(padded) times in the transform, once in mixing the halves and multiplies once;
// each costs a vector's length at most 2^-24 of it. The factor 1 / sqrt(t) is itself rounded.
constexpr double rotation_rounding(uint32_t padded) noexcept {
    uint32_t levels = 0;
    while (padded >> levels > 1) {
        levels++;
    }
    return (kRotationRounds * (levels + 3) + 4) * 0x1p-24;
}

// What values rounded to a multiple of 2^-149 add up to, over all steps and PGS_MAX_DIMS values.
constexpr double kRotationUnderflow = 0x1p-133;

}  // namespace pgslab
