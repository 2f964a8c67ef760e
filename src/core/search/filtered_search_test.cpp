// Searches with a filter, by every strategy, against all rows compared one by one.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <vector>

#include "filter/testing/condition.h"
#include "ivf/testing/named_rows.h"
#include "ivf/testing/scanner.h"
#include "search/testing/parts.h"

namespace pgslab {
namespace {

constexpr uint32_t kDims = 12;
constexpr PgsKeyColumns kColumns = {3, {{4, 1}, {8, 1}, {4, 4}}};
constexpr PgsKeyColumns kWithAddresses = {4, {{4, 1}, {8, 1}, {4, 4}, {8, 1, true}}};
const std::vector<uint64_t> kMost = {values_of_column(0), values_of_column(1), values_of_column(2)};

class FilteredSearch : public testing::Test {
  protected:
    static PgsOptions options(const PgsKeyColumns &columns) {
        PgsOptions options = {kDims, PGS_L2, PGS_F16, "", "", 4};
        options.keys = columns;
        return options;
    }

    explicit FilteredSearch(const PgsKeyColumns &columns = kColumns)
        : random_(5), table_(listed_table(random_, options(columns), 8000, 60, 2)) {}

    // The operator's values of the rows that satisfy the condition, by their numbers.
    RowValues expected(const PgsFilter &given, const Vector &query) const {
        Filter filter;
        PgsError error = {};
        require(filter.set(&given, kColumns, &error), error);
        RowValues values;
        for (const auto &[number, value] : table_.live_values(query)) {
            const std::vector<uint64_t> keys = keys_of_row(kColumns, number);
            std::vector<uint8_t> bytes(key_bytes(kColumns));
            store_keys(kColumns, keys.data(), tid_number(number), bytes.data());
            if (filter.holds(tid_number(number), bytes.data())) {
                values[number] = value;
            }
        }
        return values;
    }

    // A search for some rows gives so many if there are as many, all of which satisfy the filter,
    // in the operator's order; one that compares all of them, or an exact one, gives the nearest.
    void check_search(const PgsFilter &filter, bool exact, uint32_t rows, uint32_t probes) {
        const Vector at = query();
        const RowValues all = expected(filter, at);
        std::vector<double> nearest;
        for (const auto &[number, value] : all) {
            nearest.push_back(value);
        }
        std::sort(nearest.begin(), nearest.end());
        scanner_.start(table_.index(), at.data(), false, {exact, false, 0.9, probes, 0, rows},
                       &filter);
        const std::vector<ScannedRow> found = scanner_.rest(rows);
        // Where so few lists are asked for that rows come too late, these are missing in the end.
        const size_t most = std::min<size_t>(rows, all.size());
        ASSERT_LE(found.size(), most);
        ASSERT_GE(found.size(), probes == 0 ? most : most / 2);
        std::set<uint32_t> numbers;
        double before = -1;
        for (size_t i = 0; i < found.size(); i++) {
            const auto row = all.find(number_of(found[i].tid));
            ASSERT_NE(row, all.end());
            ASSERT_TRUE(numbers.insert(row->first).second);
            ASSERT_LE(before, row->second);
            before = row->second;
            if (exact || scanner_.filtering() == PGS_FILTERING_MATCHES ||
                scanner_.filtering() == PGS_FILTERING_ROWS ||
                scanner_.filtering() == PGS_FILTERING_TABLE) {
                ASSERT_EQ(row->second, nearest[i]);
            }
        }
        met_[scanner_.filtering()]++;
        if (scanner_.filtering() == PGS_FILTERING_NEVER) {
            EXPECT_EQ(scanner_.reads(), 0u);
        }
    }

    void search_named(int rounds);

    Vector query() { return hard_vector(random_, kDims, Kind::kOrdinary); }

