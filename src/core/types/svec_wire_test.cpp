#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include "pgslab_core.h"
#include "types/testing/sparse.h"

namespace pgslab {
namespace {

using Bytes = std::vector<unsigned char>;

void append32(Bytes *wire, std::int64_t value) {
    for (const int shift : {24, 16, 8, 0})
        wire->push_back(static_cast<unsigned char>(value >> shift));
}

// Any fields, whether they make sense or not.
Bytes encode(std::int64_t dims, std::int64_t nnz, std::int64_t reserved,
             const std::vector<std::int64_t> &indices, const std::vector<float> &values) {
    Bytes wire;
    append32(&wire, dims);
    append32(&wire, nnz);
    append32(&wire, reserved);
    for (const std::int64_t index : indices)
        append32(&wire, index);
    for (const float value : values)
        append32(&wire, std::bit_cast<std::uint32_t>(value));
    return wire;
}

Bytes encode(const Sparse &sparse) {
    return encode(sparse.dims, static_cast<std::int64_t>(sparse.indices.size()), 0,
                  {sparse.indices.begin(), sparse.indices.end()}, sparse.values);
}

// As a server would: the header says how much room to make.
PgsSvecWire decode(const Bytes &wire, Sparse *sparse = nullptr) {
    const PgsSvecWire header = pgs_svec_decode_header(wire.data(), wire.size());
    if (header.status != PGS_SVEC_WIRE_OK)
        return header;
    Sparse read = Sparse::with_room(header.dims, static_cast<std::size_t>(header.nnz));
    const PgsSvecWire result =
        pgs_svec_decode(wire.data(), wire.size(), read.indices.data(), read.values.data());
    if (sparse != nullptr)
        *sparse = read;
    return result;
}

TEST(SvecDecode, ReadsBigEndianBytes) {
    const Bytes wire = {0, 0, 0, 5, 0, 0, 0,    2,    0, 0, 0,    0,    0, 0,
                        0, 0, 0, 0, 0, 2, 0x3f, 0xc0, 0, 0, 0xc0, 0x20, 0, 0};
    Sparse sparse;
    EXPECT_EQ(decode(wire, &sparse).status, PGS_SVEC_WIRE_OK);
    EXPECT_EQ(sparse, make_sparse(5, {{0, 1.5F}, {2, -2.5F}}));
}

TEST(SvecDecode, ReadsWhatIsEncoded) {
    std::mt19937 random(11);
    for (std::int32_t dims = 1; dims < 500; dims += 7) {
        const Sparse sparse = random_sparse(random, dims, 0.3);
        Sparse read;
        ASSERT_EQ(decode(encode(sparse), &read).status, PGS_SVEC_WIRE_OK) << dims;
        ASSERT_EQ(read, sparse) << dims;
    }
}

TEST(SvecDecode, ReadsTheLimits) {
    const Sparse last = make_sparse(PGS_SVEC_MAX_DIMS, {{PGS_SVEC_MAX_DIMS - 1, 1e-45F}});
    Sparse read;
    EXPECT_EQ(decode(encode(last), &read).status, PGS_SVEC_WIRE_OK);
    EXPECT_EQ(read, last);
    EXPECT_EQ(decode(encode(make_sparse(3, {}))).status, PGS_SVEC_WIRE_OK);
}

TEST(SvecDecode, RefusesEveryTruncation) {
    const Bytes whole = encode(make_sparse(9, {{1, 1.0F}, {4, 2.0F}}));
    for (std::size_t length = 0; length < whole.size(); ++length) {
        const Bytes part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
        const PgsSvecWire result = decode(part);
        EXPECT_EQ(result.status, PGS_SVEC_WIRE_SHORT) << length;
        EXPECT_EQ(result.nnz, length < 12 ? 0 : 2) << length;
        // Whoever does not look at the header first is told the same.
        EXPECT_EQ(pgs_svec_decode(part.data(), length, nullptr, nullptr).status,
                  PGS_SVEC_WIRE_SHORT);
    }
}

TEST(SvecDecode, RefusesBytesLeftOver) {
    Bytes wire = encode(make_sparse(9, {{1, 1.0F}, {4, 2.0F}}));
    wire.push_back(0);
    EXPECT_EQ(decode(wire).status, PGS_SVEC_WIRE_LONG);
}

TEST(SvecDecode, RefusesAHeaderOutOfRange) {
    for (const std::int64_t dims :
         {0L, -1L, PGS_SVEC_MAX_DIMS + 1L, INT32_MAX + 0L, INT32_MIN + 0L})
        EXPECT_EQ(decode(encode(dims, 0, 0, {}, {})).status, PGS_SVEC_WIRE_DIMS) << dims;
    for (const std::int64_t nnz : {-1L, 6L, INT32_MAX + 0L, INT32_MIN + 0L})
        EXPECT_EQ(decode(encode(5, nnz, 0, {}, {})).status, PGS_SVEC_WIRE_NNZ) << nnz;
    EXPECT_EQ(decode(encode(PGS_SVEC_MAX_DIMS, PGS_SVEC_MAX_NNZ + 1, 0, {}, {})).status,
              PGS_SVEC_WIRE_NNZ);
    EXPECT_EQ(decode(encode(PGS_SVEC_MAX_DIMS, PGS_SVEC_MAX_NNZ, 0, {}, {})).status,
              PGS_SVEC_WIRE_SHORT);
    for (const std::int64_t reserved : {1L, -1L, 256L})
        EXPECT_EQ(decode(encode(5, 0, reserved, {}, {})).status, PGS_SVEC_WIRE_RESERVED);
}

TEST(SvecDecode, NamesTheIndexAtFault) {
    PgsSvecWire result = decode(encode(5, 2, 0, {1, 5}, {1, 1}));
    EXPECT_EQ(result.status, PGS_SVEC_WIRE_INDEX);
    EXPECT_EQ(result.at, 1);
    EXPECT_EQ(result.index, 5);
    result = decode(encode(5, 2, 0, {-1, 3}, {1, 1}));
    EXPECT_EQ(result.status, PGS_SVEC_WIRE_INDEX);
    EXPECT_EQ(result.at, 0);
    EXPECT_EQ(result.index, -1);
    result = decode(encode(5, 3, 0, {1, 3, 3}, {1, 1, 1}));
    EXPECT_EQ(result.status, PGS_SVEC_WIRE_ORDER);
    EXPECT_EQ(result.at, 2);
    result = decode(encode(5, 2, 0, {3, 1}, {1, 1}));
    EXPECT_EQ(result.status, PGS_SVEC_WIRE_ORDER);
    EXPECT_EQ(result.at, 1);
}

TEST(SvecDecode, NamesTheValueAtFault) {
    using Limits = std::numeric_limits<float>;
    const auto decode_value = [](float value) {
        return decode(encode(5, 2, 0, {1, 3}, {1, value}));
    };
    EXPECT_EQ(decode_value(Limits::quiet_NaN()).status, PGS_SVEC_WIRE_NAN);
    EXPECT_EQ(decode_value(-Limits::infinity()).status, PGS_SVEC_WIRE_INFINITE);
    EXPECT_EQ(decode_value(0.0F).status, PGS_SVEC_WIRE_ZERO);
    EXPECT_EQ(decode_value(-0.0F).status, PGS_SVEC_WIRE_ZERO);
    EXPECT_EQ(decode_value(-0.0F).at, 1);
    EXPECT_EQ(decode_value(-0.0F).index, 3);
}

}  // namespace
}  // namespace pgslab
