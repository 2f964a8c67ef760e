// The sums over codes, over every instruction set, against plain loops: equal, bit for bit.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <vector>

#include "kernels/kernels.h"
#include "kernels/kernels_under_test.h"

namespace pgslab {
namespace {

using Sums = std::array<uint32_t, 32>;

// The nibbles of 32 vectors, [vector][group], and one table for all of them.
struct Block {
    std::vector<std::vector<uint8_t>> nibbles;
    std::vector<uint8_t> table;

    Block(size_t groups, unsigned seed) : table(groups * 16) {
        std::mt19937 random(seed);
        nibbles.assign(32, std::vector<uint8_t>(groups));
        for (std::vector<uint8_t> &vector : nibbles) {
            for (uint8_t &nibble : vector) {
                nibble = static_cast<uint8_t>(random() % 16);
            }
        }
        for (uint8_t &entry : table) {
            entry = static_cast<uint8_t>(random());
        }
    }

    size_t groups() const { return table.size() / 16; }

    std::vector<uint8_t> codes() const {
        constexpr int order[16] = {0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15};
        std::vector<uint8_t> bytes(groups() * 16);
        for (size_t g = 0; g < groups(); g++) {
            for (size_t j = 0; j < 16; j++) {
                const auto vector = static_cast<size_t>(order[j]);
                bytes[16 * g + j] =
                    static_cast<uint8_t>(nibbles[vector][g] | nibbles[vector + 16][g] << 4);
            }
        }
        return bytes;
    }

