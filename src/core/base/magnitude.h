// The largest magnitude of many numbers.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace pgslab {

// Of finite values; 0 of none. In sixteen chains, so that comparisons need not wait for one
// another.
inline float max_magnitude(const float *values, size_t n) noexcept {
    constexpr size_t kChains = 16;
    float largest[kChains] = {};
    size_t i = 0;
    for (; i + kChains <= n; i += kChains) {
        for (size_t k = 0; k < kChains; k++) {
            const float magnitude = std::fabs(values[i + k]);
            largest[k] = magnitude > largest[k] ? magnitude : largest[k];
        }
    }
    for (; i < n; i++) {
        largest[0] = std::max(largest[0], std::fabs(values[i]));
    }
    return *std::max_element(largest, largest + kChains);
}

}  // namespace pgslab
