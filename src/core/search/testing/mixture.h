// Vectors around centres.
#pragma once

#include <vector>

#include "quantize/testing/hard_vectors.h"

namespace pgslab {

// Some centres much more often than others.
class Mixture {
  public:
    Mixture(Random &random, size_t dims, size_t centres) : random_(random) {
        for (size_t i = 0; i < centres; i++) {
            centres_.push_back(hard_vector(random, dims, Kind::kOrdinary));
        }
    }

    Vector operator()() {
        const size_t i = random_() % (1 + random_() % centres_.size());
        Vector vector = hard_vector(random_, centres_[i].size(), Kind::kOrdinary);
        for (size_t d = 0; d < vector.size(); d++) {
            vector[d] = centres_[i][d] + 0.6f * vector[d];
        }
        return vector;
    }

  private:
    Random &random_;
    std::vector<Vector> centres_;
};

}  // namespace pgslab
