// Numbers packed and unpacked, at every width and count, without a byte read or written beside
// them.
#include "kernels/bitpack.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace pgslab {
namespace {

using Random = std::mt19937_64;
constexpr uint32_t kWidths = 33;

std::vector<uint32_t> random_numbers(Random &random, uint32_t n, uint32_t bits) {
    std::vector<uint32_t> numbers(n);
    for (uint32_t &number : numbers) {
        number = bits == 0 ? 0 : static_cast<uint32_t>(random()) >> (32 - bits);
    }
    return numbers;
}

// Buffers are as long as they have to be, so that a sanitizer sees what is beyond them.
TEST(Bitpack, GivesBackNumbersOfEveryWidthAndCount) {
    Random random(1);
    for (uint32_t bits = 0; bits < kWidths; bits++) {
        for (uint32_t n = 0; n <= kPackedTogether; n++) {
            const std::vector<uint32_t> numbers = random_numbers(random, n, bits);
            std::vector<uint8_t> packed(packed_bytes(n, bits));
            pack(numbers.data(), n, bits, packed.data());
            std::vector<uint32_t> unpacked(n, 0xA5A5A5A5);
            unpack(packed.data(), n, bits, unpacked.data());
            ASSERT_EQ(unpacked, numbers) << bits << " bits, " << n;
        }
    }
}

TEST(Bitpack, WritesItsOwnBytesOnly) {
    Random random(2);
    for (uint32_t bits = 0; bits < kWidths; bits++) {
        for (uint32_t n = 0; n <= kPackedTogether; n++) {
            const std::vector<uint32_t> numbers = random_numbers(random, n, 32);
            const size_t bytes = packed_bytes(n, bits);
            std::vector<uint8_t> packed(bytes + 16, 0x5A);
            pack(numbers.data(), n, bits, packed.data());
            for (size_t i = bytes; i < packed.size(); i++) {
                ASSERT_EQ(packed[i], 0x5A) << bits << " bits, " << n;
            }
        }
    }
}

TEST(Bitpack, TakesTheLowestBits) {
    Random random(3);
    for (uint32_t bits = 0; bits < 32; bits++) {
        for (const uint32_t n : {1u, 7u, 127u, kPackedTogether}) {
            const std::vector<uint32_t> numbers = random_numbers(random, n, 32);
            std::vector<uint8_t> packed(packed_bytes(n, bits));
            pack(numbers.data(), n, bits, packed.data());
            std::vector<uint32_t> unpacked(n);
            unpack(packed.data(), n, bits, unpacked.data());
            for (uint32_t i = 0; i < n; i++) {
                ASSERT_EQ(unpacked[i], numbers[i] & ((uint32_t{1} << bits) - 1)) << bits;
            }
        }
    }
}

bool bit_at(const std::vector<uint8_t> &bytes, size_t bit) {
    return (bytes[bit / 8] >> bit % 8 & 1) != 0;
}

// These bytes are stored: where each bit is must never change.
TEST(Bitpack, FewerThan128FollowOneAnotherFromTheLowestBitOn) {
    Random random(4);
    for (uint32_t bits = 1; bits < kWidths; bits++) {
        for (uint32_t n = 1; n < kPackedTogether; n++) {
            const std::vector<uint32_t> numbers = random_numbers(random, n, bits);
            std::vector<uint8_t> packed(packed_bytes(n, bits));
            pack(numbers.data(), n, bits, packed.data());
            for (size_t bit = 0; bit < packed.size() * 8; bit++) {
                const bool expected =
                    bit < size_t{n} * bits && (numbers[bit / bits] >> bit % bits & 1) != 0;
                ASSERT_EQ(bit_at(packed, bit), expected)
                    << bits << " bits, " << n << ", bit " << bit;
            }
        }
    }
}

TEST(Bitpack, Of128EachLaneHasEveryFourth) {
    Random random(5);
    for (uint32_t bits = 1; bits < kWidths; bits++) {
        const std::vector<uint32_t> numbers = random_numbers(random, kPackedTogether, bits);
        std::vector<uint8_t> packed(packed_bytes(kPackedTogether, bits));
        pack(numbers.data(), kPackedTogether, bits, packed.data());
        for (uint32_t i = 0; i < kPackedTogether; i++) {
            for (uint32_t bit = 0; bit < bits; bit++) {
                const uint32_t in_lane = i / 4 * bits + bit;
                const uint32_t word = in_lane / 32 * 4 + i % 4;
                ASSERT_EQ(bit_at(packed, size_t{word} * 32 + in_lane % 32),
                          (numbers[i] >> bit & 1) != 0)
                    << bits << " bits, number " << i << ", bit " << bit;
            }
        }
    }
}

TEST(Bitpack, CountsTheBitsOfANumber) {
    EXPECT_EQ(bits_of(0), 0u);
    EXPECT_EQ(bits_of(1), 1u);
    EXPECT_EQ(bits_of(255), 8u);
    EXPECT_EQ(bits_of(256), 9u);
    EXPECT_EQ(bits_of(UINT32_MAX), 32u);
    EXPECT_EQ(packed_bytes(3, 3), 2u);
    EXPECT_EQ(packed_bytes(kPackedTogether, 32), 512u);
}

}  // namespace
}  // namespace pgslab
