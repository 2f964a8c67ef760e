#include "quantize/code.h"

#include <simde/x86/sse2.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "quantize/four.h"

namespace pgslab {

namespace {

using Ints = simde__m128i;

// All ones where o < c, that is where r is negative.
Four negative(Four o, Four c) noexcept {
    return simde_mm_cmplt_ps(o, c);
}

// Four elements of c with the sign of r: c . sign(r) without a multiplication.
Four with_sign(Four c, Four sign) noexcept {
    return simde_mm_xor_ps(c, simde_mm_and_ps(sign, simde_mm_set1_ps(-0.0f)));
}

// What the factors are made of.
struct Sums {
    double rr = 0;  // |r|^2
    double rc = 0;  // <r, c>
    double ru = 0;  // <r, u>
    double uu = 0;  // |u|^2
    double cu = 0;  // <c, u>
};

// Of the coordinates without codes.
struct Rest {
    uint32_t n = 0;
    double rr = 0;
    double rc = 0;
};

// The sums of a code of one bit, four dimensions at a time.
class SignSums {
  public:
    // Gives r of the four, and where it is negative.
    Four add(Four o4, Four c4, Pair r[2]) noexcept {
        const Four sign = negative(o4, c4);
        const Pair c1 = low(c4), c2 = high(c4);
        r[0] = simde_mm_sub_pd(low(o4), c1);
        r[1] = simde_mm_sub_pd(high(o4), c2);
        rr_.add_squares(r[0], r[1]);
        rc_.add_product(r[0], c1, r[1], c2);
        absolute_.add(magnitude(r[0]), magnitude(r[1]));
        const Four flipped = with_sign(c4, sign);
        signed_c_.add(low(flipped), high(flipped));
        return sign;
    }

    Sums total(uint32_t n) const noexcept {
        return {rr_.total(), rc_.total(), absolute_.total() / 2, n / 4.0, signed_c_.total() / 2};
    }

  private:
    Sum rr_, rc_, absolute_, signed_c_;
};

// The sums of a code of one bit, and the largest |r_i|.
Sums measure(const float *o, const float *c, uint32_t n, double &largest) noexcept {
    SignSums sums;
    Pair most = simde_mm_setzero_pd();
    for (uint32_t i = 0; i < n; i += 4) {
        Pair r[2];
        sums.add(simde_mm_loadu_ps(o + i), simde_mm_loadu_ps(c + i), r);
        most = simde_mm_max_pd(most, simde_mm_max_pd(magnitude(r[0]), magnitude(r[1])));
    }
    largest = largest_of(most);
    return sums.total(n);
}

Rest measure_rest(const float *o, const float *c, uint32_t n) noexcept {
    double largest = 0;
    const Sums sums = measure(o, c, n, largest);
    return {n, sums.rr, sums.rc};
}

// One bit a dimension.
Sums encode_signs(const float *o, const float *c, uint32_t n, uint8_t *code) noexcept {
    SignSums sums;
    int bits = 0;
    for (uint32_t i = 0; i < n; i += 4) {
        Pair r[2];
        const Four sign = sums.add(simde_mm_loadu_ps(o + i), simde_mm_loadu_ps(c + i), r);
        const int four = ~simde_mm_movemask_ps(sign) & 15;
        if (i % 8 == 0) {
            bits = four;
        } else {
            code[i / 8] = static_cast<uint8_t>(bits | four << 4);
        }
    }
    return sums.total(n);
}

// Sixteen dimensions at a time: k_i = min(largest, floor(scale |r_i|)), u_i = k_i + 1/2 with the
// sign of r_i. As an integer, floor(u_i) is k_i or, for a negative r_i, -k_i - 1, which is ~k_i.
class Grid {
  public:
    Grid(unsigned bits, double scale) noexcept
        : scale_(simde_mm_set1_pd(scale)), largest_(simde_mm_set1_pd((1u << (bits - 1)) - 1)) {}

    // floor(u) of sixteen dimensions as bytes.
    Ints sixteen(const float *o, const float *c) noexcept {
        const Ints a = simde_mm_packs_epi32(four(o, c), four(o + 4, c + 4));
        const Ints b = simde_mm_packs_epi32(four(o + 8, c + 8), four(o + 12, c + 12));
        // u^2 = f^2 + f + 1/4, with f = floor(u).
        const Ints one = simde_mm_set1_epi16(1);
        uu_ = simde_mm_add_epi32(uu_, simde_mm_madd_epi16(a, simde_mm_add_epi16(a, one)));
        uu_ = simde_mm_add_epi32(uu_, simde_mm_madd_epi16(b, simde_mm_add_epi16(b, one)));
        return simde_mm_packs_epi16(a, b);
    }

