// Unsigned numbers of so many bits each, packed. Of 128 numbers the i-th lies in lane i mod 4 of
// 32-bit words that come four by four, so that four are packed and unpacked at a time on every
// machine; of fewer one follows the other, from the lowest bit of the first byte on.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace pgslab {

constexpr uint32_t kPackedTogether = 128;

// Bits that a number takes at least.
constexpr uint32_t bits_of(uint32_t number) noexcept {
    return static_cast<uint32_t>(std::bit_width(number));
}

// Bytes of n packed numbers, at most kPackedTogether, of so many bits, at most 32.
constexpr size_t packed_bytes(uint32_t n, uint32_t bits) noexcept {
    return (size_t{n} * bits + 7) / 8;
}

// Of numbers the lowest bits are taken; out has room for packed_bytes(). It writes no byte more.
void pack(const uint32_t *numbers, uint32_t n, uint32_t bits, uint8_t *out) noexcept;

// The reverse; reads no byte more.
void unpack(const uint8_t *packed, uint32_t n, uint32_t bits, uint32_t *numbers) noexcept;

}  // namespace pgslab
