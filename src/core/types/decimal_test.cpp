// Decimal numbers as they are written: where their leading digit stands, and how they compare with
// binary ones.
#include "types/decimal.h"

#include <gtest/gtest.h>

#include <charconv>
#include <cmath>
#include <random>
#include <string>

#include "types/testing/digits.h"

namespace pgslab {
namespace {

struct Written {
    std::string_view number;
    std::string_view digits;
    std::int64_t exponent;
};

class DecimalRead : public testing::TestWithParam<Written> {};

TEST_P(DecimalRead, FindsTheLeadingDigit) {
    const Decimal decimal = read_decimal(GetParam().number);
    EXPECT_EQ(decimal.digits, GetParam().digits);
    EXPECT_EQ(decimal.exponent, GetParam().exponent);
}

INSTANTIATE_TEST_SUITE_P(Form, DecimalRead,
                         testing::Values(Written{"7", "7", 0}, Written{"123.4", "123.4", 2},
                                         Written{"0012", "12", 1}, Written{".5", "5", -1},
                                         Written{"0.050", "50", -2}, Written{"6.", "6.", 0},
                                         Written{"1e5", "1", 5}, Written{"12.5E-3", "12.5", -2},
                                         Written{"0.01e+4", "1", 2}, Written{"0", "", 0},
                                         Written{"0.00e9", "", 0}));

TEST(Decimal, ExponentsOfAnyLengthAreFar) {
    EXPECT_GT(read_decimal("1e99999999999999999999").exponent, 1'000'000);
    EXPECT_LT(read_decimal("1e-99999999999999999999").exponent, -1'000'000);
}

int side(std::string_view number, double binary) {
    const int result = compare(read_decimal(number), binary);
    return result < 0 ? -1 : result > 0 ? 1 : 0;
}

TEST(Decimal, ComparesDigitByDigit) {
    EXPECT_EQ(side("2049", 2049), 0);
    EXPECT_EQ(side("2.0490e3", 2049), 0);
    EXPECT_EQ(side("2048.99999999999999999999", 2049), -1);
    EXPECT_EQ(side("2049.00000000000000000000000000000000001", 2049), 1);
    EXPECT_EQ(side("65520", 65520), 0);
    EXPECT_EQ(side("65519.9", 65520), -1);
    EXPECT_EQ(side("9", 10), -1);
    EXPECT_EQ(side("1e7", 65520), 1);
    EXPECT_EQ(side("0", 0), 0);
    EXPECT_EQ(side("0", 0x1p-25), -1);
    EXPECT_EQ(side("1e-400", 0), 1);
    EXPECT_EQ(side("0.0000000298023223876953125", 0x1p-25), 0);
    EXPECT_EQ(side("0.00000002980232238769531249", 0x1p-25), -1);
    EXPECT_EQ(side("2.98023223876953125000000000000000000000000000000000000000001e-8", 0x1p-25), 1);
}

// All digits of a multiple of 2^-25, then one more or one less in a place behind them.
TEST(Decimal, KnowsEveryDigit) {
    std::mt19937 random(1);
    for (int i = 0; i < 20000; i++) {
        const double binary = std::ldexp(static_cast<double>(random() >> random() % 31), -25) *
                              static_cast<double>(1U << random() % 10);
        char text[80];
        char *const end =
            std::to_chars(text, text + sizeof text, binary, std::chars_format::fixed, 30).ptr;
        const std::string digits(text, end);
        ASSERT_EQ(side(digits, binary), 0) << digits;
        ASSERT_EQ(side(digits + "0001", binary), 1) << digits;
        if (binary > 0) {
            ASSERT_EQ(side(just_below(digits), binary), -1) << digits;
        }
    }
}

}  // namespace
}  // namespace pgslab
