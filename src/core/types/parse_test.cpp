#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "pgslab_core.h"

namespace pgslab {
namespace {

using testing::ElementsAre;

struct Parsed {
    PgsParse parse;
    std::vector<float> values;
};

// The text is copied to a buffer of exactly its size, so that AddressSanitizer sees any byte read
// past it.
Parsed parse(std::string_view text) {
    static std::vector<float> out(PGS_MAX_DIMS);
    const std::vector<char> exact(text.begin(), text.end());
    const PgsParse result = pgs_vec_parse(exact.data(), exact.size(), out.data());
    return {result, {out.begin(), out.begin() + result.dims}};
}

std::string repeat(int count, const std::string &value) {
    std::string text = "[";
    for (int i = 0; i < count; ++i)
        text += (i == 0 ? "" : ",") + value;
    return text + "]";
}

TEST(VecParse, ReadsValuesInOrder) {
    const Parsed parsed = parse("[1,-2.5,3e2]");
    EXPECT_EQ(parsed.parse.status, PGS_PARSE_OK);
    EXPECT_THAT(parsed.values, ElementsAre(1.0F, -2.5F, 300.0F));
}

TEST(VecParse, AllowsWhiteSpaceAroundBracketsAndValues) {
    const Parsed parsed = parse(" \t\n[ 1\r,\v2 , \f3 ] \n");
    EXPECT_EQ(parsed.parse.status, PGS_PARSE_OK);
    EXPECT_THAT(parsed.values, ElementsAre(1.0F, 2.0F, 3.0F));
}

TEST(VecParse, ReadsEveryDecimalFormOfANumber) {
    const Parsed parsed = parse("[+1,1.,.5,-.5e-1,1E+2,007,1e-0,+.5e+01]");
    EXPECT_EQ(parsed.parse.status, PGS_PARSE_OK);
    EXPECT_THAT(parsed.values, ElementsAre(1.0F, 1.0F, 0.5F, -0.05F, 100.0F, 7.0F, 1.0F, 5.0F));
}

TEST(VecParse, KeepsTheSignOfZero) {
    const Parsed parsed = parse("[-0,0,-0e5,-1e-60]");
    ASSERT_EQ(parsed.parse.status, PGS_PARSE_OK);
    EXPECT_TRUE(std::signbit(parsed.values[0]));
    EXPECT_FALSE(std::signbit(parsed.values[1]));
    EXPECT_TRUE(std::signbit(parsed.values[2]));
    EXPECT_TRUE(std::signbit(parsed.values[3]));
}

struct Refused {
    std::string_view text;
    PgsParseStatus status;
    int dims;
    std::size_t offset;
    std::size_t length;
};

class VecParseRefuses : public testing::TestWithParam<Refused> {};

TEST_P(VecParseRefuses, WithStatusAndPlace) {
    const Refused &expected = GetParam();
    const PgsParse result = parse(expected.text).parse;
    EXPECT_EQ(result.status, expected.status);
    EXPECT_EQ(result.dims, expected.dims);
    EXPECT_EQ(result.offset, expected.offset);
    EXPECT_EQ(result.length, expected.length);
}

using namespace std::string_view_literals;

INSTANTIATE_TEST_SUITE_P(
    Form, VecParseRefuses,
    testing::Values(
        Refused{"", PGS_PARSE_NO_OPENING, 0, 0, 0}, Refused{"  ", PGS_PARSE_NO_OPENING, 0, 2, 0},
        Refused{"1,2", PGS_PARSE_NO_OPENING, 0, 0, 1},
        Refused{" {1,2}", PGS_PARSE_NO_OPENING, 0, 1, 2},
        Refused{",", PGS_PARSE_NO_OPENING, 0, 0, 1}, Refused{"[]", PGS_PARSE_EMPTY, 0, 1, 1},
        Refused{" [ ]", PGS_PARSE_EMPTY, 0, 3, 1}, Refused{"[", PGS_PARSE_UNTERMINATED, 0, 1, 0},
        Refused{"[ ", PGS_PARSE_UNTERMINATED, 0, 2, 0},
        Refused{"[1", PGS_PARSE_UNTERMINATED, 1, 2, 0},
        Refused{"[1,", PGS_PARSE_UNTERMINATED, 1, 3, 0},
        Refused{"[1, 2 ", PGS_PARSE_UNTERMINATED, 2, 6, 0},
        Refused{"[1]x", PGS_PARSE_TRAILING, 1, 3, 1},
        Refused{"[1] [2]", PGS_PARSE_TRAILING, 1, 4, 3},
        Refused{"[1]\0"sv, PGS_PARSE_TRAILING, 1, 3, 1}, Refused{"[,1]", PGS_PARSE_SYNTAX, 0, 1, 1},
        Refused{"[1,]", PGS_PARSE_SYNTAX, 1, 3, 1}, Refused{"[1,,2]", PGS_PARSE_SYNTAX, 1, 3, 1},
        Refused{"[1 22]", PGS_PARSE_SYNTAX, 1, 3, 2}, Refused{"[1;2]", PGS_PARSE_SYNTAX, 0, 1, 3},
        Refused{"[[1]]", PGS_PARSE_SYNTAX, 0, 1, 2},
        Refused{"[1\0,2]"sv, PGS_PARSE_SYNTAX, 0, 1, 2}));

INSTANTIATE_TEST_SUITE_P(
    Numbers, VecParseRefuses,
    testing::Values(
        Refused{"[abc]", PGS_PARSE_SYNTAX, 0, 1, 3}, Refused{"[1,2x,3]", PGS_PARSE_SYNTAX, 1, 3, 2},
        Refused{"[.]", PGS_PARSE_SYNTAX, 0, 1, 1}, Refused{"[-]", PGS_PARSE_SYNTAX, 0, 1, 1},
        Refused{"[+-1]", PGS_PARSE_SYNTAX, 0, 1, 3}, Refused{"[--1]", PGS_PARSE_SYNTAX, 0, 1, 3},
        Refused{"[- 1]", PGS_PARSE_SYNTAX, 0, 1, 1}, Refused{"[1.2.3]", PGS_PARSE_SYNTAX, 0, 1, 5},
        Refused{"[1e]", PGS_PARSE_SYNTAX, 0, 1, 2}, Refused{"[1e+]", PGS_PARSE_SYNTAX, 0, 1, 3},
        Refused{"[e5]", PGS_PARSE_SYNTAX, 0, 1, 2}, Refused{"[0x10]", PGS_PARSE_SYNTAX, 0, 1, 4},
        Refused{"[0x1p3]", PGS_PARSE_SYNTAX, 0, 1, 5},
        Refused{"[1e999x]", PGS_PARSE_SYNTAX, 0, 1, 6},
        Refused{"[\xC3\xA9,1]", PGS_PARSE_SYNTAX, 0, 1, 2},
        Refused{"[1,NaN]", PGS_PARSE_NAN, 1, 3, 3}, Refused{"[-nan]", PGS_PARSE_NAN, 0, 1, 4},
        Refused{"[nan(0x1)]", PGS_PARSE_NAN, 0, 1, 8},
        Refused{"[nanny]", PGS_PARSE_SYNTAX, 0, 1, 5},
        Refused{"[inf]", PGS_PARSE_INFINITE, 0, 1, 3},
        Refused{"[0, -Infinity]", PGS_PARSE_INFINITE, 1, 4, 9},
        Refused{"[+INF]", PGS_PARSE_INFINITE, 0, 1, 4},
        Refused{"[infinit]", PGS_PARSE_SYNTAX, 0, 1, 7},
        Refused{"[1,1e39]", PGS_PARSE_OUT_OF_RANGE, 1, 3, 4},
        Refused{"[-1e39]", PGS_PARSE_OUT_OF_RANGE, 0, 1, 5},
        Refused{"[3.4028236e38]", PGS_PARSE_OUT_OF_RANGE, 0, 1, 12},
        Refused{"[1e99999999999999999999]", PGS_PARSE_OUT_OF_RANGE, 0, 1, 22}));

TEST(VecParse, AcceptsAsManyValuesAsAVecMayHave) {
    const Parsed parsed = parse(repeat(PGS_MAX_DIMS, "7"));
    EXPECT_EQ(parsed.parse.status, PGS_PARSE_OK);
    EXPECT_EQ(parsed.parse.dims, PGS_MAX_DIMS);
    EXPECT_EQ(parsed.values.back(), 7.0F);
}

TEST(VecParse, RefusesOneValueMore) {
    const PgsParse result = parse(repeat(PGS_MAX_DIMS + 1, "77")).parse;
    EXPECT_EQ(result.status, PGS_PARSE_TOO_MANY);
    EXPECT_EQ(result.dims, PGS_MAX_DIMS);
    EXPECT_EQ(result.offset, 1 + 3 * std::size_t{PGS_MAX_DIMS});
    EXPECT_EQ(result.length, 2U);
}

// What decides between too large and too small is where the leading digit stands, however it is
// written.
TEST(VecParse, TellsOverflowFromUnderflow) {
    const std::string zeros(500, '0');
    const auto status = [](const std::string &value) {
        return parse("[" + value + "]").parse.status;
    };
    EXPECT_EQ(status("1" + zeros), PGS_PARSE_OUT_OF_RANGE);
    EXPECT_EQ(status(zeros + "1" + zeros + ".5"), PGS_PARSE_OUT_OF_RANGE);
    EXPECT_EQ(status("0." + zeros + "1e1000"), PGS_PARSE_OUT_OF_RANGE);
    EXPECT_EQ(status("0." + zeros + "1"), PGS_PARSE_OK);
    EXPECT_EQ(status("1" + zeros + "e-1000"), PGS_PARSE_OK);
    EXPECT_EQ(status("1" + zeros + "e-500"), PGS_PARSE_OK);
    EXPECT_EQ(status("1e-99999999999999999999"), PGS_PARSE_OK);
    EXPECT_EQ(status("0e99999999999999999999"), PGS_PARSE_OK);
    EXPECT_THAT(parse("[1" + zeros + "e-500,0." + zeros + "1e501,1e-46]").values,
                ElementsAre(1.0F, 1.0F, 0.0F));
}

TEST(VecParse, RoundsToTheLimitsOfFloat) {
    using Limits = std::numeric_limits<float>;
    // Half way to what would come after the largest float
    // is 3.40282356779733661637539395458142568448e38.
    EXPECT_THAT(parse("[3.4028234e38,3.4028235677973366e38,1e-45,1.1754944e-38]").values,
                ElementsAre(Limits::max(), Limits::max(), Limits::denorm_min(), Limits::min()));
    EXPECT_EQ(parse("[3.4028235677973367e38]").parse.status, PGS_PARSE_OUT_OF_RANGE);
    // Half of the smallest float rounds to even, which is zero; anything above, up.
    EXPECT_THAT(
        parse("[7.00649232162408535461864791644958065640130970938257885878534141944895541342930"
              "300743319094181060791015625e-46,7.0064923216240854e-46]")
            .values,
        ElementsAre(0.0F, Limits::denorm_min()));
}

TEST(VecParse, ReadsBackEveryPrintedFloat) {
    std::mt19937_64 random(20240229);
    for (int i = 0; i < 200000; ++i) {
        const float value = std::bit_cast<float>(static_cast<std::uint32_t>(random()));
        if (!std::isfinite(value))
            continue;
        char text[64] = "[";
        char *const end = std::to_chars(text + 1, text + 62, value).ptr;
        *end = ']';
        const Parsed parsed = parse(std::string_view(text, end + 1));
        ASSERT_EQ(parsed.parse.status, PGS_PARSE_OK) << text;
        ASSERT_EQ(std::bit_cast<std::uint32_t>(parsed.values[0]),
                  std::bit_cast<std::uint32_t>(value));
    }
}

std::string random_decimal(std::mt19937_64 &random) {
    const auto digits = [&random](std::uint64_t most) {
        std::string run;
        for (std::uint64_t left = random() % (most + 1); left > 0; --left)
            run += static_cast<char>('0' + random() % 10);
        return run;
    };
    std::string text = random() % 2 == 0 ? "" : random() % 2 == 0 ? "-" : "+";
    text += std::to_string(random() % 10) + digits(random() % 8 == 0 ? 60 : 8);
    if (random() % 2 == 0)
        text += "." + digits(random() % 8 == 0 ? 60 : 12);
    if (random() % 2 == 0)
        text +=
            (random() % 2 == 0 ? "e" : "E") + std::to_string(static_cast<int>(random() % 121) - 60);
    return text;
}

TEST(VecParse, AgreesWithStrtof) {
    std::mt19937_64 random(7);
    int overflows = 0;
    int zeros = 0;
    for (int i = 0; i < 200000; ++i) {
        const std::string text = random_decimal(random);
        const float expected = std::strtof(text.c_str(), nullptr);
        const Parsed parsed = parse("[" + text + "]");
        if (std::isinf(expected)) {
            ASSERT_EQ(parsed.parse.status, PGS_PARSE_OUT_OF_RANGE) << text;
            ++overflows;
            continue;
        }
        ASSERT_EQ(parsed.parse.status, PGS_PARSE_OK) << text;
        ASSERT_EQ(std::bit_cast<std::uint32_t>(parsed.values[0]),
                  std::bit_cast<std::uint32_t>(expected))
            << text;
        zeros += expected == 0 ? 1 : 0;
    }
    // Both ends of the range were met.
    EXPECT_GT(overflows, 1000);
    EXPECT_GT(zeros, 1000);
}

}  // namespace
}  // namespace pgslab
