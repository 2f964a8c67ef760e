// Which rows postings leave, against the keys of all rows.
#include "search/matches.h"

#include <gtest/gtest.h>

#include <vector>

#include "filter/testing/condition.h"
#include "search/testing/parts.h"

namespace pgslab {
namespace {

constexpr uint32_t kDims = 8;
constexpr PgsKeyColumns kColumns = {3, {{4, 1}, {8, 1}, {4, 4}}};
const std::vector<uint64_t> kMost = {values_of_column(0), values_of_column(1), values_of_column(2)};

PgsOptions options() {
    PgsOptions options = {kDims, PGS_L2, PGS_F16, "", "", 4};
    options.keys = kColumns;
    return options;
}

class MatchesTest : public testing::Test {
  protected:
    MatchesTest()
        : random_(11),
          table_(listed_table(random_, options(), 30000, 20, 3)),
          searched_(table_.index(), hard_vector(random_, kDims, Kind::kOrdinary),
                    {false, false, 0.9, 0, 0, 10}) {}

    // Whether the row of a segment is left.
    bool is_left(uint32_t segment, uint64_t row) const {
        const std::vector<uint32_t> &left = searched_.matches.rows_of(segment);
        return (left.at(row / kBlockRows) >> row % kBlockRows & 1) != 0;
    }

    // Resolves the condition and compares; returns how many pages of postings were read.
    size_t resolve(const PgsFilter &filter) {
        Matches &matches = searched_.matches;
        PgsError error = {};
        require(searched_.context.filter.set(&filter, kColumns, &error), error);
        const Filter &wanted = searched_.context.filter;
        if (wanted.asks_nothing() || wanted.is_never()) {
            return 0;
        }
        matches.begin();
        EXPECT_FALSE(matches.is_counted());
        matches.begin_counting();
        searched_.read_all(matches);
        EXPECT_TRUE(matches.is_counted());
        const uint64_t told = matches.pages();
        matches.begin_resolving();
        const size_t pages = searched_.read_all(matches);
        EXPECT_TRUE(matches.is_resolved());
        // Where nothing has to hold beside it.
        if (wanted.nodes()[0].kind != PGS_FILTER_ALL) {
            EXPECT_EQ(pages, told);
        }
        compare();
        return pages;
    }

    void compare() {
        const Meta &meta = searched_.context.meta();
        const Matches &matches = searched_.matches;
        uint64_t left = 0;
        double satisfying = 0, rows = 0;
        for (uint32_t s = 0; s < meta.segments; s++) {
            SegmentReader reader(meta.segment[s], segment_shape(vectors_of(meta)));
            for (uint64_t row = 0; !reader.at_end(); row++) {
                searched_.read_all(reader);
                const bool holds = searched_.context.filter.holds(reader.row().keys);
                left += is_left(s, row) ? 1 : 0;
                satisfying += holds ? 1 : 0;
                rows++;
                ASSERT_TRUE(is_left(s, row) || !holds) << "row " << row << " is lost";
                ASSERT_TRUE(!is_left(s, row) || holds || !matches.is_exact()) << "row " << row;
                reader.next();
            }
            // No bits behind the last row.
            const std::vector<uint32_t> &blocks = matches.rows_of(s);
            ASSERT_EQ(blocks.size(), divide_up(meta.segment[s].rows, kBlockRows));
            const uint64_t last = meta.segment[s].rows % kBlockRows;
            ASSERT_TRUE(last == 0 || blocks.back() >> last == 0);
        }
        ASSERT_EQ(left, matches.rows());
        ASSERT_GE(matches.share() + 1e-9, satisfying / rows);
    }

