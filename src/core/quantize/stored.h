// What is stored of a vector, in its record and in other tables, and how large it is.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "pgslab/types.h"
#include "store/format.h"
#include "store/layout.h"

namespace pgslab {

// The last two are distances of sets, which vectors stand for by their elements above 0. They go
// with kBits, and only they do.
enum class Metric : uint8_t {
    kL2 = 1,
    kInnerProduct = 2,
    kCosine = 3,
    kL1 = 4,
    kHamming = 5,
    kJaccard = 6
};
enum class Storage : uint8_t { kF16 = 1, kF32 = 2, kI8 = 3, kBits = 4 };

constexpr bool is_of_sets(Metric metric) noexcept {
    return metric == Metric::kHamming || metric == Metric::kJaccard;
}

// Whether vectors are taken to length 1 before they are stored and coded.
constexpr bool is_of_directions(Metric metric) noexcept {
    return metric == Metric::kCosine || metric == Metric::kJaccard;
}

// A record (store/format.h) with what it says of a vector.
struct VectorRecord {
    uint16_t heap_block_hi;
    uint16_t heap_block_lo;
    uint16_t heap_offset;
    uint16_t flags;
    float scale;  // stored values times scale, which is exact, approximate the vector
    float error;  // at least the distance of vector and stored approximation, in the metric's norm
                  // (L1 for L1, else L2)
    float norm;   // at least the Euclidean norm of what was encoded
    uint32_t list;  // the list the row is assigned to; 0 where there are no lists
};
static_assert(sizeof(VectorRecord) == sizeof(Record) &&
              offsetof(VectorRecord, scale) == offsetof(Record, own));

inline VectorRecord vector_record(const Record &record) noexcept {
    return std::bit_cast<VectorRecord>(record);
}
inline Record plain_record(const VectorRecord &record) noexcept {
    return std::bit_cast<Record>(record);
}

// Factors of the code of one bit that a refinement code's highest bits are: see Factors in
// code.h.
struct ScanFactors {
    float add;
    float rescale;
    float error;
};

// One item a slot: the code (code_bytes() of code.h), then this. Items never cross a page.
// Where there is no refinement the code is the one of one bit itself; norm is that code's, and add,
// rescale and error are 0.
struct RefineTail {
    float add;  // see Factors in quantize/code.h
    float rescale;
    float error;
    float norm;
    uint32_t list;  // as in the record
    ScanFactors scan;
};

constexpr uint32_t kBlockRows = 32;

// Follows the 4 * padded bytes of one-bit codes of each block of 32 rows (fastscan.h).
// Rows past the segment's last are zero.
struct BlockTail {
    float add[kBlockRows];
    float rescale[kBlockRows];
    float error[kBlockRows];
    uint64_t address[kBlockRows];
};

constexpr uint32_t element_bits(Storage storage) noexcept {
    switch (storage) {
        case Storage::kBits:
            return 1;
        case Storage::kI8:
            return 8;
        case Storage::kF16:
            return 16;
        case Storage::kF32:
            break;
    }
    return 32;
}

// Bytes of a stored vector without padding. Of bits the first is the highest of the first byte; the
// last byte ends with zeros.
constexpr uint32_t vector_bytes(uint32_t dims, Storage storage) noexcept {
    return static_cast<uint32_t>(divide_up(uint64_t{dims} * element_bits(storage), 8));
}

// With its padding: a power of two up to 64, else a multiple of 64, or of 32 if it is of bits. So
// an item of at most 64 bytes never crosses a page, and a larger one crosses at such a multiple
// from its start.
constexpr uint32_t item_bytes(uint32_t dims, Storage storage) noexcept {
    const uint32_t bytes = vector_bytes(dims, storage);
    if (bytes > kLineBytes) {
        const uint32_t unit = storage == Storage::kBits ? kCutBytes : kLineBytes;
        return static_cast<uint32_t>(divide_up(bytes, unit)) * unit;
    }
    uint32_t size = vector_bytes(1, storage);
    while (size < bytes) {
        size *= 2;
    }
    return size;
}

// Dims of codes: what the rotation fills up.
constexpr uint32_t padded_dims(uint32_t dims) noexcept {
    return (dims + 63) / 64 * 64;
}

// Bytes of a slot's code, of as many bits as the refinement has or of one if there is none, with
// its tail.
constexpr uint32_t refine_bytes(uint32_t dims, uint32_t refine_bits) noexcept {
    return padded_dims(dims) * std::max(refine_bits, 1u) / 8 +
           static_cast<uint32_t>(sizeof(RefineTail));
}

// Most dims that such codes are possible for: a page holds at least one.
constexpr uint32_t most_dims(uint32_t refine_bits) noexcept {
    return std::min<uint32_t>(PGS_MAX_DIMS,
                              (kPayloadBytes - static_cast<uint32_t>(sizeof(RefineTail))) * 8 /
                                  std::max(refine_bits, 1u) / 64 * 64);
}

// Bytes of a block of 32 rows in a segment.
constexpr uint32_t block_bytes(uint32_t dims) noexcept {
    return padded_dims(dims) * kBlockRows / 8 + static_cast<uint32_t>(sizeof(BlockTail));
}

static_assert(sizeof(RefineTail) == 32);
static_assert(sizeof(BlockTail) == 640 && offsetof(BlockTail, address) == 384);

}  // namespace pgslab
