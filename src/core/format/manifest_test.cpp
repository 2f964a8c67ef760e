// Whatever maintenance does to the metapage, it can be believed afterwards, every block has one
// owner, and where something has no room nothing is changed.
#include "format/manifest.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "format/layout.h"
#include "format/meta.h"

namespace pgslab {
namespace {

constexpr uint32_t kLists = 9;

PgsOptions options(int dims = 100) {
    return {dims, PGS_L2, PGS_F16, "", 0, 4};
}

// Who owns each block, as text; fails where two do or nobody does.
void expect_one_owner(const Meta &meta) {
    std::vector<std::string> owner(meta.end_block);
    auto claim = [&](const char *who, uint64_t block, uint64_t blocks) {
        for (uint64_t b = block; b < block + blocks; b++) {
            ASSERT_LT(b, meta.end_block) << who;
            ASSERT_EQ(owner[b], "") << who << ", block " << b;
            owner[b] = who;
        }
    };
    const SlotShape shape = slot_shape(meta);
    claim("metapage", 0, 1);
    claim("growing", meta.growing.block, meta.growing.blocks);
    claim("codebook", meta.codebook.run.block, meta.codebook.run.blocks);
    for (uint32_t i = 0; i < meta.segments; i++) {
        const Segment &segment = meta.segment[i];
        claim("segment", segment.block, segment.directory_blocks + segment.list_blocks);
    }
    for (uint32_t e = 0; e < meta.extents; e++) {
        const Extent &extent = meta.extent[e];
        claim("records", extent.record_block, record_blocks(extent.slots));
        claim("codes", extent.refine_block, refine_blocks(extent.slots, shape.refine));
        claim("slab", extent.slab_block, slab_blocks(extent.slots, shape.item));
    }
    for (uint32_t i = 0; i < meta.spares; i++) {
        claim("spare", meta.spare[i].run.block, meta.spare[i].run.blocks);
    }
    EXPECT_EQ(std::count(owner.begin(), owner.end(), ""), 0);
}

// In the order of their blocks, and neighbours of the same time as one.
void expect_spares_in_order(const Meta &meta) {
    for (uint32_t i = 1; i < meta.spares; i++) {
        const Spare &a = meta.spare[i - 1];
        const Spare &b = meta.spare[i];
        ASSERT_LT(a.run.block, b.run.block);
        ASSERT_FALSE(a.since == b.since && a.since != kWorking &&
                     a.run.block + a.run.blocks == b.run.block)
            << "neighbours " << i - 1 << " and " << i;
    }
}

void expect_sound(const Page &page) {
    PgsError error = {};
    ASSERT_EQ(check_meta(page, &error), PGS_OK) << error.detail;
    expect_one_owner(meta_of(page));
    expect_spares_in_order(meta_of(page));
}

uint64_t capacity_of(const Meta &meta, uint32_t part) {
    uint64_t capacity = 0;
    each_extent(meta, [&](const ExtentPlace &place) {
        capacity += place.part_number == part ? place.extent.slots : 0;
        return false;
    });
    return capacity;
}

// A codebook, parts of extents of so many slots and a segment; 0 leaves one out.
struct Wanted {
    uint32_t lists;
    uint32_t slots;
    uint32_t rows;
    uint32_t parts = slots == 0 ? 0 : 1;
    uint32_t extents = 1;  // of each part, of so many slots each
};

uint32_t blocks_for(const Meta &meta, const Wanted &wanted) {
    uint64_t blocks = wanted.lists == 0 ? 0 : codebook_blocks(meta.dims, wanted.lists);
    blocks += wanted.parts * wanted.extents * extent_blocks(wanted.slots, slot_shape(meta));
    const uint32_t lists = wanted.lists == 0 ? meta.codebook.lists : wanted.lists;
    blocks += wanted.rows == 0 ? 0 : directory_blocks(lists) + list_blocks(meta.dims, wanted.rows);
    return static_cast<uint32_t>(blocks);
}

// Their description, one after the other from the run's beginning.
Replacement described(const Meta &meta, const Reservation &reserved, const Wanted &wanted) {
    Replacement made = {};
    made.runs = 1;
    made.run[0] = reserved.run;
    made.used[0] = blocks_for(meta, wanted);
    uint32_t block = reserved.run.block;
    uint32_t id = reserved.first_id;
    const SlotShape shape = slot_shape(meta);
    const uint32_t lists = wanted.lists == 0 ? meta.codebook.lists : wanted.lists;
    const uint32_t codebook_id = wanted.lists == 0 ? meta.codebook.id : id;
    if (wanted.lists != 0) {
        const uint32_t blocks = codebook_blocks(meta.dims, wanted.lists);
        made.codebook = {id++, wanted.lists, {block, blocks}, 1000 + id, reserved.generation};
        block += blocks;
    }
    for (uint32_t i = 0; i < wanted.parts; i++) {
        const uint64_t slots = uint64_t{wanted.slots} * wanted.extents;
        made.part[i] = {id++,
                        PartState::kSealed,
                        static_cast<uint16_t>(wanted.extents),
                        reserved.generation,
                        slots,
                        0,
                        slots,
                        codebook_id,
                        0};
        for (uint32_t e = i * wanted.extents; e < (i + 1) * wanted.extents; e++) {
            const uint32_t refine = block + record_blocks(wanted.slots);
            const uint32_t slab = refine + refine_blocks(wanted.slots, shape.refine);
            made.extent[e] = {block, slab, shape.refine == 0 ? 0 : refine, wanted.slots};
            block = slab + slab_blocks(wanted.slots, shape.item);
        }
    }
    made.new_parts = wanted.parts;
    if (wanted.rows != 0) {
        made.segment = {id,
                        block,
                        directory_blocks(lists),
                        list_blocks(meta.dims, wanted.rows),
                        reserved.generation,
                        wanted.rows};
    }
    return made;
}

// The same on two runs: parts on one, what refers to them on the other.
Replacement described(const Meta &meta, const Reservation &for_parts, const Wanted &parts,
                      const Reservation &for_codes, const Wanted &codes) {
    Replacement made = described(meta, for_parts, parts);
    const Replacement others = described(meta, for_codes, codes);
    made.run[made.runs] = others.run[0];
    made.used[made.runs++] = others.used[0];
    made.codebook = others.codebook;
    made.segment = others.segment;
    for (uint32_t i = 0; i < made.new_parts && made.codebook.id != 0; i++) {
        made.part[i].codebook = made.codebook.id;
    }
    return made;
}

void grow(Page &page) {
    PgsGrowth growth;
    ASSERT_EQ(reserve_growth(page, growth, nullptr), PGS_OK);
    ASSERT_EQ(publish_growth(page, growth, nullptr), PGS_OK);
}

Page begun(const PgsOptions &with = options()) {
    Page page;
    init_meta(page, with);
    if (meta_of(page).code_bits != 0) {
        set_codebook(page, kLists, 1);
    }
    return page;
}

Reservation reserve(Page &page, uint32_t blocks, uint32_t ids = 3) {
    Reservation reserved = {};
    PgsError error = {};
    EXPECT_EQ(reserve_run(page, blocks, ids, reserved, &error), PGS_OK) << error.detail;
    return reserved;
}

// Publishes what is wanted on a run of its own, in the place of nothing.
void publish(Page &page, const Wanted &wanted) {
    const Reservation reserved = reserve(page, blocks_for(meta_of(page), wanted));
    const Replacement made = described(meta_of(page), reserved, wanted);
    PgsError error = {};
    ASSERT_EQ(publish_replacement(page, made, 1, &error), PGS_OK) << error.detail;
}

// ---- reservations

TEST(Manifest, AReservationAtTheEndExtendsTheIndex) {
    Page page = begun();
    grow(page);
    const Meta before = meta_of(page);
    const Reservation reserved = reserve(page, 77, 5);
    EXPECT_EQ(reserved.run.block, before.end_block);
    EXPECT_EQ(reserved.run.blocks, 77u);
    EXPECT_EQ(reserved.first_id, before.next_id);
    EXPECT_EQ(reserved.generation, before.generation);
    EXPECT_EQ(meta_of(page).end_block, before.end_block + 77);
    EXPECT_EQ(meta_of(page).next_id, before.next_id + 5);
    expect_sound(page);
}

// Free runs of these lengths, one block of work apart, behind them another.
Page with_free_runs(const std::vector<uint32_t> &lengths) {
    Page page = begun();
    Meta &meta = meta_of(page);
    for (uint32_t n : lengths) {
        meta.spare[meta.spares++] = {{meta.end_block, n}, kFree};
        meta.spare[meta.spares++] = {{meta.end_block + n, 1}, 999};
        meta.end_block += n + 1;
    }
    seal_meta(page);
    return page;
}

TEST(Manifest, AReservationTakesTheSmallestFreeRunThatIsLargeEnough) {
    const std::vector<uint32_t> lengths = {10, 40, 20, 30, 20};
    for (uint32_t wanted : {1u, 10u, 11u, 20u, 21u, 30u, 31u, 40u}) {
        Page page = with_free_runs(lengths);
        expect_sound(page);
        const Meta before = meta_of(page);
        const Reservation reserved = reserve(page, wanted);
        expect_sound(page);
        EXPECT_EQ(meta_of(page).end_block, before.end_block);
        uint32_t best = 0;
        for (uint32_t i = 0; i < before.spares; i++) {
            const auto &run = before.spare[i].run;
            if (run.block == reserved.run.block) {
                best = run.blocks;
            }
        }
        EXPECT_EQ(best, (wanted + 9) / 10 * 10) << wanted;
    }
    Page page = with_free_runs(lengths);
    const uint32_t end = meta_of(page).end_block;
    EXPECT_EQ(reserve(page, 41).run.block, end);
    expect_sound(page);
}

TEST(Manifest, AFreeRunAtTheEndIsExtended) {
    Page page = begun();
    Meta &meta = meta_of(page);
    const uint32_t begin = meta.end_block;
    meta.spare[meta.spares++] = {{begin, 30}, kFree};
    meta.end_block += 30;
    seal_meta(page);
    const Reservation reserved = reserve(page, 100);
    EXPECT_EQ(reserved.run.block, begin);
    EXPECT_EQ(meta.end_block, begin + 100);
    expect_sound(page);
    // Nor one that may still be read.
    meta.spare[0].since = 5;
    seal_meta(page);
    EXPECT_EQ(reserve(page, 10).run.block, begin + 100);
    expect_sound(page);
}

TEST(Manifest, ARunThatMayStillBeReadIsNotReserved) {
    Page page = begun();
    Meta &meta = meta_of(page);
    for (uint64_t since : {uint64_t{3}, uint64_t{1} << 40, kWorking}) {
        meta.spare[meta.spares++] = {{meta.end_block, 50}, since};
        meta.end_block += 50;
    }
    seal_meta(page);
    const uint32_t end = meta.end_block;
    EXPECT_EQ(reserve(page, 20).run.block, end);
}

template <typename Change>
void expect_full(Page page, Change change, const char *what) {
    ASSERT_EQ(check_meta(page, nullptr), PGS_OK) << what;
    const Page before = page;
    PgsError error = {};
    EXPECT_EQ(change(page, &error), PGS_FULL) << what;
    EXPECT_EQ(error.block, kMetaBlock) << what;
    EXPECT_STRNE(error.detail, "") << what;
    EXPECT_EQ(std::memcmp(&before, &page, sizeof page), 0) << what;
}

TEST(Manifest, AReservationWithoutRoomIsReportedAndChangesNothing) {
    Page page = begun();
    Reservation reserved;
    const auto reserve_of = [&](uint32_t blocks, uint32_t ids) {
        return [&reserved, blocks, ids](Page &p, PgsError *error) {
            return reserve_run(p, blocks, ids, reserved, error);
        };
    };
    expect_full(page, reserve_of(kMaxBlocks, 1), "blocks");
    expect_full(page, reserve_of(10, kMaxPartId), "ids");
    // Nor with a free run at the end.
    Page free_end = page;
    Meta &meta = meta_of(free_end);
    meta.spare[meta.spares++] = {{meta.end_block, 30}, kFree};
    meta.end_block += 30;
    seal_meta(free_end);
    expect_full(free_end, reserve_of(kMaxBlocks, 1), "blocks behind a free run");
    expect_full(with_free_runs(std::vector<uint32_t>(kMaxSpares / 2, 5)), reserve_of(2, 1),
                "spare runs");
    expect_full(with_free_runs(std::vector<uint32_t>(kMaxSpares / 2, 5)), reserve_of(6, 1),
                "spare runs, at the end");
}

// ---- what is given up

TEST(Manifest, RunsAreFreedOnceNobodyReadsThem) {
    Page page = begun();
    Meta &meta = meta_of(page);
    const uint32_t begin = meta.end_block;
    const uint64_t since[] = {50, kFree, 60, 70, kWorking};
    for (uint64_t s : since) {
        meta.spare[meta.spares++] = {{meta.end_block, 10}, s};
        meta.end_block += 10;
    }
    seal_meta(page);
    EXPECT_TRUE(reclaim_runs(page, 51));
    expect_sound(page);
    // The first two as one, and what was being written.
    ASSERT_EQ(meta.spares, 4u);
    EXPECT_EQ(meta.spare[0].run.blocks, 20u);
    EXPECT_EQ(meta.spare[0].since, kFree);
    EXPECT_EQ(meta.spare[1].since, 60u);
    EXPECT_EQ(meta.spare[3].since, kFree);
    EXPECT_FALSE(reclaim_runs(page, 60)) << "who began before 60 may read it";
    EXPECT_TRUE(reclaim_runs(page, 1000));
    expect_sound(page);
    ASSERT_EQ(meta.spares, 1u);
    EXPECT_EQ(meta.spare[0].run.block, begin);
    EXPECT_EQ(meta.spare[0].run.blocks, 50u);
    EXPECT_EQ(cut_end(page), begin);
    EXPECT_EQ(meta.end_block, begin);
    EXPECT_EQ(meta.spares, 0u);
    expect_sound(page);
    EXPECT_EQ(cut_end(page), begin);
}

TEST(Manifest, TheEndIsNotCutBeforeWhatMayBeRead) {
    Page page = with_free_runs({10});
    const uint32_t end = meta_of(page).end_block;
    EXPECT_EQ(cut_end(page), end);
    expect_sound(page);
}

// At most what it asks for, and not one that is much too small.
TEST(Manifest, AGrowthTakesAFreeRun) {
    const SlotShape shape = slot_shape(meta_of(begun()));
    const uint32_t wanted = growth_blocks(0, 0, shape);
    for (uint32_t n : {1u, wanted - 1, wanted, wanted + 1, 1000u}) {
        Page page = with_free_runs({n});
        const Meta before = meta_of(page);
        grow(page);
        expect_sound(page);
        EXPECT_EQ(meta_of(page).end_block == before.end_block, n >= wanted) << n;
        EXPECT_EQ(meta_of(page).extent[0].record_block == before.spare[0].run.block, n >= wanted);
        EXPECT_EQ(extent_blocks(meta_of(page).extent[0].slots, shape), wanted);
    }
}

TEST(Manifest, AClosedPartIsSealedAndTheNextGrowthOpensAnother) {
    Page page = begun();
    grow(page);
    grow(page);
    const Meta before = meta_of(page);
    close_open_part(page, before.extent[0].slots + 3);
    expect_sound(page);
    EXPECT_EQ(open_part(meta_of(page)), nullptr);
    EXPECT_EQ(meta_of(page).part[0].slots, before.extent[0].slots + 3u);
    EXPECT_EQ(meta_of(page).generation, before.generation + 1);
    grow(page);
    expect_sound(page);
    const Meta &meta = meta_of(page);
    ASSERT_EQ(meta.parts, 2u);
    EXPECT_EQ(open_part(meta), &meta.part[1]);
    EXPECT_EQ(meta.part[1].id, before.next_id);
    EXPECT_EQ(meta.part[1].generation, meta.generation);
}

// ---- publishing

TEST(Manifest, APublishedPartComesBeforeTheOpenOne) {
    Page page = begun();
    publish(page, {0, 500, 500});
    grow(page);
    grow(page);
    const Meta before = meta_of(page);
    publish(page, {0, 300, 0});
    expect_sound(page);
    const Meta &meta = meta_of(page);
    ASSERT_EQ(meta.parts, 3u);
    EXPECT_EQ(meta.part[1].slots, 300u);
    EXPECT_EQ(meta.part[2].id, before.part[1].id);
    EXPECT_EQ(meta.extent[1].slots, 300u);
    EXPECT_EQ(std::memcmp(meta.extent + 2, before.extent + 1, 2 * sizeof(Extent)), 0);
    EXPECT_EQ(meta.generation, before.generation + 1);
}

TEST(Manifest, SeveralPartsArePublishedInTheirOrder) {
    Page page = begun();
    grow(page);
    const uint32_t open = meta_of(page).part[0].id;
    const Wanted wanted = {0, 300, 900, 3};
    const Reservation reserved = reserve(page, blocks_for(meta_of(page), wanted), 4);
    const Replacement made = described(meta_of(page), reserved, wanted);
    ASSERT_EQ(publish_replacement(page, made, 9, nullptr), PGS_OK);
    expect_sound(page);
    const Meta &meta = meta_of(page);
    ASSERT_EQ(meta.parts, 4u);
    for (uint32_t i = 0; i < 3; i++) {
        EXPECT_EQ(meta.part[i].id, made.part[i].id);
        EXPECT_EQ(meta.extent[i].slab_block, made.extent[i].slab_block);
    }
    EXPECT_EQ(meta.part[3].id, open);
}

TEST(Manifest, APartMayLieInSeveralExtents) {
    Page page = begun();
    publish(page, {0, 500, 500});
    grow(page);
    const Meta before = meta_of(page);
    const Wanted parts = {0, 200, 0, 2, 3};
    const Wanted codes = {0, 0, 1200};
    const Reservation a = reserve(page, blocks_for(before, parts));
    const Reservation b = reserve(page, blocks_for(before, codes) + 4);
    const Replacement made = described(meta_of(page), a, parts, b, codes);
    ASSERT_EQ(publish_replacement(page, made, 9, nullptr), PGS_OK);
    expect_sound(page);
    const Meta &meta = meta_of(page);
    ASSERT_EQ(meta.parts, 4u);
    ASSERT_EQ(meta.extents, 8u);
    EXPECT_EQ(std::memcmp(meta.extent + 1, made.extent, 6 * sizeof(Extent)), 0);
    EXPECT_EQ(meta.extent[7].slab_block, before.extent[1].slab_block);
    EXPECT_EQ(meta.part[1].slots, 600u);
    ASSERT_EQ(meta.spares, 1u);
    EXPECT_EQ(meta.spare[0].run.blocks, 4u);
}

TEST(Manifest, AShorterFreeRunDoesWhereItMay) {
    for (uint32_t least : {1u, 20u, 40u, 41u}) {
        Page page = with_free_runs({10, 40, 20});
        const Meta before = meta_of(page);
        Reservation reserved = {};
        ASSERT_EQ(reserve_some(page, least, 100, 1, reserved, nullptr), PGS_OK);
        expect_sound(page);
        EXPECT_EQ(reserved.run.blocks, least <= 40 ? 40u : 100u) << least;
        EXPECT_EQ(meta_of(page).end_block == before.end_block, least <= 40) << least;
    }
    // Not where one is long enough.
    Page page = with_free_runs({10, 40, 20});
    Reservation reserved = {};
    ASSERT_EQ(reserve_some(page, 1, 15, 1, reserved, nullptr), PGS_OK);
    EXPECT_EQ(reserved.run.blocks, 15u);
}

TEST(Manifest, WhatWasReservedForNothingIsFree) {
    Page page = begun();
    const Wanted wanted = {0, 0, 100};
    const Reservation reserved = reserve(page, blocks_for(meta_of(page), wanted) + 25);
    ASSERT_EQ(publish_replacement(page, described(meta_of(page), reserved, wanted), 9, nullptr),
              PGS_OK);
    expect_sound(page);
    ASSERT_EQ(meta_of(page).spares, 1u);
    EXPECT_EQ(meta_of(page).spare[0].run.blocks, 25u);
    EXPECT_EQ(meta_of(page).spare[0].since, kFree);
}

// Such as when all rows of a part are dead.
TEST(Manifest, APartCanGoWithoutAnotherInItsPlace) {
    Page page = begun();
    publish(page, {0, 500, 500});
    Replacement gone = {};
    gone.parts = gone.segments = 1;
    gone.part_id[0] = meta_of(page).part[0].id;
    gone.segment_id[0] = meta_of(page).segment[0].id;
    ASSERT_EQ(publish_replacement(page, gone, 77, nullptr), PGS_OK);
    expect_sound(page);
    EXPECT_EQ(meta_of(page).parts, 0u);
    EXPECT_EQ(meta_of(page).segments, 0u);
    ASSERT_EQ(meta_of(page).spares, 1u) << "all of one time, side by side";
    EXPECT_EQ(meta_of(page).spare[0].since, 77u);
}

TEST(Manifest, PartsOfAnEarlierCodebookAreNoLongerCoded) {
    Page page = begun();
    publish(page, {0, 500, 500});
    publish(page, {0, 200, 200});
    grow(page);
    const Meta before = meta_of(page);
    const Wanted wanted = {5, 200, 200};
    const Reservation reserved = reserve(page, blocks_for(before, wanted));
    Replacement made = described(before, reserved, wanted);
    made.parts = 1;
    made.part_id[0] = before.part[1].id;
    made.segments = 2;
    made.segment_id[0] = before.segment[0].id;
    made.segment_id[1] = before.segment[1].id;
    made.code_bytes = 12;
    made.vector_bytes = 34;
    ASSERT_EQ(publish_replacement(page, made, 9, nullptr), PGS_OK);
    expect_sound(page);
    const Meta &meta = meta_of(page);
    EXPECT_EQ(meta.codebook.id, reserved.first_id);
    EXPECT_EQ(meta.codebook.lists, 5u);
    EXPECT_EQ(meta.part[0].coded, 0u);
    EXPECT_EQ(meta.part[0].codebook, before.codebook.id);
    EXPECT_EQ(meta.part[1].coded, 200u);
    EXPECT_EQ(meta.part[1].codebook, meta.codebook.id);
    EXPECT_EQ(meta.part[2].coded, 0u);
    EXPECT_EQ(meta.code_bytes_written, before.code_bytes_written + 12);
    EXPECT_EQ(meta.vector_bytes_written, before.vector_bytes_written + 34);
}

TEST(Manifest, PublishingWithoutRoomIsReportedAndChangesNothing) {
    const auto publish_of = [](const Replacement &made) {
        return [made](Page &page, PgsError *error) {
            return publish_replacement(page, made, 9, error);
        };
    };
    const auto expect_no_room = [&](Page page, const Wanted &wanted, const char *what) {
        const Reservation reserved = reserve(page, blocks_for(meta_of(page), wanted));
        const Replacement made = described(meta_of(page), reserved, wanted);
        expect_full(page, publish_of(made), what);
    };
    Page page = begun();
    for (uint32_t i = 0; i < kMaxSegments; i++) {
        publish(page, {0, 0, 10});
    }
    expect_no_room(page, {0, 0, 10}, "segments");
    // In another's place there is room.
    Reservation reserved = reserve(page, blocks_for(meta_of(page), {0, 0, 10}));
    Replacement made = described(meta_of(page), reserved, {0, 0, 10});
    made.segments = 1;
    made.segment_id[0] = meta_of(page).segment[3].id;
    EXPECT_EQ(publish_replacement(page, made, 9, nullptr), PGS_OK);
    expect_sound(page);

    page = begun();
    for (uint32_t i = 0; i < kMaxParts; i++) {
        publish(page, {0, 10, 0});
    }
    expect_no_room(page, {0, 10, 0}, "parts");

    page = begun({3, PGS_L1, PGS_F32, "", 0, 0});
    while (meta_of(page).extents < kMaxExtents) {
        grow(page);
    }
    expect_no_room(page, {0, 10, 0}, "extents");

    // Parts far apart from one another, and no room to remember where they were.
    page = begun();
    for (uint32_t i = 0; i < 4; i++) {
        publish(page, {0, 10, 0});
        Meta &meta = meta_of(page);
        while (meta.spares < (i + 1) * kMaxSpares / 4) {
            meta.spare[meta.spares] = {{meta.end_block, 1}, 100u + meta.spares};
            meta.spares++;
            meta.end_block++;
        }
        seal_meta(page);
    }
    expect_sound(page);
    made = {};
    made.parts = 1;
    made.part_id[0] = meta_of(page).part[2].id;
    expect_full(page, publish_of(made), "spare runs");
}

TEST(Manifest, WhatIsNotThereIsNotReplaced) {
    Page page = begun();
    publish(page, {0, 500, 500});
    const Page before = page;
    Replacement made = {};
    made.parts = 1;
    made.part_id[0] = meta_of(page).segment[0].id;
    EXPECT_NE(publish_replacement(page, made, 9, nullptr), PGS_OK);
    made = {};
    made.segments = 1;
    made.segment_id[0] = meta_of(page).part[0].id;
    EXPECT_NE(publish_replacement(page, made, 9, nullptr), PGS_OK);
    made = described(meta_of(page), {{1, 100}, 50, 1}, {0, 100, 0});  // never reserved
    EXPECT_NE(publish_replacement(page, made, 9, nullptr), PGS_OK);
    EXPECT_EQ(std::memcmp(&before, &page, sizeof page), 0);
}

// ---- anything, in any order

class Life {
  public:
    Life(uint32_t seed, const PgsOptions &with)
        : random_(seed), thrift_(3 + seed % 3 * 15), page_(begun(with)) {}

