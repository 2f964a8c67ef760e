// bits512.inc.h - what bits.inc.h does, for CPUs that count the ones of several words at once. Part
// of kernels_avx512.cpp: each function says for itself that it may use that instruction.
//
// Half of AVX-512's width: as fast as memory, and with no sum of eight lanes at the end of arrays
// that are short.

#define PGSLAB_COUNTS_WORDS __attribute__((target("avx512vpopcntdq")))

struct Xor {
    PGSLAB_COUNTS_WORDS __m256i operator()(__m256i a, __m256i b) const {
        return _mm256_xor_si256(a, b);
    }
};
struct And {
    PGSLAB_COUNTS_WORDS __m256i operator()(__m256i a, __m256i b) const {
        return _mm256_and_si256(a, b);
    }
};

template <typename Combine>
PGSLAB_COUNTS_WORDS inline uint32_t ones_of(const uint8_t *a, const uint8_t *b, size_t bytes,
                                            Combine combine) noexcept {
    const auto load = [](const uint8_t *from) PGSLAB_COUNTS_WORDS {
        return _mm256_loadu_si256(reinterpret_cast<const __m256i *>(from));
    };
    __m256i sum = _mm256_setzero_si256();
    size_t i = 0;
    for (; bytes - i >= 32; i += 32) {
        sum = _mm256_add_epi64(sum, _mm256_popcnt_epi64(combine(load(a + i), load(b + i))));
    }
    if (i < bytes) {
        const __mmask32 rest = ~__mmask32{0} >> (32 - (bytes - i));
        const __m256i x =
            combine(_mm256_maskz_loadu_epi8(rest, a + i), _mm256_maskz_loadu_epi8(rest, b + i));
        sum = _mm256_add_epi64(sum, _mm256_popcnt_epi64(x));
    }
    const __m128i two =
        _mm_add_epi64(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
    uint64_t lanes[2];
    _mm_storeu_si128(reinterpret_cast<__m128i *>(lanes), two);
    return static_cast<uint32_t>(lanes[0] + lanes[1]);
}

template <typename Combine>
PGSLAB_COUNTS_WORDS void ones_of_rows(const uint8_t *query, const uint8_t *rows, size_t stride,
                                      size_t n, size_t bytes, uint32_t *counts,
                                      Combine combine) noexcept {
    for (size_t row = 0; row < n; row++) {
        counts[row] = ones_of(query, rows + row * stride, bytes, combine);
    }
}

PGSLAB_COUNTS_WORDS void bits_differing_512(const uint8_t *query, const uint8_t *rows,
                                            size_t stride, size_t n, size_t bytes,
                                            uint32_t *counts) noexcept {
    ones_of_rows(query, rows, stride, n, bytes, counts, Xor{});
}

PGSLAB_COUNTS_WORDS void bits_shared_512(const uint8_t *query, const uint8_t *rows, size_t stride,
                                         size_t n, size_t bytes, uint32_t *counts) noexcept {
    ones_of_rows(query, rows, stride, n, bytes, counts, And{});
}

#undef PGSLAB_COUNTS_WORDS