    Sums sums() const {
        Sums expected{};
        for (size_t v = 0; v < 32; v++) {
            for (size_t g = 0; g < groups(); g++) {
                expected[v] += table[16 * g + nibbles[v][g]];
            }
        }
        return expected;
    }
};

Sums scanned(const Kernels &k, const Block &block, size_t shift) {
    Unaligned<uint8_t> codes(block.codes(), shift % 64), table(block.table, shift / 64 % 64);
    Sums got{};
    k.fastscan(got.data(), codes.data(), table.data(), block.groups());
    return got;
}

class FastScan : public testing::TestWithParam<const Kernels *> {};

TEST_P(FastScan, IsEqualAtEveryNumberOfGroups) {
    for (size_t groups = 0; groups <= 1100; groups += groups < 40 ? 1 : 1 + groups / 11) {
        const Block block(groups, static_cast<unsigned>(groups));
        ASSERT_EQ(scanned(*GetParam(), block, groups * 37), block.sums()) << groups;
    }
    for (size_t groups : {192, 255, 256, 257, 511, 512, 513, 1023, 1025, 4000}) {
        const Block block(groups, static_cast<unsigned>(groups));
        ASSERT_EQ(scanned(*GetParam(), block, groups), block.sums()) << groups;
    }
}

// One vector and one nibble at a time are not zero, so that none can stand for another.
TEST_P(FastScan, PutsEveryNibbleIntoItsVector) {
    for (size_t vector = 0; vector < 32; vector++) {
        for (unsigned nibble = 0; nibble < 16; nibble++) {
            Block block(5, 1);
            for (std::vector<uint8_t> &nibbles : block.nibbles) {
                std::fill(nibbles.begin(), nibbles.end(), nibble == 0 ? 1 : 0);
            }
            std::fill(block.table.begin(), block.table.end(), 0);
            Sums expected{};
            for (size_t g = 0; g < 5; g++) {
                block.nibbles[vector][g] = static_cast<uint8_t>(nibble);
                block.table[16 * g + nibble] = static_cast<uint8_t>(1 << g);
                expected[vector] += 1u << g;
            }
            ASSERT_EQ(scanned(*GetParam(), block, vector), expected) << vector << ", " << nibble;
        }
    }
}

// The largest sums, and those of one half of the vectors only, which carry into nothing.
TEST_P(FastScan, DoesNotOverflow) {
    for (size_t groups : {255, 256, 257, 258, 260, 512, 1024, 20000}) {
        for (unsigned which : {0x0fu, 0x05u, 0x0au, 0x01u, 0x08u}) {
            Block block(groups, 2);
            std::fill(block.table.begin(), block.table.end(), 0);
            for (size_t g = 0; g < groups; g++) {
                block.table[16 * g + 15] = 255;
            }
            for (size_t v = 0; v < 32; v++) {
                const bool largest = (which >> v / 8 & 1) != 0;
                std::fill(block.nibbles[v].begin(), block.nibbles[v].end(), largest ? 15 : 0);
            }
            ASSERT_EQ(scanned(*GetParam(), block, 0), block.sums()) << groups;
        }
    }
}

TEST_P(FastScan, GivesTheSameSumsHoweverABlockIsCut) {
    const Block block(700, 3);
    const std::vector<uint8_t> codes = block.codes();
    std::mt19937 random(4);
    for (int attempt = 0; attempt < 50; attempt++) {
        Sums got{};
        for (size_t g = 0; g < block.groups();) {
            const size_t count = std::min<size_t>(random() % 300, block.groups() - g);
            GetParam()->fastscan(got.data(), codes.data() + 16 * g, block.table.data() + 16 * g,
                                 count);
            g += count;
        }
        ASSERT_EQ(got, block.sums());
    }
}

TEST_P(FastScan, AddsToWhatTheSumsHold) {
    const Block block(9, 5);
    const std::vector<uint8_t> codes = block.codes();
    Sums got, expected = block.sums();
    for (size_t v = 0; v < 32; v++) {
        got[v] = static_cast<uint32_t>(v) << 24 | 0xffff;
        expected[v] += got[v];
    }
    GetParam()->fastscan(got.data(), codes.data(), block.table.data(), block.groups());
    EXPECT_EQ(got, expected);
}

INSTANTIATE_TEST_SUITE_P(Isa, FastScan, testing::ValuesIn(kernels_under_test()), isa_of);

template <typename Q>
std::vector<Q> random_query(size_t n, int largest, std::mt19937 &random) {
    std::vector<Q> q(n);
    for (Q &element : q) {
        const auto values = 2 * static_cast<unsigned>(largest) + 1;
        element = static_cast<Q>(static_cast<int>(random() % values) - largest);
    }
    return q;
}

class CodeDot : public testing::TestWithParam<const Kernels *> {};

void expect_nibbles_equal(const Kernels &k, const std::vector<uint8_t> &values,
                          const std::vector<int8_t> &q, size_t shift) {
    const size_t n = values.size();
    std::vector<uint8_t> packed(n / 2);
    int64_t expected = 0;
    for (size_t i = 0; i < n; i++) {
        uint8_t &byte = packed[i / 64 * 32 + i % 32];
        byte = static_cast<uint8_t>(byte | values[i] << (i % 64 < 32 ? 0 : 4));
        expected += values[i] * q[i];
    }
    Unaligned<uint8_t> codes(packed, shift % 64);
    Unaligned<int8_t> query(q, shift / 64 % 64);
    ASSERT_EQ(k.dot_u4_i8(codes.data(), query.data(), n), expected) << "size " << n;
}

TEST_P(CodeDot, OfNibblesIsEqual) {
    std::mt19937 random(6);
    for (size_t n = 0; n <= 16000; n += n < 3000 ? 64 : 960) {
        std::vector<uint8_t> values(n);
        for (uint8_t &value : values) {
            value = static_cast<uint8_t>(random() % 16);
        }
        expect_nibbles_equal(*GetParam(), values, random_query<int8_t>(n, 127, random), n / 64);
    }
}

TEST_P(CodeDot, OfTheLargestNibblesIsEqual) {
    for (size_t n : {64, 512, 576, 768, 16000}) {
        for (int sign : {1, -1}) {
            std::vector<int8_t> q(n, static_cast<int8_t>(127 * sign));
            expect_nibbles_equal(*GetParam(), std::vector<uint8_t>(n, 15), q, 0);
            for (size_t i = 0; i < n; i += 2) {
                q[i] = static_cast<int8_t>(-q[i]);
            }
            expect_nibbles_equal(*GetParam(), std::vector<uint8_t>(n, 15), q, 0);
        }
    }
}

TEST_P(CodeDot, OfNibblesTakesEveryDimOnce) {
    for (size_t n : {64, 192, 768}) {
        for (size_t at = 0; at < n; at++) {
            std::vector<uint8_t> values(n, 15);
            std::vector<int8_t> q(n, 0);
            values[at] = static_cast<uint8_t>(1 + at % 14);
            q[at] = static_cast<int8_t>(at % 2 == 0 ? -127 : 126);
            expect_nibbles_equal(*GetParam(), values, q, at);
        }
    }
}

void expect_bytes_equal(const Kernels &k, const std::vector<int8_t> &codes,
                        const std::vector<int16_t> &q, size_t shift) {
    int64_t expected = 0;
    for (size_t i = 0; i < q.size(); i++) {
        expected += codes[i] * q[i];
    }
    Unaligned<int8_t> stored(codes, shift % 64);
    Unaligned<int16_t> query(q, shift / 64 % 64);
    ASSERT_EQ(k.dot_i8_i16(stored.data(), query.data(), q.size()), expected) << q.size();
}

TEST_P(CodeDot, OfBytesIsEqual) {
    std::mt19937 random(7);
    for (size_t n = 0; n <= 8192; n += n < 2000 ? 64 : 576) {
        std::vector<int8_t> codes(n);
        for (int8_t &code : codes) {
            code = static_cast<int8_t>(random());
        }
        expect_bytes_equal(*GetParam(), codes, random_query<int16_t>(n, 2047, random), n / 64);
    }
}

TEST_P(CodeDot, OfTheLargestBytesIsEqual) {
    for (size_t n : {64, 768, 8064, 8192}) {
        for (int16_t q : {int16_t{2047}, int16_t{-2047}}) {
            for (int8_t code : {int8_t{127}, int8_t{-128}}) {
                expect_bytes_equal(*GetParam(), std::vector<int8_t>(n, code),
                                   std::vector<int16_t>(n, q), 0);
            }
        }
    }
}

TEST_P(CodeDot, OfBytesTakesEveryDimOnce) {
    for (size_t n : {64, 192, 768}) {
        for (size_t at = 0; at < n; at++) {
            std::vector<int8_t> codes(n, -128);
            std::vector<int16_t> q(n, 0);
            codes[at] = static_cast<int8_t>(at);
            q[at] = static_cast<int16_t>(at % 2 == 0 ? -2047 : 2046);
            expect_bytes_equal(*GetParam(), codes, q, at);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Isa, CodeDot, testing::ValuesIn(kernels_under_test()), isa_of);

}  // namespace
}  // namespace pgslab
