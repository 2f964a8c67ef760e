// Arrays of halves, for the boundary.
#include "base/half.h"

#include <cstddef>

#include "kernels/kernels.h"
#include "pgslab/types.h"

void pgs_half_to_float(const uint16_t *from, float *to, int n) {
    pgslab::kernels().f16_to_f32(from, to, static_cast<size_t>(n));
}

void pgs_half_from_float(const float *from, uint16_t *to, int n) {
    pgslab::kernels().f32_to_f16(from, to, static_cast<size_t>(n));
}

void pgs_half_from_double(const double *from, uint16_t *to, int n) {
    for (int i = 0; i < n; i++) {
        to[i] = pgslab::half_of(from[i]);
    }
}
