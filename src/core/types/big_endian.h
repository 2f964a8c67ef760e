// big_endian.h - numbers as they are on the wire.
#pragma once

#include <bit>
#include <cstdint>

namespace pgslab {

constexpr std::uint16_t read_uint16(const unsigned char *bytes) noexcept {
    return static_cast<std::uint16_t>(bytes[0] << 8 | bytes[1]);
}

constexpr std::uint32_t read_uint32(const unsigned char *bytes) noexcept {
    return std::uint32_t{read_uint16(bytes)} << 16 | read_uint16(bytes + 2);
}

constexpr float read_float32(const unsigned char *bytes) noexcept {
    return std::bit_cast<float>(read_uint32(bytes));
}

}  // namespace pgslab
