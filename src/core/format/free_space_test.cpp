// What is said of runs that no table lies in. What is done with them, manifest_test.cpp tests.
#include "format/free_space.h"

#include <gtest/gtest.h>

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

    meta.growing = {80, 5};
    EXPECT_TRUE(can_reclaim(meta, 0));
    EXPECT_FALSE(is_being_written(meta)) << "by maintenance";
    reclaim(meta, 0);
    EXPECT_EQ(meta.growing.blocks, 0u);
    EXPECT_EQ(free_blocks(meta), 67u);
    EXPECT_FALSE(can_reclaim(meta, 0));
}

TEST(FreeSpace, KnowsSinceWhenRunsWereGivenUp) {
    const Meta meta = with_spares();
    EXPECT_TRUE(was_given_up_since(meta, 1));
    EXPECT_TRUE(was_given_up_since(meta, 50));
    EXPECT_FALSE(was_given_up_since(meta, 51)) << "what is being written was not given up";
}

}  // namespace
}  // namespace pgslab
