// Targets for numbers of rows at the end of what is measured, and beyond it: a thousand, or a
// twentieth of the index where that is less.
#include <gtest/gtest.h>

#include <vector>

#include "search/testing/mixture.h"
#include "search/testing/versioned_table.h"

namespace pgslab {
namespace {

constexpr uint32_t kDims = 16;
constexpr uint32_t kQueries = 40;

struct Case {
    PgsMetric metric;
    uint32_t rows;
    uint32_t wanted;
};

class RecallOfManyRows : public testing::TestWithParam<Case> {};

TEST_P(RecallOfManyRows, IsKept) {
    const Case &tested = GetParam();
    Random random(41);
    Mixture mixture(random, kDims, 100);
    std::vector<Vector> rows;
    while (rows.size() < tested.rows) {
        rows.push_back(mixture());
    }
    VersionedTable table({kDims, tested.metric, PGS_F16, "", "", 4}, rows, tested.rows / 100);
    std::vector<Vector> queries;
    while (queries.size() < kQueries) {
        queries.push_back(mixture());
    }
    for (double target : {0.8, 0.9, 0.95, 0.99}) {
        const Delivered delivered = table.delivered(queries, tested.wanted, target);
        EXPECT_TRUE(delivered.keeps(target))
            << tested.wanted << " of " << tested.rows << " at " << target << ": "
            << delivered.recall << " +- " << delivered.error;
    }
}

INSTANTIATE_TEST_SUITE_P(
    Cells, RecallOfManyRows,
    testing::Values(Case{PGS_L2, 20000, 1000}, Case{PGS_L2, 20000, 2000}, Case{PGS_L2, 6000, 1000},
                    Case{PGS_INNER_PRODUCT, 20000, 2000}, Case{PGS_INNER_PRODUCT, 6000, 1000},
                    Case{PGS_COSINE, 20000, 2000}, Case{PGS_COSINE, 6000, 1000}));

}  // namespace
}  // namespace pgslab
