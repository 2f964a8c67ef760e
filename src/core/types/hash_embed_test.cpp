#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "pgslab_core.h"
#include "types/fnv1a.h"

namespace pgslab {
namespace {

std::vector<float> embed(std::string_view text, int dims = 256) {
    // Not zeros: what was in the buffer before must not matter.
    std::vector<float> out(static_cast<std::size_t>(dims), 42.0F);
    pgs_hash_embed(text.data(), text.size(), out.data(), dims);
    return out;
}

double inner_product(const std::vector<float> &a, const std::vector<float> &b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        sum += static_cast<double>(a[i]) * b[i];
    return sum;
}

// Test vectors of the FNV authors (draft-eastlake-fnv, appendix C).
TEST(Fnv1a, KnownValues) {
    EXPECT_EQ(fnv1a(""), 0xcbf29ce484222325U);
    EXPECT_EQ(fnv1a("a"), 0xaf63dc4c8601ec8cU);
    EXPECT_EQ(fnv1a("foobar"), 0x85944171f73967e8U);
}

TEST(HashEmbed, HasNormOne) {
    for (const int dims : {1, 2, 3, 64, 1000, PGS_MAX_DIMS}) {
        const std::vector<float> out = embed("The quick brown fox jumps over the lazy dog", dims);
        EXPECT_NEAR(inner_product(out, out), 1.0, 1e-6) << dims;
    }
}

TEST(HashEmbed, IsTheSameEveryTime) {
    EXPECT_EQ(embed("same text"), embed("same text"));
    EXPECT_NE(embed("same text"), embed("other text"));
}

// Embeddings are stored, so they must not change. One word is one feature: one entry, +1 or -1. The
// dimension and the sign follow from FNV-1a and SplitMix64's finaliser, computed apart from this
// code.
TEST(HashEmbed, PutsAWordWhereItAlwaysWas) {
    const struct {
        const char *word;
        std::size_t dimension;
        float sign;
    } expected[] = {
        {"a", 736, 1.0F}, {"cat", 250, -1.0F}, {"car", 565, 1.0F}, {"vector", 88, 1.0F}};
    for (const auto &[word, dimension, sign] : expected) {
        std::vector<float> alone(1000, 0.0F);
        alone[dimension] = sign;
        EXPECT_EQ(embed(word, 1000), alone) << word;
    }
}

// In 16000 dimensions these three features do not collide.
TEST(HashEmbed, CountsWordsAndPairs) {
    const std::vector<float> out = embed("red green", PGS_MAX_DIMS);
    int entries = 0;
    for (const float value : out) {
        if (value == 0)
            continue;
        EXPECT_FLOAT_EQ(std::fabs(value), 1 / std::sqrt(3.0F));
        ++entries;
    }
    EXPECT_EQ(entries, 3);
    EXPECT_NEAR(std::fabs(inner_product(out, embed("red", PGS_MAX_DIMS))), 1 / std::sqrt(3.0),
                1e-6);
    EXPECT_NEAR(std::fabs(inner_product(out, embed("green", PGS_MAX_DIMS))), 1 / std::sqrt(3.0),
                1e-6);
}

TEST(HashEmbed, FoldsAsciiCase) {
    EXPECT_EQ(embed("Hello WORLD"), embed("hello world"));
    EXPECT_EQ(embed("AZ [z]"), embed("az z"));
}

TEST(HashEmbed, IgnoresWhatStandsBetweenWords) {
    EXPECT_EQ(embed("one two"), embed("  one,\n\t-- two!"));
    EXPECT_NE(embed("one two"), embed("onetwo"));
    EXPECT_EQ(embed(std::string_view("one\0two", 7)), embed("one two"));
}

TEST(HashEmbed, TakesDigitsAndOtherScriptsAsLetters) {
    EXPECT_NE(embed("version 1"), embed("version 2"));
    EXPECT_NE(embed("caf\xC3\xA9"), embed("caf"));
    EXPECT_NE(embed("\xE6\x97\xA5"), embed("\xE6\x9C\xAC"));
}

TEST(HashEmbed, PairsMakeWordOrderMatter) {
    const std::vector<float> forth = embed("dog bites man");
    const std::vector<float> back = embed("man bites dog");
    EXPECT_NE(forth, back);
    // The words, 3 of the 5 features, are shared; the pairs are not.
    EXPECT_NEAR(inner_product(forth, back), 3.0 / 5.0, 1e-6);
}

TEST(HashEmbed, IsNearerToTextsThatShareWords) {
    const std::vector<float> query = embed("how to cook rice");
    EXPECT_GT(inner_product(query, embed("cook rice in a pot")),
              inner_product(query, embed("stock market falls again")));
}

TEST(HashEmbed, OfNoWordsIsZero) {
    for (const std::string_view text : {"", " ", "... --- !?"})
        EXPECT_THAT(embed(text), testing::Each(0.0F)) << text;
    std::vector<float> out(3, 42.0F);
    pgs_hash_embed(nullptr, 0, out.data(), 3);
    EXPECT_THAT(out, testing::Each(0.0F));
}

TEST(HashEmbed, OfAnyWordIsNotZero) {
    for (int dims = 1; dims <= 4; ++dims) {
        std::string text;
        for (int words = 1; words <= 200; ++words) {
            text += " w" + std::to_string(words);
            const std::vector<float> out = embed(text, dims);
            EXPECT_NEAR(inner_product(out, out), 1.0, 1e-6) << dims << ": " << text;
        }
    }
}

// Words that differ in their last byte only must not crowd into a few dimensions or all have one
// sign.
TEST(HashEmbed, SpreadsSimilarWords) {
    constexpr int dims = 64;
    constexpr int words = 6400;
    std::vector<int> count(dims);
    int positive = 0;
    for (int i = 0; i < words; ++i) {
        const std::vector<float> out = embed("word" + std::to_string(i), dims);
        for (std::size_t d = 0; d < out.size(); ++d) {
            count[d] += out[d] != 0 ? 1 : 0;
            positive += out[d] > 0 ? 1 : 0;
        }
    }
    // Six standard deviations: sqrt(words / 4) = 40 for the sign, about sqrt(words / dims) = 10 for
    // a dimension.
    EXPECT_NEAR(positive, words / 2, 240);
    for (const int n : count)
        EXPECT_NEAR(n, words / dims, 60);
}

}  // namespace
}  // namespace pgslab
