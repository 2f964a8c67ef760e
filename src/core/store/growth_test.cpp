// How the open part grows: how much is reserved, what of it is published at once, and that nothing
// is changed where there is no room.
#include "store/growth.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "ivf/testing/columns.h"
#include "ivf/testing/manifests.h"
#include "store/free_space.h"
#include "store/layout.h"
#include "store/manifest.h"

namespace pgslab {
namespace {

constexpr uint32_t kLargest = 2 * 1024 * 1024 / kPageBytes;  // of strides

PgsOptions options_of(const Vectors &vectors) {
    return {vectors.dims,
            static_cast<PgsMetric>(vectors.metric),
            static_cast<PgsStorage>(vectors.storage),
            "",
            "",
            vectors.refine_bits,
            {},
            static_cast<int>(vectors.prefix * kPrefixUnit)};
}

PgsGrowth next(const Page &page) {
    PgsGrowth growth = {};
    EXPECT_EQ(next_growth(meta_of(page), growth, nullptr), PGS_OK);
    return growth;
}

void reserve(Page &page) {
    PgsError error = {};
    ASSERT_EQ(reserve_growth(page, &error), PGS_OK) << error.detail;
}

// A sealed part without codes of so many blocks, or a few less.
Page of_blocks(uint64_t blocks, const PgsOptions &with) {
    Page page = begun(with);
    add_sealed_part(page, slots_fitting(static_cast<uint32_t>(blocks), meta_of(page).columns));
    return page;
}

// Puts a block that is in use behind what there is.
void add_block(Page &page) {
    Meta &meta = meta_of(page);
    ASSERT_LT(meta.spares, kMaxSpares);
    meta.spare[meta.spares++] = {{meta.end_block++, 1}, 77};
    finish_meta(page);
}

// Slots of all strides that are reserved.
uint64_t reserved_slots(const Meta &meta) {
    const Reserve &growth = meta.growth;
    return growth.run.blocks == 0
               ? 0
               : growth.run.blocks / stride_blocks(meta.columns, growth.slots) * growth.slots;
}

// ---- how much

TEST(Growth, AStrideIsAQuarterAtMost2MiBWithRoomForFourSlots) {
    for (const Columns &columns : columns_under_test()) {
        for (uint64_t blocks = 0; blocks < kMaxBlocks; blocks = blocks * 5 / 4 + 1) {
            const uint32_t slots = stride_slots(blocks, columns);
            const uint64_t most = std::clamp<uint64_t>(blocks / 4, 8, kLargest);
            ASSERT_GE(slots, 4u);
            ASSERT_TRUE(stride_blocks(columns, slots) <= most || slots == 4);
            ASSERT_GT(stride_blocks(columns, slots + 1), most);
        }
    }
}

TEST(Growth, ReservationsAreAShareOfThePart) {
    EXPECT_EQ(growth_blocks(0, 0, 0), 8u);
    for (uint64_t part = 8; part < kMaxBlocks; part = part * 5 / 4) {
        EXPECT_EQ(growth_blocks(part, part, 0), part < 64 ? part : std::max<uint64_t>(part / 8, 8));
        EXPECT_EQ(growth_blocks(0, part, 0), std::max<uint64_t>(part / 64, 8));
    }
}

// Even if each of them is an extent, and other parts have many: after maintenance four each.
TEST(Growth, TheExtentTableDoesNotFillBelowTheLargestRelation) {
    for (uint32_t extents : {0u, 4 * (kMaxParts - 1), kMaxExtents * 3 / 4}) {
        uint64_t part = 0;
        for (; part < kMaxBlocks; extents++) {
            part += growth_blocks(part, part, extents);
        }
        EXPECT_LT(extents, kMaxExtents);
    }
}

// As long as the relation can be, and as many slots as a part can have.
TEST(Growth, AnyIndexGrowsUntilItsRelationHasNoBlocks) {
    for (const Vectors &vectors : vectors_under_test()) {
        SCOPED_TRACE(testing::Message() << vectors.dims << " dims, " << int{vectors.refine_bits});
        Page page = begun(options_of(vectors));
        const Meta &meta = meta_of(page);
        PgsStatus status = PGS_OK;
        for (uint32_t i = 0; i < 400; i++) {
            status = reserve_growth(page, nullptr);
            if (status != PGS_OK) {
                break;
            }
            PgsError error = {};
            ASSERT_EQ(check_meta(page, &error), PGS_OK) << error.detail;
            const uint64_t stride = stride_blocks(meta.columns, meta.growth.slots);
            ASSERT_EQ(meta.growth.run.blocks % stride, 0u);
            ASSERT_GE(meta.growth.slots, 4u);
            const uint64_t capacity = meta.parts == 0 ? 0 : capacity_of(meta, 0);
            const uint64_t most = (kMostSlotsOfPart - capacity) / meta.growth.slots;
            ASSERT_NO_FATAL_FAILURE(
                grow_by(page, std::min(reserved_slots(meta), most * meta.growth.slots)));
            ASSERT_EQ(check_meta(page, &error), PGS_OK) << error.detail;
        }
        EXPECT_LE(meta.extents, 10u) << "all adjoin, but for longer strides";
        if (status == PGS_FULL) {
            EXPECT_LE(slot_bytes(meta.columns), 32u);
            EXPECT_GT(capacity_of(meta, 0) + meta.extent[meta.extents - 1].slots, kMostSlotsOfPart);
            continue;
        }
        EXPECT_EQ(status, PGS_TOO_LARGE);
        EXPECT_EQ(meta.growth.run.blocks, 0u);
        EXPECT_GT(meta.end_block + stride_blocks(meta.columns, meta.extent[meta.extents - 1].slots),
                  kMaxBlocks);
    }
}

// However little the last rows need: a new part of a large index does not begin with tiny strides.
TEST(Growth, StridesSuitWhatIsReserved) {
    Page page = of_blocks(1'000'000, options());
    reserve(page);
    const Meta &meta = meta_of(page);
    EXPECT_LE(meta.growth.run.blocks, meta.end_block / 60);
    EXPECT_GE(meta.growth.run.blocks, meta.end_block / 66);
    EXPECT_EQ(meta.growth.slots, stride_slots(UINT32_MAX, meta.columns));
    EXPECT_GE(next(page).blocks, kLargest - 20);
}

// Something else may come behind each reservation: were they short all at once, each would be an
// extent.
TEST(Growth, WhatIsLeftOfARelationIsReservedByHalves) {
    for (const int dims : {100, 2000, 16000}) {
        Page page = of_blocks(kMaxBlocks / 16 * 15, {dims, PGS_L1, PGS_F32, "", "", 0});
        const Meta &meta = meta_of(page);
        grow(page);
        uint32_t reservations = 1;
        for (;; reservations++) {
            grow_by(page, reserved_slots(meta));
            add_block(page);
            const uint32_t left = kMaxBlocks - meta.end_block;
            const PgsStatus status = reserve_growth(page, nullptr);
            if (status != PGS_OK) {
                EXPECT_EQ(status, PGS_TOO_LARGE);
                EXPECT_LT(left, kLargest);
                break;
            }
            EXPECT_TRUE(meta.growth.run.blocks >= left / 4 ||
                        meta.growth.run.blocks >= meta.end_block / 70)
                << left;
            ASSERT_LT(reservations, 60u);
        }
        expect_spares_in_order(meta);
    }
}

// ---- step by step

// All strides of a reservation, and of what is reserved behind it: one extent as long as they have
// one size.
TEST(Growth, StridesThatAdjoinCountUp) {
    Page page = begun();
    const Meta &meta = meta_of(page);
    for (int i = 0; i < 300; i++) {
        const uint32_t extents = meta.extents;
        const Extent last = extents == 0 ? Extent{} : meta.extent[extents - 1];
        reserve(page);
        const PgsGrowth growth = next(page);
        EXPECT_EQ(growth.blocks, stride_blocks(meta.columns, growth.slots));
        ASSERT_EQ(publish_growth(page, growth, nullptr), PGS_OK);
        ASSERT_EQ(check_meta(page, nullptr), PGS_OK);
        const Extent &now = meta.extent[meta.extents - 1];
        if (extents > 0 && growth.slots == last.slots) {
            EXPECT_EQ(meta.extents, extents);
            EXPECT_EQ(now.strides, last.strides + 1);
            EXPECT_EQ(now.block, last.block);
        } else {
            EXPECT_EQ(meta.extents, extents + 1);
            EXPECT_EQ(now.strides, 1u);
            EXPECT_EQ(now.block, growth.first_block);
            EXPECT_EQ(now.slots, growth.slots);
        }
    }
    expect_sound(page);
    EXPECT_LE(meta.extents, 6u);
    // Whoever counts many at once gets the same.
    Page at_once = begun();
    grow_by(at_once, capacity_of(meta, 0));
    EXPECT_EQ(std::memcmp(&at_once, &page, sizeof page), 0);
}

TEST(Growth, StridesThatDoNotAdjoinBeginAnExtent) {
    Page page = begun();
    grow_by(page, 100'000);
    const Meta &meta = meta_of(page);
    while (meta.growth.run.blocks > 0) {
        grow(page);
    }
    const uint32_t extents = meta.extents;
    add_block(page);
    grow(page);
    grow(page);
    EXPECT_EQ(meta.extents, extents + 1);
    EXPECT_EQ(meta.extent[extents].slots, meta.extent[extents - 1].slots);
    EXPECT_EQ(meta.extent[extents].strides, 2u);
    expect_sound(page);
}

// The next page of the part, in order.
TEST(Growth, AGrowthContinuesTheOpenPart) {
    Page page = begun();
    publish(page, {0, 500, 500});
    const uint64_t id = meta_of(page).next_id;
    uint32_t sequence = 0;
    for (int i = 0; i < 50; i++) {
        reserve(page);
        const PgsGrowth growth = next(page);
        EXPECT_EQ(growth.part, id);
        EXPECT_EQ(growth.generation, meta_of(page).generation);
        EXPECT_EQ(growth.sequence, sequence);
        EXPECT_EQ(growth.first_block, meta_of(page).growth.run.block);
        ASSERT_EQ(publish_growth(page, growth, nullptr), PGS_OK);
        sequence += growth.blocks;
    }
    const Meta &meta = meta_of(page);
    ASSERT_EQ(meta.parts, 2u);
    EXPECT_EQ(meta.next_id, id + 1);
    EXPECT_EQ(meta.part[1].id, id);
    EXPECT_EQ(meta.part[1].dictionary, meta.dictionary.id);
    EXPECT_EQ(meta.part[1].flushed, 0u);
    EXPECT_EQ(meta.part[1].handle, 1u);
    EXPECT_EQ(open_part(meta), &meta.part[1]);
    expect_sound(page);
}

TEST(Growth, PagesAreFormattedAsTheyAreExpected) {
    for (const PgsOptions &with :
         {options(768), options(3), PgsOptions{4000, PGS_L1, PGS_F32, "", "", 0}}) {
        Page page = begun(with);
        for (int i = 0; i < 30; i++) {
            reserve(page);
            const PgsGrowth growth = next(page);
            const Meta before = meta_of(page);
            ASSERT_EQ(publish_growth(page, growth, nullptr), PGS_OK);
            ExtentPlace last = {};
            each_open_extent(meta_of(page), [&](const ExtentPlace &place) {
                last = place;
                return false;
            });
            uint32_t at = 0;
            for (uint32_t c = 0; c < before.columns.count; c++) {
                const uint64_t blocks = column_blocks(before.columns.column[c], growth.slots);
                for (uint32_t b = 0; b < blocks; b++, at++) {
                    Page formatted;
                    format_growth(before, growth, at, formatted);
                    const PageIdentity expected = table_page(last, last.extent.strides - 1, c, b);
                    ASSERT_EQ(expected.block, growth.first_block + at);
                    ASSERT_EQ(verify_page(formatted, expected, nullptr), PGS_OK);
                    ASSERT_EQ(used_bytes(formatted), 0u);
                }
            }
            ASSERT_EQ(at, growth.blocks);
        }
    }
}

// ---- what is left, and what is refused

TEST(Growth, AReservationIsTakenUpAgain) {
    Page page = begun();
    grow_by(page, 10'000);
    reserve(page);
    const Page before = page;
    const PgsGrowth growth = next(page);
    reserve(page);
    EXPECT_EQ(std::memcmp(&before, &page, sizeof page), 0);
    const PgsGrowth again = next(page);
    EXPECT_EQ(std::memcmp(&growth, &again, sizeof growth), 0);
}

TEST(Growth, OnlyWhatComesNextIsPublished) {
    Page page = begun();
    const PgsGrowth nothing = {};
    EXPECT_EQ(next(page).blocks, 0u);
    EXPECT_EQ(publish_growth(page, nothing, nullptr), PGS_MISUSE) << "nothing is reserved";
    grow(page);
    reserve(page);
    const Page before = page;
    const PgsGrowth growth = next(page);
    std::vector<PgsGrowth> others(6, growth);
    others[0].part++;
    others[1].generation++;
    others[2].first_block++;
    others[3].blocks--;
    others[4].slots--;
    others[5].sequence++;
    others.push_back(nothing);
    for (const PgsGrowth &other : others) {
        EXPECT_EQ(publish_growth(page, other, nullptr), PGS_MISUSE);
        EXPECT_EQ(std::memcmp(&before, &page, sizeof page), 0);
    }
    ASSERT_EQ(publish_growth(page, growth, nullptr), PGS_OK);
    const Page after = page;
    EXPECT_EQ(publish_growth(page, growth, nullptr), PGS_MISUSE) << "it has been";
    EXPECT_EQ(std::memcmp(&after, &page, sizeof page), 0);
}

// What was to be the closed part's is the next one's.
TEST(Growth, AClosedPartDoesNotGrow) {
    Page page = begun();
    grow_by(page, 100'000);
    reserve(page);
    const PgsGrowth growth = next(page);
    close_open_part(page, 7);
    EXPECT_EQ(publish_growth(page, growth, nullptr), PGS_MISUSE);
    const PgsGrowth other = next(page);
    EXPECT_EQ(other.first_block, growth.first_block);
    EXPECT_EQ(other.part, meta_of(page).next_id);
    EXPECT_EQ(other.sequence, 0u);
    ASSERT_EQ(publish_growth(page, other, nullptr), PGS_OK);
    EXPECT_EQ(meta_of(page).parts, 2u);
    EXPECT_EQ(meta_of(page).part[1].extents, 1u) << "though it adjoins the first part's";
    EXPECT_EQ(meta_of(page).part[1].handle, 2u);
    expect_sound(page);
}

void expect_no_growth(Page page, PgsStatus expected, const char *what) {
    ASSERT_EQ(check_meta(page, nullptr), PGS_OK) << what;
    const Page before = page;
    PgsError error = {};
    EXPECT_EQ(reserve_growth(page, &error), expected) << what;
    EXPECT_EQ(error.block, kMetaBlock) << what;
    EXPECT_STRNE(error.detail, "") << what;
    EXPECT_EQ(std::memcmp(&before, &page, sizeof page), 0) << what;
    if (meta_of(page).growth.run.blocks > 0) {
        PgsGrowth growth = {};
        EXPECT_EQ(next_growth(meta_of(page), growth, nullptr), expected) << what;
        EXPECT_EQ(publish_growth(page, growth, nullptr), expected) << what;
        EXPECT_EQ(std::memcmp(&before, &page, sizeof page), 0) << what;
    }
}

void set_growth(Page &page, uint32_t slots) {
    Meta &meta = meta_of(page);
    const auto blocks = static_cast<uint32_t>(stride_blocks(meta.columns, slots));
    meta.growth = {{meta.end_block, blocks}, slots, 0};
    meta.end_block += blocks;
    finish_meta(page);
}

TEST(Growth, WithoutRoomNothingIsReservedAndNothingIsChanged) {
    Page page = begun({3, PGS_L1, PGS_F32, "", "", 0});
    for (uint32_t i = 0; i < kMaxParts; i++) {
        add_sealed_part(page, 5);
    }
    expect_no_growth(page, PGS_FULL, "parts");
    set_growth(page, 5);
    expect_no_growth(page, PGS_FULL, "parts, for what is reserved");

    page = of_blocks(kMaxBlocks - 7, {PGS_MAX_DIMS, PGS_L1, PGS_F32, "", "", 0});
    ASSERT_GT(meta_of(page).end_block, kMaxBlocks - 16);
    expect_no_growth(page, PGS_TOO_LARGE, "blocks");
}

TEST(Growth, AFullExtentTableHasRoomForStridesThatAdjoin) {
    Page page = with_open_extents(kMaxExtents);
    expect_no_growth(page, PGS_FULL, "what is reserved would be longer strides");
    Page apart = page;
    add_block(apart);
    set_growth(apart, 5);
    expect_no_growth(apart, PGS_FULL, "what is reserved lies elsewhere");
    set_growth(page, 5);
    ASSERT_EQ(check_meta(page, nullptr), PGS_OK);
    grow(page);
    EXPECT_EQ(meta_of(page).extent[kMaxExtents - 1].strides, 2u);
    expect_sound(page);
}

// Even if they are as long.
TEST(Growth, StridesOfOtherSlotsBeginAnExtent) {
    Page page = with_open_extents(2);
    set_growth(page, 6);
    ASSERT_EQ(stride_blocks(meta_of(page).columns, 6), stride_blocks(meta_of(page).columns, 5));
    grow(page);
    EXPECT_EQ(meta_of(page).extents, 3u);
    EXPECT_EQ(meta_of(page).extent[2].slots, 6u);
    expect_sound(page);
}

TEST(Growth, APartHasNoMoreSlotsThanAddressesCanName) {
    Page page = begun({1, PGS_L1, PGS_F16, "", "", 0});
    grow_by(page, 1'000'000);
    Meta &meta = meta_of(page);
    Extent &last = meta.extent[meta.extents - 1];
    const auto stride = static_cast<uint32_t>(stride_blocks(meta.columns, last.slots));
    meta.end_block -= meta.growth.run.blocks;
    meta.growth = {};
    const auto more = static_cast<uint32_t>((kMostSlotsOfPart - capacity_of(meta, 0)) / last.slots);
    last.strides += more;
    meta.end_block += more * stride;
    finish_meta(page);
    expect_no_growth(page, PGS_FULL, "nothing is reserved");
    set_growth(page, last.slots);
    expect_no_growth(page, PGS_FULL, "a stride is reserved");
    last.strides--;
    meta.growth.run.block -= stride;
    meta.end_block -= stride;
    finish_meta(page);
    grow(page);
    EXPECT_EQ(check_meta(page, nullptr), PGS_OK);
}

// ---- free space

// At most what it asks for, and not one that is much too small. What is left of it stays free.
TEST(Growth, AFreeRunIsTakenIfItIsNotMuchTooShort) {
    for (uint32_t n : {1u, 7u, 8u, 9u, 30u, 500u, 600u, 700u, 1000u, 3000u, 4000u}) {
        Page page = of_blocks(160'000, options());
        Meta &meta = meta_of(page);
        const uint32_t begin = meta.end_block;
        meta.spare[meta.spares++] = {{begin, n}, kFree};
        meta.end_block += n;
        add_block(page);
        const uint64_t wanted = growth_blocks(0, meta.end_block, 0);
        const uint32_t end = meta.end_block;
        reserve(page);
        expect_spares_in_order(meta);
        const auto stride = static_cast<uint32_t>(stride_blocks(meta.columns, meta.growth.slots));
        const auto most = static_cast<uint32_t>(wanted / stride * stride);
        const bool taken = n >= most / stride / 4 * stride && n >= stride;
        EXPECT_EQ(meta.growth.run.block == begin, taken) << n;
        EXPECT_EQ(meta.end_block == end, taken) << n;
        EXPECT_EQ(meta.growth.run.blocks, taken ? std::min(most, n / stride * stride) : most) << n;
        EXPECT_EQ(free_blocks(meta) + (taken ? meta.growth.run.blocks : 0), n);
        EXPECT_EQ(check_meta(page, nullptr), PGS_OK);
    }
}

// Even where no more spare runs can be named.
TEST(Growth, AFullTableOfSpareRunsIsNoObstacle) {
    for (uint32_t last : {5u, 9u, 40u}) {
        Page page = begun();
        Meta &meta = meta_of(page);
        while (meta.spares + 2u <= kMaxSpares) {
            meta.spare[meta.spares] = {{meta.end_block, meta.spares == 0 ? last : 1}, kFree};
            meta.end_block += meta.spare[meta.spares++].run.blocks;
            add_block(page);
        }
        ASSERT_EQ(meta.spares, kMaxSpares);
        grow(page);
        expect_sound(page);
    }
}

// Such as when VACUUM cuts the file: a reservation at its end takes no space, one behind free
// blocks goes with them, and the next growth reserves anew.
TEST(Growth, TheEndIsCutBeforeWhatIsReservedBehindFreeBlocks) {
    Page page = begun();
    grow_by(page, 100'000);
    reserve(page);
    const Meta &meta = meta_of(page);
    const uint32_t reserved = meta.growth.run.block;
    EXPECT_EQ(formatted_end(meta), reserved);
    const Page before = page;
    EXPECT_EQ(cut_end(page), reserved);
    EXPECT_EQ(std::memcmp(&before, &page, sizeof page), 0);
    expect_sound(page);

    close_open_part(page, 100'000);
    Replacement gone = {};
    gone.parts = 1;
    gone.part_id[0] = meta.part[0].id;
    ASSERT_EQ(publish_replacement(page, gone, 9, nullptr), PGS_OK);
    EXPECT_EQ(cut_end(page), reserved) << "somebody may read it";
    reclaim_runs(page, 10);
    const uint32_t codebook_end = meta.dictionary.run.block + meta.dictionary.run.blocks;
    EXPECT_EQ(cut_end(page), codebook_end);
    EXPECT_EQ(meta.end_block, codebook_end);
    EXPECT_EQ(meta.growth.run.blocks, 0u);
    expect_sound(page);
    grow(page);
    EXPECT_EQ(meta.extent[0].block, codebook_end);
    expect_sound(page);
}

}  // namespace
}  // namespace pgslab
