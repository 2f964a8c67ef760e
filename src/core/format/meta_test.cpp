// The metapage: what is believed, what is refused, and how the open part grows.
#include "format/meta.h"

#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <string>

namespace pgslab {
namespace {

PgsOptions options(int dims = 768, PgsStorage storage = PGS_F16) {
    return {dims, PGS_L2, storage, "model", 3};
}

PgsGrowth reserve(Page &page) {
    PgsGrowth growth;
    EXPECT_EQ(reserve_growth(page, growth, nullptr), PGS_OK);
    return growth;
}

void grow(Page &page) {
    EXPECT_EQ(publish_growth(page, reserve(page), nullptr), PGS_OK);
}

// A sealed part, an open part of two extents, and a growth that a crash left.
Page busy_meta(int dims = 768, PgsStorage storage = PGS_F16) {
    Page page;
    init_meta(page, options(dims, storage));
    const uint32_t slabs = slab_blocks(1000, item_bytes(meta_of(page)));
    add_sealed_part(page, {1 + slabs, 1, 1000});
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
    init_meta(page, options());
    EXPECT_EQ(check(page), PGS_OK);
    EXPECT_EQ(meta_of(page).end_block, 1u);
    EXPECT_EQ(open_part(meta_of(page)), nullptr);
    EXPECT_STREQ(meta_of(page).embedder, "model");
    EXPECT_EQ(meta_of(page).revision, 3u);
}

TEST(Meta, TheLongestEmbedderNameIsKept) {
    const std::string name(PGS_MAX_EMBEDDER, 'e');
    PgsOptions o = options();
    o.embedder = name.c_str();
    Page page;
    init_meta(page, o);
    EXPECT_EQ(check(page), PGS_OK);
    EXPECT_EQ(meta_of(page).embedder, name);
}

TEST(Meta, ABusyIndexIsBelieved) {
    for (int dims : {1, 3, 31, 768, 2000, 16000}) {
        EXPECT_EQ(check(busy_meta(dims, PGS_F16)), PGS_OK) << dims;
        EXPECT_EQ(check(busy_meta(dims, PGS_F32)), PGS_OK) << dims;
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

void wrap_an_extent(Meta &meta) {
    meta.dims = PGS_MAX_DIMS;
    meta.storage = Storage::kF32;
    meta.parts = meta.extents = 1;
    meta.growing = {};
    meta.extent[0].slots = kWrappingSlots;
    meta.extent[0].slab_block = 1;
    meta.extent[0].record_block = 1 + slab_blocks(kWrappingSlots, item_bytes(meta));
    meta.end_block = meta.extent[0].record_block + record_blocks(kWrappingSlots);
}

void be_empty_without_generation(Meta &meta) {
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
    {"code bits", [](Meta &m) { m.code_bits = 1; }},
    {"endless name", [](Meta &m) { std::memset(m.embedder, 'x', kEmbedderBytes); }},
    {"end too early", [](Meta &m) { m.end_block--; }},
    {"end too late", [](Meta &m) { m.end_block++; }},
    {"no blocks", [](Meta &m) { m.end_block = 0; }},
    {"no generation", be_empty_without_generation},
    {"no part that can be next", [](Meta &m) { m.next_part = 0; }},
    {"a part's id is to come", [](Meta &m) { m.next_part = 2; }},
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
    {"generation 0", [](Meta &m) { m.part[0].generation = 0; }},
    {"a generation to come", [](Meta &m) { m.part[0].generation = 2; }},
    {"records on the metapage", [](Meta &m) { m.extent[0].record_block = 0; }},
    {"slab on the metapage", [](Meta &m) { m.extent[0].slab_block = 0; }},
    {"slab beyond the end", [](Meta &m) { m.extent[1].slab_block = m.end_block; }},
    {"records wrap around", [](Meta &m) { m.extent[1].record_block = UINT32_MAX; }},
    {"slab over its records", [](Meta &m) { m.extent[0].slab_block++; }},
    {"extent without slots", [](Meta &m) { m.extent[2].slots = 0; }},
    {"extent of all slots there are", [](Meta &m) { m.extent[2].slots = UINT32_MAX; }},
    {"extent whose blocks wrap around", wrap_an_extent},
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
         m.dims = PGS_MAX_DIMS;
         m.storage = Storage::kF32;
         m.parts = m.extents = 0;
         m.growing = {1, 37};
         m.end_block = 38;
     }},
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
    meta_of(page).extent[100] = {UINT32_MAX, UINT32_MAX, UINT32_MAX};
    EXPECT_EQ(check(page), PGS_OK);  // behind what is used: part of the page's hole
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
    const uint32_t item = item_bytes(meta);
    EXPECT_EQ(growth.part, 2u);
    EXPECT_EQ(growth.generation, 1u);
    EXPECT_EQ(growth.first_block + growth.blocks, meta.end_block);
    EXPECT_EQ(growth.record_blocks, record_blocks(growth.slots));
    EXPECT_EQ(growth.blocks, extent_blocks(growth.slots, item));
    EXPECT_EQ(growth.record_sequence,
              record_blocks(meta.extent[1].slots) + record_blocks(meta.extent[2].slots));
    EXPECT_EQ(growth.slab_sequence,
              slab_blocks(meta.extent[1].slots, item) + slab_blocks(meta.extent[2].slots, item));
}

TEST(Meta, OnlyTheReservedGrowthIsPublished) {
    Page page = busy_meta();
    const Page before = page;
    PgsGrowth growth = reserve(page);
    growth.slots--;
    EXPECT_EQ(publish_growth(page, growth, nullptr), PGS_CORRUPT);
    EXPECT_EQ(std::memcmp(&before, &page, sizeof page), 0);
}

TEST(Meta, APublishedGrowthIsNotPublishedTwice) {
    Page page = busy_meta();
    const PgsGrowth growth = reserve(page);
    ASSERT_EQ(publish_growth(page, growth, nullptr), PGS_OK);
    EXPECT_EQ(publish_growth(page, growth, nullptr), PGS_CORRUPT);
    EXPECT_EQ(check(page), PGS_OK);
}

TEST(Meta, AFullExtentTableIsReportedAndChangesNothing) {
    Page page;
    init_meta(page, options(3, PGS_F32));
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
    init_meta(page, options(3, PGS_F32));
    for (uint32_t i = 0; i < kMaxParts; i++) {
        const uint32_t end = meta_of(page).end_block;
        add_sealed_part(page, {end, end + 1, 5});
    }
    ASSERT_EQ(check(page), PGS_OK);
    PgsGrowth growth;
    EXPECT_EQ(reserve_growth(page, growth, nullptr), PGS_FULL);
}

TEST(Meta, AnIndexThatHasNoPartIdLeftIsReportedAsFull) {
    Page page;
    init_meta(page, options(3, PGS_F32));
    PgsGrowth growth;
    ASSERT_EQ(reserve_growth(page, growth, nullptr), PGS_OK);
    meta_of(page).next_part = UINT32_MAX;
    seal_meta(page);
    ASSERT_EQ(check(page), PGS_OK);
    EXPECT_EQ(reserve_growth(page, growth, nullptr), PGS_FULL);
    meta_of(page).next_part = UINT32_MAX - 1;
    seal_meta(page);
    ASSERT_EQ(reserve_growth(page, growth, nullptr), PGS_OK);
    ASSERT_EQ(publish_growth(page, growth, nullptr), PGS_OK);
    EXPECT_EQ(check(page), PGS_OK);
}

TEST(Meta, AReservationThatTheExtentTableHasNoRoomForIsReported) {
    Page page;
    init_meta(page, options(3, PGS_F32));
    PgsGrowth growth;
    while (meta_of(page).extents < kMaxExtents) {
        ASSERT_EQ(reserve_growth(page, growth, nullptr), PGS_OK);
        ASSERT_EQ(publish_growth(page, growth, nullptr), PGS_OK);
    }
    // A page on which one more was reserved can be made, though not by this library.
    const uint32_t blocks = extent_blocks(100, item_bytes(meta_of(page)));
    meta_of(page).growing = {meta_of(page).end_block, blocks};
    meta_of(page).end_block += blocks;
    seal_meta(page);
    EXPECT_EQ(reserve_growth(page, growth, nullptr), PGS_FULL);
}

TEST(Meta, TheLargestRelationIsReportedAsFull) {
    Page page;
    init_meta(page, options(PGS_MAX_DIMS, PGS_F32));
    const uint32_t slots = slots_fitting(kMaxBlocks - 7, item_bytes(meta_of(page)));
    const uint32_t records = record_blocks(slots);
    add_sealed_part(page, {1, 1 + records, slots});
    ASSERT_EQ(check(page), PGS_OK);
    ASSERT_GT(meta_of(page).end_block, kMaxBlocks - 16);
    PgsGrowth growth;
    EXPECT_EQ(reserve_growth(page, growth, nullptr), PGS_FULL);
    EXPECT_EQ(check(page), PGS_OK);
}

// Every size an item can have, from the first extent to well past where growth slows down.
TEST(Meta, GrowthIsBelievedAtEveryStepForEveryItemSize) {
    for (PgsStorage storage : {PGS_F16, PGS_F32}) {
        for (int dims = 1; dims <= PGS_MAX_DIMS; dims = dims < 64 ? dims * 2 : dims + 97) {
            Page page;
            init_meta(page, options(dims, storage));
            for (int i = 0; i < 60; i++) {
                reserve(page);
                ASSERT_EQ(check(page), PGS_OK) << dims << " dims, reserved growth " << i;
                grow(page);
                ASSERT_EQ(check(page), PGS_OK) << dims << " dims, growth " << i;
            }
        }
    }
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
        visited++;
        return false;
    });
    EXPECT_EQ(visited, 3);
}

}  // namespace
}  // namespace pgslab