    Random random_;
    Table table_;
    Scanner scanner_{size_t{1} << 20};
    std::map<PgsFiltering, int> met_;
};

TEST_F(FilteredSearch, RandomConditionsByEveryStrategy) {
    for (int round = 0; round < 500; round++) {
        SCOPED_TRACE(round);
        Condition condition;
        add_random_condition(random_, condition, kColumns, kMost, round % 4);
        const bool exact = random_() % 4 == 0;
        const auto rows = static_cast<uint32_t>(1 + random_() % 40);
        const auto probes = static_cast<uint32_t>(random_() % 3);
        ASSERT_NO_FATAL_FAILURE(check_search(condition.filter(), exact, rows, probes));
    }
    for (PgsFiltering filtering :
         {PGS_FILTERING_NONE, PGS_FILTERING_NEVER, PGS_FILTERING_ROWS, PGS_FILTERING_KEYS,
          PGS_FILTERING_POSTINGS, PGS_FILTERING_MATCHES}) {
        EXPECT_GT(met_[filtering], 3) << filtering;
    }
}

// Some are named: from one row in a thousand to most of them; whole blocks of the table, too; and
// with conditions on keys.
void FilteredSearch::search_named(int rounds) {
    for (int round = 0; round < rounds; round++) {
        SCOPED_TRACE(round);
        const uint32_t one_in = 1U << random_() % 11;
        std::set<uint32_t> numbers;
        std::set<uint32_t> whole_blocks;
        for (uint32_t n = 0; n < 8000; n++) {
            if (random_() % one_in == 0) {
                numbers.insert(n);
            }
            if (round % 3 == 0 && random_() % (100 * one_in) == 0) {
                whole_blocks.insert(tid_number(n).block);
            }
        }
        const NamedRows named(numbers, whole_blocks);
        Condition condition;
        if (round % 2 == 0) {
            add_random_condition(random_, condition, kColumns, kMost, round % 3);
        }
        PgsFilter filter = condition.filter();
        filter.tids = named.set();
        const bool exact = random_() % 4 == 0;
        const auto rows = static_cast<uint32_t>(1 + random_() % 40);
        const auto probes = static_cast<uint32_t>(random_() % 3);
        ASSERT_NO_FATAL_FAILURE(check_search(filter, exact, rows, probes));
    }
}

TEST_F(FilteredSearch, RowsThatAreNamed) {
    search_named(300);
    EXPECT_GT(met_[PGS_FILTERING_ROWS], 30);
    EXPECT_GT(met_[PGS_FILTERING_TIDS], 30);
}

// An index with a column of addresses.
class FilteredSearchByAddress : public FilteredSearch {
  protected:
    FilteredSearchByAddress() : FilteredSearch(kWithAddresses) {}
};

// Records need not be walked over.
TEST_F(FilteredSearchByAddress, RowsThatAreNamed) {
    search_named(300);
    EXPECT_GT(met_[PGS_FILTERING_POSTINGS], 30);
    EXPECT_GT(met_[PGS_FILTERING_MATCHES], 30);
    EXPECT_EQ(met_[PGS_FILTERING_TIDS], 0);
    EXPECT_EQ(met_[PGS_FILTERING_TABLE], 0);
}

// Eighty of eight thousand rows, which lie side by side in the table or apart: of the postings
// those pages are read that have some, and of each segment a page of fences.
TEST_F(FilteredSearchByAddress, FewRowsThatAreNamedAreFoundByPostings) {
    for (const uint32_t step : {1u, 100u}) {
        std::set<uint32_t> numbers;
        for (uint32_t n = 0; n < 80; n++) {
            numbers.insert(n * step);
        }
        const NamedRows named(numbers);
        PgsFilter filter = {};
        filter.tids = named.set();
        ASSERT_NO_FATAL_FAILURE(check_search(filter, false, 10, 0));
        EXPECT_EQ(scanner_.filtering(), PGS_FILTERING_MATCHES);
        EXPECT_LE(scanner_.work().posting_pages, step == 1 ? 4u : 14u);
        EXPECT_LE(scanner_.work().refined + scanner_.work().compared, 200u);
    }
}

// Where it takes less to look rows up in the table than to find them by postings, that is done.
TEST_F(FilteredSearchByAddress, FewRowsOfFewDimensionsAreLookedUp) {
    for (const uint32_t rows : {100u, 200u}) {
        std::set<uint32_t> numbers;
        for (const auto &live : table_.live()) {
            if (numbers.size() < rows) {
                numbers.insert(live.first);
            }
        }
        const NamedRows named(numbers);
        PgsFilter filter = {};
        filter.tids = named.set();
        filter.may_look_up = true;
        ASSERT_NO_FATAL_FAILURE(check_search(filter, false, 10, 0));
        EXPECT_EQ(scanner_.filtering() == PGS_FILTERING_TABLE, rows == 100);
    }
}

TEST_F(FilteredSearchByAddress, NoRowThatIsNamedReadsNothing) {
    const NamedRows named({});
    PgsFilter filter = {};
    filter.tids = named.set();
    scanner_.start(table_.index(), query().data(), false, {false, false, 0.9, 0, 0, 10}, &filter);
    EXPECT_FALSE(scanner_.next());
    EXPECT_EQ(scanner_.filtering(), PGS_FILTERING_NEVER);
    EXPECT_EQ(scanner_.reads(), 0u);
}

// As few as take less to look up than all records to read: no page of the index is read, and rows
// that nobody sees there do not come. What is said of blocks as a whole cannot be looked up.
TEST_F(FilteredSearch, FewRowsThatAreNamedAreLookedUp) {
    for (int round = 0; round < 200; round++) {
        SCOPED_TRACE(round);
        std::set<uint32_t> numbers;
        for (uint32_t n = random_() % 400; n > 0; n--) {
            const auto number = static_cast<uint32_t>(random_() % 9000);
            if (table_.live().contains(number)) {
                numbers.insert(number);
            }
        }
        std::set<uint32_t> whole_blocks;
        if (round % 10 == 0) {
            whole_blocks.insert(tid_number(4000).block);
        }
        const NamedRows named(numbers, whole_blocks);
        PgsFilter filter = {};
        filter.tids = named.set();
        filter.may_look_up = true;
        const Vector at = query();
        ASSERT_NO_FATAL_FAILURE(check_search(filter, round % 2 == 0, 1 + random_() % 300, 0));
        const bool is_table = scanner_.filtering() == PGS_FILTERING_TABLE;
        ASSERT_TRUE(is_table || numbers.size() > 100 || !whole_blocks.empty());
        ASSERT_FALSE(is_table && (numbers.size() > 250 || !whole_blocks.empty()));
        if (!is_table) {
            continue;
        }
        ASSERT_EQ(scanner_.reads(), 0u);
        filter.is_bounded = true;
        filter.bound = 4;
        size_t within = 0;
        scanner_.start(table_.index(), at.data(), false, {false, false, 0.9, 0, 0, 10}, &filter);
        for (const auto &[number, value] : expected(filter, at)) {
            if (random_() % 8 == 0) {
                scanner_.hide(number);
            } else {
                within += value <= filter.bound ? 1 : 0;
            }
        }
        ASSERT_EQ(scanner_.rest().size(), within);
    }
    EXPECT_GT(met_[PGS_FILTERING_TABLE], 30);
    EXPECT_GT(met_[PGS_FILTERING_ROWS] + met_[PGS_FILTERING_TIDS], 30);
}

// The rows that satisfy the filter lie all together and far from the query, where margins say
// little.
TEST_F(FilteredSearch, RowsFarFromTheQuery) {
    constexpr int kRounds = 60;
    double found = 0;
    for (int round = 0; round < kRounds; round++) {
        const Vector at = query();
        const Vector elsewhere = query();
        std::vector<std::pair<double, uint32_t>> there;
        for (const auto &[number, value] : table_.live_values(elsewhere)) {
            there.emplace_back(value, number);
        }
        std::sort(there.begin(), there.end());
        std::set<uint32_t> numbers;
        for (size_t i = 0; i < 600; i++) {
            numbers.insert(there[i].second);
        }
        const NamedRows named(numbers);
        PgsFilter filter = {};
        filter.tids = named.set();
        std::vector<double> nearest;
        for (const auto &[number, value] : expected(filter, at)) {
            nearest.push_back(value);
        }
        std::sort(nearest.begin(), nearest.end());
        scanner_.start(table_.index(), at.data(), false, {false, false, 0.95, 0, 0, 10}, &filter);
        const RowValues values = table_.live_values(at);
        for (const ScannedRow &row : scanner_.rest(10)) {
            found += values.at(number_of(row.tid)) <= nearest[9] ? 1 : 0;
        }
        ASSERT_EQ(scanner_.filtering(), PGS_FILTERING_TIDS);
    }
    EXPECT_GE(found / (10 * kRounds), 0.94);
}

// Nothing but records is read.
TEST_F(FilteredSearch, RowsThatAreNamedAndDoNotExist) {
    const NamedRows named({1000000, 2000000});
    const PgsFilter filter = {nullptr, 0, nullptr, 0, named.set(), false, false, 0};
    scanner_.start(table_.index(), query().data(), false, {false, false, 0.9, 0, 0, 10}, &filter);
    EXPECT_FALSE(scanner_.next());
    EXPECT_EQ(scanner_.filtering(), PGS_FILTERING_ROWS);
    const PgsWork work = scanner_.work();
    EXPECT_EQ(work.codes + work.refined + work.compared + work.looked_up, 0u);
}

// All rows within a distance, and only those of which it cannot be told besides; exactly, or but
// for some that are missed. With conditions on keys, and with rows that are named; for as many as
// there are, or for the nearest.
TEST_F(FilteredSearch, RowsWithinADistance) {
    double wanted = 0;
    double found = 0;
    for (int round = 0; round < 200; round++) {
        SCOPED_TRACE(round);
        const Vector at = query();
        Condition condition;
        if (round % 2 == 0) {
            add_random_condition(random_, condition, kColumns, kMost, round % 3);
        }
        PgsFilter filter = condition.filter();
        std::set<uint32_t> numbers;
        for (uint32_t n = 0; n < 8000; n++) {
            if (random_() % 3 == 0) {
                numbers.insert(n);
            }
        }
        const NamedRows named(numbers);
        filter.tids = round % 5 == 0 ? named.set() : nullptr;
        std::vector<double> nearest;
        for (const auto &[number, value] : expected(filter, at)) {
            nearest.push_back(value);
        }
        std::sort(nearest.begin(), nearest.end());
        const size_t within =
            std::min<size_t>(nearest.size(), random_() % (round % 3 == 0 ? 20 : 800));
        filter.is_bounded = true;
        filter.bound = within < nearest.size() ? nearest[within] : 1e30;
        const bool exact = random_() % 2 == 0;
        const auto rows = static_cast<uint32_t>(random_() % 2 == 0 ? 0 : 1 + random_() % 30);
        const size_t most = rows == 0 ? within : std::min<size_t>(rows, within);
        scanner_.start(table_.index(), at.data(), false, {exact, false, 0.95, 0, 0, rows}, &filter);
        std::vector<double> values;
        const auto all = table_.live_values(at);
        for (const ScannedRow &row : scanner_.rest(rows == 0 ? SIZE_MAX : rows)) {
            ASSERT_LT(row.bound, filter.bound);
            const double value = all.at(number_of(row.tid));
            ASSERT_TRUE(values.empty() || values.back() <= value);
            values.push_back(value);
        }
        const auto inside = static_cast<size_t>(
            std::lower_bound(values.begin(), values.end(), filter.bound) - values.begin());
        ASSERT_LE(inside, most);
        if (exact) {
            ASSERT_EQ(inside, most);
        }
        wanted += exact ? 0 : static_cast<double>(most);
        found += exact ? 0 : static_cast<double>(inside);
    }
    EXPECT_GE(found, 0.9 * wanted);
}

// A key that no row has costs a few pages of postings, and no code, no vector.
TEST_F(FilteredSearch, WhatNothingSatisfiesReadsNoCode) {
    const KeysIn condition(1, {{(uint64_t{7} << 40) + 1, (uint64_t{8} << 40) - 1}});
    const PgsFilter filter = condition.filter();
    scanner_.start(table_.index(), query().data(), false, {false, false, 0.9, 0, 0, 10}, &filter);
    EXPECT_FALSE(scanner_.next());
    EXPECT_EQ(scanner_.filtering(), PGS_FILTERING_MATCHES);
    const PgsWork work = scanner_.work();
    EXPECT_EQ(work.codes + work.refined + work.compared + work.looked_up, 0u);
    EXPECT_LE(work.posting_pages, 6u);
}

// Not even where lists lie is read. Where all rows are in lists, one page says that there is no
// sidecar.
TEST_F(FilteredSearch, WhatNothingSatisfiesReadsPostingsAndNoDirectory) {
    resegment(table_.index(), random_, 2, [](uint32_t, uint64_t slots) { return slots; });
    const KeysIn condition(1, {{(uint64_t{7} << 40) + 1, (uint64_t{8} << 40) - 1}});
    const PgsFilter filter = condition.filter();
    scanner_.start(table_.index(), query().data(), false, {false, false, 0.9, 0, 0, 10}, &filter);
    EXPECT_FALSE(scanner_.next());
    EXPECT_EQ(scanner_.filtering(), PGS_FILTERING_MATCHES);
    EXPECT_EQ(scanner_.reads(), scanner_.work().posting_pages + 1);
}

// The keys of lists cost more pages than the postings would have: these are read after all, in the
// middle of the search. What lies before rows that were returned by then is left out.
TEST_F(FilteredSearch, ChangesCourseWhereKeysCostMoreThanPostings) {
    uint64_t changed = 0;
    for (int round = 0; round < 20; round++) {
        const KeysIn condition(0, {{0, values_of_column(0)}});
        const PgsFilter filter = condition.filter();
        const Vector at = query();
        const RowValues all = expected(filter, at);
        // One row of one list at first; then all of them.
        scanner_.start(table_.index(), at.data(), false, {false, false, 0.9, 1, 0, 1}, &filter);
        const std::vector<ScannedRow> found = scanner_.rest();
        ASSERT_LE(found.size(), all.size());
        ASSERT_GE(found.size(), all.size() * 9 / 10);
        changed += scanner_.filtering() == PGS_FILTERING_POSTINGS && scanner_.work().key_pages > 0;
    }
    EXPECT_GT(changed, 0u);
}

}  // namespace
}  // namespace pgslab
