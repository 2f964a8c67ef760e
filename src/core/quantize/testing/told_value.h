// What an operator that is not ours may give: sums in float32, in the order of the elements, which
// rounds the most, or from the last on. See told.h.
#pragma once

#include <algorithm>
#include <cmath>

#include "pgslab/scan.h"
#include "pgslab/types.h"
#include "quantize/stored.h"
#include "quantize/testing/hard_vectors.h"

namespace pgslab {

inline double told_value(Metric metric, const Vector &a, const Vector &b, bool backwards) {
    float squares = 0, products = 0, magnitudes = 0, of_a = 0, of_b = 0;
    for (size_t n = 0; n < a.size(); n++) {
        const size_t i = backwards ? a.size() - 1 - n : n;
        const float difference = a[i] - b[i];
        squares += difference * difference;
        products += a[i] * b[i];
        magnitudes += std::fabs(difference);
        of_a += a[i] * a[i];
        of_b += b[i] * b[i];
    }
    switch (metric) {
        case Metric::kL2:
            return std::sqrt(static_cast<double>(squares));
        case Metric::kL1:
            return magnitudes;
        case Metric::kInnerProduct:
            return -static_cast<double>(products);
        default:
            return 1 -
                   std::clamp(products / std::sqrt(static_cast<double>(of_a) * of_b), -1.0, 1.0);
    }
}

inline bool has_told_cosine(const Vector &vector) {
    const double norm = pgs_norm(vector.data(), static_cast<int>(vector.size()));
    return norm * norm >= PGS_LEAST_TOLD_NORM && norm * norm <= PGS_LARGEST_TOLD_NORM;
}

}  // namespace pgslab
