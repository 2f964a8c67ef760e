// codes.inc.h - sums over quantized codes, in integers. Part of kernels.inc.h.
//
// All of it is exact: how many elements an instruction set takes at once does not show.

// As many groups of one-byte entries as a u16 surely holds the sum of: 256 * 255 < 2^16.
constexpr size_t fastscan_groups = 256;

// The sums of a block's 32 vectors over up to fastscan_groups groups, modulo 2^16 on the way.
//
// A looked-up pair of bytes is added as one u16, low + 256 * high, and its high byte once more by
// itself; the low sum is what is left when 256 times the high sum is taken away. The order of the
// vectors in a group makes the low sums vectors 0 to 7 and the high sums vectors 8 to 15.
struct FastScanSums {
    Bytes low_pairs = set1_u8(0), low_high = set1_u8(0);    // of low nibbles: vectors 0 to 15
    Bytes high_pairs = set1_u8(0), high_high = set1_u8(0);  // of high nibbles: 16 to 31

    // Adds byte_width / 16 groups.
    void step(const uint8_t *codes, const uint8_t *table) {
        const Bytes code = load_bytes(codes), entries = load_bytes(table), nibble = set1_u8(15);
        const Bytes low = look_up(entries, bit_and(code, nibble));
        const Bytes high = look_up(entries, bit_and(shift_right_u16<4>(code), nibble));
        low_pairs = add_u16(low_pairs, low);
        low_high = add_u16(low_high, shift_right_u16<8>(low));
        high_pairs = add_u16(high_pairs, high);
        high_high = add_u16(high_high, shift_right_u16<8>(high));
    }

    static void add_eight(uint32_t *sums, simde__m128i values) {
        const simde__m128i zero = simde_mm_setzero_si128();
        const simde__m128i first = simde_mm_unpacklo_epi16(values, zero);
        const simde__m128i second = simde_mm_unpackhi_epi16(values, zero);
        simde_mm_storeu_si128(sums, simde_mm_add_epi32(simde_mm_loadu_si128(sums), first));
        simde_mm_storeu_si128(sums + 4, simde_mm_add_epi32(simde_mm_loadu_si128(sums + 4), second));
    }

    void add_to(uint32_t sums[32]) const {
        add_eight(sums, fold_u16(sub_u16(low_pairs, shift_left_u16<8>(low_high))));
        add_eight(sums + 8, fold_u16(low_high));
        add_eight(sums + 16, fold_u16(sub_u16(high_pairs, shift_left_u16<8>(high_high))));
        add_eight(sums + 24, fold_u16(high_high));
    }
};

void fastscan(uint32_t sums[32], const uint8_t *codes, const uint8_t *table,
              size_t groups) noexcept {
    const size_t bytes = groups * 16;
    for (size_t i = 0; i < bytes;) {
        const size_t left = bytes - i, most = fastscan_groups * 16;
        const size_t end = i + (left < most ? left : most);
        FastScanSums part;
        PGSLAB_UNROLL
        for (; end - i >= byte_width; i += byte_width) {
            part.step(codes + i, table + i);
        }
        if (i < end) {
            // Zeros behind the last groups, whose entries add nothing.
            uint8_t last_codes[byte_width] = {}, last_table[byte_width] = {};
            memcpy(last_codes, codes + i, end - i);
            memcpy(last_table, table + i, end - i);
            part.step(last_codes, last_table);
            i = end;
        }
        part.add_to(sums);
    }
}

// The sum of the four lanes.
inline int32_t sum_i32(simde__m128i lanes) {
    lanes = simde_mm_add_epi32(lanes, simde_mm_shuffle_epi32(lanes, 0x4e));
    lanes = simde_mm_add_epi32(lanes, simde_mm_shuffle_epi32(lanes, 0xb1));
    return simde_mm_cvtsi128_si32(lanes);
}

constexpr size_t chunk_dims = 64;
constexpr size_t chunk_vecs = chunk_dims / byte_width;  // that hold a byte for each dim
constexpr size_t batch_chunks = 8 / chunk_vecs;

// Adds up to batch_chunks chunks: eight pairs of products to an int16, of magnitude at most
// 8 * 2 * 15 * 127 < 2^15.
inline Bytes dot_nibbles(const uint8_t *codes, const int8_t *q, size_t chunks) {
    Bytes pairs = set1_u8(0);
    PGSLAB_UNROLL
    for (size_t chunk = 0; chunk < chunks; chunk++) {
        Bytes dims[chunk_vecs];
        load_nibbles(codes + chunk * chunk_dims / 2, dims);
        PGSLAB_UNROLL
        for (size_t v = 0; v < chunk_vecs; v++) {
            const Bytes query = load_bytes(q + chunk * chunk_dims + v * byte_width);
            pairs = add_u16(pairs, dot_pairs_u8_i8(dims[v], query));
        }
    }
    // Times 1, and so widened to int32.
    return dot_pairs_i16(pairs, shift_right_u16<8>(shift_left_u16<8>(set1_u8(1))));
}

int32_t dot_u4_i8(const uint8_t *codes, const int8_t *q, size_t n) noexcept {
    constexpr size_t batch_dims = batch_chunks * chunk_dims;
    Bytes sum = set1_u8(0);
    size_t i = 0;
    for (; n - i >= batch_dims; i += batch_dims) {
        sum = add_i32(sum, dot_nibbles(codes + i / 2, q + i, batch_chunks));
    }
    if (i < n) {
        sum = add_i32(sum, dot_nibbles(codes + i / 2, q + i, (n - i) / chunk_dims));
    }
    return sum_i32(fold_i32(sum));
}

int32_t dot_i8_i16(const int8_t *codes, const int16_t *q, size_t n) noexcept {
    constexpr size_t step = byte_width / 2;
    Bytes even = set1_u8(0), odd = even;
    for (size_t i = 0; i < n; i += chunk_dims) {
        PGSLAB_UNROLL
        for (size_t d = i; d < i + chunk_dims; d += 2 * step) {
            even = add_i32(even, dot_pairs_i16(load_i8_as_i16(codes + d), load_bytes(q + d)));
            odd = add_i32(
                odd, dot_pairs_i16(load_i8_as_i16(codes + d + step), load_bytes(q + d + step)));
        }
    }
    return sum_i32(fold_i32(add_i32(even, odd)));
}
