// What is said of runs that no table lies in. What is done with them, manifest_test.cpp tests.
#include "store/free_space.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>

namespace pgslab {
namespace {

// A hundred blocks: free, given up at 50, free, being written, free.
Meta with_spares() {
    Meta meta = {};
    meta.end_block = 100;
    meta.spares = 5;
    meta.spare[0] = {{10, 7}, kFree};
    meta.spare[1] = {{20, 30}, 50};
    meta.spare[2] = {{60, 5}, kFree};
    meta.spare[3] = {{70, 10}, kWorking};
    meta.spare[4] = {{90, 10}, kFree};
    return meta;
}

TEST(FreeSpace, TheUsedEndIsWhereTheIndexIsCut) {
    Meta meta = with_spares();
    EXPECT_EQ(used_end(meta), 90u);
    cut_free_end(meta);
    EXPECT_EQ(meta.end_block, 90u);
    EXPECT_EQ(meta.spares, 4u);
    EXPECT_EQ(used_end(meta), 90u);
    meta.end_block = 80;  // what is being written lies last
    EXPECT_EQ(used_end(meta), 80u);
    cut_free_end(meta);
    EXPECT_EQ(meta.end_block, 80u);
    EXPECT_EQ(meta.spares, 4u);
}

TEST(FreeSpace, CountsFreeRunsOnly) {
    const Meta meta = with_spares();
    EXPECT_EQ(free_blocks(meta), 22u);
    EXPECT_EQ(free_blocks(meta, 90), 12u);
    EXPECT_EQ(free_blocks(meta, 60), 7u);
    EXPECT_EQ(free_blocks(meta, 10), 0u);
    EXPECT_EQ(largest_free_run(meta, 100), 10u);
    EXPECT_EQ(largest_free_run(meta, 90), 7u);
    EXPECT_EQ(largest_free_run(meta, 10), 0u);
    EXPECT_EQ(free_blocks({}), 0u);
}

TEST(FreeSpace, ReclaimingFreesWhatNobodyNeedsAndNobodyIsAt) {
    Meta meta = with_spares();
    EXPECT_TRUE(can_reclaim(meta, 0)) << "what was left being written";
    EXPECT_TRUE(is_being_written(meta));
    reclaim(meta, 50);
    EXPECT_FALSE(is_being_written(meta));
    EXPECT_FALSE(can_reclaim(meta, 50)) << "who began before 50 may read it";
    EXPECT_EQ(free_blocks(meta), 32u);
    EXPECT_TRUE(can_reclaim(meta, 51));
    reclaim(meta, 51);
    EXPECT_FALSE(can_reclaim(meta, UINT64_MAX));
    EXPECT_EQ(free_blocks(meta), 62u);
}

TEST(FreeSpace, WhatIsReservedForGrowthIsNotReclaimed) {
    Meta meta = with_spares();
    meta.growth = {{80, 8}, 4, 0};
    reclaim(meta, UINT64_MAX);
    EXPECT_EQ(meta.growth.run.blocks, 8u);
    EXPECT_FALSE(is_being_written(meta)) << "by maintenance";
}

// Blocks 60 to 99: free, or reserved for growth, or neither, ten each.
Meta ending_in(const std::string &tens) {
    Meta meta = {};
    meta.spare[meta.spares++] = {{10, 7}, kFree};
    uint32_t block = 60;
    for (char ten : tens) {
        if (ten == 'f') {
            meta.spare[meta.spares++] = {{block, 10}, kFree};
        } else if (ten == 'o') {  // given up, but not long ago
            meta.spare[meta.spares++] = {{block, 10}, 77};
        } else if (ten == 'g') {
            meta.growth = {{block, 10}, 3, 0};
        }
        block += 10;
    }
    meta.end_block = block;
    return meta;
}

// What is reserved last takes no space, so it may stay; nobody needs it where it lies behind what
// is free.
TEST(FreeSpace, WhatIsReservedLastIsKeptUnlessFreeBlocksComeBeforeIt) {
    struct Case {
        const char *tens;
        uint32_t formatted;  // end before the cut
        uint32_t used;       // end
        uint32_t end;        // after the cut
        uint32_t reserved;   // after the cut
        uint32_t spares;     // after the cut
    };
    const Case cases[] = {
        {"", 60, 60, 60, 0, 1},       {"x", 70, 70, 70, 0, 1},     {"g", 60, 60, 70, 10, 1},
        {"xg", 70, 70, 80, 10, 1},    {"xfg", 80, 70, 70, 0, 1},   {"xffg", 90, 70, 70, 0, 1},
        {"xgf", 90, 70, 80, 10, 1},   {"xfgf", 100, 70, 70, 0, 1}, {"gx", 80, 80, 80, 10, 1},
        {"fgx", 90, 90, 90, 10, 2},   {"gxf", 90, 80, 80, 10, 1},  {"xog", 80, 80, 90, 10, 2},
        {"xogf", 100, 80, 90, 10, 2}, {"xgo", 90, 90, 90, 10, 2},  {"xfog", 90, 90, 100, 10, 3},
    };
    for (const Case &c : cases) {
        Meta meta = ending_in(c.tens);
        EXPECT_EQ(formatted_end(meta), c.formatted) << c.tens;
        EXPECT_EQ(used_end(meta), c.used) << c.tens;
        cut_free_end(meta);
        EXPECT_EQ(meta.end_block, c.end) << c.tens;
        EXPECT_EQ(meta.growth.run.blocks, c.reserved) << c.tens;
        EXPECT_EQ(meta.growth.slots, c.reserved > 0 ? 3u : 0u) << c.tens;
        EXPECT_EQ(meta.spares, c.spares) << c.tens;
        EXPECT_EQ(used_end(meta), c.used) << c.tens;
        EXPECT_EQ(formatted_end(meta), c.used) << c.tens << ", or there is something to cut";
        const Meta once = meta;
        cut_free_end(meta);
        EXPECT_EQ(std::memcmp(&once, &meta, sizeof meta), 0) << c.tens;
    }
}

TEST(FreeSpace, KnowsSinceWhenRunsWereGivenUp) {
    const Meta meta = with_spares();
    EXPECT_TRUE(was_given_up_since(meta, 1));
    EXPECT_TRUE(was_given_up_since(meta, 50));
    EXPECT_FALSE(was_given_up_since(meta, 51)) << "what is being written was not given up";
}

}  // namespace
}  // namespace pgslab
