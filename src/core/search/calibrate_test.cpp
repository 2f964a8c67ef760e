// A calibration ends, keeps its budget, and learns from given queries.
#include "search/calibrate.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "ivf/meta.h"
#include "search/effort.h"
#include "search/testing/mixture.h"
#include "search/testing/parts.h"

namespace pgslab {
namespace {

constexpr int kDims = 48;

class CalibrateTest : public testing::Test {
  protected:
    CalibrateTest()
        : draw_(random_, kDims, 60),
          table_(
              random_, {kDims, PGS_L2, PGS_F16, "", "", 4}, 6000, [this] { return draw_(); }, 50),
          codebook_(codebook_of(table_.index())),
          rows_(table_.index().meta(), *codebook_, 60, PGS_DRAW_ALL, 1) {
        drive(rows_);
    }

    void drive(Machine &machine) const { drive(machine, table_); }

    static void drive(Machine &machine, const Table &table) {
        PgsError error = {};
        for (;;) {
            PgsRequest request = {};
            require(machine.next(request, &error), error);
            if (request.block == PGS_NO_BLOCK) {
                return;
            }
            require(machine.page(table.index().store().read(request.block), &error), error);
        }
    }

    Calibration calibrate(const PgsCalibrationOptions &options) const {
        Calibrate calibrate(table_.index().meta(), *codebook_, rows_, options);
        drive(calibrate);
        PgsProgress progress = {};
        calibrate.progress(progress);
        EXPECT_TRUE(progress.finished);
        EXPECT_EQ(progress.done, progress.total);
        return calibrate.result();
    }

