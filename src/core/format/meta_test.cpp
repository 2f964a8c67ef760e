// The metapage: what is believed, what is refused, and how the open part grows.
#include "format/meta.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <string>

namespace pgslab {
namespace {

PgsOptions options(int dims = 768, PgsStorage storage = PGS_F16, int refine_bits = 4) {
    return {dims, PGS_L2, storage, "model", 3, refine_bits};
}

// Of an index without codes.
PgsOptions plain_options(int dims, PgsStorage storage) {
    return {dims, PGS_L1, storage, "model", 3, 0};
}

// A sealed part of one extent at the index's end.
void add_part(Page &page, uint32_t slots) {
    const SlotShape shape = slot_shape(meta_of(page));
    const uint32_t record = meta_of(page).end_block;
    const uint32_t refine = record + record_blocks(slots);
    const uint32_t refines = refine_blocks(slots, shape.refine);
    add_sealed_part(page, {record, refine + refines, refines == 0 ? 0 : refine, slots});
}

PgsGrowth reserve(Page &page) {
    PgsGrowth growth;
    EXPECT_EQ(reserve_growth(page, growth, nullptr), PGS_OK);
    return growth;
}

void grow(Page &page) {
    EXPECT_EQ(publish_growth(page, reserve(page), nullptr), PGS_OK);
}

constexpr uint32_t kFewLists = 9;

// A codebook, a sealed part with a segment, a spare run, an open part of two extents, and a growth
// that a crash left.
Page busy_meta(const PgsOptions &with = options()) {
    Page page;
    init_meta(page, with);
    if (meta_of(page).code_bits != 0) {
        set_codebook(page, kFewLists, 77);
    }
    add_part(page, 1000);
    if (meta_of(page).code_bits != 0) {
        add_segment(page, 1000);
    }
    Meta &meta = meta_of(page);
    meta.spare[meta.spares++] = {{meta.end_block, 10}, 12345};
    meta.end_block += 10;
    grow(page);
    grow(page);
    reserve(page);
    return page;
}

PgsStatus check(const Page &page) {
    PgsError error = {};
    const PgsStatus status = check_meta(page, &error);
    if (status != PGS_OK) {
        EXPECT_EQ(error.status, status);
        EXPECT_EQ(error.block, kMetaBlock);
        EXPECT_NE(std::string(error.detail), "");
    }
    return status;
}

TEST(Meta, AnEmptyIndexIsBelieved) {
    Page page;
    init_meta(page, plain_options(768, PGS_F16));
    EXPECT_EQ(check(page), PGS_OK);
    EXPECT_EQ(meta_of(page).end_block, 1u);
    EXPECT_EQ(open_part(meta_of(page)), nullptr);
    EXPECT_STREQ(meta_of(page).embedder, "model");
    EXPECT_EQ(meta_of(page).revision, 3u);
}

TEST(Meta, AnIndexWithCodesIsBelievedFromItsCodebookOn) {
    Page page;
    init_meta(page, options());
    EXPECT_EQ(check(page), PGS_CORRUPT);
    set_codebook(page, kFewLists, 77);
    EXPECT_EQ(check(page), PGS_OK);
    EXPECT_EQ(meta_of(page).end_block, 1 + codebook_blocks(768, kFewLists));
    EXPECT_EQ(meta_of(page).codebook.identity, 77u);
}

TEST(Meta, TheLongestEmbedderNameIsKept) {
    const std::string name(PGS_MAX_EMBEDDER, 'e');
    PgsOptions o = plain_options(768, PGS_F16);
    o.embedder = name.c_str();
    Page page;
    init_meta(page, o);
    EXPECT_EQ(check(page), PGS_OK);
    EXPECT_EQ(meta_of(page).embedder, name);
}

TEST(Meta, ABusyIndexIsBelieved) {
    for (int dims : {1, 3, 31, 768, 2000, 16000}) {
        for (PgsStorage storage : {PGS_F16, PGS_F32}) {
            EXPECT_EQ(check(busy_meta(plain_options(dims, storage))), PGS_OK) << dims;
            for (int bits : {0, 4, 8}) {
                if (dims <= static_cast<int>(most_dims(static_cast<uint32_t>(bits)))) {
                    EXPECT_EQ(check(busy_meta(options(dims, storage, bits))), PGS_OK) << dims;
                }
            }
        }
    }
}

TEST(Meta, EveryFlippedBitIsSeen) {
    Page page = busy_meta();
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

// So many slots of 16000 float32 that their slab's blocks pass 2^32 and look few.
constexpr uint32_t kWrappingSlots = 545460900;

void be_without_codes(Meta &meta) {
    meta.code_bits = meta.refine_bits = 0;
    meta.codebook = {};
    meta.segments = meta.spares = 0;
    for (Extent &extent : meta.extent) {
        extent.refine_block = 0;
    }
}

void wrap_an_extent(Meta &meta) {
    be_without_codes(meta);
    meta.dims = PGS_MAX_DIMS;
    meta.storage = Storage::kF32;
    meta.parts = 1;
    meta.extents = 1;
    meta.growing = {};
    meta.extent[0].slots = kWrappingSlots;
    meta.extent[0].slab_block = 1;
    meta.extent[0].record_block = 1 + slab_blocks(kWrappingSlots, item_bytes(meta));
    meta.end_block = meta.extent[0].record_block + record_blocks(kWrappingSlots);
}

void be_empty_without_generation(Meta &meta) {
    be_without_codes(meta);
    meta.parts = meta.extents = 0;
    meta.growing = {};
    meta.end_block = 1;
    meta.generation = 0;
}

const Lie kLies[] = {
    {"magic", [](Meta &m) { m.magic++; }},
    {"version", [](Meta &m) { m.version++; }, PGS_UNSUPPORTED},
    {"no dims", [](Meta &m) { m.dims = 0; }},
    {"too many dims", [](Meta &m) { m.dims = PGS_MAX_DIMS + 1; }},
    {"other dims", [](Meta &m) { m.dims += 64; }},
    {"metric 0", [](Meta &m) { m.metric = static_cast<Metric>(0); }},
    {"metric 5", [](Meta &m) { m.metric = static_cast<Metric>(5); }},
    {"storage 0", [](Meta &m) { m.storage = static_cast<Storage>(0); }},
    {"storage 3", [](Meta &m) { m.storage = static_cast<Storage>(3); }},
    {"no codes", [](Meta &m) { m.code_bits = 0; }},
    {"no codes, no refinement", [](Meta &m) { m.code_bits = m.refine_bits = 0; }},
    {"codes of two bits", [](Meta &m) { m.code_bits = 2; }},
    {"codes of L1", [](Meta &m) { m.metric = Metric::kL1; }},
    {"no refinement", [](Meta &m) { m.refine_bits = 0; }},
    {"refinement of 5 bits", [](Meta &m) { m.refine_bits = 5; }},
    {"refinement of other bits", [](Meta &m) { m.refine_bits = 8; }},
    {"endless name", [](Meta &m) { std::memset(m.embedder, 'x', kEmbedderBytes); }},
    {"end too early", [](Meta &m) { m.end_block--; }},
    {"end too late", [](Meta &m) { m.end_block++; }},
    {"no blocks", [](Meta &m) { m.end_block = 0; }},
    {"no generation", be_empty_without_generation},
    {"no part that can be next", [](Meta &m) { m.next_id = 0; }},
    {"next id too large", [](Meta &m) { m.next_id = kMaxPartId + 1; }},
    {"a part's id is to come", [](Meta &m) { m.next_id = 4; }},
    {"an id twice", [](Meta &m) { m.part[1].id = m.part[0].id; }},
    {"no such part", [](Meta &m) { m.parts = 3; }},
    {"a part less", [](Meta &m) { m.parts = 1; }},
    {"too many parts", [](Meta &m) { m.parts = kMaxParts + 1; }},
    {"too many extents", [](Meta &m) { m.extents = kMaxExtents + 1; }},
    {"an extent less", [](Meta &m) { m.extents--; }},
    {"an extent more", [](Meta &m) { m.extents++; }},
    {"part 0", [](Meta &m) { m.part[0].id = 0; }},
    {"part without extents", [](Meta &m) { m.part[1].extents = 0; }},
    {"part with others' extents", [](Meta &m) { m.part[1].extents = 65535; }},
    {"state 0", [](Meta &m) { m.part[0].state = static_cast<PartState>(0); }},
    {"an open part that is not last", [](Meta &m) { m.part[0].state = PartState::kOpen; }},
    {"more slots than room", [](Meta &m) { m.part[0].slots = 1001; }},
    {"more tombstones than room", [](Meta &m) { m.part[0].tombstones = 1001; }},
    {"more slots in segments than there are", [](Meta &m) { m.part[0].coded = 1001; }},
    {"more slots in segments than room",
     [](Meta &m) { m.part[1].coded = m.extent[1].slots + m.extent[2].slots + 1; }},
    {"codes in segments by an earlier codebook", [](Meta &m) { m.part[0].codebook = 3; }},
    {"generation 0", [](Meta &m) { m.part[0].generation = 0; }},
    {"a generation to come", [](Meta &m) { m.part[0].generation = 2; }},
    {"records on the metapage", [](Meta &m) { m.extent[0].record_block = 0; }},
    {"slab on the metapage", [](Meta &m) { m.extent[0].slab_block = 0; }},
    {"slab beyond the end", [](Meta &m) { m.extent[1].slab_block = m.end_block; }},
    {"records wrap around", [](Meta &m) { m.extent[1].record_block = UINT32_MAX; }},
    {"slab over its records", [](Meta &m) { m.extent[0].slab_block = m.extent[0].record_block; }},
    {"extent without slots", [](Meta &m) { m.extent[2].slots = 0; }},
    {"extent of all slots there are", [](Meta &m) { m.extent[2].slots = UINT32_MAX; }},
    {"extent whose blocks wrap around", wrap_an_extent},
    {"codes on the metapage", [](Meta &m) { m.extent[0].refine_block = 0; }},
    {"codes beyond the end", [](Meta &m) { m.extent[1].refine_block = m.end_block; }},
    {"codes over their records",
     [](Meta &m) { m.extent[0].refine_block = m.extent[0].record_block; }},
    {"codes over their slab", [](Meta &m) { m.extent[0].refine_block++; }},
    {"growth beyond the end", [](Meta &m) { m.growing.block++; }},
    {"growth on the metapage", [](Meta &m) { m.growing.block = 0; }},
    {"growth that no one has", [](Meta &m) { m.growing.blocks = 0; }},
    {"growth without room for a slot",
     [](Meta &m) {
         m.end_block -= m.growing.blocks - 1;
         m.growing.blocks = 1;
     }},
    {"growth with a block too many",  // 16000 float32: 37 blocks hold what 33 do
     [](Meta &m) {
         be_without_codes(m);
         m.dims = PGS_MAX_DIMS;
         m.storage = Storage::kF32;
         m.parts = m.extents = 0;
         m.growing = {1, 37};
         m.end_block = 38;
     }},
    {"no codebook", [](Meta &m) { m.codebook = {}; }},
    {"codebook 0", [](Meta &m) { m.codebook.id = 0; }},
    {"a codebook's id is to come", [](Meta &m) { m.codebook.id = m.next_id; }},
    {"a codebook with a part's id", [](Meta &m) { m.codebook.id = m.part[1].id; }},
    {"codebook without lists", [](Meta &m) { m.codebook.lists = 0; }},
    {"more lists than the codebook has room for", [](Meta &m) { m.codebook.lists += 1000; }},
    {"more lists than there may be", [](Meta &m) { m.codebook.lists = kMaxLists + 1; }},
    {"as many lists as there can be", [](Meta &m) { m.codebook.lists = UINT32_MAX; }},
    {"codebook of generation 0", [](Meta &m) { m.codebook.generation = 0; }},
    {"codebook of a generation to come", [](Meta &m) { m.codebook.generation = 2; }},
    {"codebook on the metapage", [](Meta &m) { m.codebook.run.block = 0; }},
    {"codebook beyond the end", [](Meta &m) { m.codebook.run.block = m.end_block; }},
    {"codebook without blocks", [](Meta &m) { m.codebook.run.blocks = 0; }},
    {"codebook with a block more", [](Meta &m) { m.codebook.run.blocks++; }},
    {"too many segments", [](Meta &m) { m.segments = kMaxSegments + 1; }},
    {"a segment less", [](Meta &m) { m.segments--; }},
    {"a segment more", [](Meta &m) { m.segments++; }},
    {"segment 0", [](Meta &m) { m.segment[0].id = 0; }},
    {"a segment's id is to come", [](Meta &m) { m.segment[0].id = m.next_id; }},
    {"a segment with a part's id", [](Meta &m) { m.segment[0].id = m.part[0].id; }},
    {"segment of generation 0", [](Meta &m) { m.segment[0].generation = 0; }},
    {"segment of a generation to come", [](Meta &m) { m.segment[0].generation = 2; }},
    {"segment on the metapage", [](Meta &m) { m.segment[0].block = 0; }},
    {"segment beyond the end", [](Meta &m) { m.segment[0].block = m.end_block; }},
    {"segment without a directory", [](Meta &m) { m.segment[0].directory_blocks = 0; }},
    {"segment with more of a directory",
     [](Meta &m) {
         m.segment[0].directory_blocks++;
         m.segment[0].list_blocks--;
     }},
    {"segment with a block more", [](Meta &m) { m.segment[0].list_blocks++; }},
    {"segment that wraps around", [](Meta &m) { m.segment[0].list_blocks = UINT32_MAX; }},
    {"segment without rows", [](Meta &m) { m.segment[0].rows = 0; }},
    {"segment with rows that need more blocks", [](Meta &m) { m.segment[0].rows += 100; }},
    {"segment with rows that need fewer", [](Meta &m) { m.segment[0].rows -= 100; }},
    {"segment with more rows than can be", [](Meta &m) { m.segment[0].rows += uint64_t{1} << 32; }},
    {"too many spare runs", [](Meta &m) { m.spares = kMaxSpares + 1; }},
    {"a spare run less", [](Meta &m) { m.spares--; }},
    {"a spare run more", [](Meta &m) { m.spares++; }},
    {"spare run on the metapage", [](Meta &m) { m.spare[0].run.block = 0; }},
    {"spare run beyond the end", [](Meta &m) { m.spare[0].run.block = m.end_block - 9; }},
    {"spare run that wraps around", [](Meta &m) { m.spare[0].run.block = UINT32_MAX; }},
    {"spare run with a block more", [](Meta &m) { m.spare[0].run.blocks++; }},
    {"spare run without blocks",
     [](Meta &m) {
         m.end_block -= m.spare[0].run.blocks;
         m.spare[0].run.blocks = 0;
     }},
    {"recall that is no number", [](Meta &m) { m.calibration.level[7].recall = NAN; }},
    {"recall above 1", [](Meta &m) { m.calibration.level[7].recall = 1.01f; }},
    {"recall below 0", [](Meta &m) { m.calibration.level[0].recall = -0.01f; }},
    {"recall that falls", [](Meta &m) { m.calibration.level[3].recall = 0.5f; }},
    {"reach that is infinite", [](Meta &m) { m.calibration.level[0].reach = INFINITY; }},
    {"reach that is no number", [](Meta &m) { m.calibration.level[0].reach = NAN; }},
    {"a spread that is no number", [](Meta &m) { m.trained.sum = NAN; }},
    {"an infinite spread", [](Meta &m) { m.coded.sum = INFINITY; }},
    {"a negative spread", [](Meta &m) { m.coded.sum = -1; }},
    {"negative deviations", [](Meta &m) { m.calibration.level[2].deviations = -1; }},
    {"infinite deviations", [](Meta &m) { m.calibration.level[2].deviations = INFINITY; }},
    {"negative work", [](Meta &m) { m.calibration.level[1].lists = -1; }},
    {"work that is no number", [](Meta &m) { m.calibration.level[1].codes = NAN; }},
    {"infinite work", [](Meta &m) { m.calibration.level[1].refined = INFINITY; }},
    {"more work than can be", [](Meta &m) { m.calibration.level[1].exact = 1e30f; }},
};

TEST(Meta, ALieWithAValidChecksumIsRefused) {
    for (const Lie &lie : kLies) {
        Page page = busy_meta();
        lie.tell(meta_of(page));
        seal_meta(page);
        EXPECT_EQ(check(page), lie.status) << lie.name;
    }
}

TEST(Meta, APageOfAnotherVersionIsUnsupportedWhateverItsChecksum) {
    Page page = busy_meta();
    page.slab.version = 2;
    EXPECT_EQ(check(page), PGS_UNSUPPORTED);
}

TEST(Meta, AZeroedPageIsCalledSo) {
    const Page page = {};
    PgsError error = {};
    EXPECT_EQ(check_meta(page, &error), PGS_CORRUPT);
    EXPECT_STREQ(error.detail, "the metapage is all zeros");
}

TEST(Meta, UnusedTableEntriesMayHoldNothingTheyNeedNot) {
    Page page = busy_meta();
    meta_of(page).extent[100] = {UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX};
    EXPECT_EQ(check(page), PGS_OK);  // behind what is used: part of the page's hole
}

TEST(Meta, TheWatermarkMayBeAnywhereUpToThePartsEnd) {
    Page page = busy_meta();
    Meta &meta = meta_of(page);
    const uint64_t room = uint64_t{meta.extent[1].slots} + meta.extent[2].slots;
    for (uint64_t coded : {uint64_t{0}, uint64_t{1}, uint64_t{meta.extent[1].slots}, room}) {
        meta.part[1].coded = coded;
        seal_meta(page);
        EXPECT_EQ(check(page), PGS_OK) << coded;
    }
    for (uint64_t coded : {0u, 500u, 1000u}) {
        meta.part[0].coded = coded;
        seal_meta(page);
        EXPECT_EQ(check(page), PGS_OK) << coded;
    }
    meta.part[0].codebook = 77;
    meta.part[0].coded = 0;
    seal_meta(page);
    EXPECT_EQ(check(page), PGS_OK);
}

// An address has room for them.
TEST(Meta, NoPartHasMoreSlotsThanAnAddressCanName) {
    EXPECT_LT(uint64_t{kMaxExtents} * UINT32_MAX, uint64_t{1} << kAddressSlotBits);
}

TEST(Meta, WhatIsBuiltIsCodedAndWhatIsInsertedIsNot) {
    const Page page = busy_meta();
    const Meta &meta = meta_of(page);
    EXPECT_EQ(meta.part[0].coded, 1000u);
    EXPECT_EQ(meta.part[1].coded, 0u);
    EXPECT_EQ(meta.part[0].codebook, meta.codebook.id);
    EXPECT_EQ(meta.part[1].codebook, meta.codebook.id);
    EXPECT_EQ(meta.segment[0].list_blocks, list_blocks(768, 1000));
}

TEST(Meta, AReservationIsTakenUpAgain) {
    Page page = busy_meta();
    const Page before = page;
    const PgsGrowth first = reserve(page);
    const PgsGrowth second = reserve(page);
    EXPECT_EQ(std::memcmp(&first, &second, sizeof first), 0);
    EXPECT_EQ(std::memcmp(&before, &page, sizeof page), 0);
    EXPECT_EQ(publish_growth(page, second, nullptr), PGS_OK);
    EXPECT_EQ(meta_of(page).growing.blocks, 0u);
    EXPECT_EQ(check(page), PGS_OK);
}

TEST(Meta, AGrowthContinuesTheOpenPart) {
    Page page = busy_meta();
    const PgsGrowth growth = reserve(page);
    const Meta &meta = meta_of(page);
    const SlotShape shape = slot_shape(meta);
    EXPECT_EQ(growth.part, 4u);  // after the codebook, the sealed part and its segment
    EXPECT_EQ(growth.generation, 1u);
    EXPECT_EQ(growth.first_block + growth.blocks, meta.end_block);
    EXPECT_EQ(growth.record_blocks, record_blocks(growth.slots));
    EXPECT_EQ(growth.refine_blocks, refine_blocks(growth.slots, shape.refine));
    EXPECT_EQ(growth.blocks, extent_blocks(growth.slots, shape));
    EXPECT_EQ(growth.record_sequence,
              record_blocks(meta.extent[1].slots) + record_blocks(meta.extent[2].slots));
    EXPECT_EQ(growth.slab_sequence, slab_blocks(meta.extent[1].slots, shape.item) +
                                        slab_blocks(meta.extent[2].slots, shape.item));
    EXPECT_EQ(growth.refine_sequence, refine_blocks(meta.extent[1].slots, shape.refine) +
                                          refine_blocks(meta.extent[2].slots, shape.refine));
}

TEST(Meta, OnlyTheReservedGrowthIsPublished) {
    Page page = busy_meta();
    const Page before = page;
    PgsGrowth growth = reserve(page);
    growth.slots--;
    EXPECT_EQ(publish_growth(page, growth, nullptr), PGS_MISUSE);
    EXPECT_EQ(std::memcmp(&before, &page, sizeof page), 0);
}

TEST(Meta, APublishedGrowthIsNotPublishedTwice) {
    Page page = busy_meta();
    const PgsGrowth growth = reserve(page);
    ASSERT_EQ(publish_growth(page, growth, nullptr), PGS_OK);
    EXPECT_EQ(publish_growth(page, growth, nullptr), PGS_MISUSE);
    EXPECT_EQ(check(page), PGS_OK);
}

TEST(Meta, AFullExtentTableIsReportedAndChangesNothing) {
    Page page;
    init_meta(page, plain_options(3, PGS_F32));
    for (uint32_t i = 0; i < kMaxExtents; i++) {
        grow(page);
        ASSERT_EQ(check(page), PGS_OK) << i << " extents";
    }
    const Page before = page;
    PgsGrowth growth;
    PgsError error = {};
    EXPECT_EQ(reserve_growth(page, growth, &error), PGS_FULL);
    EXPECT_EQ(error.block, kMetaBlock);
    EXPECT_EQ(std::memcmp(&before, &page, sizeof page), 0);
}

TEST(Meta, AFullPartTableIsReported) {
    Page page;
    init_meta(page, plain_options(3, PGS_F32));
    for (uint32_t i = 0; i < kMaxParts; i++) {
        add_part(page, 5);
    }
    ASSERT_EQ(check(page), PGS_OK);
    PgsGrowth growth;
    EXPECT_EQ(reserve_growth(page, growth, nullptr), PGS_FULL);
}

TEST(Meta, AnIndexThatHasNoIdLeftIsReportedAsFull) {
    Page page;
    init_meta(page, plain_options(3, PGS_F32));
    PgsGrowth growth;
    ASSERT_EQ(reserve_growth(page, growth, nullptr), PGS_OK);
    meta_of(page).next_id = kMaxPartId;
    seal_meta(page);
    ASSERT_EQ(check(page), PGS_OK);
    EXPECT_EQ(reserve_growth(page, growth, nullptr), PGS_FULL);
    meta_of(page).next_id = kMaxPartId - 1;
    seal_meta(page);
    ASSERT_EQ(reserve_growth(page, growth, nullptr), PGS_OK);
    ASSERT_EQ(publish_growth(page, growth, nullptr), PGS_OK);
    EXPECT_EQ(check(page), PGS_OK);
}

TEST(Meta, AReservationThatTheExtentTableHasNoRoomForIsReported) {
    Page page;
    init_meta(page, plain_options(3, PGS_F32));
    PgsGrowth growth;
    while (meta_of(page).extents < kMaxExtents) {
        ASSERT_EQ(reserve_growth(page, growth, nullptr), PGS_OK);
        ASSERT_EQ(publish_growth(page, growth, nullptr), PGS_OK);
    }
    // A page on which one more was reserved can be made, though not by this library.
    const uint32_t blocks = static_cast<uint32_t>(extent_blocks(100, slot_shape(meta_of(page))));
    meta_of(page).growing = {meta_of(page).end_block, blocks};
    meta_of(page).end_block += blocks;
    seal_meta(page);
    EXPECT_EQ(reserve_growth(page, growth, nullptr), PGS_FULL);
}

TEST(Meta, TheLargestRelationIsReportedAsSuch) {
    Page page;
    init_meta(page, plain_options(PGS_MAX_DIMS, PGS_F32));
    add_part(page, slots_fitting(kMaxBlocks - 7, slot_shape(meta_of(page))));
    ASSERT_EQ(check(page), PGS_OK);
    ASSERT_GT(meta_of(page).end_block, kMaxBlocks - 16);
    const Page before = page;
    PgsGrowth growth;
    EXPECT_EQ(reserve_growth(page, growth, nullptr), PGS_TOO_LARGE);
    EXPECT_EQ(std::memcmp(&before, &page, sizeof page), 0);
    EXPECT_EQ(check(page), PGS_OK);
}

// Every size a slot can have, from the first extent to well past where growth slows down.
TEST(Meta, GrowthIsBelievedAtEveryStepForEverySlotSize) {
    for (PgsStorage storage : {PGS_F16, PGS_F32}) {
        for (int bits : {0, 4, 8}) {
            const int most = static_cast<int>(most_dims(static_cast<uint32_t>(bits)));
            const int last = std::min(most, PGS_MAX_DIMS);
            for (int dims = 1; dims <= last; dims = dims < 64 ? dims * 2 : dims + 97) {
                Page page;
                init_meta(page, options(dims, storage, bits));
                set_codebook(page, 1, 1);
                for (int i = 0; i < 60; i++) {
                    reserve(page);
                    ASSERT_EQ(check(page), PGS_OK) << dims << " dims, reserved growth " << i;
                    grow(page);
                    ASSERT_EQ(check(page), PGS_OK) << dims << " dims, growth " << i;
                }
            }
        }
    }
}

TEST(Meta, ACalibrationIsKept) {
    Page page = busy_meta();
    Calibration calibration = {};
    calibration.queries = 100;
    calibration.rows = 1000;
    for (uint32_t i = 0; i < kLevels; i++) {
        calibration.level[i] = {static_cast<float>(i) / 7, -1, 2, 9, 1000, 100, 10, 0};
    }
    set_calibration(page, calibration);
    EXPECT_EQ(check(page), PGS_OK);
    EXPECT_EQ(std::memcmp(&meta_of(page).calibration, &calibration, sizeof calibration), 0);
}

TEST(Meta, IdentitiesFollowTheManifest) {
    const Page page = busy_meta();
    const Meta &meta = meta_of(page);
    int visited = 0;
    each_extent(meta, [&](const ExtentPlace &place) {
        const PageIdentity record = record_identity(place, 2);
        const PageIdentity slab = slab_identity(place, 2);
        EXPECT_EQ(record.block, place.extent.record_block + 2);
        EXPECT_EQ(slab.block, place.extent.slab_block + 2);
        EXPECT_EQ(record.kind, PageKind::kRecord);
        EXPECT_EQ(slab.kind, PageKind::kSlab);
        EXPECT_EQ(record.part, meta.part[place.part_number].id);
        EXPECT_EQ(slab.part, record.part);
        EXPECT_EQ(record.sequence, place.record_sequence + 2);
        EXPECT_EQ(slab.sequence, place.slab_sequence + 2);
        const PageIdentity refine = refine_identity(place, 2);
        EXPECT_EQ(refine.block, place.extent.refine_block + 2);
        EXPECT_EQ(refine.kind, PageKind::kRefine);
        EXPECT_EQ(refine.part, record.part);
        EXPECT_EQ(refine.sequence, place.refine_sequence + 2);
        visited++;
        return false;
    });
    EXPECT_EQ(visited, 3);

    const PageIdentity codebook = codebook_identity(meta, 1);
    EXPECT_EQ(codebook.block, 2u);
    EXPECT_EQ(codebook.kind, PageKind::kCodebook);
    EXPECT_EQ(codebook.part, 1u);
    EXPECT_EQ(codebook.sequence, 1u);
    const Segment &segment = meta.segment[0];
    const PageIdentity directory = directory_identity(segment, 0);
    EXPECT_EQ(directory.block, segment.block);
    EXPECT_EQ(directory.kind, PageKind::kDirectory);
    EXPECT_EQ(directory.part, 3u);
    const PageIdentity list = list_identity(segment, 3);
    EXPECT_EQ(list.block, segment.block + 1 + 3);  // after the directory's only page
    EXPECT_EQ(list.kind, PageKind::kList);
    EXPECT_EQ(list.sequence, 3u);
}

}  // namespace
}  // namespace pgslab
