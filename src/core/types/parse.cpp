// parse.cpp - reads a vector from its text form, "[1, 2.5, -3e2]".
//
// Numbers go through std::from_chars: it rounds to the nearest float32 as strtof does, but no
// locale can change what it accepts, and it neither allocates nor throws.

#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <system_error>

#include "pgslab/types.h"

namespace pgslab {
namespace {

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

// Whether an unsigned decimal number that lies outside float32's range is too large, rather than
// too small. Such a number is so far from 1 that the decimal exponent of its leading digit decides.
bool is_too_large(std::string_view number) {
    constexpr std::int64_t far = 1'000'000'000'000;  // more than any text has digits
    std::int64_t exponent = 0;
    bool seen_point = false;
    bool seen_leading_digit = false;
    std::size_t i = 0;
    for (; i < number.size() && (number[i] | 0x20) != 'e'; ++i) {
        if (number[i] == '.') {
            seen_point = true;
        } else if (seen_leading_digit) {
            exponent += seen_point ? 0 : 1;
        } else {
            exponent -= seen_point ? 1 : 0;
            seen_leading_digit = number[i] != '0';
        }
    }
    if (i == number.size())
        return exponent > 0;

    ++i;
    const bool negative = i < number.size() && number[i] == '-';
    if (i < number.size() && !is_digit(number[i]))
        ++i;
    std::int64_t written = 0;
    for (; i < number.size() && written < far; ++i)
        written = written * 10 + (number[i] - '0');
    return exponent + (negative ? -written : written) > 0;
}

// Reads one value; the whole token must be one.
PgsParseStatus read_value(std::string_view token, float *value) {
    const bool negative = token.front() == '-';
    if (negative || token.front() == '+')
        token.remove_prefix(1);
    // Past this test from_chars meets neither a second sign nor a word.
    if (token.empty() || !(is_digit(token.front()) || token.front() == '.'))
        return classify_word(token);

    float magnitude = 0;
    const char *const end = token.data() + token.size();
    const auto [stopped, error] = std::from_chars(token.data(), end, magnitude);
    if (error == std::errc::invalid_argument || stopped != end)
        return PGS_PARSE_SYNTAX;
    if (error == std::errc::result_out_of_range) {
        if (is_too_large(token))
            return PGS_PARSE_OUT_OF_RANGE;
        magnitude = 0;
    }
    if (std::isinf(magnitude))
        return PGS_PARSE_OUT_OF_RANGE;
    *value = negative ? -magnitude : magnitude;
    return PGS_PARSE_OK;
}

// Walks the text once, front to back.
class VecTextReader {
  public:
    VecTextReader(std::string_view text, float *out) : text_(text), out_(out) {}

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
            float value = 0;
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
    float *out_;
    std::size_t position_ = 0;
    int dims_ = 0;
};

}  // namespace
}  // namespace pgslab

extern "C" PgsParse pgs_vec_parse(const char *text, size_t length, float *out) {
    return pgslab::VecTextReader({text, length}, out).read();
}
