// kernels.h - sums over vectors, once per instruction set, chosen once for this CPU.
//
// A kernel adds one run of a vector's elements into 32 float32 lanes. Element i of the vector
// always goes into lane i mod 32 and each lane adds in the order of i, so a vector that lies in
// pieces (on several pages) gives bit for bit the result it gives in one piece. Results of two
// instruction sets may differ in the last bits, because one rounds a product before adding it and
// another does not.
//
// A caller that compares distances with one another takes `const Kernels &k = kernels()` once and
// keeps it, so that all of them come from one instruction set.
#pragma once

#include <cstddef>
#include <cstdint>

namespace pgslab {

// Running sums, zero to begin with.
struct alignas(64) Lanes {
    float lane[32];

    // Store by store: GCC zeroes 128 bytes with `rep stos`, whose start-up alone takes longer than
    // the sum of a short vector.
    Lanes() noexcept {
        using Four = float __attribute__((vector_size(16), may_alias));
        auto *four = reinterpret_cast<Four *>(lane);
        four[0] = four[1] = four[2] = four[3] = Four{};
        four[4] = four[5] = four[6] = four[7] = Four{};
    }
};

// The sum of the lanes, always added in the same order: halves onto each other, 16, 8, 4, 2, 1.
float sum(const Lanes &lanes) noexcept;

// What screen() is told: of each of a block's 32 vectors, and for all of them.
struct ScreenedBlock {
    const float *add, *rescale, *error;  // float[32] each
};
struct Screen {
    float add;         // of the list, as seen from the query
    float base, step;  // from a sum to a product
    float per_error;   // how far estimates may be off, by vectors' errors,
    float underflow;   // and at most so much more
    float bar;
};

// One instruction set's kernels.
//
// Shapes: q and y point at the run's first element, n elements each, of any alignment; nothing
// outside is read. `start` is the index of that first element within its vector, a multiple of 16;
// n is a multiple of 16 in every run but the vector's last. n may be 0.
//
// Stored types: f32 is IEEE binary32, f16 the bit pattern of an IEEE binary16, i8 a signed byte.
// The query is always float32. `scale` is the stored vector's own factor; dot leaves it to the
// caller, who multiplies the sum once.
//
// Nothing is checked: infinities and NaN propagate as IEEE 754 says. A sum that overflows is
// infinite or NaN, and the caller who cannot rule it out looks.
struct Kernels {
    const char *isa;  // "baseline", "avx2", "avx512", "avx512popcnt"

    // lanes += q[i] * y[i]
    void (*dot_f32)(Lanes &lanes, const float *q, const float *y, size_t n, size_t start) noexcept;
    void (*dot_f16)(Lanes &lanes, const float *q, const uint16_t *y, size_t n,
                    size_t start) noexcept;
    void (*dot_i8)(Lanes &lanes, const float *q, const int8_t *y, size_t n, size_t start) noexcept;

    // lanes += (q[i] - scale * y[i])^2
    void (*l2_f32)(Lanes &lanes, const float *q, const float *y, float scale, size_t n,
                   size_t start) noexcept;
    void (*l2_f16)(Lanes &lanes, const float *q, const uint16_t *y, float scale, size_t n,
                   size_t start) noexcept;
    void (*l2_i8)(Lanes &lanes, const float *q, const int8_t *y, float scale, size_t n,
                  size_t start) noexcept;

    // lanes += |q[i] - scale * y[i]|
    void (*l1_f32)(Lanes &lanes, const float *q, const float *y, float scale, size_t n,
                   size_t start) noexcept;
    void (*l1_f16)(Lanes &lanes, const float *q, const uint16_t *y, float scale, size_t n,
                   size_t start) noexcept;
    void (*l1_i8)(Lanes &lanes, const float *q, const int8_t *y, float scale, size_t n,
                  size_t start) noexcept;

    // lanes[0] += a.b, lanes[1] += a.a and lanes[2] += b.b in one pass, of a run that starts at a
    // multiple of 32; each is bit for bit what dot_f32 gives for the same pair.
    void (*dot_norms_f32)(Lanes lanes[3], const float *a, const float *b, size_t n) noexcept;

    // out[i] = p[i] * scale - origin[i] of a whole vector, and lanes += out[i]^2: bit for bit what
    // dot_f32 gives for out. `out` must not overlap p or origin.
    void (*relative)(Lanes &lanes, const float *p, float scale, const float *origin, float *out,
                     size_t n) noexcept;

    // sums[i] += x[i], both aligned as their types are; every instruction set gives the same bits.
    void (*add_to)(double *sums, const float *x, size_t n) noexcept;

    // IEEE conversions of n elements; every instruction set gives the same bits. To f16: rounds to
    // nearest, ties to even; from 65520 up becomes infinity; NaN keeps its sign and the top of its
    // payload, and becomes quiet. From f16: exact, signalling NaN becomes quiet.
    // `to` and `from` must not overlap.
    void (*f32_to_f16)(const float *from, uint16_t *to, size_t n) noexcept;
    void (*f16_to_f32)(const uint16_t *from, float *to, size_t n) noexcept;

