// A table whose index takes inserts, vacuums and maintenance in any order, and what must be found
// of it then.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "ivf/testing/maintenance.h"
#include "ivf/testing/named_rows.h"
#include "ivf/testing/order.h"
#include "ivf/testing/row_keys.h"
#include "ivf/testing/scanner.h"
#include "quantize/testing/hard_vectors.h"
#include "store/meta.h"

namespace pgslab {

class LivingTable {
  public:
    using Draw = std::function<Vector()>;

    LivingTable(const PgsOptions &options, uint32_t rows, uint32_t lists, Draw draw)
        : metric_(options.metric), draw_(std::move(draw)), index_(options, draw_rows(rows), lists) {
        for (auto &[number, row] : rows_) {
            row.content = index_.content({tid_number(number), row.vector});
        }
    }

    MemoryIndex &index() { return index_; }
    const MemoryIndex &index() const { return index_; }
    PgsMetric metric() const { return metric_; }
    size_t rows() const { return rows_.size(); }

    // The id of the transaction that comes next, and taking it: whatever is given up gets it.
    uint64_t next_xid() const { return xid_; }
    uint64_t new_xid() { return xid_++; }

    void insert() {
        const TestRow row = {tid_number(drawn_++), draw_()};
        if (index_.insert(row)) {
            rows_[number_of(row.tid)] = {row.vector, index_.content(row), false};
        }
    }

    void insert(uint32_t n) {
        for (uint32_t i = 0; i < n; i++) {
            insert();
        }
    }

    // Deletes about one in `of` rows and vacuums; returns which.
    std::set<uint32_t> vacuum(Random &random, uint32_t of) {
        std::set<uint32_t> dead;
        for (const auto &[number, row] : rows_) {
            if (random() % of == 0) {
                dead.insert(number);
            }
        }
        index_.vacuum([&](PgsTid tid) { return dead.count(number_of(tid)) != 0; });
        for (uint32_t number : dead) {
            rows_.erase(number);
        }
        return dead;
    }

    // Flags about one in `of` rows as a scan does that finds them dead.
    void kill(Random &random, uint32_t of) {
        Scanner scanner;
        scanner.start(index_, nullptr);
        std::vector<std::pair<PgsRecordPage, uint32_t>> places;
        while (const auto row = scanner.next()) {
            if (random() % of == 0) {
                uint32_t i = 0;
                const PgsRecordPage where = scanner.record_page(row->slot, &i);
                places.emplace_back(where, i);
                rows_.at(number_of(row->tid)).killed = true;
            }
        }
        for (const auto &[where, i] : places) {
            index_.kill(where, i);
        }
    }

    Vector some_query(Random &random) {
        if (rows_.empty() || random() % 4 == 0) {
            return draw_();
        }
        return std::next(rows_.begin(), static_cast<ptrdiff_t>(random() % rows_.size()))
            ->second.vector;
    }

    std::set<uint32_t> numbers(bool without_killed = false) const {
        std::set<uint32_t> numbers;
        for (const auto &[number, row] : rows_) {
            if (!without_killed || !row.killed) {
                numbers.insert(number);
            }
        }
        return numbers;
    }

    // Pages agree with one another and hold exactly the live rows; every block has an owner.
    void check_pages() const {
        const Page meta = index_.store().read(0);
        PgsError error = {};
        ASSERT_EQ(pgs_meta_check(&meta, &error), PGS_OK) << error.detail;
        std::map<uint32_t, uint32_t> found;
        Verified verified;
        try {
            verified = verify(index_.store());
        } catch (const CoreFailure &failure) {
            FAIL() << failure.what();
        }
        for (const PgsVerifiedRow &row : verified.rows) {
            ASSERT_TRUE(found.emplace(number_of(row.tid), row.content).second) << "twice";
        }
        std::map<uint32_t, uint32_t> expected;
        for (const auto &[number, row] : rows_) {
            expected[number] = row.content;
        }
        ASSERT_EQ(found, expected);
        for (uint32_t block = 0; block < meta_of(meta).end_block; block++) {
            ASSERT_NE(pgs_block_role(&meta, block), PGS_ROLE_BEYOND) << "block " << block;
        }
    }

    // Exact scans find each row once in the order of brute force, approximate ones what they
    // promise.
    void check_scans(const Vector &query) const {
        Scanner scanner;
        try {
            for (bool believe : {false, true}) {
                scanner.start(index_, query.data(), believe);
                const std::vector<ScannedRow> exact = scanner.rest();
                expect_each_once(exact, numbers(believe), "exact");
                expect_order(exact, query, believe);
                scanner.start(index_, query.data(), believe, effort_for(0.9, 4));
                expect_as_approximate(scanner.rest(), values(query, believe));
                scanner.start(index_, nullptr, believe);
                expect_each_once(scanner.rest(), numbers(believe), "unordered");
                check_filtered_scans(scanner, query, believe);
            }
        } catch (const CoreFailure &failure) {
            FAIL() << failure.what();
        }
    }

