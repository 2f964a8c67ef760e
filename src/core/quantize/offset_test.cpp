// An offset is chosen where it pays and nowhere else, and what is left of vectors is what it says.
#include "quantize/offset.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <random>

#include "base/half.h"
#include "quantize/encode.h"
#include "quantize/testing/far_vectors.h"

namespace pgslab {
namespace {

constexpr uint32_t kRows = 300;

template <typename Draw>
Vector offset_of(Metric metric, uint32_t rows, uint32_t dims, Draw draw) {
    Vector sample;
    for (uint32_t i = 0; i < rows; i++) {
        Vector v = draw();
        if (metric == Metric::kCosine) {
            normalize(v.data(), dims, v.data());
        }
        sample.insert(sample.end(), v.begin(), v.end());
    }
    return choose_offset(metric, Storage::kF16, sample.data(), rows, dims);
}

const Metric kMetrics[] = {Metric::kL2, Metric::kInnerProduct, Metric::kCosine};

TEST(ChooseOffset, NoneWhereHalvesDoAsWellWithout) {
    Random random(1);
    for (Metric metric : kMetrics) {
        for (Kind kind : {Kind::kOrdinary, Kind::kUnit, Kind::kMixed, Kind::kTiny, Kind::kDenormal,
                          Kind::kLarge, Kind::kHuge, Kind::kIntegers, Kind::kOneHot}) {
            EXPECT_TRUE(
                offset_of(metric, kRows, 40, [&] { return hard_vector(random, 40, kind); }).empty())
                << static_cast<int>(kind);
        }
        // A mean of a third of the length, as embeddings have it.
        EXPECT_TRUE(offset_of(metric, kRows, 40, [&] {
                        Vector v = scaled_normal(random, 40, 1);
                        for (float &x : v) {
                            x += 0.35f;
                        }
                        return v;
                    }).empty());
    }
    EXPECT_TRUE(offset_of(Metric::kL2, kRows, 5, [] { return Vector(5); }).empty());
}

TEST(ChooseOffset, NoneForHalves) {
    Random random(6);
    std::uniform_real_distribution<double> uniform(1000, 1001);
    for (Metric metric : {Metric::kL2, Metric::kInnerProduct}) {
        EXPECT_TRUE(offset_of(metric, kRows, 30, [&] {
                        Vector v(30);
                        for (float &x : v) {
                            x = static_cast<float>(double_of(half_of(uniform(random))));
                        }
                        return v;
                    }).empty());
    }
}

TEST(ChooseOffset, NoneWhereHalvesHoldTheVectors) {
    Random random(2);
    EXPECT_TRUE(offset_of(Metric::kL2, kRows, 30, [&] {
                    Vector v(30);
                    for (float &x : v) {
                        x = static_cast<float>(1000 + random() % 256);
                    }
                    return v;
                }).empty());
}

TEST(ChooseOffset, NoneForTooFewRows) {
    Random random(3);
    const FarVectors far(random, 20, Far::kNearTen);
    const auto draw = [&] { return far.draw(random); };
    EXPECT_TRUE(offset_of(Metric::kL2, 0, 20, draw).empty());
    EXPECT_TRUE(offset_of(Metric::kL2, 99, 20, draw).empty());
    EXPECT_FALSE(offset_of(Metric::kL2, 100, 20, draw).empty());
}

TEST(ChooseOffset, NoneForAFewRowsThatAreFarAway) {
    Random random(4);
    const FarVectors far(random, 20, Far::kWholeNumbers);
    EXPECT_TRUE(offset_of(Metric::kL2, kRows, 20, [&] {
                    return random() % 4 == 0 ? far.draw(random) : scaled_normal(random, 20, 1);
                }).empty());
}

// About the mean, to a power of two that is at most the deviation.
TEST(ChooseOffset, LiesNearTheRowsAndHasFewDigits) {
    Random random(5);
    const FarVectors ten(random, 32, Far::kNearTen);
    for (float x : offset_of(Metric::kL2, kRows, 32, [&] { return ten.draw(random); })) {
        EXPECT_NEAR(x, 10.5, 0.15);
        EXPECT_EQ(x * 4, std::round(x * 4));
    }
    const FarVectors huge(random, 32, Far::kHugeElement);
    const Vector offset = offset_of(Metric::kL2, kRows, 32, [&] { return huge.draw(random); });
    ASSERT_FALSE(offset.empty());
    EXPECT_NEAR(offset[0], 1.7e9, 500);
    for (size_t i = 1; i < offset.size(); i++) {
        EXPECT_EQ(offset[i], 0);
    }
}

TEST(ChooseOffset, OfCopiesIsTheVector) {
    Random random(6);
    const Vector v = scaled_normal(random, 10, 1);
    EXPECT_EQ(offset_of(Metric::kL2, kRows, 10, [&] { return v; }), v);
}

TEST(ChooseOffset, LeavesWholeNumbersWhole) {
    Random random(7);
    const FarVectors far(random, 24, Far::kWholeNumbers);
    const Vector offset = offset_of(Metric::kL2, kRows, 24, [&] { return far.draw(random); });
    ASSERT_FALSE(offset.empty());
    std::vector<uint64_t> item(item_bytes(24, Storage::kF16));
    for (int i = 0; i < 100; i++) {
        const Vector v = far.draw(random);
        VectorRecord record;
        encode(Metric::kL2, Storage::kF16, v.data(), 24, item.data(), &record, offset.data());
        Vector decoded(24);
        decode(Storage::kF16, reinterpret_cast<const uint8_t *>(item.data()), record.scale, 24,
               decoded.data());
        add_offset(offset.data(), 24, decoded.data());
        EXPECT_EQ(decoded, v);
    }
}

TEST(ChooseOffset, LowersErrorsWell) {
    Random random(8);
    for (Metric metric : kMetrics) {
        for (Far kind : {Far::kNearTen, Far::kHugeElement, Far::kMixed}) {
            const FarVectors far(random, 32, kind);
            const Vector offset = offset_of(metric, kRows, 32, [&] { return far.draw(random); });
            ASSERT_EQ(offset.size(), 32u) << static_cast<int>(kind);
            double as_is = 0, rest = 0;
            for (int i = 0; i < 50; i++) {
                const Vector v = far.draw(random);
                std::vector<uint64_t> item(item_bytes(32, Storage::kF16));
                VectorRecord record;
                encode(metric, Storage::kF16, v.data(), 32, item.data(), &record);
                as_is += record.error;
                encode(metric, Storage::kF16, v.data(), 32, item.data(), &record, offset.data());
                rest += record.error;
            }
            EXPECT_LT(8 * rest, as_is) << static_cast<int>(kind);
        }
    }
}

long double length_of(const Vector &v) {
    long double squares = 0;
    for (float x : v) {
        squares += static_cast<long double>(x) * x;
    }
    return std::sqrt(squares);
}

TEST(ShiftQuery, IsAsFarFromItsPlaceAsItSays) {
    Random random(9);
    for (size_t dims : {1, 3, 40, 300}) {
        for (int round = 0; round < 20; round++) {
            each_far(random, dims, [&](const FarVectors &far) {
                for (Metric metric : {Metric::kL2, Metric::kCosine}) {
                    const Vector query =
                        random() % 2 == 0 ? far.draw(random) : any_hard_vector(random, dims);
                    const Vector offset = far.offset(metric);
                    const long double length = metric == Metric::kCosine ? length_of(query) : 1;
                    if (length == 0) {
                        continue;
                    }
                    Vector shifted(dims);
                    const Shift shift = shift_query(metric, query.data(), offset.data(),
                                                    static_cast<uint32_t>(dims), shifted.data());
                    long double squares = 0;
                    for (size_t i = 0; i < dims; i++) {
                        ASSERT_TRUE(std::isfinite(shifted[i]));
                        const long double error = query[i] / length - offset[i] - shifted[i];
                        squares += error * error;
                    }
                    ASSERT_FALSE(shift.is_none);
                    ASSERT_GE(shift.query, std::sqrt(squares));
                    ASSERT_NEAR(shift.norm, static_cast<double>(length_of(offset)),
                                1e-12 * shift.norm);
                }
            });
        }
    }
}

// Near the offset a difference of float32 is one.
TEST(ShiftQuery, OfAVectorNearTheOffsetIsExact) {
    Random random(10);
    const FarVectors far(random, 50, Far::kNearTen);
    Vector shifted(50);
    const Vector query = far.draw(random);
    EXPECT_LT(shift_query(Metric::kL2, query.data(), far.offset().data(), 50, shifted.data()).query,
              1e-14);
}

TEST(ShiftQuery, LeavesTheQueryOfAnInnerProductAsItIs) {
    Random random(11);
    each_far(random, 30, [&](const FarVectors &far) {
        const Vector query = far.draw(random);
        Vector shifted(30);
        const Shift shift = shift_query(Metric::kInnerProduct, query.data(), far.offset().data(),
                                        30, shifted.data());
        EXPECT_EQ(shifted, query);
        EXPECT_EQ(shift.query, 0);
        long double product = 0;
        for (size_t i = 0; i < query.size(); i++) {
            product += static_cast<long double>(query[i]) * far.offset()[i];
        }
        EXPECT_LE(std::abs(shift.product - product), 1e-14L * length_of(query) * shift.norm);
    });
}

TEST(ShiftQuery, WithoutAnOffsetSaysNothing) {
    Random random(12);
    const Vector query = scaled_normal(random, 30, 3);
    for (Metric metric : {Metric::kL2, Metric::kInnerProduct, Metric::kCosine, Metric::kL1}) {
        Vector shifted(30), expected = query;
        const Shift shift = shift_query(metric, query.data(), nullptr, 30, shifted.data());
        EXPECT_TRUE(shift.is_none);
        EXPECT_EQ(shift.query + shift.norm + shift.product, 0);
        if (metric == Metric::kCosine) {
            normalize(query.data(), 30, expected.data());
        }
        EXPECT_EQ(shifted, expected);
    }
}

TEST(AddOffset, StaysFinite) {
    const float offset[] = {kLargestOffset, -kLargestOffset, 1};
    float values[] = {FLT_MAX, -FLT_MAX, FLT_MAX};
    add_offset(offset, 3, values);
    EXPECT_EQ(values[0], FLT_MAX);
    EXPECT_EQ(values[1], -FLT_MAX);
    EXPECT_EQ(values[2], FLT_MAX);
    add_offset(nullptr, 3, values);
    EXPECT_EQ(values[0], FLT_MAX);
}

}  // namespace
}  // namespace pgslab
