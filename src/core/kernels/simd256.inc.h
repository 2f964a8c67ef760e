// simd256.inc.h - eight floats at a time: AVX2, FMA and F16C.
//
// One of the three vector abstractions kernels.inc.h is written over. Included inside
// `namespace pgslab { namespace {`, after <simde/x86/avx2.h>, <simde/x86/fma.h> and
// <simde/x86/f16c.h>.

#include "kernels/bytes256.inc.h"

using Vec = simde__m256;
constexpr size_t vec_width = 8;
constexpr size_t tile_rows = 3;  // 12 sums and 3 rows of 16 registers

inline Vec set1(float value) {
    return simde_mm256_set1_ps(value);
}
inline Vec add(Vec a, Vec b) {
    return simde_mm256_add_ps(a, b);
}
inline Vec sub(Vec a, Vec b) {
    return simde_mm256_sub_ps(a, b);
}
inline Vec abs(Vec a) {
    return simde_mm256_andnot_ps(simde_mm256_set1_ps(-0.0f), a);
}

inline Vec minimum(Vec a, Vec b) {
    return simde_mm256_min_ps(a, b);
}

// A bit for each lane: a <= b, which is false of what is no number.
inline uint32_t at_most(Vec a, Vec b) {
    return static_cast<uint32_t>(
        simde_mm256_movemask_ps(simde_mm256_cmp_ps(a, b, SIMDE_CMP_LE_OQ)));
}

// a * b + c and c - a * b, rounded once.
inline Vec fmadd(Vec a, Vec b, Vec c) {
    return simde_mm256_fmadd_ps(a, b, c);
}
inline Vec fnmadd(Vec a, Vec b, Vec c) {
    return simde_mm256_fnmadd_ps(a, b, c);
}

inline Vec load(const float *from) {
    return simde_mm256_loadu_ps(from);
}

// Lanes that may just have been written, sixteen bytes at a time or more. A load wider than the
// store before it would wait until the store is in the cache.
inline Vec load_lanes(const float *from) {
    return simde_mm256_set_m128(simde_mm_loadu_ps(from + 4), simde_mm_loadu_ps(from));
}

inline Vec load(const uint16_t *from) {
    return simde_mm256_cvtph_ps(simde_mm_loadu_si128(from));
}

inline Vec load(const int8_t *from) {
    return simde_mm256_cvtepi32_ps(simde_mm256_cvtepi8_epi32(simde_mm_loadu_si64(from)));
}

// Numbers below 2^31 that may just have been written, sixteen bytes at a time or more.
inline Vec load_sums(const uint32_t *from) {
    return simde_mm256_cvtepi32_ps(
        simde_mm256_set_m128i(simde_mm_loadu_si128(from + 4), simde_mm_loadu_si128(from)));
}

inline void store(float *to, Vec a) {
    simde_mm256_storeu_ps(to, a);
}

inline void add_four(double *sums, simde__m128 a) {
    simde_mm256_storeu_pd(sums,
                          simde_mm256_add_pd(simde_mm256_loadu_pd(sums), simde_mm256_cvtps_pd(a)));
}
inline void add_in_double(double *sums, Vec a) {
    add_four(sums, simde_mm256_castps256_ps128(a));
    add_four(sums + 4, simde_mm256_extractf128_ps(a, 1));
}

// Lanes i and i ^ h exchanged.
template <size_t h>
inline Vec exchange(Vec a) {
    return h == 1   ? simde_mm256_permute_ps(a, 0xb1)
           : h == 2 ? simde_mm256_permute_ps(a, 0x4e)
                    : simde_mm256_permute2f128_ps(a, a, 1);
}

// Lanes added onto each other, halves first, until four are left.
inline simde__m128 fold(Vec a) {
    return simde_mm_add_ps(simde_mm256_castps256_ps128(a), simde_mm256_extractf128_ps(a, 1));
}

// Rounds to nearest even whatever mode the caller's control register is in.
inline void store(uint16_t *to, Vec a) {
    simde_mm_storeu_si128(to, simde_mm256_cvtps_ph(a, SIMDE_MM_FROUND_NO_EXC));
}
