// Searches of an index whose codes are of the first dimensions only: the same rows in the same
// order, and recall as asked for.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <tuple>
#include <vector>

#include "ivf/testing/codebooks.h"
#include "ivf/testing/order.h"
#include "ivf/testing/scanner.h"
#include "ivf/testing/table.h"
#include "pgslab_core.h"
#include "search/query.h"
#include "search/testing/nested.h"

namespace pgslab {
namespace {

constexpr int kDims = 256;
constexpr int kPrefix = 64;

class Prefix : public testing::TestWithParam<std::tuple<PgsMetric, int>> {
  protected:
    static PgsMetric metric() { return std::get<0>(GetParam()); }
    static PgsOptions options(int prefix_dims) {
        return {kDims, metric(), PGS_F16, "", "", std::get<1>(GetParam()), {}, prefix_dims};
    }
};

double recall_of(const Table &table, const Vector &query, const std::vector<ScannedRow> &rows) {
    const double tenth = table.brute_force(query)[9];
    int hits = 0;
    for (const ScannedRow &row : rows) {
        hits += table.value(row, query) <= tenth ? 1 : 0;
    }
    return std::min(hits, 10) / 10.0;
}

TEST_P(Prefix, AnExactSearchGivesAllRowsInTheOperatorsOrder) {
    Random random(31);
    Nested draw(random, kDims, 20);
    Table table(
        random, options(kPrefix), 1200, [&] { return draw(); }, 8);
    for (int i = 0; i < 10; i++) {
        const Vector query = i % 2 == 0 ? draw() : table.some_vector(random);
        Scanner scanner(1 << 20);
        scanner.start(table.index(), query.data());
        const auto rows = scanner.rest();
        EXPECT_EQ(table.values(rows, query), table.brute_force(query));
        EXPECT_EQ(scanner.work().refined, 0u);
        EXPECT_EQ(scanner.work().codes, 0u);
    }
}

TEST_P(Prefix, VectorsWhoseRestIsFarAreFoundAllTheSame) {
    Random random(32);
    Table table(
        random, options(kPrefix), 800,
        [&] {
            Vector vector = hard_vector(random, kDims, Kind::kOrdinary);
            std::fill(vector.begin(), vector.begin() + kPrefix, 1.0f);
            return vector;
        },
        6);
    for (int i = 0; i < 10; i++) {
        const Vector &query = table.some_vector(random);
        Scanner scanner;
        scanner.start(table.index(), query.data());
        EXPECT_EQ(table.values(scanner.rest(), query), table.brute_force(query));
        scanner.start(table.index(), query.data(), false, effort_for(0.8));
        expect_as_approximate(scanner.rest(), table.live_values(query));
    }
}

TEST_P(Prefix, DeliversTheRecallItIsAskedFor) {
    constexpr int kQueries = 60;
    Random random(33);
    Nested draw(random, kDims, 100);
    Table table(
        random, options(kPrefix), 8000, [&] { return draw(); }, 60);
    table.index().calibrate(100, true);
    std::vector<Vector> queries;
    while (queries.size() < kQueries) {
        queries.push_back(draw());
    }
    for (double target : {0.8, 0.9, 0.95, 0.99}) {
        double recall = 0;
        double compared = 0;
        double codes = 0;
        for (const Vector &query : queries) {
            Scanner scanner(1 << 20);
            scanner.start(table.index(), query.data(), false, effort_for(target, 10));
            recall += recall_of(table, query, scanner.rest(10));
            compared += static_cast<double>(scanner.work().compared);
            codes += static_cast<double>(scanner.work().codes);
        }
        EXPECT_GE(recall / kQueries, target - 0.02) << "target " << target;
        RecordProperty("compared_" + std::to_string(target), std::to_string(compared / kQueries));
        RecordProperty("codes_" + std::to_string(target), std::to_string(codes / kQueries));
        // Half of the rows are in lists; without refinement codes the others are compared, too.
        EXPECT_LT(codes / kQueries, 0.6 * 4000);
        EXPECT_LT(compared / kQueries, std::get<1>(GetParam()) == 0 ? 4000 : 600);
    }
}

INSTANTIATE_TEST_SUITE_P(All, Prefix,
                         testing::Combine(testing::Values(PGS_L2, PGS_INNER_PRODUCT, PGS_COSINE),
                                          testing::Values(0, 4, 8)));

// A query is quantised twice only where codes are not of all dimensions.
TEST(PrefixQuery, IsQuantisedForEachKindOfCode) {
    Random random(35);
    const Vector vector = hard_vector(random, kDims, Kind::kOrdinary);
    const Codebook whole = random_codebook(random, shape_for(PGS_L2, kDims), 4);
    Query query;
    query.set(whole, vector.data());
    EXPECT_EQ(&query.row_codes(), &query.codes);
    EXPECT_EQ(query.prefix.table(), nullptr);
    const Codebook prefix =
        random_codebook(random, shape_for(PGS_L2, kDims, PGS_F16, 4, kPrefix), 4);
    query.set(prefix, vector.data());
    EXPECT_EQ(&query.row_codes(), &query.prefix);
    EXPECT_LT(query.prefix.norm(), query.codes.norm());
}

}  // namespace
}  // namespace pgslab
