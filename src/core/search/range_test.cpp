// Searches for the rows within a distance keep their promise: the target counts all that lie there.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <tuple>
#include <vector>

#include "ivf/testing/scanner.h"
#include "ivf/testing/table.h"
#include "pgslab_core.h"
#include "search/testing/mixture.h"

namespace pgslab {
namespace {

constexpr uint32_t kWithin[] = {1, 5, 20, 100, 500};
constexpr double kTargets[] = {0.8, 0.95, 0.99};
constexpr uint32_t kQueries = 80;
constexpr uint32_t kRows = 8000;

struct Asked {
    Vector query;
    std::vector<double> truth;  // the operator's values of all rows, ascending
};

class Range : public testing::TestWithParam<PgsMetric> {
  protected:
    Range() : draw_(random_, 64, 120), table_(make_table()) {}

    Table make_table() {
        Table table(
            random_, {64, GetParam(), PGS_F16, "", "", 4}, kRows, [this] { return draw_(); }, 60);
        table.index().calibrate(120, true);
        return table;
    }

    std::vector<Asked> ask(const std::function<Vector()> &draw) const {
        std::vector<Asked> asked;
        while (asked.size() < kQueries) {
            const Vector query = draw();
            asked.push_back({query, table_.brute_force(query)});
        }
        return asked;
    }

    std::vector<Asked> ask_like_rows() {
        return ask([this] { return draw_(); });
    }

    // Rows below the bound that a search finds which asks for so many, 0 for all; and there are
    // none that certainly lie beyond it.
    uint32_t find(const Vector &query, double bound, const PgsEffort &effort) {
        PgsFilter filter = {};
        filter.is_bounded = true;
        filter.bound = bound;
        scanner_.start(table_.index(), query.data(), false, effort, &filter);
        uint32_t found = 0;
        for (const ScannedRow &row : scanner_.rest(effort.rows == 0 ? SIZE_MAX : effort.rows)) {
            EXPECT_LT(row.bound, bound);
            found += table_.value(row, query) < bound ? 1 : 0;
        }
        return found;
    }

    // Mean recall of so many rows within, of which a search asks for some, 0 for all.
    void check(const std::vector<Asked> &asked, uint32_t within, double target, uint32_t rows,
               double slack) {
        PgsEffort effort = {};
        effort.target_recall = target;
        effort.rows = rows;
        const double wanted = rows == 0 ? within : std::min(rows, within);
        double sum = 0;
        double squares = 0;
        for (const Asked &one : asked) {
            const double recall = find(one.query, one.truth[within], effort) / wanted;
            sum += recall;
            squares += recall * recall;
        }
        const double mean = sum / kQueries;
        const double error = std::sqrt(std::max(0.0, squares / kQueries - mean * mean) / kQueries);
        EXPECT_GE(mean + 2.3 * error, target - slack)
            << within << " rows within, " << rows << " wanted, at " << target << ": " << mean;
    }

