// A document as one row of bytes: what the sidecar is searched by, and segments are made from.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "inverted/bound.h"
#include "inverted/format.h"
#include "pgslab/inverted.h"
#include "store/walker.h"

namespace pgslab::inverted {

// Bytes of the forward row of these terms, and slots it takes.
uint64_t forward_bytes(Weights weights, const PgsTerm *terms, uint32_t count) noexcept;
constexpr uint64_t slots_of(uint64_t bytes) noexcept {
    return divide_up(bytes, kPieceBytes);
}

// Writes it, and zeros up to the end of its last piece.
void write_forward(Weights weights, const PgsTerm *terms, uint32_t count, uint8_t *out) noexcept;

// What a document's record says of it.
DocumentMeasure measure_of(Weights weights, const PgsTerm *terms, uint32_t count) noexcept;

// The terms of a forward row; false where it is none. They point into it. May throw std::bad_alloc.
bool read_forward(Weights weights, std::span<const uint8_t> row, std::vector<PgsTerm> &terms);

// Puts forward rows together from the pieces that a walk in slot order hands out (store/walker.h).
// What is not whole is left out: a crash has cut it off.
class PieceReader {
  public:
    explicit PieceReader(Weights weights) : weights_(weights) {}

    // Bytes of a piece; then, when all of it was given, its row. True when that was a document's
    // last: it is there until the next piece() then. May throw std::bad_alloc.
    void piece(uint32_t offset, const uint8_t *bytes, uint32_t n);
    bool row(const Row &row);

    // The document: its terms, which point into the reader; false where the bytes are no forward
    // row of the length and norm that the record says, which is damage.
    bool read(const Row &row, std::vector<PgsTerm> &terms);

  private:
    void forget() noexcept;

    Weights weights_;
    std::vector<uint8_t> bytes_;  // of pieces so far, and of the one in hand
    size_t piece_ = 0;            // where that begins
    uint64_t next_address_ = 0;   // that would continue them
    uint32_t pieces_ = 0;
    bool is_whole_ = false;
};

}  // namespace pgslab::inverted
