#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "pgslab_core.h"
#include "types/testing/sparse.h"

namespace pgslab {
namespace {

struct Parsed {
    PgsSvecParse parse;
    Sparse value;
};

// Text and room are of exactly the size that is said, so that AddressSanitizer sees any byte read
// or written past them.
Parsed parse(std::string_view text, std::size_t room) {
    const std::vector<char> exact(text.begin(), text.end());
    std::vector<PgsSvecElement> out(room);
    const PgsSvecParse result = pgs_svec_parse(exact.data(), exact.size(), out.data(), room);
    Parsed parsed{result, {result.dims, {}, {}}};
    for (std::int32_t i = 0; result.status == PGS_SVEC_OK && i < result.count; ++i) {
        parsed.value.indices.push_back(out[static_cast<std::size_t>(i)].index);
        parsed.value.values.push_back(out[static_cast<std::size_t>(i)].value);
    }
    return parsed;
}

Parsed parse(std::string_view text) {
    return parse(text, pgs_svec_count_colons(text.data(), text.size()));
}

Sparse value_of(std::string_view text) {
    const Parsed parsed = parse(text);
    EXPECT_EQ(parsed.parse.status, PGS_SVEC_OK) << text;
    return parsed.value;
}

TEST(SvecParse, ReadsIndicesFromOne) {
    EXPECT_EQ(value_of("{1:1.5,3:2}/5"), make_sparse(5, {{0, 1.5F}, {2, 2.0F}}));
    EXPECT_EQ(value_of("{5:-3e2}/5"), make_sparse(5, {{4, -300.0F}}));
}

TEST(SvecParse, ReadsAVectorOfZeros) {
    EXPECT_EQ(value_of("{}/7"), make_sparse(7, {}));
    EXPECT_EQ(value_of(" { } / 1 "), make_sparse(1, {}));
}

TEST(SvecParse, AllowsWhiteSpaceBetweenTokens) {
    EXPECT_EQ(value_of(" \t\n{ 1\r:\v1.5 , 3 :\f2 } / 5 \n"),
              make_sparse(5, {{0, 1.5F}, {2, 2.0F}}));
}

TEST(SvecParse, SortsIndices) {
    EXPECT_EQ(value_of("{9:9,1:1,5:5}/10"), make_sparse(10, {{0, 1.0F}, {4, 5.0F}, {8, 9.0F}}));
}

TEST(SvecParse, SortsManyIndices) {
    std::vector<int> order(5000);
    std::iota(order.begin(), order.end(), 1);
    std::shuffle(order.begin(), order.end(), std::mt19937(3));
    std::string text = "{";
    for (const int i : order)
        text += std::to_string(i) + ':' + std::to_string(2 * i) + ',';
    text.back() = '}';
    const Sparse sparse = value_of(text + "/5000");
    ASSERT_EQ(sparse.indices.size(), 5000U);
    for (std::size_t i = 0; i < 5000; ++i) {
        ASSERT_EQ(sparse.indices[i], static_cast<std::int32_t>(i));
        ASSERT_EQ(sparse.values[i], 2.0F * static_cast<float>(i + 1));
    }
}

TEST(SvecParse, DropsZeros) {
    EXPECT_EQ(value_of("{1:0,2:7,3:-0,4:1e-60,5:0.0}/5"), make_sparse(5, {{1, 7.0F}}));
    EXPECT_EQ(value_of("{1:0}/1"), make_sparse(1, {}));
}

TEST(SvecParse, ReadsTheLimits) {
    EXPECT_EQ(value_of("{1000000000:1}/1000000000"), make_sparse(1000000000, {{999999999, 1.0F}}));
    EXPECT_EQ(value_of("{+1:+1}/+1"), make_sparse(1, {{0, 1.0F}}));
    EXPECT_EQ(value_of("{007:1}/0010"), make_sparse(10, {{6, 1.0F}}));
}

struct Refused {
    std::string_view text;
    PgsSvecParseStatus status;
    int count;
    std::size_t offset;
    std::size_t length;
};

class SvecParseRefuses : public testing::TestWithParam<Refused> {};

TEST_P(SvecParseRefuses, WithStatusAndPlace) {
    const Refused &expected = GetParam();
    const PgsSvecParse result = parse(expected.text).parse;
    EXPECT_EQ(result.status, expected.status);
    EXPECT_EQ(result.count, expected.count);
    EXPECT_EQ(result.offset, expected.offset);
    EXPECT_EQ(result.length, expected.length);
}

using namespace std::string_view_literals;

INSTANTIATE_TEST_SUITE_P(Form, SvecParseRefuses,
                         testing::Values(Refused{"", PGS_SVEC_NO_OPENING, 0, 0, 0},
                                         Refused{"  ", PGS_SVEC_NO_OPENING, 0, 2, 0},
                                         Refused{"1:2", PGS_SVEC_NO_OPENING, 0, 0, 1},
                                         Refused{" [1,2]", PGS_SVEC_NO_OPENING, 0, 1, 2},
                                         Refused{"{", PGS_SVEC_UNTERMINATED, 0, 1, 0},
                                         Refused{"{1", PGS_SVEC_UNTERMINATED, 0, 2, 0},
                                         Refused{"{1:", PGS_SVEC_UNTERMINATED, 0, 3, 0},
                                         Refused{"{1:2", PGS_SVEC_UNTERMINATED, 1, 4, 0},
                                         Refused{"{1:2, ", PGS_SVEC_UNTERMINATED, 1, 6, 0},
                                         Refused{"{1:2}", PGS_SVEC_UNTERMINATED, 1, 5, 0},
                                         Refused{"{1:2} /", PGS_SVEC_UNTERMINATED, 1, 7, 0},
                                         Refused{"{}", PGS_SVEC_UNTERMINATED, 0, 2, 0},
                                         Refused{"{1:2}/5x", PGS_SVEC_SYNTAX, 1, 6, 2},
                                         Refused{"{1:2}/5 x", PGS_SVEC_TRAILING, 1, 8, 1},
                                         Refused{"{1:2}/5\0"sv, PGS_SVEC_SYNTAX, 1, 6, 2},
                                         Refused{"{1:2}/5/6", PGS_SVEC_TRAILING, 1, 7, 2},
                                         Refused{"{1:2}5", PGS_SVEC_SYNTAX, 1, 5, 1},
                                         Refused{"{1:2}/{}", PGS_SVEC_SYNTAX, 1, 6, 1},
                                         Refused{"{1:2,}/5", PGS_SVEC_SYNTAX, 1, 5, 1},
                                         Refused{"{,1:2}/5", PGS_SVEC_SYNTAX, 0, 1, 1},
                                         Refused{"{1:2 3:4}/5", PGS_SVEC_SYNTAX, 1, 5, 1},
                                         Refused{"{1:2:3}/5", PGS_SVEC_SYNTAX, 1, 4, 1},
                                         Refused{"{1 2}/5", PGS_SVEC_SYNTAX, 0, 3, 1},
                                         Refused{"{1,2}/5", PGS_SVEC_SYNTAX, 0, 2, 1},
                                         Refused{"{:2}/5", PGS_SVEC_SYNTAX, 0, 1, 1},
                                         Refused{"{1:2/3}/5", PGS_SVEC_SYNTAX, 1, 4, 1},
                                         Refused{"{1:}/5", PGS_SVEC_SYNTAX, 0, 3, 1}));

INSTANTIATE_TEST_SUITE_P(Numbers, SvecParseRefuses,
                         testing::Values(Refused{"{a:1}/5", PGS_SVEC_SYNTAX, 0, 1, 1},
                                         Refused{"{1.5:1}/5", PGS_SVEC_SYNTAX, 0, 1, 3},
                                         Refused{"{1e2:1}/5", PGS_SVEC_SYNTAX, 0, 1, 3},
                                         Refused{"{-:1}/5", PGS_SVEC_SYNTAX, 0, 1, 1},
                                         Refused{"{0x1:1}/5", PGS_SVEC_SYNTAX, 0, 1, 3},
                                         Refused{"{+-1:1}/5", PGS_SVEC_SYNTAX, 0, 1, 3},
                                         Refused{"{\xC3\xA9:1}/5", PGS_SVEC_SYNTAX, 0, 1, 2},
                                         Refused{"{1:x}/5", PGS_SVEC_SYNTAX, 0, 3, 1},
                                         Refused{"{1:1}/5.0", PGS_SVEC_SYNTAX, 1, 6, 3},
                                         Refused{"{0:1}/5", PGS_SVEC_INDEX, 0, 1, 1},
                                         Refused{"{-1:1}/5", PGS_SVEC_INDEX, 0, 1, 2},
                                         Refused{"{1:1,1000000001:1}/5", PGS_SVEC_INDEX, 1, 5, 10},
                                         Refused{"{99999999999999999999:1}/5", PGS_SVEC_INDEX, 0, 1,
                                                 20},
                                         Refused{"{1:1}/0", PGS_SVEC_DIMS, 1, 6, 1},
                                         Refused{"{1:1}/-5", PGS_SVEC_DIMS, 1, 6, 2},
                                         Refused{"{}/1000000001", PGS_SVEC_DIMS, 0, 3, 10},
                                         Refused{"{1:NaN}/5", PGS_SVEC_NAN, 0, 3, 3},
                                         Refused{"{1:1,2:-inf}/5", PGS_SVEC_INFINITE, 1, 7, 4},
                                         Refused{"{1:Infinity}/5", PGS_SVEC_INFINITE, 0, 3, 8},
                                         Refused{"{1:1e39}/5", PGS_SVEC_OUT_OF_RANGE, 0, 3, 4}));

TEST(SvecParse, RefusesAnIndexAboveTheDims) {
    const PgsSvecParse result = parse("{7:1,6:1,1:1}/5").parse;
    EXPECT_EQ(result.status, PGS_SVEC_BEYOND_DIMS);
    EXPECT_EQ(result.index, 6);
    EXPECT_EQ(result.dims, 5);
    EXPECT_EQ(parse("{6:0}/5").parse.status, PGS_SVEC_BEYOND_DIMS);
}

// Whatever the values are, zero included, and wherever the two stand.
TEST(SvecParse, RefusesAnIndexGivenTwice) {
    for (const char *const text :
         {"{3:1,3:1}/5", "{3:1,2:1,3:2}/5", "{3:0,3:1}/5", "{3:0,3:-0}/5"}) {
        const PgsSvecParse result = parse(text).parse;
        EXPECT_EQ(result.status, PGS_SVEC_DUPLICATE) << text;
        EXPECT_EQ(result.index, 2) << text;
    }
}

TEST(SvecParse, RefusesMoreElementsThanThereIsRoomFor) {
    const PgsSvecParse result = parse("{1:1,2:2,3:33}/5", 2).parse;
    EXPECT_EQ(result.status, PGS_SVEC_TOO_MANY);
    EXPECT_EQ(result.count, 2);
    EXPECT_EQ(result.offset, 11U);
    EXPECT_EQ(result.length, 2U);
    EXPECT_EQ(parse("{1:1,2:2}/5", 2).parse.status, PGS_SVEC_OK);
    EXPECT_EQ(parse("{}/5", 0).parse.status, PGS_SVEC_OK);
}

TEST(SvecParse, CountsColons) {
    EXPECT_EQ(pgs_svec_count_colons("{1:1,2:2}/5", 11), 2U);
    EXPECT_EQ(pgs_svec_count_colons("{}/5", 4), 0U);
    EXPECT_EQ(pgs_svec_count_colons("", 0), 0U);
}

}  // namespace
}  // namespace pgslab
