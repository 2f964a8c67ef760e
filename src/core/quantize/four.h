// Four float32 at a time, and two float64 made of them: what vectors are looked through and summed
// up in.
#pragma once

#include <simde/x86/sse2.h>

#include <cmath>
#include <limits>

namespace pgslab {

using Four = simde__m128;
using Pair = simde__m128d;

inline Pair low(Four a) noexcept {
    return simde_mm_cvtps_pd(a);
}

inline Pair high(Four a) noexcept {
    return simde_mm_cvtps_pd(simde_mm_movehl_ps(a, a));
}

inline float smallest_of(Four a) noexcept {
    a = simde_mm_min_ps(a, simde_mm_movehl_ps(a, a));
    return simde_mm_cvtss_f32(simde_mm_min_ss(a, simde_mm_shuffle_ps(a, a, 1)));
}

inline float largest_of(Four a) noexcept {
    a = simde_mm_max_ps(a, simde_mm_movehl_ps(a, a));
    return simde_mm_cvtss_f32(simde_mm_max_ss(a, simde_mm_shuffle_ps(a, a, 1)));
}

inline Four four_of(Pair low, Pair high) noexcept {
    return simde_mm_movelh_ps(simde_mm_cvtpd_ps(low), simde_mm_cvtpd_ps(high));
}

inline Pair magnitude(Pair a) noexcept {
    return simde_mm_andnot_pd(simde_mm_set1_pd(-0.0), a);
}

inline double sum_of(Pair a) noexcept {
    return simde_mm_cvtsd_f64(simde_mm_add_sd(a, simde_mm_unpackhi_pd(a, a)));
}

inline double largest_of(Pair a) noexcept {
    return simde_mm_cvtsd_f64(simde_mm_max_sd(a, simde_mm_unpackhi_pd(a, a)));
}

// A running sum, two chains of two.
struct Sum {
    Pair a = simde_mm_setzero_pd(), b = simde_mm_setzero_pd();

    void add(Pair x, Pair y) noexcept {
        a = simde_mm_add_pd(a, x);
        b = simde_mm_add_pd(b, y);
    }
    void add_product(Pair x1, Pair y1, Pair x2, Pair y2) noexcept {
        add(simde_mm_mul_pd(x1, y1), simde_mm_mul_pd(x2, y2));
    }
    void add_squares(Pair x, Pair y) noexcept { add_product(x, x, y, y); }
    double total() const noexcept { return sum_of(simde_mm_add_pd(a, b)); }
};

// The smallest float that is not below x >= 0, or infinity.
inline float round_up(double x) noexcept {
    const float f = static_cast<float>(x);
    return static_cast<double>(f) < x ? std::nextafter(f, std::numeric_limits<float>::infinity())
                                      : f;
}

}  // namespace pgslab