    const Page &page() const { return page_; }
    uint32_t refused() const { return refused_; }

    void step() {
        switch (random_() % 10) {
            case 0:
            case 1:
                return grow_open();
            case 2:
                return close();
            case 3:
                return abandon();
            case 4:
                xid_ += random_() % 5;
                reclaim_runs(page_, xid_ - random_() % 20);
                return;
            case 5:
                cut_end(page_);
                return;
            default:
                return replace();
        }
    }

  private:
    const Meta &meta() const { return meta_of(page_); }

    // A growth that a crash cut off is taken up by the next.
    void grow_open() {
        PgsGrowth growth;
        const Page before = page_;
        if (reserve_growth(page_, growth, nullptr) == PGS_FULL) {
            return refuse(before);
        }
        if (random_() % 4 != 0) {
            ASSERT_EQ(publish_growth(page_, growth, nullptr), PGS_OK);
        }
    }

    void close() {
        if (open_part(meta()) != nullptr) {
            const uint32_t last = meta().parts - 1u;
            const uint64_t coded = meta().part[last].coded;
            close_open_part(page_, coded + random_() % (capacity_of(meta(), last) - coded + 1));
        }
    }

    bool reserve_checked(uint32_t blocks, Reservation &reserved) {
        const Page before = page_;
        uint32_t best = UINT32_MAX;
        for (uint32_t i = 0; i < meta().spares; i++) {
            const Spare &spare = meta().spare[i];
            if (spare.since == kFree && spare.run.blocks >= blocks) {
                best = std::min(best, spare.run.blocks);
            }
        }
        if (reserve_run(page_, blocks, 5, reserved, nullptr) == PGS_FULL) {
            refuse(before);
            return false;
        }
        EXPECT_EQ(reserved.run.blocks, blocks);
        const Meta &was = meta_of(before);
        EXPECT_EQ(meta().end_block == was.end_block, best != UINT32_MAX);
        return true;
    }

