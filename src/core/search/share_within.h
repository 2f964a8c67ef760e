// What share of an index's rows lies within a distance of a query: a guess for planners.
#pragma once

#include "ivf/codebook.h"
#include "store/page.h"

namespace pgslab {

// By how far the lists' centroids lie from the query and rows from their centroids, as if all lists
// had as many rows; bound is a value of the distance operator. Not a number where the index has not
// measured itself, and where the query orders nothing. May throw std::bad_alloc.
double share_within(const Page &meta, const Codebook &codebook, const float *query, double bound);

}  // namespace pgslab
