#include "store/output.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "base/error.h"
#include "store/layout.h"
#include "store/sets.h"

namespace pgslab {

static_assert(kMostPartsOfIndex == kMostNewParts);

namespace {

constexpr uint64_t kMostSlots = 0xFFFFFFFF;  // of an extent

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

Output::Output(const Meta &meta, std::optional<NewDictionary> dictionary, PgsParts replaced,
               uint64_t slots, const SegmentSize &segment)
    : shape_(meta), dictionary_(std::move(dictionary)), segment_(segment) {
    shape_.columns = written_columns(meta.columns);
    too_large_ = slots > kMostSlots || segment.most_blocks > kMaxBlocks ||
                 stride_blocks(shape_.columns, slots) > kMaxBlocks;
    if (too_large_) {
        return;
    }
    const uint64_t most = slots_of_part(std::max(slots, sealed_slots(meta)), shape_.columns);
    const uint32_t parts = most_parts(meta, replaced);
    part_slots_ = divide_slots(slots, std::max(most, divide_up(slots, parts)));
}

PgsStatus Output::check(PgsError *error) const {
    return too_large_ ? fail(error, PGS_TOO_LARGE, PGS_NO_BLOCK, "its rows are too many") : PGS_OK;
}

uint32_t Output::wanted() const noexcept {
    if (too_large_) {
        return 0;
    }
    if (wants_dictionary()) {
        return static_cast<uint32_t>(divide_up(dictionary_->bytes.size(), kPayloadBytes));
    }
    if (wants_extent()) {
        return static_cast<uint32_t>(stride_blocks(shape_.columns, slots_wanted()));
    }
    return wants_segment() ? static_cast<uint32_t>(segment_.most_blocks) : 0;
}

// A part may have several extents, so that it fits what others have left: each at least a quarter
// of what is to be placed, and not too many.
uint32_t Output::least() const noexcept {
    constexpr size_t kMostExtents = kMostNewExtents / kMostNewParts;
    constexpr uint32_t kSmallest = 32;
    const bool first = left_ == 0;
    const bool divided = !wants_dictionary() && wants_extent() &&
                         (first || written_.back().extents.size() + 1 < kMostExtents);
    const auto few = static_cast<uint32_t>(stride_blocks(shape_.columns, 4));
    return divided ? std::min(wanted(), std::max({wanted() / 4, kSmallest, few})) : wanted();
}

void Output::ask(PgsRequest &request) const noexcept {
    request.kind = PGS_REQUEST_RUN;
    request.blocks = wanted();
    request.least = least();
    request.ids = ids_wanted();
}

void Output::take(const Reservation &reserved) {
    const bool dictionary = wants_dictionary();
    const uint32_t i = made_.runs++;
    made_.run[i] = reserved.run;
    made_.used[i] = reserved.run.blocks;
    if (dictionary) {
        begin_dictionary(reserved);
    } else if (wants_extent()) {
        begin_extent(reserved);
    } else {
        segment_begun_ = true;
        made_.segment = {reserved.first_id, reserved.generation,   0,
                         reserved.run,      segment_.first_blocks, 0};
    }
}

void Output::begin_dictionary(const Reservation &reserved) {
    shape_.dictionary = {reserved.first_id, dictionary_->identity, reserved.generation,
                         reserved.run};
    made_.dictionary = shape_.dictionary;
    PageStream pages(dictionary_page(shape_, 0), ready_);
    pages.append(dictionary_->bytes.data(), dictionary_->bytes.size());
    pages.end();
    made_.other_bytes += uint64_t{reserved.run.blocks} * kPageBytes;
    dictionary_.reset();
}

void Output::begin_part(const Reservation &reserved) {
    const uint16_t from = written_.empty() ? kFirstWrittenHandle
                                           : static_cast<uint16_t>(written_.back().part.handle + 1);
    left_ = part_slots_[begun_++];
    WrittenPart written = {};
    written.part.id = reserved.first_id;
    written.part.generation = reserved.generation;
    written.part.slots = left_;
    written.part.flushed = segment_.most_blocks > 0 ? left_ : 0;
    written.part.dictionary = shape_.dictionary.id;
    written.part.handle = free_handle(shape_, from);
    written.part.state = PartState::kSealed;
    written_.push_back(std::move(written));
}

void Output::begin_extent(const Reservation &reserved) {
    if (left_ == 0) {
        begin_part(reserved);
    }
    const Columns &columns = shape_.columns;
    const uint32_t slots = std::min(left_, slots_fitting(reserved.run.blocks, columns));
    const auto all = static_cast<uint32_t>(stride_blocks(columns, slots));
    WrittenPart &written = written_.back();
    written.extents.push_back({reserved.run.block, slots, 1});
    written.part.extents++;
    left_ -= slots;
    made_.used[made_.runs - 1] = all;
    for (uint32_t c = 0; c < columns.count; c++) {
        const uint64_t bytes = column_blocks(columns.column[c], slots) * kPageBytes;
        const bool values = (columns.column[c].flags & kValues) != 0;
        (values ? made_.value_bytes : made_.other_bytes) += bytes;
    }
    if (left_ == 0 && begun_ == part_slots_.size()) {
        begin_rows();
    }
}

// Of all parts it is known where they are.
void Output::begin_rows() {
    uint32_t extents = 0;
    for (const WrittenPart &written : written_) {
        made_.part[made_.new_parts++] = written.part;
        for (const Extent &extent : written.extents) {
            made_.extent[extents++] = extent;
        }
    }
    parts_.emplace(std::move(written_), shape_.columns, ready_);
    written_.clear();
}

uint64_t Output::add_slot(const uint8_t *row) {
    slots_++;
    return parts_->add(row);
}

void Output::end(uint64_t segment_rows, uint32_t segment_blocks) {
    if (parts_) {
        parts_->end();
    }
    if (!segment_begun_) {
        return;
    }
    made_.used[made_.runs - 1] = segment_blocks;
    if (segment_rows == 0) {
        made_.segment = {};
        return;
    }
    made_.segment.rows = segment_rows;
    made_.segment.run.blocks = segment_blocks;
    made_.other_bytes += uint64_t{segment_blocks} * kPageBytes;
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
