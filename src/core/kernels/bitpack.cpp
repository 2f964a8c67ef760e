#include "kernels/bitpack.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace pgslab {

namespace {

// Four numbers, one of each lane.
typedef uint32_t Lanes __attribute__((vector_size(16)));

Lanes load(const uint8_t *at) noexcept {
    Lanes lanes;
    std::memcpy(&lanes, at, sizeof lanes);
    return lanes;
}

void store(uint8_t *at, Lanes lanes) noexcept {
    std::memcpy(at, &lanes, sizeof lanes);
}

constexpr uint32_t mask_of(uint32_t bits) noexcept {
    return bits == 32 ? UINT32_MAX : (uint32_t{1} << bits) - 1;
}

template <uint32_t bits>
void pack_all(const uint32_t *numbers, uint8_t *out) noexcept {
    const auto *in = reinterpret_cast<const uint8_t *>(numbers);
    Lanes word = {};
    uint32_t filled = 0;
#pragma GCC unroll 32
    for (uint32_t i = 0; i < 32; i++) {
        const Lanes number = load(in + 16 * i) & mask_of(bits);
        word |= number << filled;
        if (filled + bits >= 32) {
            store(out, word);
            out += 16;
            const uint32_t written = 32 - filled;
            word = written < bits ? number >> (written % 32) : Lanes{};
            filled = bits - written;
        } else {
            filled += bits;
        }
    }
}

template <uint32_t bits>
void unpack_all(const uint8_t *packed, uint32_t *numbers) noexcept {
    auto *out = reinterpret_cast<uint8_t *>(numbers);
    Lanes word = {};
    uint32_t left = 0;
#pragma GCC unroll 32
    for (uint32_t i = 0; i < 32; i++) {
        Lanes number = left == 0 ? Lanes{} : word >> ((32 - left) % 32);
        if (left < bits) {
            word = load(packed);
            packed += 16;
            number |= left == 0 ? word : word << left;
            left += 32;
        }
        store(out + 16 * i, number & mask_of(bits));
        left -= bits;
    }
}

template <>
void pack_all<0>(const uint32_t *, uint8_t *) noexcept {}

template <>
void unpack_all<0>(const uint8_t *, uint32_t *numbers) noexcept {
    std::fill_n(numbers, kPackedTogether, 0u);
}

// The eight bytes from that bit's on, from that bit on.
uint64_t load_word(const uint8_t *packed, uint32_t bit) noexcept {
    uint64_t word;
    std::memcpy(&word, packed + bit / 8, sizeof word);
    return word >> bit % 8;
}

// Eight numbers, which begin and end with a byte; up to eight bytes behind them are read.
template <uint32_t bits, uint32_t... i>
void unpack_8(const uint8_t *packed, uint32_t *numbers,
              std::integer_sequence<uint32_t, i...>) noexcept {
    ((numbers[i] = static_cast<uint32_t>(load_word(packed, i * bits)) & mask_of(bits)), ...);
}

// The last bytes are copied, so that others may be read behind them.
template <uint32_t bits>
void unpack_fewer(const uint8_t *packed, uint32_t n, uint32_t *numbers) noexcept {
    constexpr auto kEight = std::make_integer_sequence<uint32_t, 8>();
    constexpr size_t kBehind = 8;
    size_t left = packed_bytes(n, bits);
    for (; n >= 8 && left >= bits + kBehind; n -= 8, left -= bits) {
        unpack_8<bits>(packed, numbers, kEight);
        packed += bits;
        numbers += 8;
    }
    uint8_t last[bits + 2 * kBehind] = {};
    if (left > 0) {
        std::memcpy(last, packed, left);
    }
    packed = last;
    for (; n >= 8; n -= 8) {
        unpack_8<bits>(packed, numbers, kEight);
        packed += bits;
        numbers += 8;
    }
    for (uint32_t i = 0; i < n; i++) {
        numbers[i] = static_cast<uint32_t>(load_word(packed, i * bits)) & mask_of(bits);
    }
}

template <>
void unpack_fewer<0>(const uint8_t *, uint32_t n, uint32_t *numbers) noexcept {
    std::fill_n(numbers, n, 0u);
}

template <size_t... bits>
constexpr auto packers(std::index_sequence<bits...>) noexcept {
    return std::array{&pack_all<bits>...};
}
template <size_t... bits>
constexpr auto unpackers(std::index_sequence<bits...>) noexcept {
    return std::array{&unpack_all<bits>...};
}
template <size_t... bits>
constexpr auto unpackers_of_fewer(std::index_sequence<bits...>) noexcept {
    return std::array{&unpack_fewer<bits>...};
}
constexpr auto kPack = packers(std::make_index_sequence<33>());
constexpr auto kUnpack = unpackers(std::make_index_sequence<33>());
constexpr auto kUnpackFewer = unpackers_of_fewer(std::make_index_sequence<33>());

}  // namespace

void pack(const uint32_t *numbers, uint32_t n, uint32_t bits, uint8_t *out) noexcept {
    if (n == kPackedTogether) {
        kPack[bits](numbers, out);
        return;
    }
    uint64_t waiting = 0;
    uint32_t filled = 0;
    for (uint32_t i = 0; i < n; i++) {
        waiting |= static_cast<uint64_t>(numbers[i] & mask_of(bits)) << filled;
        for (filled += bits; filled >= 8; filled -= 8) {
            *out++ = static_cast<uint8_t>(waiting);
            waiting >>= 8;
        }
    }
    if (filled > 0) {
        *out = static_cast<uint8_t>(waiting);
    }
}

void unpack(const uint8_t *packed, uint32_t n, uint32_t bits, uint32_t *numbers) noexcept {
    if (n == kPackedTogether) {
        kUnpack[bits](packed, numbers);
        return;
    }
    kUnpackFewer[bits](packed, n, numbers);
}

}  // namespace pgslab