    void finish(uint32_t n, Sums &sums) const noexcept {
        int32_t squares[4];
        simde_mm_storeu_si128(squares, uu_);
        sums.ru = ru_.total();
        sums.uu = n / 4.0 + squares[0] + squares[1] + squares[2] + squares[3];
        sums.cu = cu_.total();
    }

  private:
    Ints four(const float *o, const float *c) noexcept {
        const Four o4 = simde_mm_loadu_ps(o), c4 = simde_mm_loadu_ps(c);
        const Four sign = negative(o4, c4);
        const Pair r1 = magnitude(simde_mm_sub_pd(low(o4), low(c4)));
        const Pair r2 = magnitude(simde_mm_sub_pd(high(o4), high(c4)));
        const Ints k1 = cell(r1), k2 = cell(r2);
        const Pair half = simde_mm_set1_pd(0.5);
        const Pair u1 = simde_mm_add_pd(simde_mm_cvtepi32_pd(k1), half);
        const Pair u2 = simde_mm_add_pd(simde_mm_cvtepi32_pd(k2), half);
        const Four flipped = with_sign(c4, sign);
        ru_.add_product(r1, u1, r2, u2);
        cu_.add_product(low(flipped), u1, high(flipped), u2);
        return simde_mm_xor_si128(simde_mm_unpacklo_epi64(k1, k2), simde_mm_castps_si128(sign));
    }

    Ints cell(Pair r) const noexcept {
        return simde_mm_cvttpd_epi32(simde_mm_min_pd(simde_mm_mul_pd(r, scale_), largest_));
    }

