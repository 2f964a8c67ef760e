// Arithmetic of slots, pages and extents, against its definition.
#include "format/layout.h"

#include <gtest/gtest.h>

#include <ostream>
#include <vector>

namespace pgslab {
namespace {

const std::vector<uint32_t> kDims = {1,    2,    3,    7,    15,   16,   17,   31,   32,    33,
                                     63,   64,   65,   127,  128,  129,  200,  768,  784,   1000,
                                     1024, 1536, 2000, 3072, 4000, 4064, 4065, 8000, 12345, 16000};

// Every size a slot can have for these dims.
std::vector<SlotShape> shapes_under_test() {
    std::vector<SlotShape> shapes;
    for (uint32_t dims : kDims) {
        for (Storage storage : {Storage::kF16, Storage::kF32}) {
            for (uint32_t bits : {0u, 4u, 8u}) {
                if (dims <= most_dims(bits)) {
                    shapes.push_back({item_bytes(dims, storage), refine_bytes(dims, bits)});
                }
            }
            shapes.push_back({item_bytes(dims, storage), 0});  // without codes
        }
    }
    return shapes;
}

}  // namespace

std::ostream &operator<<(std::ostream &out, const SlotShape &shape) {
    return out << shape.item << " and " << shape.refine << " bytes";
}

namespace {

// Blocks for the records, vectors and codes of so many slots, in integers that hold any of them.
uint64_t blocks_of(uint64_t slots, SlotShape shape) {
    uint64_t blocks = (slots + kRecordsPerPage - 1) / kRecordsPerPage +
                      (slots * shape.item + kPayloadBytes - 1) / kPayloadBytes;
    if (shape.refine != 0) {
        const uint64_t per_page = kPayloadBytes / shape.refine;
        blocks += (slots + per_page - 1) / per_page;
    }
    return blocks;
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
    for (SlotShape shape : shapes_under_test()) {
        for (uint32_t blocks :
             {0u, 1u, 2u, 3u, 7u, 8u, 9u, 33u, 37u, 64u, 100u, 1000u, 4096u, 1000003u}) {
            const uint64_t slots = slots_fitting(blocks, shape);
            EXPECT_LE(slots == 0 ? 0 : blocks_of(slots, shape), blocks) << shape;
            EXPECT_GT(blocks_of(slots + 1, shape), blocks) << shape;
        }
    }
}

TEST(Layout, SlotsFittingGrowsWithTheBlocks) {
    for (SlotShape shape : shapes_under_test()) {
        uint32_t before = 0;
        for (uint32_t blocks = 1; blocks < 2000; blocks++) {
            const uint32_t slots = slots_fitting(blocks, shape);
            ASSERT_GE(slots, before) << shape << ", " << blocks << " blocks";
            before = slots;
        }
    }
}

TEST(Layout, SlotsFittingHoldsForTheLargestExtentsToo) {
    for (SlotShape shape : shapes_under_test()) {
        for (uint32_t blocks : {1u << 20, 1u << 24, 1u << 28, 1u << 31, kMaxBlocks}) {
            const uint64_t slots = slots_fitting(blocks, shape);
            EXPECT_LE(blocks_of(slots, shape), blocks) << shape;
            // The most that fit, or the most an extent can count.
            EXPECT_TRUE(blocks_of(slots + 1, shape) > blocks || slots == UINT32_MAX) << shape;
        }
    }
}

// Walks one part's growth from nothing up to the largest relation, calling visit(blocks of the
// part, blocks to add, extents before). Ends where the relation or the extent table is full.
template <typename Visit>
void grow_to_the_end(SlotShape shape, uint32_t other_extents, Visit visit) {
    uint64_t part_blocks = 0;
    uint32_t extents = other_extents;
    while (extents < kMaxExtents) {
        const uint32_t blocks = growth_blocks(part_blocks, 0, extents, shape);
        if (1 + part_blocks + blocks > kMaxBlocks) {
            break;
        }
        visit(part_blocks, blocks, extents);
        part_blocks += blocks;
        extents++;
    }
}

TEST(Layout, AGrowthIsUsedToItsLastBlock) {
    for (SlotShape shape : shapes_under_test()) {
        grow_to_the_end(shape, 0, [&](uint64_t part_blocks, uint32_t blocks, uint32_t) {
            const uint32_t slots = slots_fitting(blocks, shape);
            ASSERT_EQ(blocks_of(slots, shape), blocks) << shape << ", part of " << part_blocks;
        });
    }
}

TEST(Layout, AGrowthHasRoomForFourSlots) {
    for (SlotShape shape : shapes_under_test()) {
        grow_to_the_end(shape, 0, [&](uint64_t, uint32_t blocks, uint32_t) {
            ASSERT_GE(slots_fitting(blocks, shape), 4u) << shape;
        });
    }
}

TEST(Layout, AGrowthStaysAModestShareOfThePart) {
    for (SlotShape shape : shapes_under_test()) {
        grow_to_the_end(shape, 0, [&](uint64_t part_blocks, uint32_t blocks, uint32_t extents) {
            if (extents < kMaxExtents / 2) {
                ASSERT_LE(blocks, 4096u);
            }
            const uint64_t fewest = blocks_of(4, shape);
            ASSERT_LE(blocks, std::max<uint64_t>({part_blocks, 8, fewest})) << shape;
        });
    }
}

// However few rows its open part has: so that what is inserted into a large index between two times
// that it is written anew makes few extents.
TEST(Layout, AGrowthIsNoTinyShareOfTheIndex) {
    for (SlotShape shape : shapes_under_test()) {
        for (uint64_t index_blocks : {1000u, 30'000u, 200'000u, 100'000'000u}) {
            const uint64_t least = std::min<uint64_t>(index_blocks / 64, 4096);
            const uint64_t fewest = blocks_of(4, shape);
            const uint32_t blocks = growth_blocks(0, index_blocks, 0, shape);
            EXPECT_LE(blocks, std::max(fewest, least)) << shape << ", " << index_blocks;
            EXPECT_GT(blocks + blocks_of(1, shape) + 2, least) << shape << ", " << index_blocks;
        }
    }
}

// 32 TiB is what PostgreSQL lets a relation have. Every part but the open one is a single extent
// after maintenance.
TEST(Layout, TheExtentTableDoesNotFillBelowTheLargestRelationOr2To37Slots) {
    for (SlotShape shape : shapes_under_test()) {
        for (uint32_t other_extents : {0u, kMaxParts - 1}) {
            uint32_t extents = other_extents;
            uint64_t slots = 0;
            grow_to_the_end(shape, other_extents, [&](uint64_t, uint32_t blocks, uint32_t before) {
                extents = before + 1;
                slots += slots_fitting(blocks, shape);
            });
            EXPECT_TRUE(extents < kMaxExtents || slots >= uint64_t{1} << 37)
                << shape << ": " << extents << " extents, " << slots << " slots";
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
    meta.code_bits = 1;
    meta.refine_bits = 4;
    const std::vector<std::vector<uint32_t>> slots = {{1000}, {40, 338, 339}, {500, 1}};
    for (const auto &part : slots) {
        Part &p = meta.part[meta.parts++];
        p.state = meta.parts == slots.size() ? PartState::kOpen : PartState::kSealed;
        p.extents = static_cast<uint16_t>(part.size());
        for (uint32_t s : part) {
            p.slots += p.state == PartState::kSealed ? s : 0;
            meta.extent[meta.extents++] = {100, 200, 300, s};
        }
    }
    meta.part[1].slots -= 400;  // ends inside its second extent

    uint64_t first_slot = 0;
    uint32_t visited = 0;
    each_extent(meta, [&](const ExtentPlace &place) {
        const auto &part = slots.at(place.part_number);
        uint64_t part_slot = 0;
        uint32_t record_sequence = 0, slab_sequence = 0, refine_sequence = 0, e = 0;
        while (part_slot != place.part_slot) {
            record_sequence += record_blocks(part.at(e));
            slab_sequence += slab_blocks(part.at(e), item_bytes(meta));
            refine_sequence += (part.at(e) + 18) / 19;  // codes of 384 + 32 bytes
            part_slot += part.at(e++);
        }
        EXPECT_EQ(place.part, &meta.part[place.part_number]);
        EXPECT_EQ(place.extent.slots, part.at(e));
        EXPECT_EQ(place.record_sequence, record_sequence);
        EXPECT_EQ(place.slab_sequence, slab_sequence);
        EXPECT_EQ(place.refine_sequence, refine_sequence);
        EXPECT_EQ(place.first_slot, first_slot);
        EXPECT_EQ(place.open, place.part_number == 2);
        const uint32_t unused[] = {0, 0, 61, 339, 0, 0};
        EXPECT_EQ(place.used, place.extent.slots - unused[visited]);
        first_slot += place.extent.slots;
        visited++;
        return false;
    });
    EXPECT_EQ(visited, 6u);

    // One part's are those of all.
    for (uint32_t p = 0; p < meta.parts; p++) {
        std::vector<uint64_t> of_all, of_part, of_open;
        const auto put = [](std::vector<uint64_t> &to) {
            return [&to](const ExtentPlace &place) {
                to.insert(to.end(), {place.first_slot, place.part_slot, place.extent.slab_block,
                                     place.record_sequence, place.refine_sequence, place.used});
                return false;
            };
        };
        each_extent(meta, [&](const ExtentPlace &place) {
            return place.part_number == p && put(of_all)(place);
        });
        each_extent_of(meta, p, put(of_part));
        EXPECT_EQ(of_part, of_all);
        each_open_extent(meta, put(of_open));
        EXPECT_EQ(of_open == of_all, p == 2);
    }
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

TEST(Layout, ARefinementCodeHasItsBitsAndItsTail) {
    EXPECT_EQ(refine_bytes(1, 4), 32u + 32);
    EXPECT_EQ(refine_bytes(64, 4), 32u + 32);
    EXPECT_EQ(refine_bytes(65, 4), 64u + 32);
    EXPECT_EQ(refine_bytes(768, 4), 384u + 32);
    EXPECT_EQ(refine_bytes(768, 8), 768u + 32);
}

TEST(Layout, WithoutRefinementASlotHasItsCodeOfOneBit) {
    EXPECT_EQ(refine_bytes(1, 0), 8u + 32);
    EXPECT_EQ(refine_bytes(64, 0), 8u + 32);
    EXPECT_EQ(refine_bytes(65, 0), 16u + 32);
    EXPECT_EQ(refine_bytes(768, 0), 96u + 32);
    EXPECT_EQ(refine_bytes(16000, 0), 2000u + 32);
}

TEST(Layout, WithoutCodesASlotHasNone) {
    Meta meta = small_meta(768, Storage::kF16);
    EXPECT_EQ(slot_shape(meta).refine, 0u);
    EXPECT_EQ(refine_blocks(1000, 0), 0u);
    meta.code_bits = 1;
    EXPECT_EQ(slot_shape(meta).refine, 96u + 32);
    meta.refine_bits = 8;
    EXPECT_EQ(slot_shape(meta).refine, 768u + 32);
}

TEST(Layout, MostDimsIsTheMostWhoseCodeFitsAPage) {
    EXPECT_EQ(most_dims(0), uint32_t{PGS_MAX_DIMS});
    EXPECT_EQ(most_dims(4), uint32_t{PGS_MAX_DIMS});
    EXPECT_LT(most_dims(8), uint32_t{PGS_MAX_DIMS});
    for (uint32_t bits : {0u, 4u, 8u}) {
        EXPECT_GE(refines_per_page(refine_bytes(most_dims(bits), bits)), 1u);
    }
    EXPECT_GT(refine_bytes(most_dims(8) + 1, 8), kPayloadBytes);
}

// Each section from a multiple of 64 on, one after the other, with room for what is in it.
TEST(Layout, SectionsOfACodebookDoNotOverlap) {
    for (uint32_t dims : kDims) {
        for (uint32_t lists : {1u, 2u, 3u, 1000u, kMaxLists}) {
            const CodebookLayout at = codebook_layout(dims, lists);
            const uint64_t sections[][2] = {{0, sizeof(CodebookHeader)},
                                            {at.signs, padded_dims(dims) / 2},
                                            {at.mean, dims * sizeof(float)},
                                            {at.info, lists * sizeof(ListInfo)},
                                            {at.centroids, uint64_t{lists} * padded_dims(dims)},
                                            {at.end, 0}};
            for (size_t i = 1; i < std::size(sections); i++) {
                const uint64_t end = sections[i - 1][0] + sections[i - 1][1];
                ASSERT_GE(sections[i][0], end) << dims << " dims, " << lists << " lists";
                ASSERT_LT(sections[i][0] - end, kLineBytes);
                ASSERT_EQ(sections[i][0] % kLineBytes, 0u);
            }
            ASSERT_GE(uint64_t{codebook_blocks(dims, lists)} * kPayloadBytes, at.end);
            ASSERT_LT((codebook_blocks(dims, lists) - 1ull) * kPayloadBytes, at.end);
        }
    }
}

TEST(Layout, ADirectoryHas1016ListsAPage) {
    for (uint32_t lists : {1u, 1015u, 1016u, 1017u, kMaxLists}) {
        EXPECT_EQ(directory_blocks(lists), (lists + 1015) / 1016) << lists;
    }
}

TEST(Layout, ABlockOfAListHasACodeOfEachRowAndItsTail) {
    EXPECT_EQ(block_bytes(1), 32u * 8 + 640);
    EXPECT_EQ(block_bytes(768), 32u * 96 + 640);
    EXPECT_EQ(block_bytes(16000) % kLineBytes, 0u);
}

// Lists share blocks, so only the number of rows matters.
TEST(Layout, ListBlocksHoldTheRowsBlocksAndNoMore) {
    for (uint32_t dims : kDims) {
        EXPECT_EQ(list_blocks(dims, 0), 0u);
        for (uint64_t rows :
             {uint64_t{1}, uint64_t{31}, uint64_t{32}, uint64_t{33}, uint64_t{1000003}}) {
            const uint64_t bytes = (rows + 31) / 32 * block_bytes(dims);
            const uint64_t blocks = list_blocks(dims, rows);
            EXPECT_GE(blocks * kPayloadBytes, bytes) << dims << " dims, " << rows << " rows";
            EXPECT_LT((blocks - 1) * kPayloadBytes, bytes) << dims << " dims, " << rows << " rows";
        }
    }
    EXPECT_EQ(list_blocks(3, 0xFFFFFFFF), (uint64_t{1} << 27) * 896 / 8128 + 1);
}

TEST(Layout, AnAddressHasAPartAndASlot) {
    for (uint32_t part : {1u, 2u, kMaxPartId}) {
        for (uint64_t slot : {uint64_t{0}, uint64_t{1} << 32, (uint64_t{1} << 40) - 1}) {
            EXPECT_EQ(part_of(make_address(part, slot)), part);
            EXPECT_EQ(slot_of(make_address(part, slot)), slot);
        }
    }
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
