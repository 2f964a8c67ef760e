// simd128.inc.h - four floats at a time: SSE2 on x86-64 and, through SIMDe, NEON on arm64.
//
// One of the three vector abstractions kernels.inc.h is written over. Included inside
// `namespace pgslab { namespace {`, after <simde/x86/sse2.h>, <simde/x86/ssse3.h> and
// <simde/x86/fma.h>.

#include "kernels/bytes128.inc.h"
#include "kernels/half128.inc.h"

using Vec = simde__m128;
constexpr size_t vec_width = 4;
constexpr size_t tile_rows = 2;  // 8 sums, 2 rows, 1 product: of 16 registers, two operands each

inline Vec set1(float value) {
    return simde_mm_set1_ps(value);
}
inline Vec add(Vec a, Vec b) {
    return simde_mm_add_ps(a, b);
}
inline Vec sub(Vec a, Vec b) {
    return simde_mm_sub_ps(a, b);
}
inline Vec abs(Vec a) {
    return simde_mm_andnot_ps(simde_mm_set1_ps(-0.0f), a);
}

inline Vec minimum(Vec a, Vec b) {
    return simde_mm_min_ps(a, b);
}

// A bit for each lane: a <= b, which is false of what is no number.
inline uint32_t at_most(Vec a, Vec b) {
    return static_cast<uint32_t>(simde_mm_movemask_ps(simde_mm_cmple_ps(a, b)));
}

// a * b + c and c - a * b, fused where the baseline has an instruction for it.
#if defined(SIMDE_ARM_NEON_A64V8_NATIVE)
inline Vec fmadd(Vec a, Vec b, Vec c) {
    return simde_mm_fmadd_ps(a, b, c);
}
inline Vec fnmadd(Vec a, Vec b, Vec c) {
    return simde_mm_fnmadd_ps(a, b, c);
}
#else
inline Vec fmadd(Vec a, Vec b, Vec c) {
    return simde_mm_add_ps(simde_mm_mul_ps(a, b), c);
}
inline Vec fnmadd(Vec a, Vec b, Vec c) {
    return simde_mm_sub_ps(c, simde_mm_mul_ps(a, b));
}
#endif

inline Vec load(const float *from) {
    return simde_mm_loadu_ps(from);
}

// Lanes that may just have been written, sixteen bytes at a time or more.
inline Vec load_lanes(const float *from) {
    return load(from);
}

inline Vec load(const uint16_t *from) {
    const simde__m128i halves = simde_mm_loadu_si64(from);
    return widen_half(simde_mm_unpacklo_epi16(halves, simde_mm_setzero_si128()));
}

inline Vec load(const int8_t *from) {
    // Twice unpacked with itself, each byte is the top byte of its lane; the shift extends its
    // sign.
    simde__m128i bytes = simde_mm_loadu_si32(from);
    bytes = simde_mm_unpacklo_epi8(bytes, bytes);
    bytes = simde_mm_unpacklo_epi16(bytes, bytes);
    return simde_mm_cvtepi32_ps(simde_mm_srai_epi32(bytes, 24));
}

// Numbers below 2^31 that may just have been written, sixteen bytes at a time or more.
inline Vec load_sums(const uint32_t *from) {
    return simde_mm_cvtepi32_ps(simde_mm_loadu_si128(from));
}

inline void store(float *to, Vec a) {
    simde_mm_storeu_ps(to, a);
}

inline void add_two(double *sums, Vec a) {
    simde_mm_storeu_pd(sums, simde_mm_add_pd(simde_mm_loadu_pd(sums), simde_mm_cvtps_pd(a)));
}
inline void add_in_double(double *sums, Vec a) {
    add_two(sums, a);
    add_two(sums + 2, simde_mm_movehl_ps(a, a));
}

// Lanes i and i ^ h exchanged.
template <size_t h>
inline Vec exchange(Vec a) {
    return h == 1 ? simde_mm_shuffle_ps(a, a, 0xb1) : simde_mm_shuffle_ps(a, a, 0x4e);
}

// Lanes added onto each other, halves first, until four are left.
inline simde__m128 fold(Vec a) {
    return a;
}

inline void store(uint16_t *to, Vec a) {
    const simde__m128i half = narrow_to_half(a);
    simde_mm_storeu_si64(to, pack_halves(half, half));
}
