// The offset of an index: one vector that is subtracted of every other before what is left is
// stored in half precision, or in bytes.
//
// Where data lies far from the origin beside its spread, half floats of the values themselves err
// by as much as neighbours differ. What is left without the offset is as small as the spread, and
// so are its errors. Everything that refers to stored values is then relative to the offset: codes,
// and queries, from which it is subtracted once.
//
// It is none, null, unless that lowers errors well; so data that halves hold, or hold as well as
// they could, is stored as it is.
#pragma once

#include <cstdint>
#include <vector>

#include "quantize/stored.h"

namespace pgslab {

// Magnitudes of an offset's elements, if they are not 0: a float32 less one of them is never beyond
// float32's range, and never denormal unless it is so itself.
constexpr float kLargestOffset = 0x1p100f;
constexpr float kSmallestOffset = 0x1p-100f;

bool is_offset_element(float x) noexcept;

// Chosen for rows like those of a sample, float32[rows][dims], normalised under cosine. Empty for
// none. Elements are rounded to a power of two that is small beside the spread of their dimension,
// so what is left of whole numbers is whole. Not for L1. May throw std::bad_alloc.
std::vector<float> choose_offset(Metric metric, Storage storage, const float *sample, uint32_t rows,
                                 uint32_t dims);

// A query as it is compared with what is stored, and what bounds have to know of that.
struct Shift {
    bool is_none = true;
    double query = 0;    // at least how far the shifted query is from where it should be
    double norm = 0;     // Euclidean, of the offset
    double product = 0;  // <query, offset>, under an inner product, where the query is not shifted
};

// vector[dims] = the query as it is compared: less the offset and, under cosine, normalised before;
// under an inner product as it is. offset may be null. Under cosine the query has a direction.
Shift shift_query(Metric metric, const float *query, const float *offset, uint32_t dims,
                  float *vector) noexcept;

// values[dims] += offset, which may be null; finite.
void add_offset(const float *offset, uint32_t dims, float *values) noexcept;

}  // namespace pgslab
