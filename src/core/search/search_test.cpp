// Exact search over whole indexes: complete, in the operator's order, with bounds never above it.
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "ivf/testing/scanner.h"
#include "ivf/testing/table.h"
#include "pgslab_core.h"

namespace pgslab {
namespace {

const std::vector<int> kDims = {1,  2,   3,   7,   15,  16,  17,  31,   32,   33,   63,   64,
                                65, 127, 128, 129, 200, 768, 784, 1000, 1024, 1536, 2000, 16000};

// Enough for several passes where vectors are short, and for several record pages.
uint32_t rows_for(int dims) {
    return dims <= 200 ? 600 : dims <= 2000 ? 350 : 50;
}

struct Stored {
    PgsMetric metric;
    PgsStorage storage;
    int refine_bits;
};

class Search : public testing::TestWithParam<Stored> {
  protected:
    void TearDown() override { ASSERT_TRUE(pgs_isa_force("auto")); }

    PgsMetric metric() const { return GetParam().metric; }
    PgsOptions options(int dims) const {
        const bool too_long = dims > pgs_most_dims(GetParam().refine_bits);
        return {dims, metric(), GetParam().storage, "", "", too_long ? 4 : GetParam().refine_bits};
    }

    Table hard_table(Random &random, int dims, uint32_t rows) const {
        HardDraw draw(random, static_cast<size_t>(dims));
        return Table(random, options(dims), rows, [&] { return draw(); });
    }

    Table ordinary_table(Random &random, int dims, uint32_t rows) const {
        return Table(random, options(dims), rows, [&] {
            return hard_vector(random, static_cast<size_t>(dims), Kind::kOrdinary);
        });
    }

    // A query with a distance to every row.
    Vector hard_query(Random &random, const Table &table, int dims) const {
        for (;;) {
            const Vector query = random() % 2 == 0
                                     ? neighbour(random, table.some_vector(random))
                                     : any_hard_vector(random, static_cast<size_t>(dims));
            if (metric() != PGS_COSINE || pgs_norm(query.data(), dims) > 0) {
                return query;
            }
        }
    }
};

void expect_all_once(const Table &table, const std::vector<ScannedRow> &rows) {
    std::set<uint32_t> numbers;
    for (const ScannedRow &row : rows) {
        ASSERT_TRUE(numbers.insert(number_of(row.tid)).second) << "twice";
        ASSERT_TRUE(table.live().contains(number_of(row.tid))) << "not live";
    }
    ASSERT_EQ(numbers.size(), table.live().size());
}

TEST_P(Search, ReturnsEveryLiveRowOnceInAscendingBound) {
    Random random(3);
    for (int dims : kDims) {
        SCOPED_TRACE(dims);
        const Table table = hard_table(random, dims, rows_for(dims));
        for (int i = 0; i < 2; i++) {
            const auto rows = scan_all(table.index(), hard_query(random, table, dims));
            expect_all_once(table, rows);
            for (size_t r = 1; r < rows.size(); r++) {
                ASSERT_LE(rows[r - 1].bound, rows[r].bound);
            }
        }
    }
}

// Wherever intervals overlap the rows have been looked up.
TEST_P(Search, RowsComeAsABruteForceSortGivesThemWithEveryInstructionSet) {
    Random random(5);
    for (int dims : kDims) {
        SCOPED_TRACE(dims);
        const Table table = hard_table(random, dims, rows_for(dims));
        for (int i = 0; i < (dims <= 200 ? 4 : 2); i++) {
            const Vector query = hard_query(random, table, dims);
            for (int isa = 0; pgs_isa_available(isa) != nullptr; isa++) {
                SCOPED_TRACE(pgs_isa_available(isa));
                ASSERT_TRUE(pgs_isa_force(pgs_isa_available(isa)));
                const auto rows = scan_all(table.index(), query);
                ASSERT_NO_FATAL_FAILURE(expect_in_order(rows, table.live_values(query)));
                ASSERT_EQ(table.values(rows, query), table.brute_force(query));
            }
        }
    }
}

// Rows of a table are seldom as hard as the ones above; for these the bound must also be useful.
TEST_P(Search, ForOrdinaryDataTheBoundIsTight) {
    Random random(6);
    const double precision = GetParam().storage == PGS_I8 ? 3e-2 : 1e-3;
    for (int dims : {16, 64, 200, 768, 1536}) {
        SCOPED_TRACE(dims);
        const Table table = ordinary_table(random, dims, 300);
        const Vector query = hard_vector(random, static_cast<size_t>(dims), Kind::kOrdinary);
        size_t loose = 0;
        for (const ScannedRow &row : scan_all(table.index(), query)) {
            const double value = table.value(row, query);
            const double size = metric() == PGS_INNER_PRODUCT ? dims : value;
            loose += value - row.bound > precision * size ? 1 : 0;
        }
        EXPECT_LE(loose, table.live().size() / 100);
    }
}

TEST_P(Search, ForOrdinaryDataTheNearestTenNeedFewRows) {
    if (is_of_sets(metric())) {
        return;  // many are as near as the tenth
    }
    Random random(7);
    for (int dims : {16, 64, 200, 768, 1536}) {
        SCOPED_TRACE(dims);
        const Table table = ordinary_table(random, dims, 600);
        const Vector query = hard_vector(random, static_cast<size_t>(dims), Kind::kOrdinary);
        const double tenth = table.brute_force(query)[9];
        Scanner scanner;
        scanner.start(table.index(), query.data());
        int needed = 0;
        while (scanner.next()->bound <= tenth) {
            needed++;
        }
        EXPECT_GE(needed, 10);
        EXPECT_LE(needed, 13);
    }
}

std::string name_of(const testing::TestParamInfo<Stored> &info) {
    const char *const metrics[] = {"", "L2", "InnerProduct", "Cosine", "L1", "Hamming", "Jaccard"};
    const char *const storages[] = {"", "F16", "F32", "I8", "Bits"};
    return metrics[info.param.metric] + std::string(storages[info.param.storage]) + "Refine" +
           std::to_string(info.param.refine_bits);
}

INSTANTIATE_TEST_SUITE_P(
    All, Search,
    testing::Values(Stored{PGS_L2, PGS_F16, 0}, Stored{PGS_L2, PGS_F16, 4},
                    Stored{PGS_L2, PGS_F32, 8}, Stored{PGS_INNER_PRODUCT, PGS_F32, 0},
                    Stored{PGS_INNER_PRODUCT, PGS_F16, 4}, Stored{PGS_INNER_PRODUCT, PGS_F16, 8},
                    Stored{PGS_COSINE, PGS_F16, 0}, Stored{PGS_COSINE, PGS_F16, 4},
                    Stored{PGS_COSINE, PGS_F32, 8}, Stored{PGS_L1, PGS_F16, 0},
                    Stored{PGS_L1, PGS_F32, 0}, Stored{PGS_L2, PGS_I8, 4},
                    Stored{PGS_INNER_PRODUCT, PGS_I8, 0}, Stored{PGS_COSINE, PGS_I8, 4},
                    Stored{PGS_L1, PGS_I8, 0}, Stored{PGS_HAMMING, PGS_BITS, 0},
                    Stored{PGS_JACCARD, PGS_BITS, 0}),
    name_of);

}  // namespace
}  // namespace pgslab
