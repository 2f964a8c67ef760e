#include "base/crc32c.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <string_view>
#include <vector>

namespace pgslab {
namespace {

uint32_t crc32c_of(std::string_view text) {
    return crc32c(text.data(), text.size());
}

// One bit at a time, from the polynomial 0x1EDC6F41 (reflected).
uint32_t bitwise_crc32c(const std::vector<uint8_t> &bytes) {
    uint32_t crc = 0xffffffff;
    for (uint8_t byte : bytes) {
        crc ^= byte;
        for (int bit = 0; bit < 8; bit++) {
            crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82f63b78 : 0);
        }
    }
    return ~crc;
}

std::vector<uint8_t> random_bytes(size_t size, unsigned seed) {
    std::mt19937 random(seed);
    std::vector<uint8_t> bytes(size);
    for (uint8_t &byte : bytes) {
        byte = static_cast<uint8_t>(random());
    }
    return bytes;
}

TEST(Crc32c, GivesThePublishedValues) {
    EXPECT_EQ(crc32c_of("123456789"), 0xE3069283u);
    EXPECT_EQ(crc32c_of(""), 0u);

    // RFC 3720, appendix B.4.
    uint8_t bytes[32];
    std::memset(bytes, 0, sizeof bytes);
    EXPECT_EQ(crc32c(bytes, sizeof bytes), 0x8A9136AAu);
    std::memset(bytes, 0xff, sizeof bytes);
    EXPECT_EQ(crc32c(bytes, sizeof bytes), 0x62A8AB43u);
    for (int i = 0; i < 32; i++) {
        bytes[i] = static_cast<uint8_t>(i);
    }
    EXPECT_EQ(crc32c(bytes, sizeof bytes), 0x46DD794Eu);
    for (int i = 0; i < 32; i++) {
        bytes[i] = static_cast<uint8_t>(31 - i);
    }
    EXPECT_EQ(crc32c(bytes, sizeof bytes), 0x113FDB5Cu);
}

TEST(Crc32c, AgreesWithTheDefinitionAtEveryLengthAndAlignment) {
    for (size_t size = 0; size < 600; size++) {
        const std::vector<uint8_t> bytes = random_bytes(size, static_cast<unsigned>(size));
        std::vector<uint8_t> shifted(size + size % 9);
        std::copy(bytes.begin(), bytes.end(), shifted.end() - static_cast<ptrdiff_t>(size));
        EXPECT_EQ(crc32c(shifted.data() + size % 9, size), bitwise_crc32c(bytes)) << size;
    }
    const std::vector<uint8_t> page = random_bytes(8192, 1);
    EXPECT_EQ(crc32c(page.data(), page.size()), bitwise_crc32c(page));
}

TEST(Crc32c, ContinuesFromASeed) {
    const std::vector<uint8_t> bytes = random_bytes(300, 7);
    const uint32_t whole = crc32c(bytes.data(), bytes.size());
    for (size_t cut = 0; cut <= bytes.size(); cut++) {
        const uint32_t first = crc32c(bytes.data(), cut);
        EXPECT_EQ(crc32c(bytes.data() + cut, bytes.size() - cut, first), whole) << cut;
    }
}

TEST(Crc32c, SeesEveryFlippedBit) {
    std::vector<uint8_t> bytes = random_bytes(64, 3);
    const uint32_t whole = crc32c(bytes.data(), bytes.size());
    for (size_t bit = 0; bit < bytes.size() * 8; bit++) {
        bytes[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
        EXPECT_NE(crc32c(bytes.data(), bytes.size()), whole) << bit;
        bytes[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
    }
}

}  // namespace
}  // namespace pgslab
