// xoroshiro128+ seeded by splitmix64: the same numbers on every machine, and a stream of its own
// for every pair (seed, stream).
#pragma once

#include <cmath>
#include <cstdint>

namespace bench {

class Random {
  public:
    Random(uint64_t seed, uint64_t stream) {
        uint64_t state = seed * 0xD1342543DE82EF95 + stream * 0xA24BAED4963EE407 + 1;
        state0_ = splitmix(state);
        state1_ = splitmix(state);
    }

    uint64_t bits() {
        const uint64_t result = state0_ + state1_;
        const uint64_t mixed = state1_ ^ state0_;
        state0_ = rotate(state0_, 24) ^ mixed ^ (mixed << 16);
        state1_ = rotate(mixed, 37);
        return result;
    }

    // In (0, 1).
    double uniform() { return (static_cast<double>(bits() >> 11) + 0.5) * 0x1.0p-53; }

    // Standard normal, by Marsaglia's polar method, which yields two at a time.
    double normal() {
        if (has_spare_) {
            has_spare_ = false;
            return spare_;
        }
        double u, v, squares;
        do {
            u = 2 * uniform() - 1;
            v = 2 * uniform() - 1;
            squares = u * u + v * v;
        } while (squares >= 1 || squares == 0);
        const double scale = std::sqrt(-2 * std::log(squares) / squares);
        spare_ = v * scale;
        has_spare_ = true;
        return u * scale;
    }

  private:
    static uint64_t rotate(uint64_t x, int by) { return (x << by) | (x >> (64 - by)); }

    static uint64_t splitmix(uint64_t &state) {
        uint64_t z = (state += 0x9E3779B97F4A7C15);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    uint64_t state0_;
    uint64_t state1_;
    bool has_spare_ = false;
    double spare_ = 0;
};

}  // namespace bench
