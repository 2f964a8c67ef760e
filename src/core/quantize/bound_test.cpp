// Bound where float32 ends. That it never passes the operator's value on real rows is what
// search/search_test.cpp proves.
#include "quantize/bound.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "kernels/kernels.h"
#include "pgslab_core.h"
#include "quantize/encode.h"
#include "quantize/stored.h"
#include "quantize/stored_sum.h"
#include "quantize/testing/far_vectors.h"
#include "quantize/testing/hard_vectors.h"
#include "quantize/testing/told_value.h"

namespace pgslab {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kLargest = std::numeric_limits<float>::max();
constexpr float kSmallest = std::numeric_limits<float>::denorm_min();
// The kernel's sum over a stored vector.
float sum_of(Metric metric, Storage storage, const Vector &query, const void *item, float scale) {
    const Kernels &k = kernels();
    const auto *bytes = static_cast<const int8_t *>(item);
    const auto *halves = static_cast<const uint16_t *>(item);
    const auto *floats = static_cast<const float *>(item);
    const float *q = query.data();
    const size_t n = query.size();
    Lanes lanes;
    const auto add = [&](const auto *elements, auto l2, auto l1, auto dot) {
        switch (metric) {
            case Metric::kL2:
                return l2(lanes, q, elements, scale, n, 0);
            case Metric::kL1:
                return l1(lanes, q, elements, scale, n, 0);
            case Metric::kInnerProduct:
            case Metric::kCosine:
                return dot(lanes, q, elements, n, 0);
        }
    };
    switch (storage) {
        case Storage::kI8:
            add(bytes, k.l2_i8, k.l1_i8, k.dot_i8);
            break;
        case Storage::kF16:
            add(halves, k.l2_f16, k.l1_f16, k.dot_f16);
            break;
        case Storage::kF32:
            add(floats, k.l2_f32, k.l1_f32, k.dot_f32);
            break;
    }
    return sum(lanes);
}

const Metric kMetrics[] = {Metric::kL2, Metric::kInnerProduct, Metric::kCosine, Metric::kL1};

TEST(Bound, IsNeverNanWhateverTheKernelAndTheRecordSay) {
    for (Metric metric : kMetrics) {
        for (double query_norm : {0.0, 1e-45, 1.0, 1e40}) {
            const Bound bound(metric, 768, query_norm);
            const Bound shifted(metric, 768, query_norm, {false, 1e-3, 2, 3});
            for (float sum : {0.0f, -0.0f, kSmallest, 1.0f, -1.0f, kLargest, -kLargest, kInfinity,
                              -kInfinity, kNan}) {
                if (sum < 0 && (metric == Metric::kL2 || metric == Metric::kL1)) {
                    continue;  // no sum of magnitudes
                }
                for (float error : {0.0f, kSmallest, 1.0f, kLargest, kInfinity}) {
                    for (float norm : {0.0f, kSmallest, 1.0f, kLargest, kInfinity}) {
                        for (float scale : {0x1p-125f, 1.0f, 0x1p127f}) {
                            const VectorRecord record = {0, 0, 1, 0, scale, error, norm, 0};
                            const double lower = bound.lower(sum, record);
                            ASSERT_FALSE(std::isnan(lower));
                            for (bool of_kernel : {false, true}) {
                                const Interval interval = bound.interval(sum, of_kernel, record);
                                ASSERT_LE(interval.lower, interval.upper);
                            }
                            ASSERT_LE(lower, bound.upper(sum, record));
                            if (sum >= 0) {
                                const Interval other = shifted.interval(sum, true, record);
                                ASSERT_LE(other.lower, other.upper);
                            }
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
    const VectorRecord record = {0, 0, 1, 0, 1, 0, 1, 0};
    for (float sum : {kInfinity, kNan}) {
        EXPECT_EQ(Bound(Metric::kL2, 3, 1).lower(sum, record), 0);
        EXPECT_EQ(Bound(Metric::kL1, 3, 1).lower(sum, record), 0);
        EXPECT_EQ(Bound(Metric::kCosine, 3, 1).lower(sum, record), 0);
        EXPECT_EQ(Bound(Metric::kInnerProduct, 3, 1).lower(sum, record),
                  -std::numeric_limits<double>::infinity());
        EXPECT_EQ(Bound(Metric::kCosine, 3, 1).upper(sum, record), 2);
        for (Metric metric : {Metric::kL2, Metric::kL1, Metric::kInnerProduct}) {
            EXPECT_EQ(Bound(metric, 3, 1).upper(sum, record),
                      std::numeric_limits<double>::infinity());
        }
    }
}

TEST(Bound, GivesWayByTheErrorOfTheRecord) {
    VectorRecord record = {0, 0, 1, 0, 1, 0.25f, 2, 0};
    EXPECT_NEAR(Bound(Metric::kL2, 3, 1).lower(4, record), 1.75, 1e-3);
    EXPECT_NEAR(Bound(Metric::kL1, 3, 1).lower(4, record), 3.75, 1e-3);
    EXPECT_NEAR(Bound(Metric::kInnerProduct, 3, 10).lower(4, record), -6.5, 1e-3);
    EXPECT_NEAR(Bound(Metric::kCosine, 3, 1).lower(0.5, record), 0.25, 1e-3);
    EXPECT_NEAR(Bound(Metric::kL2, 3, 1).upper(4, record), 2.25, 1e-3);
    EXPECT_NEAR(Bound(Metric::kL1, 3, 1).upper(4, record), 4.25, 1e-3);
    EXPECT_NEAR(Bound(Metric::kInnerProduct, 3, 10).upper(4, record), -1.5, 1e-3);
    EXPECT_NEAR(Bound(Metric::kCosine, 3, 1).upper(0.5, record), 0.75, 1e-3);
    record.scale = 8;
    EXPECT_NEAR(Bound(Metric::kInnerProduct, 3, 10).lower(4, record), -34.5, 1e-2);
}

// As the scan forms it, from what is stored of a row where there is an offset.
Interval interval_of(Metric metric, const Vector &offset, const Vector &row, const Vector &query) {
    const auto dims = static_cast<uint32_t>(row.size());
    std::vector<uint64_t> item(item_bytes(dims, Storage::kF16) / sizeof(uint64_t) + 1);
    VectorRecord record;
    if (!encode(metric, Storage::kF16, row.data(), dims, item.data(), &record, offset.data()) ||
        pgs_norm(query.data(), static_cast<int>(dims)) == 0) {
        return {NAN, NAN};
    }
    Vector shifted(dims);
    const Shift shift = shift_query(metric, query.data(), offset.data(), dims, shifted.data());
    const double norm =
        metric == Metric::kCosine ? 1 : pgs_norm(query.data(), static_cast<int>(dims));
    const Metric compared = metric == Metric::kCosine ? Metric::kL2 : metric;
    const float fast = sum_of(compared, Storage::kF16, shifted, item.data(), record.scale);
    const bool sound = is_sound(compared, Storage::kF16, norm, fast);
    const auto *stored = reinterpret_cast<const uint8_t *>(item.data());
    const double sum =
        sound ? fast
              : stored_sum(compared, Storage::kF16, shifted.data(), stored, record.scale, dims);
    return Bound(metric, dims, norm, shift).interval(sum, sound, record);
}

const Metric kWithOffsets[] = {Metric::kL2, Metric::kInnerProduct, Metric::kCosine};

TEST(Bound, WithAnOffsetTheIntervalContainsTheOperatorsValue) {
    Random random(32);
    int finite = 0;
    for (Metric metric : kWithOffsets) {
        for (int i = 0; i < 3000; i++) {
            const uint32_t dims = 1 + random() % 130;
            each_far(random, dims, [&](const FarVectors &far) {
                const Vector row = far.draw(random);
                const Vector query = random() % 3 == 0   ? neighbour(random, row)
                                     : random() % 4 == 0 ? any_hard_vector(random, dims)
                                                         : far.draw(random);
                const Interval interval = interval_of(metric, far.offset(metric), row, query);
                if (std::isnan(interval.lower)) {
                    return;
                }
                const double value = operator_value(static_cast<PgsMetric>(metric), query, row);
                ASSERT_LE(interval.lower, value) << dims << " dims";
                ASSERT_GE(interval.upper, value) << dims << " dims";
                finite += std::isfinite(interval.upper - interval.lower) ? 1 : 0;
            });
            ASSERT_FALSE(testing::Test::HasFailure()) << i;
        }
    }
    EXPECT_GT(finite, 40000);
}

// And is narrow beside what distances differ by.
TEST(Bound, WithAnOffsetTheIntervalIsNarrow) {
    Random random(33);
    const FarVectors far(random, 32, Far::kNearTen);
    for (Metric metric : kWithOffsets) {
        double values = 0, squares = 0, widths = 0;
        constexpr int kRounds = 300;
        for (int i = 0; i < kRounds; i++) {
            const Vector row = far.draw(random), query = far.draw(random);
            const Interval interval = interval_of(metric, far.offset(metric), row, query);
            const double value = operator_value(static_cast<PgsMetric>(metric), query, row);
            values += value / kRounds;
            squares += value * value / kRounds;
            widths += (interval.upper - interval.lower) / kRounds;
        }
        const double deviation = std::sqrt(squares - values * values);
        EXPECT_LT(widths, (metric == Metric::kCosine ? 0.02 : 0.005) * deviation)
            << static_cast<int>(metric);
    }
}

// As the scan forms it, from what is stored of a row.
TEST(Bound, TheIntervalContainsTheOperatorsValue) {
    Random random(31);
    int values = 0;
    for (Metric metric : kMetrics) {
        for (Storage storage : {Storage::kF16, Storage::kF32, Storage::kI8}) {
            for (int i = 0; i < 3000; i++) {
                const uint32_t dims = 1 + random() % 130;
                const Vector row = any_hard_vector(random, dims);
                const Vector query =
                    random() % 2 == 0 ? neighbour(random, row) : any_hard_vector(random, dims);
                std::vector<uint64_t> item(item_bytes(dims, storage) / sizeof(uint64_t) + 1);
                VectorRecord record;
                Vector normal = query;
                if (!encode(metric, storage, row.data(), dims, item.data(), &record) ||
                    (metric == Metric::kCosine &&
                     normalize(query.data(), dims, normal.data()) == 0)) {
                    continue;
                }
                const float fast = sum_of(metric, storage, normal, item.data(), record.scale);
                const double norm = metric == Metric::kCosine ? 1 : pgs_norm(query.data(), dims);
                const bool sound = is_sound(metric, storage, norm, fast);
                const auto *stored = reinterpret_cast<const uint8_t *>(item.data());
                const double sum =
                    sound ? fast
                          : stored_sum(metric, storage, normal.data(), stored, record.scale, dims);
                const Interval interval = Bound(metric, dims, norm).interval(sum, sound, record);
                const double value = operator_value(static_cast<PgsMetric>(metric), query, row);
                ASSERT_LE(interval.lower, value) << dims << " dims";
                ASSERT_GE(interval.upper, value) << dims << " dims";
                values += interval.lower == interval.upper ? 1 : 0;
            }
        }
    }
    EXPECT_GT(values, 1000) << "where the vector is stored its value is known";
}

TEST(Bound, TheIntervalContainsAToldValue) {
    Random random(34);
    int outside_of_ours = 0;
    for (Metric metric : kMetrics) {
        for (int i = 0; i < 6000; i++) {
            const uint32_t dims = i % 10 == 0 ? 4000 : 1 + random() % 130;
            // Sums of terms of one sign, all as large as the others, lose the most.
            const Vector row = i % 10 == 0 ? Vector(dims, 1 + random() % 1000 / 7.0f)
                                           : any_hard_vector(random, dims);
            const Vector query = i % 10 == 0         ? Vector(dims, random() % 1000 / 3.0f + 1)
                                 : random() % 2 == 0 ? neighbour(random, row)
                                                     : any_hard_vector(random, dims);
            std::vector<uint64_t> item(item_bytes(dims, Storage::kF32) / sizeof(uint64_t) + 1);
            VectorRecord record;
            Vector normal = query;
            if (metric == Metric::kCosine && (!has_told_cosine(row) || !has_told_cosine(query) ||
                                              normalize(query.data(), dims, normal.data()) == 0)) {
                continue;
            }
            encode(metric, Storage::kF32, row.data(), dims, item.data(), &record);
            const float fast = sum_of(metric, Storage::kF32, normal, item.data(), record.scale);
            const double norm = metric == Metric::kCosine ? 1 : pgs_norm(query.data(), dims);
            const bool sound = is_sound(metric, Storage::kF32, norm, fast);
            const auto *stored = reinterpret_cast<const uint8_t *>(item.data());
            const double sum = sound ? fast
                                     : stored_sum(metric, Storage::kF32, normal.data(), stored,
                                                  record.scale, dims);
            const Interval interval =
                Bound(metric, dims, norm, {}, true).interval(sum, sound, record);
            const Interval of_ours = Bound(metric, dims, norm).interval(sum, sound, record);
            for (bool backwards : {false, true}) {
                const double value = told_value(metric, query, row, backwards);
                if (std::isnan(value)) {
                    // It comes last, after what is infinite.
                    ASSERT_EQ(interval.upper, std::numeric_limits<double>::infinity());
                    continue;
                }
                ASSERT_LE(interval.lower, value) << dims << " dims";
                ASSERT_GE(interval.upper, value) << dims << " dims";
                outside_of_ours += value < of_ours.lower || value > of_ours.upper ? 1 : 0;
            }
        }
    }
    EXPECT_GT(outside_of_ours, 1000) << "our own bounds are too narrow for it";
}

}  // namespace
}  // namespace pgslab