    Random random_;
    Table table_;
    SearchedIndex searched_;
};

TEST_F(MatchesTest, RandomConditionsLoseNoRow) {
    for (int round = 0; round < 150; round++) {
        Condition condition;
        add_random_condition(random_, condition, kColumns, kMost, round % 5);
        resolve(condition.filter());
        if (HasFatalFailure()) {
            FAIL() << "in round " << round;
        }
    }
}

// Of segments of some 4500 rows, a page of postings has 677 of 12 bytes: a key that some fifteen
// rows have costs one page of each segment, or two where they cross.
TEST_F(MatchesTest, ConditionsCostWhatSatisfiesThem) {
    const uint64_t step = uint64_t{1} << 40;
    Condition one, some, none, all;
    one.keys(1, {{7 * step, 7 * step}});
    EXPECT_LE(resolve(one.filter()), 6u);
    EXPECT_TRUE(searched_.matches.is_exact());
    EXPECT_GT(searched_.matches.rows(), 0u);
    none.keys(1, {{7 * step + 1, 8 * step - 1}});
    EXPECT_LE(resolve(none.filter()), 3u);
    EXPECT_EQ(searched_.matches.rows(), 0u);
    some.keys(1, {{0, 150 * step}});
    const size_t half = resolve(some.filter());
    all.keys(1, {{0, pgs_null_key(8)}});
    const size_t whole = resolve(all.filter());
    EXPECT_LT(half, whole * 3 / 4);
}

// Of two that have to hold the one with fewer pages is resolved, and the other where it costs no
// more than the keys of what is left.
TEST_F(MatchesTest, TheBestOfConditionsIsResolvedFirst) {
    const uint64_t step = uint64_t{1} << 40;
    Condition few_of_most;
    few_of_most.group(PGS_FILTER_ALL, [&] {
        few_of_most.keys(2, {{0, pgs_null_key(4)}});
        few_of_most.keys(1, {{7 * step, 7 * step}});
    });
    EXPECT_LE(resolve(few_of_most.filter()), 6u);
    EXPECT_FALSE(searched_.matches.is_exact());
    Condition both;
    both.group(PGS_FILTER_ALL, [&] {
        both.keys(0, {{1, 1}});
        both.keys(1, {{0, 150 * step}});
    });
    resolve(both.filter());
    EXPECT_TRUE(searched_.matches.is_exact());
}

// A set that was too large to be kept may have any key; one without keys has none.
TEST_F(MatchesTest, SetsAreFoundByEachOfTheirKeys) {
    Condition one;
    one.keys(2, {{1, 1}});
    resolve(one.filter());
    EXPECT_TRUE(searched_.matches.is_exact());
    Condition empty;
    empty.keys(2, {{pgs_no_key(4), pgs_no_key(4)}});
    resolve(empty.filter());
    EXPECT_FALSE(searched_.matches.is_exact());
    Condition null;
    null.keys(2, {{pgs_null_key(4), pgs_null_key(4)}});
    resolve(null.filter());
    Condition not_null_or_null;
    not_null_or_null.keys(2, {{3, 3}, {pgs_null_key(4), pgs_null_key(4)}});
    resolve(not_null_or_null.filter());
}

// What pages of postings say although their checksums fit.
TEST_F(MatchesTest, ImpossiblePostingsAreCorrupt) {
    Condition one;
    one.keys(0, {{1, 1}});
    const PgsFilter filter = one.filter();
    PgsError error = {};
    require(searched_.context.filter.set(&filter, kColumns, &error), error);
    Matches &matches = searched_.matches;
    matches.begin_counting();
    Page fences = searched_.read(matches.wanted());
    std::memset(fences.payload, 0xFF, 4);
    EXPECT_EQ(matches.page(fences, &error), PGS_CORRUPT);
    matches.begin_counting();
    searched_.read_all(matches);
    matches.begin_resolving();
    Page postings = searched_.read(matches.wanted());
    for (uint32_t at = 4; at < used_bytes(postings); at += 8) {
        postings.payload[at + 3] = 0xFF;
    }
    EXPECT_EQ(matches.page(postings, &error), PGS_CORRUPT);
    matches.begin_counting();
    searched_.read_all(matches);
    matches.begin_resolving();
    postings = searched_.read(matches.wanted());
    postings.server.lower -= 8;
    EXPECT_EQ(matches.page(postings, &error), PGS_CORRUPT);
}

}  // namespace
}  // namespace pgslab
