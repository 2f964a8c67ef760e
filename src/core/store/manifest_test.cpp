// Whatever maintenance does to the metapage, it can be believed afterwards, every block has one
// owner, and where something has no room nothing is changed.
#include "store/manifest.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "ivf/testing/manifests.h"
#include "store/layout.h"
#include "store/meta.h"

namespace pgslab {
namespace {

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
    finish_meta(page);
    return page;
}

TEST(Manifest, AReservationTakesTheFirstFreeRunThatIsLargeEnough) {
    const std::vector<uint32_t> lengths = {10, 40, 20, 30, 50};
    const Meta free = meta_of(with_free_runs(lengths));
    for (uint32_t wanted = 1; wanted <= 50; wanted++) {
        Page page = with_free_runs(lengths);
        const Reservation reserved = reserve(page, wanted);
        expect_sound(page);
        EXPECT_EQ(meta_of(page).end_block, free.end_block);
        // Each of them is followed by a block that may still be read.
        const size_t first = wanted <= 10 ? 0 : wanted <= 40 ? 1 : 4;
        EXPECT_EQ(reserved.run.block, free.spare[2 * first].run.block) << wanted;
    }
    Page page = with_free_runs(lengths);
    EXPECT_EQ(reserve(page, 51).run.block, free.end_block);
    expect_sound(page);
}

TEST(Manifest, AFreeRunAtTheEndIsExtended) {
    Page page = begun();
    Meta &meta = meta_of(page);
    const uint32_t begin = meta.end_block;
    meta.spare[meta.spares++] = {{begin, 30}, kFree};
    meta.end_block += 30;
    finish_meta(page);
    const Reservation reserved = reserve(page, 100);
    EXPECT_EQ(reserved.run.block, begin);
    EXPECT_EQ(meta.end_block, begin + 100);
    expect_sound(page);
    // Nor one that may still be read.
    meta.spare[0].since = 5;
    finish_meta(page);
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
    finish_meta(page);
    const uint32_t end = meta.end_block;
    EXPECT_EQ(reserve(page, 20).run.block, end);
}

template <typename Change>
void expect_full(Page page, Change change, const char *what, PgsStatus status = PGS_FULL) {
    ASSERT_EQ(check_meta(page, nullptr), PGS_OK) << what;
    const Page before = page;
    PgsError error = {};
    EXPECT_EQ(change(page, &error), status) << what;
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
    expect_full(page, reserve_of(kMaxBlocks, 1), "blocks", PGS_TOO_LARGE);
    // Nor with a free run at the end.
    Page free_end = page;
    Meta &meta = meta_of(free_end);
    meta.spare[meta.spares++] = {{meta.end_block, 30}, kFree};
    meta.end_block += 30;
    finish_meta(free_end);
    expect_full(free_end, reserve_of(kMaxBlocks, 1), "blocks behind a free run", PGS_TOO_LARGE);
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
    finish_meta(page);
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
    const uint64_t open = meta_of(page).part[0].id;
    const Wanted wanted = {0, 300, 900, 3};
    const Reservation reserved = reserve(page, blocks_for(meta_of(page), wanted), 4);
    const Replacement made = described(meta_of(page), reserved, wanted);
    ASSERT_EQ(publish_replacement(page, made, 9, nullptr), PGS_OK);
    expect_sound(page);
    const Meta &meta = meta_of(page);
    ASSERT_EQ(meta.parts, 4u);
    for (uint32_t i = 0; i < 3; i++) {
        EXPECT_EQ(meta.part[i].id, made.part[i].id);
        EXPECT_EQ(meta.extent[i].block, made.extent[i].block);
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
    EXPECT_EQ(meta.extent[7].block, before.extent[1].block);
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
    made.other_bytes = 12;
    made.value_bytes = 34;
    ASSERT_EQ(publish_replacement(page, made, 9, nullptr), PGS_OK);
    add_coded(meta_of(page), 5, {});
    finish_meta(page);
    expect_sound(page);
    const Meta &meta = meta_of(page);
    EXPECT_EQ(meta.dictionary.id, reserved.first_id);
    EXPECT_EQ(vectors_of(meta).lists, 5u);
    EXPECT_EQ(meta.part[0].flushed, 0u);
    EXPECT_EQ(meta.part[0].dictionary, before.dictionary.id);
    EXPECT_EQ(meta.part[1].flushed, 200u);
    EXPECT_EQ(meta.part[1].dictionary, meta.dictionary.id);
    EXPECT_EQ(meta.part[2].flushed, 0u);
    EXPECT_EQ(meta.other_bytes_written, before.other_bytes_written + 12);
    EXPECT_EQ(meta.value_bytes_written, before.value_bytes_written + 34);
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

    page = with_open_extents(kMaxExtents);
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
        finish_meta(page);
    }
    expect_sound(page);
    made = {};
    made.parts = 1;
    made.part_id[0] = meta_of(page).part[2].id;
    expect_full(page, publish_of(made), "spare runs");
}

// Each extent and each segment, to a free run that is longer than they need.
TEST(Manifest, WhatIsMovedIsTheSameElsewhere) {
    Page sound = begun();
    const Wanted parts = {0, 200, 0, 2, 3};
    const Reservation reserved = reserve(sound, blocks_for(meta_of(sound), parts));
    const Replacement both = described(meta_of(sound), reserved, parts);
    ASSERT_EQ(publish_replacement(sound, both, 9, nullptr), PGS_OK);
    publish(sound, {0, 0, 500});
    publish(sound, {0, 0, 300});
    const Meta before = meta_of(sound);
    std::vector<uint32_t> blocks = {before.segment[0].run.block, before.segment[1].run.block};
    for (uint32_t e = 0; e < before.extents; e++) {
        blocks.push_back(before.extent[e].block);
    }
    for (size_t i = 0; i < blocks.size(); i++) {
        Page page = sound;
        const Wanted wanted = i == 0   ? Wanted{0, 0, 500}
                              : i == 1 ? Wanted{0, 0, 300}
                                       : Wanted{0, 200, 0};
        const uint32_t needed = blocks_for(before, wanted);
        Replacement made = {};
        made.moved = {blocks[i], reserve(page, needed + 3).run.block};
        made.runs = 1;
        made.run[0] = {made.moved.to, needed + 3};
        made.used[0] = needed;
        ASSERT_EQ(publish_replacement(page, made, 9, nullptr), PGS_OK);
        expect_sound(page);
        const Meta &meta = meta_of(page);
        EXPECT_EQ(meta.generation, before.generation + 1);
        ASSERT_EQ(meta.parts, before.parts);
        EXPECT_EQ(std::memcmp(meta.part, before.part, sizeof meta.part), 0);
        for (uint32_t e = 0; e < meta.extents; e++) {
            const bool is = e + 2 == i;
            EXPECT_EQ(meta.extent[e].block, is ? made.moved.to : before.extent[e].block);
            EXPECT_EQ(meta.extent[e].slots, before.extent[e].slots);
        }
        for (uint32_t s = 0; s < meta.segments; s++) {
            EXPECT_EQ(meta.segment[s].id, before.segment[s].id);
            EXPECT_EQ(meta.segment[s].run.block,
                      s == i ? made.moved.to : before.segment[s].run.block);
        }
        uint32_t given_up = 0;
        for (uint32_t s = 0; s < meta.spares; s++) {
            given_up += meta.spare[s].since == 9 ? meta.spare[s].run.blocks : 0;
        }
        EXPECT_EQ(given_up, needed);
    }
}

TEST(Manifest, AnExtentIsMovedAndGivenUpWithAllItsStrides) {
    Page page = begun();
    grow_by(page, 5000);
    close_open_part(page, 4000);
    const Meta before = meta_of(page);
    const uint32_t last = before.extents - 1u;
    const Extent extent = before.extent[last];
    ASSERT_GT(extent.strides, 2u);
    const auto blocks =
        static_cast<uint32_t>(extent.strides * stride_blocks(before.columns, extent.slots));
    Replacement made = {};
    made.runs = 1;
    made.run[0] = reserve(page, blocks).run;
    made.used[0] = blocks;
    made.moved = {extent.block, made.run[0].block};
    ASSERT_EQ(publish_replacement(page, made, 9, nullptr), PGS_OK);
    expect_sound(page);
    EXPECT_EQ(meta_of(page).extent[last].block, made.moved.to);
    EXPECT_EQ(meta_of(page).extent[last].slots, extent.slots);
    EXPECT_EQ(meta_of(page).extent[last].strides, extent.strides);
    ASSERT_EQ(meta_of(page).spares, 1u);
    EXPECT_EQ(meta_of(page).spare[0].run.block, extent.block);
    EXPECT_EQ(meta_of(page).spare[0].run.blocks, blocks);

    made = {};
    made.parts = 1;
    made.part_id[0] = before.part[0].id;
    ASSERT_EQ(publish_replacement(page, made, 10, nullptr), PGS_OK);
    expect_sound(page);
    EXPECT_EQ(meta_of(page).extents, 0u);
}

// Whoever opens parts and whoever writes them do not know of each other.
TEST(Manifest, HandlesAreTheLeastThatNoPartHas) {
    Page page = begun();
    publish(page, {0, 10, 0, 3});
    Meta &meta = meta_of(page);
    EXPECT_EQ(free_handle(meta, kFirstWrittenHandle), kFirstWrittenHandle + 3);
    meta.part[1].handle = 5;
    EXPECT_EQ(free_handle(meta, kFirstWrittenHandle), kFirstWrittenHandle + 1);
    EXPECT_EQ(free_handle(meta, 5), 6u);
    grow(page);
    EXPECT_EQ(open_part(meta)->handle, 1u);
    close_open_part(page, 1);
    grow(page);
    EXPECT_EQ(open_part(meta)->handle, 2u);
    Replacement gone = {};
    gone.parts = 1;
    gone.part_id[0] = meta.part[3].id;
    ASSERT_EQ(publish_replacement(page, gone, 9, nullptr), PGS_OK);
    close_open_part(page, 1);
    grow(page);
    EXPECT_EQ(open_part(meta)->handle, 1u);
    expect_sound(page);
}

TEST(Manifest, WhatIsNotThereIsNotReplaced) {
    Page page = begun();
    publish(page, {0, 500, 500});
    const Page before = page;
    Replacement made = {};
    made.parts = 1;
    made.part_id[0] = meta_of(page).segment[0].id;
    EXPECT_EQ(publish_replacement(page, made, 9, nullptr), PGS_MISUSE);
    made = {};
    made.segments = 1;
    made.segment_id[0] = meta_of(page).part[0].id;
    EXPECT_EQ(publish_replacement(page, made, 9, nullptr), PGS_MISUSE);
    made = {};
    made.moved = {meta_of(page).extent[0].block + 1, 1000};
    EXPECT_EQ(publish_replacement(page, made, 9, nullptr), PGS_MISUSE);
    made = described(meta_of(page), {{1, 100}, 50, 1}, {0, 100, 0});  // never reserved
    EXPECT_EQ(publish_replacement(page, made, 9, nullptr), PGS_MISUSE);
    EXPECT_EQ(std::memcmp(&before, &page, sizeof page), 0);
}

TEST(Manifest, WhatIsReplacedIsNamedOnceAndFlushedPartsAreThere) {
    Page page = begun();
    publish(page, {0, 500, 500});
    const Meta &meta = meta_of(page);
    Replacement made = {};
    made.segments = 2;
    made.segment_id[0] = made.segment_id[1] = meta.segment[0].id;
    EXPECT_EQ(publish_replacement(page, made, 9, nullptr), PGS_MISUSE);
    made = {};
    made.parts = 2;
    made.part_id[0] = made.part_id[1] = meta.part[0].id;
    EXPECT_EQ(publish_replacement(page, made, 9, nullptr), PGS_MISUSE);
    made = {};
    made.flushed_part = meta.segment[0].id;
    EXPECT_EQ(publish_replacement(page, made, 9, nullptr), PGS_MISUSE);
    // A run is given back as a whole.
    const Wanted wanted = {0, 500, 500};
    const Reservation reserved = reserve(page, blocks_for(meta, wanted) + 5);
    made = described(meta, reserved, wanted);
    made.run[0].blocks--;
    EXPECT_EQ(publish_replacement(page, made, 9, nullptr), PGS_MISUSE);
    made.run[0].blocks++;
    EXPECT_EQ(publish_replacement(page, made, 9, nullptr), PGS_OK);
    expect_sound(page);
}

TEST(Manifest, WhatWasPublishedIsNotPublishedTwice) {
    Page page = begun();
    const Wanted wanted = {0, 500, 500};
    const Reservation reserved = reserve(page, blocks_for(meta_of(page), wanted));
    const Replacement made = described(meta_of(page), reserved, wanted);
    ASSERT_EQ(publish_replacement(page, made, 9, nullptr), PGS_OK);
    const Page before = page;
    EXPECT_EQ(publish_replacement(page, made, 9, nullptr), PGS_MISUSE);
    EXPECT_EQ(std::memcmp(&before, &page, sizeof page), 0);
}

}  // namespace
}  // namespace pgslab