    Pair scale_, largest_;
    Ints uu_ = simde_mm_setzero_si128();  // up to 2^14 values below 2^14, four sums of them
    Sum ru_, cu_;
};

void encode_nibbles(Grid &grid, const float *o, const float *c, uint32_t n,
                    uint8_t *code) noexcept {
    const Ints eights = simde_mm_set1_epi8(8);
    const auto nibbles = [&](uint32_t i) {
        return simde_mm_add_epi8(grid.sixteen(o + i, c + i), eights);
    };
    for (uint32_t i = 0; i < n; i += 64) {
        for (uint32_t j = i; j < i + 32; j += 16) {
            // A nibble leaves the upper four bits of its byte zero, so a shift of 16 bits will do.
            const Ints upper = simde_mm_slli_epi16(nibbles(j + 32), 4);
            const Ints both = simde_mm_or_si128(nibbles(j), upper);
            simde_mm_storeu_si128(code + i / 2 + (j - i), both);
        }
    }
}

void encode_bytes(Grid &grid, const float *o, const float *c, uint32_t n, uint8_t *code) noexcept {
    for (uint32_t i = 0; i < n; i += 16) {
        simde_mm_storeu_si128(code + i, grid.sixteen(o + i, c + i));
    }
}

constexpr Factors kOutOfRange = {0, 0, kUnbounded, 0};

// The square of what the coordinates without codes add to the error.
double error_of_rest(const Rest &rest, double m, double rr, uint32_t padded) noexcept {
    if (rest.n == 0) {
        return 0;
    }
    const double angles = (padded - 1.0) * (1.0 / padded + 1.0 / rest.n);
    return rest.rr / rr * m * m * rest.rr * angles;
}

// The factors for the rescale as float32 has it: with s that number and m = 2 for L2, 1 for the
// inner product, |r|^2 + |q - c|^2 - 2 <q - c, r> less the estimate is -<q - c, m r + s u>, and
// likewise for the inner product. Of a prefix the former is k times that, see code.h.
Factors factors_of(CodeMetric metric, const Sums &sums, uint32_t padded,
                   const Rest &rest) noexcept {
    const bool l2 = metric == CodeMetric::kL2;
    const double m = l2 ? 2 : 1;
    const double rr = sums.rr + rest.rr;
    const double k = sums.rr == 0 ? 1 : rr / sums.rr;
    Factors f;
    f.rescale = sums.rr == 0 ? 0 : static_cast<float>(-m * rr / sums.ru);
    const double s = f.rescale;
    f.add = static_cast<float>((l2 ? rr : -(sums.rc + rest.rc)) - s * sums.cu);

    const double r_part = k * m * k * m * sums.rr;
    const double u_part = s * s * sums.uu;
    const double cross = 2 * k * m * s * sums.ru;
    const double rounding = padded * 0x1p-52 * (r_part + u_part - cross);
    const double coded = std::max(0.0, r_part + u_part + cross) + rounding;
    f.error = round_up(std::sqrt(coded / k + error_of_rest(rest, m, rr, padded)));
    f.norm = round_up(std::sqrt(std::max(m * m * rr, u_part) * (1 + padded * 0x1p-52)));
    const bool in_range = std::isfinite(f.rescale) && std::isfinite(f.add) &&
                          std::isfinite(f.error) && std::isfinite(f.norm);
    return in_range ? f : kOutOfRange;
}

// The same where there is a residual, and its numbers may have left the range.
Factors factors_in_range(CodeMetric metric, const Sums &sums, uint32_t padded,
                         const Rest &rest) noexcept {
    if (sums.rr == 0 && rest.rr == 0) {
        return {0, 0, 0, 0};
    }
    return std::isfinite(sums.rr + rest.rr) && std::isfinite(sums.cu)
               ? factors_of(metric, sums, padded, rest)
               : kOutOfRange;
}

// From |r_i| to cells of the grid. With 8 bits, cutting off the largest elements costs more than a
// coarser grid does, and the grid that just holds them is within 2 % of the best from 384
// dimensions on.
double grid_scale(unsigned bits, float step, double length, double largest) noexcept {
    return bits == 4 ? step / length : (1u << (bits - 1)) / largest;
}

// The top bits of sixteen bytes, the first one's lowest.
void put_top_bits(Ints bytes, uint8_t *out) noexcept {
    const int bits = simde_mm_movemask_epi8(bytes);
    out[0] = static_cast<uint8_t>(bits);
    out[1] = static_cast<uint8_t>(bits >> 8);
}

}  // namespace

float code_step(unsigned bits, uint32_t padded) noexcept {
    if (bits != 4) {
        return 1.0f;
    }
    // Elements of a random unit vector are about normal with variance 1 / padded. 2.95 is 1 over
    // the step, in deviations, of the best uniform quantiser of 16 levels for such a variable (Max,
    // Quantizing for Minimum Distortion, 1960, has 2.98 for the squared error); the rest, and that
    // the optima of single vectors gain only 1 % on it from 384 dimensions on, is measured.
    return static_cast<float>(2.95 * (1 + 4.0 / padded) * std::sqrt(static_cast<double>(padded)));
}

Factors encode_code(CodeMetric metric, unsigned bits, const float *o, const float *centroid,
                    uint32_t padded, float step, uint8_t *code, Factors *signs,
                    uint32_t behind) noexcept {
    const Rest rest = measure_rest(o + padded, centroid + padded, behind);
    if (bits == 1) {
        return factors_in_range(metric, encode_signs(o, centroid, padded, code), padded, rest);
    }
    double largest = 0;
    Sums sums = measure(o, centroid, padded, largest);
    if (signs != nullptr) {
        *signs = factors_in_range(metric, sums, padded, rest);
    }
    const bool usable = sums.rr > 0 && std::isfinite(sums.rr);
    Grid grid(bits, usable ? grid_scale(bits, step, std::sqrt(sums.rr), largest) : 0);
    if (bits == 4) {
        encode_nibbles(grid, o, centroid, padded, code);
    } else {
        encode_bytes(grid, o, centroid, padded, code);
    }
    grid.finish(padded, sums);
    return factors_in_range(metric, sums, padded, rest);
}

void sign_code(unsigned refine_bits, const uint8_t *code, uint32_t padded, uint8_t *out) noexcept {
    if (refine_bits == 0) {
        std::memcpy(out, code, padded / 8);
        return;
    }
    for (uint32_t i = 0; i < padded && refine_bits == 4; i += 64) {
        const Ints a = simde_mm_loadu_si128(code + i / 2);
        const Ints b = simde_mm_loadu_si128(code + i / 2 + 16);
        // The top bit of a nibble is set where the dimension is not negative.
        put_top_bits(simde_mm_slli_epi16(a, 4), out + i / 8);
        put_top_bits(simde_mm_slli_epi16(b, 4), out + i / 8 + 2);
        put_top_bits(a, out + i / 8 + 4);
        put_top_bits(b, out + i / 8 + 6);
    }
    const Ints ones = simde_mm_set1_epi8(-1);
    for (uint32_t i = 0; i < padded && refine_bits == 8; i += 16) {
        // A signed byte.
        put_top_bits(simde_mm_xor_si128(simde_mm_loadu_si128(code + i), ones), out + i / 8);
    }
}

}  // namespace pgslab
