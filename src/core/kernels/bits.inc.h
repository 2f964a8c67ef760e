// bits.inc.h - bits that two arrays differ in or share. Part of kernels.inc.h.
//
// A word at a time: where the CPU counts a word's ones in one instruction that is faster than
// memory.

inline uint32_t ones(uint64_t word) {
#if defined(__POPCNT__) || !(defined(__x86_64__) || defined(__i386__))
    return static_cast<uint32_t>(__builtin_popcountll(word));
#else
    // Without that instruction compilers call a function: sums of 2, 4 and 8 bits, then of bytes.
    word -= (word >> 1) & 0x5555555555555555;
    word = (word & 0x3333333333333333) + ((word >> 2) & 0x3333333333333333);
    word = (word + (word >> 4)) & 0x0f0f0f0f0f0f0f0f;
    return static_cast<uint32_t>((word * 0x0101010101010101) >> 56);
#endif
}

// visit(word of a, word of b), with zeros behind the last bytes.
template <typename Visit>
inline void each_word(const uint8_t *a, const uint8_t *b, size_t bytes, Visit visit) {
    size_t i = 0;
    PGSLAB_UNROLL
    for (; bytes - i >= 8; i += 8) {
        uint64_t x, y;
        memcpy(&x, a + i, 8);
        memcpy(&y, b + i, 8);
        visit(x, y);
    }
    if (i < bytes) {
        uint64_t x = 0, y = 0;
        memcpy(&x, a + i, bytes - i);
        memcpy(&y, b + i, bytes - i);
        visit(x, y);
    }
}

void bits_differing(const uint8_t *query, const uint8_t *rows, size_t stride, size_t n,
                    size_t bytes, uint32_t *counts) noexcept {
    for (size_t row = 0; row < n; row++) {
        uint32_t sum = 0;
        each_word(query, rows + row * stride, bytes,
                  [&](uint64_t x, uint64_t y) { sum += ones(x ^ y); });
        counts[row] = sum;
    }
}

void bits_shared(const uint8_t *query, const uint8_t *rows, size_t stride, size_t n, size_t bytes,
                 uint32_t *counts) noexcept {
    for (size_t row = 0; row < n; row++) {
        uint32_t sum = 0;
        each_word(query, rows + row * stride, bytes,
                  [&](uint64_t x, uint64_t y) { sum += ones(x & y); });
        counts[row] = sum;
    }
}
