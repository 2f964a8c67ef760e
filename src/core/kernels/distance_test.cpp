// Distances, over every instruction set, where float32 is enough and where it is not.
#include <gtest/gtest.h>

#include <cfloat>
#include <cmath>
#include <random>
#include <vector>

#include "kernels/kernels.h"
#include "pgslab_core.h"

namespace pgslab {
namespace {

using Vector = std::vector<float>;

class Distance : public testing::TestWithParam<const char *> {
  protected:
    void SetUp() override { ASSERT_TRUE(pgs_isa_force(GetParam())); }
    void TearDown() override { ASSERT_TRUE(pgs_isa_force("auto")); }
};

double l2_squared(const Vector &a, const Vector &b) {
    return pgs_l2_squared_distance(a.data(), b.data(), static_cast<int>(a.size()));
}
double l2(const Vector &a, const Vector &b) {
    return pgs_l2_distance(a.data(), b.data(), static_cast<int>(a.size()));
}
double inner_product(const Vector &a, const Vector &b) {
    return pgs_inner_product(a.data(), b.data(), static_cast<int>(a.size()));
}
double l1(const Vector &a, const Vector &b) {
    return pgs_l1_distance(a.data(), b.data(), static_cast<int>(a.size()));
}
double cosine(const Vector &a, const Vector &b) {
    return pgs_cosine_distance(a.data(), b.data(), static_cast<int>(a.size()));
}
double norm(const Vector &a) {
    return pgs_norm(a.data(), static_cast<int>(a.size()));
}

struct Exact {
    double dot = 0, aa = 0, bb = 0, l2_squared = 0, l1 = 0;
    double dot_magnitude = 0;  // sum of |a_i b_i|
};

Exact exact_of(const Vector &a, const Vector &b) {
    Exact e;
    for (size_t i = 0; i < a.size(); i++) {
        const double x = a[i], y = b[i];
        e.dot += x * y;
        e.dot_magnitude += std::fabs(x * y);
        e.aa += x * x;
        e.bb += y * y;
        e.l2_squared += (x - y) * (x - y);
        e.l1 += std::fabs(x - y);
    }
    return e;
}

// The bound of a sum of n exact float32 terms in 32 lanes (see kernels_test.cpp); a difference of
// two float32 is rounded once before it is squared.
double relative_bound(size_t n) {
    return (static_cast<double>(n) / 32 + 8 + 3) * 0x1p-24;
}

void expect_all_close(const Vector &a, const Vector &b) {
    const Exact e = exact_of(a, b);
    const double bound = relative_bound(a.size());
    EXPECT_NEAR(l2_squared(a, b), e.l2_squared, bound * e.l2_squared);
    EXPECT_NEAR(l2(a, b), std::sqrt(e.l2_squared), bound * std::sqrt(e.l2_squared));
    EXPECT_NEAR(inner_product(a, b), e.dot, bound * e.dot_magnitude);
    EXPECT_NEAR(l1(a, b), e.l1, bound * e.l1);
    EXPECT_NEAR(norm(a), std::sqrt(e.aa), bound * std::sqrt(e.aa));
    // |a.b| <= |a||b|, so the dot product and the norms contribute a bound each.
    EXPECT_NEAR(cosine(a, b), 1 - e.dot / (std::sqrt(e.aa) * std::sqrt(e.bb)), 2 * bound + 1e-15);
}

Vector random_vector(size_t n, unsigned seed, float factor) {
    std::mt19937 random(seed);
    std::uniform_real_distribution<float> uniform(-1, 1);
    Vector v(n);
    for (float &element : v) {
        element = uniform(random) * factor;
    }
    return v;
}

TEST_P(Distance, IsCloseAtEverySize) {
    for (unsigned n = 1; n <= 2100; n += 1 + n / 30) {
        SCOPED_TRACE(n);
        expect_all_close(random_vector(n, n, 1), random_vector(n, n + 5000, 1));
    }
    expect_all_close(random_vector(PGS_MAX_DIMS, 1, 1), random_vector(PGS_MAX_DIMS, 2, 1));
}

// From denormal to nearly the largest float32: what float32 sums cannot hold comes from float64.
TEST_P(Distance, IsCloseAtEveryMagnitude) {
    for (int exponent = -149; exponent <= 127; exponent++) {
        SCOPED_TRACE(exponent);
        const float factor = std::ldexp(1.0f, exponent);
        const Vector a = random_vector(200, 1, factor);
        const Vector b = random_vector(200, 2, factor);
        const Vector unit = random_vector(200, 3, 1);
        if (exact_of(a, b).aa > 0 && exact_of(a, b).bb > 0) {
            expect_all_close(a, b);
            expect_all_close(a, unit);
            expect_all_close(unit, b);
        }
    }
}

// Sums of many products that are denormal each, and all rounded the same way, although the sum
// itself is not.
TEST_P(Distance, IsCloseWhereProductsUnderflow) {
    for (int quarter = -4 * 72; quarter <= -4 * 50; quarter++) {
        SCOPED_TRACE(quarter);
        const Vector a(2000, std::exp2(static_cast<float>(quarter) / 4));
        const Vector b(2000, std::exp2(static_cast<float>(quarter) / 4) * -0.7f);
        expect_all_close(a, b);
    }
}

TEST_P(Distance, OfHugeVectorsIsFinite) {
    const Vector a(1000, 3e38f), b(1000, -3e38f);
    expect_all_close(a, b);
    EXPECT_DOUBLE_EQ(l2_squared(a, b), 1000 * std::pow(2 * double{3e38f}, 2));
    EXPECT_DOUBLE_EQ(l1(a, b), 1000 * 2 * double{3e38f});
    EXPECT_DOUBLE_EQ(inner_product(a, b), -1000 * std::pow(double{3e38f}, 2));
    EXPECT_EQ(cosine(a, b), 2);
    EXPECT_EQ(cosine(a, a), 0);

    const Vector most(PGS_MAX_DIMS, FLT_MAX), least(PGS_MAX_DIMS, -FLT_MAX);
    EXPECT_TRUE(std::isfinite(l2_squared(most, least)));
    EXPECT_TRUE(std::isfinite(l1(most, least)));
    EXPECT_TRUE(std::isfinite(inner_product(most, least)));
    EXPECT_EQ(cosine(most, least), 2);
}

TEST_P(Distance, SurvivesOverflowThatCancels) {
    EXPECT_EQ(inner_product({3e38f, 3e38f}, {3e38f, -3e38f}), 0);
    EXPECT_EQ(inner_product({3e38f, 1, 3e38f}, {3e38f, 2, -3e38f}), 2);
    EXPECT_EQ(cosine({3e38f, 3e38f}, {3e38f, -3e38f}), 1);
}

TEST_P(Distance, OfTinyVectorsIsNotZero) {
    const Vector a = {1e-40f, 0}, b = {0, 1e-40f};
    const double tiny = double{1e-40f};
    EXPECT_DOUBLE_EQ(l2(a, b), tiny * std::sqrt(2.0));
    EXPECT_DOUBLE_EQ(l2_squared(a, b), 2 * tiny * tiny);
    EXPECT_DOUBLE_EQ(l1(a, b), 2 * tiny);
    EXPECT_DOUBLE_EQ(inner_product(a, a), tiny * tiny);
    EXPECT_DOUBLE_EQ(norm(a), tiny);
    EXPECT_EQ(cosine(a, a), 0);
    EXPECT_EQ(cosine(a, b), 1);

    const Vector denormal(64, FLT_TRUE_MIN);
    EXPECT_DOUBLE_EQ(norm(denormal), 8 * double{FLT_TRUE_MIN});
    EXPECT_EQ(cosine(denormal, denormal), 0);
}

TEST_P(Distance, OfTinyAndHugeHasACosine) {
    const Vector tiny(100, 1e-40f), huge(100, 3e38f);
    EXPECT_NEAR(cosine(tiny, huge), 0, 1e-15);
    const double exact = 100 * double{1e-40f} * double{3e38f};
    EXPECT_NEAR(inner_product(tiny, huge), exact, relative_bound(100) * exact);
}

TEST_P(Distance, OfZeroVectors) {
    for (size_t n : {1, 16, 100}) {
        const Vector zero(n, 0), one(n, 1);
        EXPECT_EQ(l2(zero, zero), 0);
        EXPECT_EQ(l2_squared(zero, zero), 0);
        EXPECT_EQ(l1(zero, zero), 0);
        EXPECT_EQ(inner_product(zero, one), 0);
        EXPECT_EQ(norm(zero), 0);
        EXPECT_TRUE(std::isnan(cosine(zero, one)));
        EXPECT_TRUE(std::isnan(cosine(one, zero)));
        EXPECT_TRUE(std::isnan(cosine(zero, zero)));
        EXPECT_EQ(l2_squared(zero, one), static_cast<double>(n));
    }
}

TEST_P(Distance, ToItselfIsZero) {
    for (unsigned n = 1; n < 400; n += 7) {
        const Vector a = random_vector(n, n, 10);
        Vector doubled = a, opposite = a;
        for (size_t i = 0; i < n; i++) {
            doubled[i] *= 2;
            opposite[i] *= -1;
        }
        EXPECT_EQ(l2(a, a), 0);
        EXPECT_EQ(l1(a, a), 0);
        EXPECT_EQ(cosine(a, a), 0);
        EXPECT_EQ(cosine(a, doubled), 0);
        EXPECT_EQ(cosine(a, opposite), 2);
    }
}

TEST_P(Distance, IsSymmetricAndCosineStaysInRange) {
    for (unsigned n = 1; n < 300; n++) {
        const Vector a = random_vector(n, n, 1);
        Vector b = a;
        b[n / 2] += 1e-4f;
        EXPECT_EQ(l2(a, b), l2(b, a));
        EXPECT_EQ(l1(a, b), l1(b, a));
        EXPECT_EQ(inner_product(a, b), inner_product(b, a));
        EXPECT_EQ(cosine(a, b), cosine(b, a));
        EXPECT_GE(cosine(a, b), 0);
        EXPECT_LE(cosine(a, b), 2);
    }
}

std::vector<const char *> available() {
    std::vector<const char *> names;
    for (int i = 0; const char *name = pgs_isa_available(i); i++) {
        names.push_back(name);
    }
    return names;
}

std::string name_of(const testing::TestParamInfo<const char *> &isa) {
    return isa.param;
}

INSTANTIATE_TEST_SUITE_P(Isa, Distance, testing::ValuesIn(available()), name_of);

}  // namespace
}  // namespace pgslab
