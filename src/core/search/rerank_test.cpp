// Candidates come out in the operator's order, whatever is known of them beforehand.
#include "search/rerank.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "search/testing/parts.h"

namespace pgslab {
namespace {

constexpr int kDims = 24;

class RerankTest : public testing::Test {
  protected:
    RerankTest()
        : random_(75),
          // Many rows are hard to tell apart by what is stored of them.
          base_(hard_vector(random_, kDims, Kind::kOrdinary)),
          table_(
              random_, {kDims, PGS_L2, PGS_F16, "", "", 4}, 600, [&] { return draw(); }, 2),
          query_(draw()) {}

    Vector draw() {
        Vector v = base_;
        const Vector noise = scaled_normal(random_, kDims, random_() % 2 == 0 ? 1e-3 : 1);
        for (size_t i = 0; i < v.size(); i++) {
            v[i] += noise[i];
        }
        return v;
    }

    // Candidates of all slots of the first part, with bounds that lie somewhat below the values.
    void offer_all(SearchedIndex &searched) {
        searched.top.candidates().begin(1000, 1000);
        for (uint64_t i = 0; i < slots(); i++) {
            const double value = value_of(searched, address(i));
            offer(searched, i, value * (1 - 1e-3 * static_cast<double>(random_() % 100)));
        }
    }

    void offer(SearchedIndex &searched, uint64_t i, double bound) const {
        searched.top.candidates().offer({bound, address(i), 0, {}, 0, false},
                                        std::numeric_limits<double>::infinity());
    }

    const Part &part() const { return meta_of(table_.index().meta()).part[0]; }
    uint64_t slots() const { return part().slots; }
    uint64_t address(uint64_t slot) const { return make_address(part().handle, slot); }

    double value_of(const SearchedIndex &searched, uint64_t slot_address) const {
        return operator_value(PGS_L2, query_, searched.vector(slot_address));
    }

    // The next row's address; nothing at the pass's end.
    std::optional<uint64_t> next(SearchedIndex &searched, Rerank &rerank) const {
        PgsError error = {};
        for (;;) {
            PgsRequest request = {};
            Rerank::Found found = Rerank::Found::kEnd;
            require(rerank.next(request, &found, &error), error);
            if (found == Rerank::Found::kEnd) {
                return std::nullopt;
            }
            if (found == Rerank::Found::kPage) {
                require(rerank.page(searched.read(rerank.wanted()), &error), error);
            } else if (request.kind == PGS_REQUEST_FOUND) {
                return request.slot;
            } else {
                EXPECT_EQ(request.kind, PGS_REQUEST_LOOK_UP);
                const bool seen = !unseen_.contains(request.slot);
                const Vector &vector = is_lying_ ? query_ : searched.vector(request.slot);
                rerank.looked_up(seen ? vector.data() : nullptr);
            }
        }
    }

    // How asking for all other rows fails.
    PgsStatus failure(SearchedIndex &searched, Rerank &rerank) const {
        try {
            rest(searched, rerank);
        } catch (const CoreFailure &thrown) {
            EXPECT_NE(thrown.error.detail[0], '\0');
            return thrown.error.status;
        }
        return PGS_OK;
    }

    std::vector<uint64_t> rest(SearchedIndex &searched, Rerank &rerank) const {
        std::vector<uint64_t> rows;
        while (const auto row = next(searched, rerank)) {
            rows.push_back(*row);
        }
        return rows;
    }

    bool is_live(const SearchedIndex &searched, uint64_t slot_address) const {
        return (searched.record(slot_address).flags & kTombstone) == 0;
    }

