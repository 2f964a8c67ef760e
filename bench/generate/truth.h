// The true nearest rows of each query, by looking at all of them.
#pragma once

#include <cstddef>
#include <cstdint>

#include "common/vecs.h"

namespace bench {

enum class Metric { kL2, kCosine };

// Row q of the result holds the numbers of the k base rows nearest to query q, nearest first, the
// smaller number first among equals. Candidates are found in float, with some to spare, and put in
// order by distances in double. base.rows >= k. For kCosine both matrices are normalised in place.
Matrix<int32_t> nearest_rows(Metric metric, Matrix<float> &base, Matrix<float> &queries, size_t k,
                             size_t threads);

}  // namespace bench
