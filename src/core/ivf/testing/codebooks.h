// Codebooks without training: random centroids.
#pragma once

#include <cstdint>
#include <vector>

#include "ivf/codebook.h"
#include "quantize/rotation.h"
#include "quantize/testing/hard_vectors.h"
#include "store/layout.h"

namespace pgslab {

inline Shape shape_for(PgsMetric metric, int dims, PgsStorage storage = PGS_F16,
                       int refine_bits = 4, int prefix_dims = 0) {
    return shape_of(PgsOptions{dims, metric, storage, "", "", refine_bits, {}, prefix_dims});
}

// Centroids are normal deviates, so that each is about as far from the mean as rows are.
inline Codebook random_codebook(Random &random, const Shape &shape, uint32_t lists) {
    std::vector<uint8_t> signs(rotation_bytes(shape.padded));
    draw_rotation(random(), shape.padded, signs.data());
    std::vector<float> centroids;
    for (uint32_t l = 0; l < lists; l++) {
        const Vector c = scaled_normal(random, shape.padded, 0.5);
        centroids.insert(centroids.end(), c.begin(), c.end());
    }
    return {shape, random(), std::move(signs), scaled_normal(random, shape.dims, 0.3), centroids};
}

}  // namespace pgslab
