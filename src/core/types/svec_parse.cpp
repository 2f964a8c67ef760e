// svec_parse.cpp - reads a sparse vector from its text form, "{1:1.5, 3:-2e2}/5".

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <system_error>

#include "pgslab/svec.h"
#include "types/number.h"
#include "types/svec_elements.h"

namespace pgslab {
namespace {

PgsSvecParseStatus status_of_value(PgsParseStatus status) {
    switch (status) {
        case PGS_PARSE_OK:
            return PGS_SVEC_OK;
        case PGS_PARSE_NAN:
            return PGS_SVEC_NAN;
        case PGS_PARSE_INFINITE:
            return PGS_SVEC_INFINITE;
        case PGS_PARSE_OUT_OF_RANGE:
            return PGS_SVEC_OUT_OF_RANGE;
        default:
            return PGS_SVEC_SYNTAX;
    }
}

// Reads a decimal integer, which indices and dims are, in 1 .. PGS_SVEC_MAX_DIMS; the whole token
// must be one. `out_of_range` is the status of an integer that is not in that range.
PgsSvecParseStatus read_integer(std::string_view token, PgsSvecParseStatus out_of_range,
                                std::int32_t *integer) {
    const bool has_sign = !token.empty() && (token.front() == '-' || token.front() == '+');
    const char *const end = token.data() + token.size();
    const char *const digits = token.data() + (has_sign ? 1 : 0);
    if (digits == end || !is_digit(*digits))
        return PGS_SVEC_SYNTAX;

    std::int64_t magnitude = 0;
    const auto [stopped, error] = std::from_chars(digits, end, magnitude);
    if (stopped != end)
        return PGS_SVEC_SYNTAX;
    const bool fits = error == std::errc{} && token.front() != '-';
    if (!fits || magnitude < 1 || magnitude > PGS_SVEC_MAX_DIMS)
        return out_of_range;
    *integer = static_cast<std::int32_t>(magnitude);
    return PGS_SVEC_OK;
}

// Walks the text once, front to back, then looks at what it has read.
class SvecTextReader {
  public:
    SvecTextReader(std::string_view text, PgsSvecElement *out, std::size_t room)
        : text_(text), out_(out), room_(room) {}

    PgsSvecParse read() {
        const PgsSvecParseStatus status = read_text();
        if (status != PGS_SVEC_OK)
            return {status, dims_, static_cast<std::int32_t>(count_), 0, position_, length_};
        return take_stock();
    }

  private:
    // Each of these leaves position_ and length_ at the token that is at fault, if one is.

    PgsSvecParseStatus read_text() {
        if (!read_character('{'))
            return fault(PGS_SVEC_NO_OPENING);
        if (!read_character('}')) {
            const PgsSvecParseStatus status = read_elements();
            if (status != PGS_SVEC_OK)
                return status;
        }
        if (!read_character('/'))
            return unexpected();
        const PgsSvecParseStatus status = read_integer(next_token(), PGS_SVEC_DIMS, &dims_);
        if (status != PGS_SVEC_OK)
            return at_end() ? PGS_SVEC_UNTERMINATED : status;
        position_ += length_;
        skip_space();
        length_ = text_.size() - position_;
        return at_end() ? PGS_SVEC_OK : PGS_SVEC_TRAILING;
    }

    // Reads elements and commas up to and with the closing brace.
    PgsSvecParseStatus read_elements() {
        for (;;) {
            PgsSvecElement element{0, 0};
            const PgsSvecParseStatus status = read_element(&element);
            if (status != PGS_SVEC_OK)
                return status;
            out_[count_++] = element;
            if (read_character('}'))
                return PGS_SVEC_OK;
            if (!read_character(','))
                return unexpected();
        }
    }

    PgsSvecParseStatus read_element(PgsSvecElement *element) {
        PgsSvecParseStatus status = read_integer(next_token(), PGS_SVEC_INDEX, &element->index);
        if (status != PGS_SVEC_OK)
            return at_end() ? PGS_SVEC_UNTERMINATED : status;
        --element->index;
        position_ += length_;

        if (!read_character(':'))
            return unexpected();
        const std::string_view token = next_token();
        if (at_end())
            return PGS_SVEC_UNTERMINATED;
        status = status_of_value(read_value(token, &element->value));
        if (status == PGS_SVEC_OK && count_ == room_)
            status = PGS_SVEC_TOO_MANY;
        if (status == PGS_SVEC_OK)
            position_ += length_;
        return status;
    }

    // What no single place in the text says: the order of indices, repeated ones, and how the
    // largest compares with the dims.
    PgsSvecParse take_stock() {
        sort_elements(out_, count_);
        PgsSvecParse parse{PGS_SVEC_OK, dims_, static_cast<std::int32_t>(count_), 0, 0, 0};
        if (count_ > 0 && out_[count_ - 1].index >= dims_) {
            parse.status = PGS_SVEC_BEYOND_DIMS;
            parse.index = out_[count_ - 1].index;
            return parse;
        }
        for (std::size_t i = 1; i < count_; ++i)
            if (out_[i - 1].index == out_[i].index) {
                parse.status = PGS_SVEC_DUPLICATE;
                parse.index = out_[i].index;
                return parse;
            }
        parse.count = static_cast<std::int32_t>(drop_zeros(out_, count_));
        return parse;
    }

    bool at_end() const { return position_ == text_.size(); }

    void skip_space() {
        while (!at_end() && is_space(text_[position_]))
            ++position_;
    }

    // Goes past the character if it comes next.
    bool read_character(char c) {
        skip_space();
        if (at_end() || text_[position_] != c)
            return false;
        ++position_;
        return true;
    }

    // The bytes up to the next separator; a separator itself is a token of one byte, and there is
    // an empty one at the end. As separators are ASCII, a token never cuts a multi-byte character,
    // and may be quoted in a message.
    std::string_view next_token() {
        skip_space();
        std::size_t end = position_;
        while (end < text_.size() && !is_separator(text_[end]))
            ++end;
        length_ = end == position_ && !at_end() ? 1 : end - position_;
        return {text_.data() + position_, length_};
    }

    static bool is_separator(char c) {
        return c == ',' || c == ':' || c == '/' || c == '{' || c == '}' || is_space(c);
    }

    // What is at fault is the next token.
    PgsSvecParseStatus fault(PgsSvecParseStatus status) {
        next_token();
        return status;
    }

    PgsSvecParseStatus unexpected() {
        next_token();
        return at_end() ? PGS_SVEC_UNTERMINATED : PGS_SVEC_SYNTAX;
    }

    std::string_view text_;
    PgsSvecElement *out_;
    std::size_t room_;
    std::size_t position_ = 0;
    std::size_t length_ = 0;  // of the token at position_
    std::size_t count_ = 0;
    std::int32_t dims_ = 0;
};

}  // namespace
}  // namespace pgslab

extern "C" size_t pgs_svec_count_colons(const char *text, size_t length) {
    size_t colons = 0;
    for (size_t i = 0; i < length; ++i)
        colons += text[i] == ':' ? 1 : 0;
    return colons;
}

extern "C" PgsSvecParse pgs_svec_parse(const char *text, size_t length, PgsSvecElement *out,
                                       size_t room) {
    return pgslab::SvecTextReader({text, length}, out, room).read();
}