    // With a condition on each of the filter columns, behind which addresses may come: that one key
    // is among a few; and with a third of the rows named, and a block of the table.
    void check_filtered_scans(Scanner &scanner, const Vector &query, bool believe) const {
        // Conditions that ask nothing, and that nothing satisfies, need no filter column.
        for (PgsFilterKind kind : {PGS_FILTER_ALL, PGS_FILTER_ANY}) {
            const PgsFilterNode node = {kind, 1, 0, 0, 0};
            const PgsFilter filter = {&node, 1, nullptr, 0, nullptr, false, false, 0};
            const RowValues expected =
                kind == PGS_FILTER_ALL ? values(query, believe) : RowValues();
            scanner.start(index_, query.data(), believe, effort_for(0.9, 4), &filter);
            expect_as_approximate(scanner.rest(), expected);
        }
        const NamedRows named = name_some();
        const PgsFilter only_named = {nullptr, 0, nullptr, 0, named.set(), false, false, 0};
        check_filtered_scan(scanner, query, believe, only_named,
                            [&](uint32_t number) { return named.has(number); });
        const PgsKeyColumns columns = index_.info().keys;
        for (uint32_t c = 0; c < address_column(columns); c++) {
            const uint64_t step = columns.column[c].key_bytes == 8 ? uint64_t{1} << 40 : 1;
            const uint64_t null = pgs_null_key(columns.column[c].key_bytes);
            const KeysIn conditions[] = {
                {c, {{0, 0}}}, {c, {{step, 3 * step}}}, {c, {{null, null}}}, {c, {{77, 99}}}};
            for (const KeysIn &condition : conditions) {
                const auto has_key = [&](uint32_t number) {
                    return has_key_in(columns, c, number, condition.ranges[0]);
                };
                PgsFilter filter = condition.filter();
                check_filtered_scan(scanner, query, believe, filter, has_key);
                filter.tids = named.set();
                check_filtered_scan(scanner, query, believe, filter, [&](uint32_t number) {
                    return named.has(number) && has_key(number);
                });
            }
        }
    }

    NamedRows name_some() const {
        std::set<uint32_t> some;
        for (const auto &[number, row] : rows_) {
            if (number % 3 == 0) {
                some.insert(number);
            }
        }
        return NamedRows(some, {1});
    }

    template <typename Satisfies>
    void check_filtered_scan(Scanner &scanner, const Vector &query, bool believe,
                             const PgsFilter &filter, Satisfies satisfies) const {
        RowValues expected;
        std::set<uint32_t> numbers;
        for (const auto &[number, value] : values(query, believe)) {
            if (satisfies(number)) {
                expected[number] = value;
                numbers.insert(number);
            }
        }
        scanner.start(index_, query.data(), believe, kExact, &filter);
        const std::vector<ScannedRow> exact = scanner.rest();
        expect_each_once(exact, numbers, "exact, filtered");
        expect_in_order(exact, expected);
        scanner.start(index_, query.data(), believe, effort_for(0.9, 4), &filter);
        expect_as_approximate(scanner.rest(), expected);
        scanner.start(index_, nullptr, believe, kExact, &filter);
        expect_each_once(scanner.rest(), numbers, "unordered, filtered");
    }

    // Share of the true k nearest, or rows as near but for the stored precision, among the first k
    // of a search at the usual recall.
    double recall(const Vector &query, size_t k) const {
        std::vector<double> truth;
        for (const auto &[number, row] : rows_) {
            truth.push_back(operator_value(metric_, query, row.vector));
        }
        std::sort(truth.begin(), truth.end());
        const double farthest = truth.at(k - 1) + 2e-3 * std::abs(truth.at(k - 1));
        Scanner scanner(size_t{1} << 20);
        scanner.start(index_, query.data(), true, effort_for(0.95, static_cast<uint32_t>(k)));
        double hits = 0;
        for (size_t i = 0; i < k; i++) {
            const Vector &row = rows_.at(number_of(scanner.next().value().tid)).vector;
            hits += operator_value(metric_, query, row) <= farthest ? 1 : 0;
        }
        return hits / static_cast<double>(k);
    }

    void check(Random &random) {
        check_pages();
        check_scans(some_query(random));
    }

