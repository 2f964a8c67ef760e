// One-bit codes rule out what they may rule out, and nothing else.
#include "search/code_filter.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <vector>

#include "search/probe.h"
#include "search/testing/parts.h"

namespace pgslab {
namespace {

constexpr int kDims = 40;
constexpr uint32_t kLists = 4;

class CodeFilterTest : public testing::Test {
  protected:
    CodeFilterTest()
        : random_(72),
          table_(listed_table(random_, {kDims, PGS_L2, PGS_F16, "", "", 4}, 1600, kLists, 2)),
          query_(hard_vector(random_, kDims, Kind::kOrdinary)),
          searched_(table_.index(), query_, {false, false, 0.9, kLists, 0, 10}) {}

    // All survivors of all lists.
    std::vector<Survivor> run() {
        CodeFilter filter(searched_.context, searched_.top, searched_.matches, searched_.selected);
        Probe probe(searched_.context, searched_.top, searched_.matches, searched_.selected);
        probe.begin();
        probe.begin_pass();
        filter.begin_pass();
        std::vector<Survivor> all;
        PgsError error = {};
        for (;;) {
            Probe::Found found = Probe::Found::kEnd;
            require(probe.next(&found, &error), error);
            if (found == Probe::Found::kEnd) {
                return all;
            }
            if (found == Probe::Found::kPage) {
                require(probe.page(searched_.read(probe.wanted()), &error), error);
                continue;
            }
            filter.begin(probe.segment(), probe.rows(), probe.at());
            scan(filter, all);
        }
    }

    void scan(CodeFilter &filter, std::vector<Survivor> &all) {
        for (;;) {
            searched_.read_all(filter);
            if (filter.survivors().empty()) {
                return;
            }
            most_at_once_ = std::max(most_at_once_, filter.survivors().size());
            all.insert(all.end(), filter.survivors().begin(), filter.survivors().end());
            filter.survivors().clear();
        }
    }

    Random random_;
    Table table_;
    Vector query_;
    SearchedIndex searched_;
    size_t most_at_once_ = 0;
};

std::set<uint64_t> addresses_of(const std::vector<Survivor> &survivors) {
    std::set<uint64_t> addresses;
    for (const Survivor &survivor : survivors) {
        EXPECT_TRUE(addresses.insert(survivor.address).second) << "twice";
    }
    return addresses;
}

TEST_F(CodeFilterTest, WithoutCandidatesEveryRowSurvives) {
    const std::vector<Survivor> survivors = run();
    std::set<uint64_t> rows;
    for (const SegmentRow &row : searched_.segment_rows()) {
        rows.insert(row.address);
    }
    EXPECT_EQ(addresses_of(survivors), rows);
    EXPECT_EQ(searched_.context.work.codes, rows.size());
    EXPECT_EQ(searched_.context.work.filtered, 0u);
    EXPECT_FALSE(searched_.top.candidates().dropped());
}

// Lists of some 180 rows are longer than what is gathered.
TEST_F(CodeFilterTest, SurvivorsAreToBeTakenBeforeAListEnds) {
    run();
    EXPECT_GE(most_at_once_, 64u);
    EXPECT_LT(most_at_once_, 64u + 352u);
}

TEST_F(CodeFilterTest, EstimatesAreNearTheDistances) {
    double off = 0;
    size_t within = 0;
    const std::vector<Survivor> survivors = run();
    for (const Survivor &survivor : survivors) {
        const double value = operator_value(PGS_L2, query_, searched_.vector(survivor.address));
        const double unit = searched_.context.query.unit;
        const double square = value / unit * (value / unit);
        off += (survivor.estimate - square) / square / static_cast<double>(survivors.size());
        within += std::abs(survivor.estimate - square) <= survivor.margin ? 1 : 0;
    }
    EXPECT_NEAR(off, 0, 0.02);
    // 1.9 deviations.
    EXPECT_GE(static_cast<double>(within) / static_cast<double>(survivors.size()), 0.9);
}

TEST_F(CodeFilterTest, RowsWhoseBoundIsNotBelowTheBarArePassedOver) {
    const std::vector<Survivor> all = run();
    std::vector<float> bounds;
    for (const Survivor &survivor : all) {
        bounds.push_back(survivor.estimate - survivor.margin);
    }
    std::nth_element(bounds.begin(), bounds.begin() + static_cast<ptrdiff_t>(bounds.size() / 2),
                     bounds.end());
    const double half = bounds[bounds.size() / 2];
    for (uint64_t i = 0; i < 100; i++) {
        searched_.top.offer(i, half, 0);
    }
    searched_.top.follow_bar();
    searched_.context.work = {};
    std::set<uint64_t> expected;
    for (const Survivor &survivor : all) {
        if (survivor.estimate - survivor.margin < static_cast<float>(searched_.top.bar())) {
            expected.insert(survivor.address);
        }
    }
    const std::vector<Survivor> half_of_them = run();
    EXPECT_EQ(addresses_of(half_of_them), expected);
    EXPECT_EQ(searched_.context.work.codes, all.size());
    EXPECT_EQ(searched_.context.work.filtered, all.size() - expected.size());
    EXPECT_NEAR(static_cast<double>(expected.size()), static_cast<double>(all.size()) / 2, 2);
    EXPECT_TRUE(searched_.top.candidates().dropped());
}

TEST_F(CodeFilterTest, RowsThatAreDoneWithDoNotSurvive) {
    const std::set<uint64_t> all = addresses_of(run());
    std::set<uint64_t> rest = all;
    for (uint64_t address : all) {
        if (random_() % 3 == 0) {
            searched_.top.set_done(address);
            rest.erase(address);
        }
    }
    EXPECT_EQ(addresses_of(run()), all) << "not in the pass that is done with them";
    searched_.top.begin_next_pass();
    EXPECT_EQ(addresses_of(run()), rest);
}

// So that what a survivor has wrong is reported there.
TEST_F(CodeFilterTest, ASurvivorKnowsThePageThatNamesIt) {
    for (const Survivor &survivor : run()) {
        ASSERT_EQ(pgs_block_role(&table_.index().meta(), survivor.block), PGS_ROLE_LIST);
    }
}

}  // namespace
}  // namespace pgslab
