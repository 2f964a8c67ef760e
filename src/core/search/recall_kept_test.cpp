// A target is kept while rows come and go: measured when the index was built, held before and after
// each step of maintenance.
#include <gtest/gtest.h>

#include <vector>

#include "ivf/testing/maintenance.h"
#include "search/testing/mixture.h"
#include "search/testing/versioned_table.h"

namespace pgslab {
namespace {

constexpr uint32_t kDims = 24;
constexpr uint32_t kRows = 6000;
constexpr uint32_t kLists = 60;
constexpr uint32_t kQueries = 80;
constexpr size_t kMemory = 4 << 20;

class RecallKept : public testing::TestWithParam<PgsMetric> {
  protected:
    std::vector<Vector> draw(uint32_t n) {
        std::vector<Vector> drawn;
        while (drawn.size() < n) {
            drawn.push_back(mixture_());
        }
        return drawn;
    }

    VersionedTable table_of(const std::vector<Vector> &rows) {
        return VersionedTable({kDims, GetParam(), PGS_F16, "", "", 4}, rows, kLists);
    }

    static void expect_kept(const VersionedTable &table, const std::vector<Vector> &queries,
                            const char *when) {
        for (uint32_t k : {1u, 10u}) {
            for (double target : {0.8, 0.95}) {
                const Delivered delivered = table.delivered(queries, k, target);
                EXPECT_TRUE(delivered.keeps(target))
                    << when << ", " << k << " rows at " << target << ": " << delivered.recall
                    << " +- " << delivered.error;
            }
        }
    }

    // Each step of maintenance, and the promise after it.
    static void expect_kept_by_maintenance(VersionedTable &table,
                                           const std::vector<Vector> &queries) {
        uint64_t xid = 100;
        table.vacuum();
        expect_kept(table, queries, "after VACUUM");
        close(table.index());
        for (uint32_t part = 0; part < kMaxParts; part++) {
            if (has(sealed_parts(table.index()), part)) {
                flush(table.index(), part, kMemory, xid++);
            }
        }
        expect_kept(table, queries, "after a flush");
        merge(table.index(), all_segments(table.index()), sealed_parts(table.index()), xid++);
        expect_kept(table, queries, "after a merge");
        recluster(table.index(), kLists, 7, xid++);
        expect_kept(table, queries, "after a recluster");
    }

    Random random_{37};
    Mixture mixture_{random_, kDims, 60};
};

TEST_P(RecallKept, WhenHalfOfTheRowsGo) {
    VersionedTable table = table_of(draw(kRows));
    const std::vector<Vector> queries = draw(kQueries);
    table.remove(random_, 2);
    ASSERT_LT(table.rows(), kRows * 6 / 10);
    expect_kept(table, queries, "before VACUUM");
    expect_kept_by_maintenance(table, queries);
}

// Updates of the whole table, each of which takes the rows where no list was trained for them.
TEST_P(RecallKept, WhenAllRowsAreMovedThreeTimes) {
    VersionedTable table = table_of(draw(kRows));
    std::vector<Vector> queries = draw(kQueries);
    const auto move = [](Vector vector) {
        vector[0] += 2;
        return vector;
    };
    for (int i = 0; i < 3; i++) {
        table.update(move);
        for (Vector &query : queries) {
            query = move(query);
        }
        expect_kept(table, queries, "after an update");
    }
    expect_kept_by_maintenance(table, queries);
}

// Nineteen rows are the same for each other one.
TEST_P(RecallKept, WhenMostRowsAreCopies) {
    std::vector<Vector> rows = draw(kRows / 20);
    rows.resize(kRows, Vector(kDims, 0.25F));
    VersionedTable table = table_of(rows);
    const std::vector<Vector> queries = draw(kQueries);
    expect_kept(table, queries, "as built");
    for (const Vector &vector : draw(kRows / 40)) {
        table.insert(vector);
    }
    expect_kept(table, queries, "after more of the others");
    expect_kept_by_maintenance(table, queries);
}

INSTANTIATE_TEST_SUITE_P(Metrics, RecallKept,
                         testing::Values(PGS_L2, PGS_INNER_PRODUCT, PGS_COSINE));

}  // namespace
}  // namespace pgslab
