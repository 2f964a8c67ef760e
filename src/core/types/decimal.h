// decimal.h - unsigned decimal numbers as they are written: digits, a point among them or not, and
// perhaps an exponent.
#pragma once

#include <cstdint>
#include <string_view>

namespace pgslab {

struct Decimal {
    std::string_view digits;  // from the leading one on, with the point; empty for zero
    std::int64_t exponent;    // the power of ten of the leading digit
};

// The number must have the form that std::from_chars() accepts, and no sign.
Decimal read_decimal(std::string_view number) noexcept;

// Below 0 if the decimal is less than the binary number, above 0 if it is more. The binary one is a
// multiple of 2^-25 from 0 to 10^6.
int compare(const Decimal &decimal, double binary) noexcept;

}  // namespace pgslab
