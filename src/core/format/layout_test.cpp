// Arithmetic of slots, pages and extents, against its definition.
#include "format/layout.h"

#include <gtest/gtest.h>

#include <vector>

namespace pgslab {
namespace {

const std::vector<uint32_t> kDims = {1,    2,    3,    7,    15,   16,   17,   31,   32,    33,
                                     63,   64,   65,   127,  128,  129,  200,  768,  784,   1000,
                                     1024, 1536, 2000, 3072, 4000, 4064, 4065, 8000, 12345, 16000};

// Every size an item can have for these dims.
std::vector<uint32_t> items_under_test() {
    std::vector<uint32_t> items;
    for (uint32_t dims : kDims) {
        items.push_back(item_bytes(dims, Storage::kF16));
        items.push_back(item_bytes(dims, Storage::kF32));
    }
    return items;
}

// Blocks for the records and the vectors of so many slots, in integers that hold any of them.
uint64_t blocks_of(uint64_t slots, uint64_t item) {
    return (slots + kRecordsPerPage - 1) / kRecordsPerPage +
           (slots * item + kPayloadBytes - 1) / kPayloadBytes;
}

TEST(Layout, ItemIsAPowerOfTwoUpTo64BytesAndThenAMultipleOf64) {
    for (Storage storage : {Storage::kF16, Storage::kF32}) {
        for (uint32_t dims = 1; dims <= PGS_MAX_DIMS; dims++) {
            const uint32_t bytes = dims * element_bytes(storage);
            const uint32_t item = item_bytes(dims, storage);
            ASSERT_GE(item, bytes);
            if (item <= kLineBytes) {
                ASSERT_EQ(item & (item - 1), 0u) << dims;
                ASSERT_TRUE(bytes * 2 > item) << dims;
            } else {
                ASSERT_EQ(item % kLineBytes, 0u) << dims;
                ASSERT_LT(item - bytes, kLineBytes) << dims;
            }
        }
    }
}

TEST(Layout, ItemsOfAtMost64BytesNeverCrossAPage) {
    for (uint32_t item = 2; item <= kLineBytes; item *= 2) {
        EXPECT_EQ(kPayloadBytes % item, 0u) << item;
    }
}

TEST(Layout, SlotsFittingIsTheMostThatFit) {
    for (uint32_t item : items_under_test()) {
        for (uint32_t blocks :
             {0u, 1u, 2u, 3u, 7u, 8u, 9u, 33u, 37u, 64u, 100u, 1000u, 4096u, 1000003u}) {
            const uint64_t slots = slots_fitting(blocks, item);
            EXPECT_LE(slots == 0 ? 0 : blocks_of(slots, item), blocks) << item;
            EXPECT_GT(blocks_of(slots + 1, item), blocks) << item;
        }
    }
}

TEST(Layout, SlotsFittingGrowsWithTheBlocks) {
    for (uint32_t item : items_under_test()) {
        uint32_t before = 0;
        for (uint32_t blocks = 1; blocks < 2000; blocks++) {
            const uint32_t slots = slots_fitting(blocks, item);
            ASSERT_GE(slots, before) << item << " bytes, " << blocks << " blocks";
            before = slots;
        }
    }
}

TEST(Layout, SlotsFittingHoldsForTheLargestExtentsToo) {
    for (uint32_t item : items_under_test()) {
        for (uint32_t blocks : {1u << 20, 1u << 24, 1u << 28, 1u << 31, kMaxBlocks}) {
            const uint64_t slots = slots_fitting(blocks, item);
            EXPECT_LE(blocks_of(slots, item), blocks) << item;
            // The most that fit, or the most an extent can count.
            EXPECT_TRUE(blocks_of(slots + 1, item) > blocks || slots == UINT32_MAX) << item;
        }
    }
}

// Walks one part's growth from nothing up to the largest relation, calling visit(blocks of the
// part, blocks to add, extents before). Ends where the relation or the extent table is full.
template <typename Visit>
void grow_to_the_end(uint32_t item, uint32_t other_extents, Visit visit) {
    uint64_t part_blocks = 0;
    uint32_t extents = other_extents;
    while (extents < kMaxExtents) {
        const uint32_t blocks = growth_blocks(part_blocks, extents, item);
        if (1 + part_blocks + blocks > kMaxBlocks) {
            break;
        }
        visit(part_blocks, blocks, extents);
        part_blocks += blocks;
        extents++;
    }
}

TEST(Layout, AGrowthIsUsedToItsLastBlock) {
    for (uint32_t item : items_under_test()) {
        grow_to_the_end(item, 0, [&](uint64_t part_blocks, uint32_t blocks, uint32_t) {
            const uint32_t slots = slots_fitting(blocks, item);
            ASSERT_EQ(blocks_of(slots, item), blocks) << item << " bytes, part of " << part_blocks;
        });
    }
}

TEST(Layout, AGrowthHasRoomForFourSlots) {
    for (uint32_t item : items_under_test()) {
        grow_to_the_end(item, 0, [&](uint64_t, uint32_t blocks, uint32_t) {
            ASSERT_GE(slots_fitting(blocks, item), 4u) << item;
        });
    }
}

TEST(Layout, AGrowthStaysAModestShareOfThePart) {
    for (uint32_t item : items_under_test()) {
        grow_to_the_end(item, 0, [&](uint64_t part_blocks, uint32_t blocks, uint32_t extents) {
            if (extents < kMaxExtents / 2) {
                ASSERT_LE(blocks, 4096u);
            }
            const uint64_t fewest = blocks_of(4, item);
            ASSERT_LE(blocks, std::max<uint64_t>({part_blocks, 8, fewest})) << item;
        });
    }
}

// 32 TiB is what PostgreSQL lets a relation have. Every part but the open one is a single extent
// after maintenance.
TEST(Layout, TheExtentTableDoesNotFillBelowTheLargestRelationOr2To38Slots) {
    for (uint32_t item : items_under_test()) {
        for (uint32_t other_extents : {0u, kMaxParts - 1}) {
            uint32_t extents = other_extents;
            uint64_t slots = 0;
            grow_to_the_end(item, other_extents, [&](uint64_t, uint32_t blocks, uint32_t before) {
                extents = before + 1;
                slots += slots_fitting(blocks, item);
            });
            EXPECT_TRUE(extents < kMaxExtents || slots >= uint64_t{1} << 38)
                << item << " bytes: " << extents << " extents, " << slots << " slots";
        }
    }
}

Meta small_meta(uint16_t dims, Storage storage) {
    Meta meta = {};
    meta.dims = dims;
    meta.storage = storage;
    return meta;
}

TEST(Layout, ExtentsAreNumberedThroughTheirPartAndTheIndex) {
    Meta meta = small_meta(768, Storage::kF16);
    const std::vector<std::vector<uint32_t>> slots = {{1000}, {40, 338, 339}, {500, 1}};
    for (const auto &part : slots) {
        Part &p = meta.part[meta.parts++];
        p.state = meta.parts == slots.size() ? PartState::kOpen : PartState::kSealed;
        p.extents = static_cast<uint16_t>(part.size());
        for (uint32_t s : part) {
            p.slots += p.state == PartState::kSealed ? s : 0;
            meta.extent[meta.extents++] = {100, 200, s};
        }
    }
    meta.part[1].slots -= 400;  // ends inside its second extent

    uint64_t first_slot = 0;
    uint32_t visited = 0;
    each_extent(meta, [&](const ExtentPlace &place) {
        const auto &part = slots.at(place.part_number);
        uint64_t part_slot = 0;
        uint32_t record_sequence = 0, slab_sequence = 0, e = 0;
        while (part_slot != place.part_slot) {
            record_sequence += record_blocks(part.at(e));
            slab_sequence += slab_blocks(part.at(e), item_bytes(meta));
            part_slot += part.at(e++);
        }
        EXPECT_EQ(place.part, &meta.part[place.part_number]);
        EXPECT_EQ(place.extent.slots, part.at(e));
        EXPECT_EQ(place.record_sequence, record_sequence);
        EXPECT_EQ(place.slab_sequence, slab_sequence);
        EXPECT_EQ(place.first_slot, first_slot);
        EXPECT_EQ(place.open, place.part_number == 2);
        const uint32_t unused[] = {0, 0, 61, 339, 0, 0};
        EXPECT_EQ(place.used, place.extent.slots - unused[visited]);
        first_slot += place.extent.slots;
        visited++;
        return false;
    });
    EXPECT_EQ(visited, 6u);
}

TEST(Layout, EachExtentStopsWhenTold) {
    Meta meta = small_meta(3, Storage::kF32);
    meta.parts = 1;
    meta.extents = meta.part[0].extents = 5;
    int visited = 0;
    EXPECT_TRUE(each_extent(meta, [&](const ExtentPlace &) { return ++visited == 3; }));
    EXPECT_EQ(visited, 3);
    EXPECT_FALSE(each_extent(meta, [](const ExtentPlace &) { return false; }));
}

TEST(Layout, OnlyTheLastPartCanBeOpen) {
    Meta meta = small_meta(3, Storage::kF32);
    EXPECT_EQ(open_part(meta), nullptr);
    meta.parts = 2;
    meta.part[0].state = meta.part[1].state = PartState::kSealed;
    EXPECT_EQ(open_part(meta), nullptr);
    meta.part[1].state = PartState::kOpen;
    EXPECT_EQ(open_part(meta), &meta.part[1]);
}

TEST(Layout, ARecordKeepsEveryTid) {
    for (uint32_t block : {0u, 1u, 0xFFFFu, 0x10000u, 0x12345678u, 0xFFFFFFFEu}) {
        for (uint16_t offset : {1, 2, 291, 0xFFFF}) {
            Record record = {};
            set_tid(record, {block, offset});
            EXPECT_EQ(tid_of(record).block, block);
            EXPECT_EQ(tid_of(record).offset, offset);
        }
    }
}

}  // namespace
}  // namespace pgslab
