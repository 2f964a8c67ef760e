// Vectors that lie far from the origin beside their spread, and an offset for an index of them.
#pragma once

#include <cmath>

#include "quantize/offset.h"
#include "quantize/testing/hard_vectors.h"

namespace pgslab {

enum class Far {
    kNearTen,       // every element between 10 and 11
    kHugeElement,   // ordinary, but for one element near 1.7e9
    kMixed,         // each element near a magnitude of its own
    kWholeNumbers,  // whole numbers near a million
    kLimits,        // as large as float32 has them, about the largest offset
    kOthers,        // hard vectors, with the offset of others
    kCount
};

class FarVectors {
  public:
    FarVectors(Random &random, size_t dims, Far kind) : kind_(kind), offset_(dims) {
        for (size_t i = 0; i < dims; i++) {
            offset_[i] = element_of_offset(random, i);
        }
    }

    // For these vectors, normalised under cosine.
    Vector offset(Metric metric = Metric::kL2) const {
        Vector offset = offset_;
        double squares = 0;
        for (float x : offset_) {
            squares += static_cast<double>(x) * x;
        }
        for (float &x : offset) {
            x = metric == Metric::kCosine ? static_cast<float>(x / std::sqrt(squares)) : x;
            x = is_offset_element(x) ? x : 0;
        }
        return offset;
    }

    Vector draw(Random &random) const {
        std::normal_distribution<double> normal;
        const size_t dims = offset_.size();
        if (kind_ == Far::kOthers) {
            return any_hard_vector(random, dims);
        }
        if (kind_ == Far::kLimits) {
            return hard_vector(random, dims, random() % 2 == 0 ? Kind::kHuge : Kind::kMixed);
        }
        Vector v = offset_;
        for (size_t i = 0; i < dims; i++) {
            double x = offset_[i];
            switch (kind_) {
                case Far::kNearTen:
                    x += random() % 1000 / 1000.0 - 0.5;
                    break;
                case Far::kHugeElement:
                    x += i == 0 ? 128.0 * (random() % 5) : normal(random);
                    break;
                case Far::kMixed:
                    x *= 1 + 1e-3 * normal(random);
                    break;
                default:
                    x += static_cast<double>(random() % 1000) - 500;
                    break;
            }
            v[i] = static_cast<float>(x);
        }
        return v;
    }

  private:
    float element_of_offset(Random &random, size_t i) const {
        const float sign = random() % 2 == 0 ? 1.0f : -1.0f;
        switch (kind_) {
            case Far::kHugeElement:
                return i == 0 ? 1.7e9f : 0.0f;
            case Far::kMixed:
                return sign * std::ldexp(1 + static_cast<float>(random() % 256) / 256,
                                         static_cast<int>(random() % 40) - 20);
            case Far::kWholeNumbers:
                return 1e6f;
            case Far::kLimits:
                return sign * (random() % 2 == 0 ? kLargestOffset : kSmallestOffset);
            default:
                return 10.5f;
        }
    }

    Far kind_;
    Vector offset_;
};

// visit(vectors) for each kind.
template <typename Visit>
void each_far(Random &random, size_t dims, Visit visit) {
    for (int kind = 0; kind < static_cast<int>(Far::kCount); kind++) {
        visit(FarVectors(random, dims, static_cast<Far>(kind)));
    }
}

}  // namespace pgslab
