// Pseudo-random numbers that are the same everywhere for the same seed, which the standard
// library's distributions are not.
#pragma once

#include <cstdint>

namespace pgslab {

// SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
class SplitMix {
  public:
    explicit SplitMix(uint64_t seed) noexcept : state_(seed) {}

    uint64_t next() noexcept {
        uint64_t x = state_ += 0x9E3779B97F4A7C15u;
        x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
        x = (x ^ x >> 27) * 0x94D049BB133111EBu;
        return x ^ x >> 31;
    }

    // In [0, 1).
    double uniform() noexcept { return static_cast<double>(next() >> 11) * 0x1p-53; }

    // In [0, n), n below 2^53.
    uint64_t below(uint64_t n) noexcept {
        return static_cast<uint64_t>(uniform() * static_cast<double>(n));
    }

  private:
    uint64_t state_;
};

}  // namespace pgslab
