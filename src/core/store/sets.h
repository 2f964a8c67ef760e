// Sets of parts and of segments, by their numbers in the manifest: two types, so that one is never
// taken for the other.
#pragma once

#include <bit>
#include <concepts>
#include <cstdint>

#include "pgslab/index.h"
#include "store/format.h"
#include "store/layout.h"

namespace pgslab {

static_assert(kMaxParts <= 32 && kMaxSegments <= 32, "a set has a bit for each");

template <typename Set>
concept NumberSet = std::same_as<Set, PgsParts> || std::same_as<Set, PgsSegments>;

template <NumberSet Set>
constexpr bool has(Set set, uint32_t number) noexcept {
    return (set.bits >> number & 1) != 0;
}

template <NumberSet Set>
constexpr bool has_any(Set set) noexcept {
    return set.bits != 0;
}

template <NumberSet Set>
constexpr uint32_t count_of(Set set) noexcept {
    return static_cast<uint32_t>(std::popcount(set.bits));
}

// Of a set that is not empty.
template <NumberSet Set>
constexpr uint32_t first_of(Set set) noexcept {
    return static_cast<uint32_t>(std::countr_zero(set.bits));
}

template <NumberSet Set>
constexpr void add(Set &set, uint32_t number) noexcept {
    set.bits |= 1u << number;
}

template <NumberSet Set>
constexpr void remove(Set &set, uint32_t number) noexcept {
    set.bits &= ~(1u << number);
}

// Whether it has no number but the first so many.
template <NumberSet Set>
constexpr bool is_within(Set set, uint32_t count) noexcept {
    return uint64_t{set.bits} >> count == 0;
}

inline PgsSegments all_segments(const Meta &meta) noexcept {
    return {(1u << meta.segments) - 1};
}

inline PgsParts all_parts(const Meta &meta) noexcept {
    return {(1u << meta.parts) - 1};
}

// The open part, if there is one, is the manifest's last.
inline PgsParts sealed_parts(const Meta &meta) noexcept {
    return {(1u << (meta.parts - (open_part(meta) != nullptr ? 1u : 0u))) - 1};
}

}  // namespace pgslab
