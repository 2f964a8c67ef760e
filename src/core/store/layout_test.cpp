// Arithmetic of slots, pages and extents, against its definition.
#include "store/layout.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <vector>

#include "ivf/format.h"
#include "ivf/testing/columns.h"
#include "ivf/testing/tables.h"

namespace pgslab {
namespace {

// Blocks of so many slots' tables: items of vectors one after the other, of the others as many as a
// page holds.
uint64_t blocks_of(uint64_t slots, const Columns &columns) {
    const uint64_t records = kPayloadBytes / columns.column[kRecordColumn].item;
    uint64_t blocks =
        (slots + records - 1) / records +
        (slots * columns.column[kSlabColumn].item + kPayloadBytes - 1) / kPayloadBytes;
    if (columns.count > kRefineColumn) {
        const uint64_t per_page = kPayloadBytes / columns.column[kRefineColumn].item;
        blocks += (slots + per_page - 1) / per_page;
    }
    return blocks;
}

TEST(Layout, ItemIsAPowerOfTwoUpTo64BytesAndThenAMultipleOf64OrOf32) {
    for (Storage storage : {Storage::kF16, Storage::kF32, Storage::kI8, Storage::kBits}) {
        const uint32_t unit = storage == Storage::kBits ? kCutBytes : kLineBytes;
        for (uint32_t dims = 1; dims <= PGS_MAX_DIMS; dims++) {
            const uint32_t bytes = (dims * element_bits(storage) + 7) / 8;
            const uint32_t item = item_bytes(dims, storage);
            ASSERT_GE(item, bytes);
            if (item <= kLineBytes) {
                ASSERT_EQ(item & (item - 1), 0u) << dims;
                ASSERT_TRUE(bytes * 2 > item) << dims;
            } else {
                ASSERT_EQ(item % unit, 0u) << dims;
                ASSERT_LT(item - bytes, unit) << dims;
            }
        }
    }
}

TEST(Layout, ItemsOfAtMost64BytesNeverCrossAPage) {
    for (uint32_t item = 1; item <= kLineBytes; item *= 2) {
        EXPECT_EQ(kPayloadBytes % item, 0u) << item;
    }
}

TEST(Layout, AStrideHasEachTableOnBlocksOfItsOwn) {
    for (const Columns &columns : columns_under_test()) {
        for (uint64_t slots : {0u, 1u, 4u, 338u, 339u, 1000u, 1u << 31, UINT32_MAX}) {
            EXPECT_EQ(stride_blocks(columns, slots), blocks_of(slots, columns)) << slots;
        }
    }
}

TEST(Layout, SlotsFittingIsTheMostThatFit) {
    for (const Columns &columns : columns_under_test()) {
        for (uint32_t blocks :
             {0u, 1u, 2u, 3u, 7u, 8u, 9u, 33u, 37u, 64u, 100u, 1000u, 4096u, 1000003u}) {
            const uint64_t slots = slots_fitting(blocks, columns);
            EXPECT_LE(blocks_of(slots, columns), blocks) << slot_bytes(columns);
            EXPECT_GT(blocks_of(slots + 1, columns), blocks) << slot_bytes(columns);
        }
    }
}

TEST(Layout, SlotsFittingGrowsWithTheBlocks) {
    for (const Columns &columns : columns_under_test()) {
        uint32_t before = 0;
        for (uint32_t blocks = 1; blocks < 2000; blocks++) {
            const uint32_t slots = slots_fitting(blocks, columns);
            ASSERT_GE(slots, before) << slot_bytes(columns) << ", " << blocks << " blocks";
            before = slots;
        }
    }
}

TEST(Layout, SlotsFittingHoldsForTheLargestExtentsToo) {
    for (const Columns &columns : columns_under_test()) {
        for (uint32_t blocks : {1u << 20, 1u << 24, 1u << 28, 1u << 31, kMaxBlocks}) {
            const uint64_t slots = slots_fitting(blocks, columns);
            EXPECT_LE(blocks_of(slots, columns), blocks) << slot_bytes(columns);
            // The most that fit, or the most an extent can count.
            EXPECT_TRUE(blocks_of(slots + 1, columns) > blocks || slots == UINT32_MAX);
        }
    }
}

Meta small_meta(uint16_t dims, Storage storage, uint8_t code_bits = 0, uint8_t refine_bits = 0) {
    Meta meta = {};
    Vectors &vectors = vectors_of(meta);
    vectors.dims = dims;
    vectors.storage = storage;
    vectors.code_bits = code_bits;
    vectors.refine_bits = refine_bits;
    meta.columns = columns_of(vectors);
    return meta;
}

// Three parts, the last of them open: each extent of so many slots a stride, and so many strides.
struct Strides {
    uint32_t slots;
    uint32_t strides;
};
const std::vector<std::vector<Strides>> kExtents = {
    {{1000, 1}}, {{40, 1}, {338, 3}, {339, 1}}, {{500, 2}, {1, 7}}};
constexpr uint32_t kUnused = 400;  // slots of the second part: it ends inside a stride

Meta meta_of_extents() {
    Meta meta = small_meta(768, Storage::kF16, 1, 4);
    uint32_t block = 5;
    for (const auto &part : kExtents) {
        Part &p = meta.part[meta.parts++];
        p.id = 10 + meta.parts;
        p.generation = 20 + meta.parts;
        p.state = meta.parts == kExtents.size() ? PartState::kOpen : PartState::kSealed;
        p.extents = static_cast<uint16_t>(part.size());
        for (const Strides &s : part) {
            p.slots += p.state == PartState::kSealed ? uint64_t{s.slots} * s.strides : 0;
            meta.extent[meta.extents++] = {block, s.slots, s.strides};
            block += s.strides * static_cast<uint32_t>(stride_blocks(meta.columns, s.slots)) + 3;
        }
    }
    meta.part[1].slots -= kUnused;
    return meta;
}

// What comes before a stride.
struct Before {
    uint64_t first_slot = 0;
    uint64_t part_slot = 0;
    uint32_t sequence = 0;
};

void expect_pages(const ExtentPlace &place, uint32_t number, const Before &before) {
    const ExtentPlace stride = stride_of(place, number);
    uint32_t page = 0;
    for (uint32_t c = 0; c < place.columns->count; c++) {
        const Column &column = place.columns->column[c];
        for (uint32_t i = 0; i < column_blocks(column, place.extent.slots); i++) {
            for (const PageIdentity &identity :
                 {table_page(place, number, c, i), table_page(stride, 0, c, i),
                  stride_page(place, number, page)}) {
                ASSERT_EQ(identity.block, place.extent.block + number * place.stride_blocks + page);
                ASSERT_EQ(identity.kind, column.kind);
                ASSERT_EQ(identity.owner, place.part->id);
                ASSERT_EQ(identity.generation, place.part->generation);
                ASSERT_EQ(identity.sequence, before.sequence + page);
            }
            page++;
        }
    }
    ASSERT_EQ(page, place.stride_blocks);
}

void expect_stride(const ExtentPlace &place, uint32_t number, const Before &before) {
    const ExtentPlace stride = stride_of(place, number);
    EXPECT_EQ(stride.extent.block, place.extent.block + number * place.stride_blocks);
    EXPECT_EQ(stride.extent.strides, 1u);
    EXPECT_EQ(stride.sequence, before.sequence);
    EXPECT_EQ(stride.part_slot, before.part_slot);
    EXPECT_EQ(stride.first_slot, before.first_slot);
    const uint64_t left = place.part->slots - std::min(place.part->slots, before.part_slot);
    EXPECT_EQ(stride.used,
              place.open ? place.extent.slots : std::min<uint64_t>(left, place.extent.slots));
}

// All pages of a part have a number, in the order in which they lie, which is that of its columns
// within each stride.
TEST(Layout, PagesAreNumberedThroughTheirPartAndSlotsThroughTheIndex) {
    const Meta meta = meta_of_extents();
    Before before;
    uint32_t visited = 0;
    uint32_t part_number = 0;
    each_extent(meta, [&](const ExtentPlace &place) {
        if (place.part_number != part_number) {
            before = {before.first_slot, 0, 0};
            part_number++;
        }
        EXPECT_EQ(place.part, &meta.part[part_number]);
        EXPECT_EQ(place.extent.block, meta.extent[visited].block);
        EXPECT_EQ(place.first_slot, before.first_slot);
        EXPECT_EQ(place.part_slot, before.part_slot);
        EXPECT_EQ(place.sequence, before.sequence);
        EXPECT_EQ(place.open, part_number == 2);
        const uint32_t unused[] = {0, 0, 61, 339, 0, 0};
        EXPECT_EQ(place.used, place.capacity() - unused[visited]);
        EXPECT_EQ(place.blocks(), place.stride_blocks * place.extent.strides);
        for (uint32_t i = 0; i < place.extent.strides; i++) {
            expect_stride(place, i, before);
            expect_pages(place, i, before);
            before.first_slot += place.extent.slots;
            before.part_slot += place.extent.slots;
            before.sequence += place.stride_blocks;
        }
        visited++;
        return false;
    });
    EXPECT_EQ(visited, 6u);
}

TEST(Layout, ExtentsOfAPartAreThoseOfAll) {
    const Meta meta = meta_of_extents();
    for (uint32_t p = 0; p < meta.parts; p++) {
        std::vector<uint64_t> of_all, of_part, of_open;
        const auto put = [](std::vector<uint64_t> &to) {
            return [&to](const ExtentPlace &place) {
                to.insert(to.end(), {place.first_slot, place.part_slot, place.extent.block,
                                     place.part_number, place.sequence, place.used});
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

TEST(Layout, ASlotIsInOneStride) {
    const Meta meta = meta_of_extents();
    each_extent(meta, [&](const ExtentPlace &place) {
        for (uint64_t slot = 0; slot < place.capacity(); slot++) {
            uint32_t within = UINT32_MAX;
            const uint32_t i = stride_number(place, slot, &within);
            EXPECT_LT(within, place.extent.slots);
            EXPECT_EQ(uint64_t{i} * place.extent.slots + within, slot);
        }
        return false;
    });
}

// One after the other they name every slot in use once, and no page beyond.
TEST(Layout, RecordPagesAreThoseOfSlotsInUse) {
    const Meta meta = meta_of_extents();
    each_extent(meta, [&](const ExtentPlace &place) {
        uint64_t slots = 0;
        for (uint32_t i = 0; i < record_pages(place); i++) {
            const PgsRecordPage page = describe_record_page(place, i);
            EXPECT_EQ(page.part, place.part_number);
            EXPECT_EQ(page.open, place.open);
            EXPECT_EQ(page.stride_slots, place.extent.slots);
            EXPECT_EQ(page.slot % records_per_page(meta.columns), 0u);
            EXPECT_GT(page.capacity, 0u);
            const uint32_t stride = (page.stride_block - place.extent.block) / place.stride_blocks;
            EXPECT_EQ(uint64_t{stride} * place.extent.slots + page.slot, slots);
            EXPECT_EQ(page.stride_sequence, place.sequence + stride * place.stride_blocks);
            const PageIdentity identity = table_page(place, stride, kRecordColumn,
                                                     page.slot / records_per_page(meta.columns));
            EXPECT_EQ(page.block, identity.block);
            EXPECT_EQ(page.sequence, identity.sequence);
            slots += page.capacity;
        }
        EXPECT_EQ(slots, place.used);
        return false;
    });
}

// Where items may be cut, they are at a multiple of 32 bytes from their start, and the rest begins
// the next page.
TEST(Layout, ItemsFollowOneAnother) {
    for (const Columns &columns : columns_under_test()) {
        for (uint32_t c = 0; c < columns.count; c++) {
            const Column &column = columns.column[c];
            uint32_t page = 0;
            uint32_t offset = 0;
            for (uint32_t slot = 0; slot < 700; slot++) {
                if ((column.flags & kWhole) != 0 && offset + column.item > kPayloadBytes) {
                    page++;
                    offset = 0;
                }
                for (uint32_t begin = 0; begin < column.item;) {
                    const ItemPlace place = item_place(column, slot, begin, column.item);
                    ASSERT_EQ(begin % kCutBytes, 0u);
                    ASSERT_EQ(place.page, page) << "slot " << slot << " of " << column.item;
                    ASSERT_EQ(place.offset, offset);
                    ASSERT_EQ(place.bytes, std::min(column.item - begin, kPayloadBytes - offset));
                    begin += place.bytes;
                    offset += place.bytes;
                    if (offset == kPayloadBytes) {
                        page++;
                        offset = 0;
                    }
                }
            }
            ASSERT_EQ(column_blocks(column, 700), page + (offset > 0 ? 1u : 0u));
        }
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
    const Columns without = small_meta(768, Storage::kF16).columns;
    EXPECT_EQ(without.count, 2u);
    EXPECT_EQ(slot_bytes(without), 24u + 1536);
    EXPECT_EQ(without.column[kSlabColumn].flags, kValues);
    const Columns of_one_bit = small_meta(768, Storage::kF16, 1).columns;
    EXPECT_EQ(of_one_bit.count, 3u);
    EXPECT_EQ(of_one_bit.column[kRefineColumn].item, 96u + 32);
    const Columns refined = small_meta(768, Storage::kF32, 1, 8).columns;
    EXPECT_EQ(slot_bytes(refined), 24u + 3072 + 768 + 32);
}

TEST(Layout, MostDimsIsTheMostWhoseCodeFitsAPage) {
    EXPECT_EQ(most_dims(0), uint32_t{PGS_MAX_DIMS});
    EXPECT_EQ(most_dims(4), uint32_t{PGS_MAX_DIMS});
    EXPECT_LT(most_dims(8), uint32_t{PGS_MAX_DIMS});
    for (uint32_t bits : {0u, 4u, 8u}) {
        EXPECT_LE(refine_bytes(most_dims(bits), bits), kPayloadBytes);
    }
    EXPECT_GT(refine_bytes(most_dims(8) + 1, 8), kPayloadBytes);
}

// Each section from a multiple of 64 on, one after the other, with room for what is in it.
TEST(Layout, SectionsOfACodebookDoNotOverlap) {
    for (uint32_t dims : kDims) {
        for (uint32_t lists : {1u, 2u, 3u, 1000u, kMaxLists}) {
            for (bool offset : {false, true}) {
                const CodebookLayout at = codebook_layout(dims, lists, offset);
                const uint64_t sections[][2] = {{0, sizeof(CodebookHeader)},
                                                {at.signs, padded_dims(dims) / 2},
                                                {at.mean, dims * sizeof(float)},
                                                {at.offset, offset ? dims * sizeof(float) : 0},
                                                {at.info, lists * sizeof(ListInfo)},
                                                {at.centroids, uint64_t{lists} * padded_dims(dims)},
                                                {at.end, 0}};
                for (size_t i = 1; i < std::size(sections); i++) {
                    const uint64_t end = sections[i - 1][0] + sections[i - 1][1];
                    ASSERT_GE(sections[i][0], end) << dims << " dims, " << lists << " lists";
                    ASSERT_LT(sections[i][0] - end, kLineBytes);
                    ASSERT_EQ(sections[i][0] % kLineBytes, 0u);
                }
                const uint64_t blocks = codebook_blocks(dims, lists, offset);
                ASSERT_GE(blocks * kPayloadBytes, at.end);
                ASSERT_LT((blocks - 1) * kPayloadBytes, at.end);
            }
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

TEST(Layout, AnAddressHasAHandleAndASlot) {
    for (uint32_t handle : {1u, 2u, uint32_t{kFirstWrittenHandle}, uint32_t{UINT16_MAX}}) {
        for (uint64_t slot : {uint64_t{0}, uint64_t{1} << 32, kMostSlotsOfPart - 1}) {
            EXPECT_EQ(handle_of(make_address(handle, slot)), handle);
            EXPECT_EQ(slot_of(make_address(handle, slot)), slot);
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