    // out[i * rows_b + j] = <a_i, b_j>, with a float[rows_a][n] and b float[rows_b][n], row by row,
    // of any alignment. The value of a pair depends on its two rows alone, not on how many others
    // there are. `out` must not overlap a or b.
    void (*dot_tile)(const float *a, size_t rows_a, const float *b, size_t rows_b, size_t n,
                     float *out) noexcept;

    // The Walsh-Hadamard transform in place, not normalised: x[i] becomes the sum over j of
    // (-1)^popcount(i & j) x[j]. n is a power of two from 16 up, x of any alignment. Every
    // instruction set gives the same bits (of a NaN, that it is one).
    void (*hadamard)(float *x, size_t n) noexcept;

    // Sums over codes, in integers: exact, so the same from every instruction set. Pointers may
    // have any alignment.

    // sums[v] += sum over g of table[16 * g + nibble of vector v in group g], for the 32 vectors of
    // a block. codes and table have 16 bytes a group. A group is four dims: byte j holds the nibble
    // of vector pi[j] below and that of vector pi[j] + 16 above, with
    // pi = {0,8,1,9,2,10,3,11,4,12,5,13,6,14,7,15}. A block cut after any group gives the same sums
    // as in one piece.
    void (*fastscan)(uint32_t sums[32], const uint8_t *codes, const uint8_t *table,
                     size_t groups) noexcept;

    // The sum of code[i] * q[i], of codes 0 to 15 in chunks of 64 dims and 32 bytes: byte j of a
    // chunk holds dim j below and dim 32 + j above. q is -127 to 127. n is a multiple of 64, at
    // most 2^20.
    int32_t (*dot_u4_i8)(const uint8_t *codes, const int8_t *q, size_t n) noexcept;

    // The sum of codes[i] * q[i], of q from -2047 to 2047. n is a multiple of 64, at most 8192, so
    // that the sum fits.
    int32_t (*dot_i8_i16)(const int8_t *codes, const int16_t *q, size_t n) noexcept;

    // In floats again, of a block's 32 vectors, for the sums that fastscan gave:
    //
    //     estimate[v] = (block.add[v] + by.add) + block.rescale[v] * (by.base + by.step * sums[v])
    //     margin[v] = block.error[v] * by.per_error + min(block.error[v], by.underflow)
    //
    // Bit v of the result is 0 where estimate - margin is finite and not below the bar. Sums are
    // below 2^31.
    uint32_t (*screen)(const uint32_t sums[32], const ScreenedBlock &block, const Screen &by,
                       float estimate[32], float margin[32]) noexcept;

    // counts[i] = how many of the first `bytes` bytes' bits differ between the query and row i, or
    // are 1 in both. Rows begin `stride` bytes after one another. Exact; pointers may have any
    // alignment. 8 * bytes is below 2^32.
    void (*bits_differing)(const uint8_t *query, const uint8_t *rows, size_t stride, size_t n,
                           size_t bytes, uint32_t *counts) noexcept;
    void (*bits_shared)(const uint8_t *query, const uint8_t *rows, size_t stride, size_t n,
                        size_t bytes, uint32_t *counts) noexcept;
};

// The kernels in use: the best this CPU has, unless the environment variable PGSLAB_ISA (read on
// first use) or force_isa() named another. A PGSLAB_ISA this CPU lacks is reported on stderr and
// then ignored.
const Kernels &kernels() noexcept;

// The i-th set this CPU can run, baseline first and best last; null past the last.
const Kernels *available_kernels(int i) noexcept;

// Uses the named set from now on; "auto" chooses the best. False, and no change, when this CPU
// lacks it. Callers that kept a `const Kernels &` are not affected.
bool force_isa(const char *name) noexcept;

// Whole vectors with the kernels in use.

inline float dot_f32(const float *a, const float *b, size_t n) noexcept {
    Lanes lanes;
    kernels().dot_f32(lanes, a, b, n, 0);
    return sum(lanes);
}

// Squared Euclidean distance.
inline float l2_f32(const float *a, const float *b, size_t n) noexcept {
    Lanes lanes;
    kernels().l2_f32(lanes, a, b, 1.0f, n, 0);
    return sum(lanes);
}

inline float l1_f32(const float *a, const float *b, size_t n) noexcept {
    Lanes lanes;
    kernels().l1_f32(lanes, a, b, 1.0f, n, 0);
    return sum(lanes);
}

// out = {a.b, a.a, b.b}
inline void dot_norms_f32(const float *a, const float *b, size_t n, float out[3]) noexcept {
    Lanes lanes[3];
    kernels().dot_norms_f32(lanes, a, b, n);
    out[0] = sum(lanes[0]);
    out[1] = sum(lanes[1]);
    out[2] = sum(lanes[2]);
}

// Of two arrays of bits.
inline uint32_t bits_differing(const uint8_t *a, const uint8_t *b, size_t bytes) noexcept {
    uint32_t count;
    kernels().bits_differing(a, b, 0, 1, bytes, &count);
    return count;
}

inline uint32_t bits_shared(const uint8_t *a, const uint8_t *b, size_t bytes) noexcept {
    uint32_t count;
    kernels().bits_shared(a, b, 0, 1, bytes, &count);
    return count;
}

}  // namespace pgslab
