// What a pass keeps, what it leaves to the next, and what that leaves out.
#include "search/top_k.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "search/testing/parts.h"

namespace pgslab {
namespace {

constexpr int kDims = 8;

class TopKTest : public testing::Test {
  protected:
    TopKTest()
        : random_(74),
          table_(listed_table(random_, {kDims, PGS_L2, PGS_F16, "", "", 4}, 100, 2, 1)),
          query_(hard_vector(random_, kDims, Kind::kOrdinary)) {}

    // Offers so many rows of which nothing is known from above, and says how many a pass has kept.
    static size_t kept_of(TopK &top, uint64_t rows) {
        for (uint64_t i = 0; i < rows; i++) {
            top.candidates().offer({static_cast<double>(i), i, 0, {}, 0, false},
                                   std::numeric_limits<double>::infinity());
        }
        return take_candidates(top).size();
    }

    Random random_;
    Table table_;
    Vector query_;
};

TEST_F(TopKTest, APassIsForEightTimesAsManyRowsAsTheOneBefore) {
    SearchedIndex searched(table_.index(), query_, effort_for(0.9, 10));
    TopK &top = searched.top;
    EXPECT_EQ(top.in_this_pass(3), 3u);
    top.begin_next_pass();
    EXPECT_EQ(top.in_this_pass(3), 24u);
    top.begin_next_pass();
    EXPECT_EQ(top.in_this_pass(3), 192u);
    EXPECT_EQ(searched.context.work.passes, 3u);
    for (int i = 0; i < 100; i++) {
        top.begin_next_pass();
    }
    EXPECT_GE(top.in_this_pass(3), uint64_t{1} << 40) << "the number does not overflow";
    top.begin();
    EXPECT_EQ(top.in_this_pass(3), 3u);
}

TEST_F(TopKTest, RowsThatAreDoneWithAreSoFromTheNextPassOn) {
    SearchedIndex searched(table_.index(), query_, effort_for(0.9, 10));
    TopK &top = searched.top;
    top.set_done(make_address(1, 7));
    EXPECT_FALSE(top.is_done(make_address(1, 7))) << "it may still be in hand";
    top.begin_next_pass();
    EXPECT_TRUE(top.is_done(make_address(1, 7)));
    EXPECT_FALSE(top.is_done(make_address(1, 8)));
    top.set_done(make_address(1, 8));
    top.begin_next_pass();
    EXPECT_TRUE(top.is_done(make_address(1, 7)));
    EXPECT_TRUE(top.is_done(make_address(1, 8)));
    top.begin();
    EXPECT_FALSE(top.is_done(make_address(1, 7)));
}

TEST_F(TopKTest, TheBarIsTheEstimateOfTheCandidatesBar) {
    SearchedIndex searched(table_.index(), query_, effort_for(0.9, 1));
    TopK &top = searched.top;
    EXPECT_EQ(top.bar(), std::numeric_limits<double>::infinity());
    for (uint64_t i = 0; i < 5; i++) {  // as many as are wanted for one
        top.offer(i, 4, 5);
        EXPECT_EQ(top.bar(), std::numeric_limits<double>::infinity()) << "it has not followed";
    }
    top.follow_bar();
    EXPECT_NEAR(top.bar(), 9, 1e-6);
    EXPECT_GT(top.bar(), 9) << "a row may lie on its bound";
}

TEST_F(TopKTest, NoMoreIsKeptThanMemoryHasRoomFor) {
    for (size_t memory : {size_t{0}, 400 * 3 * sizeof(Candidate)}) {
        SearchedIndex searched(table_.index(), query_, kExact, memory);
        EXPECT_EQ(kept_of(searched.top, 5000), memory == 0 ? 256u : 400u);
        EXPECT_TRUE(searched.top.candidates().dropped());
    }
}

// Else the next pass would be as this one.
TEST_F(TopKTest, APassAfterOneThatCameToNothingTakesMoreMemory) {
    SearchedIndex searched(table_.index(), query_, kExact, 0);
    TopK &top = searched.top;
    EXPECT_EQ(kept_of(top, 5000), 256u);
    top.begin_next_pass();
    EXPECT_EQ(kept_of(top, 5000), 512u);
    for (uint64_t i = 0; i < 256; i++) {
        top.set_done(i);
    }
    top.begin_next_pass();
    EXPECT_EQ(kept_of(top, 5000), 512u);
    top.begin();
    EXPECT_EQ(kept_of(top, 5000), 256u) << "another search begins with what it was given";
}

// The second pass is for 240 rows, of which memory has room for 256.
TEST_F(TopKTest, SoDoesAPassAfterOneThatCameToAlmostNothing) {
    struct Case {
        uint64_t offered;
        uint64_t done;
        size_t kept_next;
    };
    for (const auto &[offered, done, kept_next] :
         {Case{5000, 3, 512}, Case{5000, 4, 256}, Case{200, 3, 256}}) {
        SearchedIndex searched(table_.index(), query_, kExact, 0);
        TopK &top = searched.top;
        top.set_done(0);
        top.begin_next_pass();
        EXPECT_EQ(kept_of(top, offered), std::min<uint64_t>(offered, 256));
        for (uint64_t i = 0; i < done; i++) {
            top.set_done(1 + i);
        }
        top.begin_next_pass();
        EXPECT_EQ(kept_of(top, 5000), kept_next) << offered << " " << done;
    }
}

TEST_F(TopKTest, NoMoreIsKeptThanIsToBeEvaluated) {
    SearchedIndex searched(table_.index(), query_, {false, false, 0.9, 0, 7, 10});
    EXPECT_EQ(kept_of(searched.top, 100), 7u);
    searched.top.begin_next_pass();
    EXPECT_EQ(kept_of(searched.top, 100), 56u);
}

}  // namespace
}  // namespace pgslab
