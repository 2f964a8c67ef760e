#include "index/output.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "base/error.h"
#include "format/layout.h"
#include "format/meta.h"
#include "format/sets.h"

namespace pgslab {

static_assert(kMostPieces == kMostNewParts);

namespace {

constexpr uint64_t kMostRows = 0xFFFFFFFF;  // of a segment

uint64_t sealed_slots(const Meta &meta) noexcept {
    return std::accumulate(meta.part, meta.part + meta.parts, uint64_t{0},
                           [](uint64_t sum, const Part &part) { return sum + part.slots; });
}

// Parts that may come in the place of some, so that the open part can be closed and another begun
// all the same. One at least, though that may be refused.
uint32_t most_parts(const Meta &meta, PgsParts replaced) noexcept {
    const uint32_t kept = meta.parts - count_of(replaced) + 1;
    return kMaxParts - std::min(kept, kMaxParts - 1);
}

}  // namespace

Output::Output(const Meta &meta, const Codebook *codebook, PgsParts replaced, uint64_t slots,
               uint64_t codes)
    : shape_(meta), codebook_(codebook), most_codes_(codes) {
    const SlotShape shape = slot_shape(meta);
    too_large_ = codes > kMostRows || extent_blocks(slots, shape) > kMaxBlocks;
    if (too_large_) {
        return;
    }
    const uint64_t most = slots_of_piece(std::max(slots, sealed_slots(meta)), shape);
    const uint32_t parts = most_parts(meta, replaced);
    part_slots_ = divide_slots(slots, std::max(most, divide_up(slots, parts)));
}

PgsStatus Output::check(PgsError *error) const {
    return too_large_ ? fail(error, PGS_TOO_LARGE, PGS_NO_BLOCK, "its rows are too many") : PGS_OK;
}

uint32_t Output::lists() const noexcept {
    return codebook_ != nullptr ? codebook_->lists() : shape_.codebook.lists;
}

uint32_t Output::wanted() const noexcept {
    if (wants_codebook()) {
        return codebook_blocks(shape_.dims, codebook_->lists());
    }
    if (wants_extent()) {
        return static_cast<uint32_t>(extent_blocks(slots_wanted(), slot_shape(shape_)));
    }
    return wants_segment() ? directory_blocks(lists()) + list_blocks(shape_.dims, most_codes_) : 0;
}

// A part may have several extents, so that it fits what others have left: each at least a quarter
// of what is to be placed, and not too many.
uint32_t Output::least() const noexcept {
    constexpr size_t kMostExtents = kMostNewExtents / kMostNewParts;
    constexpr uint32_t kSmallest = 32;
    const bool first = left_ == 0;
    const bool divided = !wants_codebook() && wants_extent() &&
                         (first || pieces_.back().extents.size() + 1 < kMostExtents);
    const auto few = static_cast<uint32_t>(extent_blocks(4, slot_shape(shape_)));
    return divided ? std::min(wanted(), std::max({wanted() / 4, kSmallest, few})) : wanted();
}

void Output::take(const Reservation &reserved) {
    const uint32_t i = made_.runs++;
    made_.run[i] = reserved.run;
    made_.used[i] = reserved.run.blocks;
    if (codebook_ != nullptr && i == 0) {
        begin_codebook(reserved);
    } else if (wants_extent()) {
        begin_extent(reserved);
    } else {
        begin_segment(reserved);
    }
}

void Output::begin_codebook(const Reservation &reserved) {
    shape_.codebook = {reserved.first_id, codebook_->lists(), reserved.run, codebook_->identity(),
                       reserved.generation};
    made_.codebook = shape_.codebook;
    const std::vector<uint8_t> stripe = codebook_->stripe();
    PageStream pages(codebook_identity(shape_, 0), ready_);
    pages.append(stripe.data(), stripe.size());
    pages.end();
    made_.code_bytes += uint64_t{reserved.run.blocks} * kPageBytes;
}

void Output::begin_extent(const Reservation &reserved) {
    const SlotShape shape = slot_shape(shape_);
    if (left_ == 0) {
        left_ = part_slots_[begun_++];
        pieces_.push_back(make_piece(shape_, reserved.first_id, reserved.generation));
    }
    const uint32_t slots = std::min(left_, slots_fitting(reserved.run.blocks, shape));
    const uint32_t slab = slab_blocks(slots, shape.item);
    const auto all = static_cast<uint32_t>(extent_blocks(slots, shape));
    add_extent(shape_, slots, reserved.run.block, pieces_.back());
    left_ -= slots;
    made_.used[made_.runs - 1] = all;
    made_.code_bytes += uint64_t{all - slab} * kPageBytes;
    made_.vector_bytes += uint64_t{slab} * kPageBytes;
    if (left_ == 0 && begun_ == part_slots_.size()) {
        begin_parts();
    }
}

void Output::begin_parts() {
    uint32_t extents = 0;
    for (const Piece &piece : pieces_) {
        made_.part[made_.new_parts++] = piece.part;
        for (const Extent &extent : piece.extents) {
            made_.extent[extents++] = extent;
        }
    }
    parts_.emplace(std::move(pieces_), slot_shape(shape_), ready_);
    pieces_.clear();
}

void Output::begin_segment(const Reservation &reserved) {
    made_.segment = {reserved.first_id,         reserved.run.block,
                     directory_blocks(lists()), 0,
                     reserved.generation,       0};
    segment_.emplace(made_.segment, lists(), padded_dims(shape_.dims), ready_);
}

uint64_t Output::add_slot(const void *record, const void *item, const void *refine) {
    slots_++;
    return parts_->add(record, item, refine);
}

void Output::add_code(uint32_t list, uint64_t address, const uint8_t *code,
                      const ScanFactors &factors) {
    segment_->add(list, address, code, factors);
}

void Output::end() {
    if (parts_) {
        parts_->end();
    }
    if (!segment_) {
        return;
    }
    uint32_t &used = made_.used[made_.runs - 1];
    if (segment_->rows() == 0) {
        made_.segment = {};
        used = 0;
        return;
    }
    segment_->end();
    made_.segment.rows = segment_->rows();
    made_.segment.list_blocks = list_blocks(shape_.dims, segment_->rows());
    used = made_.segment.directory_blocks + made_.segment.list_blocks;
    made_.code_bytes += uint64_t{used} * kPageBytes;
}

const Page *Output::next_page(uint32_t *block) noexcept {
    if (ready_.empty()) {
        return nullptr;
    }
    handed_out_ = ready_.front().page;
    *block = ready_.front().block;
    ready_.pop_front();
    return &handed_out_;
}

}  // namespace pgslab