    Random random_{31};
    Mixture draw_;
    Table table_;
    Scanner scanner_{size_t{1} << 20};
};

TEST_P(Range, IsKeptForQueriesLikeTheRows) {
    const std::vector<Asked> asked = ask_like_rows();
    for (uint32_t within : kWithin) {
        for (double target : kTargets) {
            check(asked, within, target, 0, 0.01);
        }
    }
}

// As many as there are, or the nearest of them.
TEST_P(Range, IsKeptWithALimit) {
    const std::vector<Asked> asked = ask_like_rows();
    for (uint32_t within : kWithin) {
        for (uint32_t rows : {3U, 10U, 100U}) {
            check(asked, within, 0.95, rows, 0.01);
        }
    }
}

TEST_P(Range, IsNearlyKeptForQueriesUnlikeThem) {
    const std::vector<Asked> asked = ask([this] {
        Vector vector = draw_();
        const Vector noise = hard_vector(random_, vector.size(), Kind::kOrdinary);
        for (size_t d = 0; d < vector.size(); d++) {
            vector[d] += 0.8F * noise[d];
        }
        return vector;
    });
    for (uint32_t within : kWithin) {
        check(asked, within, 0.95, 0, 0.12);
    }
}

TEST_P(Range, CostsWhatASearchForAsManyDoes) {
    const std::vector<Asked> asked = ask_like_rows();
    for (uint32_t within : {0U, 10U, 200U}) {
        uint64_t codes[2] = {0, 0};
        for (const Asked &one : asked) {
            PgsEffort effort = {};
            effort.target_recall = 0.95;
            (void)find(one.query, one.truth[within], effort);
            codes[0] += scanner_.work().codes;
            effort.rows = std::max(within, 10U);
            scanner_.start(table_.index(), one.query.data(), false, effort);
            (void)scanner_.rest(effort.rows);
            codes[1] += scanner_.work().codes;
        }
        EXPECT_LE(static_cast<double>(codes[0]), 1.5 * static_cast<double>(codes[1])) << within;
    }
}

// Guesses are right within a factor of four, on average.
TEST_P(Range, ShareOfTheRows) {
    const std::vector<Asked> asked = ask_like_rows();
    for (uint32_t within : {8U, 40U, 200U, 1000U, 4000U}) {
        double logs = 0;
        for (const Asked &one : asked) {
            double share = -1;
            ASSERT_EQ(pgs_expected_within(&table_.index().meta(), table_.index().codebook(),
                                          one.query.data(), one.truth[within], &share),
                      PGS_OK);
            ASSERT_TRUE(share >= 0 && share <= 1) << share;
            logs += std::log(std::max(share, 1e-5) * kRows / within);
        }
        EXPECT_LE(std::abs(logs / kQueries), std::log(4)) << within << " " << logs / kQueries;
    }
}

// Copies of a vector, of which a bound says just how far they lie. Where there are as many lists as
// different vectors, a row differs from its centroid by what that was rounded by, and from the
// query by nothing.
TEST_P(Range, FindsCopies) {
    for (const auto &[dims, around, bits, storage] : {std::tuple{8, 0.0F, 0, PGS_F16},
                                                      {8, 1000.0F, 0, PGS_F16},
                                                      {64, 0.0F, 4, PGS_F16},
                                                      {100, 10.0F, 4, PGS_F16},
                                                      {64, 0.0F, 8, PGS_I8},
                                                      {100, 5.0F, 4, PGS_I8}}) {
        std::vector<Vector> different;
        for (int i = 0; i < 40; i++) {
            Vector vector = hard_vector(random_, dims, Kind::kOrdinary);
            std::transform(vector.begin(), vector.end(), vector.begin(),
                           [&, by = around](float x) { return x + by; });
            different.push_back(vector);
        }
        Table copies(
            random_, {dims, GetParam(), storage, "", "", bits}, 2400,
            [&] { return different[random_() % different.size()]; }, 40);
        copies.index().calibrate(60, true);
        PgsEffort effort = {};
        effort.target_recall = 0.95;
        for (size_t other : {size_t{0}, size_t{1}, different.size() / 2}) {
            double found = 0;
            double due = 0;
            for (size_t i = 0; i < different.size(); i++) {
                const Vector &query = different[i];
                const double bound =
                    operator_value(GetParam(), query, different[(i + other) % different.size()]);
                PgsFilter filter = {};
                filter.is_bounded = true;
                filter.bound = std::nextafter(bound, std::numeric_limits<double>::infinity());
                for (const auto &[number, vector] : copies.live()) {
                    due += operator_value(GetParam(), query, vector) <= bound ? 1 : 0;
                }
                scanner_.start(copies.index(), query.data(), false, effort, &filter);
                for (const ScannedRow &row : scanner_.rest(SIZE_MAX)) {
                    found += copies.value(row, query) <= bound ? 1 : 0;
                }
            }
            EXPECT_GE(found, 0.95 * due) << dims << " " << around << " " << storage << " " << other;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Metrics, Range, testing::Values(PGS_L2, PGS_INNER_PRODUCT, PGS_COSINE));

}  // namespace
}  // namespace pgslab