    void abandon() {
        Reservation reserved;
        reserve_checked(1 + static_cast<uint32_t>(random_() % 60), reserved);
    }

    // Seals, merges, rewrites and new codebooks.
    void replace() {
        const bool codes = meta().code_bits != 0;
        Wanted wanted = {};
        wanted.lists = codes && random_() % 6 == 0 ? 1 + static_cast<uint32_t>(random_() % 20) : 0;
        wanted.slots = random_() % 2 == 0 ? 1 + static_cast<uint32_t>(random_() % 900) : 0;
        wanted.parts = wanted.slots == 0 ? 0 : 1 + static_cast<uint32_t>(random_() % 3);
        wanted.rows = codes && random_() % 4 != 0 ? 1 + static_cast<uint32_t>(random_() % 900) : 0;
        wanted.extents = 1 + static_cast<uint32_t>(random_() % 3);
        Replacement made = {};
        if (!reserve_for(wanted, made)) {
            return;
        }
        choose_replaced(made, wanted.lists != 0);
        made.code_bytes = random_();
        made.vector_bytes = random_();
        const Page before = page_;
        xid_ += random_() % 3;
        if (publish_replacement(page_, made, xid_, nullptr) == PGS_FULL) {
            return refuse(before);
        }
        expect_published(meta_of(before), made);
    }