    Random random_;
    Vector base_;
    Table table_;
    Vector query_;
    std::set<uint64_t> unseen_;
    bool is_lying_ = false;  // the table has the query instead of each row
};

TEST_F(RerankTest, LiveRowsComeInTheOperatorsOrder) {
    for (const PgsEffort &effort : {kExact, effort_for(0.9, 20)}) {
        SearchedIndex searched(table_.index(), query_, effort);
        Rerank rerank(searched.context, searched.top);
        rerank.begin();
        offer_all(searched);
        searched.top.finish();
        rerank.begin_pass();
        const std::vector<uint64_t> rows = rest(searched, rerank);
        EXPECT_EQ(searched.context.upcoming.pages().empty(), effort.exact);
        std::vector<double> values;
        std::set<uint64_t> expected;
        for (uint64_t i = 0; i < slots(); i++) {
            if (is_live(searched, address(i))) {
                expected.insert(address(i));
            }
        }
        for (uint64_t row : rows) {
            values.push_back(value_of(searched, row));
        }
        EXPECT_TRUE(std::is_sorted(values.begin(), values.end()));
        EXPECT_EQ(std::set<uint64_t>(rows.begin(), rows.end()), expected);
        EXPECT_EQ(rows.size(), expected.size());
        EXPECT_LT(expected.size(), slots()) << "some are dead";
        EXPECT_EQ(searched.context.work.rows, rows.size());
        EXPECT_EQ(searched.context.work.compared, slots());
        EXPECT_GT(searched.context.work.looked_up, 0u);
    }
}

TEST_F(RerankTest, WhatTheCallerDoesNotSeeIsNotReturned) {
    SearchedIndex searched(table_.index(), query_, kExact);
    Rerank rerank(searched.context, searched.top);
    rerank.begin();
    offer_all(searched);
    searched.top.finish();
    for (uint64_t i = 0; i < slots(); i += 2) {
        unseen_.insert(address(i));
    }
    rerank.begin_pass();
    std::vector<double> values;
    std::set<uint64_t> rows;
    for (uint64_t row : rest(searched, rerank)) {
        rows.insert(row);
        if (!unseen_.contains(row)) {
            values.push_back(value_of(searched, row));
        }
    }
    EXPECT_TRUE(std::is_sorted(values.begin(), values.end()));
    size_t live = 0;
    for (uint64_t i = 1; i < slots(); i += 2) {
        live += is_live(searched, address(i)) ? 1 : 0;
        EXPECT_EQ(rows.contains(address(i)), is_live(searched, address(i)));
    }
    EXPECT_EQ(values.size(), live);
}

// All rows, whether returned or dead, are done with.
TEST_F(RerankTest, NothingOfAPassComesAgain) {
    SearchedIndex searched(table_.index(), query_, kExact);
    Rerank rerank(searched.context, searched.top);
    rerank.begin();
    offer_all(searched);
    searched.top.finish();
    rerank.begin_pass();
    rest(searched, rerank);
    searched.top.begin_next_pass();
    for (uint64_t i = 0; i < slots(); i++) {
        EXPECT_TRUE(searched.top.is_done(address(i)));
    }
}

// The nearest row and the farthest one of those that are live.
struct Ends {
    uint64_t nearest;
    uint64_t farthest;
};

class TooLateTest : public RerankTest {
  protected:
    Ends ends(const SearchedIndex &searched) const {
        std::map<double, uint64_t> slots_by_value;
        for (uint64_t i = 0; i < slots(); i++) {
            if (is_live(searched, address(i))) {
                slots_by_value[value_of(searched, address(i))] = i;
            }
        }
        return {slots_by_value.begin()->second, slots_by_value.rbegin()->second};
    }

    // Returns the farthest row in a first pass, and offers the nearest one in a second.
    void come_too_late(SearchedIndex &searched, Rerank &rerank) {
        const Ends of = ends(searched);
        rerank.begin();
        offer(searched, of.farthest, 0);
        searched.top.finish();
        rerank.begin_pass();
        ASSERT_EQ(next(searched, rerank), address(of.farthest));
        ASSERT_EQ(next(searched, rerank), std::nullopt);
        searched.top.begin_next_pass();
        offer(searched, of.nearest, 0);
        searched.top.finish();
        rerank.begin_pass();
    }
};

TEST_F(TooLateTest, AnApproximateSearchLeavesTheRowOut) {
    SearchedIndex searched(table_.index(), query_, effort_for(0.9, 20));
    Rerank rerank(searched.context, searched.top);
    ASSERT_NO_FATAL_FAILURE(come_too_late(searched, rerank));
    EXPECT_EQ(next(searched, rerank), std::nullopt);
    searched.top.begin_next_pass();
    EXPECT_TRUE(searched.top.is_done(address(ends(searched).nearest)));
}

// The bounds that it was given were wrong, which nobody's pages can bring about but ours.
TEST_F(TooLateTest, AnExactSearchSaysThatThisCannotBe) {
    SearchedIndex searched(table_.index(), query_, kExact);
    Rerank rerank(searched.context, searched.top);
    ASSERT_NO_FATAL_FAILURE(come_too_late(searched, rerank));
    EXPECT_EQ(failure(searched, rerank), PGS_INTERNAL);
}

// What is looked up lies before the first row, whatever the index has of it.
TEST_F(TooLateTest, AnExactSearchReportsATableThatHasOtherVectors) {
    for (const PgsEffort &effort : {kExact, effort_for(0.9, 20)}) {
        SearchedIndex searched(table_.index(), query_, effort);
        Rerank rerank(searched.context, searched.top);
        rerank.begin();
        offer_all(searched);
        searched.top.finish();
        rerank.begin_pass();
        is_lying_ = false;
        ASSERT_NE(next(searched, rerank), std::nullopt);
        is_lying_ = true;
        EXPECT_EQ(failure(searched, rerank), effort.exact ? PGS_CORRUPT : PGS_OK);
    }
}

}  // namespace
}  // namespace pgslab
