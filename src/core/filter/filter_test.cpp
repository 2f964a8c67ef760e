// Conditions on keys, against the same conditions evaluated as they are written.
#include "filter/filter.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "filter/testing/condition.h"

namespace pgslab {
namespace {

constexpr PgsKeyColumns kColumns = {3, {{4, 1}, {8, 1}, {4, 3}}};

PgsStatus set(Filter &filter, const Condition &condition) {
    const PgsFilter given = condition.filter();
    PgsError error = {};
    const PgsStatus status = filter.set(&given, kColumns, &error);
    EXPECT_EQ(status == PGS_OK, std::string(error.detail).empty());
    return status;
}

// The keys of a row as they are stored: of two numbers and a set.
std::vector<uint8_t> row(uint64_t first, uint64_t second, std::vector<uint64_t> set) {
    set.resize(3, pgs_no_key(4));
    const uint64_t keys[] = {first, second, set[0], set[1], set[2]};
    std::vector<uint8_t> bytes(key_bytes(kColumns));
    store_keys(kColumns, keys, {}, bytes.data());
    return bytes;
}

TEST(Filter, KeysAreStoredOneAfterTheOtherAndReadAsTheyWere) {
    EXPECT_EQ(key_bytes(kColumns), 4u + 8 + 12);
    const std::vector<uint8_t> bytes = row(7, ~0ull - 5, {1, 2});
    EXPECT_EQ(load_key(bytes.data(), 4), 7u);
    EXPECT_EQ(load_key(bytes.data() + 4, 8), ~0ull - 5);
    EXPECT_EQ(load_key(bytes.data() + 20, 4), pgs_no_key(4));
    const PgsKeyColumns again = key_columns(key_formats(kColumns));
    ASSERT_EQ(again.count, kColumns.count);
    for (uint32_t c = 0; c < again.count; c++) {
        EXPECT_EQ(again.column[c].key_bytes, kColumns.column[c].key_bytes);
        EXPECT_EQ(again.column[c].keys, kColumns.column[c].keys);
    }
}

TEST(Filter, ConditionsOfNothingAlwaysOrNeverHold) {
    const std::vector<uint8_t> bytes = row(1, 2, {});
    Filter filter;
    ASSERT_EQ(filter.set(nullptr, kColumns, nullptr), PGS_OK);
    EXPECT_TRUE(filter.asks_nothing() && filter.holds(bytes.data()));
    EXPECT_FALSE(filter.is_never());
    Condition all;
    all.group(PGS_FILTER_ALL, [] {});
    ASSERT_EQ(set(filter, all), PGS_OK);
    EXPECT_TRUE(filter.asks_nothing() && filter.holds(bytes.data()));
    Condition any;
    any.group(PGS_FILTER_ANY, [] {});
    ASSERT_EQ(set(filter, any), PGS_OK);
    EXPECT_FALSE(filter.asks_nothing() || filter.holds(bytes.data()));
    EXPECT_TRUE(filter.is_never());
    Condition none;
    none.keys(0, {});
    ASSERT_EQ(set(filter, none), PGS_OK);
    EXPECT_FALSE(filter.holds(bytes.data()));
    EXPECT_TRUE(filter.is_never());
}

// One condition that nothing satisfies decides for all, but not for any.
TEST(Filter, SaysWhetherARowCanSatisfyIt) {
    for (PgsFilterKind kind : {PGS_FILTER_ALL, PGS_FILTER_ANY}) {
        for (const bool is_other_never : {false, true}) {
            Condition condition;
            condition.group(kind, [&] {
                condition.keys(0, {});
                condition.group(PGS_FILTER_ANY, [&] {
                    if (!is_other_never) {
                        condition.keys(1, {{1, 2}});
                    }
                });
            });
            Filter filter;
            ASSERT_EQ(set(filter, condition), PGS_OK);
            EXPECT_EQ(filter.is_never(), kind == PGS_FILTER_ALL || is_other_never);
        }
    }
}

TEST(Filter, OneColumnMayHaveAddresses) {
    const PgsKeyColumns columns = {2, {{4, 1}, {8, 1, true}}};
    EXPECT_TRUE(are_possible(columns));
    EXPECT_EQ(address_column(columns), 1u);
    EXPECT_EQ(address_column(kColumns), 3u);
    EXPECT_TRUE(key_columns(key_formats(columns)).column[1].is_address);
    EXPECT_FALSE(key_columns(key_formats(columns)).column[0].is_address);
    EXPECT_FALSE(are_possible({1, {{4, 1, true}}}));
    EXPECT_FALSE(are_possible({1, {{8, 2, true}}}));
    EXPECT_FALSE(are_possible({2, {{8, 1, true}, {8, 1, true}}}));
    uint8_t bytes[12];
    const uint64_t key = 5;
    store_keys(columns, &key, {7, 3}, bytes);
    EXPECT_EQ(load_key(bytes, 4), 5u);
    EXPECT_EQ(load_key(bytes + 4, 8), (uint64_t{7} << 16) + 3);
}

// Rows that are named are those with certain addresses, whatever else is asked.
TEST(Filter, RowsAreNamedByTheColumnOfAddresses) {
    const PgsKeyColumns columns = {2, {{4, 1}, {8, 1, true}}};
    PgsTidSet named;
    PgsTidSet none;
    const uint16_t offsets[] = {2, 3, 5};
    PgsError error;
    ASSERT_EQ(named.set.add(7, offsets, 3, &error), PGS_OK);
    ASSERT_EQ(named.set.add(9, nullptr, 0, &error), PGS_OK);
    for (int asked = 0; asked < 4; asked++) {
        Condition condition;
        if (asked == 1) {
            condition.keys(0, {{3, 3}});
        } else if (asked > 1) {
            condition.group(asked == 2 ? PGS_FILTER_ALL : PGS_FILTER_ANY, [&] {
                condition.keys(0, {{3, 3}});
                condition.keys(0, {{3, 4}});
            });
        }
        PgsFilter given = condition.filter();
        given.tids = &named;
        given.may_look_up = true;
        Filter filter;
        ASSERT_EQ(filter.set(&given, columns, &error), PGS_OK);
        EXPECT_TRUE(filter.names_by_keys());
        for (const PgsTid tid : {PgsTid{7, 2}, {7, 4}, {7, 5}, {8, 2}, {9, 1}, {9, 60000}}) {
            for (const uint64_t key : {3, 5}) {
                uint8_t bytes[12];
                store_keys(columns, &key, tid, bytes);
                const bool holds = named.set.contains(tid) && (asked == 0 || key == 3);
                EXPECT_EQ(filter.holds(tid, bytes), holds);
                EXPECT_EQ(filter.holds(bytes), holds);
            }
        }
        given.tids = &none;
        ASSERT_EQ(filter.set(&given, columns, &error), PGS_OK);
        EXPECT_TRUE(filter.is_never());
    }
}

// Without a condition on keys, and with one.
TEST(Filter, RowsThatAreNamedAreTheOnlyOnes) {
    PgsTidSet named;
    const uint16_t offsets[] = {2, 5};
    PgsError error;
    ASSERT_EQ(named.set.add(7, offsets, 2, &error), PGS_OK);
    const std::vector<uint8_t> keys = row(3, 0, {});
    for (const bool asks : {false, true}) {
        Condition condition;
        if (asks) {
            condition.keys(0, {{3, 3}});
        }
        PgsFilter given = condition.filter();
        given.tids = &named;
        Filter filter;
        ASSERT_EQ(filter.set(&given, kColumns, &error), PGS_OK);
        EXPECT_EQ(filter.asks_nothing(), !asks);
        EXPECT_TRUE(filter.holds({7, 2}, keys.data()));
        EXPECT_FALSE(filter.holds({7, 3}, keys.data()));
        EXPECT_FALSE(filter.holds({8, 2}, keys.data()));
        given.tids = nullptr;
        ASSERT_EQ(filter.set(&given, kColumns, &error), PGS_OK);
        EXPECT_TRUE(filter.holds({8, 2}, keys.data()));
    }
}

TEST(Filter, RangesHaveTheirEnds) {
    const uint64_t null = pgs_null_key(8);
    for (size_t ranges : {1, 3, 8, 9, 100}) {
        std::vector<PgsKeyRange> given;
        for (size_t i = 0; i < ranges; i++) {
            given.push_back({10 * i + 10, 10 * i + 15});
        }
        given.back().last = null;
        Condition condition;
        condition.keys(1, given);
        Filter filter;
        ASSERT_EQ(set(filter, condition), PGS_OK);
        for (uint64_t key = 0; key <= 10 * ranges + 20; key++) {
            const bool expected = key >= 10 && (key % 10 <= 5 || key >= 10 * ranges);
            ASSERT_EQ(filter.holds(row(0, key, {}).data()), expected) << key;
        }
        EXPECT_TRUE(filter.holds(row(0, null, {}).data()));
        EXPECT_EQ(filter.holds(row(0, 9, {}).data()), false);
    }
}

TEST(Filter, OfASetOneKeyIsEnough) {
    Condition condition;
    condition.keys(2, {{5, 6}, {9, 9}});
    Filter filter;
    ASSERT_EQ(set(filter, condition), PGS_OK);
    EXPECT_TRUE(filter.holds(row(0, 0, {1, 6, 7}).data()));
    EXPECT_TRUE(filter.holds(row(0, 0, {9}).data()));
    EXPECT_FALSE(filter.holds(row(0, 0, {4, 7, 10}).data()));
    EXPECT_FALSE(filter.holds(row(0, 0, {}).data()));
    EXPECT_FALSE(filter.holds(row(0, 0, {pgs_null_key(4)}).data()));
    EXPECT_TRUE(filter.holds(row(0, 0, {pgs_full_key(4), 1, 2}).data()));  // it may have them
    Condition is_null;
    is_null.keys(2, {{pgs_null_key(4), pgs_null_key(4)}});
    ASSERT_EQ(set(filter, is_null), PGS_OK);
    EXPECT_TRUE(filter.holds(row(0, 0, {pgs_null_key(4)}).data()));
    EXPECT_FALSE(filter.holds(row(0, 0, {}).data()));
    EXPECT_FALSE(filter.holds(row(0, 0, {pgs_full_key(4)}).data()));
    Condition is_not_null;
    is_not_null.keys(2, {{0, pgs_full_key(4)}});
    ASSERT_EQ(set(filter, is_not_null), PGS_OK);
    EXPECT_FALSE(filter.holds(row(0, 0, {pgs_null_key(4)}).data()));
    EXPECT_TRUE(filter.holds(row(0, 0, {}).data()));
    EXPECT_TRUE(filter.holds(row(0, 0, {3}).data()));
}

// Random conditions of four numbers below 8, and what they say when each node is evaluated for
// itself.
TEST(Filter, RandomConditionsHoldWhereTheirNodesSaySo) {
    std::mt19937 random(7);
    const auto below = [&](uint32_t n) { return static_cast<uint32_t>(random() % n); };
    for (int round = 0; round < 2000; round++) {
        const uint64_t first = below(8);
        const uint64_t second = below(8);
        const std::vector<uint64_t> keys = {below(8), below(8), below(8)};
        Condition condition;
        const auto add = [&](auto &self, int depth) -> bool {
            if (depth == 0 || below(3) == 0) {
                const uint32_t column = below(3);
                std::vector<PgsKeyRange> ranges;
                for (uint64_t at = below(3); at < 8; at += 2 + below(3)) {
                    const uint64_t last = at + below(3);
                    ranges.push_back({at, last});
                    at = last;
                }
                condition.keys(column, ranges);
                const auto has = [&](uint64_t key) {
                    return std::any_of(ranges.begin(), ranges.end(), [&](const PgsKeyRange &r) {
                        return r.first <= key && key <= r.last;
                    });
                };
                return column == 0   ? has(first)
                       : column == 1 ? has(second)
                                     : std::any_of(keys.begin(), keys.end(), has);
            }
            const bool all = below(2) == 0;
            bool holds = all;
            condition.group(all ? PGS_FILTER_ALL : PGS_FILTER_ANY, [&] {
                for (uint32_t n = below(4); n > 0; n--) {
                    const bool one = self(self, depth - 1);
                    holds = all ? holds && one : holds || one;
                }
            });
            return holds;
        };
        const bool expected = add(add, 4);
        Filter filter;
        ASSERT_EQ(set(filter, condition), PGS_OK);
        ASSERT_EQ(filter.holds(row(first, second, keys).data()), expected) << round;
    }
}

TEST(Filter, WhatIsNoConditionIsRefused) {
    Condition good;
    good.group(PGS_FILTER_ALL, [&] {
        good.keys(0, {{1, 2}, {4, 5}});
        good.group(PGS_FILTER_ANY, [&] { good.keys(1, {{1, 1}}); });
    });
    Filter filter;
    ASSERT_EQ(set(filter, good), PGS_OK);
    const struct {
        const char *what;
        void (*break_it)(Condition &);
    } faults[] = {
        {"a column that does not exist", [](Condition &c) { c.nodes()[1].column = 3; }},
        {"ranges past the end", [](Condition &c) { c.nodes()[1].ranges = 4; }},
        {"ranges from past the end", [](Condition &c) { c.nodes()[1].first_range = 5; }},
        {"so many ranges that they overflow", [](Condition &c) { c.nodes()[3].ranges = ~0u; }},
        {"a range that ends before it begins", [](Condition &c) { c.ranges()[0].first = 3; }},
        {"ranges that touch", [](Condition &c) { c.ranges()[1].first = 3; }},
        {"ranges out of order",
         [](Condition &c) {
             c.ranges()[1] = {0, 0};
         }},
        {"a key too large", [](Condition &c) { c.ranges()[1].last = 1ull << 32; }},
        {"an unknown kind", [](Condition &c) { c.nodes()[0].kind = PgsFilterKind(0); }},
        {"an end before the node", [](Condition &c) { c.nodes()[2].end = 2; }},
        {"an end past what it lies in", [](Condition &c) { c.nodes()[2].end = 5; }},
        {"two conditions", [](Condition &c) { c.nodes()[0].end = 2; }},
        {"two conditions on keys", [](Condition &c) { c.nodes().erase(c.nodes().begin()); }},
    };
    for (const auto &fault : faults) {
        Condition bad = good;
        fault.break_it(bad);
        EXPECT_EQ(set(filter, bad), PGS_MISUSE) << fault.what;
    }
    Condition deep;
    const auto nest = [&](auto &self, int depth) -> void {
        if (depth > 0) {
            deep.group(PGS_FILTER_ALL, [&] { self(self, depth - 1); });
        }
    };
    nest(nest, PGS_MAX_FILTER_DEPTH);
    EXPECT_EQ(set(filter, deep), PGS_OK);
    deep = {};
    nest(nest, PGS_MAX_FILTER_DEPTH + 1);
    EXPECT_EQ(set(filter, deep), PGS_MISUSE);
}

}  // namespace
}  // namespace pgslab
