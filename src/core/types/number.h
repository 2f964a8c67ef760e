// number.h - characters and numbers, which the texts of all vector types are made of.
#pragma once

#include <cstdint>
#include <string_view>

#include "pgslab/types.h"

namespace pgslab {

// The white space of the C locale.
constexpr bool is_space(char c) noexcept {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

constexpr bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

// Reads one value from a token, which is not empty and must be a number as a whole; otherwise says
// what it is: PGS_PARSE_NAN, PGS_PARSE_INFINITE, PGS_PARSE_OUT_OF_RANGE or PGS_PARSE_SYNTAX. The
// value is the nearest float32, or the nearest half, rounded once.
PgsParseStatus read_value(std::string_view token, float *value) noexcept;
PgsParseStatus read_value(std::string_view token, std::uint16_t *half) noexcept;

}  // namespace pgslab
