#include "filter/tid_set.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <vector>

namespace pgslab {
namespace {

using Offsets = std::vector<uint16_t>;

PgsStatus add(TidSet &set, uint32_t block, const Offsets &offsets) {
    PgsError error;
    return set.add(block, offsets.data(), static_cast<uint32_t>(offsets.size()), &error);
}

// Ranges have what the set has, and are such as a filter takes.
void check_ranges(const TidSet &set, uint64_t rows, uint64_t whole_blocks) {
    uint64_t keys = 0;
    uint64_t next = 0;
    for (const PgsKeyRange &range : set.ranges()) {
        ASSERT_TRUE(range.first > next || keys == 0);
        ASSERT_LE(range.first, range.last);
        for (uint64_t key = range.first; key <= range.last; key++) {
            ASSERT_TRUE(set.contains(tid_of_key(key)));
        }
        keys += range.last - range.first + 1;
        next = range.last + 1;
    }
    ASSERT_EQ(keys, rows + (whole_blocks << 16));
}

TEST(TidSet, OfNothingHasNothing) {
    TidSet set;
    check_ranges(set, 0, 0);
    EXPECT_FALSE(set.contains({0, 1}));
    EXPECT_FALSE(set.contains({UINT32_MAX, UINT16_MAX}));
    EXPECT_EQ(set.rows(), 0u);
}

// Against a std::set, in tables that are dense and sparse, with blocks of which all rows are in.
TEST(TidSet, HasWhatWasAdded) {
    std::mt19937 random(11);
    TidSet set;
    for (int round = 0; round < 200; round++) {
        set.clear();
        std::map<uint32_t, std::set<uint16_t>> expected;
        uint64_t rows = 0;
        uint64_t whole = 0;
        uint32_t block = random() % 3;
        const uint32_t step = 1 + random() % 200;
        for (int i = 0; i < 50; i++, block += 1 + random() % step) {
            std::set<uint16_t> offsets;
            for (uint32_t n = random() % 8; n > 0; n--) {
                offsets.insert(static_cast<uint16_t>(1 + random() % (n == 1   ? 2048
                                                                     : n == 2 ? 330
                                                                              : 70)));
            }
            ASSERT_EQ(add(set, block, Offsets(offsets.begin(), offsets.end())), PGS_OK);
            rows += offsets.size();
            whole += offsets.empty() ? 1 : 0;
            expected[block] = offsets;
        }
        ASSERT_EQ(set.rows(), rows);
        ASSERT_EQ(set.whole_blocks(), whole);
        const auto expect = [&](uint32_t b, uint16_t offset) {
            const auto of_block = expected.find(b);
            const bool is_in = of_block != expected.end() &&
                               (of_block->second.empty() || of_block->second.count(offset) > 0);
            ASSERT_EQ(set.contains({b, offset}), is_in) << b << " " << offset;
        };
        for (uint32_t b = 0; b < block + 70; b++) {
            for (uint16_t offset = 1; offset < 72; offset++) {
                expect(b, offset);
            }
            for (uint16_t offset = 310; offset < 335; offset++) {
                expect(b, offset);
            }
            expect(b, UINT16_MAX);
        }
        std::set<std::pair<uint32_t, uint16_t>> one_by_one;
        for (const auto &[b, offsets] : expected) {
            for (const uint16_t offset : offsets) {
                ASSERT_TRUE(set.contains({b, offset}));
                one_by_one.insert({b, offset});
            }
        }
        const std::vector<PgsTid> listed = set.to_vector();
        ASSERT_EQ(listed.size(), one_by_one.size());
        for (const PgsTid &tid : listed) {
            ASSERT_TRUE(one_by_one.contains({tid.block, tid.offset}));
        }
        check_ranges(set, rows, whole);
    }
}

TEST(TidSet, TakesTheLastBlockAndOffset) {
    TidSet set;
    ASSERT_EQ(add(set, 0, {1}), PGS_OK);
    ASSERT_EQ(add(set, 1U << 22, {UINT16_MAX}), PGS_OK);
    EXPECT_TRUE(set.contains({0, 1}));
    EXPECT_TRUE(set.contains({1U << 22, UINT16_MAX}));
    EXPECT_FALSE(set.contains({1U << 22, 1}));
    EXPECT_FALSE(set.contains({(1U << 22) + 1, UINT16_MAX}));
}

TEST(TidSet, RefusesWhatIsNotInOrder) {
    TidSet set;
    ASSERT_EQ(add(set, 7, {1, 2}), PGS_OK);
    EXPECT_EQ(add(set, 7, {3}), PGS_MISUSE);
    EXPECT_EQ(add(set, 6, {3}), PGS_MISUSE);
    EXPECT_EQ(add(set, 8, {0, 3}), PGS_MISUSE);
    EXPECT_EQ(add(set, 8, {3, 3}), PGS_MISUSE);
    EXPECT_EQ(add(set, 8, {4, 3}), PGS_MISUSE);
    EXPECT_FALSE(set.contains({8, 3}));
    EXPECT_EQ(set.rows(), 2u);
}

}  // namespace
}  // namespace pgslab
