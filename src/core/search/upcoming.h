// Pages that a search is about to ask for. Whoever reads them for it may fetch them beforehand,
// many at a time, where asking for one after the other waits for each; nothing depends on it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "ivf/format.h"
#include "ivf/meta.h"
#include "ivf/segment_layout.h"
#include "pgslab/machine.h"
#include "pgslab/status.h"
#include "store/layout.h"
#include "store/slots.h"

namespace pgslab {

class Upcoming {
  public:
    void clear() noexcept { pages_.clear(); }
    const std::vector<PgsUpcoming> &pages() const noexcept { return pages_; }

    // The codes of a list in a segment. May throw std::bad_alloc, as may the others.
    void add_list(const Segment &segment, const SegmentLayout &layout, const ListRun &run) {
        const uint64_t end_row = uint64_t{run.first_row} + run.rows;
        // Whoever comes to it says so.
        if (end_row > segment.rows) {
            return;
        }
        for (uint64_t row = run.first_row; row < end_row && pages_.size() < kMost;) {
            const uint64_t group = row / layout.group_rows();
            const uint64_t begin = row % layout.group_rows();
            const uint64_t end = std::min(end_row - row + begin, layout.group_rows());
            const uint64_t first = begin / kBlockRows * layout.block_bytes();
            const uint32_t page = layout.code_page(static_cast<uint32_t>(group));
            add_stripe(page_of_segment(segment, page).block, first,
                       divide_up(end, kBlockRows) * layout.block_bytes() - first);
            row += end - begin;
        }
    }

    // Some bytes of a slot.
    void add(const SlotBytes &bytes) { add(bytes.page.block, bytes.offset, bytes.bytes); }

    // The record and the vector of a slot that exists.
    void add_row(const Slots &slots, const Slot &slot) {
        const uint32_t item = slots.columns().column[kSlabColumn].item;
        add(slots.item(slot, kRecordColumn));
        for (uint32_t done = 0; done < item;) {
            const SlotBytes piece = slots.bytes(slot, kSlabColumn, done, item);
            add(piece);
            done += piece.bytes;
        }
    }

    // All of a page; nothing for PGS_NO_BLOCK.
    void add_page(uint32_t block) {
        if (block != PGS_NO_BLOCK) {
            add(block, 0, kPayloadBytes);
        }
    }

    static constexpr size_t kMost = 256;  // further ones would come too early

  private:
    void add_stripe(uint32_t first_block, uint64_t begin, uint64_t bytes) {
        while (bytes > 0) {
            const auto at = static_cast<uint32_t>(begin % kPayloadBytes);
            const auto n = static_cast<uint32_t>(std::min<uint64_t>(bytes, kPayloadBytes - at));
            add(first_block + static_cast<uint32_t>(begin / kPayloadBytes), at, n);
            begin += n;
            bytes -= n;
        }
    }

    void add(uint32_t block, uint32_t offset, uint32_t bytes) {
        if (pages_.size() < kMost) {
            pages_.push_back({block, kPayloadOffset + offset, bytes});
        }
    }

    std::vector<PgsUpcoming> pages_;
};

}  // namespace pgslab
