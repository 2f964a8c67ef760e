// Sets as bits: what is stored of them and what that stands for.
#include "quantize/bits.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "quantize/code_bound.h"
#include "quantize/encode.h"
#include "quantize/testing/hard_vectors.h"

namespace pgslab {
namespace {

std::vector<uint8_t> stored(Metric metric, const Vector &v, VectorRecord *record) {
    const auto dims = static_cast<uint32_t>(v.size());
    std::vector<uint8_t> item(item_bytes(dims, Storage::kBits), 0xff);
    EXPECT_TRUE(encode(metric, Storage::kBits, v.data(), dims, item.data(), record));
    return item;
}

TEST(StoredSets, HaveTheFirstElementInTheHighestBitAndZerosBehindTheLast) {
    VectorRecord record;
    const Vector v = {1, 0, -1, 0.5f, 1e-40f, -0.0f, 0, 3, 0, 7};
    EXPECT_EQ(stored(Metric::kHamming, v, &record), (std::vector<uint8_t>{0b10011001, 0b01000000}));
    EXPECT_EQ(record.scale, 1);
    EXPECT_EQ(record.error, 0);
    EXPECT_GE(record.norm, std::sqrt(5));
    EXPECT_EQ(record.flags, 0);
    EXPECT_EQ(record.list, 0u);
}

TEST(StoredSets, StandForTheirElements) {
    Random random(1);
    for (uint32_t dims : {1u, 7u, 8u, 9u, 100u, 768u, 16000u}) {
        for (int i = 0; i < 20; i++) {
            const Vector v = any_hard_vector(random, dims);
            VectorRecord record;
            const std::vector<uint8_t> item = stored(Metric::kHamming, v, &record);
            Vector decoded(dims);
            decode(Storage::kBits, item.data(), record.scale, dims, decoded.data());
            for (uint32_t d = 0; d < dims; d++) {
                ASSERT_EQ(decoded[d], v[d] > 0 ? 1 : 0) << d << " of " << dims;
            }
            const uint32_t begin = static_cast<uint32_t>(random() % dims);
            Vector rest(dims - begin);
            to_floats(Storage::kBits, item.data(), begin, dims - begin, rest.data());
            ASSERT_TRUE(std::equal(rest.begin(), rest.end(), decoded.begin() + begin));
        }
    }
}

// What codes are made of, and what a query is as they see it.
TEST(StoredSets, AreDirectionsUnderJaccard) {
    Random random(2);
    for (uint32_t dims : {1u, 8u, 33u, 500u}) {
        for (int i = 0; i < 40; i++) {
            const Vector v = any_hard_vector(random, dims);
            VectorRecord record;
            const std::vector<uint8_t> item = stored(Metric::kJaccard, v, &record);
            Vector decoded(dims), asked(dims);
            decode(Storage::kBits, item.data(), record.scale, dims, decoded.data());
            vector_of_set(Metric::kJaccard, v.data(), dims, asked.data());
            ASSERT_EQ(decoded, asked);
            double squares = 0;
            for (float x : decoded) {
                squares += double{x} * x;
            }
            ASSERT_NEAR(std::sqrt(squares), 1, record.error + 1e-14);
            ASSERT_LE(record.error, storage_error(Storage::kBits, dims));
        }
    }
}

TEST(StoredSets, TheEmptyOneLiesOppositeToAllUnderJaccard) {
    VectorRecord record;
    const std::vector<uint8_t> item = stored(Metric::kJaccard, Vector(12), &record);
    EXPECT_EQ(item, std::vector<uint8_t>(2, 0));
    Vector decoded(12);
    decode(Storage::kBits, item.data(), record.scale, 12, decoded.data());
    EXPECT_EQ(decoded, Vector(12, static_cast<float>(-1 / std::sqrt(12.0))));
}

TEST(SetDistance, IsTheOperators) {
    Random random(3);
    for (int i = 0; i < 200; i++) {
        const Vector a = any_hard_vector(random, 50), b = any_hard_vector(random, 50);
        uint64_t shared = 0, differing = 0;
        for (size_t d = 0; d < 50; d++) {
            shared += a[d] > 0 && b[d] > 0 ? 1 : 0;
            differing += (a[d] > 0) != (b[d] > 0) ? 1 : 0;
        }
        EXPECT_EQ(set_distance(Metric::kHamming, shared, differing),
                  operator_value(PGS_HAMMING, a, b));
        EXPECT_EQ(set_distance(Metric::kJaccard, shared, differing),
                  operator_value(PGS_JACCARD, a, b));
    }
}

CodeBound bound_of(Metric metric) {
    return {{metric, 64, 64}, {1}, false, 1};
}

// Whatever the sizes of the sets are, for the distance of their directions; and of two that have
// the same size it is the value.
TEST(SetBounds, TheJaccardDistanceIsAtLeastTheValueOfAnEstimate) {
    const CodeBound bound = bound_of(Metric::kJaccard);
    Random random(4);
    const auto draw = [&] {
        Vector v(64);
        const uint32_t share = 1 + static_cast<uint32_t>(random() % 8);
        std::generate(v.begin(), v.end(), [&] { return random() % 8 < share ? 1.0f : -1.0f; });
        if (random() % 10 == 0) {
            std::fill(v.begin(), v.end(), 0.0f);
        }
        return v;
    };
    const auto ones = [](const Vector &v) { return std::count(v.begin(), v.end(), 1.0f); };
    for (int i = 0; i < 2000; i++) {
        const Vector a = draw(), b = draw();
        Vector x(64), y(64);
        vector_of_set(Metric::kJaccard, a.data(), 64, x.data());
        vector_of_set(Metric::kJaccard, b.data(), 64, y.data());
        const double at_least = bound.to_value(pgs_l2_squared_distance(x.data(), y.data(), 64));
        const double value = operator_value(PGS_JACCARD, a, b);
        ASSERT_LE(at_least, value + 1e-6);
        if (ones(a) == ones(b) && ones(a) > 0) {
            ASSERT_NEAR(at_least, value, 1e-6);
        }
    }
}

TEST(SetBounds, EstimatesAreThoseOfValues) {
    for (Metric metric : {Metric::kHamming, Metric::kJaccard}) {
        const CodeBound bound = bound_of(metric);
        for (double value = 0; value <= 1; value += 1.0 / 64) {
            EXPECT_NEAR(bound.to_value(bound.to_estimate(value)), value, 1e-12);
        }
    }
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    EXPECT_EQ(bound_of(Metric::kJaccard).to_estimate(1.5), kInfinity);
    EXPECT_EQ(bound_of(Metric::kJaccard).to_estimate(kInfinity), kInfinity);
    EXPECT_EQ(bound_of(Metric::kHamming).to_estimate(kInfinity), kInfinity);
}

}  // namespace
}  // namespace pgslab
