// A segment of more rows than a group has: conditions are resolved, rows masked and lists scanned
// in both groups, and across the edge between them.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <set>
#include <vector>

#include "filter/testing/condition.h"
#include "ivf/testing/scanner.h"
#include "search/testing/parts.h"

namespace pgslab {
namespace {

constexpr uint32_t kDims = 4;
constexpr uint32_t kRows = kGroupRows + 5000;
constexpr PgsKeyColumns kColumns = {3, {{4, 1}, {8, 1}, {4, 4}}};
const std::vector<uint64_t> kMost = {values_of_column(0), values_of_column(1), values_of_column(2)};

// Built at once, so that one segment has all rows.
class Groups : public testing::Test {
  protected:
    static void SetUpTestSuite() {
        Random random(21);
        PgsOptions options = {kDims, PGS_L2, PGS_F16, "", "", 4};
        options.keys = kColumns;
        std::vector<TestRow> rows;
        for (uint32_t i = 0; i < kRows; i++) {
            rows.push_back({tid_number(i), hard_vector(random, kDims, Kind::kOrdinary)});
        }
        index_ = std::make_unique<MemoryIndex>(options, rows, 12);
        keys_.resize(size_t{kRows} * key_bytes(kColumns));
        for (uint32_t i = 0; i < kRows; i++) {
            store_keys(kColumns, keys_of_row(kColumns, i).data(), tid_number(i),
                       keys_.data() + size_t{i} * key_bytes(kColumns));
        }
    }
    static void TearDownTestSuite() {
        index_.reset();
        keys_.clear();
    }

    // The numbers of the rows' tids, as the segment has the rows.
    static std::vector<uint32_t> numbers(const SearchedIndex &searched) {
        std::vector<uint32_t> numbers;
        for (const SegmentRow &row : searched.segment_rows()) {
            numbers.push_back(number_of(tid_of(searched.record(row.address))));
        }
        return numbers;
    }

    // Whether the condition holds of each row, by number.
    static std::vector<bool> holding(const PgsFilter &given) {
        Filter filter;
        PgsError error = {};
        require(filter.set(&given, kColumns, &error), error);
        std::vector<bool> holds(kRows);
        for (uint32_t i = 0; i < kRows; i++) {
            holds[i] = filter.holds(tid_number(i), keys_.data() + size_t{i} * key_bytes(kColumns));
        }
        return holds;
    }

    static std::unique_ptr<MemoryIndex> index_;
    static std::vector<uint8_t> keys_;
    Random random_{22};
};

std::unique_ptr<MemoryIndex> Groups::index_;
std::vector<uint8_t> Groups::keys_;

TEST_F(Groups, PostingsTellOfTheRowsOfBoth) {
    SearchedIndex searched(*index_, hard_vector(random_, kDims, Kind::kOrdinary), effort_for(0.9));
    const Segment &segment = searched.context.meta().segment[0];
    ASSERT_EQ(searched.context.meta().segments, 1u);
    ASSERT_EQ(searched.context.layout.groups(segment), 2u);
    const std::vector<uint32_t> number = numbers(searched);
    ASSERT_EQ(number.size(), kRows);
    uint64_t in_second = 0;
    for (int round = 0; round < 25; round++) {
        Condition condition;
        add_random_condition(random_, condition, kColumns, kMost, round % 4);
        const PgsFilter filter = condition.filter();
        PgsError error = {};
        require(searched.context.filter.set(&filter, kColumns, &error), error);
        if (searched.context.filter.asks_nothing() || searched.context.filter.is_never()) {
            continue;
        }
        Matches &matches = searched.matches;
        matches.begin();
        matches.begin_counting();
        searched.read_all(matches);
        matches.begin_resolving();
        searched.read_all(matches);
        const std::vector<bool> holds = holding(filter);
        uint64_t left = 0;
        for (uint64_t row = matches.next_row(0, 0); row < kRows; left++) {
            ASSERT_TRUE(holds[number[row]] || !matches.is_exact()) << row << " in " << round;
            const uint64_t next = matches.next_row(0, row + 1);
            for (uint64_t between = row + 1; between < std::min<uint64_t>(next, kRows); between++) {
                ASSERT_FALSE(holds[number[between]]) << between << " is lost in " << round;
            }
            in_second += row >= kGroupRows ? 1 : 0;
            row = next;
        }
        ASSERT_EQ(left, matches.rows());
    }
    EXPECT_GT(in_second, 10000u);
}

// By every strategy that there is for lists: whatever rows are found satisfy the condition, and
// most of the nearest ones are among them, or all. Queries are rows of either group.
TEST_F(Groups, SearchesFindTheRowsOfBoth) {
    const SearchedIndex searched(*index_, index_->vectors()->at(0), kExact);
    const std::vector<uint32_t> number = numbers(searched);
    const std::set<uint32_t> in_second(number.begin() + kGroupRows, number.end());
    Scanner scanner(size_t{1} << 22);
    std::set<PgsFiltering> met;
    size_t found_nearest = 0;
    size_t wanted_nearest = 0;
    size_t found_in_second = 0;
    for (int round = 0; round < 60; round++) {
        Condition condition;
        if (round % 3 == 0) {
            const uint64_t value = random_() % 300 << 40;
            condition.group(PGS_FILTER_ALL, [&] {
                condition.keys(0, {{random_() % 3, 3}});
                condition.keys(1, {{value, value}});
                condition.keys(2, {{1, 2}});
            });
        } else if (round % 3 == 1) {
            condition.keys(0, {{random_() % 3, 3}});
        } else {
            const uint64_t value = random_() % 300 << 40;
            condition.keys(1, {{value, value}});
        }
        const PgsFilter filter = condition.filter();
        const bool exact = round % 4 == 0;
        const uint32_t from = round % 2 == 0 ? 0 : kGroupRows;
        const Vector query = index_->vectors()->at(number[from + random_() % (kRows - from)]);
        const std::vector<bool> holds = holding(filter);
        std::vector<double> nearest;
        for (const auto &[row, vector] : *index_->vectors()) {
            if (holds[row]) {
                nearest.push_back(operator_value(PGS_L2, query, vector));
            }
        }
        std::sort(nearest.begin(), nearest.end());
        const size_t most = std::min<size_t>(20, nearest.size());
        // Keys of more than one list cost more than all postings would.
        const uint32_t probes = round % 3 == 1 ? 1 : 0;
        scanner.start(*index_, query.data(), false, {exact, false, 0.95, probes, 0, 20}, &filter);
        const std::vector<ScannedRow> found = scanner.rest(20);
        ASSERT_EQ(found.size(), most) << round;
        for (size_t i = 0; i < most; i++) {
            const uint32_t row = number_of(found[i].tid);
            ASSERT_TRUE(holds[row]) << round;
            const double value = operator_value(PGS_L2, query, index_->vectors()->at(row));
            ASSERT_TRUE(!exact || value == nearest[i]) << round;
            found_nearest += probes == 0 && value <= nearest[most - 1] ? 1 : 0;
            found_in_second += in_second.contains(row) ? 1 : 0;
        }
        wanted_nearest += probes == 0 ? most : 0;
        met.insert(scanner.filtering());
    }
    EXPECT_GT(static_cast<double>(found_nearest), 0.9 * static_cast<double>(wanted_nearest));
    EXPECT_GT(found_in_second, 50u);
    for (PgsFiltering filtering :
         {PGS_FILTERING_KEYS, PGS_FILTERING_POSTINGS, PGS_FILTERING_MATCHES}) {
        EXPECT_TRUE(met.contains(filtering)) << filtering;
    }
}

}  // namespace
}  // namespace pgslab
