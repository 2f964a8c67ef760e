// How many lists an index gets by itself, and in which unit.
#include "ivf/training.h"

#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <vector>

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
    const PgsOptions options = {100, PGS_L2, PGS_F16, "", "", 4};
    PgsPlan plan = {77, 0};
    pgs_plan(&options, 1e6, size_t{1} << 30, &plan);
    EXPECT_EQ(plan.lists, 77u);
    EXPECT_GT(plan.sample, 77u);
    plan = {0, 0};
    pgs_plan(&options, 1e6, size_t{1} << 30, &plan);
    EXPECT_EQ(plan.lists, automatic_lists(1e6));
    const PgsOptions without_codes = {100, PGS_L1, PGS_F16, "", "", 0};
    plan = {0, 0};
    pgs_plan(&without_codes, 1e6, size_t{1} << 30, &plan);
    EXPECT_EQ(plan.lists, 1u);
}

// The codebook of some rows of so large values each.
std::unique_ptr<const Codebook> codebook_of(const std::vector<float> &sizes,
                                            PgsMetric metric = PGS_L2) {
    const PgsOptions options = {3, metric, PGS_F32, "", "", 4};
    Training training(shape_of(options), {1, 100});
    for (float size : sizes) {
        const float row[] = {size, -size / 2, 0};
        training.add(row);
    }
    PgsProgress progress = {};
    while (!progress.finished) {
        training.step(progress);
    }
    return training.finish(1);
}

TEST(Training, ChoosesAUnitLikeTheRows) {
    EXPECT_EQ(codebook_of({})->unit(), 1);
    EXPECT_EQ(codebook_of({0, 0})->unit(), 1);
    EXPECT_EQ(codebook_of({1, 2, 3e-6f, 1e6f})->unit(), 1);
    EXPECT_EQ(codebook_of({1.5e-30f})->unit(), 0x1p-99);
    EXPECT_EQ(codebook_of({3e38f})->unit(), 0x1p126);
    EXPECT_EQ(codebook_of({1e-45f})->unit(), 0x1p-126);
    EXPECT_EQ(codebook_of({1e-30f}, PGS_COSINE)->unit(), 1);
}

TEST(Training, AFewRowsOutOfProportionDoNotChangeTheUnit) {
    std::vector<float> sizes(30, 1.5e-30f);
    sizes.push_back(3e38f);
    sizes.push_back(0);
    sizes.push_back(1e-44f);
    const auto codebook = codebook_of(sizes);
    EXPECT_EQ(codebook->unit(), 0x1p-99);
    // The huge one is no part of the mean, which would then be no number.
    for (float x : codebook->mean()) {
        EXPECT_LE(std::abs(x), 1);
    }
}

}  // namespace
}  // namespace pgslab
