// The wire form of an hvec: that of a vec, with elements of two bytes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "pgslab_core.h"

namespace pgslab {
namespace {

using Bytes = std::vector<unsigned char>;

PgsWire decode(const Bytes &wire, std::vector<uint16_t> *values = nullptr) {
    std::vector<uint16_t> out(PGS_MAX_DIMS);
    const PgsWire result = pgs_hvec_decode(wire.data(), wire.size(), out.data());
    if (values != nullptr) {
        values->assign(out.begin(), out.begin() + result.dims);
    }
    return result;
}

TEST(HvecDecode, ReadsBigEndianBytes) {
    std::vector<uint16_t> values;
    EXPECT_EQ(decode({0, 2, 0, 0, 0x3c, 0x00, 0xc1, 0x01}, &values).status, PGS_WIRE_OK);
    EXPECT_THAT(values, testing::ElementsAre(0x3c00, 0xc101));
}

TEST(HvecDecode, KeepsEveryFiniteHalf) {
    for (uint32_t bits = 0; bits < 65536; bits++) {
        const Bytes wire = {
            0, 1, 0, 0, static_cast<unsigned char>(bits >> 8), static_cast<unsigned char>(bits)};
        std::vector<uint16_t> values;
        const PgsWire result = decode(wire, &values);
        const uint32_t magnitude = bits & 0x7fff;
        ASSERT_EQ(result.status, magnitude < 0x7c00    ? PGS_WIRE_OK
                                 : magnitude == 0x7c00 ? PGS_WIRE_INFINITE
                                                       : PGS_WIRE_NAN);
        ASSERT_EQ(values[0], bits);
        ASSERT_EQ(result.index, 0);
    }
}

TEST(HvecDecode, RefusesOtherLengths) {
    const Bytes whole = {0, 3, 0, 0, 0x3c, 0, 0x3c, 0, 0x3c, 0};
    for (size_t length = 0; length < whole.size(); length++) {
        const Bytes part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
        EXPECT_EQ(decode(part).status, PGS_WIRE_SHORT) << length;
    }
    Bytes more = whole;
    more.push_back(0);
    EXPECT_EQ(decode(more).status, PGS_WIRE_LONG);
    EXPECT_EQ(decode({0, 1, 0, 1, 0x3c, 0}).status, PGS_WIRE_RESERVED);
    EXPECT_EQ(decode({0, 0, 0, 0}).status, PGS_WIRE_DIMS);
}

TEST(HvecDecode, NamesTheValueThatIsNotFinite) {
    const PgsWire wire = decode({0, 3, 0, 0, 0x3c, 0, 0x7e, 0, 0x3c, 0});
    EXPECT_EQ(wire.status, PGS_WIRE_NAN);
    EXPECT_EQ(wire.index, 1);
}

}  // namespace
}  // namespace pgslab
