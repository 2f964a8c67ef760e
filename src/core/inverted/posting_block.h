// A block of postings: which documents have a term, and its weight in each.
#pragma once

#include <cstddef>
#include <cstdint>

#include "inverted/format.h"

namespace pgslab::inverted {

// Postings in memory. Weights are float32 whatever they are: occurrences are below 2^24.
struct Postings {
    uint32_t count;                   // 1 .. kBlockPostings
    uint32_t number[kBlockPostings];  // ascending
    float weight[kBlockPostings];
};

constexpr float kMostOccurrences = 0x1p24f - 1;

// Of a block in its bytes.
uint32_t number_bytes(const BlockHeader &header) noexcept;
uint32_t weight_bytes(const BlockHeader &header) noexcept;
inline uint32_t block_bytes(const BlockHeader &header) noexcept {
    return static_cast<uint32_t>(sizeof header) + number_bytes(header) + weight_bytes(header);
}

// What the block of these postings would begin with.
BlockHeader block_header(Weights weights, const Postings &postings) noexcept;

// Writes it to out, which has room for kMostBlockBytes; returns its bytes.
uint32_t encode_block(Weights weights, const Postings &postings, uint8_t *out) noexcept;

// Reads the block that begins at `block`, of which at most so many bytes are there; false where it
// is none: it does not end there, or numbers exceed 32 bits, or a weight is impossible.
bool decode_block(Weights weights, const uint8_t *block, size_t available,
                  Postings &postings) noexcept;

// The same, but its numbers alone, or with the weights of a block whose numbers are there.
bool decode_numbers(Weights weights, const uint8_t *block, size_t available,
                    Postings &postings) noexcept;
bool decode_weights(Weights weights, const uint8_t *block, size_t available,
                    Postings &postings) noexcept;

}  // namespace pgslab::inverted
