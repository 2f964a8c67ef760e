// Bound where float32 ends. That it never passes the operator's value on real rows is what
// index/search_test.cpp proves.
#include "quantize/bound.h"

#include <gtest/gtest.h>

#include <vector>

#include "pgslab_core.h"

namespace pgslab {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kLargest = std::numeric_limits<float>::max();
constexpr float kSmallest = std::numeric_limits<float>::denorm_min();
const Metric kMetrics[] = {Metric::kL2, Metric::kInnerProduct, Metric::kCosine, Metric::kL1};

TEST(Bound, IsNeverNanWhateverTheKernelAndTheRecordSay) {
    for (Metric metric : kMetrics) {
        for (double query_norm : {0.0, 1e-45, 1.0, 1e40}) {
            const Bound bound(metric, 768, query_norm);
            for (float sum : {0.0f, -0.0f, kSmallest, 1.0f, -1.0f, kLargest, -kLargest, kInfinity,
                              -kInfinity, kNan}) {
                if (sum < 0 && (metric == Metric::kL2 || metric == Metric::kL1)) {
                    continue;  // no sum of magnitudes
                }
                for (float error : {0.0f, kSmallest, 1.0f, kLargest, kInfinity}) {
                    for (float norm : {0.0f, kSmallest, 1.0f, kLargest, kInfinity}) {
                        for (float scale : {0x1p-125f, 1.0f, 0x1p127f}) {
                            const Record record = {0, 0, 1, 0, scale, error, norm, 0};
                            const double lower = bound.lower(sum, record);
                            ASSERT_FALSE(std::isnan(lower));
                            if (metric != Metric::kInnerProduct) {
                                ASSERT_GE(lower, 0);
                            }
                            if (metric == Metric::kCosine) {
                                ASSERT_LE(lower, 2);
                            }
                        }
                    }
                }
            }
        }
    }
}

TEST(Bound, ASumOutOfRangeSaysNothing) {
    const Record record = {0, 0, 1, 0, 1, 0, 1, 0};
    for (float sum : {kInfinity, kNan}) {
        EXPECT_EQ(Bound(Metric::kL2, 3, 1).lower(sum, record), 0);
        EXPECT_EQ(Bound(Metric::kL1, 3, 1).lower(sum, record), 0);
        EXPECT_EQ(Bound(Metric::kCosine, 3, 1).lower(sum, record), 0);
        EXPECT_EQ(Bound(Metric::kInnerProduct, 3, 1).lower(sum, record),
                  -std::numeric_limits<double>::infinity());
    }
}

TEST(Bound, GivesWayByTheErrorOfTheRecord) {
    Record record = {0, 0, 1, 0, 1, 0.25f, 2, 0};
    EXPECT_NEAR(Bound(Metric::kL2, 3, 1).lower(4, record), 1.75, 1e-3);
    EXPECT_NEAR(Bound(Metric::kL1, 3, 1).lower(4, record), 3.75, 1e-3);
    EXPECT_NEAR(Bound(Metric::kInnerProduct, 3, 10).lower(4, record), -6.5, 1e-3);
    EXPECT_NEAR(Bound(Metric::kCosine, 3, 1).lower(0.5, record), 0.25, 1e-3);
    record.scale = 8;
    EXPECT_NEAR(Bound(Metric::kInnerProduct, 3, 10).lower(4, record), -34.5, 1e-2);
}

}  // namespace
}  // namespace pgslab
