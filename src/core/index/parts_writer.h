// Writes slots to sealed parts, one after the other. A part is a piece of the index: small enough
// to be written anew without doubling the space of all.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "format/format.h"
#include "format/layout.h"
#include "index/page_stream.h"
#include "index/part_writer.h"

namespace pgslab {

// A sealed part.
struct Piece {
    Part part;
    std::vector<Extent> extents;
};

// Most slots of a part that is written at once, in an index of so many.
uint64_t slots_of_piece(uint64_t index_slots, SlotShape shape) noexcept;

constexpr uint32_t kMostPieces = 8;  // for all slots of an index

// Divides slots evenly into parts of at most `most`: of how many slots each. May throw
// std::bad_alloc.
std::vector<uint32_t> divide_slots(uint64_t slots, uint64_t most);

// A part without slots yet; and an extent more of it, whose tables lie one after the other from
// block on. All of its slots are in segments.
Piece make_piece(const Meta &meta, uint32_t id, uint64_t generation);
void add_extent(const Meta &meta, uint32_t slots, uint32_t block, Piece &piece);

class PartsWriter {
  public:
    // May throw std::bad_alloc, as may the others.
    PartsWriter(std::vector<Piece> pieces, SlotShape shape, std::deque<ReadyPage> &ready);

    // The next slot's tables; returns its address. refine is not read in an index without codes.
    uint64_t add(const void *record, const void *item, const void *refine);

    // No more slots.
    void end();

    const std::vector<Piece> &pieces() const noexcept { return pieces_; }

  private:
    void begin_extent();

    std::vector<Piece> pieces_;
    SlotShape shape_;
    std::deque<ReadyPage> *ready_;
    std::optional<PartWriter> extent_;  // being written
    size_t piece_ = 0;
    size_t number_ = 0;  // of the extent in it
    ExtentPlace place_ = {};
    uint64_t slot_ = 0;  // of the piece, next
};

}  // namespace pgslab
