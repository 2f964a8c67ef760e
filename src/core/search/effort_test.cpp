// The work that is expected of a search with a filter is that of the strategy it will choose.
#include "search/effort.h"

#include <gtest/gtest.h>

namespace pgslab {
namespace {

constexpr double kRows = 1e6;
constexpr double kLists = 4000;
constexpr PgsEffort kTenRows = {false, false, 0.95, 0, 0, 10};
constexpr PgsEffort kExactly = {true, false, 0.95, 0, 0, 10};

PgsWork usual_work() {
    PgsWork work = {};
    work.lists = 30;
    work.codes = 8000;
    work.refined = 400;
    work.compared = 20;
    return work;
}

TEST(ExpectedFiltering, FewRowsAreAllCompared) {
    PgsWork work = usual_work();
    EXPECT_EQ(expected_filtering(kTenRows, kLists, kRows, 1e-4, work), PGS_FILTERING_MATCHES);
    EXPECT_EQ(work.lists, 100u);
    EXPECT_EQ(work.codes, 0u);
    EXPECT_EQ(work.refined, 100u);
    EXPECT_EQ(work.compared, 20u);
}

TEST(ExpectedFiltering, MoreOfThemLieInMoreLists) {
    PgsWork work = usual_work();
    EXPECT_EQ(expected_filtering(kTenRows, kLists, kRows, 0.01, work), PGS_FILTERING_POSTINGS);
    EXPECT_EQ(work.lists, 300u);
    EXPECT_EQ(work.codes, 8000u);
    work = usual_work();
    expected_filtering(kTenRows, 100, kRows, 0.01, work);
    EXPECT_EQ(work.lists, 100u) << "there are no more";
}

TEST(ExpectedFiltering, HowManyAreFewDependsOnHowManyAreWanted) {
    PgsEffort effort = kTenRows;
    for (uint32_t wanted : {10U, 1000U}) {
        effort.rows = wanted;
        PgsWork work = usual_work();
        EXPECT_EQ(expected_filtering(effort, kLists, kRows, 0.002, work) == PGS_FILTERING_MATCHES,
                  wanted == 1000);
    }
}

TEST(ExpectedFiltering, AnExactSearchOfManyLooksAtAll) {
    PgsWork work = {};
    work.refined = 1'000'000;
    work.compared = 100;
    EXPECT_EQ(expected_filtering(kExactly, kLists, kRows, 0.5, work), PGS_FILTERING_ROWS);
    EXPECT_EQ(work.refined, 500'000u);
    work.refined = 1'000'000;
    EXPECT_EQ(expected_filtering(kExactly, kLists, kRows, 0.05, work), PGS_FILTERING_MATCHES);
    EXPECT_EQ(work.refined, 50'000u);
    // Without refinement codes.
    for (double share : {0.0001, 0.05}) {
        work = {};
        work.compared = 1'000'000;
        EXPECT_EQ(expected_filtering(kExactly, kLists, kRows, share, work),
                  share < 0.01 ? PGS_FILTERING_MATCHES : PGS_FILTERING_ROWS);
    }
}

TEST(ExpectedFiltering, WithoutListsAllRowsAreLookedAt) {
    PgsWork work = usual_work();
    work.lists = 0;
    EXPECT_EQ(expected_filtering(kTenRows, 0, kRows, 1e-4, work), PGS_FILTERING_ROWS);
    EXPECT_EQ(work.refined, 1u);
}

TEST(ExpectedNamed, FewRowsAreAllCompared) {
    PgsWork work = usual_work();
    EXPECT_EQ(expected_named(kTenRows, kLists, kRows, 1e-3, work), PGS_FILTERING_ROWS);
    EXPECT_EQ(work.lists + work.codes, 0u);
    EXPECT_EQ(work.refined, 1000u);
    EXPECT_EQ(work.compared, 20u);
}

// The codes of all rows in the lists are scanned, as only the records know which of them are named.
TEST(ExpectedNamed, OfMoreRowsCodesAreScanned) {
    PgsWork work = usual_work();
    EXPECT_EQ(expected_named(kTenRows, kLists, kRows, 0.09, work), PGS_FILTERING_TIDS);
    EXPECT_EQ(work.lists, 100u);
    EXPECT_EQ(work.codes, 25'000u);
    EXPECT_EQ(work.refined, 400u);
}

TEST(ExpectedNamed, VeryFewAreLookedUp) {
    EXPECT_TRUE(are_few_to_look_up(0, 0, 768));
    EXPECT_TRUE(are_few_to_look_up(400, kRows, 768));
    EXPECT_FALSE(are_few_to_look_up(4000, kRows, 768));
    EXPECT_TRUE(are_few_to_look_up(4000, kRows, 100)) << "vectors in their rows";
    EXPECT_FALSE(are_few_to_look_up(1, 10, 8));
}

TEST(ExpectedNamed, AnExactSearchComparesAll) {
    PgsWork work = {};
    work.refined = 1'000'000;
    work.compared = 100;
    EXPECT_EQ(expected_named(kExactly, kLists, kRows, 0.5, work), PGS_FILTERING_ROWS);
    EXPECT_EQ(work.refined, 500'000u);
    EXPECT_EQ(work.compared, 100u);
    work = {};
    work.compared = 1'000'000;
    EXPECT_EQ(expected_named(kExactly, kLists, kRows, 0.5, work), PGS_FILTERING_ROWS);
    EXPECT_EQ(work.refined, 0u);
    EXPECT_EQ(work.compared, 500'000u) << "without refinement codes";
}

}  // namespace
}  // namespace pgslab
