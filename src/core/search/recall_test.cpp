// The promise of a target: a short form of bench/recall.sh, over small sets with fixed seeds.
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "ivf/testing/scanner.h"
#include "ivf/testing/table.h"
#include "pgslab_core.h"
#include "search/testing/delivered.h"
#include "search/testing/mixture.h"

namespace pgslab {
namespace {

constexpr uint32_t kRowsWanted[] = {1, 5, 10, 50, 100};
constexpr double kTargets[] = {0.8, 0.9, 0.95, 0.99};
constexpr uint32_t kQueries = 120;

using Draw = std::function<Vector()>;

struct Asked {
    Vector query;
    std::vector<double> truth;  // the operator's values of all rows, ascending
};

std::vector<Asked> ask(const Table &table, const Draw &draw) {
    std::vector<Asked> asked;
    while (asked.size() < kQueries) {
        Vector query = draw();
        std::vector<double> truth = table.brute_force(query);
        asked.push_back({std::move(query), std::move(truth)});
    }
    return asked;
}

PgsEffort effort_for(double target, uint32_t rows) {
    PgsEffort effort = {};
    effort.target_recall = target;
    effort.rows = rows;
    return effort;
}

// Of the nearest rows of a query, by the operator, the share that a search finds.
double recall_of(const Table &table, const Asked &asked, const PgsEffort &effort) {
    Scanner scanner(1 << 20);
    scanner.start(table.index(), asked.query.data(), false, effort);
    uint32_t hits = 0;
    for (uint32_t i = 0; i < effort.rows; i++) {
        const std::optional<ScannedRow> row = scanner.next();
        hits += row && table.value(*row, asked.query) <= asked.truth[effort.rows - 1] ? 1 : 0;
    }
    return static_cast<double>(hits) / effort.rows;
}

Delivered mean_recall(const Table &table, const std::vector<Asked> &asked,
                      const PgsEffort &effort) {
    std::vector<double> recalls;
    for (const Asked &one : asked) {
        recalls.push_back(recall_of(table, one, effort));
    }
    return mean_of(recalls);
}

// Cells, a target for a number of rows each, that fall short by more than chance; recall that falls
// as the target rises is none.
struct Outcome {
    int short_cells = 0;
    double worst = 1;  // of delivered less target
};

Outcome measure(const Table &table, const std::vector<Asked> &asked) {
    Outcome outcome;
    for (uint32_t rows : kRowsWanted) {
        double before = 0;
        for (double target : kTargets) {
            const Delivered mean = mean_recall(table, asked, effort_for(target, rows));
            outcome.short_cells += mean.keeps(target) ? 0 : 1;
            outcome.worst = std::min(outcome.worst, mean.recall - target);
            EXPECT_GE(mean.recall, before - 0.002) << rows << " rows at " << target;
            before = mean.recall;
        }
    }
    return outcome;
}

class Recall : public testing::TestWithParam<PgsMetric> {
  protected:
    Table table_of(const Draw &draw, int dims, uint32_t lists) {
        Table table(
            random_,
            {dims, GetParam(), storage_for(GetParam()), "", "", is_of_sets(GetParam()) ? 0 : 4},
            8000, draw, lists);
        table.index().calibrate(120, true);
        return table;
    }

    Random random_{31};
};

TEST_P(Recall, IsKeptForQueriesLikeTheRows) {
    Mixture draw(random_, 64, 120);
    const Table table = table_of([&] { return draw(); }, 64, 60);
    const Outcome outcome = measure(table, ask(table, [&] { return draw(); }));
    EXPECT_EQ(outcome.short_cells, 0);
    EXPECT_GT(outcome.worst, -0.06);
}

TEST_P(Recall, IsNearlyKeptForQueriesUnlikeThem) {
    Mixture draw(random_, 48, 60);
    const Table table = table_of([&] { return draw(); }, 48, 60);
    const auto noisy = [&] {
        Vector vector = draw();
        const Vector noise = hard_vector(random_, 48, Kind::kOrdinary);
        for (size_t d = 0; d < vector.size(); d++) {
            vector[d] += 0.8F * noise[d];
        }
        return vector;
    };
    const Outcome of_noise = measure(table, ask(table, noisy));
    EXPECT_LE(of_noise.short_cells, 2);
    EXPECT_GT(of_noise.worst, -0.12);
}

// Queries from anywhere, where no row is near, and all lists are about as far.
TEST_P(Recall, IsKeptForQueriesThatWereLearntFrom) {
    if (is_of_sets(GetParam())) {
        return;  // there is nothing to learn
    }
    Mixture draw(random_, 48, 60);
    Table table = table_of([&] { return draw(); }, 48, 60);
    const auto anywhere = [&] { return hard_vector(random_, 48, Kind::kOrdinary); };
    const std::vector<Asked> asked = ask(table, anywhere);
    const Outcome before = measure(table, asked);
    EXPECT_GT(before.short_cells, 4) << "or there is nothing to learn";

    std::vector<float> given;
    for (int i = 0; i < 100; i++) {
        const Vector query = anywhere();
        given.insert(given.end(), query.begin(), query.end());
    }
    table.index().calibrate(120, true, given);
    const Outcome after = measure(table, asked);
    EXPECT_LE(after.short_cells, 2);
    EXPECT_GT(after.worst, -0.2) << "of one row, of which a hundred queries tell little";
}

// Rows that came and went since the index was measured: by full-table updates between two steps of
// maintenance, say.
TEST_P(Recall, IsKeptAfterRowsHaveComeAndGone) {
    Mixture draw(random_, 64, 120);
    Table table = table_of([&] { return draw(); }, 64, 60);
    std::vector<Vector> all;
    for (const auto &[number, vector] : table.live()) {
        all.push_back(vector);
    }
    for (const Vector &vector : all) {
        table.insert(vector);
    }
    const std::vector<Asked> asked = ask(table, [&] { return draw(); });
    for (double target : {0.8, 0.95}) {
        const Delivered mean = mean_recall(table, asked, effort_for(target, 10));
        EXPECT_TRUE(mean.keeps(target)) << mean.recall;
    }
}

TEST_P(Recall, DoesNotFallWithMoreEffort) {
    Mixture draw(random_, 64, 120);
    const Table table = table_of([&] { return draw(); }, 64, 60);
    const std::vector<Asked> asked = ask(table, [&] { return draw(); });
    double before = 0;
    for (uint32_t probes : {1u, 2u, 4u, 8u, 16u, 32u, 60u}) {
        PgsEffort effort = effort_for(0.9, 10);
        effort.probes = probes;
        const double recall = mean_recall(table, asked, effort).recall;
        EXPECT_GE(recall, before - 0.002) << probes << " probes";
        before = recall;
    }
    before = 0;
    for (uint32_t rerank : {1u, 10u, 30u, 100u, 1000u}) {
        PgsEffort effort = effort_for(0.9, 10);
        effort.rerank = rerank;
        const double recall = mean_recall(table, asked, effort).recall;
        EXPECT_GE(recall, before - 0.002) << rerank << " compared";
        before = recall;
    }
}

INSTANTIATE_TEST_SUITE_P(Metrics, Recall,
                         testing::Values(PGS_L2, PGS_INNER_PRODUCT, PGS_COSINE, PGS_HAMMING,
                                         PGS_JACCARD));

}  // namespace
}  // namespace pgslab
