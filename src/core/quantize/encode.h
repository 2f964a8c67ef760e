// A vector as the slab stores it: an approximation, and how far it is from the vector.
#pragma once

#include <cstdint>

#include "quantize/stored.h"

namespace pgslab {

// Encodes float32[dims] for an index of that metric and storage. What is stored is the vector less
// the index's offset (quantize/offset.h), float32[dims] or null for none.
//
// item: item_bytes(dims, storage) bytes, padding zeroed. *record gets scale, error and norm, flags
// 0 and list 0; the heap address is the caller's. Under cosine the vector is normalised first, and
// the zero vector, which has no direction, gives false.
//
// int8 stores whole numbers from -128 to 127. A vector of such numbers is kept as it is, or of such
// times a power of two; of any other the largest element is 127, and each is off by up to half of
// its 127th part. The scale has 16 significant bits, so that a whole number times it is a float32.
//
// Bits store which elements are above 0 (quantize/bits.h).
//
// f16 keeps the largest element between 2^-8 and 65504: where it lies outside, the scale is the
// power of two that brings it near 1. So every finite vector is stored to a relative precision of
// about 2^-11 of each element, or 2^-17 of the largest, of what is left without the offset.
bool encode(Metric metric, Storage storage, const float *vector, uint32_t dims, void *item,
            VectorRecord *record, const float *offset = nullptr) noexcept;

// encode() stores a vector at a Euclidean distance of at most this times its norm without the
// offset, plus kStorageUnderflow. record->error is no larger, except under L1, where it is a sum of
// magnitudes.
double storage_error(Storage storage, uint32_t dims) noexcept;
constexpr double kStorageUnderflow = 0x1p-140;

// out[n] = the elements from `begin` on as they are stored, without the scale.
void to_floats(Storage storage, const uint8_t *item, uint32_t begin, uint32_t n,
               float *out) noexcept;

// out[dims] = what item stands for, under that scale, without the offset. Finite.
void decode(Storage storage, const uint8_t *item, float scale, uint32_t dims, float *out) noexcept;

// out[dims] = the vector divided by its Euclidean norm, which is returned; out is left alone if
// that is 0.
double normalize(const float *vector, uint32_t dims, float *out) noexcept;

}  // namespace pgslab