    Random random_{41};
    Mixture draw_;
    Table table_;
    std::unique_ptr<const Codebook> codebook_;
    Sampler rows_;
};

TEST_F(CalibrateTest, MakesAllRoundsOnlyIfItIsToBeThorough) {
    const Calibration thorough = calibrate({3000, 1 << 20, true, false, nullptr, 0});
    EXPECT_EQ(thorough.queries, 30u * 6);
    const Calibration usual = calibrate({3000, 1 << 20, false, false, nullptr, 0});
    EXPECT_EQ(usual.queries, 8u * 6);
    // Of a large index a tenth of the time of its build is more than these rounds take.
    EXPECT_EQ(calibrate({10'000'000, 1 << 20, false, false, nullptr, 0}).queries, 30u * 6);
    for (const Level &level : thorough.level) {
        EXPECT_GE(level.lists, 1);
        EXPECT_GE(level.codes, 1);
        EXPECT_GE(level.deviations, 1);
    }
}

// It measures with bounds that are wider than any it chooses, or it would not see what they miss.
TEST_F(CalibrateTest, FindsOutWhichDeviationsAreNeeded) {
    const Calibration calibration = calibrate({3000, 1 << 20, true, false, nullptr, 0});
    EXPECT_GT(calibration.level[kLevels - 1].deviations, 2);
    EXPECT_LT(calibration.level[0].deviations, calibration.level[kLevels - 1].deviations);
}

TEST_F(CalibrateTest, LearnsFromGivenQueriesAndKeepsThat) {
    std::vector<float> given;
    for (int i = 0; i < 40; i++) {
        const Vector query = hard_vector(random_, kDims, Kind::kOrdinary);
        for (float x : query) {
            given.push_back(3 * x);
        }
    }
    const Calibration before = calibrate({3000, 1 << 20, true, false, nullptr, 0});
    const Calibration after = calibrate({3000, 1 << 20, true, false, given.data(), 40});
    EXPECT_EQ(after.queries, before.queries + 40);
    for (uint32_t i = 0; i < kLevels; i++) {
        for (uint32_t m = 0; m < kMargins; m++) {
            EXPECT_EQ(after.level[i].margin[m], before.level[i].margin[m]) << "as before";
        }
        for (uint32_t c = 0; c < kRowClasses; c++) {
            EXPECT_EQ(before.learnt.more[i][c], 0);
        }
    }
    EXPECT_GT(learnt_for(after, 1, 0.95), 0) << "they are unlike the rows";
    EXPECT_GT(level_for(after, 0.95).margin[2], level_for(before, 0.95).margin[2]);

    Page page = table_.index().meta();
    set_calibration(page, after);
    Calibrate again(page, *codebook_, rows_, {3000, 1 << 20, true, false, nullptr, 0});
    drive(again);
    EXPECT_EQ(std::memcmp(&again.result().learnt, &after.learnt, sizeof after.learnt), 0);
    Calibrate forgetful(page, *codebook_, rows_, {3000, 1 << 20, true, true, nullptr, 0});
    drive(forgetful);
    EXPECT_EQ(learnt_for(forgetful.result(), 1, 0.95), 0);
}

// Under cosine: rows of fifty lengths along nearly one line, which differ in one element.
Vector nearly_parallel(int i) {
    Vector vector(kDims);
    for (int d = 0; d < kDims; d++) {
        vector[static_cast<size_t>(d)] = static_cast<float>(d % 3 == 2 ? i % 50 : -(i % 50));
    }
    vector[0] += 0.001F * static_cast<float>(i);
    return vector;
}

PgsCalibrationOptions thorough(const std::vector<float> &given) {
    return {3000, 1 << 20, true, false, given.data(), static_cast<uint32_t>(given.size() / kDims)};
}

TEST_F(CalibrateTest, TellsWhereCodesAreTooCoarse) {
    int i = 0;
    Table table(
        random_, {kDims, PGS_COSINE, PGS_F16, "", "", 4}, 800, [&] { return nearly_parallel(++i); },
        4);
    const auto codebook = codebook_of(table.index());
    Sampler rows(table.index().meta(), *codebook, 60, PGS_DRAW_ALL, 1);
    drive(rows, table);
    Calibrate calibrate(table.index().meta(), *codebook, rows, thorough({}));
    drive(calibrate, table);
    EXPECT_GT(calibrate.short_of_rows().promised, 0.9);
    EXPECT_LT(calibrate.short_of_rows().found, 0.9);
    EXPECT_EQ(calibrate.short_of_given().promised, 0) << "there are none";
    EXPECT_EQ(table.index().calibrate(60), std::pair(true, false));
    Calibrate of_others(table_.index().meta(), *codebook_, rows_, thorough({}));
    drive(of_others);
    EXPECT_GE(of_others.short_of_rows().found + 0.01, of_others.short_of_rows().promised);
}

// One row in twenty is such, which is few among the rows that are drawn.
TEST_F(CalibrateTest, TellsWhereCodesAreTooCoarseForGivenQueries) {
    int i = 0;
    Table table(
        random_, {kDims, PGS_COSINE, PGS_F16, "", "", 4}, 8000,
        [&] { return ++i % 20 == 0 ? nearly_parallel(i / 20) : draw_(); }, 40);
    const auto codebook = codebook_of(table.index());
    Sampler rows(table.index().meta(), *codebook, 60, PGS_DRAW_ALL, 1);
    drive(rows, table);
    std::vector<float> given;
    for (int q = 0; q < 40; q++) {
        const Vector query = nearly_parallel(10 * q + 3);
        given.insert(given.end(), query.begin(), query.end());
    }
    Calibrate calibrate(table.index().meta(), *codebook, rows, thorough(given));
    drive(calibrate, table);
    EXPECT_GT(calibrate.short_of_given().promised, 0.9);
    EXPECT_LT(calibrate.short_of_given().found, 0.9);
    EXPECT_GT(calibrate.short_of_rows().found + 0.03, calibrate.short_of_rows().promised);
    EXPECT_EQ(table.index().calibrate(60, false, given), std::pair(false, true));
    given.resize(19 * kDims);
    Calibrate few(table.index().meta(), *codebook, rows, thorough(given));
    drive(few, table);
    EXPECT_EQ(few.short_of_given().promised, 0) << "too few to tell";
}

// Nothing is near to them, or all is as near.
TEST_F(CalibrateTest, TakesAnyQueriesThatItIsGiven) {
    for (const PgsMetric metric : {PGS_L2, PGS_INNER_PRODUCT, PGS_COSINE}) {
        Table table(
            random_, {kDims, metric, PGS_F16, "", "", 4}, 2000, [this] { return draw_(); }, 20);
        for (const float x : {0.0F, 1e-40F, 1e30F, -3.4e38F}) {
            table.index().calibrate(20, false, std::vector<float>(3 * kDims, x));
            EXPECT_GT(table.index().info().calibration_queries, 20u);
            PgsError error = {};
            EXPECT_EQ(pgs_meta_check(&table.index().meta(), &error), PGS_OK) << error.detail;
        }
    }
}

}  // namespace
}  // namespace pgslab
