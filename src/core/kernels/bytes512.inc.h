// bytes512.inc.h - sixty-four bytes at a time: AVX-512, or SIMDe's emulation of it.
//
// What codes.inc.h is written over; part of simd512.inc.h.

using Bytes = simde__m512i;
constexpr size_t byte_width = 64;

inline Bytes load_bytes(const void *from) {
    return simde_mm512_loadu_si512(from);
}
inline Bytes set1_u8(int value) {
    return simde_mm512_set1_epi8(static_cast<int8_t>(value));
}
inline Bytes bit_and(Bytes a, Bytes b) {
    return simde_mm512_and_si512(a, b);
}
template <int bits>
inline Bytes shift_right_u16(Bytes a) {
    return simde_mm512_srli_epi16(a, bits);
}
template <int bits>
inline Bytes shift_left_u16(Bytes a) {
    return simde_mm512_slli_epi16(a, bits);
}

// As the compiler's own vectors, which wrap around; the emulation adds signed numbers, of which an
// overflow is undefined.
using WordsU16 = uint16_t __attribute__((vector_size(64)));

inline Bytes add_u16(Bytes a, Bytes b) {
    return (Bytes)((WordsU16)a + (WordsU16)b);
}
inline Bytes sub_u16(Bytes a, Bytes b) {
    return (Bytes)((WordsU16)a - (WordsU16)b);
}
inline Bytes add_i32(Bytes a, Bytes b) {
    return simde_mm512_add_epi32(a, b);
}

// table[index[i]], for each i, in each 16 bytes by themselves; an index is 0 to 15.
inline Bytes look_up(Bytes table, Bytes index) {
    return simde_mm512_shuffle_epi8(table, index);
}

// a[2i] * b[2i] + a[2i+1] * b[2i+1], for each i, in int32.
inline Bytes dot_pairs_i16(Bytes a, Bytes b) {
    return simde_mm512_madd_epi16(a, b);
}

// The same in int16, of an unsigned and a signed byte.
inline Bytes dot_pairs_u8_i8(Bytes a, Bytes b) {
    return simde_mm512_maddubs_epi16(a, b);
}

// byte_width / 2 signed bytes as int16.
inline Bytes load_i8_as_i16(const int8_t *from) {
    const void *bytes = from;
    return simde_mm512_cvtepi8_epi16(
        simde_mm256_loadu_si256(static_cast<const simde__m256i *>(bytes)));
}

// The 64 dims of a chunk of nibbles, a byte each, in their order: the chunk twice, the second time
// shifted down.
inline void load_nibbles(const uint8_t *chunk, Bytes (&dims)[64 / byte_width]) {
    alignas(64) static constexpr uint16_t shifts[32] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                                                        0, 0, 0, 0, 0, 4, 4, 4, 4, 4, 4,
                                                        4, 4, 4, 4, 4, 4, 4, 4, 4, 4};
    const void *bytes = chunk;
    const Bytes twice = simde_mm512_maskz_broadcast_i64x4(
        0xff, simde_mm256_loadu_si256(static_cast<const simde__m256i *>(bytes)));
    dims[0] = bit_and(simde_mm512_srlv_epi16(twice, load_bytes(shifts)), set1_u8(15));
}

// The 16-byte parts of a added onto each other, as u16 and as i32.
inline simde__m128i fold_u16(Bytes a) {
    uint8_t part[64];
    simde_mm512_storeu_si512(part, a);
    return simde_mm_add_epi16(
        simde_mm_add_epi16(simde_mm_loadu_si128(part), simde_mm_loadu_si128(part + 16)),
        simde_mm_add_epi16(simde_mm_loadu_si128(part + 32), simde_mm_loadu_si128(part + 48)));
}
inline simde__m128i fold_i32(Bytes a) {
    uint8_t part[64];
    simde_mm512_storeu_si512(part, a);
    return simde_mm_add_epi32(
        simde_mm_add_epi32(simde_mm_loadu_si128(part), simde_mm_loadu_si128(part + 16)),
        simde_mm_add_epi32(simde_mm_loadu_si128(part + 32), simde_mm_loadu_si128(part + 48)));
}
