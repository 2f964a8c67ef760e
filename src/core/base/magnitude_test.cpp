#include "base/magnitude.h"

#include <gtest/gtest.h>

#include <vector>

namespace pgslab {
namespace {

TEST(Magnitude, IsFoundWhereverItIs) {
    EXPECT_EQ(max_magnitude(nullptr, 0), 0);
    for (size_t n = 1; n < 70; n++) {
        for (size_t at = 0; at < n; at++) {
            std::vector<float> values(n, 1.0f);
            values[at] = at % 2 == 0 ? 3.0f : -3.0f;
            EXPECT_EQ(max_magnitude(values.data(), n), 3) << at << " of " << n;
        }
    }
}

}  // namespace
}  // namespace pgslab
