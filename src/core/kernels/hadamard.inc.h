// hadamard.inc.h - the fast Walsh-Hadamard transform. Part of kernels.inc.h.
//
// The stage of distance h replaces x[i] and x[i + h], for every i without bit h, by their sum and
// their difference. Stages run from h = 1 up in every instruction set, so all give the same bits:
// which stages share a pass over memory, and which lie within a vector, changes no operand.

// -1 where lane i has bit h, else 1; at signs<h>[i].
template <size_t h>
struct Signs {
    float lane[vec_width];

    constexpr Signs() : lane() {
        for (size_t i = 0; i < vec_width; i++) {
            lane[i] = (i & h) != 0 ? -1.0f : 1.0f;
        }
    }
};

// The stage of distance h, less than vec_width. The product with 1 or -1 is exact, so it does not
// matter whether fmadd rounds it.
template <size_t h>
inline Vec butterfly(Vec x) {
    static constexpr Signs<h> signs;
    return fmadd(x, load(signs.lane), exchange<h>(x));
}

// All stages within a vector.
inline Vec butterflies(Vec x) {
    x = butterfly<1>(x);
    x = butterfly<2>(x);
    if constexpr (vec_width > 4) {
        x = butterfly<4>(x);
    }
    if constexpr (vec_width > 8) {
        x = butterfly<8>(x);
    }
    return x;
}

// One pass over x: the stages h, 2h, .. radix/2 * h, for a radix of 1 (none), 2, 4 or 8; h is a
// multiple of vec_width. The first pass begins with the stages within each vector.
template <size_t radix, bool first>
void hadamard_pass(float *x, size_t n, size_t h) {
    for (size_t block = 0; block < n; block += radix * h) {
        for (size_t i = block; i < block + h; i += vec_width) {
            Vec v[radix];
            PGSLAB_UNROLL
            for (size_t r = 0; r < radix; r++) {
                v[r] = load(x + i + r * h);
                if constexpr (first) {
                    v[r] = butterflies(v[r]);
                }
            }
            PGSLAB_UNROLL
            for (size_t distance = 1; distance < radix; distance *= 2) {
                PGSLAB_UNROLL
                for (size_t r = 0; r < radix; r++) {
                    if ((r & distance) == 0) {
                        const Vec a = v[r], b = v[r + distance];
                        v[r] = add(a, b);
                        v[r + distance] = sub(a, b);
                    }
                }
            }
            PGSLAB_UNROLL
            for (size_t r = 0; r < radix; r++) {
                store(x + i + r * h, v[r]);
            }
        }
    }
}

// As many stages from h on as one pass takes; returns the distance of the next.
template <bool first>
size_t hadamard_stages(float *x, size_t n, size_t h) {
    switch (n / h) {
        case 1:
            hadamard_pass<1, first>(x, n, h);
            return h;
        case 2:
            hadamard_pass<2, first>(x, n, h);
            return 2 * h;
        case 4:
        case 16:  // twice 4 rather than 8 and 2
            hadamard_pass<4, first>(x, n, h);
            return 4 * h;
        default:
            hadamard_pass<8, first>(x, n, h);
            return 8 * h;
    }
}

void hadamard(float *x, size_t n) noexcept {
    size_t h = hadamard_stages<true>(x, n, vec_width);
    while (h < n) {
        h = hadamard_stages<false>(x, n, h);
    }
}
