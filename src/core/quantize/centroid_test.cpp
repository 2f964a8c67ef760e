// A centroid comes back to within half a step, whatever its magnitude.
#include "quantize/centroid.h"

#include <gtest/gtest.h>

#include "quantize/testing/hard_vectors.h"

namespace pgslab {
namespace {

TEST(Centroid, ComesBackToWithinHalfAStep) {
    Random random(1);
    for (int round = 0; round < 2000; round++) {
        const uint32_t padded = 64 * (1 + random() % 3);
        const Vector c = any_hard_vector(random, padded);
        std::vector<int8_t> values(padded, 99);
        const float scale = quantize_centroid(c.data(), padded, values.data());
        Vector back(padded, NAN);
        decode_centroid(values.data(), scale, padded, back.data());
        double largest = 0;
        for (float x : c) {
            largest = std::max(largest, std::abs(static_cast<double>(x)));
        }
        ASSERT_GE(scale, 0);
        ASSERT_LE(scale, largest / 127 * (1 + 1e-6) + FLT_TRUE_MIN);
        for (uint32_t i = 0; i < padded; i++) {
            // A denormal scale is rounded itself, by up to half of the smallest number.
            const double slack = 64 * FLT_TRUE_MIN + largest * 1e-6;
            ASSERT_TRUE(std::isfinite(back[i]));
            ASSERT_NEAR(back[i], c[i], largest / 254 + slack);
        }
        if (largest > FLT_MIN) {
            const auto [least, most] = std::minmax_element(values.begin(), values.end());
            ASSERT_EQ(std::max(-*least, +*most), 127);
        }
    }
}

TEST(Centroid, OfZerosIsZero) {
    int8_t values[64];
    EXPECT_EQ(quantize_centroid(Vector(64).data(), 64, values), 0);
    EXPECT_EQ(values[63], 0);
}

}  // namespace
}  // namespace pgslab
