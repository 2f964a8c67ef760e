// Arithmetic on sparse vectors is that on the dense vectors they stand for.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "pgslab_core.h"
#include "types/testing/sparse.h"

namespace pgslab {
namespace {

using Function = PgsSvecResult (*)(const PgsSvec *, const PgsSvec *, int32_t *, float *);

// The room is what the header promises to be enough, so that AddressSanitizer sees any write past
// it.
Sparse calculate(Function function, const Sparse &a, const Sparse &b, PgsSvecResult *result) {
    const PgsSvec x = a.view(), y = b.view();
    const std::size_t room =
        function == pgs_svec_mul
            ? std::min(a.indices.size(), b.indices.size())
            : std::min(a.indices.size() + b.indices.size(), static_cast<std::size_t>(a.dims));
    Sparse sparse = Sparse::with_room(a.dims, room);
    *result = function(&x, &y, sparse.indices.data(), sparse.values.data());
    sparse.keep(result->nnz);
    return sparse;
}

Sparse calculate(Function function, const Sparse &a, const Sparse &b) {
    PgsSvecResult result;
    const Sparse sparse = calculate(function, a, b, &result);
    EXPECT_FALSE(result.overflow);
    return sparse;
}

template <typename Operation>
void expect_as_dense(Function function, Operation operation, const Sparse &a, const Sparse &b) {
    const std::vector<float> x = a.dense(), y = b.dense();
    std::map<std::int32_t, float> expected;
    for (std::size_t i = 0; i < x.size(); ++i)
        expected[static_cast<std::int32_t>(i)] = operation(x[i], y[i]);
    EXPECT_EQ(calculate(function, a, b), make_sparse(a.dims, expected));
}

// Few different values, so that many results are zero.
TEST(SvecArith, IsThatOfDenseVectors) {
    std::mt19937 random(1);
    for (const bool few : {false, true})
        for (const double left : {0.0, 0.1, 0.5, 1.0})
            for (const double right : {0.0, 0.1, 0.5, 1.0})
                for (const std::int32_t dims : {1, 2, 3, 40, 500}) {
                    const Sparse a = random_sparse(random, dims, left, few);
                    const Sparse b = random_sparse(random, dims, right, few);
                    expect_as_dense(
                        pgs_svec_add, [](float x, float y) { return x + y; }, a, b);
                    expect_as_dense(
                        pgs_svec_sub, [](float x, float y) { return x - y; }, a, b);
                    expect_as_dense(
                        pgs_svec_mul, [](float x, float y) { return x * y; }, a, b);
                }
}

TEST(SvecArith, LeavesNothingOfAVectorLessItself) {
    const Sparse a = make_sparse(9, {{1, 1.0F}, {8, -3e38F}});
    EXPECT_EQ(calculate(pgs_svec_sub, a, a), make_sparse(9, {}));
}

TEST(SvecArith, DropsProductsThatUnderflow) {
    const Sparse a = make_sparse(9, {{1, 1e-30F}, {2, 2.0F}});
    EXPECT_EQ(calculate(pgs_svec_mul, a, a), make_sparse(9, {{2, 4.0F}}));
}

TEST(SvecArith, NamesTheFirstOverflow) {
    const Sparse a = make_sparse(9, {{1, 1.0F}, {4, 3e38F}, {7, 3e38F}});
    const Sparse b = make_sparse(9, {{0, 1.0F}, {4, 2e38F}, {7, 3e38F}});
    const Sparse c = make_sparse(9, {{0, 1.0F}, {4, -2e38F}, {7, -3e38F}});
    PgsSvecResult result;
    calculate(pgs_svec_add, a, b, &result);
    EXPECT_TRUE(result.overflow);
    EXPECT_EQ(result.index, 4);
    EXPECT_EQ(result.left, 3e38F);
    EXPECT_EQ(result.right, 2e38F);
    calculate(pgs_svec_sub, a, c, &result);
    EXPECT_TRUE(result.overflow);
    EXPECT_EQ(result.right, -2e38F);
    calculate(pgs_svec_mul, a, b, &result);
    EXPECT_TRUE(result.overflow);
    EXPECT_EQ(result.index, 4);
}

std::vector<PgsSvecElement> gathered(std::vector<PgsSvecElement> elements) {
    const PgsSvecResult result = pgs_svec_gather(elements.data(), elements.size());
    EXPECT_FALSE(result.overflow);
    elements.resize(static_cast<std::size_t>(result.nnz));
    return elements;
}

Sparse sparse_of(const std::vector<PgsSvecElement> &elements) {
    Sparse sparse{100, {}, {}};
    for (const PgsSvecElement &element : elements) {
        sparse.indices.push_back(element.index);
        sparse.values.push_back(element.value);
    }
    return sparse;
}

TEST(SvecGather, SortsAndAddsUp) {
    EXPECT_EQ(sparse_of(gathered({{7, 1}, {3, 2}, {7, 0.5F}, {0, -1}})),
              make_sparse(100, {{0, -1.0F}, {3, 2.0F}, {7, 1.5F}}));
    EXPECT_EQ(sparse_of(gathered({})), make_sparse(100, {}));
}

TEST(SvecGather, LeavesOutSumsOfZero) {
    EXPECT_EQ(sparse_of(gathered({{7, 1}, {3, 0}, {7, -1}, {5, 4}})),
              make_sparse(100, {{5, 4.0F}}));
}

// 2^24 + 1 is not a float32; sums of float32 would depend on the order.
TEST(SvecGather, DoesNotDependOnOrder) {
    std::vector<PgsSvecElement> elements = {{1, 16777216}, {1, 1},      {1, 1},    {2, 3e38F},
                                            {2, 3e38F},    {2, -3e38F}, {1, -0.5F}};
    const Sparse expected = sparse_of(gathered(elements));
    EXPECT_EQ(expected, make_sparse(100, {{1, 16777218.0F}, {2, 3e38F}}));
    std::mt19937 random(2);
    for (int i = 0; i < 100; ++i) {
        std::shuffle(elements.begin(), elements.end(), random);
        EXPECT_EQ(sparse_of(gathered(elements)), expected);
    }
}

TEST(SvecGather, SaysWhatOverflows) {
    std::vector<PgsSvecElement> elements = {{9, 3e38F}, {4, 3e38F}, {4, 3e38F}, {9, 3e38F}};
    const PgsSvecResult result = pgs_svec_gather(elements.data(), elements.size());
    EXPECT_TRUE(result.overflow);
    EXPECT_EQ(result.index, 4);
}

std::int32_t hash_term(std::string_view term, std::int32_t dims) {
    return pgs_svec_hash_term(term.data(), term.size(), dims);
}

// Vectors of terms are stored, so indices must not change. These follow from FNV-1a and
// SplitMix64's finaliser, computed apart from this code.
TEST(SvecHashTerm, PutsATermWhereItAlwaysWas) {
    const struct {
        const char *term;
        std::int32_t of_thousand;
        std::int32_t of_all;
    } expected[] = {{"a", 736, 849983736},        {"cat", 58, 73479058},
                    {"car", 565, 209692565},      {"vector", 88, 781538088},
                    {"postgres", 497, 612758497}, {"", 203, 633026203}};
    for (const auto &[term, of_thousand, of_all] : expected) {
        EXPECT_EQ(hash_term(term, 1000), of_thousand) << term;
        EXPECT_EQ(hash_term(term, PGS_SVEC_MAX_DIMS), of_all) << term;
    }
}

TEST(SvecHashTerm, StaysBelowDims) {
    for (const std::int32_t dims : {1, 2, 1000, PGS_SVEC_MAX_DIMS})
        for (int i = 0; i < 1000; ++i) {
            const std::int32_t index = hash_term("term" + std::to_string(i), dims);
            EXPECT_GE(index, 0);
            EXPECT_LT(index, dims);
        }
    EXPECT_EQ(hash_term("anything", 1), 0);
    EXPECT_EQ(hash_term("", 1), 0);
}

TEST(SvecHashTerm, TakesBytesAsTheyAre) {
    EXPECT_NE(hash_term("Term", PGS_SVEC_MAX_DIMS), hash_term("term", PGS_SVEC_MAX_DIMS));
    EXPECT_NE(hash_term("term ", PGS_SVEC_MAX_DIMS), hash_term("term", PGS_SVEC_MAX_DIMS));
    EXPECT_EQ(hash_term("term", 1000), hash_term("term", 1000));
}

// Six standard deviations of a count of 100 in each of 64 dimensions.
TEST(SvecHashTerm, SpreadsSimilarTerms) {
    constexpr std::int32_t dims = 64;
    std::vector<int> count(dims);
    for (int i = 0; i < 6400; ++i)
        ++count[static_cast<std::size_t>(hash_term("term" + std::to_string(i), dims))];
    for (const int n : count)
        EXPECT_NEAR(n, 100, 60);
}

}  // namespace
}  // namespace pgslab
