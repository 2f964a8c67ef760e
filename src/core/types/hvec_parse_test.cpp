// The text of an hvec: the form is that of a vec, and each value becomes the nearest half, rounded
// once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <charconv>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "base/half.h"
#include "pgslab_core.h"
#include "types/testing/digits.h"

namespace pgslab {
namespace {

using testing::ElementsAre;

struct Parsed {
    PgsParse parse;
    std::vector<uint16_t> values;
};

Parsed parse(std::string_view text) {
    Parsed parsed;
    parsed.values.resize(PGS_MAX_DIMS);
    parsed.parse = pgs_hvec_parse(text.data(), text.size(), parsed.values.data());
    parsed.values.resize(static_cast<size_t>(parsed.parse.dims));
    return parsed;
}

PgsParseStatus status(const std::string &value) {
    return parse("[" + value + "]").parse.status;
}

uint16_t half(const std::string &value) {
    const Parsed parsed = parse("[" + value + "]");
    EXPECT_EQ(parsed.parse.status, PGS_PARSE_OK) << value;
    return parsed.values.empty() ? 0 : parsed.values[0];
}

// Every digit of a number that is a multiple of 2^-25.
std::string all_digits(double value) {
    char text[80];
    return {text, std::to_chars(text, text + sizeof text, value, std::chars_format::fixed, 25).ptr};
}

TEST(HvecParse, ReadsTheFormOfAVec) {
    EXPECT_THAT(parse(" [ 1 , +2.5, -3e2 ,.5, 6. ] ").values,
                ElementsAre(0x3c00, 0x4100, 0xdcb0, 0x3800, 0x4600));
    EXPECT_THAT(parse("[-0,0,-1e-60]").values, ElementsAre(0x8000, 0, 0x8000));
    EXPECT_EQ(parse("[1,]").parse.status, PGS_PARSE_SYNTAX);
    EXPECT_EQ(parse("[1,nan]").parse.status, PGS_PARSE_NAN);
    EXPECT_EQ(parse("[-inf]").parse.status, PGS_PARSE_INFINITE);
}

TEST(HvecParse, AcceptsAsManyValuesAsAnHvecMayHave) {
    std::string text = "[1";
    for (int i = 1; i < PGS_MAX_DIMS; i++) {
        text += ",1";
    }
    EXPECT_EQ(parse(text + "]").parse.dims, PGS_MAX_DIMS);
    const PgsParse more = parse(text + ",1]").parse;
    EXPECT_EQ(more.status, PGS_PARSE_TOO_MANY);
    EXPECT_EQ(more.dims, PGS_MAX_DIMS);
}

TEST(HvecParse, RefusesWhatIsTooLarge) {
    EXPECT_EQ(half("65504"), 0x7bff);
    EXPECT_EQ(half("65519.99999999999999999999999999"), 0x7bff);
    for (const char *value : {"65520", "65536", "70000", "99999", "100001", "1e5", "1e39", "1e308",
                              "1e309", "1e99999999999"}) {
        EXPECT_EQ(status(value), PGS_PARSE_OUT_OF_RANGE) << value;
    }
    const PgsParse refused = parse("[1, -65520]").parse;
    EXPECT_EQ(refused.dims, 1);
    EXPECT_EQ(refused.offset, 4U);
    EXPECT_EQ(refused.length, 6U);
}

// Through a float32 or a float64, what is next to a tie would become the tie, and go the wrong way.
TEST(HvecParse, RoundsOnce) {
    for (uint32_t bits = 0; bits < kHalfInfinity - 1; bits++) {
        const auto below = static_cast<uint16_t>(bits);
        const auto above = static_cast<uint16_t>(bits + 1);
        const double tie = (double_of(below) + double_of(above)) / 2;
        const std::string digits = all_digits(tie);
        ASSERT_EQ(half(digits), bits % 2 == 0 ? below : above) << digits;
        ASSERT_EQ(half(digits + "000000000000000000000000000000001"), above) << digits;
        const std::string less = just_below(digits + "0000000000000000000000000000000");
        ASSERT_EQ(half(less), below) << less;
    }
}

TEST(HvecParse, ReadsBackEveryHalf) {
    for (uint32_t bits = 0; bits < 65536; bits++) {
        const auto expected = static_cast<uint16_t>(bits);
        const auto value = static_cast<float>(double_of(expected));
        if (!std::isfinite(value)) {
            continue;
        }
        char text[32];
        ASSERT_EQ(half({text, std::to_chars(text, text + sizeof text, value).ptr}), expected);
    }
}

TEST(HvecParse, AgreesWithFloat64WhereThatIsNoTie) {
    std::mt19937_64 random(3);
    std::uniform_real_distribution<double> exponent(-9, 5);
    for (int i = 0; i < 100000; i++) {
        const double value = std::pow(10, exponent(random));
        char text[32];
        const std::string digits(text, std::to_chars(text, text + sizeof text, value).ptr);
        const uint16_t expected = half_of(value);
        if (expected == kHalfInfinity) {
            ASSERT_EQ(status(digits), PGS_PARSE_OUT_OF_RANGE) << digits;
        } else {
            ASSERT_EQ(half(digits), expected) << digits;
        }
    }
}

}  // namespace
}  // namespace pgslab
