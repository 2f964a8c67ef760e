#include "index/query.h"

#include <cmath>

#include "quantize/encode.h"

namespace pgslab {

void Query::set(const Codebook &codebook, const float *query) {
    const Shape &shape = codebook.shape();
    vector.assign(query, query + shape.dims);
    has_direction = true;
    if (shape.metric == Metric::kCosine) {
        has_direction = normalize(query, shape.dims, vector.data()) > 0;
        norm = 1;
    } else {
        double squares = 0;
        for (float x : vector) {
            squares += static_cast<double>(x) * x;
        }
        norm = std::sqrt(squares);
    }
    if (shape.code_bits == 0 || !has_direction) {
        return;
    }
    // An inner product with a centred vector leaves out that with the mean, the same for all rows.
    const bool product = shape.metric == Metric::kInnerProduct;
    rotated.resize(shape.padded);
    codebook.to_code_space(vector.data(), !product, rotated.data());
    codes.set(rotated.data(), shape.padded);
    offset = 0;
    for (uint32_t i = 0; product && i < shape.dims; i++) {
        offset -= static_cast<double>(codebook.mean()[i]) * vector[i];
    }
}

}  // namespace pgslab
