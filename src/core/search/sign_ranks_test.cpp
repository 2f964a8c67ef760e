#include "search/sign_ranks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <numeric>
#include <vector>

#include "ivf/meta.h"
#include "pgslab_core.h"
#include "quantize/testing/hard_vectors.h"
#include "search/recall_fit.h"

namespace pgslab {
namespace {

constexpr uint64_t kAll = std::numeric_limits<uint64_t>::max();

// A table, and some of its rows as though they were drawn.
struct Rows {
    uint32_t dims;
    std::vector<Vector> vectors;

    DrawnRows drawn(uint32_t n) {
        values.clear();
        for (uint32_t i = 0; i < n; i++) {
            values.insert(values.end(), vectors[i].begin(), vectors[i].end());
        }
        addresses.resize(n);
        std::iota(addresses.begin(), addresses.end(), 0);
        return {dims, values, addresses};
    }

    void tell(SignRanks &ranks) const {
        for (size_t i = 0; i < vectors.size(); i++) {
            ranks.add(vectors[i].data(), i);
        }
        ranks.finish();
    }

    std::vector<float> values = {};
    std::vector<uint64_t> addresses = {};
};

uint32_t differing(const Vector &a, const Vector &b) {
    uint32_t n = 0;
    for (size_t i = 0; i < a.size(); i++) {
        n += (a[i] > 0) != (b[i] > 0) ? 1 : 0;
    }
    return n;
}

// The ranks by signs of the ten nearest rows, ties counted against them.
std::vector<uint64_t> ranks_of_nearest(PgsMetric metric, const Rows &rows, const Vector &query) {
    std::vector<std::pair<double, uint32_t>> all;
    for (const Vector &row : rows.vectors) {
        all.emplace_back(
            pgs_operator_value(metric, query.data(), row.data(), static_cast<int>(rows.dims)),
            differing(query, row));
    }
    std::sort(all.begin(), all.end());
    std::vector<uint64_t> ranks;
    for (size_t i = 0; i < SignRanks::kNearest; i++) {
        ranks.push_back(
            static_cast<uint64_t>(std::count_if(all.begin(), all.end(), [&](const auto &other) {
                return other.second <= all[i].second;
            })));
    }
    return ranks;
}

Rows random_rows(Random &random, uint32_t dims, size_t n) {
    Rows rows = {dims, {}};
    for (size_t i = 0; i < n; i++) {
        rows.vectors.push_back(hard_vector(random, dims, Kind::kOrdinary));
    }
    return rows;
}

class SignRanksTest : public testing::TestWithParam<PgsMetric> {};

TEST_P(SignRanksTest, AsManyCandidatesContainTheWantedShareOfTheNearest) {
    Random random(7);
    Rows rows = random_rows(random, 40, 600);
    std::vector<Vector> given;
    std::vector<float> flat;
    for (int i = 0; i < 50; i++) {
        given.push_back(hard_vector(random, rows.dims, Kind::kOrdinary));
        flat.insert(flat.end(), given.back().begin(), given.back().end());
    }
    SignRanks ranks(GetParam(), rows.drawn(30), flat);
    rows.tell(ranks);
    ASSERT_EQ(ranks.rows(), 600u);
    const auto candidates = ranks.candidates();
    std::vector<uint64_t> needed;
    for (const Vector &query : given) {
        const auto of_query = ranks_of_nearest(GetParam(), rows, query);
        needed.insert(needed.end(), of_query.begin(), of_query.end());
    }
    for (uint32_t i = 0; i < kLevels; i++) {
        const auto within = std::count_if(needed.begin(), needed.end(), [&](uint64_t rank) {
            return static_cast<float>(rank) <= candidates[i];
        });
        EXPECT_GE(static_cast<double>(within) / static_cast<double>(needed.size()),
                  recall_by_candidates(kRecalls[i]));
        EXPECT_TRUE(i == 0 || candidates[i] >= candidates[i - 1]);
        EXPECT_LE(candidates[i], 600);
    }
}

INSTANTIATE_TEST_SUITE_P(Metrics, SignRanksTest,
                         testing::Values(PGS_L2, PGS_INNER_PRODUCT, PGS_COSINE, PGS_L1));

TEST(SignRanks, SignsThatSayNothingTakeAllRows) {
    Random random(8);
    Rows rows = random_rows(random, 24, 200);
    for (Vector &row : rows.vectors) {
        std::transform(row.begin(), row.end(), row.begin(), [](float x) { return x * x + 1; });
    }
    SignRanks ranks(PGS_L2, rows.drawn(20), rows.vectors[3]);
    rows.tell(ranks);
    // A query that was given is made of no row.
    for (float candidates : ranks.candidates()) {
        EXPECT_EQ(candidates, 200);
    }
}

// Each group lies about signs of its own, and no query is made of two of them.
TEST(SignRanks, SignsThatTellGroupsApartTakeAGroup) {
    constexpr size_t kGroup = SignRanks::kNearest + 1;
    Random random(9);
    Rows rows = {64, {}};
    for (int group = 0; group < 40; group++) {
        const Vector centre = hard_vector(random, rows.dims, Kind::kOrdinary);
        for (size_t i = 0; i < kGroup; i++) {
            Vector row = centre;
            for (float &x : row) {
                x = (x > 0 ? 1.0F : -1.0F) + static_cast<float>(i) * 1e-3F;
            }
            rows.vectors.push_back(row);
        }
    }
    for (uint32_t group = 0; group < 40; group++) {
        EXPECT_EQ(ranks_of_nearest(PGS_L2, rows, rows.vectors[group * kGroup]).back(), kGroup);
    }
    SignRanks ranks(PGS_L2, rows.drawn(1), {});
    ASSERT_GT(ranks.queries(), 0u);
    rows.tell(ranks);
    EXPECT_GE(ranks.candidates().front(), SignRanks::kNearest);
}

TEST(SignRanks, WithoutRowsThereAreNoQueries) {
    Rows rows = {8, {}};
    SignRanks ranks(PGS_L2, rows.drawn(0), Vector(8, 1.0F));
    EXPECT_EQ(ranks.queries(), 0u);
    EXPECT_EQ(ranks.candidates().back(), 0);
}

TEST(SignRanks, TooFewRowsTellNothing) {
    Random random(10);
    Rows rows = random_rows(random, 16, 9);
    SignRanks ranks(PGS_COSINE, rows.drawn(9), {});
    rows.tell(ranks);
    for (float candidates : ranks.candidates()) {
        EXPECT_EQ(candidates, 0);
    }
}

TEST(SignRanks, RowsWithoutADistanceAreNotNear) {
    Random random(11);
    Rows rows = random_rows(random, 16, 40);
    for (size_t i = 20; i < 40; i++) {
        rows.vectors[i] = Vector(16, 0.0F);
    }
    SignRanks ranks(PGS_COSINE, rows.drawn(10), {});
    rows.tell(ranks);
    for (float candidates : ranks.candidates()) {
        EXPECT_GT(candidates, 0);
        EXPECT_LE(candidates, 40);
    }
}

// ---- what an index keeps of it

class SignCandidates : public testing::Test {
  protected:
    SignCandidates() {
        PgsOptions options = {64, PGS_HAMMING, PGS_BITS, "", "", 0, {}, 0, true};
        init_meta(page_, options);
    }

