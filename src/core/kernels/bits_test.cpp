// Bits that arrays differ in and share, against counting them one by one, on every instruction set.
#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "kernels/kernels_under_test.h"
#include "pgslab/types.h"

namespace pgslab {
namespace {

class Bits : public testing::TestWithParam<const Kernels *> {};
INSTANTIATE_TEST_SUITE_P(AllIsas, Bits, testing::ValuesIn(kernels_under_test()), isa_of);

std::vector<uint8_t> random_bytes(size_t n, unsigned seed) {
    std::mt19937 random(seed);
    std::vector<uint8_t> bytes(n);
    for (uint8_t &byte : bytes) {
        byte = static_cast<uint8_t>(random());
    }
    return bytes;
}

uint64_t ones_one_by_one(uint8_t byte) {
    uint64_t ones = 0;
    for (int bit = 0; bit < 8; bit++) {
        ones += byte >> bit & 1;
    }
    return ones;
}

TEST_P(Bits, AreCountedAtAnyLengthAndAlignment) {
    for (size_t bytes = 0; bytes <= 300; bytes++) {
        const std::vector<uint8_t> a = random_bytes(bytes, static_cast<unsigned>(bytes));
        const std::vector<uint8_t> b = random_bytes(bytes, static_cast<unsigned>(bytes + 1000));
        uint64_t differing = 0, shared = 0;
        for (size_t i = 0; i < bytes; i++) {
            differing += ones_one_by_one(a[i] ^ b[i]);
            shared += ones_one_by_one(a[i] & b[i]);
        }
        Unaligned<uint8_t> left(a, bytes % 7), right(b, bytes % 5);
        uint32_t count = 0;
        GetParam()->bits_differing(left.data(), right.data(), 0, 1, bytes, &count);
        ASSERT_EQ(count, differing) << bytes;
        GetParam()->bits_shared(left.data(), right.data(), 0, 1, bytes, &count);
        ASSERT_EQ(count, shared) << bytes;
    }
}

TEST_P(Bits, AreAllCounted) {
    const size_t bytes = 100000;
    const std::vector<uint8_t> none(bytes, 0), all(bytes, 0xff);
    uint32_t count = 0;
    GetParam()->bits_differing(none.data(), all.data(), 0, 1, bytes, &count);
    EXPECT_EQ(count, 8 * bytes);
    GetParam()->bits_differing(all.data(), all.data(), 0, 1, bytes, &count);
    EXPECT_EQ(count, 0u);
    GetParam()->bits_shared(all.data(), all.data(), 0, 1, bytes, &count);
    EXPECT_EQ(count, 8 * bytes);
}

TEST_P(Bits, AreCountedOfEachRow) {
    for (size_t bytes : {1, 8, 31, 32, 33, 96, 125}) {
        const size_t stride = bytes + bytes % 3, rows = 20;
        const std::vector<uint8_t> query = random_bytes(bytes, 1);
        const std::vector<uint8_t> all = random_bytes((rows - 1) * stride + bytes, 2);
        std::vector<uint32_t> differing(rows), shared(rows);
        Unaligned<uint8_t> at(all, 3);
        GetParam()->bits_differing(query.data(), at.data(), stride, rows, bytes, differing.data());
        GetParam()->bits_shared(query.data(), at.data(), stride, rows, bytes, shared.data());
        for (size_t row = 0; row < rows; row++) {
            uint32_t count = 0;
            GetParam()->bits_differing(query.data(), all.data() + row * stride, 0, 1, bytes,
                                       &count);
            ASSERT_EQ(differing[row], count) << row;
            GetParam()->bits_shared(query.data(), all.data() + row * stride, 0, 1, bytes, &count);
            ASSERT_EQ(shared[row], count) << row;
        }
    }
}

TEST(BitDistances, AreThoseOfSets) {
    const unsigned char a[] = {0b11010000, 1}, b[] = {0b01011000, 3};
    EXPECT_EQ(pgs_bits_hamming_distance(a, b, 2), 3u);
    EXPECT_EQ(pgs_bits_jaccard_distance(a, b, 2), 1 - 3.0 / 6);
    EXPECT_EQ(pgs_bits_jaccard_distance(a, a, 2), 0);
}

TEST(BitDistances, JaccardIsOneWhereNothingIsShared) {
    const unsigned char none[] = {0}, a[] = {6}, b[] = {9};
    EXPECT_EQ(pgs_bits_jaccard_distance(a, b, 1), 1);
    EXPECT_EQ(pgs_bits_jaccard_distance(none, a, 1), 1);
    EXPECT_EQ(pgs_bits_jaccard_distance(none, none, 1), 1);
    EXPECT_EQ(pgs_bits_jaccard_distance(none, none, 0), 1);
}

}  // namespace
}  // namespace pgslab
