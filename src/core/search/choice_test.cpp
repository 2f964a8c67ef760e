// Lists come nearest first, each once, and none that is not asked for.
#include "search/choice.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <vector>

#include "search/testing/parts.h"

namespace pgslab {
namespace {

constexpr int kDims = 24;
constexpr uint32_t kLists = 300;

class ListChoiceTest : public testing::TestWithParam<PgsMetric> {
  protected:
    ListChoiceTest()
        : random_(31),
          table_(listed_table(random_, {kDims, GetParam(), PGS_F16, "", "", 4}, 3000, kLists, 1)),
          searched_(table_.index(), hard_vector(random_, kDims, Kind::kOrdinary),
                    effort_for(0.9, 10)) {
        const SearchContext &context = searched_.context;
        choice_.begin(*context.codebook, context.query.rotated.data(), context.query.codes);
    }

    // Takes up to so many, and those left out on the way.
    void take(uint32_t most) {
        for (uint32_t i = 0; i < most && choice_.next(); i++) {
            left_out_.insert(choice_.left_out().begin(), choice_.left_out().end());
            ListQuery at = {};
            EXPECT_TRUE(taken_.insert(choice_.take(at)).second);
            adds_.push_back(at.add);
        }
        left_out_.insert(choice_.left_out().begin(), choice_.left_out().end());
    }

    Random random_;
    Table table_;
    SearchedIndex searched_;
    ListChoice choice_;
    std::set<uint32_t> taken_;
    std::set<uint32_t> left_out_;
    std::vector<double> adds_;
};

INSTANTIATE_TEST_SUITE_P(Metrics, ListChoiceTest,
                         testing::Values(PGS_L2, PGS_INNER_PRODUCT, PGS_COSINE));

// Estimates hold most probably, so a list may come a little late.
double in_order(const std::vector<double> &adds) {
    size_t ascending = 0;
    for (size_t i = 1; i < adds.size(); i++) {
        ascending += adds[i - 1] <= adds[i] ? 1 : 0;
    }
    return static_cast<double>(ascending) / static_cast<double>(adds.size() - 1);
}

TEST_P(ListChoiceTest, AllListsComeOnce) {
    const uint32_t lists = searched_.context.codebook->lists();
    take(lists + 1);
    EXPECT_EQ(taken_.size(), lists);
    EXPECT_TRUE(left_out_.empty());
    EXPECT_GT(in_order(adds_), 0.9);
}

TEST_P(ListChoiceTest, FromSomeMomentOnOnlyListsThatAreAskedForCome) {
    const uint32_t lists = searched_.context.codebook->lists();
    take(20);
    const std::set<uint32_t> before = taken_;
    std::vector<bool> wanted(lists);
    for (uint32_t list = 0; list < lists; list++) {
        wanted[list] = random_() % 10 == 0;
    }
    choice_.keep_to(wanted);
    take(lists);
    EXPECT_GT(in_order(adds_), 0.9);
    size_t unwanted = 0;
    for (uint32_t list = 0; list < lists; list++) {
        EXPECT_TRUE(taken_.contains(list) != left_out_.contains(list));
        EXPECT_TRUE(!wanted[list] || taken_.contains(list));
        unwanted += !wanted[list] && taken_.contains(list) && !before.contains(list) ? 1 : 0;
    }
    EXPECT_LT(unwanted, lists / 3) << "those that had been found already";
}

}  // namespace
}  // namespace pgslab