    // On one run, or parts on one of their own; with some blocks too many.
    bool reserve_for(const Wanted &wanted, Replacement &made) {
        const uint32_t more = random_() % 3 == 0 ? static_cast<uint32_t>(random_() % 9) : 0;
        Wanted codes = wanted;
        codes.parts = 0;
        const Wanted parts = {0, wanted.slots, 0, wanted.parts, wanted.extents};
        const bool apart = random_() % 2 == 0 && blocks_for(meta(), codes) > 0 && parts.parts > 0;
        Reservation first, second;
        if (!apart) {
            const uint32_t blocks = std::max(blocks_for(meta(), wanted) + more, 1u);
            const bool reserved = reserve_checked(blocks, first);
            made = reserved ? described(meta(), first, wanted) : made;
            return reserved;
        }
        if (!reserve_checked(blocks_for(meta(), parts), first) ||
            !reserve_checked(blocks_for(meta(), codes) + more, second)) {
            return false;
        }
        made = described(meta(), first, parts, second, codes);
        return true;
    }

    void choose_replaced(Replacement &made, bool all_segments) {
        for (uint32_t p = 0; p < meta().parts; p++) {
            const bool open = meta().part[p].state == PartState::kOpen;
            if (!open && random_() % thrift_ == 0) {
                made.part_id[made.parts++] = meta().part[p].id;
            }
        }
        for (uint32_t i = 0; i < meta().segments; i++) {
            if (all_segments || random_() % thrift_ == 0) {
                made.segment_id[made.segments++] = meta().segment[i].id;
            }
        }
        if (meta().parts > 0 && random_() % 2 == 0) {
            const uint32_t p = static_cast<uint32_t>(random_() % meta().parts);
            const Part &part = meta().part[p];
            const uint64_t most =
                part.state == PartState::kOpen ? capacity_of(meta(), p) : part.slots;
            made.coded_part = part.id;
            made.coded = part.coded + random_() % (most - part.coded + 1);
        }
    }

