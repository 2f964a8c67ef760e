// Lists come in the order of their distance, each once, with all their rows; and no more of them
// than the search has use for.
#include "search/probe.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "search/testing/parts.h"
#include "store/testing/patches.h"

namespace pgslab {
namespace {

constexpr int kDims = 40;
constexpr uint32_t kLists = 12;
constexpr uint32_t kSegments = 3;

PgsEffort probes(uint32_t n) {
    return {false, false, 0.9, n, 0, 10};
}

// What a probe says, to its end.
struct Probed {
    std::vector<uint32_t> lists;                            // in the order in which they came
    std::vector<double> distances;                          // of the same
    std::map<std::pair<uint32_t, uint32_t>, ListRun> rows;  // by segment id and list
    size_t pages = 0;
};

class ProbeTest : public testing::Test {
  protected:
    ProbeTest()
        : random_(71),
          table_(
              listed_table(random_, {kDims, PGS_L2, PGS_F16, "", "", 4}, 900, kLists, kSegments)),
          query_(hard_vector(random_, kDims, Kind::kOrdinary)) {}

    static Probed run(SearchedIndex &searched, Probe &probe) {
        Probed probed;
        PgsError error = {};
        for (;;) {
            Probe::Found found = Probe::Found::kEnd;
            require(probe.next(&found, &error), error);
            switch (found) {
                case Probe::Found::kPage:
                    require(probe.page(searched.read(probe.wanted()), &error), error);
                    probed.pages++;
                    break;
                case Probe::Found::kRows:
                    if (probed.lists.empty() || probed.lists.back() != probe.list()) {
                        probed.lists.push_back(probe.list());
                        probed.distances.push_back(probe.at().distance);
                    }
                    EXPECT_TRUE(
                        probed.rows
                            .emplace(std::pair{probe.segment().id, probe.list()}, probe.rows())
                            .second);
                    break;
                case Probe::Found::kEnd:
                    return probed;
            }
        }
    }

