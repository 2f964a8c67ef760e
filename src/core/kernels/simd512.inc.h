// simd512.inc.h - sixteen floats at a time: AVX-512, or SIMDe's emulation of it.
//
// One of the three vector abstractions kernels.inc.h is written over. Included inside
// `namespace pgslab { namespace {`, after the SIMDe headers that kernels_avx512.cpp names.
//
// Native AVX-512 instructions run only where the CPU has them. kernels_emulated_test.cpp compiles
// this file for any CPU, so that the order of the sums over 512-bit vectors is tested everywhere;
// of this file itself, the emulation leaves out what comes under
// `#if defined(SIMDE_X86_AVX512F_NATIVE)`, which SIMDe does not have.

#include "kernels/bytes512.inc.h"

using Vec = simde__m512;
constexpr size_t vec_width = 16;
constexpr size_t tile_rows = 6;  // 24 sums and 6 rows of 32 registers

inline Vec set1(float value) {
    return simde_mm512_set1_ps(value);
}
inline Vec add(Vec a, Vec b) {
    return simde_mm512_add_ps(a, b);
}
inline Vec sub(Vec a, Vec b) {
    return simde_mm512_sub_ps(a, b);
}
inline Vec abs(Vec a) {
    return simde_mm512_abs_ps(a);
}

// A bit for each lane: a <= b, which is false of what is no number.
inline uint32_t at_most(Vec a, Vec b) {
    return simde_mm512_cmp_ps_mask(a, b, SIMDE_CMP_LE_OQ);
}

// a * b + c and c - a * b, rounded once.
inline Vec fmadd(Vec a, Vec b, Vec c) {
    return simde_mm512_fmadd_ps(a, b, c);
}
inline Vec fnmadd(Vec a, Vec b, Vec c) {
    return simde_mm512_fnmadd_ps(a, b, c);
}

inline Vec load(const float *from) {
    return simde_mm512_loadu_ps(from);
}
inline void store(float *to, Vec a) {
    simde_mm512_storeu_ps(to, a);
}

#if defined(SIMDE_X86_AVX512F_NATIVE)

// GCC 12 warns of the undefined source operand its own unmasked conversions pass; a full mask costs
// nothing.
constexpr __mmask16 all = 0xffff;

inline Vec minimum(Vec a, Vec b) {
    return _mm512_maskz_min_ps(all, a, b);
}

// Lanes that may just have been written, sixteen bytes at a time or more. A load wider than the
// store before it would wait until the store is in the cache.
inline Vec load_lanes(const float *from) {
    const auto pair = [&](int i) {
        return simde_mm256_set_m128(simde_mm_loadu_ps(from + i + 4), simde_mm_loadu_ps(from + i));
    };
    return _mm512_insertf32x8(_mm512_castps256_ps512(pair(0)), pair(8), 1);
}

// Lanes i and i ^ h exchanged.
template <size_t h>
inline Vec exchange(Vec a) {
    return h == 1   ? _mm512_maskz_permute_ps(all, a, 0xb1)
           : h == 2 ? _mm512_maskz_permute_ps(all, a, 0x4e)
           : h == 4 ? _mm512_maskz_shuffle_f32x4(all, a, a, 0xb1)
                    : _mm512_maskz_shuffle_f32x4(all, a, a, 0x4e);
}

inline void add_eight(double *sums, simde__m256 a) {
    _mm512_storeu_pd(
        sums, _mm512_maskz_add_pd(0xff, _mm512_loadu_pd(sums), _mm512_maskz_cvtps_pd(0xff, a)));
}
inline void add_in_double(double *sums, Vec a) {
    add_eight(sums, _mm512_maskz_extractf32x8_ps(0xff, a, 0));
    add_eight(sums + 8, _mm512_maskz_extractf32x8_ps(0xff, a, 1));
}

// Lanes added onto each other, halves first, until four are left.
inline simde__m128 fold(Vec a) {
    const simde__m256 eight = simde_mm256_add_ps(_mm512_maskz_extractf32x8_ps(0xff, a, 0),
                                                 _mm512_maskz_extractf32x8_ps(0xff, a, 1));
    return simde_mm_add_ps(simde_mm256_castps256_ps128(eight),
                           simde_mm256_extractf128_ps(eight, 1));
}

inline Vec load(const uint16_t *from) {
    return _mm512_maskz_cvtph_ps(
        all, simde_mm256_loadu_si256(reinterpret_cast<const simde__m256i *>(from)));
}

inline Vec load(const int8_t *from) {
    return _mm512_maskz_cvtepi32_ps(all,
                                    _mm512_maskz_cvtepi8_epi32(all, simde_mm_loadu_si128(from)));
}

// Numbers below 2^31 that may just have been written, sixteen bytes at a time or more.
inline Vec load_sums(const uint32_t *from) {
    const auto pair = [&](int i) {
        return simde_mm256_set_m128i(simde_mm_loadu_si128(from + i + 4),
                                     simde_mm_loadu_si128(from + i));
    };
    return _mm512_maskz_cvtepi32_ps(
        all, _mm512_inserti32x8(_mm512_castsi256_si512(pair(0)), pair(8), 1));
}

// Rounds to nearest even whatever mode the caller's control register is in.
inline void store(uint16_t *to, Vec a) {
    simde_mm256_storeu_si256(
        reinterpret_cast<simde__m256i *>(to),
        _mm512_maskz_cvtps_ph(all, a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
}

#else

#include "kernels/half128.inc.h"

inline Vec minimum(Vec a, Vec b) {
    return simde_mm512_min_ps(a, b);
}

inline Vec load_lanes(const float *from) {
    return load(from);
}

template <size_t h>
inline Vec exchange(Vec a) {
    float lanes[16], exchanged[16];
    store(lanes, a);
    for (size_t i = 0; i < 16; i++) {
        exchanged[i] = lanes[i ^ h];
    }
    return load(exchanged);
}

inline void add_in_double(double *sums, Vec a) {
    float lanes[16];
    store(lanes, a);
    for (size_t i = 0; i < 16; i++) {
        sums[i] += lanes[i];
    }
}

inline simde__m128 fold(Vec a) {
    float lanes[16];
    store(lanes, a);
    return simde_mm_add_ps(
        simde_mm_add_ps(simde_mm_loadu_ps(lanes), simde_mm_loadu_ps(lanes + 8)),
        simde_mm_add_ps(simde_mm_loadu_ps(lanes + 4), simde_mm_loadu_ps(lanes + 12)));
}

inline Vec load(const uint16_t *from) {
    float wide[16];
    for (size_t i = 0; i < 16; i += 4) {
        const simde__m128i halves = simde_mm_loadu_si64(from + i);
        simde_mm_storeu_ps(wide + i,
                           widen_half(simde_mm_unpacklo_epi16(halves, simde_mm_setzero_si128())));
    }
    return load(wide);
}

inline Vec load(const int8_t *from) {
    float wide[16];
    for (size_t i = 0; i < 16; i++) {
        wide[i] = from[i];
    }
    return load(wide);
}

inline Vec load_sums(const uint32_t *from) {
    float wide[16];
    for (size_t i = 0; i < 16; i++) {
        wide[i] = static_cast<float>(static_cast<int32_t>(from[i]));
    }
    return load(wide);
}

inline void store(uint16_t *to, Vec a) {
    float wide[16];
    store(wide, a);
    for (size_t i = 0; i < 16; i += 8) {
        simde_mm_storeu_si128(to + i, pack_halves(narrow_to_half(simde_mm_loadu_ps(wide + i)),
                                                  narrow_to_half(simde_mm_loadu_ps(wide + i + 4))));
    }
}

#endif
