// mix64.h - spreads the bits of a hash over all of it.
#pragma once

#include <cstdint>

namespace pgslab {

// The last bytes hashed reach neither the highest bits of FNV-1a nor, other than linearly, the
// lowest. The finaliser of SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number
// Generators, OOPSLA 2014) spreads them over all 64.
constexpr std::uint64_t mix64(std::uint64_t hash) noexcept {
    hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9;
    hash = (hash ^ (hash >> 27)) * 0x94d049bb133111eb;
    return hash ^ (hash >> 31);
}

}  // namespace pgslab