    Random random_;
    Table table_;
    Vector query_;
};

// Of each run of rows one satisfies the filter.
TEST_F(ProbeTest, TheStopRuleIsToldOfAllRowsThatAreComeTo) {
    SearchedIndex searched(table_.index(), query_, probes(kLists));
    Probe probe(searched.context, searched.top, searched.matches, searched.selected);
    StopRule &stop = searched.context.stop;
    probe.begin();
    for (int pass = 0; pass < 2; pass++) {
        probe.begin_pass();
        EXPECT_EQ(stop.rows(), 10);
        uint64_t rows = 0;
        uint64_t matching = 0;
        PgsError error = {};
        for (Probe::Found found = Probe::Found::kPage; found != Probe::Found::kEnd;) {
            require(probe.next(&found, &error), error);
            if (found == Probe::Found::kPage) {
                require(probe.page(searched.read(probe.wanted()), &error), error);
            } else if (found == Probe::Found::kRows) {
                const float estimate[kBlockRows] = {};
                stop.count(estimate, 1);
                rows += probe.rows().rows;
                matching++;
            }
        }
        EXPECT_GT(rows, 2 * matching);
        EXPECT_DOUBLE_EQ(stop.rows(),
                         10 * static_cast<double>(rows) / static_cast<double>(matching));
    }
}

TEST_F(ProbeTest, AllRowsOfAllListsComeNearestListFirst) {
    SearchedIndex searched(table_.index(), query_, probes(kLists));
    Probe probe(searched.context, searched.top, searched.matches, searched.selected);
    probe.begin();
    probe.begin_pass();
    const Probed probed = run(searched, probe);
    EXPECT_EQ(std::set<uint32_t>(probed.lists.begin(), probed.lists.end()).size(), kLists);
    EXPECT_EQ(probed.lists.size(), kLists) << "a list came twice";
    // Estimates of their codes say which one to look at next, which is right most of the time.
    double farthest = 0;
    for (double distance : probed.distances) {
        EXPECT_GE(distance, 0.95 * farthest);
        farthest = std::max(farthest, distance);
    }
    EXPECT_LT(probed.distances.front(), 0.9 * farthest);
    EXPECT_EQ(searched.context.work.lists, kLists);
    EXPECT_FALSE(searched.top.candidates().dropped()) << "no list is left";
    std::map<std::pair<uint32_t, uint32_t>, uint32_t> rows;
    const Meta &meta = searched.context.meta();
    ASSERT_EQ(meta.segments, kSegments);
    size_t named = 0;
    for (uint32_t s = 0; s < meta.segments; s++) {
        named += meta.segment[s].rows;
    }
    size_t found = 0;
    for (const auto &[key, run] : probed.rows) {
        found += run.rows;
    }
    EXPECT_EQ(found, named);
}

TEST_F(ProbeTest, DirectoriesAreReadOnceForAllPasses) {
    SearchedIndex searched(table_.index(), query_, probes(1));
    Probe probe(searched.context, searched.top, searched.matches, searched.selected);
    probe.begin();
    probe.begin_pass();
    EXPECT_EQ(run(searched, probe).pages, kSegments);
    EXPECT_EQ(searched.context.work.lists, 1u);
    EXPECT_TRUE(searched.top.candidates().dropped()) << "there are more lists";
    searched.top.begin_next_pass();
    probe.begin_pass();
    const Probed again = run(searched, probe);
    EXPECT_EQ(again.pages, 0u);
    EXPECT_EQ(again.lists.size(), 8u) << "eight times as many";
    const auto visited = std::count(probe.visited().begin(), probe.visited().end(), true);
    EXPECT_EQ(visited, 8);
    for (uint32_t list : again.lists) {
        EXPECT_TRUE(probe.visited()[list]);
    }
}

// What comes next is announced once the directories say where it is.
TEST_F(ProbeTest, TheListAfterTheOneInHandIsAnnounced) {
    SearchedIndex searched(table_.index(), query_, probes(kLists));
    Probe probe(searched.context, searched.top, searched.matches, searched.selected);
    probe.begin();
    probe.begin_pass();
    run(searched, probe);
    probe.begin_pass();
    searched.context.upcoming.clear();
    Probe::Found found = Probe::Found::kEnd;
    ASSERT_EQ(probe.next(&found, nullptr), PGS_OK);
    ASSERT_EQ(found, Probe::Found::kRows);
    EXPECT_FALSE(searched.context.upcoming.pages().empty());
}

// Projections as if none were above the lowest, so that a list is expected to have what its
// centroid has.
void calibrate_for_centroids(MemoryIndex &index) {
    Page page = index.store().read(0);
    Calibration calibration = {};
    calibration.queries = 1;
    calibration.unit = 1;
    for (Level &level : calibration.level) {
        level.recall = 1;
        level.deviations = 2;
        std::fill_n(level.margin, kMargins, 0.6F);
    }
    set_calibration(page, calibration);
    index.store().write(0, &page);
    index.recover();
}

TEST_F(ProbeTest, ItEndsAtTheListThatIsNotExpectedToHaveAnythingNearer) {
    calibrate_for_centroids(table_.index());
    SearchedIndex searched(table_.index(), query_, effort_for(0.9, 10));
    Probe probe(searched.context, searched.top, searched.matches, searched.selected);
    probe.begin();
    probe.begin_pass();
    const Probed all = run(searched, probe);
    ASSERT_EQ(all.lists.size(), kLists) << "without candidates every list is worth a visit";
    // More candidates than the pass is made for, nearer than the fifth list.
    const double bar = 0.999 * all.distances[4];
    for (uint64_t i = 0; i < 100; i++) {
        searched.top.offer(i, bar * bar, 0);
    }
    searched.top.follow_bar();
    probe.begin_pass();
    const Probed some = run(searched, probe);
    const auto end = std::find_if(all.distances.begin(), all.distances.end(),
                                  [&](double distance) { return distance > bar; });
    EXPECT_EQ(some.lists,
              (std::vector<uint32_t>(all.lists.begin(),
                                     all.lists.begin() + (end - all.distances.begin()))));
    EXPECT_TRUE(searched.top.candidates().dropped());
}

TEST_F(ProbeTest, AListOutsideOfItsSegmentIsReportedWithItsDirectory) {
    MemoryIndex index = table_.index();
    const Segment segment = meta_of(index.meta()).segment[1];
    Page &page = index.store().damage(segment.run.block);
    for (uint32_t list = 0; list < kLists; list++) {
        reinterpret_cast<ListRun *>(page.payload)[list].rows += segment.rows;
    }
    repair_checksum(page);
    SearchedIndex searched(index, query_, probes(kLists));
    Probe probe(searched.context, searched.top, searched.matches, searched.selected);
    probe.begin();
    probe.begin_pass();
    try {
        run(searched, probe);
        FAIL() << "the damage was not found";
    } catch (const CoreFailure &failure) {
        EXPECT_EQ(failure.error.status, PGS_CORRUPT);
        EXPECT_EQ(failure.error.block, segment.run.block);
    }
}

TEST_F(ProbeTest, ADirectoryPageThatIsTooShortIsReported) {
    MemoryIndex index = table_.index();
    const Segment segment = meta_of(index.meta()).segment[0];
    Page &page = index.store().damage(segment.run.block);
    page.server.lower -= sizeof(ListRun);
    repair_checksum(page);
    SearchedIndex searched(index, query_, probes(kLists));
    Probe probe(searched.context, searched.top, searched.matches, searched.selected);
    probe.begin();
    probe.begin_pass();
    try {
        run(searched, probe);
        FAIL() << "the damage was not found";
    } catch (const CoreFailure &failure) {
        EXPECT_EQ(failure.error.status, PGS_CORRUPT);
        EXPECT_EQ(failure.error.block, segment.run.block);
    }
}

}  // namespace
}  // namespace pgslab
