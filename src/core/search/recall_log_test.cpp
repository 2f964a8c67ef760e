// What a log says a search would have found is what it finds.
#include "search/recall_log.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <set>
#include <vector>

#include "search/search.h"
#include "search/testing/parts.h"

namespace pgslab {
namespace {

constexpr int kDims = 64;
constexpr uint32_t kLists = 40;

// The index's metapage with a calibration that has this margin for any number of rows.
Page with_margin(const MemoryIndex &index, float margin, float deviations) {
    Page meta = index.meta();
    Calibration calibration = {};
    calibration.queries = 1;
    calibration.unit = 0.5;
    calibration.projections[60] = 1 << 15;
    for (Level &level : calibration.level) {
        level.recall = 1;
        level.deviations = deviations;
        std::fill_n(level.margin, kMargins, margin);
    }
    set_calibration(meta, calibration);
    return meta;
}

// The first rows of a search, by their stored values.
std::vector<LoggedRow> search(const MemoryIndex &index, const Codebook &codebook, const Page &meta,
                              const Vector &query, uint32_t rows, RecallLog *log = nullptr,
                              std::vector<RecallLog::NeededByRows> *needed = nullptr) {
    Search search(1 << 20);
    PgsEffort effort = {};
    effort.target_recall = 0.9;
    effort.rows = rows;
    effort.stored_values = true;
    EXPECT_EQ(search.start(meta, codebook, query.data(), nullptr, effort, true, nullptr), PGS_OK);
    if (log != nullptr) {
        log->begin(codebook.lists(), rows);
        search.keep_log(*log);
    }
    std::vector<LoggedRow> found;
    PgsError error = {};
    while (found.size() < rows) {
        PgsRequest request = {};
        require(search.next(request, &error), error);
        if (request.kind == PGS_REQUEST_PAGE) {
            require(search.page(index.store().read(request.block), &error), error);
        } else if (request.kind == PGS_REQUEST_FOUND) {
            found.push_back({request.slot, search.list(), request.value});
        } else {
            break;
        }
    }
    if (log != nullptr) {
        *needed = log->end(found, search.bound());
    }
    return found;
}

class RecallLogTest : public testing::TestWithParam<PgsMetric> {
  protected:
    RecallLogTest()
        : random_(91),
          table_(
              random_, {kDims, GetParam(), PGS_F16, "", "", 4}, 6000, [this] { return draw(); },
              kLists),
          codebook_(codebook_of(table_.index())) {
        resegment(table_.index(), random_, 2,
                  [](uint32_t part, uint64_t slots) { return part == 0 ? slots : 0; });
    }

    // Around one of some centres.
    Vector draw() {
        while (centres_.size() < 60) {
            centres_.push_back(hard_vector(random_, kDims, Kind::kOrdinary));
        }
        Vector vector = hard_vector(random_, kDims, Kind::kOrdinary);
        const Vector &centre = centres_[random_() % centres_.size()];
        for (size_t d = 0; d < kDims; d++) {
            vector[d] = centre[d] + 0.8F * vector[d];
        }
        return vector;
    }

    Random random_;
    std::vector<Vector> centres_;
    Table table_;
    std::unique_ptr<const Codebook> codebook_;
};

TEST_P(RecallLogTest, SaysWhatASearchFinds) {
    const MemoryIndex &index = table_.index();
    const Page everything = with_margin(index, std::numeric_limits<float>::infinity(), 3);
    size_t missed = 0;
    size_t agreed = 0;
    size_t disagreed = 0;
    for (int q = 0; q < 12; q++) {
        const Vector query = draw();
        RecallLog log;
        std::vector<RecallLog::NeededByRows> needed;
        const auto nearest = search(index, *codebook_, everything, query, 200, &log, &needed);
        ASSERT_EQ(nearest.size(), 200u);
        for (const size_t number : {0u, 3u, 5u, 10u}) {
            const uint32_t rows = RecallLog::kRows[number];
            std::vector<float> margins;
            for (uint32_t i = 0; i < rows; i++) {
                margins.push_back(needed[i][number].margin);
            }
            std::sort(margins.begin(), margins.end());
            // Some that leave rows out.
            for (const float least : {margins[rows / 2], margins[rows * 4 / 5], margins.back()}) {
                const float margin = std::max(least, -3.0F) - 1e-4F;
                const auto found =
                    search(index, *codebook_, with_margin(index, margin, 1.5F), query, rows);
                std::set<uint64_t> addresses;
                for (const LoggedRow &row : found) {
                    addresses.insert(row.address);
                }
                for (uint32_t i = 0; i < rows; i++) {
                    const bool visited = needed[i][number].margin < margin;
                    const bool expected = visited && needed[i][number].deviations < 1.5F;
                    const bool is_found = addresses.count(nearest[i].address) > 0;
                    agreed += expected == is_found ? 1 : 0;
                    missed += visited ? 0 : 1;
                    // A row that its bounds would put behind the last one may come all the same,
                    // where others were missed; so the bar may be a bit higher, too.
                    disagreed += visited != is_found && expected != is_found ? 1 : 0;
                }
            }
        }
    }
    EXPECT_LT(disagreed, agreed / 200);
    EXPECT_GT(missed, 30u);
    EXPECT_GT(agreed, 1000u);
}

INSTANTIATE_TEST_SUITE_P(Metrics, RecallLogTest,
                         testing::Values(PGS_L2, PGS_INNER_PRODUCT, PGS_COSINE));

}  // namespace
}  // namespace pgslab
