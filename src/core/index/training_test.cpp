// How many lists an index gets by itself.
#include "index/training.h"

#include <gtest/gtest.h>

#include <cmath>

#include "pgslab_core.h"

namespace pgslab {
namespace {

TEST(AutomaticLists, AreOneForFewRows) {
    for (double rows : {0.0, 1.0, 100.0, 9999.0}) {
        EXPECT_EQ(automatic_lists(rows), 1u) << rows;
    }
}

TEST(AutomaticLists, AreFourTimesTheRootUpTo100000Rows) {
    for (double rows : {10000.0, 20000.0, 50000.0, 100000.0}) {
        EXPECT_EQ(automatic_lists(rows), std::floor(4 * std::sqrt(rows))) << rows;
    }
}

TEST(AutomaticLists, GrowFasterBeyond) {
    const double at_100000 = 4 * std::sqrt(100000.0);
    for (double times : {2.0, 10.0, 50.0}) {
        EXPECT_NEAR(automatic_lists(100000 * times), at_100000 * std::pow(times, 0.8), 1) << times;
    }
    EXPECT_EQ(automatic_lists(1000000), 7981u);
}

TEST(AutomaticLists, NeverFallAndNeverPassTheMost) {
    uint32_t before = 0;
    for (double rows = 1; rows < 1e12; rows *= 1.07) {
        const uint32_t lists = automatic_lists(rows);
        EXPECT_GE(lists, before) << rows;
        before = lists;
    }
    EXPECT_EQ(before, uint32_t{PGS_MAX_LISTS});
}

TEST(PlanTraining, LeavesWhatWasAskedForAndFillsInTheRest) {
    const PgsOptions options = {100, PGS_L2, PGS_F16, "", 0, 4};
    PgsPlan plan = {77, 0};
    pgs_plan(&options, 1e6, size_t{1} << 30, &plan);
    EXPECT_EQ(plan.lists, 77u);
    EXPECT_GT(plan.sample, 77u);
    plan = {0, 0};
    pgs_plan(&options, 1e6, size_t{1} << 30, &plan);
    EXPECT_EQ(plan.lists, automatic_lists(1e6));
    const PgsOptions without_codes = {100, PGS_L1, PGS_F16, "", 0, 0};
    plan = {0, 0};
    pgs_plan(&without_codes, 1e6, size_t{1} << 30, &plan);
    EXPECT_EQ(plan.lists, 1u);
}

}  // namespace
}  // namespace pgslab
