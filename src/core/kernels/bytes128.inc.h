// bytes128.inc.h - sixteen bytes at a time: SSE2 on x86-64 and, through SIMDe, NEON on arm64.
//
// What codes.inc.h is written over; part of simd128.inc.h. <simde/x86/ssse3.h> comes before it.

using Bytes = simde__m128i;
constexpr size_t byte_width = 16;

inline Bytes load_bytes(const void *from) {
    return simde_mm_loadu_si128(from);
}
inline Bytes set1_u8(int value) {
    return simde_mm_set1_epi8(static_cast<int8_t>(value));
}
inline Bytes bit_and(Bytes a, Bytes b) {
    return simde_mm_and_si128(a, b);
}
template <int bits>
inline Bytes shift_right_u16(Bytes a) {
    return simde_mm_srli_epi16(a, bits);
}
template <int bits>
inline Bytes shift_left_u16(Bytes a) {
    return simde_mm_slli_epi16(a, bits);
}
inline Bytes add_u16(Bytes a, Bytes b) {
    return simde_mm_add_epi16(a, b);
}
inline Bytes sub_u16(Bytes a, Bytes b) {
    return simde_mm_sub_epi16(a, b);
}
inline Bytes add_i32(Bytes a, Bytes b) {
    return simde_mm_add_epi32(a, b);
}

// look_up(): table[index[i]], for each i; an index is 0 to 15.

#if defined(SIMDE_X86_SSSE3_NATIVE) || defined(SIMDE_ARM_NEON_A64V8_NATIVE)

inline Bytes look_up(Bytes table, Bytes index) {
    return simde_mm_shuffle_epi8(table, index);
}

#else

// SSE2 has no such instruction. Choosing among all entries, bit by bit of the index, for sixteen
// indexes at once takes half the time of one load after another.

// All ones where the index has the bit, else zero: the bit becomes the byte's sign.
template <int bit>
inline Bytes where_bit(Bytes index) {
    return simde_mm_cmpgt_epi8(simde_mm_setzero_si128(), shift_left_u16<7 - bit>(index));
}

// An entry sixteen times over.
template <int entry>
inline Bytes repeat_entry(Bytes table) {
    constexpr int four_times = entry % 4 * 0x55;
    const Bytes doubled =
        entry < 8 ? simde_mm_unpacklo_epi8(table, table) : simde_mm_unpackhi_epi8(table, table);
    return entry % 8 < 4
               ? simde_mm_shuffle_epi32(simde_mm_shufflelo_epi16(doubled, four_times), 0x00)
               : simde_mm_shuffle_epi32(simde_mm_shufflehi_epi16(doubled, four_times), 0xaa);
}

// Of the 2^bits entries from `first` on, the ones the lower bits of the index name.
template <int bits, int first>
inline Bytes choose(Bytes table, Bytes index) {
    if constexpr (bits == 0) {
        return repeat_entry<first>(table);
    } else {
        const Bytes no = choose<bits - 1, first>(table, index);
        const Bytes yes = choose<bits - 1, first + (1 << (bits - 1))>(table, index);
        return simde_mm_xor_si128(no,
                                  bit_and(where_bit<bits - 1>(index), simde_mm_xor_si128(no, yes)));
    }
}

inline Bytes look_up(Bytes table, Bytes index) {
    return choose<4, 0>(table, index);
}

#endif

// a[2i] * b[2i] + a[2i+1] * b[2i+1], for each i, in int32.
inline Bytes dot_pairs_i16(Bytes a, Bytes b) {
    return simde_mm_madd_epi16(a, b);
}

// The same in int16, of an unsigned and a signed byte.
inline Bytes dot_pairs_u8_i8(Bytes a, Bytes b) {
    const Bytes even = simde_mm_mullo_epi16(simde_mm_and_si128(a, simde_mm_set1_epi16(0xff)),
                                            simde_mm_srai_epi16(simde_mm_slli_epi16(b, 8), 8));
    const Bytes odd = simde_mm_mullo_epi16(simde_mm_srli_epi16(a, 8), simde_mm_srai_epi16(b, 8));
    return simde_mm_add_epi16(even, odd);
}

// byte_width / 2 signed bytes as int16.
inline Bytes load_i8_as_i16(const int8_t *from) {
    const Bytes bytes = simde_mm_loadu_si64(from);
    return simde_mm_srai_epi16(simde_mm_unpacklo_epi8(bytes, bytes), 8);
}

// The 64 dims of a chunk of nibbles, a byte each, in their order.
inline void load_nibbles(const uint8_t *chunk, Bytes (&dims)[64 / byte_width]) {
    const Bytes first = load_bytes(chunk), second = load_bytes(chunk + 16), low = set1_u8(15);
    dims[0] = bit_and(first, low);
    dims[1] = bit_and(second, low);
    dims[2] = bit_and(shift_right_u16<4>(first), low);
    dims[3] = bit_and(shift_right_u16<4>(second), low);
}

// The 16-byte parts of a added onto each other, as u16 and as i32.
inline simde__m128i fold_u16(Bytes a) {
    return a;
}
inline simde__m128i fold_i32(Bytes a) {
    return a;
}
