// Bounds are no less than what they bound, at any size.
#include "inverted/bound.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "inverted/bm25.h"
#include "inverted/posting_block.h"

namespace pgslab::inverted {
namespace {

using Random = std::mt19937_64;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

double uniform(Random &random, double from, double to) {
    return std::uniform_real_distribution<>(from, to)(random);
}

Inverted text_index(double k1, double b) {
    Inverted index = {};
    index.weights = Weights::kOccurrences;
    index.k1 = k1;
    index.b = b;
    return index;
}

Inverted vector_index(Weights weights) {
    Inverted index = {};
    index.weights = weights;
    index.dims = 100;
    return index;
}

// Of any size, 0 and the largest among them.
double random_k1(Random &random) {
    constexpr double kSome[] = {0, 1e-300, 1e-9, 1.2, 2, PGS_MAX_K1};
    return random() % 2 == 0 ? kSome[random() % std::size(kSome)] : uniform(random, 0, 10);
}
double random_b(Random &random) {
    constexpr double kSome[] = {0, 1e-12, 0.75, 1};
    return random() % 2 == 0 ? kSome[random() % std::size(kSome)] : uniform(random, 0, 1);
}
uint32_t random_size(Random &random, uint32_t most) {
    constexpr uint32_t kFew = 4;
    if (random() % 8 == 0) {
        return most;
    }
    return std::clamp(static_cast<uint32_t>(random() >> (32 + random() % 32)) % kFew *
                              static_cast<uint32_t>(random() % 2) +
                          static_cast<uint32_t>(random() >> (32 + random() % 32)),
                      1u, most);
}
double random_average(Random &random) {
    if (random() % 8 == 0) {
        return random() % 2 == 0 ? 0 : UINT32_MAX;
    }
    return std::exp(uniform(random, -22, 22));
}

TEST(Bound, LengthsAreRelativeToTheAverage) {
    EXPECT_EQ(relative_length(6, 3), 2);
    EXPECT_EQ(relative_length(0, 3), 0);
    EXPECT_EQ(relative_length(0, 0), 1);
    EXPECT_EQ(relative_length(7, 0), 1);
    EXPECT_EQ(relative_length(7, std::numeric_limits<double>::quiet_NaN()), 1);
    EXPECT_EQ(relative_length(1e9, 5e-324), 1);
}

TEST(Bound, FactorsAreWhatScoresAreMadeOf) {
    Random random(1);
    for (int round = 0; round < 100000; round++) {
        const Inverted index = text_index(random_k1(random), random_b(random));
        const uint32_t length = random_size(random, UINT32_MAX);
        const uint32_t most = std::min(length, static_cast<uint32_t>(kMostOccurrences));
        const auto weight = static_cast<float>(random_size(random, most));
        const PgsBm25 bm25 = {index.k1, index.b, random_average(random)};
        const double f = posting_factor(index, bm25.average, weight, {length, 0});
        ASSERT_GE(f, 0);
        ASSERT_LE(f, 1);
        const double term = bm25_term(bm25, 2.5, weight, length);
        ASSERT_NEAR(f * 2.5 * (index.k1 + 1), term, 1e-12 * term);
    }
    const Inverted products = vector_index(Weights::kProducts);
    EXPECT_EQ(posting_factor(products, 0, FLT_MAX, {}), double{FLT_MAX});
    EXPECT_EQ(posting_factor(products, 0, -FLT_TRUE_MIN, {}), -double{FLT_TRUE_MIN});
    const Inverted cosines = vector_index(Weights::kCosines);
    EXPECT_EQ(posting_factor(cosines, 0, -3, {0, 9}), -1);
    for (const float value : {FLT_MAX, FLT_MIN, FLT_TRUE_MIN}) {
        const double square = double{value} * double{value};
        EXPECT_EQ(posting_factor(cosines, 0, value, {0, square}), 1) << value;
        EXPECT_EQ(posting_factor(cosines, 0, -value, {0, square}), -1) << value;
    }
}

TEST(Bound, SquaresBeyondEveryVectorAreHarmless) {
    const Inverted cosines = vector_index(Weights::kCosines);
    for (const double square : {5e-324, 1e-308, DBL_MAX, kInfinity}) {
        for (const float value : {FLT_MAX, FLT_TRUE_MIN, -FLT_MAX, -FLT_TRUE_MIN}) {
            const double f = posting_factor(cosines, 0, value, {0, square});
            ASSERT_FALSE(std::isnan(f));
            ASSERT_GE(round_up(f), f);
            ASSERT_LE(round_down(f), f);
        }
    }
}

TEST(Bound, RoundsOutward) {
    Random random(2);
    for (int round = 0; round < 200000; round++) {
        const double f = std::ldexp(uniform(random, -1, 1), static_cast<int>(random() % 300) - 170);
        const float up = round_up(f);
        const float down = round_down(f);
        ASSERT_GE(up, f);
        ASSERT_LE(down, f);
        ASSERT_LT(std::nextafter(up, -HUGE_VALF), f);
        ASSERT_GT(std::nextafter(down, HUGE_VALF), f);
    }
    EXPECT_EQ(round_up(0), 0);
    EXPECT_EQ(round_down(0), 0);
    EXPECT_EQ(round_up(0.5), 0.5);
    EXPECT_EQ(round_down(-0.5), -0.5);
    EXPECT_EQ(round_up(double{FLT_MAX}), FLT_MAX);
    EXPECT_EQ(round_up(1e-300), FLT_TRUE_MIN);
    EXPECT_EQ(round_down(-1e-300), -FLT_TRUE_MIN);
    EXPECT_EQ(round_up(1e300), HUGE_VALF);
    EXPECT_EQ(round_down(-1e300), -HUGE_VALF);
    EXPECT_EQ(round_up(-1e300), -FLT_MAX);
}

void expect_least_share(double f, float term) {
    const uint8_t share = share_of(f, term);
    ASSERT_GE(std::fabs(of_share(share, term)), std::fabs(f)) << f << " of " << term;
    ASSERT_TRUE(share == 0 ||
                std::fabs(of_share(static_cast<uint8_t>(share - 1), term)) < std::fabs(f))
        << f << " of " << term << ": " << int{share};
}

TEST(Bound, SharesAreTheLeastThatBound) {
    Random random(3);
    for (int round = 0; round < 200000; round++) {
        const double size =
            std::ldexp(uniform(random, 0, 1), static_cast<int>(random() % 250) - 140);
        const double f = random() % 2 == 0 ? -size : size;
        const double larger = f * (random() % 4 == 0 ? 1 : std::exp(uniform(random, 0, 8)));
        const float term = f < 0 ? round_down(larger) : round_up(larger);
        ASSERT_NO_FATAL_FAILURE(expect_least_share(f, term));
    }
}

TEST(Bound, SharesComeBackAsTheyWere) {
    Random random(4);
    std::vector<float> terms = {FLT_MAX, FLT_MIN, FLT_TRUE_MIN, 1.0f, 1.0f / 3, 0.1f};
    for (int i = 0; i < 2000; i++) {
        terms.push_back(static_cast<float>(std::exp(uniform(random, -80, 80))));
    }
    for (const float size : terms) {
        for (const float term : {size, -size}) {
            for (uint32_t share = 0; share <= 255; share++) {
                const auto byte = static_cast<uint8_t>(share);
                ASSERT_EQ(share_of(of_share(byte, term), term), byte) << term;
            }
            ASSERT_EQ(of_share(255, term), double{term});
        }
    }
    EXPECT_EQ(share_of(0, 0), 0);
    EXPECT_EQ(share_of(0, 1), 0);
    EXPECT_EQ(share_of(0, -1), 0);
    EXPECT_EQ(share_of(5e-324, FLT_MAX), 1);
    EXPECT_EQ(share_of(-5e-324, -FLT_MAX), 1);
}

// As writers and searches use them: f of a block, as a share of the term's, grown.
TEST(Bound, HoldsForSearchesWithAnotherAverage) {
    Random random(5);
    for (int round = 0; round < 300000; round++) {
        const Inverted index = text_index(random_k1(random), random_b(random));
        const double segment_average = random_average(random);
        const double average = random_average(random);
        const uint32_t length = random_size(random, UINT32_MAX);
        const uint32_t most = std::min(length, static_cast<uint32_t>(kMostOccurrences));
        const auto weight = static_cast<float>(random_size(random, most));
        const DocumentMeasure document = {length, 0};
        const double written = posting_factor(index, segment_average, weight, document);
        const float term = round_up(std::max(written, uniform(random, 0, 1)));
        const double searched = posting_factor(index, average, weight, document);
        const double growth = factor_growth(index, segment_average, average);
        ASSERT_GE(growth, 1);
        ASSERT_TRUE(std::isfinite(growth));
        for (const double bound :
             {written, double{term}, of_share(share_of(written, term), term)}) {
            ASSERT_GE(bound * growth, searched)
                << "k1 " << index.k1 << " b " << index.b << " averages " << segment_average << ' '
                << average << " length " << length << " weight " << weight;
        }
    }
}

TEST(Bound, GrowsOnlyWithTheAverage) {
    const Inverted index = text_index(1.2, 0.75);
    EXPECT_EQ(factor_growth(index, 10, 10), 1);
    EXPECT_EQ(factor_growth(index, 10, 5), 1);
    EXPECT_EQ(factor_growth(index, 0, 0), 1);
    EXPECT_NEAR(factor_growth(index, 10, 30), 3, 1e-12);
    EXPECT_EQ(factor_growth(vector_index(Weights::kProducts), 0, 30), 1);
    EXPECT_EQ(factor_growth(vector_index(Weights::kCosines), 10, 30), 1);
}

}  // namespace
}  // namespace pgslab::inverted