    RowValues values(const Vector &query, bool without_killed) const {
        RowValues values;
        for (const auto &[number, row] : rows_) {
            if (!without_killed || !row.killed) {
                values[number] = operator_value(metric_, query, row.vector);
            }
        }
        return values;
    }

  private:
    struct LiveRow {
        Vector vector;
        uint32_t content;
        bool killed;
    };

    std::vector<TestRow> draw_rows(uint32_t rows) {
        std::vector<TestRow> drawn;
        while (drawn_ < rows) {
            drawn.push_back({tid_number(drawn_++), draw_()});
            const Vector &v = drawn.back().vector;
            const bool zero = std::all_of(v.begin(), v.end(), [](float x) { return x == 0; });
            if (metric_ != PGS_COSINE || !zero) {
                rows_[drawn_ - 1] = {v, 0, false};
            }
        }
        return drawn;
    }

    static void expect_each_once(const std::vector<ScannedRow> &rows,
                                 const std::set<uint32_t> &expected, const char *what) {
        std::set<uint32_t> found;
        for (const ScannedRow &row : rows) {
            ASSERT_TRUE(found.insert(number_of(row.tid)).second) << what << ": twice";
        }
        ASSERT_EQ(found, expected) << what;
    }

    void expect_order(const std::vector<ScannedRow> &rows, const Vector &query,
                      bool without_killed) const {
        std::vector<double> values;
        for (const ScannedRow &row : rows) {
            values.push_back(operator_value(metric_, query, rows_.at(number_of(row.tid)).vector));
        }
        std::vector<double> brute_force;
        for (const auto &[number, row] : rows_) {
            if (!without_killed || !row.killed) {
                brute_force.push_back(operator_value(metric_, query, row.vector));
            }
        }
        if (std::any_of(values.begin(), values.end(), [](double x) { return std::isnan(x); })) {
            return;  // the zero vector has no order under cosine
        }
        std::sort(brute_force.begin(), brute_force.end());
        ASSERT_EQ(values, brute_force);
    }

    PgsMetric metric_;
    Draw draw_;
    uint32_t drawn_ = 0;
    uint64_t xid_ = 100;
    std::map<uint32_t, LiveRow> rows_;
    MemoryIndex index_;  // after what draw_rows() fills
};

// A scan that goes on while the table changes, over the manifest as it was at its start.
class LongScan {
  public:
    LongScan(const LivingTable &table, const Vector &query, int kind)
        : meta_(table.index().meta()),
          codebook_(load_codebook(table.index().store(), meta_)),
          query_(query),
          metric_(table.metric()),
          vectors_(*table.index().vectors()),
          is_approximate_(kind == 2),
          xid_(table.next_xid()),
          must_(table.numbers()),
          may_(must_) {
        const float *asked = kind == 0 ? nullptr : query_.data();
        scanner_.start(table.index().store(), meta_, codebook_.get(), &vectors_, asked, false,
                       kind == 1 ? kExact : effort_for(0.8, 3));
    }

    // Whatever was given up before may be used again without its noticing.
    uint64_t xid() const { return xid_; }

    void inserted(uint32_t number) { may_.insert(number); }
    void deleted(uint32_t number) { must_.erase(number); }

    // Takes up to n rows; false at the end.
    bool go_on(size_t n) {
        for (size_t i = 0; i < n; i++) {
            const std::optional<ScannedRow> row = scanner_.next();
            if (!row) {
                return false;
            }
            EXPECT_TRUE(found_.insert(number_of(row->tid)).second) << "twice";
            EXPECT_EQ(may_.count(number_of(row->tid)), 1u) << number_of(row->tid);
            last_ = number_of(row->tid);
        }
        return true;
    }

    // To the end: all rows that were there all the time have come, or lie before the last one of an
    // approximate scan.
    void finish() {
        while (go_on(1000)) {
        }
        for (uint32_t number : must_) {
            EXPECT_TRUE(found_.contains(number) ||
                        (is_approximate_ && !found_.empty() && value_of(number) < value_of(last_)))
                << "row " << number << " is missing";
        }
    }

  private:
    double value_of(uint32_t number) const {
        return operator_value(metric_, query_, vectors_.at(number));
    }

    Page meta_;
    Owned<PgsCodebook> codebook_;
    Vector query_;
    PgsMetric metric_;
    const RowVectors &vectors_;  // of the table
    bool is_approximate_;
    uint32_t last_ = 0;  // row that came
    uint64_t xid_;
    std::set<uint32_t> must_;
    std::set<uint32_t> may_;
    std::set<uint32_t> found_;
    Scanner scanner_;
};

}  // namespace pgslab
