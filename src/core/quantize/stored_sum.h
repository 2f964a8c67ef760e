// The kernels' sum of a query and a stored vector in float64, for where float32 does not do: values
// near the ends of its range, whose squares and products lie outside.
#pragma once

#include <cstdint>

#include "quantize/stored.h"

namespace pgslab {

// Of squared differences (L2), of absolute differences (L1), or of products before the scale is
// applied (inner product, cosine); query is float[dims], item what encode() stored. Finite, and to
// float64's precision, for all finite input.
double stored_sum(Metric metric, Storage storage, const float *query, const uint8_t *item,
                  float scale, uint32_t dims) noexcept;

// Whether the kernels' float32 sum says as much as stored_sum() does, but for rounding relative to
// it, or to the product of both lengths. query_norm is the query's Euclidean norm.
bool is_sound(Metric metric, Storage storage, double query_norm, float sum) noexcept;

}  // namespace pgslab
