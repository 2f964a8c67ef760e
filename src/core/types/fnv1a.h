// fnv1a.h - the 64-bit FNV-1a hash (Fowler, Noll, Vo; draft-eastlake-fnv, section 2), byte by byte.
#ifndef PGSLAB_CORE_VECTOR_FNV1A_H
#define PGSLAB_CORE_VECTOR_FNV1A_H

#include <cstdint>
#include <string_view>

namespace pgslab {

inline constexpr std::uint64_t fnv1a_basis = 0xcbf29ce484222325;

// The hash of what `hash` is the hash of, followed by `byte`.
constexpr std::uint64_t fnv1a_extend(std::uint64_t hash, unsigned char byte) {
    return (hash ^ byte) * 0x100000001b3;
}

constexpr std::uint64_t fnv1a(std::string_view bytes) {
    std::uint64_t hash = fnv1a_basis;
    for (const char byte : bytes)
        hash = fnv1a_extend(hash, static_cast<unsigned char>(byte));
    return hash;
}

}  // namespace pgslab

#endif
