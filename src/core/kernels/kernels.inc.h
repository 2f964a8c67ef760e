// kernels.inc.h - the kernels, written once over a vector abstraction.
//
// Each kernels_<isa>.cpp includes one simd*.inc.h and then this file, both inside
// `namespace pgslab { namespace {`: everything here is private to that translation unit. That is a
// must: a function the linker may share between units (an inline function or template with external
// linkage) could be taken from the AVX-512 unit and run on a CPU without it. For the same reason
// nothing here comes from the standard library but memcpy. scripts/check/kernel_symbols.sh checks.
//
// What a vector abstraction gives: Vec, of vec_width floats (4, 8 or 16); set1, add, sub, abs,
// minimum, at_most(), a bit for each lane; fmadd(a, b, c) = a*b + c, fnmadd(a, b, c) = c - a*b;
// load() from float, binary16 and int8 and store() to float and binary16, of any alignment;
// load_lanes() and load_sums(), for what was written a moment ago; exchange<h>(), of lanes i and i
// ^ h; add_in_double(), to as many sums; fold(), which leaves sums of four lanes; tile_rows, how
// many rows tile.inc.h takes at once.

#if defined(__clang__)
#define PGSLAB_UNROLL _Pragma("unroll")
#else
#define PGSLAB_UNROLL _Pragma("GCC unroll 8")
#endif

constexpr size_t lane_count = 32;
constexpr size_t half_count = lane_count / 2;
constexpr size_t vecs = lane_count / vec_width;  // that hold all lanes

// 32 lanes are at least 2 (AVX-512), 4 (AVX2) or 8 (baseline) independent chains of additions; with
// AVX2 that is one fused multiply-add a cycle, as many as two loads a cycle can feed.

// What is added to a lane for q[i] and y[i].

struct Dot {
    static Vec add_term(Vec sum, Vec q, Vec y, Vec) { return fmadd(q, y, sum); }
};

struct L2 {
    static Vec add_term(Vec sum, Vec q, Vec y, Vec scale) {
        const Vec difference = fnmadd(y, scale, q);
        return fmadd(difference, difference, sum);
    }
};

struct L1 {
    static Vec add_term(Vec sum, Vec q, Vec y, Vec scale) {
        return add(sum, abs(fnmadd(y, scale, q)));
    }
};

// Adds `count` vectors' worth of terms, the first of which goes into sums[first].
template <typename Term, size_t first, size_t count, typename T>
inline void step(Vec (&sums)[vecs], const float *q, const T *y, Vec scale) {
    PGSLAB_UNROLL
    for (size_t v = 0; v < count; v++) {
        sums[first + v] = Term::add_term(sums[first + v], load(q + v * vec_width),
                                         load(y + v * vec_width), scale);
    }
}

// A last piece of fewer than 16 elements, with zeros behind it, which add nothing to any sum.
template <typename T>
struct Padded {
    T element[half_count] = {};

    Padded(const T *from, size_t n) {
        memcpy(element, static_cast<const void *>(from), n * sizeof(T));
    }
};

// One run, as Kernels describes it. The loop takes 32 elements from lane 0 on; a run that starts at
// lane 16 begins with half a step, and one that ends inside a step ends with half a step, a padded
// half, or both.
template <typename Term, typename T>
void accumulate(Lanes &lanes, const float *q, const T *y, float scale, size_t n, size_t start) {
    Vec sums[vecs];
    PGSLAB_UNROLL
    for (size_t v = 0; v < vecs; v++) {
        sums[v] = load_lanes(lanes.lane + v * vec_width);
    }
    const Vec scales = set1(scale);
    size_t i = 0;
    bool upper = start % lane_count != 0;  // the next element goes into lane 16, not lane 0

    if (upper && n >= half_count) {
        step<Term, vecs / 2, vecs / 2>(sums, q, y, scales);
        i = half_count;
        upper = false;
    }
    for (; n - i >= lane_count; i += lane_count) {
        step<Term, 0, vecs>(sums, q + i, y + i, scales);
    }
    if (n - i >= half_count) {
        step<Term, 0, vecs / 2>(sums, q + i, y + i, scales);
        i += half_count;
        upper = true;
    }
    if (i < n) {
        const Padded<float> last_q(q + i, n - i);
        const Padded<T> last_y(y + i, n - i);
        if (upper) {
            step<Term, vecs / 2, vecs / 2>(sums, last_q.element, last_y.element, scales);
        } else {
            step<Term, 0, vecs / 2>(sums, last_q.element, last_y.element, scales);
        }
    }

    PGSLAB_UNROLL
    for (size_t v = 0; v < vecs; v++) {
        store(lanes.lane + v * vec_width, sums[v]);
    }
}

template <typename T>
void dot(Lanes &lanes, const float *q, const T *y, size_t n, size_t start) noexcept {
    accumulate<Dot>(lanes, q, y, 1.0f, n, start);
}

template <typename T>
void l2(Lanes &lanes, const float *q, const T *y, float scale, size_t n, size_t start) noexcept {
    accumulate<L2>(lanes, q, y, scale, n, start);
}

template <typename T>
void l1(Lanes &lanes, const float *q, const T *y, float scale, size_t n, size_t start) noexcept {
    accumulate<L1>(lanes, q, y, scale, n, start);
}

// The three dot products' sums over the same lanes.
struct NormSums {
    Vec ab[vecs], aa[vecs], bb[vecs];

