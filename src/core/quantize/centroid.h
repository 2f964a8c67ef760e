// A list's centroid as the index keeps it: int8 and a scale. Residuals are taken from what is
// decoded, so that its coarseness costs no accuracy.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace pgslab {

// out[padded] times the scale that is returned is nearest to the finite c[padded], its largest
// magnitude being 127. The scale is 0 where every magnitude is below about 1e-43; decoding does not
// overflow.
inline float quantize_centroid(const float *c, uint32_t padded, int8_t *out) noexcept {
    float largest = 0;
    for (uint32_t i = 0; i < padded; i++) {
        largest = std::max(largest, std::fabs(c[i]));
    }
    float scale = largest / 127;
    if (!std::isfinite(scale * 127)) {
        scale = std::nextafter(scale, 0.0f);
    }
    if (scale == 0) {
        std::fill_n(out, padded, int8_t{0});
        return 0;
    }
    for (uint32_t i = 0; i < padded; i++) {
        // In float64, where the inverse of a denormal scale is finite.
        const double steps = std::nearbyint(c[i] / static_cast<double>(scale));
        // What is no number stands for 0.
        out[i] = steps == steps ? static_cast<int8_t>(std::clamp(steps, -127.0, 127.0)) : int8_t{0};
    }
    return scale;
}

// out[padded] = scale * c.
inline void decode_centroid(const int8_t *c, float scale, uint32_t padded, float *out) noexcept {
    for (uint32_t i = 0; i < padded; i++) {
        out[i] = scale * c[i];
    }
}

}  // namespace pgslab
