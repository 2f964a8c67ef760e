// Approximate search over whole indexes: recall as asked for, work as it should be, and every row
// in the end.
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "ivf/testing/scanner.h"
#include "ivf/testing/table.h"
#include "pgslab_core.h"
#include "search/testing/mixture.h"

namespace pgslab {
namespace {

class Approximate : public testing::TestWithParam<std::tuple<PgsMetric, int>> {
  protected:
    PgsMetric metric() const { return std::get<0>(GetParam()); }
    PgsOptions options(int dims) const {
        return {dims, metric(), storage_for(metric()), "", "", std::get<1>(GetParam())};
    }
};

// Share of the true ten nearest among ten rows, those as near as the tenth included.
double recall_of(const Table &table, const Vector &query, const std::vector<ScannedRow> &rows) {
    const double tenth = table.brute_force(query)[9];
    const double ties = 1e-3 * std::abs(tenth);  // of the stored precision
    int hits = 0;
    for (const ScannedRow &row : rows) {
        hits += table.value(row, query) <= tenth + ties ? 1 : 0;
    }
    return std::min(hits, 10) / 10.0;
}

TEST_P(Approximate, DeliversTheRecallItIsAskedFor) {
    Random random(21);
    Mixture draw(random, 96, 150);
    Table table(
        random, options(96), 12000, [&] { return draw(); }, 60);
    table.index().calibrate(150, true);
    std::vector<Vector> queries;
    for (int i = 0; i < 80; i++) {
        queries.push_back(draw());
    }
    double work_before = 0;
    for (double target : {0.8, 0.9, 0.95, 0.99}) {
        double recall = 0;
        double work = 0;
        for (const Vector &query : queries) {
            Scanner scanner(1 << 20);
            scanner.start(table.index(), query.data(), false, effort_for(target, 10));
            const auto rows = scanner.rest(10);
            ASSERT_EQ(rows.size(), 10u);
            recall += recall_of(table, query, rows);
            work += static_cast<double>(scanner.work().codes);
        }
        // Both measurements are samples.
        EXPECT_GE(recall / 80, target - 0.02) << "target " << target;
        // Where margins are equal, bounds that rule out less find the bar a little sooner.
        EXPECT_GE(work, 0.97 * work_before);
        work_before = work;
    }
    // Half of the rows are in lists.
    EXPECT_LT(work_before / 80, 0.6 * 6000);
}

TEST_P(Approximate, ComesInOrderAndEndsWithTheLastRowHoweverLittleItIsAskedFor) {
    Random random(22);
    HardDraw draw(random, 40);
    Table table(
        random, options(40), 900, [&] { return draw(); }, 12);
    for (size_t memory : {size_t{0}, size_t{1} << 20}) {
        for (uint32_t probes : {0u, 1u, 5u}) {
            for (uint32_t refine : {0u, 1u, 30u}) {
                Scanner scanner(memory);
                const PgsEffort effort = {false, false, 0.8, probes, refine, 10};
                SCOPED_TRACE(testing::Message()
                             << probes << " probes, refine " << refine << ", memory " << memory);
                const Vector &query = table.some_vector(random);
                scanner.start(table.index(), query.data(), false, effort);
                expect_as_approximate(scanner.rest(), table.live_values(query));
            }
        }
    }
}

TEST_P(Approximate, RowsOfAPassAreReturnedWithTightBounds) {
    Random random(23);
    Mixture draw(random, 96, 20);
    Table table(
        random, options(96), 2000, [&] { return draw(); }, 20);
    for (int i = 0; i < 20; i++) {
        const Vector query = draw();
        Scanner scanner(1 << 20);
        scanner.start(table.index(), query.data(), false, effort_for(0.9, 50));
        double before = -INFINITY;
        for (const ScannedRow &row : scanner.rest(50)) {
            ASSERT_EQ(scanner.work().passes, 1u);
            ASSERT_LE(before, row.bound);
            before = row.bound;
            const double value = table.value(row, query);
            ASSERT_NEAR(row.bound, value, 2e-3 * (std::abs(value) + 1));
        }
    }
}

TEST_P(Approximate, SettingsBoundTheWork) {
    Random random(24);
    Mixture draw(random, 96, 20);
    Table table(
        random, options(96), 4000, [&] { return draw(); }, 30);
    for (uint32_t probes : {1u, 3u, 30u, 100u}) {
        Scanner scanner(1 << 20);
        scanner.start(table.index(), draw().data(), false, {false, false, 0.9, probes, 0, 1});
        scanner.rest(1);
        EXPECT_EQ(scanner.work().lists, std::min(probes, table.index().info().lists));
        EXPECT_EQ(scanner.work().passes, 1u);
    }
    for (uint32_t refine : {1u, 5u, 20u}) {
        Scanner scanner(1 << 20);
        scanner.start(table.index(), draw().data(), false, {false, false, 0.9, 0, refine, 1});
        scanner.rest(1);
        // Without refinement codes every vector of the open part is compared.
        const uint64_t open = options(96).refine_bits == 0 ? 2000 : 0;
        EXPECT_LE(scanner.work().compared, refine + open);
        EXPECT_EQ(scanner.work().passes, 1u);
    }
}

// Most pages are, those of the first list, of the directory and of lists that were not the next as
// it seemed aside; and few in vain: of the list that was the next when the scan ended, and of the
// rows that need not be compared in the end.
TEST_P(Approximate, PagesAreAnnouncedBeforeTheyAreAskedFor) {
    Random random(27);
    Mixture draw(random, 96, 150);
    std::vector<TestRow> rows;
    for (uint32_t i = 0; i < 12000; i++) {
        rows.push_back({tid_number(i), draw()});
    }
    MemoryIndex index(options(96), rows, 60);
    index.calibrate(150, true);
    uint64_t unannounced = 0;
    uint64_t in_vain = 0;
    for (int i = 0; i < 40; i++) {
        Scanner scanner(1 << 20);
        scanner.start(index, draw().data(), false, effort_for(0.95, 10));
        ASSERT_EQ(scanner.rest(10).size(), 10u);
        unannounced += scanner.unannounced();
        in_vain += scanner.not_read();
    }
    EXPECT_LE(unannounced, 40u * 11);
    EXPECT_LE(in_vain, 40u);
}

// More than a pass can keep, all at the same distance: the scan must go on, and end.
TEST_P(Approximate, DuplicatesByTheThousandAllComeOut) {
    Random random(25);
    const Vector same = hard_vector(random, 33, Kind::kOrdinary);
    Table table(
        random, options(33), 5000, [&] { return same; }, 8);
    for (const PgsEffort &effort : {kExact, effort_for(0.9), effort_for(0.9, 3000)}) {
        Scanner scanner(0);
        scanner.start(table.index(), same.data(), false, effort);
        EXPECT_EQ(scanner.rest().size(), table.live().size());
    }
}

TEST_P(Approximate, WithoutACalibrationRecallIsStillGood) {
    Random random(26);
    Mixture draw(random, 64, 40);
    Table table(
        random, options(64), 4000, [&] { return draw(); }, 40);
    double recall = 0;
    for (int i = 0; i < 40; i++) {
        const Vector query = draw();
        Scanner scanner(1 << 20);
        scanner.start(table.index(), query.data(), false, effort_for(0.95, 10));
        recall += recall_of(table, query, scanner.rest(10));
    }
    EXPECT_GE(recall / 40, 0.95);
}

INSTANTIATE_TEST_SUITE_P(All, Approximate,
                         testing::Combine(testing::Values(PGS_L2, PGS_INNER_PRODUCT, PGS_COSINE),
                                          testing::Values(0, 4, 8)));
INSTANTIATE_TEST_SUITE_P(OfSets, Approximate,
                         testing::Combine(testing::Values(PGS_HAMMING, PGS_JACCARD),
                                          testing::Values(0)));

}  // namespace
}  // namespace pgslab
