// Margins reach the recall they were fitted for, and do not fall with it.
#include "search/recall_fit.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <utility>

namespace pgslab {
namespace {

using Random = std::mt19937;
constexpr size_t kNumbers = RecallLog::kRows.size();
using Nearest = std::vector<std::array<Needed, kNumbers>>;

// Rows that need margins around `middle`, a bit more the more rows are wanted.
Nearest nearest_rows(Random &random, double middle, float deviations = -5) {
    Nearest nearest(1000);
    for (auto &row : nearest) {
        for (size_t i = 0; i < kNumbers; i++) {
            const double uniform = static_cast<double>(random() % 10000) / 10000;
            row[i] = {
                static_cast<float>(middle + 0.01 * std::log(RecallLog::kRows[i]) + 0.2 * uniform),
                deviations};
        }
    }
    return nearest;
}

TEST(RecallFit, MarginsReachTheRecall) {
    Random random(1);
    RecallFit fit(1);
    for (int q = 0; q < 200; q++) {
        fit.add(0, nearest_rows(random, 0.3));
    }
    Level level = {};
    fit.fit(0.9F, nullptr, level);
    for (uint32_t i = 0; i < kMargins; i++) {
        const double needed = 0.3 + 0.01 * std::log(kMarginRows[i]) + 0.2 * 0.9;
        EXPECT_GT(level.margin[i], needed) << kMarginRows[i];
        EXPECT_LT(level.margin[i], needed + 0.04) << kMarginRows[i];
    }
}

TEST(RecallFit, TheKindThatNeedsMostDecides) {
    Random random(2);
    RecallFit fit(3);
    for (int q = 0; q < 50; q++) {
        fit.add(0, nearest_rows(random, 0.3));
        fit.add(1, nearest_rows(random, 0.8));
    }
    Level level = {};
    fit.fit(0.5F, nullptr, level);
    for (float margin : level.margin) {
        EXPECT_GT(margin, 0.88);
    }
}

TEST(RecallFit, WhatBoundsRuleOutIsMadeUpForByMargins) {
    Random random(3);
    RecallFit fit(1);
    for (int q = 0; q < 50; q++) {
        Nearest nearest = nearest_rows(random, 0);
        for (size_t row = 0; row < nearest.size(); row += 50) {
            for (Needed &needed : nearest[row]) {
                needed.deviations = 10;  // more than any bounds hold for
            }
        }
        fit.add(0, nearest);
    }
    Level level = {};
    fit.fit(0.9F, nullptr, level);
    EXPECT_LE(level.deviations, 3);
    EXPECT_GT(level.margin[kMargins - 1], 0.01 * std::log(1000) + 0.2 * 0.9 / 0.98);
    fit.fit(0.999F, nullptr, level);
    EXPECT_GT(level.margin[kMargins - 1], 0.01 * std::log(1000) + 0.199) << "all there is";
}

TEST(RecallFit, BoundsAreNotForRowsThatNoSearchComesTo) {
    for (float margin : {0.1F, 3.0F}) {
        Random random(6);
        RecallFit fit(1);
        for (int q = 0; q < 50; q++) {
            Nearest nearest = nearest_rows(random, 0);
            for (auto &row : nearest) {
                row.fill(q % 20 == 0 ? Needed{margin, 2.9F} : row[0]);
            }
            fit.add(0, nearest);
        }
        Level level = {};
        fit.fit(0.9F, nullptr, level);
        EXPECT_EQ(level.deviations > 2.9F, margin < 1);
    }
}

// Rows of so many queries, of which one in `every` needs bounds of 2.9 deviations, the others 1.2.
void add_queries(RecallFit &fit, Random &random, uint32_t kind, int queries, size_t every) {
    for (int q = 0; q < queries; q++) {
        Nearest nearest = nearest_rows(random, 0, 1.2F);
        for (size_t row = every / 2; row < nearest.size(); row += every) {
            for (Needed &needed : nearest[row]) {
                needed.deviations = 2.9F;
            }
        }
        fit.add(kind, nearest);
    }
}

TEST(RecallFit, AllKindsTogetherTellWhichDeviationsAreRare) {
    Random random(7);
    RecallFit fit(2);
    add_queries(fit, random, 0, 50, 1000);
    add_queries(fit, random, 1, 50, 20);
    Level level = {};
    fit.fit(0.9F, nullptr, level);
    EXPECT_NEAR(level.deviations, 1.2, 0.01);
    const double at = 0.01 * std::log(1000) + 0.02;
    EXPECT_GT(level.margin[kMargins - 1], at + 0.2 * 0.9 / 0.95 - 0.002) << "which makes up for it";
    EXPECT_LT(level.margin[kMargins - 1], at + 0.2 * 0.9 / 0.95 + 0.01);
}

TEST(RecallFit, NoKindLosesMoreThanItsMarginsCanMakeUpFor) {
    Random random(9);
    RecallFit fit(2);
    add_queries(fit, random, 0, 50, 1000);
    add_queries(fit, random, 1, 5, 5);
    Level level = {};
    fit.fit(0.9F, nullptr, level);
    EXPECT_GT(level.deviations, 2.9F);
}

// One row in a thousand is far beyond the others: no margin makes up for bounds by finding it.
TEST(RecallFit, TheHardestRowsDoNotDecide) {
    Random random(10);
    RecallFit fit(1);
    for (int q = 0; q < 50; q++) {
        Nearest nearest = nearest_rows(random, 0);
        nearest[500].fill({3, -5});
        for (size_t row = 7; row < nearest.size(); row += 9) {
            nearest[row].fill({0, 10});  // more than any bounds hold for
        }
        fit.add(0, nearest);
    }
    Level level = {};
    fit.fit(0.9F, nullptr, level);
    EXPECT_LT(level.margin[kMargins - 1], 0.5F);
}

// Of three rows by twenty queries none but the worst would decide.
TEST(RecallFit, WhatIsMeasuredOfFewRowsDoesNotDecide) {
    Random random(8);
    RecallFit fit(1);
    for (int q = 0; q < 20; q++) {
        Nearest nearest = nearest_rows(random, 0);
        if (q == 0) {
            nearest[0][2].margin = 3;
        }
        fit.add(0, nearest);
    }
    Level level = {};
    fit.fit(0.99F, nullptr, level);
    EXPECT_LT(level.margin[1], 1.5F);
}

TEST(RecallFit, MoreRecallTakesNoLess) {
    Random random(4);
    RecallFit fit(2);
    for (int q = 0; q < 3; q++) {
        fit.add(q % 2, nearest_rows(random, static_cast<double>(random() % 100) / 100,
                                    static_cast<float>(random() % 30) / 10));
    }
    Level levels[kLevels] = {};
    for (uint32_t i = 0; i < kLevels; i++) {
        fit.fit(kRecalls[i], i > 0 ? &levels[i - 1] : nullptr, levels[i]);
        for (uint32_t m = 0; i > 0 && m < kMargins; m++) {
            EXPECT_GE(levels[i].margin[m], levels[i - 1].margin[m]);
            EXPECT_GE(levels[i].deviations, levels[i - 1].deviations);
        }
    }
}

TEST(RecallFit, FewRowsTellAboutFewRows) {
    Random random(5);
    RecallFit fit(1);
    Nearest nearest = nearest_rows(random, 0.1);
    nearest.resize(12);
    for (int q = 0; q < 20; q++) {
        fit.add(0, nearest);
    }
    Level level = {};
    fit.fit(0.9F, nullptr, level);
    for (float margin : level.margin) {
        EXPECT_GT(margin, 0.1F);
        EXPECT_LT(margin, 0.5F);
    }
}

// A hundred rows where lists have some sixty: there is no bar to stop by when they are found.
TEST(RecallFit, RowsThatAnyMarginFindsSayNothingAboutOthers) {
    for (const auto &[least, most] : {std::pair{100U, 200U}, std::pair{100U, 1000U}}) {
        Random random(11);
        RecallFit fit(1);
        for (int q = 0; q < 20; q++) {
            Nearest nearest = nearest_rows(random, 0);
            for (auto &row : nearest) {
                for (size_t i = 0; i < kNumbers; i++) {
                    if (RecallLog::kRows[i] >= least && RecallLog::kRows[i] <= most) {
                        row[i].margin = -std::numeric_limits<float>::infinity();
                    }
                }
            }
            fit.add(0, nearest);
        }
        Level level = {};
        fit.fit(0.5F, nullptr, level);
        EXPECT_GT(level.margin[0], 0.09);
        EXPECT_LT(level.margin[0], 0.18);
        EXPECT_GT(level.margin[kMargins - 1], 0.1);
        EXPECT_LT(level.margin[kMargins - 1], 0.25);
    }
}

// By twenty queries none of the nearest rows was hard to find, which one in thirty is.
TEST(RecallFit, WhatFewRowsNeedAtMostIsNotWhatFewOfManyNeed) {
    RecallFit fit(1);
    for (int q = 0; q < 20; q++) {
        Nearest nearest(1000);
        for (size_t row = 0; row < nearest.size(); row++) {
            for (size_t i = 0; i < kNumbers; i++) {
                const bool is_hard =
                    RecallLog::kRows[i] > 3 && (row + 7 * static_cast<size_t>(q)) % 30 == 0;
                nearest[row][i] = {is_hard ? 0.5F : 0, -5};
            }
        }
        fit.add(0, nearest);
    }
    Level level = {};
    fit.fit(0.99F, nullptr, level);
    EXPECT_GT(level.margin[0], 0.1F) << "as a plain parabola would have it: 0";
    EXPECT_LT(level.margin[0], 0.7F);
}

TEST(RecallFit, RowsThatAnyMarginFindsNeedTheLeast) {
    RecallFit fit(1);
    Nearest nearest(1000);
    for (auto &row : nearest) {
        row.fill({-std::numeric_limits<float>::infinity(), -5});
    }
    fit.add(0, nearest);
    Level level = {};
    fit.fit(0.9F, nullptr, level);
    for (float margin : level.margin) {
        EXPECT_LT(margin, -1.9F);
    }
}

TEST(RecallFit, NothingKnownMeansEverything) {
    RecallFit fit(2);
    Level level = {};
    fit.fit(0.9F, nullptr, level);
    for (float margin : level.margin) {
        EXPECT_GE(margin, 4);
    }
}

}  // namespace
}  // namespace pgslab
