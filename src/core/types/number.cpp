// number.cpp - reads one number from text.
//
// Numbers go through std::from_chars: it rounds to the nearest float32 as strtof does, but no
// locale can change what it accepts, and it neither allocates nor throws. Halves come from the
// nearest float64, and are the nearest all the same.

#include "types/number.h"

#include <charconv>
#include <cmath>
#include <cstddef>
#include <system_error>

#include "base/half.h"
#include "types/decimal.h"

namespace pgslab {
namespace {

constexpr double kFarBeyondHalves = 100'000;

// Case-insensitive for ASCII letters; `word` is in lower case.
bool starts_with_word(std::string_view text, std::string_view word) {
    if (text.size() < word.size())
        return false;
    for (std::size_t i = 0; i < word.size(); ++i)
        if ((text[i] | 0x20) != word[i])
            return false;
    return true;
}

// Tells NaN and infinity, as strtof would read them, from plain nonsense. `token` has no sign.
PgsParseStatus classify_word(std::string_view token) {
    if (starts_with_word(token, "nan") && (token.size() == 3 || token[3] == '('))
        return PGS_PARSE_NAN;
    if (starts_with_word(token, "inf") &&
        (token.size() == 3 || (token.size() == 8 && starts_with_word(token, "infinity"))))
        return PGS_PARSE_INFINITE;
    return PGS_PARSE_SYNTAX;
}

// The real number nearest to an unsigned decimal one; the whole token must be one.
template <typename Real>
PgsParseStatus read_real(std::string_view number, Real *real) {
    const char *const end = number.data() + number.size();
    const auto [stopped, error] = std::from_chars(number.data(), end, *real);
    if (error == std::errc::invalid_argument || stopped != end)
        return PGS_PARSE_SYNTAX;
    if (error == std::errc::result_out_of_range) {
        // So far from 1 that the leading digit's place tells too large from too small.
        if (read_decimal(number).exponent > 0)
            return PGS_PARSE_OUT_OF_RANGE;
        *real = 0;
    }
    return std::isinf(*real) ? PGS_PARSE_OUT_OF_RANGE : PGS_PARSE_OK;
}

PgsParseStatus read_magnitude(std::string_view number, float *element) {
    return read_real(number, element);
}

// A float64 that is no tie between two halves lies on the same side of each of them as the decimal
// number does that it is nearest to. Of a tie the digits say on which side that is.
std::uint16_t nearest_half(std::string_view number, double real) {
    const double spacing = half_spacing(real);
    if (std::fmod(real, spacing) * 2 != spacing)
        return half_of(real);
    const int side = compare(read_decimal(number), real);
    if (side == 0)
        return half_of(real);
    return half_of(std::nextafter(real, side < 0 ? 0 : HUGE_VAL));
}

PgsParseStatus read_magnitude(std::string_view number, std::uint16_t *element) {
    double real = 0;
    const PgsParseStatus status = read_real(number, &real);
    if (status != PGS_PARSE_OK)
        return status;
    *element = real > kFarBeyondHalves ? kHalfInfinity : nearest_half(number, real);
    return *element == kHalfInfinity ? PGS_PARSE_OUT_OF_RANGE : PGS_PARSE_OK;
}

float negated(float element) {
    return -element;
}

std::uint16_t negated(std::uint16_t half) {
    return static_cast<std::uint16_t>(half ^ 0x8000);
}

template <typename Element>
PgsParseStatus read_signed(std::string_view token, Element *value) {
    const bool negative = token.front() == '-';
    if (negative || token.front() == '+')
        token.remove_prefix(1);
    // Past this test from_chars meets neither a second sign nor a word.
    if (token.empty() || !(is_digit(token.front()) || token.front() == '.'))
        return classify_word(token);

    Element magnitude = 0;
    const PgsParseStatus status = read_magnitude(token, &magnitude);
    if (status == PGS_PARSE_OK)
        *value = negative ? negated(magnitude) : magnitude;
    return status;
}

}  // namespace

PgsParseStatus read_value(std::string_view token, float *value) noexcept {
    return read_signed(token, value);
}

PgsParseStatus read_value(std::string_view token, std::uint16_t *half) noexcept {
    return read_signed(token, half);
}

}  // namespace pgslab
