// parse.cpp - reads a vector from its text form, "[1, 2.5, -3e2]".

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "pgslab/types.h"
#include "types/number.h"

namespace pgslab {
namespace {

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
