// Distances between sparse vectors are those between the dense vectors they stand for.
#include <gtest/gtest.h>

#include <cfloat>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include "pgslab_core.h"
#include "types/testing/sparse.h"

namespace pgslab {
namespace {

double l2_squared(const Sparse &a, const Sparse &b) {
    const PgsSvec x = a.view(), y = b.view();
    return pgs_svec_l2_squared_distance(&x, &y);
}
double l2(const Sparse &a, const Sparse &b) {
    const PgsSvec x = a.view(), y = b.view();
    return pgs_svec_l2_distance(&x, &y);
}
double inner_product(const Sparse &a, const Sparse &b) {
    const PgsSvec x = a.view(), y = b.view();
    return pgs_svec_inner_product(&x, &y);
}
double l1(const Sparse &a, const Sparse &b) {
    const PgsSvec x = a.view(), y = b.view();
    return pgs_svec_l1_distance(&x, &y);
}
double cosine(const Sparse &a, const Sparse &b) {
    const PgsSvec x = a.view(), y = b.view();
    return pgs_svec_cosine_distance(&x, &y);
}
double norm(const Sparse &a) {
    const PgsSvec x = a.view();
    return pgs_svec_norm(&x);
}
int compare(const Sparse &a, const Sparse &b) {
    const PgsSvec x = a.view(), y = b.view();
    return pgs_svec_compare(&x, &y);
}
Sparse normalized(const Sparse &a) {
    const PgsSvec x = a.view();
    Sparse result = Sparse::with_room(a.dims, a.indices.size());
    result.keep(pgs_svec_normalize(&x, result.indices.data(), result.values.data()));
    return result;
}

// Sums of the dense vectors in float64, whose rounding is all that may differ.
void expect_dense_distances(const Sparse &a, const Sparse &b) {
    const std::vector<float> x = a.dense(), y = b.dense();
    double ab = 0, aa = 0, bb = 0, square = 0, absolute = 0, magnitude = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        const double u = x[i], v = y[i];
        ab += u * v;
        magnitude += std::fabs(u * v);
        aa += u * u;
        bb += v * v;
        square += (u - v) * (u - v);
        absolute += std::fabs(u - v);
    }
    const double bound = static_cast<double>(x.size() + 8) * DBL_EPSILON;
    EXPECT_NEAR(l2_squared(a, b), square, bound * square);
    EXPECT_NEAR(l2(a, b), std::sqrt(square), bound * std::sqrt(square));
    EXPECT_NEAR(inner_product(a, b), ab, bound * magnitude);
    EXPECT_NEAR(l1(a, b), absolute, bound * absolute);
    EXPECT_NEAR(norm(a), std::sqrt(aa), bound * std::sqrt(aa));
    if (aa > 0 && bb > 0)
        EXPECT_NEAR(cosine(a, b), 1 - ab / std::sqrt(aa * bb), 4 * bound);
    else
        EXPECT_TRUE(std::isnan(cosine(a, b)));
}

TEST(SvecDistance, IsThatOfDenseVectors) {
    std::mt19937 random(1);
    for (const double left : {0.0, 0.01, 0.3, 0.9})
        for (const double right : {0.0, 0.01, 0.3, 1.0})
            for (const std::int32_t dims : {1, 2, 3, 17, 100, 3000}) {
                SCOPED_TRACE(testing::Message() << left << " " << right << " " << dims);
                expect_dense_distances(random_sparse(random, dims, left),
                                       random_sparse(random, dims, right));
            }
}

// The functions of dense vectors sum in float32.
TEST(SvecDistance, AgreesWithTheFunctionsOfDenseVectors) {
    std::mt19937 random(2);
    for (std::int32_t dims = 1; dims < 2000; dims = 2 * dims + 1) {
        const Sparse a = random_sparse(random, dims, 0.5), b = random_sparse(random, dims, 0.5);
        const std::vector<float> x = a.dense(), y = b.dense();
        const double scale = 1e-5 * (1 + dims);
        EXPECT_NEAR(l2(a, b), pgs_l2_distance(x.data(), y.data(), dims), scale);
        EXPECT_NEAR(inner_product(a, b), pgs_inner_product(x.data(), y.data(), dims), scale);
        EXPECT_NEAR(l1(a, b), pgs_l1_distance(x.data(), y.data(), dims), scale);
        EXPECT_NEAR(norm(a), pgs_norm(x.data(), dims), scale);
        const double expected = pgs_cosine_distance(x.data(), y.data(), dims);
        EXPECT_EQ(std::isnan(cosine(a, b)), std::isnan(expected));
        if (!std::isnan(expected))
            EXPECT_NEAR(cosine(a, b), expected, 1e-5);
    }
}

TEST(SvecDistance, IsSymmetricToTheBit) {
    std::mt19937 random(3);
    for (int i = 0; i < 200; ++i) {
        const Sparse a = random_sparse(random, 300, 0.2), b = random_sparse(random, 300, 0.4);
        EXPECT_EQ(l2(a, b), l2(b, a));
        EXPECT_EQ(inner_product(a, b), inner_product(b, a));
        EXPECT_EQ(l1(a, b), l1(b, a));
        EXPECT_EQ(cosine(a, b), cosine(b, a));
    }
}

TEST(SvecDistance, OfAVectorFromItselfIsZero) {
    std::mt19937 random(4);
    for (int i = 0; i < 200; ++i) {
        const Sparse a = random_sparse(random, 50, 0.9);
        EXPECT_EQ(l2(a, a), 0);
        EXPECT_EQ(l1(a, a), 0);
        EXPECT_EQ(cosine(a, a), 0);
    }
}

TEST(SvecDistance, IsFiniteAtEveryMagnitude) {
    const Sparse largest = make_sparse(4, {{0, FLT_MAX}, {2, -FLT_MAX}});
    const Sparse opposite = make_sparse(4, {{0, -FLT_MAX}, {2, FLT_MAX}});
    const Sparse smallest = make_sparse(4, {{0, 1e-45F}, {3, 1e-45F}});
    EXPECT_DOUBLE_EQ(l2(largest, opposite), 2 * std::sqrt(2.0) * double{FLT_MAX});
    EXPECT_EQ(l1(largest, opposite), 4 * double{FLT_MAX});
    EXPECT_EQ(cosine(largest, opposite), 2);
    EXPECT_EQ(cosine(smallest, smallest), 0);
    EXPECT_NEAR(cosine(largest, smallest), 0.5, 1e-15);
    EXPECT_GT(norm(smallest), 0);
}

// Only indices are compared: a billion dims cost nothing.
TEST(SvecDistance, DoesNotDependOnDims) {
    const Sparse a = make_sparse(PGS_SVEC_MAX_DIMS, {{0, 1.0F}, {999999999, 2.0F}});
    const Sparse b = make_sparse(PGS_SVEC_MAX_DIMS, {{5, 1.0F}, {999999999, 3.0F}});
    EXPECT_EQ(inner_product(a, b), 6);
    EXPECT_EQ(l1(a, b), 3);
    EXPECT_EQ(l2_squared(a, b), 3);
}

TEST(SvecNormalize, GivesNormOne) {
    std::mt19937 random(5);
    for (std::int32_t dims = 1; dims < 1000; dims += 13) {
        const Sparse a = random_sparse(random, dims, 0.9);
        if (a.indices.empty())
            continue;
        EXPECT_NEAR(norm(normalized(a)), 1, 1e-6);
        EXPECT_NEAR(cosine(normalized(a), a), 0, 1e-6);
    }
    EXPECT_EQ(normalized(make_sparse(4, {{2, 1e-45F}})), make_sparse(4, {{2, 1.0F}}));
    EXPECT_EQ(normalized(make_sparse(4, {{2, -FLT_MAX}})), make_sparse(4, {{2, -1.0F}}));
}

TEST(SvecNormalize, LeavesZeroAndDropsWhatUnderflows) {
    EXPECT_EQ(normalized(make_sparse(4, {})), make_sparse(4, {}));
    EXPECT_EQ(normalized(make_sparse(4, {{0, FLT_MAX}, {2, 1e-45F}})), make_sparse(4, {{0, 1.0F}}));
}

int compare_dense(const std::vector<float> &a, const std::vector<float> &b) {
    if (a == b)
        return 0;
    return a < b ? -1 : 1;
}

TEST(SvecCompare, OrdersAsDenseVectors) {
    std::mt19937 random(6);
    int equal = 0;
    for (int i = 0; i < 20000; ++i) {
        const auto dims = [&] { return static_cast<std::int32_t>(1 + random() % 5); };
        const Sparse a = random_sparse(random, dims(), 0.5, true);
        const Sparse b = random_sparse(random, dims(), 0.5, true);
        const int expected = compare_dense(a.dense(), b.dense());
        ASSERT_EQ(compare(a, b), expected);
        ASSERT_EQ(compare(b, a), -expected);
        equal += expected == 0 ? 1 : 0;
    }
    EXPECT_GT(equal, 100);
}

TEST(SvecCompare, ComesBeforeLongerVectors) {
    EXPECT_EQ(compare(make_sparse(2, {}), make_sparse(3, {})), -1);
    EXPECT_EQ(compare(make_sparse(2, {{1, 1.0F}}), make_sparse(3, {{1, 1.0F}, {2, -1.0F}})), -1);
    EXPECT_EQ(compare(make_sparse(3, {{2, -1.0F}}), make_sparse(2, {})), 1);
    EXPECT_EQ(compare(make_sparse(3, {{0, -1.0F}}), make_sparse(2, {})), -1);
}

}  // namespace
}  // namespace pgslab