    void expect_published(const Meta &before, const Replacement &made) {
        std::set<uint32_t> ids, expected;
        for (uint32_t p = 0; p < meta().parts; p++) {
            const Part &part = meta().part[p];
            ids.insert(part.id);
            if (part.id == made.coded_part && part.codebook == meta().codebook.id) {
                EXPECT_EQ(part.coded, made.coded);
            }
        }
        for (uint32_t i = 0; i < meta().segments; i++) {
            ids.insert(meta().segment[i].id);
        }
        for (uint32_t p = 0; p < before.parts; p++) {
            expected.insert(before.part[p].id);
        }
        for (uint32_t i = 0; i < before.segments; i++) {
            expected.insert(before.segment[i].id);
        }
        for (uint32_t i = 0; i < made.parts; i++) {
            expected.erase(made.part_id[i]);
        }
        for (uint32_t i = 0; i < made.segments; i++) {
            expected.erase(made.segment_id[i]);
        }
        for (uint32_t i = 0; i < made.new_parts; i++) {
            expected.insert(made.part[i].id);
        }
        if (made.segment.id != 0) {
            expected.insert(made.segment.id);
        }
        EXPECT_EQ(ids, expected);
        EXPECT_EQ(meta().codebook.id,
                  made.codebook.id != 0 ? made.codebook.id : before.codebook.id);
        EXPECT_EQ(meta().generation, before.generation + 1);
        EXPECT_EQ(meta().code_bytes_written, before.code_bytes_written + made.code_bytes);
        EXPECT_EQ(meta().vector_bytes_written, before.vector_bytes_written + made.vector_bytes);
    }

