// bytes256.inc.h - thirty-two bytes at a time: AVX2.
//
// What codes.inc.h is written over; part of simd256.inc.h.

using Bytes = simde__m256i;
constexpr size_t byte_width = 32;

inline Bytes load_bytes(const void *from) {
    return simde_mm256_loadu_si256(static_cast<const simde__m256i *>(from));
}
inline Bytes set1_u8(int value) {
    return simde_mm256_set1_epi8(static_cast<int8_t>(value));
}
inline Bytes bit_and(Bytes a, Bytes b) {
    return simde_mm256_and_si256(a, b);
}
template <int bits>
inline Bytes shift_right_u16(Bytes a) {
    return simde_mm256_srli_epi16(a, bits);
}
template <int bits>
inline Bytes shift_left_u16(Bytes a) {
    return simde_mm256_slli_epi16(a, bits);
}
inline Bytes add_u16(Bytes a, Bytes b) {
    return simde_mm256_add_epi16(a, b);
}
inline Bytes sub_u16(Bytes a, Bytes b) {
    return simde_mm256_sub_epi16(a, b);
}
inline Bytes add_i32(Bytes a, Bytes b) {
    return simde_mm256_add_epi32(a, b);
}

// table[index[i]], for each i, in each 16 bytes by themselves; an index is 0 to 15.
inline Bytes look_up(Bytes table, Bytes index) {
    return simde_mm256_shuffle_epi8(table, index);
}

// a[2i] * b[2i] + a[2i+1] * b[2i+1], for each i, in int32.
inline Bytes dot_pairs_i16(Bytes a, Bytes b) {
    return simde_mm256_madd_epi16(a, b);
}

// The same in int16, of an unsigned and a signed byte.
inline Bytes dot_pairs_u8_i8(Bytes a, Bytes b) {
    return simde_mm256_maddubs_epi16(a, b);
}

// byte_width / 2 signed bytes as int16.
inline Bytes load_i8_as_i16(const int8_t *from) {
    return simde_mm256_cvtepi8_epi16(simde_mm_loadu_si128(from));
}

// The 64 dims of a chunk of nibbles, a byte each, in their order.
inline void load_nibbles(const uint8_t *chunk, Bytes (&dims)[64 / byte_width]) {
    const Bytes codes = load_bytes(chunk), low = set1_u8(15);
    dims[0] = bit_and(codes, low);
    dims[1] = bit_and(shift_right_u16<4>(codes), low);
}

// The 16-byte parts of a added onto each other, as u16 and as i32.
inline simde__m128i fold_u16(Bytes a) {
    return simde_mm_add_epi16(simde_mm256_castsi256_si128(a), simde_mm256_extracti128_si256(a, 1));
}
inline simde__m128i fold_i32(Bytes a) {
    return simde_mm_add_epi32(simde_mm256_castsi256_si128(a), simde_mm256_extracti128_si256(a, 1));
}
