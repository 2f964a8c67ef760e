// parse.cpp - reads a vector from its text form, "[1, 2.5, -3e2]".
//
// Numbers go through std::from_chars: it rounds to the nearest float32 as strtof does, but no
// locale can change what it accepts, and it neither allocates nor throws. Halves come from the
// nearest float64, and are the nearest all the same.

#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <system_error>

#include "base/half.h"
#include "pgslab/types.h"
#include "types/decimal.h"

namespace pgslab {
namespace {

constexpr double kFarBeyondHalves = 100'000;

// The white space of the C locale.
bool is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

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

// Reads one value; the whole token must be one.
template <typename Element>
PgsParseStatus read_value(std::string_view token, Element *value) {
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

// Walks the text once, front to back.
template <typename Element>
class TextReader {
  public:
    TextReader(std::string_view text, Element *out) : text_(text), out_(out) {}

    PgsParse read() {
        skip_space();
        if (!at('['))
            return fault(PGS_PARSE_NO_OPENING, token_length());
        ++position_;
        skip_space();
        if (at(']'))
            return fault(PGS_PARSE_EMPTY, 1);
        const PgsParse values = read_values();
        if (values.status != PGS_PARSE_OK)
            return values;
        skip_space();
        if (!at_end())
            return fault(PGS_PARSE_TRAILING, text_.size() - position_);
        return fault(PGS_PARSE_OK, 0);
    }

  private:
    // Reads values and commas up to and with the closing bracket.
    PgsParse read_values() {
        for (;;) {
            skip_space();
            if (at_end())
                return fault(PGS_PARSE_UNTERMINATED, 0);
            const std::size_t length = token_length();
            Element value = 0;
            PgsParseStatus status = read_value({text_.data() + position_, length}, &value);
            if (status == PGS_PARSE_OK && dims_ == PGS_MAX_DIMS)
                status = PGS_PARSE_TOO_MANY;
            if (status != PGS_PARSE_OK)
                return fault(status, length);
            out_[dims_++] = value;
            position_ += length;

            skip_space();
            if (at_end())
                return fault(PGS_PARSE_UNTERMINATED, 0);
            if (!at(',') && !at(']'))
                return fault(PGS_PARSE_SYNTAX, token_length());
            if (text_[position_++] == ']')
                return fault(PGS_PARSE_OK, 0);
        }
    }

    bool at_end() const { return position_ == text_.size(); }
    bool at(char c) const { return !at_end() && text_[position_] == c; }

    void skip_space() {
        while (!at_end() && is_space(text_[position_]))
            ++position_;
    }

    // Bytes up to the next separator; a separator itself is a token of one byte. As separators are
    // ASCII, a token never cuts a multi-byte character, and may be quoted in a message.
    std::size_t token_length() const {
        std::size_t end = position_;
        while (end < text_.size() && text_[end] != ',' && text_[end] != ']' &&
               !is_space(text_[end]))
            ++end;
        return end == position_ && !at_end() ? 1 : end - position_;
    }

    PgsParse fault(PgsParseStatus status, std::size_t length) const {
        return {status, dims_, position_, length};
    }

    std::string_view text_;
    Element *out_;
    std::size_t position_ = 0;
    int dims_ = 0;
};

}  // namespace
}  // namespace pgslab

extern "C" PgsParse pgs_vec_parse(const char *text, size_t length, float *out) {
    return pgslab::TextReader<float>({text, length}, out).read();
}

extern "C" PgsParse pgs_hvec_parse(const char *text, size_t length, uint16_t *out) {
    return pgslab::TextReader<std::uint16_t>({text, length}, out).read();
}
