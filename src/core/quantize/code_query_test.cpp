// Products of a quantised query with codes are within the rounding it reports.
#include "quantize/code_query.h"

#include <gtest/gtest.h>

#include <cmath>

#include "quantize/code.h"
#include "quantize/fastscan.h"
#include "quantize/testing/hard_vectors.h"

namespace pgslab {
namespace {

using Code = std::vector<uint8_t>;

Code random_code(Random &random, unsigned bits, uint32_t padded) {
    Code code(code_bytes(bits, padded));
    for (uint8_t &byte : code) {
        byte = static_cast<uint8_t>(random());
    }
    return code;
}

double element(unsigned bits, const Code &code, uint32_t i) {
    switch (bits) {
        case 1:
            return (code[i / 8] >> i % 8 & 1) - 0.5;
        case 4:
            return (code[i / 64 * 32 + i % 32] >> (i % 64 < 32 ? 0 : 4) & 15) - 7.5;
        default:
            return static_cast<int8_t>(code[i]) + 0.5;
    }
}

float product_of_scan(const CodeQuery &query, uint32_t sum) {
    return query.scan_base() + query.scan_step() * static_cast<float>(sum);
}

float product_of(const CodeQuery &query, unsigned bits, const Code &code, uint32_t padded) {
    if (bits != 1) {
        return query.product(bits, code.data());
    }
    const uint8_t *rows[kBlockRows] = {};
    rows[13] = code.data();
    Code block(4 * padded);
    pack_block(rows, padded, block.data());
    uint32_t sums[kBlockRows] = {};
    kernels().fastscan(sums, block.data(), query.table(), padded / 4);
    return product_of_scan(query, sums[13]);
}

void check(const CodeQuery &query, const Vector &q, unsigned bits, const Code &code) {
    const auto padded = static_cast<uint32_t>(q.size());
    double exact = 0, squares = 0;
    for (uint32_t i = 0; i < padded; i++) {
        const double u = element(bits, code, i);
        exact += u * q[i];
        squares += u * u;
    }
    const double u_norm = std::sqrt(squares);
    const double product = product_of(query, bits, code, padded);
    ASSERT_TRUE(std::isfinite(product));
    ASSERT_LE(std::abs(product - exact), query.rounding(bits) * u_norm + 1e-12 * std::abs(exact))
        << bits << " bits " << padded;
}

// The code whose product shows the whole rounding of the approximation: along or against it.
Code worst_code(Random &random, unsigned bits, const Vector &q) {
    const auto padded = static_cast<uint32_t>(q.size());
    double largest = 0;
    for (float x : q) {
        largest = std::max(largest, std::abs(static_cast<double>(x)));
    }
    const double step = largest / (bits == 4 ? 127 : 2047);
    Vector rest(padded);
    for (uint32_t i = 0; i < padded; i++) {
        const double steps = q[i] / step;
        rest[i] = static_cast<float>(steps - std::nearbyint(steps));
    }
    Code code = random_code(random, bits, padded);
    encode_code(CodeMetric::kL2, bits, rest.data(), Vector(padded).data(), padded,
                code_step(bits, padded), code.data());
    return code;
}

TEST(CodeQuery, ProductsAreWithinItsRounding) {
    Random random(1);
    for (int round = 0; round < 1500; round++) {
        const uint32_t sizes[] = {64, 128, 192, 320, 832, 1536};
        const uint32_t padded = sizes[round % 6];
        const Vector q = any_hard_vector(random, padded);
        CodeQuery query;
        query.set(q.data(), padded);
        for (unsigned bits : {1u, 4u, 8u}) {
            check(query, q, bits, random_code(random, bits, padded));
            check(query, q, bits, worst_code(random, bits, q));
        }
    }
}

TEST(CodeQuery, IsPreciseForOrdinaryQueries) {
    Random random(2);
    for (uint32_t padded : {64u, 832u, 8064u}) {
        const Vector q = scaled_normal(random, padded, 3);
        double squares = 0;
        for (float x : q) {
            squares += static_cast<double>(x) * x;
        }
        CodeQuery query;
        query.set(q.data(), padded);
        EXPECT_NEAR(query.norm(), std::sqrt(squares), 1e-9);
        EXPECT_LT(query.rounding(4), 0.012 * query.norm());
        EXPECT_LT(query.rounding(8), 0.0008 * query.norm());
        for (unsigned bits : {1u, 4u, 8u}) {
            check(query, q, bits, Code(code_bytes(bits, padded)));
            check(query, q, bits, Code(code_bytes(bits, padded), 0xFF));
        }
        // The sets' bounds are those of a table of 8 bits, not far from them.
        const uint8_t *table = query.table();
        const auto [least, most] = std::minmax_element(table, table + 4 * padded);
        EXPECT_EQ(*least, 0);
        EXPECT_EQ(*most, 255);
    }
}

TEST(CodeQuery, IsSetAgainWithoutATrace) {
    Random random(3);
    const Vector a = scaled_normal(random, 832, 1), b = scaled_normal(random, 128, 1e20);
    CodeQuery used, fresh;
    used.set(a.data(), 832);
    used.set(b.data(), 128);
    fresh.set(b.data(), 128);
    const Code code = random_code(random, 4, 128);
    EXPECT_EQ(used.product(4, code.data()), fresh.product(4, code.data()));
    EXPECT_TRUE(std::equal(used.table(), used.table() + 512, fresh.table()));
    EXPECT_EQ(product_of_scan(used, 99), product_of_scan(fresh, 99));
    EXPECT_EQ(used.rounding(1), fresh.rounding(1));
}

TEST(CodeQuery, OutOfRangeHasNoProductAndInfiniteRounding) {
    for (float value : {3e38f, INFINITY, -INFINITY, NAN}) {
        Vector q(128, 1.0f);
        q[77] = value;
        CodeQuery query;
        query.set(q.data(), 128);
        for (unsigned bits : {1u, 4u, 8u}) {
            EXPECT_EQ(query.rounding(bits), INFINITY);
        }
        EXPECT_EQ(query.product(4, Code(64, 0x35).data()), 0);
        EXPECT_EQ(query.product(8, Code(128, 0x35).data()), 0);
        EXPECT_EQ(product_of_scan(query, 1000), 0);
        EXPECT_FALSE(query.norm() <= 1e33);
    }
}

}  // namespace
}  // namespace pgslab
