// What is learnt from one query is for those that are to find as much.
#include "ivf/lessons.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

namespace pgslab {
namespace {

constexpr std::array<float, kLevels> kRecalls = {0.5F,  0.7F,  0.8F,  0.9F,
                                                 0.95F, 0.98F, 0.99F, 0.999F};

// Margins rise by a step from level to level.
Calibration calibration_with(float step) {
    Calibration calibration = {};
    calibration.queries = 100;
    for (uint32_t i = 0; i < kLevels; i++) {
        calibration.level[i].recall = kRecalls[i];
        for (float &margin : calibration.level[i].margin) {
            margin = 0.1F + step * static_cast<float>(i);
        }
    }
    return calibration;
}

double learnt(const Calibration &calibration, uint32_t level, uint32_t row_class) {
    return calibration.learnt.more[level][row_class] / kLearntUnits;
}

void expect_order(const Calibration &calibration) {
    for (uint32_t i = 1; i < kLevels; i++) {
        for (uint32_t m = 0; m < kMargins; m++) {
            const uint32_t c = class_of(kMarginRows[m]);
            EXPECT_GE(calibration.level[i].margin[m] + learnt(calibration, i, c) + 1e-6,
                      calibration.level[i - 1].margin[m] + learnt(calibration, i - 1, c))
                << i;
        }
    }
}

TEST(Lessons, WhatAQueryNeedsIsAddedForAsMuchRecallAndMore) {
    Calibration calibration = calibration_with(0.02F);
    EXPECT_TRUE(learn(calibration, 1, 0.9, 0.1));
    for (uint32_t i = 0; i < kLevels; i++) {
        EXPECT_NEAR(learnt(calibration, i, 1), i < 3 ? 0 : 0.1, 1e-3);
        EXPECT_EQ(learnt(calibration, i, 0), 0);
        EXPECT_EQ(learnt(calibration, i, 2), 0);
    }
    expect_order(calibration);
}

TEST(Lessons, WhatAQueryDoesNotNeedIsTakenAwayForAsMuchRecallAndLess) {
    Calibration calibration = calibration_with(0.02F);
    EXPECT_TRUE(learn(calibration, 1, 0.5, 0.2));
    EXPECT_TRUE(learn(calibration, 1, 0.9, -0.05));
    for (uint32_t i = 0; i < kLevels; i++) {
        EXPECT_NEAR(learnt(calibration, i, 1), i <= 3 ? 0.15 : 0.2, 1e-3);
    }
    expect_order(calibration);
}

// At .5 they find .65, at .95 too little: what the latter need stays.
TEST(Lessons, QueriesThatAreToFindLittleTakeNothingFromOthers) {
    Calibration calibration = calibration_with(0.02F);
    for (int i = 0; i < 100; i++) {
        learn(calibration, 1, 0.95, 0.0007);
        learn(calibration, 1, 0.5, -0.0017);
    }
    EXPECT_NEAR(learnt(calibration, 4, 1), 0.07, 0.01);
    EXPECT_EQ(learnt(calibration, 0, 1), 0);
    expect_order(calibration);
}

// Whether it is added or taken away, or what such queries add at one level nobody could take back.
TEST(Lessons, BetweenTwoLevelsAQueryIsOfBoth) {
    Calibration calibration = calibration_with(0.02F);
    EXPECT_TRUE(learn(calibration, 1, 0.93, 0.1));
    EXPECT_NEAR(learnt(calibration, 2, 1), 0, 1e-3);
    EXPECT_NEAR(learnt(calibration, 3, 1), 0.1, 1e-3);
    EXPECT_NEAR(learnt(calibration, 4, 1), 0.1, 1e-3);
    EXPECT_TRUE(learn(calibration, 1, 0.93, -0.1));
    EXPECT_NEAR(learnt(calibration, 3, 1), 0, 1e-3);
    EXPECT_NEAR(learnt(calibration, 4, 1), 0, 1e-3);
    EXPECT_NEAR(learnt(calibration, 5, 1), 0.1, 1e-3);
    expect_order(calibration);
}

TEST(Lessons, StayBetweenNothingAndALimit) {
    Calibration calibration = calibration_with(0.02F);
    EXPECT_TRUE(learn(calibration, 2, 0.5, 7));
    EXPECT_NEAR(learnt(calibration, 0, 2), 0.75, 1e-3);
    EXPECT_FALSE(learn(calibration, 2, 0.5, 1)) << "nothing changes";
    EXPECT_TRUE(learn(calibration, 2, 0.999, -7));
    EXPECT_EQ(learnt(calibration, 7, 2), 0) << "never less than was measured";
    EXPECT_FALSE(learn(calibration, 2, 0.999, -1));
    calibration.learnt.more[7][2] = 5000;
    EXPECT_FALSE(learn(calibration, 2, 0.999, 1)) << "what was more stays";
    EXPECT_TRUE(learn(calibration, 2, 0.999, -0.1));
    EXPECT_LT(calibration.learnt.more[7][2], 5000);
    expect_order(calibration);
}

TEST(Lessons, NothingIsLearntByWhatWasNotMeasured) {
    Calibration calibration = {};
    EXPECT_FALSE(learn(calibration, 1, 0.95, 0.1));
    EXPECT_EQ(learnt(calibration, 7, 1), 0);
}

TEST(Lessons, MoreRecallTakesNoLess) {
    Calibration calibration = calibration_with(0.02F);
    calibration.learnt.more[2][1] = 410;
    keep_order(calibration);
    EXPECT_NEAR(learnt(calibration, 3, 1), 0.08, 1e-3);
    EXPECT_NEAR(learnt(calibration, 6, 1), 0.02, 1e-3);
    EXPECT_EQ(learnt(calibration, 1, 1), 0);
    EXPECT_EQ(learnt(calibration, 3, 0), 0);
    expect_order(calibration);
}

}  // namespace
}  // namespace pgslab
