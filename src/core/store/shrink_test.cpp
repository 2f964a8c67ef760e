// What is moved to make the file shorter, and what is left where it lies.
#include "store/shrink.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "ivf/testing/bare_manifest.h"
#include "store/free_space.h"

namespace pgslab {
namespace {

void add_last_segment(Meta &meta, uint32_t blocks) {
    Segment &segment = meta.segment[meta.segments++];
    segment.run = {meta.end_block, blocks};
    segment.first_blocks = 1;
    meta.end_block += blocks;
}

uint32_t blocks_of_part() {
    return static_cast<uint32_t>(stride_blocks(three_parts().columns, 10'000));
}

void expect_nothing(const Meta &meta) {
    const EndMove last = find_end_move(meta);
    EXPECT_EQ(last.move, 0u);
    EXPECT_EQ(last.rewrite.bits, 0u);
}

TEST(Shrink, WhatLiesLastIsMovedWhereItFitsBefore) {
    const uint32_t part = blocks_of_part();
    Meta meta = with_free_runs({part / 2, part});
    EXPECT_EQ(find_end_move(meta).move, meta.extent[0].block);
    EXPECT_EQ(find_end_move(meta).rewrite.bits, 0u);
    meta.spares = kMaxSpares - 40;
    EXPECT_EQ(find_end_move(meta).move, 0u) << "no room for what it leaves";

    meta = with_free_runs({part});
    add_last_segment(meta, part);
    EXPECT_EQ(find_end_move(meta).move, meta.segment[0].run.block);
    meta = with_free_runs({part});
    add_last_segment(meta, part + 1);
    expect_nothing(meta);
}

// What is reserved last takes no space, nor is it free for others.
TEST(Shrink, WhatIsReservedForGrowthIsNoRoom) {
    const uint32_t part = blocks_of_part();
    Meta meta = with_free_runs({part - 1});
    meta.growth = {{meta.end_block, part}, 100, 0};
    meta.end_block += part;
    EXPECT_EQ(used_end(meta), meta.growth.run.block);
    expect_nothing(meta);
    meta.growth.run.block++;
    meta.extent[0].block++;
    meta.end_block++;
    meta.spare[0].run.blocks++;
    EXPECT_EQ(find_end_move(meta).move, meta.extent[0].block);
}

TEST(Shrink, WhatIsFreeBehindIsOfNoUse) {
    const uint32_t part = blocks_of_part();
    Meta meta = with_free_runs({part - 1});
    meta.spare[meta.spares++] = {{meta.end_block, part}, kFree};
    meta.end_block += part;
    expect_nothing(meta);
}

TEST(Shrink, APartForWhichThereIsRoomInShorterRunsIsWrittenAnew) {
    const uint32_t part = blocks_of_part();
    Meta meta = with_free_runs({part / 2, part / 2 + 1});
    EXPECT_EQ(find_end_move(meta).move, 0u);
    EXPECT_EQ(find_end_move(meta).rewrite.bits, 1u);
    for (; meta.spares < 90; meta.spares++) {  // so many that the manifest has no room for more
        meta.spare[meta.spares] = {{meta.end_block + 2u * meta.spares, 1}, 7};
    }
    expect_nothing(meta);
}

TEST(Shrink, TheOpenPartStays) {
    const uint32_t part = blocks_of_part();
    Meta meta = with_free_runs({part, part});
    std::swap(meta.extent[2], meta.extent[0]);
    expect_nothing(meta);
}

TEST(Shrink, FewFreeBlocksAreLeft) {
    const uint32_t part = blocks_of_part();
    Meta meta = with_free_runs({part});
    EXPECT_NE(find_end_move(meta).move, 0u);
    meta.end_block += 9 * part;  // something else in use
    meta.extent[0].block += 9 * part;
    expect_nothing(meta);
}

}  // namespace
}  // namespace pgslab
