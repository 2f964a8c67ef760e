// The metapage: what of the manifest is believed and what is refused, whatever the index is of.
#include "store/meta.h"

#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <string>

#include "ivf/testing/manifests.h"
#include "store/layout.h"

namespace pgslab {
namespace {

// A codebook, a sealed part of two strides with a segment, a spare run, an open part of two
// extents, and what it grows into.
Page busy_manifest() {
    PgsOptions with = options(768);
    with.embedder = "model";
    with.revision = "of may";
    Page page = begun(with);
    add_sealed_part(page, 500);
    Meta &meta = meta_of(page);
    meta.extent[0].strides = 2;
    meta.end_block += static_cast<uint32_t>(stride_blocks(meta.columns, 500));
    meta.part[0].slots = meta.part[0].flushed = 1000;
    add_segment(page, 1000);
    meta.spare[meta.spares++] = {{meta.end_block, 10}, 12345};
    meta.end_block += 10;
    grow(page);
    meta.spare[meta.spares++] = {{meta.end_block, 1}, 12346};
    meta.end_block++;
    grow(page);
    EXPECT_EQ(reserve_growth(page, nullptr), PGS_OK);
    EXPECT_EQ(meta.extents, 3u);
    EXPECT_GT(meta.growth.run.blocks, 0u);
    return page;
}

PgsStatus check(const Page &page) {
    PgsError error = {};
    const PgsStatus status = check_manifest(page, kVectorIndex, &error);
    if (status != PGS_OK) {
        EXPECT_EQ(error.status, status);
        EXPECT_EQ(error.block, kMetaBlock);
        EXPECT_NE(std::string(error.detail), "");
    }
    return status;
}

Columns records_only() {
    Columns columns = {};
    columns.count = 1;
    columns.column[0] = {PageKind::kRecord, kWhole, sizeof(Record)};
    return columns;
}

TEST(Meta, AnEmptyManifestIsBelieved) {
    Page page;
    std::memset(&page, 0xAA, sizeof page);
    init_manifest(page, kVectorIndex, records_only(), kTableKinds, "model", "of may");
    EXPECT_EQ(check(page), PGS_OK);
    const Meta &meta = meta_of(page);
    EXPECT_EQ(meta.end_block, 1u);
    EXPECT_EQ(meta.generation, 1u);
    EXPECT_EQ(meta.columns.count, 1u);
    EXPECT_EQ(open_part(meta), nullptr);
    EXPECT_STREQ(meta.embedder, "model");
    EXPECT_STREQ(meta.revision, "of may");
    for (uint64_t word : meta.content) {
        ASSERT_EQ(word, 0u);
    }
}

TEST(Meta, TheLongestNamesAreKept) {
    const std::string name(PGS_MAX_TEXT, 'e');
    const std::string revision(PGS_MAX_TEXT, 'r');
    Page page;
    init_manifest(page, kVectorIndex, records_only(), kTableKinds, name.c_str(), revision.c_str());
    EXPECT_EQ(check(page), PGS_OK);
    EXPECT_EQ(meta_of(page).embedder, name);
    EXPECT_EQ(meta_of(page).revision, revision);
}

TEST(Meta, ABusyManifestIsBelieved) {
    const Page page = busy_manifest();
    EXPECT_EQ(check(page), PGS_OK);
    expect_sound(page);
}

TEST(Meta, AWrittenPartMayLackColumns) {
    Columns columns = records_only();
    columns.column[columns.count++] = {kSlabPage, kValues | kInsertedOnly, 128};
    Page page;
    init_manifest(page, kVectorIndex, columns, {}, "", "");
    Meta &meta = meta_of(page);
    meta.part[0] = {.id = 1, .generation = 1, .slots = 1000, .handle = kFirstWrittenHandle};
    meta.part[0].state = PartState::kSealed;
    meta.part[0].extents = meta.parts = meta.extents = 1;
    meta.extent[0] = {1, 1000, 1};
    meta.next_id = 2;
    meta.end_block = 1 + record_blocks(columns, 1000);
    finish_meta(page);
    EXPECT_EQ(check(page), PGS_OK);
    grow(page);
    EXPECT_EQ(check(page), PGS_OK);
    EXPECT_EQ(meta.part[0].extents, 1u);
    uint32_t counts[2] = {};
    each_extent(meta, [&](const ExtentPlace &place) {
        counts[place.part_number] = place.column_count;
        return false;
    });
    EXPECT_EQ(counts[0], 1u);
    EXPECT_EQ(counts[1], 2u);
}

TEST(Meta, TheContentIsNotLookedAt) {
    Page page = busy_manifest();
    std::memset(meta_of(page).content, 0xFF, sizeof meta_of(page).content);
    EXPECT_EQ(check(page), PGS_CORRUPT) << "but its checksum is";
    finish_meta(page);
    EXPECT_EQ(check(page), PGS_OK);
}

TEST(Meta, EveryFlippedBitIsSeen) {
    Page page = busy_manifest();
    auto *bytes = reinterpret_cast<uint8_t *>(&page);
    const uint32_t end = page.server.lower;
    for (uint32_t bit = kServerHeaderBytes * 8; bit < end * 8; bit++) {
        bytes[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
        ASSERT_NE(check(page), PGS_OK) << "bit " << bit;
        bytes[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
    }
}

struct Lie {
    const char *name;
    std::function<void(Meta &)> tell;
    PgsStatus status = PGS_CORRUPT;
};

// Nothing but what is reserved for growth.
void have_only_growth(Meta &meta, uint32_t slots, uint32_t blocks) {
    meta.parts = meta.extents = meta.segments = meta.spares = 0;
    meta.dictionary = {};
    meta.growth = {{1, blocks}, slots, 0};
    meta.end_block = 1 + blocks;
}

void be_empty(Meta &meta) {
    have_only_growth(meta, 0, 0);
}

// One part without codes of so many strides.
void have_strides(Meta &meta, uint32_t slots, uint32_t strides) {
    be_empty(meta);
    meta.parts = meta.extents = meta.part[0].extents = 1;
    meta.part[0].slots = meta.part[0].flushed = meta.part[0].dictionary = 0;
    meta.extent[0] = {1, slots, strides};
    meta.end_block =
        static_cast<uint32_t>(1 + stride_blocks(meta.columns, slots) * uint64_t{strides});
}

const Lie kLies[] = {
    {"magic", [](Meta &m) { m.magic++; }},
    {"version", [](Meta &m) { m.version++; }, PGS_UNSUPPORTED},
    {"earlier version", [](Meta &m) { m.version--; }, PGS_UNSUPPORTED},
    {"kind 0", [](Meta &m) { m.kind = static_cast<IndexKind>(0); }},
    {"kind 2", [](Meta &m) { m.kind = static_cast<IndexKind>(2); }},
    {"endless name", [](Meta &m) { std::memset(m.embedder, 'x', kTextBytes); }},
    {"endless revision", [](Meta &m) { std::memset(m.revision, 'x', kTextBytes); }},
    {"end too early", [](Meta &m) { m.end_block--; }},
    {"end too late", [](Meta &m) { m.end_block++; }},
    {"no blocks", [](Meta &m) { m.end_block = 0; }},
    {"no blocks of none",
     [](Meta &m) {
         be_empty(m);
         m.end_block = 0;
     }},
    {"no generation",
     [](Meta &m) {
         be_empty(m);
         m.generation = 0;
     }},
    {"no next id",
     [](Meta &m) {
         be_empty(m);
         m.next_id = 0;
     }},
    {"no columns", [](Meta &m) { m.columns.count = 0; }},
    {"too many columns", [](Meta &m) { m.columns.count = kMaxColumns + 1; }},
    {"a column that lies in the content",
     [](Meta &m) {
         be_empty(m);
         m.columns.count = kMaxColumns + 1;
         m.content[0] = 8;
     }},
    {"as many columns as there can be", [](Meta &m) { m.columns.count = UINT32_MAX; }},
    {"a column less", [](Meta &m) { m.columns.count--; }},
    {"a column more", [](Meta &m) { m.columns.count++; }},
    {"a column of items of another size", [](Meta &m) { m.columns.column[1].item *= 2; }},
    {"a column without bytes", [](Meta &m) { m.columns.column[1].item = 0; }},
    {"a column of strange flags", [](Meta &m) { m.columns.column[1].flags |= 8; }},
    {"a column of inserted rows before one of all",
     [](Meta &m) { m.columns.column[1].flags |= kInsertedOnly; }},
    {"a column that the written part lacks",
     [](Meta &m) { m.columns.column[2].flags |= kInsertedOnly; }},
    {"an open part with the handle of a written one",
     [](Meta &m) { m.part[m.parts - 1].handle = kFirstWrittenHandle + 1; }},
    {"a column whose items fit no page",
     [](Meta &m) {
         be_empty(m);
         m.columns.column[2].item = kPayloadBytes + 1;
     }},
    {"a column of the largest items", [](Meta &m) { m.columns.column[1].item = UINT32_MAX; }},
    {"a first column of others",
     [](Meta &m) {
         be_empty(m);
         m.columns.column[0].kind = kSlabPage;
     }},
    {"records that are cut",
     [](Meta &m) {
         be_empty(m);
         m.columns.column[0].flags = 0;
     }},
    {"records that are values",
     [](Meta &m) {
         be_empty(m);
         m.columns.column[0].flags |= kValues;
     }},
    {"larger records",
     [](Meta &m) {
         be_empty(m);
         m.columns.column[0].item++;
     }},
    {"a part's id is to come", [](Meta &m) { m.next_id = m.part[1].id; }},
    {"an id twice", [](Meta &m) { m.part[1].id = m.part[0].id; }},
    {"a handle twice", [](Meta &m) { m.part[1].handle = m.part[0].handle; }},
    {"no handle", [](Meta &m) { m.part[0].handle = 0; }},
    {"no such part", [](Meta &m) { m.parts = 3; }},
    {"a part less", [](Meta &m) { m.parts = 1; }},
    {"too many parts", [](Meta &m) { m.parts = kMaxParts + 1; }},
    {"too many extents", [](Meta &m) { m.extents = kMaxExtents + 1; }},
    {"an extent less", [](Meta &m) { m.extents--; }},
    {"an extent more", [](Meta &m) { m.extents++; }},
    {"part 0", [](Meta &m) { m.part[0].id = 0; }},
    {"part without extents", [](Meta &m) { m.part[1].extents = 0; }},
    {"part without extents, and one with all",
     [](Meta &m) {
         have_strides(m, 500, 1);
         m.parts = 2;
         m.part[1] = m.part[0];
         m.part[0].extents = 0;
         m.part[0].id = m.dictionary.id + 1;
         m.part[0].handle++;
     }},
    {"part with others' extents", [](Meta &m) { m.part[1].extents = 65535; }},
    {"extent of the wrong part",
     [](Meta &m) {
         m.part[0].extents++;
         m.part[1].extents--;
         m.part[1].extents--;
     }},
    {"state 0", [](Meta &m) { m.part[0].state = static_cast<PartState>(0); }},
    {"state 3", [](Meta &m) { m.part[1].state = static_cast<PartState>(3); }},
    {"an open part that is not last", [](Meta &m) { m.part[0].state = PartState::kOpen; }},
    {"slots of the open part", [](Meta &m) { m.part[m.parts - 1].slots = 1; }},
    {"more blocks than there can be", [](Meta &m) { m.end_block = UINT32_MAX; }},
    {"an item larger than any",
     [](Meta &m) { m.columns.column[kSlabColumn].item = (1 << 20) + 64; }},
    {"an item that would cross pages within a line",
     [](Meta &m) { m.columns.column[kSlabColumn].item = 100; }},
    {"more slots than room", [](Meta &m) { m.part[0].slots = 1001; }},
    {"more tombstones than room", [](Meta &m) { m.part[0].tombstones = 1001; }},
    {"more slots in segments than there are", [](Meta &m) { m.part[0].flushed = 1001; }},
    {"more slots in segments than in use", [](Meta &m) { m.part[0].slots = 999; }},
    {"more slots in segments than room",
     [](Meta &m) { m.part[1].flushed = capacity_of(m, 1) + 1; }},
    {"codes in segments by an earlier codebook", [](Meta &m) { m.part[0].dictionary = 3; }},
    {"more slots than an address can name",
     [](Meta &m) {
         m.columns = records_only();
         have_strides(m, 338 * 1024, 3'200'000);
         ASSERT_GT(capacity_of(m, 0), kMostSlotsOfPart);
     }},
    {"generation 0", [](Meta &m) { m.part[0].generation = 0; }},
    {"a generation to come", [](Meta &m) { m.part[0].generation = m.generation + 1; }},
    {"extent on the metapage", [](Meta &m) { m.extent[0].block = 0; }},
    {"extent beyond the end", [](Meta &m) { m.extent[1].block = m.end_block; }},
    {"extent that ends beyond the end", [](Meta &m) { m.extent[0].block = m.end_block - 100; }},
    {"extent that wraps around", [](Meta &m) { m.extent[1].block = UINT32_MAX; }},
    {"extent without slots", [](Meta &m) { m.extent[2].slots = 0; }},
    {"extent of all slots there are", [](Meta &m) { m.extent[2].slots = UINT32_MAX; }},
    {"extent without strides", [](Meta &m) { m.extent[0].strides = 0; }},
    {"extent without strides, and no other",
     [](Meta &m) {
         have_strides(m, 500, 1);
         m.extent[0].strides = 0;
         m.end_block = 1;
     }},
    {"a stride less", [](Meta &m) { m.extent[0].strides--; }},
    {"a stride more", [](Meta &m) { m.extent[0].strides++; }},
    {"strides beyond the end", [](Meta &m) { m.extent[2].strides += 1000; }},
    {"as many strides as there can be", [](Meta &m) { m.extent[0].strides = UINT32_MAX; }},
    {"as many strides and slots as there can be",
     [](Meta &m) {
         m.extent[0].strides = UINT32_MAX;
         m.extent[0].slots = UINT32_MAX;
     }},
    {"strides whose blocks pass 2^32 and look few",
     [](Meta &m) {
         have_strides(m, 2 * kMostRecords, 1);
         m.columns = records_only();  // so that a stride has two blocks
         m.extent[0].strides = (1u << 31) + 5;
         m.end_block = 1 + 2 * 5;
     }},
    {"a stride whose blocks pass 2^32 and look few",
     [](Meta &m) {
         m.columns = records_only();
         m.columns.count = 2;
         m.columns.column[1] = {kSlabPage, 0, 64000};
         constexpr uint32_t kSlots = 545'460'900;
         have_strides(m, kSlots, 1);
         ASSERT_LT(m.end_block, stride_blocks(m.columns, kSlots));
     }},
    {"growth beyond the end", [](Meta &m) { m.growth.run.block += 1000; }},
    {"growth that ends beyond the end", [](Meta &m) { m.growth.run.block++; }},
    {"growth on the metapage", [](Meta &m) { m.growth.run.block = 0; }},
    {"growth that no one has", [](Meta &m) { m.growth = {}; }},
    {"growth without blocks", [](Meta &m) { have_only_growth(m, 5, 0); }},
    {"growth without slots", [](Meta &m) { have_only_growth(m, 0, 8); }},
    {"growth that is no stride",
     [](Meta &m) {
         have_only_growth(m, 50, static_cast<uint32_t>(stride_blocks(m.columns, 50)) - 1);
     }},
    {"growth that is no whole number of strides",
     [](Meta &m) {
         have_only_growth(m, 50, 3 * static_cast<uint32_t>(stride_blocks(m.columns, 50)) + 1);
     }},
    {"growth of all slots there are", [](Meta &m) { m.growth.slots = UINT32_MAX; }},
    {"codebook 0", [](Meta &m) { m.dictionary.id = 0; }},
    {"codebook 0, but with blocks",
     [](Meta &m) {
         be_empty(m);
         m.dictionary.run = {1, 5};
         m.end_block = 6;
     }},
    {"a codebook's id is to come", [](Meta &m) { m.dictionary.id = m.next_id; }},
    {"a codebook with a part's id", [](Meta &m) { m.dictionary.id = m.part[1].id; }},
    {"codebook of generation 0", [](Meta &m) { m.dictionary.generation = 0; }},
    {"codebook of a generation to come",
     [](Meta &m) { m.dictionary.generation = m.generation + 1; }},
    {"codebook on the metapage", [](Meta &m) { m.dictionary.run.block = 0; }},
    {"codebook beyond the end", [](Meta &m) { m.dictionary.run.block = m.end_block; }},
    {"codebook without blocks",
     [](Meta &m) {
         be_empty(m);
         m.dictionary = {1, 77, 1, {1, 0}};
     }},
    {"codebook with a block more", [](Meta &m) { m.dictionary.run.blocks++; }},
    {"too many segments", [](Meta &m) { m.segments = kMaxSegments + 1; }},
    {"a segment less", [](Meta &m) { m.segments--; }},
    {"a segment more", [](Meta &m) { m.segments++; }},
    {"segment 0", [](Meta &m) { m.segment[0].id = 0; }},
    {"a segment's id is to come", [](Meta &m) { m.segment[0].id = m.next_id; }},
    {"a segment with a part's id", [](Meta &m) { m.segment[0].id = m.part[0].id; }},
    {"a segment with the codebook's id", [](Meta &m) { m.segment[0].id = m.dictionary.id; }},
    {"segment of generation 0", [](Meta &m) { m.segment[0].generation = 0; }},
    {"segment of a generation to come",
     [](Meta &m) { m.segment[0].generation = m.generation + 1; }},
    {"segment on the metapage", [](Meta &m) { m.segment[0].run.block = 0; }},
    {"segment beyond the end", [](Meta &m) { m.segment[0].run.block = m.end_block; }},
    {"segment with a first table longer than all",
     [](Meta &m) { m.segment[0].first_blocks = m.segment[0].run.blocks + 1; }},
    {"segment with a block more", [](Meta &m) { m.segment[0].run.blocks++; }},
    {"segment that wraps around", [](Meta &m) { m.segment[0].run.blocks = UINT32_MAX; }},
    {"segment without blocks",
     [](Meta &m) {
         m.end_block -= m.segment[0].run.blocks;
         m.segment[0].run.blocks = m.segment[0].first_blocks = 0;
     }},
    {"segment without rows", [](Meta &m) { m.segment[0].rows = 0; }},
    {"segment with more rows than can be", [](Meta &m) { m.segment[0].rows += uint64_t{1} << 32; }},
    {"too many spare runs", [](Meta &m) { m.spares = kMaxSpares + 1; }},
    {"a spare run less", [](Meta &m) { m.spares--; }},
    {"a spare run more", [](Meta &m) { m.spares++; }},
    {"spare runs out of order", [](Meta &m) { std::swap(m.spare[0], m.spare[1]); }},
    {"a spare run within another",
     [](Meta &m) { m.spare[1].run.block = m.spare[0].run.block + 1; }},
    {"spare run on the metapage", [](Meta &m) { m.spare[0].run.block = 0; }},
    {"spare run beyond the end", [](Meta &m) { m.spare[0].run.block = m.end_block - 9; }},
    {"spare run that wraps around", [](Meta &m) { m.spare[0].run.block = UINT32_MAX; }},
    {"spare run with a block more", [](Meta &m) { m.spare[0].run.blocks++; }},
    {"spare run without blocks",
     [](Meta &m) {
         m.end_block -= m.spare[0].run.blocks;
         m.spare[0].run.blocks = 0;
     }},
};

TEST(Meta, ALieWithAValidChecksumIsRefused) {
    for (const Lie &lie : kLies) {
        Page page = busy_manifest();
        lie.tell(meta_of(page));
        finish_meta(page);
        EXPECT_EQ(check(page), lie.status) << lie.name;
    }
}

// What the lies are made of is believed.
TEST(Meta, WhatIsCutDownToLittleIsBelieved) {
    Page page = busy_manifest();
    be_empty(meta_of(page));
    finish_meta(page);
    EXPECT_EQ(check(page), PGS_OK);
    have_only_growth(meta_of(page), 50,
                     3 * static_cast<uint32_t>(stride_blocks(meta_of(page).columns, 50)));
    finish_meta(page);
    EXPECT_EQ(check(page), PGS_OK);
    have_strides(meta_of(page), 500, 3);
    finish_meta(page);
    EXPECT_EQ(check(page), PGS_OK);
    meta_of(page).columns = records_only();
    have_strides(meta_of(page), 2 * kMostRecords, 5);
    finish_meta(page);
    EXPECT_EQ(check(page), PGS_OK);
    ASSERT_EQ(stride_blocks(meta_of(page).columns, 2 * kMostRecords), 2u);
    have_strides(meta_of(page), 338 * 1024, 3'100'000);
    finish_meta(page);
    EXPECT_EQ(check(page), PGS_OK) << "nearly as many slots as an address can name";
}

TEST(Meta, ALongerMetapageThanItsExtentsIsRefused) {
    Page page = busy_manifest();
    page.server.lower = static_cast<uint16_t>(page.server.lower + sizeof(Extent));
    page.slab.checksum = page_checksum(page);
    EXPECT_EQ(check(page), PGS_CORRUPT);
}

TEST(Meta, AFullManifestFitsThePage) {
    Page page = with_open_extents(kMaxExtents);
    EXPECT_EQ(check(page), PGS_OK);
    EXPECT_EQ(used_bytes(page), sizeof(Meta));
}

TEST(Meta, APageOfAnotherVersionIsUnsupportedWhateverItsChecksum) {
    for (const uint16_t version : {1, 3}) {
        Page page = busy_manifest();
        page.slab.version = version;
        EXPECT_EQ(check(page), PGS_UNSUPPORTED);
    }
}

TEST(Meta, AnotherPageIsNoMetapage) {
    Page page = busy_manifest();
    page.slab.kind = kSlabPage;
    page.slab.checksum = page_checksum(page);
    EXPECT_EQ(check(page), PGS_CORRUPT);
    page = busy_manifest();
    page.slab.sequence = 1;
    page.slab.checksum = page_checksum(page);
    EXPECT_EQ(check(page), PGS_CORRUPT);
}

TEST(Meta, AZeroedPageIsCalledSo) {
    const Page page = {};
    PgsError error = {};
    EXPECT_EQ(check_manifest(page, kVectorIndex, &error), PGS_CORRUPT);
    EXPECT_STREQ(error.detail, "the metapage is all zeros");
}

TEST(Meta, UnusedTableEntriesMayHoldNothingTheyNeedNot) {
    Page page = busy_manifest();
    meta_of(page).extent[100] = {UINT32_MAX, UINT32_MAX, UINT32_MAX};
    EXPECT_EQ(check(page), PGS_OK);  // behind what is used: part of the page's hole
}

TEST(Meta, TheWatermarkMayBeAnywhereUpToThePartsEnd) {
    Page page = busy_manifest();
    Meta &meta = meta_of(page);
    for (uint64_t coded :
         {uint64_t{0}, uint64_t{1}, uint64_t{meta.extent[1].slots}, capacity_of(meta, 1)}) {
        meta.part[1].flushed = coded;
        finish_meta(page);
        EXPECT_EQ(check(page), PGS_OK) << coded;
    }
    for (uint64_t coded : {0u, 500u, 1000u}) {
        meta.part[0].flushed = coded;
        finish_meta(page);
        EXPECT_EQ(check(page), PGS_OK) << coded;
    }
    meta.part[0].dictionary = 77;
    meta.part[0].flushed = 0;
    finish_meta(page);
    EXPECT_EQ(check(page), PGS_OK);
}

TEST(Meta, PagesOfCodebookAndSegmentsAreNumberedFromTheFirst) {
    const Page page = busy_manifest();
    const Meta &meta = meta_of(page);
    const PageIdentity codebook = dictionary_page(meta, 1);
    EXPECT_EQ(codebook.block, meta.dictionary.run.block + 1);
    EXPECT_EQ(codebook.kind, kCodebookPage);
    EXPECT_EQ(codebook.owner, meta.dictionary.id);
    EXPECT_EQ(codebook.generation, meta.dictionary.generation);
    EXPECT_EQ(codebook.sequence, 1u);
    const Segment &segment = meta.segment[0];
    const PageIdentity table = segment_page(meta.kinds, segment, 3);
    EXPECT_EQ(table.block, segment.run.block + 3);
    EXPECT_EQ(table.kind, kListPage);
    EXPECT_EQ(table.owner, segment.id);
    EXPECT_EQ(table.generation, segment.generation);
    EXPECT_EQ(table.sequence, 3u);
}

}  // namespace
}  // namespace pgslab
