// kernels_under_test.h - what the tests of this room share: which kernels to test, and test data.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "kernels/kernels.h"

namespace pgslab {

// The AVX-512 kernels compiled without AVX-512, for any CPU (kernels_emulated_test.cpp).
extern const Kernels emulated_avx512_kernels;

inline std::vector<const Kernels *> kernels_under_test() {
    std::vector<const Kernels *> all = {&emulated_avx512_kernels};
    for (int i = 0; const Kernels *k = available_kernels(i); i++) {
        all.push_back(k);
    }
    return all;
}

inline std::string isa_of(const testing::TestParamInfo<const Kernels *> &info) {
    return info.param->isa;
}

inline std::vector<float> normal_vector(size_t n, size_t seed) {
    std::mt19937 random(static_cast<unsigned>(seed));
    std::normal_distribution<float> normal;
    std::vector<float> vector(n);
    for (float &element : vector) {
        element = normal(random);
    }
    return vector;
}

// An array of n elements that starts `shift` bytes after an allocated block does and ends where the
// block ends, so that a sanitizer sees the first byte read or written behind it.
template <typename T>
class Unaligned {
  public:
    Unaligned(size_t n, size_t shift) : block_(shift + n * sizeof(T)), shift_(shift) {}

    Unaligned(const std::vector<T> &from, size_t shift) : Unaligned(from.size(), shift) {
        if (!from.empty()) {
            std::memcpy(block_.data() + shift_, from.data(), from.size() * sizeof(T));
        }
    }

    // May be misaligned for T: for kernels, and not to be dereferenced.
    T *data() { return reinterpret_cast<T *>(block_.data() + shift_); }

    std::vector<T> copy() const {
        std::vector<T> elements((block_.size() - shift_) / sizeof(T));
        if (!elements.empty()) {
            std::memcpy(elements.data(), block_.data() + shift_, elements.size() * sizeof(T));
        }
        return elements;
    }

  private:
    std::vector<unsigned char> block_;
    size_t shift_;
};

}  // namespace pgslab
