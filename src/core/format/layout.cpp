#include "format/layout.h"

#include <limits>

namespace pgslab {

uint32_t slots_fitting(uint32_t blocks, SlotShape shape) noexcept {
    // The largest s with extent_blocks(s) <= blocks; they grow with s, so halve the interval.
    uint64_t low = 0;
    uint64_t high = std::min<uint64_t>(uint64_t{blocks} * kRecordsPerPage,
                                       std::numeric_limits<uint32_t>::max());
    while (low < high) {
        const uint64_t middle = (low + high + 1) / 2;
        if (extent_blocks(middle, shape) <= blocks) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    return static_cast<uint32_t>(low);
}

uint32_t growth_blocks(uint64_t part_blocks, uint64_t index_blocks, uint32_t extents,
                       SlotShape shape) noexcept {
    constexpr uint64_t kSmallest = 8;
    constexpr uint64_t kDoubleUntil = 64;
    constexpr uint64_t kLargest = 32 * 1024 * 1024 / kPageBytes;
    constexpr uint32_t kScarce = kMaxExtents * 3 / 4;

    uint64_t blocks = part_blocks < kDoubleUntil ? part_blocks : part_blocks / 8;
    blocks = std::clamp(std::max(blocks, index_blocks / 64), kSmallest, kLargest);
    if (extents >= kScarce) {
        blocks = std::max(blocks, part_blocks / 2);
    }
    constexpr uint32_t kFewestSlots = 4;
    blocks = std::max(blocks, extent_blocks(kFewestSlots, shape));
    blocks = std::min<uint64_t>(blocks, kMaxBlocks);
    return static_cast<uint32_t>(
        extent_blocks(slots_fitting(static_cast<uint32_t>(blocks), shape), shape));
}

}  // namespace pgslab
