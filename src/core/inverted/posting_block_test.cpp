// Blocks of postings give back what was put in, and bytes that are none are refused or harmless.
#include "inverted/posting_block.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <set>
#include <vector>

namespace pgslab::inverted {
namespace {

using Random = std::mt19937_64;
constexpr Weights kAllWeights[] = {Weights::kOccurrences, Weights::kProducts, Weights::kCosines};

float random_weight(Random &random, Weights weights, uint32_t bits) {
    if (weights == Weights::kOccurrences) {
        return static_cast<float>((random() & ((uint64_t{1} << bits) - 1)) % 0xFFFFFF + 1);
    }
    for (;;) {
        const auto word = static_cast<uint32_t>(random());
        float value;
        std::memcpy(&value, &word, sizeof value);
        if (std::isfinite(value) && value != 0) {
            return value;
        }
    }
}

// Gaps are below 2^gap_bits where so many of them fit 32 bits.
Postings random_postings(Random &random, Weights weights, uint32_t count, uint32_t gap_bits,
                         uint32_t weight_bits) {
    Postings postings = {};
    postings.count = count;
    uint64_t number = random() % 1000;
    for (uint32_t i = 0; i < count; i++) {
        postings.number[i] = static_cast<uint32_t>(number);
        postings.weight[i] = random_weight(random, weights, weight_bits);
        const uint64_t left = UINT32_MAX - number - (count - i);
        number += 1 + std::min(random() & ((uint64_t{1} << gap_bits) - 1), left);
    }
    return postings;
}

// Exactly as long as it is.
std::vector<uint8_t> encoded(Weights weights, const Postings &postings) {
    uint8_t bytes[kMostBlockBytes];
    const uint32_t n = encode_block(weights, postings, bytes);
    return {bytes, bytes + n};
}

BlockHeader header_of(const std::vector<uint8_t> &block) {
    BlockHeader header;
    std::memcpy(&header, block.data(), sizeof header);
    return header;
}

void expect_equal(const Postings &a, const Postings &b) {
    ASSERT_EQ(a.count, b.count);
    for (uint32_t i = 0; i < a.count; i++) {
        ASSERT_EQ(a.number[i], b.number[i]) << i;
        ASSERT_EQ(a.weight[i], b.weight[i]) << i;
    }
}

TEST(PostingBlock, GivesBackPostingsOfEveryWidthAndCount) {
    Random random(1);
    for (const Weights weights : kAllWeights) {
        for (uint32_t count = 1; count <= kBlockPostings; count++) {
            for (uint32_t bits = 0; bits <= 32; bits++) {
                const Postings postings =
                    random_postings(random, weights, count, bits, std::min(bits, 24u));
                const std::vector<uint8_t> block = encoded(weights, postings);
                ASSERT_EQ(block.size(), block_bytes(header_of(block)));
                ASSERT_EQ(block.size(), block_bytes(block_header(weights, postings)));
                ASSERT_EQ(block.size() % 4, 0u);
                ASSERT_LE(block.size(), kMostBlockBytes);
                Postings decoded;
                ASSERT_TRUE(decode_block(weights, block.data(), block.size(), decoded));
                ASSERT_NO_FATAL_FAILURE(expect_equal(decoded, postings));
            }
        }
    }
}

TEST(PostingBlock, GivesNumbersFirstAndWeightsLater) {
    Random random(2);
    for (const Weights weights : kAllWeights) {
        for (const uint32_t count : {1u, 2u, 77u, 127u, 128u}) {
            const Postings postings = random_postings(random, weights, count, 9, 3);
            const std::vector<uint8_t> block = encoded(weights, postings);
            Postings decoded;
            ASSERT_TRUE(decode_numbers(weights, block.data(), block.size(), decoded));
            ASSERT_EQ(decoded.count, count);
            for (uint32_t i = 0; i < count; i++) {
                ASSERT_EQ(decoded.number[i], postings.number[i]);
            }
            ASSERT_TRUE(decode_weights(weights, block.data(), block.size(), decoded));
            ASSERT_NO_FATAL_FAILURE(expect_equal(decoded, postings));
        }
    }
}

TEST(PostingBlock, TakesTheLargestNumbersAndOccurrences) {
    Postings postings = {3, {0, UINT32_MAX - 1, UINT32_MAX}, {1, kMostOccurrences, 2}};
    const std::vector<uint8_t> block = encoded(Weights::kOccurrences, postings);
    Postings decoded;
    ASSERT_TRUE(decode_block(Weights::kOccurrences, block.data(), block.size(), decoded));
    ASSERT_NO_FATAL_FAILURE(expect_equal(decoded, postings));
}

TEST(PostingBlock, TakesNoBitForWhatIsAlwaysTheSame) {
    Postings postings = {kBlockPostings, {}, {}};
    for (uint32_t i = 0; i < kBlockPostings; i++) {
        postings.number[i] = 5 + i;
        postings.weight[i] = 1;
    }
    EXPECT_EQ(encoded(Weights::kOccurrences, postings).size(), sizeof(BlockHeader));
}

// Each truncated copy has a buffer of its own length.
TEST(PostingBlock, IsRefusedWhereItIsCutOff) {
    Random random(3);
    for (const Weights weights : kAllWeights) {
        for (const uint32_t count : {1u, 2u, 31u, 127u, 128u}) {
            const std::vector<uint8_t> block =
                encoded(weights, random_postings(random, weights, count, 13, 5));
            for (size_t n = 0; n < block.size(); n++) {
                const std::vector<uint8_t> cut(block.begin(),
                                               block.begin() + static_cast<ptrdiff_t>(n));
                Postings decoded;
                EXPECT_FALSE(decode_block(weights, cut.data(), n, decoded)) << n;
                EXPECT_FALSE(decode_numbers(weights, cut.data(), n, decoded)) << n;
                EXPECT_FALSE(decode_weights(weights, cut.data(), n, decoded)) << n;
            }
        }
    }
}

void expect_valid(Weights weights, const Postings &postings) {
    ASSERT_GE(postings.count, 1u);
    ASSERT_LE(postings.count, kBlockPostings);
    for (uint32_t i = 0; i < postings.count; i++) {
        ASSERT_TRUE(i == 0 || postings.number[i - 1] < postings.number[i]);
        if (weights == Weights::kOccurrences) {
            ASSERT_GE(postings.weight[i], 1);
            ASSERT_LE(postings.weight[i], kMostOccurrences);
            ASSERT_EQ(postings.weight[i], std::floor(postings.weight[i]));
        } else {
            ASSERT_TRUE(std::isfinite(postings.weight[i]) && postings.weight[i] != 0);
        }
    }
}

// Of random bytes, a good share of which begin with a header that makes sense.
TEST(PostingBlock, IsRefusedOrValidWhateverTheBytesAre) {
    Random random(4);
    uint32_t taken = 0;
    uint32_t refused = 0;
    for (int round = 0; round < 60000; round++) {
        const Weights weights = kAllWeights[round % 3];
        std::vector<uint8_t> bytes(random() % (kMostBlockBytes + 8));
        for (uint8_t &byte : bytes) {
            byte = static_cast<uint8_t>(random());
        }
        if (bytes.size() >= sizeof(BlockHeader) && random() % 4 != 0) {
            const BlockHeader header = {
                static_cast<uint32_t>(random() >> random() % 64),
                static_cast<uint8_t>(random() % 130), static_cast<uint8_t>(random() % 34),
                static_cast<uint8_t>(weights == Weights::kOccurrences ? random() % 34 : 32), 0};
            std::memcpy(bytes.data(), &header, sizeof header);
        }
        Postings decoded;
        if (decode_block(weights, bytes.data(), bytes.size(), decoded)) {
            taken++;
            ASSERT_NO_FATAL_FAILURE(expect_valid(weights, decoded));
        } else {
            refused++;
        }
    }
    EXPECT_GT(taken, 1000u);
    EXPECT_GT(refused, 1000u);
}

class PostingBlockHeader : public testing::Test {
  protected:
    bool is_taken(Weights weights, void (*change)(BlockHeader &)) {
        Random random(5);
        std::vector<uint8_t> block = encoded(weights, random_postings(random, weights, 20, 10, 4));
        BlockHeader header = header_of(block);
        change(header);
        std::memcpy(block.data(), &header, sizeof header);
        block.resize(2 * size_t{kMostBlockBytes});
        Postings decoded;
        return decode_block(weights, block.data(), block.size(), decoded);
    }
};

TEST_F(PostingBlockHeader, IsRefusedWhereAFieldIsImpossible) {
    for (const Weights weights : kAllWeights) {
        EXPECT_TRUE(is_taken(weights, [](BlockHeader &) {}));
        EXPECT_FALSE(is_taken(weights, [](BlockHeader &header) { header.more = 128; }));
        EXPECT_FALSE(is_taken(weights, [](BlockHeader &header) { header.number_bits = 33; }));
        EXPECT_FALSE(is_taken(weights, [](BlockHeader &header) { header.weight_bits = 33; }));
        EXPECT_FALSE(is_taken(weights, [](BlockHeader &header) { header.reserved = 1; }));
        EXPECT_FALSE(is_taken(weights, [](BlockHeader &header) { header.first = UINT32_MAX; }));
    }
    for (const Weights weights : {Weights::kProducts, Weights::kCosines}) {
        EXPECT_FALSE(is_taken(weights, [](BlockHeader &header) { header.weight_bits = 31; }));
        EXPECT_FALSE(is_taken(weights, [](BlockHeader &header) { header.weight_bits = 0; }));
    }
}

TEST(PostingBlock, IsRefusedWhereAWeightIsImpossible) {
    constexpr float kImpossible[] = {0.0f, -0.0f, std::numeric_limits<float>::infinity(),
                                     -std::numeric_limits<float>::infinity(),
                                     std::numeric_limits<float>::quiet_NaN()};
    for (const float impossible : kImpossible) {
        for (uint32_t i = 0; i < 5; i++) {
            Postings postings = {5, {1, 2, 3, 4, 5}, {1, -1, 3.5f, 1e-45f, -3e38f}};
            postings.weight[i] = impossible;
            const std::vector<uint8_t> block = encoded(Weights::kProducts, postings);
            Postings decoded;
            EXPECT_FALSE(decode_block(Weights::kProducts, block.data(), block.size(), decoded));
            EXPECT_TRUE(decode_numbers(Weights::kProducts, block.data(), block.size(), decoded));
        }
    }
    for (const uint32_t stored : {0xFFFFFFu, 0x1000000u, 0xFFFFFFFEu, 0xFFFFFFFFu}) {
        const BlockHeader header = {7, 0, 0, 32, 0};
        uint8_t block[sizeof header + sizeof stored];
        std::memcpy(block, &header, sizeof header);
        std::memcpy(block + sizeof header, &stored, sizeof stored);
        Postings decoded;
        EXPECT_FALSE(decode_block(Weights::kOccurrences, block, sizeof block, decoded)) << stored;
    }
}

}  // namespace
}  // namespace pgslab::inverted
