// Approximate searches for sets of which few share anything with the query, so that codes cannot
// tell which rows are as far as they can be.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "ivf/testing/order.h"
#include "ivf/testing/scanner.h"
#include "ivf/testing/table.h"
#include "pgslab_core.h"

namespace pgslab {
namespace {

constexpr size_t kDims = 256;
constexpr uint32_t kRows = 9000;

Vector set_of(Random &random, size_t elements, size_t below) {
    Vector v(kDims);
    for (size_t i = 0; i < elements; i++) {
        v[random() % below] = 1;
    }
    return v;
}

PgsEffort effort_for(uint32_t rows) {
    PgsEffort effort = {};
    effort.target_recall = 0.95;
    effort.rows = rows;
    return effort;
}

// One row in 2000 or so has the last element, as the query has; the others share nothing with it.
class FewShared : public testing::Test {
  protected:
    FewShared()
        : table_(
              random_, {kDims, PGS_JACCARD, PGS_BITS, "", "", 0}, kRows,
              [this] {
                  Vector v = set_of(random_, 6, kDims - 1);
                  v[kDims - 1] = random_() % 2000 == 0 ? 1 : 0;
                  return random_() % 50 == 0 ? Vector(kDims) : v;
              },
              40),
          query_(kDims) {
        table_.index().calibrate(60, true);
        query_[kDims - 1] = 1;
    }

    Random random_{91};
    Table table_;
    Vector query_;
};

TEST_F(FewShared, AreFoundAndOthersFillTheLimit) {
    const RowValues values = table_.live_values(query_);
    const auto shared =
        std::count_if(values.begin(), values.end(), [](const auto &v) { return v.second < 1; });
    ASSERT_GT(shared, 0);
    for (size_t memory : {size_t{0}, size_t{1} << 16, size_t{1} << 20}) {
        Scanner scanner(memory);
        scanner.start(table_.index(), query_.data(), false, effort_for(20));
        const auto rows = scanner.rest(20);
        ASSERT_EQ(rows.size(), 20u);
        ASSERT_NO_FATAL_FAILURE(expect_in_order(rows, values));
        const auto found = std::count_if(rows.begin(), rows.end(), [&](const ScannedRow &row) {
            return values.at(number_of(row.tid)) < 1;
        });
        EXPECT_GE(found, shared - 1);
        EXPECT_LE(scanner.work().compared, 3 * kRows);
        EXPECT_EQ(scanner.work().looked_up, 0u);
    }
}

TEST_F(FewShared, EveryRowComesOutInTheEnd) {
    for (size_t memory : {size_t{0}, size_t{1} << 20}) {
        Scanner scanner(memory);
        scanner.start(table_.index(), query_.data(), false, effort_for(20));
        expect_as_approximate(scanner.rest(), table_.live_values(query_));
    }
}

TEST_F(FewShared, OfTheEmptyQueryAllRowsAreAsFar) {
    const Vector empty(kDims);
    for (const bool exact : {false, true}) {
        PgsEffort effort = effort_for(20);
        effort.exact = exact;
        Scanner scanner(1 << 16);
        scanner.start(table_.index(), empty.data(), false, effort);
        EXPECT_EQ(scanner.rest(20).size(), 20u);
        EXPECT_LE(scanner.work().compared, 4 * kRows);
        EXPECT_EQ(scanner.rest().size(), table_.live().size() - 20);
    }
}

}  // namespace
}  // namespace pgslab
