// Lists come in the order of their distance, each once, with all their rows; and no more of them
// than the search has use for.
#include "search/probe.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "filter/testing/condition.h"
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

Probed run_probe(SearchedIndex &searched, Probe &probe) {
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
                    probed.rows.emplace(std::pair{probe.segment().id, probe.list()}, probe.rows())
                        .second);
                break;
            case Probe::Found::kEnd:
                return probed;
        }
    }
}

class ProbeTest : public testing::Test {
  protected:
    ProbeTest()
        : random_(71),
          table_(
              listed_table(random_, {kDims, PGS_L2, PGS_F16, "", "", 4}, 900, kLists, kSegments)),
          query_(hard_vector(random_, kDims, Kind::kOrdinary)) {}

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
    const Probed probed = run_probe(searched, probe);
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
    EXPECT_EQ(run_probe(searched, probe).pages, kSegments);
    EXPECT_EQ(searched.context.work.lists, 1u);
    EXPECT_TRUE(searched.top.candidates().dropped()) << "there are more lists";
    searched.top.begin_next_pass();
    probe.begin_pass();
    const Probed again = run_probe(searched, probe);
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
    run_probe(searched, probe);
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
    const Probed all = run_probe(searched, probe);
    ASSERT_EQ(all.lists.size(), kLists) << "without candidates every list is worth a visit";
    // More candidates than the pass is made for, nearer than the fifth list.
    const double bar = 0.999 * all.distances[4];
    for (uint64_t i = 0; i < 100; i++) {
        searched.top.offer(i, bar * bar, 0);
    }
    searched.top.follow_bar();
    probe.begin_pass();
    const Probed some = run_probe(searched, probe);
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
        run_probe(searched, probe);
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
        run_probe(searched, probe);
        FAIL() << "the damage was not found";
    } catch (const CoreFailure &failure) {
        EXPECT_EQ(failure.error.status, PGS_CORRUPT);
        EXPECT_EQ(failure.error.block, segment.run.block);
    }
}

// ---- with postings that have told which rows there are

constexpr PgsKeyColumns kColumns = {2, {{4, 1}, {8, 1}}};

class ProbeWithMatches : public testing::Test {
  protected:
    ProbeWithMatches()
        : random_(72),
          table_(listed_table(random_, options(), 8000, kLists, kSegments)),
          query_(hard_vector(random_, kDims, Kind::kOrdinary)) {}

    // Directories of three pages.
    static constexpr uint32_t kLists = 2 * kRunsPerPage + 100;

    static PgsOptions options() {
        PgsOptions options = {kDims, PGS_L2, PGS_F16, "", "", 4};
        options.keys = kColumns;
        return options;
    }

    static void resolve(SearchedIndex &searched, const PgsFilter &filter) {
        PgsError error = {};
        require(searched.context.filter.set(&filter, kColumns, &error), error);
        searched.matches.begin();
        searched.matches.begin_counting();
        searched.read_all(searched.matches);
        searched.matches.begin_resolving();
        searched.read_all(searched.matches);
    }

    Random random_;
    Table table_;
    Vector query_;
};

TEST_F(ProbeWithMatches, ForNoRowNoDirectoryIsRead) {
    SearchedIndex searched(table_.index(), query_, kExact);
    Condition none;
    none.keys(1, {{1, (uint64_t{1} << 40) - 1}});
    resolve(searched, none.filter());
    ASSERT_EQ(searched.matches.rows(), 0u);
    Probe probe(searched.context, searched.top, searched.matches, searched.selected);
    probe.begin();
    probe.begin_pass();
    const Probed probed = run_probe(searched, probe);
    EXPECT_EQ(probed.pages, 0u);
    EXPECT_TRUE(probed.lists.empty());
}

// Of nine pages about one for each row, where there are rows; and the lists are those that have
// some, in every pass.
TEST_F(ProbeWithMatches, ForFewRowsFewDirectoryPagesAreRead) {
    SearchedIndex searched(table_.index(), query_, kExact);
    size_t rounds = 0;
    for (uint64_t value = 0; value < 300; value++) {
        Condition few;
        few.group(PGS_FILTER_ALL, [&] {
            few.keys(0, {{value % 3, value % 3}});
            few.keys(1, {{value << 40, value << 40}});
        });
        resolve(searched, few.filter());
        const uint64_t rows = searched.matches.rows();
        if (rows == 0 || rows > 3) {
            continue;
        }
        rounds++;
        std::set<std::pair<uint32_t, uint32_t>> pages;
        std::set<uint32_t> lists;
        const Meta &meta = searched.context.meta();
        for (uint32_t s = 0; s < meta.segments; s++) {
            SegmentReader reader(meta.segment[s], segment_shape(vectors_of(meta)));
            for (uint64_t row = 0; !reader.at_end(); row++, reader.next()) {
                searched.read_all(reader);
                if (searched.matches.next_row(s, row) == row) {
                    pages.emplace(s, reader.row().list / kRunsPerPage);
                    lists.insert(reader.row().list);
                }
            }
        }
        Probe probe(searched.context, searched.top, searched.matches, searched.selected);
        probe.begin();
        for (int pass = 0; pass < 2; pass++) {
            probe.begin_pass();
            const Probed probed = run_probe(searched, probe);
            ASSERT_EQ(std::set<uint32_t>(probed.lists.begin(), probed.lists.end()), lists);
            if (pass == 0) {
                ASSERT_GE(probed.pages, pages.size());
                ASSERT_LE(probed.pages, 2 * pages.size());
            } else {
                ASSERT_EQ(probed.pages, 0u);
            }
        }
    }
    EXPECT_GT(rounds, 20u);
}

// A list that has a row too few, or one of the next list's, too: where all rows are wanted both an
// exact search and another see that lists have not those rows that there are.
TEST_F(ProbeWithMatches, RowsInNoListOrInTwoAreReported) {
    Condition all;
    all.keys(0, {{0, pgs_null_key(4)}});
    const Segment segment = meta_of(table_.index().meta()).segment[1];
    for (const bool exact : {false, true}) {
        for (const int more : {-1, 1}) {
            MemoryIndex index = table_.index();
            Page &page = index.store().damage(page_of_segment(segment, 1).block);
            auto *const runs = reinterpret_cast<ListRun *>(page.payload);
            const auto run = std::find_if(runs, runs + kRunsPerPage,
                                          [](const ListRun &r) { return r.rows > 1; });
            ASSERT_NE(run, runs + kRunsPerPage);
            run->rows += static_cast<uint32_t>(more);
            repair_checksum(page);
            SearchedIndex searched(index, query_, exact ? kExact : probes(kLists));
            resolve(searched, all.filter());
            Probe probe(searched.context, searched.top, searched.matches, searched.selected);
            probe.begin();
            probe.begin_pass();
            try {
                run_probe(searched, probe);
                FAIL() << "not found: " << exact << more;
            } catch (const CoreFailure &failure) {
                EXPECT_EQ(failure.error.status, PGS_CORRUPT);
            }
        }
    }
}

}  // namespace
}  // namespace pgslab
