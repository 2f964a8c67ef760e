// Rows that lie far from the origin beside their spread, in half precision: found and put in order
// at about the price of others, since what is stored of them is what is left without an offset.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "ivf/testing/scanner.h"
#include "quantize/testing/far_vectors.h"

namespace pgslab {
namespace {

constexpr int kDims = 32;
constexpr uint32_t kRows = 5000;
constexpr uint32_t kWanted = 100;

struct Case {
    PgsMetric metric;
    Far kind;
    double most;  // look-ups for the first rows of a query, on average
};

void PrintTo(const Case &c, std::ostream *out) {
    *out << "metric " << c.metric << ", kind " << static_cast<int>(c.kind);
}

class FarRows : public testing::TestWithParam<Case> {
  protected:
    FarRows() : far_(random_, kDims, GetParam().kind) {
        std::vector<TestRow> rows;
        for (uint32_t i = 0; i < kRows; i++) {
            rows.push_back({tid_number(i), far_.draw(random_)});
        }
        const PgsOptions options = {kDims, GetParam().metric, PGS_F16, "", "", 4};
        index_ = std::make_unique<MemoryIndex>(options, rows, 40);
        index_->calibrate(50);
    }

    // Ascending.
    std::vector<double> all_values(const Vector &query) const {
        std::vector<double> values;
        for (const auto &[number, vector] : *index_->vectors()) {
            values.push_back(operator_value(GetParam().metric, query, vector));
        }
        std::sort(values.begin(), values.end());
        return values;
    }

    // The operator's values of the first rows of a search, whose look-ups are counted.
    std::vector<double> first_values(const Vector &query, const PgsEffort &effort) {
        Scanner scanner(size_t{1} << 20);
        scanner.start(*index_, query.data(), false, effort);
        std::vector<double> values;
        for (uint32_t i = 0; i < kWanted; i++) {
            const Vector &row = index_->vectors()->at(number_of(scanner.next().value().tid));
            values.push_back(operator_value(GetParam().metric, query, row));
        }
        looked_up_ += scanner.work().looked_up;
        return values;
    }

    Random random_{71};
    FarVectors far_;
    std::unique_ptr<MemoryIndex> index_;
    uint64_t looked_up_ = 0;
};

TEST_P(FarRows, AreInTheOperatorsOrderAtTheCostOfFewLookUps) {
    constexpr int kQueries = 20;
    for (int i = 0; i < kQueries; i++) {
        const Vector query = far_.draw(random_);
        const std::vector<double> truth = all_values(query);
        const std::vector<double> found = first_values(query, kExact);
        ASSERT_TRUE(std::equal(found.begin(), found.end(), truth.begin()));
    }
    const double exact = static_cast<double>(looked_up_) / kQueries;
    EXPECT_LE(exact, GetParam().most);
    looked_up_ = 0;
    double recall = 0;
    for (int i = 0; i < kQueries; i++) {
        const Vector query = far_.draw(random_);
        const double last = all_values(query)[kWanted - 1];
        const std::vector<double> found = first_values(query, effort_for(0.95, kWanted));
        ASSERT_TRUE(std::is_sorted(found.begin(), found.end()));
        recall += static_cast<double>(std::count_if(found.begin(), found.end(),
                                                    [=](double x) { return x <= last; })) /
                  kWanted / kQueries;
    }
    const double approximate = static_cast<double>(looked_up_) / kQueries;
    EXPECT_LE(approximate, GetParam().most);
    EXPECT_GE(recall, 0.9);
    RecordProperty("exact", std::to_string(exact));
    RecordProperty("approximate", std::to_string(approximate));
    RecordProperty("recall", std::to_string(recall));
}

INSTANTIATE_TEST_SUITE_P(Rows, FarRows,
                         testing::Values(Case{PGS_L2, Far::kNearTen, 50},
                                         Case{PGS_L2, Far::kHugeElement, 40},
                                         Case{PGS_L2, Far::kWholeNumbers, 10},
                                         Case{PGS_INNER_PRODUCT, Far::kNearTen, 60},
                                         Case{PGS_COSINE, Far::kNearTen, 100}));

}  // namespace
}  // namespace pgslab