    void refuse(const Page &before) {
        refused_++;
        EXPECT_EQ(std::memcmp(&before, &page_, sizeof page_), 0);
    }

    std::mt19937_64 random_;
    uint32_t thrift_;  // one in so many is replaced
    Page page_;
    uint64_t xid_ = 1000;
    uint32_t refused_ = 0;
};

TEST(Manifest, StaysSoundThroughALongLife) {
    uint32_t refused = 0, most_spares = 0, most_parts = 0, most_segments = 0;
    for (uint32_t seed = 0; seed < 40; seed++) {
        const PgsOptions with[] = {options(),
                                   options(3),
                                   {40, PGS_L1, PGS_F32, "", 0, 0},
                                   {64, PGS_COSINE, PGS_F16, "", 0, 0}};
        Life life(seed, with[seed % 4]);
        for (int i = 0; i < 400; i++) {
            life.step();
            SCOPED_TRACE(testing::Message() << "seed " << seed << ", step " << i);
            expect_sound(life.page());
            ASSERT_FALSE(testing::Test::HasFailure());
            const Meta &meta = meta_of(life.page());
            most_spares = std::max<uint32_t>(most_spares, meta.spares);
            most_parts = std::max<uint32_t>(most_parts, meta.parts);
            most_segments = std::max<uint32_t>(most_segments, meta.segments);
        }
        refused += life.refused();
    }
    // It was a life.
    EXPECT_GT(refused, 0u);
    EXPECT_GT(most_spares, 20u);
    EXPECT_EQ(most_parts, kMaxParts);
    EXPECT_GT(most_segments, 6u);
}

}  // namespace
}  // namespace pgslab
