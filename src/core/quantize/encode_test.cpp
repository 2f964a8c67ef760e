// What is stored for a vector, and whether error and norm are what they say: bounds.
#include "quantize/encode.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <random>
#include <tuple>

#include "base/half.h"
#include "kernels/kernels.h"
#include "quantize/stored.h"
#include "quantize/testing/far_vectors.h"
#include "quantize/testing/hard_vectors.h"

namespace pgslab {
namespace {

struct Encoded {
    bool indexed;
    std::vector<uint8_t> item;
    VectorRecord record;
};

class Encode : public testing::TestWithParam<std::tuple<Metric, Storage>> {
  protected:
    Metric metric() const { return std::get<0>(GetParam()); }
    Storage storage() const { return std::get<1>(GetParam()); }

    Encoded encoded(const Vector &v, const float *offset = nullptr) const {
        const auto dims = static_cast<uint32_t>(v.size());
        Encoded e;
        e.item.assign(item_bytes(dims, storage()), 0xEE);
        std::memset(&e.record, 0xEE, sizeof e.record);
        e.indexed = encode(metric(), storage(), v.data(), dims, e.item.data(), &e.record, offset);
        return e;
    }

    // The stored approximation.
    std::vector<long double> decoded(const Encoded &e, size_t dims) const {
        std::vector<float> stored(dims);
        if (storage() == Storage::kI8) {
            const auto *bytes = reinterpret_cast<const int8_t *>(e.item.data());
            std::copy_n(bytes, dims, stored.begin());
        } else if (storage() == Storage::kF16) {
            kernels().f16_to_f32(reinterpret_cast<const uint16_t *>(e.item.data()), stored.data(),
                                 dims);
        } else {
            std::memcpy(stored.data(), e.item.data(), dims * sizeof(float));
        }
        std::vector<long double> values;
        for (float x : stored) {
            values.push_back(static_cast<long double>(x) * e.record.scale);
        }
        return values;
    }

    // Of an element, and of the largest, at most so much is lost.
    long double precision_of_element() const {
        return storage() == Storage::kF16  ? 0x1.01p-11L
               : storage() == Storage::kI8 ? 0
                                           : 0x1.01p-24L;
    }
    long double precision_of_largest() const {
        return storage() == Storage::kF16  ? 0x1.01p-17L
               : storage() == Storage::kI8 ? 0.50002L / 127
                                           : 0x1p-100L;
    }

