// Record pages and placements, against a naive model of a part: records in one array, vectors in
// another.
#include <gtest/gtest.h>

#include <cstring>
#include <set>
#include <tuple>

#include "ivf/encoder.h"
#include "ivf/testing/memory_index.h"
#include "ivf/testing/tables.h"
#include "pgslab_core.h"

namespace pgslab {
namespace {

class RecordApi : public testing::TestWithParam<std::tuple<int, PgsStorage>> {
  protected:
    PgsOptions options() const {
        return {std::get<0>(GetParam()), PGS_L2, std::get<1>(GetParam()), "", "", 4};
    }

    // An open part of so many extents, and as many rows built before it.
    MemoryIndex grown(uint32_t built, int extents) const {
        std::vector<TestRow> rows;
        for (uint32_t i = 0; i < built; i++) {
            rows.push_back({tid_number(i), Vector(static_cast<size_t>(options().dims), 1.0f)});
        }
        MemoryIndex index(options(), rows);
        for (int i = 0; i < extents; i++) {
            index.grow();
        }
        return index;
    }
};

// The row's refinement code is where it is to be.
void expect_code(const MemoryIndex &index, const PgsRecordPage &where, uint32_t i,
                 const EncodedRow &row) {
    const Meta &meta = meta_of(index.meta());
    const PgsPlacement place = pgs_place(&index.meta(), &where, i, kRefineColumn);
    const Page &page = index.store().read(place.first_block);
    const auto *code = reinterpret_cast<const uint8_t *>(row.data()) +
                       row_layout(meta.columns).item[kRefineColumn];
    ASSERT_LE(place.offset + refine_bytes_of(meta), used_bytes(page));
    EXPECT_EQ(std::memcmp(page.payload + place.offset, code, refine_bytes_of(meta)), 0);
}

TEST_P(RecordApi, RecordPagesAreNumberedThroughPartsAndTheOpenOnesComeLast) {
    const MemoryIndex index = grown(400, 4);
    const PgsMetaInfo info = index.info();
    ASSERT_EQ(pgs_record_pages(&index.meta()), info.record_blocks);
    std::set<uint32_t> blocks;
    uint64_t sealed = 0, open = 0;
    for (uint32_t i = 0; i < info.record_blocks; i++) {
        const PgsRecordPage page = pgs_record_page(&index.meta(), i);
        EXPECT_TRUE(blocks.insert(page.block).second);
        EXPECT_EQ(pgs_block_role(&index.meta(), page.block), PGS_ROLE_RECORD);
        EXPECT_EQ(page.sequence, index.store().read(page.block).slab.sequence);
        EXPECT_EQ(page.open, page.part == info.sealed_parts);
        EXPECT_GE(page.capacity, 1u);
        EXPECT_LE(page.capacity, 338u);
        (page.open ? open : sealed) += page.capacity;
    }
    EXPECT_EQ(sealed, 400u);
    EXPECT_EQ(open, info.open_capacity);
}

TEST_P(RecordApi, OpenRecordPagesAreTheLastOfAll) {
    const MemoryIndex index = grown(400, 4);
    const uint32_t all = pgs_record_pages(&index.meta());
    const uint32_t open = pgs_open_record_pages(&index.meta());
    uint32_t sealed = 0;
    while (!pgs_record_page(&index.meta(), sealed).open) {
        sealed++;
    }
    ASSERT_EQ(open, all - sealed);
    for (uint32_t i = 0; i < open; i++) {
        const PgsRecordPage a = pgs_open_record_page(&index.meta(), i);
        const PgsRecordPage b = pgs_record_page(&index.meta(), all - open + i);
        EXPECT_EQ(a.block, b.block);
        EXPECT_EQ(a.part, b.part);
        EXPECT_EQ(a.sequence, b.sequence);
        EXPECT_EQ(a.capacity, b.capacity);
        EXPECT_EQ(a.open, b.open);
    }
    EXPECT_EQ(pgs_open_record_pages(&grown(400, 0).meta()), 0u);
}

TEST_P(RecordApi, TheOpenPartsBlocksAreThoseOfItsTables) {
    const MemoryIndex index = grown(400, 4);
    const void *meta = &index.meta();
    std::set<uint32_t> open;
    for (uint32_t p = 0; p < pgs_open_record_pages(meta); p++) {
        const PgsRecordPage page = pgs_open_record_page(meta, p);
        open.insert(page.block);
        for (uint32_t slot = 0; slot < page.capacity; slot++) {
            for (uint32_t column = 1; column < pgs_columns(meta); column++) {
                const PgsPlacement place = pgs_place(meta, &page, slot, column);
                for (uint32_t i = 0; i < place.blocks; i++) {
                    open.insert(place.first_block + i);
                }
            }
        }
    }
    ASSERT_FALSE(open.empty());
    for (uint32_t block = 0; block <= index.info().formatted_end; block++) {
        EXPECT_EQ(pgs_is_open_block(meta, block), open.contains(block)) << block;
    }
    EXPECT_FALSE(pgs_is_open_block(&grown(400, 0).meta(), 1));
}

// Within a stride the slab is one array of items, cut into pages.
TEST_P(RecordApi, PlacementsAreTheItemsOfAnArrayCutIntoPages) {
    const MemoryIndex index = grown(3, 4);
    const uint64_t item = index.info().item_bytes;
    std::set<uint32_t> blocks;
    for (uint32_t p = 0; p < pgs_open_record_pages(&index.meta()); p++) {
        const PgsRecordPage where = pgs_open_record_page(&index.meta(), p);
        PgsRecordPage first = where;
        first.slot = 0;
        const PgsPlacement array = pgs_place(&index.meta(), &first, 0, kSlabColumn);
        ASSERT_EQ(array.offset, 0u);
        for (uint32_t i = 0; i < where.capacity; i++) {
            const PgsPlacement place = pgs_place(&index.meta(), &where, i, kSlabColumn);
            const uint64_t begin = (where.slot + i) * item;
            const uint64_t end = begin + item;
            ASSERT_EQ(place.part, where.part);
            ASSERT_EQ(place.column, kSlabColumn);
            ASSERT_EQ(place.first_block, array.first_block + begin / 8128);
            ASSERT_EQ(place.offset, begin % 8128);
            ASSERT_EQ(place.blocks, (end + 8127) / 8128 - begin / 8128);
            for (uint32_t b = 0; b < place.blocks; b++) {
                const uint32_t block = place.first_block + b;
                ASSERT_EQ(index.store().read(block).slab.sequence, place.sequence + b);
                ASSERT_EQ(pgs_block_role(&index.meta(), block), PGS_ROLE_SLAB);
                blocks.insert(block);
            }
        }
    }
    const uint64_t sealed_slab = (3 * item + 8127) / 8128;
    EXPECT_EQ(blocks.size(), index.info().slab_blocks - sealed_slab) << "a slab page without slots";
}

TEST_P(RecordApi, WhatWasWrittenIsReadBackFromItsPlace) {
    Random random(23);
    MemoryIndex index(options());
    std::vector<TestRow> rows;
    for (uint32_t i = 0; i < 40; i++) {
        rows.push_back({tid_number(i),
                        hard_vector(random, static_cast<size_t>(options().dims), Kind::kOrdinary)});
        ASSERT_TRUE(index.insert(rows.back()));
    }
    uint32_t row = 0;
    for (uint32_t p = 0; p < pgs_open_record_pages(&index.meta()); p++) {
        const PgsRecordPage where = pgs_open_record_page(&index.meta(), p);
        for (uint32_t i = 0; i < index.count_records(where); i++, row++) {
            uint32_t list = 0;
            const EncodedRow expected = index.encoded(rows[row], &list).value();
            const PgsPlacement place = pgs_place(&index.meta(), &where, i, kSlabColumn);
            std::vector<uint8_t> bytes;
            for (uint32_t b = 0; b < place.blocks; b++) {
                const Page &page = index.store().read(place.first_block + b);
                bytes.insert(bytes.end(), page.payload + (b == 0 ? place.offset : 0),
                             page.payload + used_bytes(page));
            }
            ASSERT_GE(bytes.size(), index.info().item_bytes);
            EXPECT_EQ(std::memcmp(bytes.data(), pgs_row_item(&index.meta(), expected.data()),
                                  index.info().item_bytes),
                      0);
            const PgsRecord *records = pgs_page_record(&index.store().read(where.block), 0);
            EXPECT_EQ(std::memcmp(&records[i], pgs_row_record(expected.data()), sizeof(PgsRecord)),
                      0);
            expect_code(index, where, i, expected);
        }
    }
    EXPECT_EQ(row, rows.size());
}

// Codes of a stride fill page after page, as many on each as it has room for.
TEST_P(RecordApi, PlacementsOfCodesNeverCrossAPage) {
    const MemoryIndex index = grown(3, 4);
    const uint32_t refine = refine_bytes_of(meta_of(index.meta()));
    const uint32_t per_page = 8128 / refine;
    std::set<uint32_t> blocks;
    uint32_t before = PGS_NO_BLOCK, on_page = 0;
    for (uint32_t p = 0; p < pgs_open_record_pages(&index.meta()); p++) {
        const PgsRecordPage where = pgs_open_record_page(&index.meta(), p);
        for (uint32_t i = 0; i < where.capacity; i++) {
            const PgsPlacement place = pgs_place(&index.meta(), &where, i, kRefineColumn);
            if (place.first_block != before) {
                ASSERT_TRUE(blocks.insert(place.first_block).second) << "gone back to";
                ASSERT_EQ(place.sequence, index.store().read(place.first_block).slab.sequence);
                before = place.first_block;
                on_page = 0;
            }
            ASSERT_LT(on_page, per_page);
            ASSERT_EQ(place.part, where.part);
            ASSERT_EQ(place.blocks, 1u);
            ASSERT_EQ(place.offset, on_page++ * refine);
            ASSERT_EQ(pgs_block_role(&index.meta(), place.first_block), PGS_ROLE_REFINE);
        }
    }
    const uint32_t sealed = (3 + per_page - 1) / per_page;
    EXPECT_EQ(blocks.size(), index.info().refine_blocks - sealed) << "a page without slots";
}

TEST_P(RecordApi, ACodeBehindAGapOrOnAnotherPageIsRefused) {
    const MemoryIndex index = grown(1, 1);
    const PgsRecordPage where = pgs_open_record_page(&index.meta(), 0);
    for (uint32_t i = 0; i < where.capacity && i < 20; i++) {
        const PgsPlacement place = pgs_place(&index.meta(), &where, i, kRefineColumn);
        Page page = index.store().read(place.first_block);
        PgsError error = {};
        const PgsStatus status = pgs_item_page_check(&index.meta(), &place, 0, &page, &error);
        EXPECT_EQ(status, place.offset == 0 ? PGS_OK : PGS_CORRUPT);
        if (status != PGS_OK) {
            EXPECT_EQ(error.block, place.first_block);
        }
    }
    const PgsPlacement place = pgs_place(&index.meta(), &where, 0, kRefineColumn);
    for (uint32_t block = 0; block < index.store().blocks(); block++) {
        Page page = index.store().read(block);
        EXPECT_EQ(pgs_item_page_check(&index.meta(), &place, 0, &page, nullptr) == PGS_OK,
                  block == place.first_block);
    }
}

// What the server logs: nothing else on the page is any different.
void expect_only(const Page &before, const Page &after, PgsChange change) {
    Page rest = before;
    auto *to = reinterpret_cast<uint8_t *>(&rest);
    const auto *from = reinterpret_cast<const uint8_t *>(&after);
    std::memcpy(to + change.offset, from + change.offset, change.bytes);
    std::memcpy(to + PGS_CHECKSUM_OFFSET, from + PGS_CHECKSUM_OFFSET, 4);
    rest.server.lower = after.server.lower;
    EXPECT_EQ(std::memcmp(&rest, &after, sizeof rest), 0);
    EXPECT_NE(std::memcmp(&before, &after, sizeof rest), 0);
}

TEST_P(RecordApi, AChangeNamesAllThatWritingChanged) {
    const MemoryIndex index = grown(1, 1);
    const PgsRecordPage where = pgs_open_record_page(&index.meta(), 0);
    EncodedRow row(pgs_row_bytes(index.codebook()) / sizeof(uint64_t));
    std::fill(row.begin(), row.end(), 0x0102030405060708u);
    const PgsPlacement place = pgs_place(&index.meta(), &where, 0, kSlabColumn);
    for (uint32_t i = 0; i < place.blocks; i++) {
        const Page before = index.store().read(place.first_block + i);
        Page page = before;
        expect_only(before, page, pgs_item_write(&index.meta(), &place, i, row.data(), &page));
    }
    const PgsPlacement refine = pgs_place(&index.meta(), &where, 0, kRefineColumn);
    const Page codes = index.store().read(refine.first_block);
    Page page = codes;
    expect_only(codes, page, pgs_item_write(&index.meta(), &refine, 0, row.data(), &page));
    const Page records = index.store().read(where.block);
    page = records;
    expect_only(records, page, pgs_record_append(&page, row.data()));
}

TEST(RecordApiWithoutCodes, ThereIsNoPlaceForThem) {
    MemoryIndex index({3, PGS_L1, PGS_F32, "", "", 8});
    index.grow();
    const PgsRecordPage where = pgs_open_record_page(&index.meta(), 0);
    EXPECT_EQ(pgs_columns(&index.meta()), kRefineColumn);
    EXPECT_EQ(pgs_place(&index.meta(), &where, 0, kSlabColumn).blocks, 1u);
    EXPECT_EQ(index.info().refine_blocks, 0u);
}

TEST(RecordApiWithoutRefinement, ThereIsAPlaceForTheCodeOfOneBit) {
    MemoryIndex index({3, PGS_L2, PGS_F32, "", "", 0});
    index.grow();
    const PgsRecordPage where = pgs_open_record_page(&index.meta(), 0);
    const PgsPlacement place = pgs_place(&index.meta(), &where, 1, kRefineColumn);
    EXPECT_EQ(place.blocks, 1u);
    EXPECT_EQ(place.offset, 8u + 32);
    EXPECT_EQ(pgs_block_role(&index.meta(), place.first_block), PGS_ROLE_REFINE);
    EXPECT_GT(index.info().refine_blocks, 0u);
}

TEST_P(RecordApi, WritingBehindAGapIsRefused) {
    const MemoryIndex index = grown(0, 1);
    const PgsRecordPage where = pgs_open_record_page(&index.meta(), 0);
    for (uint32_t i = 1; i < where.capacity && i < 20; i++) {
        const PgsPlacement place = pgs_place(&index.meta(), &where, i, kSlabColumn);
        Page page = index.store().read(place.first_block);
        PgsError error = {};
        const PgsStatus status = pgs_item_page_check(&index.meta(), &place, 0, &page, &error);
        EXPECT_EQ(status, place.offset == 0 ? PGS_OK : PGS_CORRUPT);
        if (status != PGS_OK) {
            EXPECT_EQ(error.block, place.first_block);
        }
    }
}

TEST_P(RecordApi, WritingOnAnotherPageIsRefused) {
    const MemoryIndex index = grown(1, 1);
    const PgsRecordPage where = pgs_open_record_page(&index.meta(), 0);
    const PgsPlacement place = pgs_place(&index.meta(), &where, 0, kSlabColumn);
    for (uint32_t block = 0; block < index.store().blocks(); block++) {
        Page page = index.store().read(block);
        EXPECT_EQ(pgs_item_page_check(&index.meta(), &place, 0, &page, nullptr) == PGS_OK,
                  block == place.first_block);
    }
}

INSTANTIATE_TEST_SUITE_P(All, RecordApi,
                         testing::Combine(testing::Values(1, 3, 16, 17, 33, 127, 768, 2000, 4064,
                                                          4065, 16000),
                                          testing::Values(PGS_F16, PGS_F32, PGS_I8)));

TEST(RecordPageCheck, SeesACountThatCannotBe) {
    const PgsOptions options = {3, PGS_L2, PGS_F32, "", "", 4};
    MemoryIndex index(options, {{tid_number(0), {1, 2, 3}}, {tid_number(1), {1, 2, 3}}});
    index.insert({tid_number(2), {1, 2, 3}});
    for (uint32_t i = 0; i < 2; i++) {
        const PgsRecordPage where = pgs_record_page(&index.meta(), i);
        const Page good = index.store().read(where.block);
        uint32_t count = 0;
        EXPECT_EQ(pgs_record_page_check(&index.meta(), &where, &good, &count, nullptr), PGS_OK);
        EXPECT_EQ(count, where.open ? 1u : 2u);

        Page page = good;
        page.server.lower++;  // half a record
        EXPECT_EQ(pgs_record_page_check(&index.meta(), &where, &page, &count, nullptr),
                  PGS_CORRUPT);
        page = good;
        page.server.lower = kPayloadOffset;  // none, which only the open part may have
        EXPECT_EQ(pgs_record_page_check(&index.meta(), &where, &page, &count, nullptr),
                  where.open ? PGS_OK : PGS_CORRUPT);
        page = good;
        page.server.lower = static_cast<uint16_t>(kPayloadOffset + 24 * (where.capacity + 1));
        EXPECT_EQ(pgs_record_page_check(&index.meta(), &where, &page, &count, nullptr),
                  PGS_CORRUPT);
    }
}

TEST(RecordFlags, AreAddedToAndKeepTheRecord) {
    const PgsOptions options = {3, PGS_L2, PGS_F32, "", "", 4};
    MemoryIndex index(options, {{{0xFFFFFFFE, 0xFFFF}, {1, 2, 3}}});
    Page page = index.store().read(pgs_record_page(&index.meta(), 0).block);
    pgs_record_set_flags(&page, 0, PGS_KILLED);
    EXPECT_EQ(pgs_record_flags(pgs_page_record(&page, 0)), unsigned{PGS_KILLED});
    pgs_record_set_flags(&page, 0, PGS_TOMBSTONE);
    EXPECT_EQ(pgs_record_flags(pgs_page_record(&page, 0)), unsigned{PGS_KILLED | PGS_TOMBSTONE});
    EXPECT_EQ(pgs_record_tid(pgs_page_record(&page, 0)).block, 0xFFFFFFFEu);
    EXPECT_EQ(pgs_record_tid(pgs_page_record(&page, 0)).offset, 0xFFFFu);
}

}  // namespace
}  // namespace pgslab
