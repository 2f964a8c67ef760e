#include "index/parts_writer.h"

#include <algorithm>
#include <utility>

#include "format/meta.h"

namespace pgslab {

uint64_t slots_of_piece(uint64_t index_slots, SlotShape shape) noexcept {
    constexpr uint64_t kSmallest = 4 * 1024 * 1024;  // bytes: less is not worth a part
    const uint64_t slot = sizeof(Record) + shape.item + shape.refine;
    return std::max(divide_up(index_slots, kMostPieces), divide_up(kSmallest, slot));
}

std::vector<uint32_t> divide_slots(uint64_t slots, uint64_t most) {
    const uint64_t count = divide_up(slots, most);
    std::vector<uint32_t> pieces;
    for (uint64_t i = 0; i < count; i++) {
        pieces.push_back(static_cast<uint32_t>(slots * (i + 1) / count - slots * i / count));
    }
    return pieces;
}

Piece make_piece(const Meta &meta, uint32_t id, uint64_t generation) {
    Piece piece = {};
    piece.part.id = id;
    piece.part.state = PartState::kSealed;
    piece.part.generation = generation;
    piece.part.codebook = meta.codebook.id;
    return piece;
}

void add_extent(const Meta &meta, uint32_t slots, uint32_t block, Piece &piece) {
    const SlotShape shape = slot_shape(meta);
    const uint32_t refine = block + record_blocks(slots);
    const uint32_t slab = refine + refine_blocks(slots, shape.refine);
    piece.extents.push_back({block, slab, shape.refine == 0 ? 0 : refine, slots});
    piece.part.extents++;
    piece.part.slots += slots;
    piece.part.coded = meta.code_bits == 0 ? 0 : piece.part.slots;
}

PartsWriter::PartsWriter(std::vector<Piece> pieces, SlotShape shape, std::deque<ReadyPage> &ready)
    : pieces_(std::move(pieces)), shape_(shape), ready_(&ready) {}

// The next extent of the piece in hand, or the first of the next one.
void PartsWriter::begin_extent() {
    if (extent_) {
        const uint32_t slots = place_.extent.slots;
        extent_->end();
        place_.part_slot += slots;
        place_.record_sequence += record_blocks(slots);
        place_.refine_sequence += refine_blocks(slots, shape_.refine);
        place_.slab_sequence += slab_blocks(slots, shape_.item);
        number_++;
        if (number_ == pieces_[piece_].extents.size()) {
            piece_++;
            number_ = 0;
            place_ = {};
        }
    }
    place_.part = &pieces_[piece_].part;
    place_.extent = pieces_[piece_].extents[number_];
    slot_ = place_.part_slot;
    extent_.emplace(place_, shape_, *ready_);
}

uint64_t PartsWriter::add(const void *record, const void *item, const void *refine) {
    if (!extent_ || slot_ - place_.part_slot == place_.extent.slots) {
        begin_extent();
    }
    extent_->add(record, item, refine);
    return make_address(pieces_[piece_].part.id, slot_++);
}

void PartsWriter::end() {
    if (extent_) {
        extent_->end();
    }
}

}  // namespace pgslab
