// Margins follow the distance of lists, and the tail follows what the query meets.
#include "search/stop_rule.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <vector>

#include "search/effort.h"
#include "search/recall_fit.h"

namespace pgslab {
namespace {

Calibration calibration_of(double unit) {
    Calibration calibration = {};
    calibration.queries = 100;
    calibration.unit = static_cast<float>(unit);
    return calibration;
}

Level level_with(std::array<float, kMargins> margins) {
    Level level = {};
    std::copy(margins.begin(), margins.end(), level.margin);
    return level;
}

// Counts them as a scan does, block by block.
void count_all(StopRule &rule, const std::vector<float> &estimates) {
    for (size_t at = 0; at < estimates.size(); at += kBlockRows) {
        const size_t n = std::min<size_t>(kBlockRows, estimates.size() - at);
        float block[kBlockRows] = {};
        std::copy_n(estimates.begin() + static_cast<ptrdiff_t>(at), n, block);
        rule.count(block, n == kBlockRows ? ~0U : (1U << n) - 1);
    }
}

// From the first level to the last and back.
TEST(Margin, SaysWhichRecallItIsFor) {
    Calibration calibration = calibration_of(1);
    for (uint32_t i = 0; i < kLevels; i++) {
        calibration.level[i] = level_with({0.1F, 0.1F, 0.1F, 0.2F, 0.2F, 0.2F});
        calibration.level[i].recall = kRecalls[i];
        for (float &margin : calibration.level[i].margin) {
            margin += 0.1F * static_cast<float>(i);
        }
        calibration.learnt.more[i][1] = 409;
    }
    for (double recall : {0.5, 0.6, 0.8, 0.93, 0.95, 0.99, 0.999}) {
        for (double rows : {1.0, 10.0, 55.0, 1000.0}) {
            const double margin = margin_for(level_for(calibration, recall), rows);
            EXPECT_NEAR(recall_at(calibration, rows, margin + 1e-6), recall, 1e-4);
        }
    }
    EXPECT_TRUE(std::isnan(recall_at(calibration, 10, -1)));
    EXPECT_NEAR(recall_at(calibration, 10, INFINITY), 0.999, 1e-6);
    EXPECT_TRUE(std::isnan(recall_at({}, 10, 5)));
}

TEST(Margin, IsBetweenThoseMeasured) {
    const Level level = level_with({1, 2, 4, 3, 3, 5});
    EXPECT_DOUBLE_EQ(margin_for(level, 1), 1);
    EXPECT_DOUBLE_EQ(margin_for(level, 3), 2);
    EXPECT_NEAR(margin_for(level, std::sqrt(30.0)), 3, 1e-6);
    EXPECT_DOUBLE_EQ(margin_for(level, 1000), 5);
}

TEST(Margin, BeyondThoseMeasuredIsLarger) {
    for (const auto &margins : {std::array<float, kMargins>{1, 2, 3, 4, 5, 6},
                                std::array<float, kMargins>{6, 5, 4, 3, 2, 1}}) {
        const Level level = level_with(margins);
        EXPECT_GT(margin_for(level, 2000), 6);
        EXPECT_GT(margin_for(level, 1e6), margin_for(level, 2000));
    }
}

TEST(StopRule, WithoutCalibrationNothingIsEnough) {
    StopRule rule;
    rule.begin_pass({}, {}, Metric::kL2, 1, 10, 10);
    EXPECT_FALSE(rule.is_enough(1e30, 1));
}

TEST(StopRule, WithoutABarNothingIsEnough) {
    StopRule rule;
    rule.begin_pass(calibration_of(1), level_with({}), Metric::kL2, 1, 10, 10);
    EXPECT_FALSE(rule.is_enough(1e30, std::numeric_limits<double>::infinity()));
    EXPECT_TRUE(rule.is_enough(1e30, 1));
}

TEST(StopRule, TheMarginIsTheProjectionThatARowBelowTheBarHas) {
    StopRule rule;
    rule.begin_pass(calibration_of(0.5), {}, Metric::kL2, 3, 10, 10);
    // A list at distance 4; rows at distance 2 lie (16 - 4) / (2 * 4 * 0.5) to the query's side.
    EXPECT_DOUBLE_EQ(rule.margin(16, 4), 3);
    EXPECT_DOUBLE_EQ(rule.margin(16, -4), 4) << "no distance is below 0";
    rule.begin_pass(calibration_of(0.5), {}, Metric::kInnerProduct, 3, 10, 10);
    EXPECT_DOUBLE_EQ(rule.margin(-1, -4), 2);
}

TEST(StopRule, ListsOfNothingButTheirCentroidsAreJudgedByTheirDistance) {
    StopRule rule;
    rule.begin_pass(calibration_of(0), level_with({4, 4, 4, 4, 4, 4}), Metric::kL2, 1, 10, 10);
    rule.begin_list({9, 3, 0});
    const std::vector<float> estimates(32, 9);
    count_all(rule, estimates);
    EXPECT_TRUE(rule.is_enough(9, 8.9));
    EXPECT_FALSE(rule.is_enough(9, 9));
    EXPECT_FALSE(rule.is_enough(9, 9.1));
    EXPECT_FALSE(rule.is_enough(0, 0));
}

TEST(StopRule, TheTailIsWhatOneInAHundredExceeds) {
    Calibration calibration = calibration_of(1);
    // All usual rows in one bin, from 0 on.
    calibration.projections[48] = 1 << 15;
    StopRule rule;
    rule.begin_pass(calibration, {}, Metric::kL2, 1, 10, 10);
    EXPECT_NEAR(rule.tail(), 0.0125, 0.001);
    // Projections of 0 to 0.5, in a list at distance 2.
    rule.begin_list({4, 2, 0});
    std::vector<float> estimates;
    for (int i = 0; i < 30000; i++) {
        estimates.push_back(static_cast<float>(4 - 4 * 0.5 * i / 30000));
    }
    count_all(rule, estimates);
    rule.end_list();
    EXPECT_NEAR(rule.tail(), 0.495, 0.013);
    uint32_t counted = 0;
    for (uint32_t n : rule.counted()) {
        counted += n;
    }
    EXPECT_EQ(counted, 30000u);
}

TEST(StopRule, ThousandsOfRowsOfSeveralListsAreEnough) {
    StopRule rule;
    rule.begin_pass(calibration_of(1), {}, Metric::kL2, 1, 10, 10);
    const auto count = [&rule](float projection) {
        const std::vector<float> estimates(3000, 4 - 4 * projection);
        rule.begin_list({4, 2, 0});
        count_all(rule, estimates);
        rule.end_list();
        return rule.tail();
    };
    EXPECT_NEAR(count(0.1F), 0.1, 0.013);
    EXPECT_NEAR(count(0.2F), 0.2, 0.013) << "one list is not enough";
    for (int i = 2; i < 8; i++) {
        count(0.2F);
    }
    EXPECT_NEAR(count(0.9F), 0.2, 0.013);
}

TEST(StopRule, LongerProjectionsMakeTheSearchGoOn) {
    Calibration calibration = calibration_of(1);
    calibration.projections[48] = 1 << 15;
    StopRule rule;
    rule.begin_pass(calibration, level_with({0.2F, 0.2F, 0.2F, 0.2F, 0.2F, 0.2F}), Metric::kL2, 1,
                    10, 10);
    EXPECT_TRUE(rule.is_enough(4, 4 - 4 * 0.3));
    rule.begin_list({4, 2, 0});
    const std::vector<float> near(1000, 4 - 4 * 0.4F);
    count_all(rule, near);
    rule.end_list();
    EXPECT_FALSE(rule.is_enough(4, 4 - 4 * 0.3));
    EXPECT_TRUE(rule.is_enough(4, 4 - 4 * 0.7));
}

// Of ten rows one satisfies the filter: the nearest ten of these are among the nearest hundred.
TEST(StopRule, WithAFilterTheMarginIsThatForMoreRows) {
    const Level level = level_with({0.1F, 0.2F, 0.3F, 0.4F, 0.5F, 0.6F});
    StopRule rule;
    rule.begin_pass(calibration_of(1), level, Metric::kL2, 1, 10, 10);
    const auto scan = [&rule](uint32_t rows, size_t matching) {
        rule.begin_list({4, 2, 0});
        rule.come_to(rows);
        count_all(rule, std::vector<float>(matching, 5));
        rule.end_list();
    };
    const auto expect_margin = [&](double rows) {
        EXPECT_DOUBLE_EQ(rule.rows(), rows);
        const double room = 4 * (margin_for(level, rows) + rule.tail());
        EXPECT_TRUE(rule.is_enough(4, 4 - room - 1e-6));
        EXPECT_FALSE(rule.is_enough(4, 4 - room + 1e-6));
    };
    expect_margin(10);
    scan(100, 100);
    expect_margin(10);
    scan(900, 0);
    expect_margin(100);
    scan(10'000'000, 0);
    expect_margin(1000);  // nothing was measured for more
    rule.begin_pass(calibration_of(1), level, Metric::kL2, 1, 10, 10);
    expect_margin(10);
    rule.begin_pass(calibration_of(1), level, Metric::kL2, 1, 5000, 5000);
    scan(1000, 10);
    EXPECT_DOUBLE_EQ(rule.rows(), 5000);
}

TEST(StopRule, ListsBeforeTheFirstRowThatSatisfiesTheFilterDoNotCount) {
    StopRule rule;
    rule.begin_pass(calibration_of(1), level_with({}), Metric::kL2, 1, 10, 10);
    for (size_t matching : {0, 0, 20, 0}) {
        rule.begin_list({4, 2, 0});
        rule.come_to(50);
        count_all(rule, std::vector<float>(matching, 5));
        rule.end_list();
    }
    EXPECT_DOUBLE_EQ(rule.rows(), 50);
}

// Nor do those that are not even looked at. But they tell that rows begin far from the query.
TEST(StopRule, RowsThatSatisfyTheFilterMayBeginFarAway) {
    Calibration calibration = calibration_of(1);
    calibration.projections[48] = 1 << 15;
    StopRule rule;
    rule.begin_pass(calibration, level_with({}), Metric::kL2, 1, 10, 10);
    rule.come_to(600);
    EXPECT_FALSE(rule.begins_far(0.02)) << "no list was visited";
    rule.begin_list({4, 2, 0});
    rule.come_to(50);
    count_all(rule, std::vector<float>(25, 4 - 4 * 0.3F));
    rule.end_list();
    EXPECT_DOUBLE_EQ(rule.rows(), 20);
    EXPECT_DOUBLE_EQ(rule.share_matching(), 0.5);
    EXPECT_TRUE(rule.begins_far(0.02)) << "twelve of them would have lain in the lists before";
    EXPECT_FALSE(rule.begins_far(0.005)) << "of so few rows none need have";
    // Those that are counted in have projections from 0 to 1 in 80, and 25 have one of .3.
    EXPECT_NEAR(rule.share_beyond(0.2), 25.0 / 325, 1e-6);
    EXPECT_NEAR(rule.share_beyond(-0.1), 1, 1e-6);
    EXPECT_EQ(rule.share_beyond(0.5), 0);
    rule.come_to(600);
    rule.begin_list({4, 2, 0});
    EXPECT_FALSE(rule.begins_far(0.005)) << "lists after the first with one are not before it";
}

// Margins of .1, and half of one more for searches for ten rows.
Calibration calibration_that_learnt() {
    Calibration calibration = calibration_of(1);
    calibration.level[0] = level_with({0.1F, 0.1F, 0.1F, 0.1F, 0.1F, 0.1F});
    calibration.level[0].recall = 0.9F;
    calibration.learnt.more[0][1] = 2048;
    return calibration;
}

// Ten rows with a filter are ten rows to whoever learnt from searches for so many.
TEST(StopRule, WhatWasLearntHoldsWithAFilter) {
    const Calibration calibration = calibration_that_learnt();
    const Level &level = calibration.level[0];
    StopRule rule;
    rule.begin_pass(calibration, level, Metric::kL2, 1, 10, 10);
    rule.begin_list({4, 2, 0});
    rule.come_to(1000);
    count_all(rule, {5});
    rule.end_list();
    EXPECT_DOUBLE_EQ(rule.rows(), 1000);
    const double room = 4 * (0.1 + 2048 / kLearntUnits + rule.tail());
    EXPECT_TRUE(rule.is_enough(4, 4 - room - 1e-6));
    EXPECT_FALSE(rule.is_enough(4, 4 - room + 1e-6));
    rule.end_before(4, 4 - room);
    EXPECT_NEAR(rule.reached(), 0.1, 1e-6) << "it is no recall that was measured";
}

// So are they in the passes that come after the first, which are for more rows.
TEST(StopRule, WhatWasLearntHoldsInLaterPasses) {
    const Calibration calibration = calibration_that_learnt();
    const Level &level = calibration.level[0];
    StopRule rule;
    rule.begin_pass(calibration, level, Metric::kL2, 1, 80, 10);
    EXPECT_DOUBLE_EQ(rule.rows(), 80);
    const double room = 4 * (0.1 + 2048 / kLearntUnits + rule.tail());
    EXPECT_TRUE(rule.is_enough(4, 4 - room - 1e-6));
    EXPECT_FALSE(rule.is_enough(4, 4 - room + 1e-6));
    rule.begin_pass(calibration, level, Metric::kL2, 1, 80, 80);
    EXPECT_TRUE(rule.is_enough(4, 4 - room + 1e-6)) << "which searches for 80 rows have not learnt";
}

TEST(StopRule, EstimatesThatAreNoNumbersAreCounted) {
    StopRule rule;
    rule.begin_pass(calibration_of(1), {}, Metric::kL2, 1, 10, 10);
    rule.begin_list({4, 2, 0});
    const float odd[] = {NAN, INFINITY, -INFINITY, 1e30F, -1e30F};
    count_all(rule, {std::begin(odd), std::end(odd)});
    EXPECT_EQ(rule.counted().front(), 3u);
    EXPECT_EQ(rule.counted().back(), 2u);
    rule.begin_list({INFINITY, INFINITY, 0});
    count_all(rule, {std::begin(odd), std::end(odd)});
    rule.end_list();
    EXPECT_TRUE(std::isfinite(rule.tail()));
}

}  // namespace
}  // namespace pgslab