    void calibrate(uint64_t rows) {
        Calibration calibration = {};
        calibration.queries = 50;
        calibration.rows = rows;
        for (uint32_t i = 0; i < kLevels; i++) {
            calibration.level[i].recall = kRecalls[i];
        }
        set_calibration(page_, calibration);
    }

    void tell(uint64_t rows) {
        std::array<float, kLevels> candidates = {};
        for (uint32_t i = 0; i < kLevels; i++) {
            candidates[i] = 100.0F * static_cast<float>(i + 1);
        }
        set_candidates(page_, candidates, rows);
    }

    uint64_t candidates(double recall, uint64_t rows, uint64_t now) const {
        return candidates_for(meta_of(page_), recall, rows, now);
    }

    Page page_;
};

TEST_F(SignCandidates, AreAllWhereTheTableHasToldNothing) {
    EXPECT_EQ(candidates(0.5, 1, 1000), kAll);
    calibrate(1000);
    EXPECT_EQ(candidates(0.5, 1, 1000), kAll);
}

TEST_F(SignCandidates, GrowWithWhatIsWantedAndWithTheRows) {
    calibrate(10000);
    tell(10000);
    EXPECT_EQ(candidates(0.5, 10, 10000), 100u);
    EXPECT_EQ(candidates(0.5, 1, 10000), 100u);
    EXPECT_EQ(candidates(0.5, 30, 10000), 300u);
    EXPECT_EQ(candidates(kRecalls[7], 10, 10000), 800u);
    EXPECT_GT(candidates(0.85, 10, 10000), 300u);
    EXPECT_LT(candidates(0.85, 10, 10000), 400u);
    EXPECT_EQ(candidates(0.5, 10, 40000), 400u);
    EXPECT_EQ(candidates(0.5, 10, 5000), 100u) << "rows that went may be any";
    EXPECT_EQ(candidates(0.5, 2000, 10000), kAll) << "as many as there are, and more";
    EXPECT_EQ(candidates(0.9995, 10, 10000), kAll);
}

TEST_F(SignCandidates, OutliveACalibrationOfTheIndex) {
    calibrate(1000);
    tell(500);
    EXPECT_EQ(candidates(0.5, 10, 1000), 200u);
    calibrate(3000);
    EXPECT_EQ(candidates(0.5, 10, 3000), 600u);
}

TEST(RecallBySigns, AndByCandidatesMakeUpWhatIsWanted) {
    for (double recall : {0.5, 0.8, 0.95, 0.99, 0.999}) {
        EXPECT_NEAR(recall_by_signs(recall) * recall_by_candidates(recall), recall, 1e-6);
        EXPECT_LE(recall_by_signs(recall), 0.9991);
        EXPECT_LE(recall_by_candidates(recall), 1);
    }
}

}  // namespace
}  // namespace pgslab