    // What is encoded: the vector, under cosine normalised.
    std::vector<long double> exact(const Vector &v) const {
        long double squares = 0;
        for (float x : v) {
            squares += static_cast<long double>(x) * x;
        }
        const long double length = metric() == Metric::kCosine ? std::sqrt(squares) : 1;
        std::vector<long double> values;
        for (float x : v) {
            values.push_back(x / length);
        }
        return values;
    }
};

long double norm_of(const std::vector<long double> &v) {
    long double squares = 0;
    for (long double x : v) {
        squares += x * x;
    }
    return std::sqrt(squares);
}

// Twice the largest scale is no float32, so that is not what the largest values are rounded to.
TEST(Decode, GivesFiniteValuesForTheLargest) {
    for (float x : {std::numeric_limits<float>::max(), 0x1.ffep127f, 0x1.ffdp127f}) {
        for (float sign : {1.0f, -1.0f}) {
            const float vector[] = {sign * x, 1, 0};
            std::vector<uint8_t> item(item_bytes(3, Storage::kF16));
            VectorRecord record;
            ASSERT_TRUE(encode(Metric::kL2, Storage::kF16, vector, 3, item.data(), &record));
            float decoded[3];
            decode(Storage::kF16, item.data(), record.scale, 3, decoded);
            EXPECT_TRUE(std::isfinite(decoded[0]));
            EXPECT_NEAR(decoded[0] / vector[0], 1, 0x1p-11);
            EXPECT_GE(record.error, std::abs(static_cast<double>(decoded[0]) - vector[0]));
        }
    }
}

// What was a half before it was widened comes back as that half, or as one that a power of two
// makes of it.
TEST(EncodeHalves, KeepsThemAsTheyAre) {
    Random random(4);
    std::uniform_real_distribution<double> uniform(-1, 1);
    for (Metric metric : {Metric::kL2, Metric::kInnerProduct, Metric::kL1}) {
        for (int exponent = -20; exponent <= 15; exponent++) {
            SCOPED_TRACE(exponent);
            std::vector<uint16_t> halves;
            Vector widened;
            for (int i = 0; i < 100; i++) {
                halves.push_back(half_of(std::ldexp(uniform(random), exponent)));
                widened.push_back(static_cast<float>(double_of(halves.back())));
            }
            std::vector<uint64_t> item(item_bytes(100, Storage::kF16) / sizeof(uint64_t));
            VectorRecord record;
            ASSERT_TRUE(encode(metric, Storage::kF16, widened.data(), 100, item.data(), &record));
            EXPECT_EQ(record.error, 0);
            Vector decoded(100);
            decode(Storage::kF16, reinterpret_cast<const uint8_t *>(item.data()), record.scale, 100,
                   decoded.data());
            EXPECT_EQ(decoded, widened);
            if (exponent >= -5) {
                EXPECT_EQ(record.scale, 1);
                EXPECT_EQ(std::memcmp(item.data(), halves.data(), 200), 0);
            }
        }
    }
}

// Whole numbers of a byte come back as they were, as embeddings that are made of them.
TEST(EncodeBytes, KeepsWholeNumbersAsTheyAre) {
    Random random(5);
    for (Metric metric : {Metric::kL2, Metric::kInnerProduct, Metric::kL1}) {
        for (int exponent : {-149, -140, -60, -1, 0, 1, 60, 120}) {
            for (int most : {1, 2, 63, 64, 100, 127, 128}) {
                SCOPED_TRACE(testing::Message() << most << " * 2^" << exponent);
                Vector v(300);
                for (float &x : v) {
                    const int number = static_cast<int>(random() % (2 * most + 1)) - most;
                    x = std::ldexp(static_cast<float>(std::min(number, 127)), exponent);
                }
                std::vector<uint8_t> item(item_bytes(300, Storage::kI8));
                VectorRecord record;
                ASSERT_TRUE(encode(metric, Storage::kI8, v.data(), 300, item.data(), &record));
                EXPECT_EQ(record.error, 0);
                Vector decoded(300);
                decode(Storage::kI8, item.data(), record.scale, 300, decoded.data());
                EXPECT_EQ(decoded, v);
                if (exponent == 0) {
                    EXPECT_EQ(record.scale, 1);
                }
            }
        }
    }
}

// Of others the scale is such that products with it are float32s, also near both ends.
TEST(EncodeBytes, TimesTheScaleIsExact) {
    Random random(6);
    for (int i = 0; i < 10'000; i++) {
        Vector v = any_hard_vector(random, 1 + random() % 40);
        const auto dims = static_cast<uint32_t>(v.size());
        std::vector<uint8_t> item(item_bytes(dims, Storage::kI8));
        VectorRecord record;
        ASSERT_TRUE(encode(Metric::kL2, Storage::kI8, v.data(), dims, item.data(), &record));
        for (int y = 1; y <= 127; y++) {
            const float product = static_cast<float>(y) * record.scale;
            ASSERT_TRUE(std::isfinite(product));
            ASSERT_EQ(static_cast<double>(product), y * static_cast<double>(record.scale));
        }
    }
}

void each_hard_vector(int rounds, const std::function<void(const Vector &)> &visit) {
    Random random(2);
    for (size_t dims : {1, 2, 3, 7, 16, 31, 33, 128, 256, 257, 768, 1000}) {
        for (int kind = 0; kind < static_cast<int>(Kind::kCount); kind++) {
            for (int i = 0; i < rounds; i++) {
                visit(hard_vector(random, dims, static_cast<Kind>(kind)));
            }
        }
    }
    visit(hard_vector(random, PGS_MAX_DIMS, Kind::kHuge));
    visit(hard_vector(random, PGS_MAX_DIMS, Kind::kOrdinary));
}

TEST_P(Encode, ErrorAndNormAreBoundsAndTight) {
    each_hard_vector(5, [&](const Vector &v) {
        const Encoded e = encoded(v);
        if (!e.indexed) {
            return;
        }
        const auto x = exact(v);
        const auto y = decoded(e, v.size());
        long double sum = 0, squares = 0;
        for (size_t i = 0; i < v.size(); i++) {
            sum += std::abs(x[i] - y[i]);
            squares += (x[i] - y[i]) * (x[i] - y[i]);
        }
        const long double distance = metric() == Metric::kL1 ? sum : std::sqrt(squares);
        const long double norm = norm_of(x);
        // Normalising in float64 costs its last place, which no bound here notices.
        const long double slack = metric() == Metric::kCosine ? 1e-15L : 0;
        ASSERT_GE(e.record.error + slack, distance);
        ASSERT_GE(e.record.norm + slack, norm);
        if (distance < FLT_MAX) {
            ASSERT_LE(e.record.error, distance * (1 + 1e-6L) + FLT_TRUE_MIN + slack);
        }
        if (norm < FLT_MAX) {
            ASSERT_LE(e.record.norm, norm * (1 + 1e-6L) + FLT_TRUE_MIN);
        }
    });
}

TEST_P(Encode, EveryFiniteVectorKeepsItsPrecision) {
    each_hard_vector(5, [&](const Vector &v) {
        const Encoded e = encoded(v);
        if (!e.indexed) {
            return;
        }
        const auto x = exact(v);
        const auto y = decoded(e, v.size());
        long double largest = 0;
        for (long double element : x) {
            largest = std::max(largest, std::abs(element));
        }
        const long double of_element = precision_of_element();
        const long double of_largest = precision_of_largest();
        for (size_t i = 0; i < v.size(); i++) {
            ASSERT_TRUE(std::isfinite(y[i]));
            ASSERT_LE(std::abs(x[i] - y[i]), std::abs(x[i]) * of_element + largest * of_largest);
        }
    });
}

TEST_P(Encode, ErrorIsBoundedByTheNorm) {
    if (metric() == Metric::kL1) {
        return;
    }
    each_hard_vector(20, [&](const Vector &v) {
        const Encoded e = encoded(v);
        if (e.indexed) {
            const double most = storage_error(storage(), static_cast<uint32_t>(v.size()));
            ASSERT_LE(e.record.error, e.record.norm * most + kStorageUnderflow);
        }
    });
}

// Error and norm are bounds of the vector, offset and all, the error in proportion to the rest.
TEST_P(Encode, WhatIsLeftWithoutAnOffsetIsStoredToItsOwnPrecision) {
    if (metric() == Metric::kL1) {
        return;
    }
    Random random(3);
    for (size_t dims : {1, 3, 33, 256, 257, 768}) {
        for (int i = 0; i < 20; i++) {
            each_far(random, dims, [&](const FarVectors &far) {
                const Vector v = far.draw(random);
                const Vector offset = far.offset(metric());
                const Encoded e = encoded(v, offset.data());
                if (!e.indexed) {
                    return;
                }
                const auto x = exact(v);
                const auto y = decoded(e, dims);
                Vector found(dims);
                decode(storage(), e.item.data(), e.record.scale, static_cast<uint32_t>(dims),
                       found.data());
                long double rest = 0, error = 0;
                for (size_t d = 0; d < dims; d++) {
                    ASSERT_EQ(found[d], static_cast<float>(y[d]));
                    ASSERT_TRUE(std::isfinite(found[d]));
                    const long double left = x[d] - offset[d];
                    rest += left * left;
                    error += (left - y[d]) * (left - y[d]);
                }
                // Normalising in float64 costs its last place, which no bound here notices.
                const long double slack = metric() == Metric::kCosine ? 1e-15L : 0;
                ASSERT_GE(e.record.error + slack, std::sqrt(error));
                ASSERT_GE(e.record.norm + slack, norm_of(x));
                const double most = storage_error(storage(), static_cast<uint32_t>(dims));
                ASSERT_LE(e.record.error, std::sqrt(rest) * most + kStorageUnderflow + slack);
            });
        }
    }
}

TEST_P(Encode, AnOffsetOfZeroIsNone) {
    each_hard_vector(1, [&](const Vector &v) {
        const Vector zero(v.size());
        const Encoded a = encoded(v), b = encoded(v, zero.data());
        ASSERT_EQ(a.item, b.item);
        ASSERT_EQ(a.record.scale, b.record.scale);
    });
}

TEST_P(Encode, DecodingGivesWhatTheItemStandsFor) {
    each_hard_vector(3, [&](const Vector &v) {
        const Encoded e = encoded(v);
        if (!e.indexed) {
            return;
        }
        const auto expected = decoded(e, v.size());
        Vector found(v.size());
        decode(storage(), reinterpret_cast<const uint8_t *>(e.item.data()), e.record.scale,
               static_cast<uint32_t>(v.size()), found.data());
        for (size_t i = 0; i < v.size(); i++) {
            ASSERT_EQ(found[i], static_cast<float>(expected[i]));
        }
    });
}

TEST_P(Encode, ScaleIsAPowerOfTwoThatMultipliesExactly) {
    each_hard_vector(2, [&](const Vector &v) {
        const Encoded e = encoded(v);
        if (e.indexed) {
            int exponent;
            if (storage() == Storage::kI8) {
                ASSERT_GT(e.record.scale, 0);
                return;
            }
            ASSERT_TRUE(std::isnormal(e.record.scale));
            ASSERT_EQ(std::frexp(e.record.scale, &exponent), 0.5f);
            if (storage() == Storage::kF32) {
                ASSERT_EQ(e.record.scale, 1.0f);
            }
        }
    });
}

TEST_P(Encode, OnlyNormalisingChangesAFloat32) {
    const bool exact = storage() == Storage::kF32 && metric() != Metric::kCosine;
    each_hard_vector(2, [&](const Vector &v) {
        const Encoded e = encoded(v);
        if (exact) {
            ASSERT_EQ(std::memcmp(e.item.data(), v.data(), v.size() * sizeof(float)), 0);
            ASSERT_EQ(e.record.error, 0);
        }
    });
    // A third has no end in binary.
    EXPECT_EQ(encoded({1.0f / 3, 2.0f / 3, 2.0f / 3}).record.error == 0, exact);
}

TEST_P(Encode, OnlyTheZeroVectorUnderCosineIsNotIndexed) {
    for (size_t dims : {1, 3, 768}) {
        EXPECT_EQ(encoded(Vector(dims)).indexed, metric() != Metric::kCosine);
        EXPECT_EQ(encoded(Vector(dims, -0.0f)).indexed, metric() != Metric::kCosine);
        Vector smallest(dims);
        smallest[dims - 1] = FLT_TRUE_MIN;
        EXPECT_TRUE(encoded(smallest).indexed);
    }
}

TEST_P(Encode, PaddingIsZeroAndTheRestOfTheRecordToo) {
    for (size_t dims : {1, 3, 15, 17, 33, 65, 200, 1000}) {
        const Encoded e = encoded(Vector(dims, 1.5f));
        const size_t used = vector_bytes(dims, storage());
        for (size_t i = used; i < e.item.size(); i++) {
            ASSERT_EQ(e.item[i], 0) << dims << " dims, byte " << i;
        }
        EXPECT_EQ(e.record.flags, 0);
        EXPECT_EQ(e.record.list, 0u);
        EXPECT_EQ(e.record.heap_offset, 0);
    }
}

TEST_P(Encode, EveryInstructionSetStoresTheSameBytes) {
    each_hard_vector(1, [&](const Vector &v) {
        ASSERT_TRUE(pgs_isa_force("baseline"));
        const Encoded first = encoded(v);
        for (int i = 0; pgs_isa_available(i) != nullptr; i++) {
            ASSERT_TRUE(pgs_isa_force(pgs_isa_available(i)));
            const Encoded again = encoded(v);
            ASSERT_EQ(first.item, again.item);
            ASSERT_EQ(std::memcmp(&first.record, &again.record, sizeof(VectorRecord)), 0);
        }
    });
    ASSERT_TRUE(pgs_isa_force("auto"));
}

INSTANTIATE_TEST_SUITE_P(All, Encode,
                         testing::Combine(testing::Values(Metric::kL2, Metric::kInnerProduct,
                                                          Metric::kCosine, Metric::kL1),
                                          testing::Values(Storage::kF16, Storage::kF32,
                                                          Storage::kI8)));

}  // namespace
}  // namespace pgslab
