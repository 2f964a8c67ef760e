// Sums in float64 are right at every magnitude, and float32's are taken where they are, too.
#include "quantize/stored_sum.h"

#include <gtest/gtest.h>

#include "kernels/kernels.h"
#include "quantize/encode.h"
#include "quantize/stored.h"
#include "quantize/testing/hard_vectors.h"

namespace pgslab {
namespace {

const Metric kMetrics[] = {Metric::kL2, Metric::kInnerProduct, Metric::kCosine, Metric::kL1};

struct Stored {
    std::vector<uint8_t> item;
    VectorRecord record;
    Vector values;  // before the scale
};

Stored stored_of(Metric metric, Storage storage, const Vector &v) {
    const auto dims = static_cast<uint32_t>(v.size());
    Stored stored = {std::vector<uint8_t>(item_bytes(dims, storage)), {}, Vector(dims)};
    encode(metric, storage, v.data(), dims, stored.item.data(), &stored.record);
    decode(storage, stored.item.data(), 1, dims, stored.values.data());
    return stored;
}

// And what it is relative to: the sum, or of products that of their magnitudes.
std::pair<long double, long double> exact_sum(Metric metric, const Vector &q, const Stored &y) {
    long double sum = 0, all = 0;
    for (size_t i = 0; i < q.size(); i++) {
        const long double x = static_cast<long double>(y.values[i]);
        const long double difference = q[i] - x * y.record.scale;
        const long double term = metric == Metric::kL2   ? difference * difference
                                 : metric == Metric::kL1 ? std::abs(difference)
                                                         : q[i] * x;
        sum += term;
        all += std::abs(term);
    }
    return {sum, all};
}

float kernel_sum(Metric metric, const Vector &q, const Stored &y) {
    Lanes lanes;
    const size_t n = q.size();
    const Kernels &k = kernels();
    switch (metric) {
        case Metric::kL2:
            k.l2_f32(lanes, q.data(), y.values.data(), y.record.scale, n, 0);
            break;
        case Metric::kL1:
            k.l1_f32(lanes, q.data(), y.values.data(), y.record.scale, n, 0);
            break;
        default:
            k.dot_f32(lanes, q.data(), y.values.data(), n, 0);
            break;
    }
    return sum(lanes);
}

TEST(StoredSum, IsRightAtEveryMagnitude) {
    Random random(1);
    for (int i = 0; i < 3000; i++) {
        const size_t dims = i % 10 == 0 ? 600 : 1 + random() % 40;
        const Vector q = any_hard_vector(random, dims), v = any_hard_vector(random, dims);
        for (Storage storage : {Storage::kF16, Storage::kF32, Storage::kI8}) {
            for (Metric metric : kMetrics) {
                const Stored y = stored_of(metric, storage, v);
                const double sum = stored_sum(metric, storage, q.data(), y.item.data(),
                                              y.record.scale, static_cast<uint32_t>(dims));
                const auto [exact, all] = exact_sum(metric, q, y);
                ASSERT_TRUE(std::isfinite(sum));
                ASSERT_NEAR(sum, exact, static_cast<double>(1e-12L * all));
            }
        }
    }
}

TEST(StoredSum, AFloat32SumIsTakenWhereItSaysAsMuch) {
    Random random(2);
    int taken = 0;
    for (int i = 0; i < 6000; i++) {
        const size_t dims = 1 + random() % 60;
        const Vector q = any_hard_vector(random, dims), v = any_hard_vector(random, dims);
        const double query_norm = pgs_norm(q.data(), static_cast<int>(dims));
        for (Storage storage : {Storage::kF16, Storage::kF32, Storage::kI8}) {
            for (Metric metric : {Metric::kL2, Metric::kInnerProduct, Metric::kL1}) {
                const Stored y = stored_of(metric, storage, v);
                const float fast = kernel_sum(metric, q, y);
                if (!is_sound(metric, storage, query_norm, fast)) {
                    continue;
                }
                taken++;
                const auto [exact, all] = exact_sum(metric, q, y);
                const double norm = pgs_norm(y.values.data(), static_cast<int>(dims));
                const bool product = metric == Metric::kInnerProduct;
                const double relative_to = product ? query_norm * norm : static_cast<double>(all);
                ASSERT_NEAR(fast, exact, 1e-5 * relative_to);
            }
        }
    }
    EXPECT_GT(taken, 10000);
}

TEST(StoredSum, OrdinarySumsAreSound) {
    for (Metric metric : kMetrics) {
        for (Storage storage : {Storage::kF16, Storage::kF32, Storage::kI8}) {
            EXPECT_TRUE(is_sound(metric, storage, 1, 0.5f));
            EXPECT_FALSE(is_sound(metric, storage, 1, HUGE_VALF));
        }
    }
    // Orthogonal vectors are common: their sum is made again only where the query is tiny.
    EXPECT_TRUE(is_sound(Metric::kInnerProduct, Storage::kF16, 1, 0));
    EXPECT_FALSE(is_sound(Metric::kInnerProduct, Storage::kF16, 1e-20, 0));
    EXPECT_FALSE(is_sound(Metric::kL2, Storage::kF16, 1, 1e-30f));
}

}  // namespace
}  // namespace pgslab
