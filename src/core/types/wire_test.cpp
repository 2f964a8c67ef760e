#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "pgslab_core.h"

namespace pgslab {
namespace {

using Bytes = std::vector<unsigned char>;

void append16(Bytes *wire, int value) {
    wire->push_back(static_cast<unsigned char>(value >> 8));
    wire->push_back(static_cast<unsigned char>(value));
}

void append_float(Bytes *wire, float value) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    append16(wire, static_cast<int>(bits >> 16));
    append16(wire, static_cast<int>(bits & 0xffff));
}

Bytes encode(const std::vector<float> &values) {
    Bytes wire;
    append16(&wire, static_cast<int>(values.size()));
    append16(&wire, 0);
    for (const float value : values)
        append_float(&wire, value);
    return wire;
}

PgsWire decode(const Bytes &wire, std::vector<float> *values = nullptr) {
    std::vector<float> out(PGS_MAX_DIMS);
    const PgsWire result = pgs_vec_decode(wire.data(), wire.size(), out.data());
    if (values != nullptr)
        values->assign(out.begin(), out.begin() + result.dims);
    return result;
}

TEST(VecDecode, ReadsBigEndianBytes) {
    const Bytes wire = {0, 2, 0, 0, 0x3f, 0x80, 0, 0, 0xc0, 0x20, 0, 0};
    std::vector<float> values;
    EXPECT_EQ(decode(wire, &values).status, PGS_WIRE_OK);
    EXPECT_THAT(values, testing::ElementsAre(1.0F, -2.5F));
}

TEST(VecDecode, ReadsAsManyDimensionsAsAVecMayHave) {
    std::vector<float> values(PGS_MAX_DIMS);
    for (std::size_t i = 0; i < values.size(); ++i)
        values[i] = static_cast<float>(i) / 3;
    std::vector<float> read;
    EXPECT_EQ(decode(encode(values), &read).status, PGS_WIRE_OK);
    EXPECT_EQ(read, values);
}

TEST(VecDecode, KeepsDenormalsAndTheSignOfZero) {
    const float denormal = std::numeric_limits<float>::denorm_min();
    std::vector<float> values;
    EXPECT_EQ(decode(encode({-0.0F, denormal, -denormal}), &values).status, PGS_WIRE_OK);
    EXPECT_TRUE(std::signbit(values[0]));
    EXPECT_EQ(values[1], denormal);
    EXPECT_EQ(values[2], -denormal);
}

TEST(VecDecode, RefusesEveryTruncation) {
    const Bytes whole = encode({1, 2, 3});
    for (std::size_t length = 0; length < whole.size(); ++length) {
        const Bytes part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
        const PgsWire result = decode(part);
        EXPECT_EQ(result.status, PGS_WIRE_SHORT) << length;
        EXPECT_EQ(result.dims, length < 4 ? 0 : 3) << length;
    }
}

TEST(VecDecode, RefusesBytesLeftOver) {
    Bytes wire = encode({1, 2, 3});
    wire.push_back(0);
    EXPECT_EQ(decode(wire).status, PGS_WIRE_LONG);
}

TEST(VecDecode, RefusesDimensionsOutOfRange) {
    for (const int dims : {0, -1, -32768, PGS_MAX_DIMS + 1, 32767}) {
        Bytes wire;
        append16(&wire, dims);
        append16(&wire, 0);
        const PgsWire result = pgs_vec_decode(wire.data(), wire.size(), nullptr);
        EXPECT_EQ(result.status, PGS_WIRE_DIMS) << dims;
        EXPECT_EQ(result.dims, dims);
    }
}

TEST(VecDecode, RefusesAReservedFieldThatIsNotZero) {
    for (const int reserved : {1, 256, -1}) {
        Bytes wire;
        append16(&wire, 1);
        append16(&wire, reserved);
        append_float(&wire, 1);
        EXPECT_EQ(decode(wire).status, PGS_WIRE_RESERVED) << reserved;
    }
}

TEST(VecDecode, NamesTheValueThatIsNotFinite) {
    using Limits = std::numeric_limits<float>;
    PgsWire result = decode(encode({1, 2, Limits::quiet_NaN(), 4}));
    EXPECT_EQ(result.status, PGS_WIRE_NAN);
    EXPECT_EQ(result.index, 2);
    result = decode(encode({1, -Limits::infinity()}));
    EXPECT_EQ(result.status, PGS_WIRE_INFINITE);
    EXPECT_EQ(result.index, 1);
    result = decode(encode({Limits::infinity()}));
    EXPECT_EQ(result.status, PGS_WIRE_INFINITE);
    EXPECT_EQ(result.index, 0);
}

}  // namespace
}  // namespace pgslab
