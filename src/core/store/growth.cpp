#include "store/growth.h"

#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "store/free_space.h"
#include "store/layout.h"
#include "store/manifest.h"
#include "store/meta.h"

namespace pgslab {

namespace {

// Blocks of the shortest reservation, and of the shortest and the longest stride.
constexpr uint64_t kShortestReserve = 8;
constexpr uint64_t kShortestStride = 8;
constexpr uint64_t kLongestStride = 2 * 1024 * 1024 / kPageBytes;

// Blocks of a part up to which a reservation doubles it.
constexpr uint64_t kDoubleUntil = 64;

// Slots of a stride at least.
constexpr uint32_t kFewestSlots = 4;

// Extents from which on there are so many that reservations get longer.
constexpr uint32_t kScarce = kMaxExtents * 3 / 4;

uint64_t open_blocks(const Meta &meta) noexcept {
    uint64_t blocks = 0;
    each_open_extent(meta, [&](const ExtentPlace &place) {
        blocks += place.blocks();
        return false;
    });
    return blocks;
}

// The open part's last extent, or null.
const Extent *last_extent(const Meta &meta) noexcept {
    return open_part(meta) != nullptr ? &meta.extent[meta.extents - 1] : nullptr;
}

// Whether a stride of so many slots at that block is one more of the open part's last extent.
bool continues(const Meta &meta, uint32_t block, uint32_t slots) noexcept {
    const Extent *last = last_extent(meta);
    return last != nullptr && last->slots == slots &&
           last->block + last->strides * stride_blocks(meta.columns, slots) == block;
}

// The last extent's, if that is about what suits, so that it may get longer.
uint32_t choose_stride(const Meta &meta, uint64_t blocks) noexcept {
    const uint32_t slots = stride_slots(blocks, meta.columns);
    const Extent *last = last_extent(meta);
    return last != nullptr && last->slots <= slots && last->slots > slots / 2 ? last->slots : slots;
}

// Takes about so many blocks, a whole number of strides: a free run if it is not much shorter; or
// as many as the relation has room for.
bool take_reserve(Meta &meta, uint64_t blocks, uint32_t slots) noexcept {
    const auto stride = static_cast<uint32_t>(stride_blocks(meta.columns, slots));
    const auto most = static_cast<uint32_t>(std::min<uint64_t>(blocks, kMaxBlocks) / stride);
    Run run = {};
    for (uint32_t n = std::max(most, 1u); n > 0 && run.blocks == 0; n /= 2) {
        run = take_free_run(meta, std::max(n / 4, 1u) * stride, n * stride);
        if (run.blocks == 0) {
            take_run(meta, n * stride, run);
        }
    }
    const Run rest = {run.block + run.blocks / stride * stride, run.blocks % stride};
    run.blocks -= rest.blocks;
    meta.growth = {run, slots, 0};
    return run.blocks > 0 && add_spare(meta, rest, kFree);  // whose entry the whole run had
}

}  // namespace

uint64_t growth_blocks(uint64_t part_blocks, uint64_t index_blocks, uint32_t extents) noexcept {
    uint64_t blocks = part_blocks < kDoubleUntil ? part_blocks : part_blocks / 8;
    blocks = std::max({blocks, index_blocks / 64, kShortestReserve});
    return extents >= kScarce ? std::max(blocks, part_blocks / 2) : blocks;
}

uint32_t stride_slots(uint64_t blocks, const Columns &columns) noexcept {
    const auto suited =
        static_cast<uint32_t>(std::clamp(blocks / 4, kShortestStride, kLongestStride));
    return std::max(slots_fitting(suited, columns), kFewestSlots);
}

PgsStatus next_growth(const Meta &meta, PgsGrowth &growth, PgsError *error) noexcept {
    growth = {};
    const Part *open = open_part(meta);
    const bool has_room =
        (open != nullptr || meta.parts < kMaxParts) &&
        (meta.extents < kMaxExtents || continues(meta, meta.growth.run.block, meta.growth.slots));
    if (!has_room) {
        return fail(error, PGS_FULL, kMetaBlock, "the index has %u parts, %u extents and %u blocks",
                    meta.parts, meta.extents, meta.end_block);
    }
    if (meta.growth.run.blocks == 0) {
        return PGS_OK;
    }
    const uint64_t slots = open_capacity(meta);
    if (slots + meta.growth.slots > kMostSlotsOfPart) {
        return fail(error, PGS_FULL, kMetaBlock, "the open part has %llu slots",
                    static_cast<unsigned long long>(slots));
    }
    growth.part = open != nullptr ? open->id : meta.next_id;
    growth.generation = open != nullptr ? open->generation : meta.generation;
    growth.first_block = meta.growth.run.block;
    growth.slots = meta.growth.slots;
    growth.blocks = static_cast<uint32_t>(stride_blocks(meta.columns, growth.slots));
    growth.sequence = static_cast<uint32_t>(open_blocks(meta));
    return PGS_OK;
}

PgsStatus reserve_growth(Page &page, PgsError *error) noexcept {
    Page changed = page;
    Meta &meta = meta_of(changed);
    PgsGrowth growth;
    if (PgsStatus status = next_growth(meta, growth, error)) {
        return status;
    }
    if (growth.blocks > 0) {
        return PGS_OK;
    }
    const uint64_t part_blocks = open_blocks(meta);
    const uint64_t blocks = growth_blocks(part_blocks, meta.end_block, meta.extents);
    if (!take_reserve(meta, blocks, choose_stride(meta, std::max(part_blocks, blocks)))) {
        return fail(error, PGS_TOO_LARGE, kMetaBlock, "%llu blocks more than the %u it has",
                    static_cast<unsigned long long>(blocks), meta.end_block);
    }
    if (PgsStatus status = next_growth(meta, growth, error)) {
        return status;
    }
    finish_meta(changed);
    page = changed;
    return PGS_OK;
}

void format_growth(const Meta &meta, const PgsGrowth &growth, uint32_t i, Page &page) noexcept {
    Part part = {};
    part.id = growth.part;
    part.generation = growth.generation;
    part.state = PartState::kOpen;
    part.extents = 1;
    ExtentPlace place = extent_place(part, meta.columns, {growth.first_block, growth.slots, 1});
    place.sequence = growth.sequence;
    format_page(page, stride_page(place, 0, i));
}

PgsStatus publish_growth(Page &page, const PgsGrowth &growth, PgsError *error) noexcept {
    Meta &meta = meta_of(page);
    PgsGrowth now;
    if (PgsStatus status = next_growth(meta, now, error)) {
        return status;
    }
    if (now.blocks == 0 || std::memcmp(&now, &growth, sizeof now) != 0) {
        return fail(error, PGS_MISUSE, PGS_NO_BLOCK, "what the index grew by was not reserved");
    }
    if (continues(meta, growth.first_block, growth.slots)) {
        meta.extent[meta.extents - 1].strides++;
    } else {
        if (open_part(meta) == nullptr) {
            Part &part = meta.part[meta.parts];
            part = {};
            part.id = growth.part;
            part.generation = growth.generation;
            part.dictionary = meta.dictionary.id;
            part.handle = free_handle(meta, 1);
            part.state = PartState::kOpen;
            meta.parts++;
            meta.next_id = growth.part + 1;
        }
        meta.part[meta.parts - 1].extents++;
        meta.extent[meta.extents++] = {growth.first_block, growth.slots, 1};
    }
    meta.growth.run.block += growth.blocks;
    meta.growth.run.blocks -= growth.blocks;
    if (meta.growth.run.blocks == 0) {
        meta.growth = {};
    }
    finish_meta(page);
    return PGS_OK;
}

}  // namespace pgslab
