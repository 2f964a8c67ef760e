#include "quantize/rotation.h"

#include <simde/x86/sse2.h>

#include <bit>
#include <cmath>
#include <cstring>

#include "kernels/kernels.h"

namespace pgslab {

namespace {

constexpr uint32_t kRun = 32;  // dimensions whose signs are four bytes

// The signs of 32 dimensions, four dimensions at a time: the next sign of lane k is the top bit of
// lane k.
struct SignRun {
    simde__m128i bits;

    explicit SignRun(const uint8_t *bytes) noexcept {
        int32_t four;
        std::memcpy(&four, bytes, sizeof four);
        const simde__m128i zero = simde_mm_setzero_si128();
        bits = simde_mm_unpacklo_epi16(zero,
                                       simde_mm_unpacklo_epi8(zero, simde_mm_cvtsi32_si128(four)));
    }

    simde__m128 next() noexcept {
        const simde__m128i top = simde_mm_set1_epi32(INT32_MIN);
        const simde__m128 sign = simde_mm_castsi128_ps(simde_mm_and_si128(bits, top));
        bits = simde_mm_add_epi32(bits, bits);
        return sign;
    }
};

// Flips signs of out[0, n) and multiplies by the factor.
void flip(float *out, const uint8_t *signs, uint32_t n, float factor) noexcept {
    const simde__m128 factors = simde_mm_set1_ps(factor);
    for (uint32_t i = 0; i < n; i += kRun) {
        SignRun run(signs + i / 8);
        for (uint32_t j = i; j < i + kRun; j += 4) {
            const simde__m128 flipped = simde_mm_xor_ps(simde_mm_loadu_ps(out + j), run.next());
            simde_mm_storeu_ps(out + j, simde_mm_mul_ps(flipped, factors));
        }
    }
}

// Where a round transforms: t dimensions from `begin` on.
struct Range {
    uint32_t begin, end;
    float factor;  // 1 / sqrt(t)

    float factor_at(uint32_t i) const noexcept { return i >= begin && i < end ? factor : 1.0f; }
};

// Mixes the halves, but for a factor of sqrt(2) that the first round has made up for, and flips
// signs for the next round.
void mix_and_flip(float *out, const uint8_t *signs, uint32_t padded, Range next) noexcept {
    const uint32_t half = padded / 2;
    for (uint32_t i = 0; i < half; i += kRun) {
        SignRun low(signs + i / 8);
        SignRun high(signs + (i + half) / 8);
        const simde__m128 low_factor = simde_mm_set1_ps(next.factor_at(i));
        const simde__m128 high_factor = simde_mm_set1_ps(next.factor_at(i + half));
        for (uint32_t j = i; j < i + kRun; j += 4) {
            const simde__m128 x = simde_mm_loadu_ps(out + j);
            const simde__m128 y = simde_mm_loadu_ps(out + j + half);
            const simde__m128 sum = simde_mm_xor_ps(simde_mm_add_ps(x, y), low.next());
            const simde__m128 difference = simde_mm_xor_ps(simde_mm_sub_ps(x, y), high.next());
            simde_mm_storeu_ps(out + j, simde_mm_mul_ps(sum, low_factor));
            simde_mm_storeu_ps(out + j + half, simde_mm_mul_ps(difference, high_factor));
        }
    }
}

void mix(float *out, uint32_t padded) noexcept {
    const uint32_t half = padded / 2;
    for (uint32_t i = 0; i < half; i += 4) {
        const simde__m128 x = simde_mm_loadu_ps(out + i);
        const simde__m128 y = simde_mm_loadu_ps(out + i + half);
        simde_mm_storeu_ps(out + i, simde_mm_add_ps(x, y));
        simde_mm_storeu_ps(out + i + half, simde_mm_sub_ps(x, y));
    }
}

}  // namespace

void draw_rotation(uint64_t seed, uint32_t padded, uint8_t *signs) noexcept {
    for (uint32_t i = 0; i < rotation_bytes(padded); i += 8) {
        seed += 0x9E3779B97F4A7C15;
        uint64_t z = seed;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        z ^= z >> 31;
        std::memcpy(signs + i, &z, sizeof z);
    }
}

void rotate(const uint8_t *signs, const float *x, const float *mean, uint32_t dims, float *out,
            float f) noexcept {
    const uint32_t padded = padded_dims(dims);
    const simde__m128 factors = simde_mm_set1_ps(f);
    uint32_t i = 0;
    for (; i + 4 <= dims; i += 4) {
        const simde__m128 four = simde_mm_mul_ps(simde_mm_loadu_ps(x + i), factors);
        const simde__m128 middle =
            mean != nullptr ? simde_mm_loadu_ps(mean + i) : simde_mm_setzero_ps();
        simde_mm_storeu_ps(out + i, simde_mm_sub_ps(four, middle));
    }
    for (; i < dims; i++) {
        out[i] = x[i] * f - (mean != nullptr ? mean[i] : 0);
    }
    std::memset(out + dims, 0, (padded - dims) * sizeof *out);

    const uint32_t transformed = std::bit_floor(padded);
    const float factor = static_cast<float>(1 / std::sqrt(static_cast<double>(transformed)));
    const Range ranges[2] = {{0, transformed, factor}, {padded - transformed, padded, factor}};
    const uint32_t row = padded / 8;
    const auto hadamard = kernels().hadamard;

    // Every factor comes before what it makes up for, so that nothing overflows on the way.
    if (transformed == padded) {
        for (uint32_t round = 0; round < kRotationRounds; round++) {
            flip(out, signs + round * row, padded, factor);
            hadamard(out, padded);
        }
        return;
    }
    constexpr float kMixes = 0.25f;  // what four times the missing 1 / sqrt(2) come to
    flip(out, signs, transformed, factor * kMixes);
    flip(out + transformed, signs + transformed / 8, padded - transformed, kMixes);
    hadamard(out, transformed);
    for (uint32_t round = 1; round < kRotationRounds; round++) {
        const Range range = ranges[round % 2];
        mix_and_flip(out, signs + round * row, padded, range);
        hadamard(out + range.begin, transformed);
    }
    mix(out, padded);
}

}  // namespace pgslab
