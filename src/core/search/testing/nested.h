// Vectors of which the first elements say most, as those of models are that were trained for it.
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include "quantize/testing/hard_vectors.h"

namespace pgslab {

// Around centres, along a few directions of each: what their first elements say of their distances
// the others say, too, with the weight that decays.
class Nested {
  public:
    Nested(Random &random, size_t dims, size_t centres) : random_(random), dims_(dims) {
        for (size_t i = 0; i < centres; i++) {
            centres_.push_back(scaled_normal(random, dims, 1));
            for (size_t d = 0; d < kDirections; d++) {
                directions_.push_back(scaled_normal(random, dims, 1));
            }
        }
    }

    Vector operator()() {
        const size_t centre = random_() % centres_.size();
        Vector vector = centres_[centre];
        const Vector along = scaled_normal(random_, kDirections, 0.3);
        const Vector noise = scaled_normal(random_, dims_, 0.2);
        for (size_t i = 0; i < dims_; i++) {
            for (size_t d = 0; d < kDirections; d++) {
                vector[i] += along[d] * directions_[centre * kDirections + d][i];
            }
            vector[i] = (vector[i] + noise[i]) * weight(i);
        }
        return vector;
    }

  private:
    static constexpr size_t kDirections = 12;

    static float weight(size_t i) noexcept {
        return static_cast<float>(std::pow(static_cast<double>(i) + 1, -0.3));
    }

    Random &random_;
    size_t dims_;
    std::vector<Vector> centres_;
    std::vector<Vector> directions_;  // [centres][kDirections]
};

}  // namespace pgslab