    template <size_t first, size_t count>
    void step(const float *a, const float *b) {
        PGSLAB_UNROLL
        for (size_t v = 0; v < count; v++) {
            const Vec x = load(a + v * vec_width), y = load(b + v * vec_width);
            ab[first + v] = fmadd(x, y, ab[first + v]);
            aa[first + v] = fmadd(x, x, aa[first + v]);
            bb[first + v] = fmadd(y, y, bb[first + v]);
        }
    }
};

// In steps as accumulate() takes them, from lane 0, so that each sum is what dot gives.
void dot_norms(Lanes lanes[3], const float *a, const float *b, size_t n) noexcept {
    NormSums sums;
    PGSLAB_UNROLL
    for (size_t v = 0; v < vecs; v++) {
        sums.ab[v] = load_lanes(lanes[0].lane + v * vec_width);
        sums.aa[v] = load_lanes(lanes[1].lane + v * vec_width);
        sums.bb[v] = load_lanes(lanes[2].lane + v * vec_width);
    }
    size_t i = 0;
    for (; n - i >= lane_count; i += lane_count) {
        sums.step<0, vecs>(a + i, b + i);
    }
    const bool upper = n - i >= half_count;
    if (upper) {
        sums.step<0, vecs / 2>(a + i, b + i);
        i += half_count;
    }
    if (i < n) {
        const Padded<float> last_a(a + i, n - i), last_b(b + i, n - i);
        if (upper) {
            sums.step<vecs / 2, vecs / 2>(last_a.element, last_b.element);
        } else {
            sums.step<0, vecs / 2>(last_a.element, last_b.element);
        }
    }
    PGSLAB_UNROLL
    for (size_t v = 0; v < vecs; v++) {
        store(lanes[0].lane + v * vec_width, sums.ab[v]);
        store(lanes[1].lane + v * vec_width, sums.aa[v]);
        store(lanes[2].lane + v * vec_width, sums.bb[v]);
    }
}

// Where relative() puts elements and adds their squares.
struct Relative {
    Vec sums[vecs];
    Vec scale;

    template <size_t first, size_t count>
    void step(const float *p, const float *origin, float *out) {
        PGSLAB_UNROLL
        for (size_t v = 0; v < count; v++) {
            const Vec negated = sub(set1(0), load(origin + v * vec_width));
            const Vec x = fmadd(load(p + v * vec_width), scale, negated);
            store(out + v * vec_width, x);
            sums[first + v] = fmadd(x, x, sums[first + v]);
        }
    }
};

// In steps as accumulate() takes them, from lane 0.
void relative(Lanes &lanes, const float *p, float scale, const float *origin, float *out,
              size_t n) noexcept {
    Relative relative = {{}, set1(scale)};
    PGSLAB_UNROLL
    for (size_t v = 0; v < vecs; v++) {
        relative.sums[v] = load_lanes(lanes.lane + v * vec_width);
    }
    size_t i = 0;
    for (; n - i >= lane_count; i += lane_count) {
        relative.step<0, vecs>(p + i, origin + i, out + i);
    }
    const bool upper = n - i >= half_count;
    if (upper) {
        relative.step<0, vecs / 2>(p + i, origin + i, out + i);
        i += half_count;
    }
    if (i < n) {
        const Padded<float> last_p(p + i, n - i), last_origin(origin + i, n - i);
        float last[half_count];
        if (upper) {
            relative.step<vecs / 2, vecs / 2>(last_p.element, last_origin.element, last);
        } else {
            relative.step<0, vecs / 2>(last_p.element, last_origin.element, last);
        }
        memcpy(static_cast<void *>(out + i), last, (n - i) * sizeof(float));
    }
    PGSLAB_UNROLL
    for (size_t v = 0; v < vecs; v++) {
        store(lanes.lane + v * vec_width, relative.sums[v]);
    }
}

void add_to(double *sums, const float *x, size_t n) noexcept {
    size_t i = 0;
    for (; n - i >= vec_width; i += vec_width) {
        add_in_double(sums + i, load(x + i));
    }
    for (; i < n; i++) {
        sums[i] += x[i];
    }
}

template <typename From, typename To>
void convert(const From *from, To *to, size_t n) noexcept {
    size_t i = 0;
    for (; n - i >= vec_width; i += vec_width) {
        store(to + i, load(from + i));
    }
    if (i < n) {
        const Padded<From> last(from + i, n - i);
        To converted[half_count];
        store(converted, load(last.element));
        memcpy(static_cast<void *>(to + i), converted, (n - i) * sizeof(To));
    }
}

#include "kernels/bits.inc.h"
#include "kernels/codes.inc.h"
#include "kernels/hadamard.inc.h"
#include "kernels/screen.inc.h"
#include "kernels/tile.inc.h"

#undef PGSLAB_UNROLL

constexpr Kernels make_kernels(const char *isa) {
    return {isa,
            dot<float>,
            dot<uint16_t>,
            dot<int8_t>,
            l2<float>,
            l2<uint16_t>,
            l2<int8_t>,
            l1<float>,
            l1<uint16_t>,
            l1<int8_t>,
            dot_norms,
            relative,
            add_to,
            convert<float, uint16_t>,
            convert<uint16_t, float>,
            dot_tile,
            hadamard,
            fastscan,
            dot_u4_i8,
            dot_i8_i16,
            screen,
            bits_differing,
            bits_shared};
}
