// Sets as bits: what the metrics of sets store, and their values.
//
// A vector stands for the set of its elements above 0. For what is computed with vectors, training
// and codes, it has the element 1 for those and 0 for the others. Under Jaccard it is taken to
// length 1 then; and the empty set, which has no direction, to the one that no set's inner product
// with is above 0, as its distance from any set is 1.
#pragma once

#include <cstdint>

#include "kernels/kernels.h"
#include "quantize/stored.h"

namespace pgslab {

// bits[vector_bytes(dims, kBits)] = which elements are above 0. Returns how many.
uint32_t pack_bits(const float *vector, uint32_t dims, uint8_t *bits) noexcept;

// out[n] = the bits from `begin` on, as 0 and 1.
void unpack_bits(const uint8_t *bits, uint32_t begin, uint32_t n, float *out) noexcept;

// The scale of the record of a set of so many elements. A negative one is the value of every
// element: that of the empty set under Jaccard.
float scale_of_set(Metric metric, uint32_t elements, uint32_t dims) noexcept;

// As encode() and decode() of encode.h.
void encode_bits(Metric metric, const float *vector, uint32_t dims, uint8_t *item,
                 VectorRecord *record) noexcept;
void decode_bits(const uint8_t *item, float scale, uint32_t dims, float *out) noexcept;

// out[dims] = what is compared with vectors that were decoded, for a vector that may be any.
void vector_of_set(Metric metric, const float *vector, uint32_t dims, float *out) noexcept;

// The operator's value for two sets, by the number of elements that they share and of those that
// are in only one of them.
inline double set_distance(Metric metric, uint64_t shared, uint64_t differing) noexcept {
    if (metric == Metric::kHamming) {
        return static_cast<double>(differing);
    }
    return shared == 0 ? 1
                       : 1 - static_cast<double>(shared) / static_cast<double>(shared + differing);
}

}  // namespace pgslab
