// Arguments that are out of range, or contradict one another or what was said before, are the
// caller's mistake: neither damage nor a fault of the core.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "ivf/testing/maintenance.h"
#include "ivf/testing/memory_index.h"
#include "ivf/testing/scanner.h"
#include "pgslab_core.h"
#include "store/meta.h"
#include "store/testing/pump.h"

namespace pgslab {
namespace {

constexpr PgsOptions kSound = {16, PGS_L2, PGS_F16, "", "", 4};

std::vector<TestRow> rows(int dims) {
    Random random(5);
    std::vector<TestRow> rows;
    for (uint32_t i = 0; i < 200; i++) {
        rows.push_back(
            {tid_number(i), hard_vector(random, static_cast<size_t>(dims), Kind::kOrdinary)});
    }
    return rows;
}

class Misuse : public testing::Test {
  protected:
    Misuse() : index_(kSound, rows(16), 3), other_({24, PGS_L2, PGS_F16, "", "", 4}, rows(24), 3) {}

    // What a function says that makes something; which is nothing then.
    template <typename T, typename Create>
    static PgsStatus status_of(void (*destroy)(T *), Create create) {
        T *made = nullptr;
        const PgsStatus status = create(&made);
        EXPECT_EQ(made != nullptr, status == PGS_OK);
        destroy(made);
        return status;
    }

    template <typename Create>
    static PgsStatus task(Create create) {
        return status_of<PgsTask>(pgs_task_destroy, create);
    }

    PgsStatus start(const PgsCodebook *codebook, double recall) {
        const auto scan = make_owned<PgsScan>(
            pgs_scan_destroy, [](PgsScan **made) { return pgs_scan_create(0, made); });
        const PgsEffort effort = effort_for(recall);
        return pgs_scan_start(scan.get(), &index_.meta(), codebook, nullptr, nullptr, &effort,
                              false, &error_);
    }

    const Page &meta() const { return index_.meta(); }

    MemoryIndex index_;
    MemoryIndex other_;
    PgsError error_ = {};
};

TEST_F(Misuse, OptionsOutOfRange) {
    const std::string too_long(PGS_MAX_TEXT + 1, 'x');
    const PgsOptions bad[] = {
        {0, PGS_L2, PGS_F16, "", "", 4},
        {-1, PGS_L2, PGS_F16, "", "", 4},
        {PGS_MAX_DIMS + 1, PGS_L2, PGS_F16, "", "", 4},
        {65536 + 16, PGS_L2, PGS_F16, "", "", 4},
        {16, static_cast<PgsMetric>(0), PGS_F16, "", "", 4},
        {16, static_cast<PgsMetric>(5), PGS_F16, "", "", 4},
        {16, PGS_L2, static_cast<PgsStorage>(0), "", "", 4},
        {16, PGS_L2, PGS_F16, too_long.c_str(), "", 4},
        {16, PGS_L2, PGS_F16, "", too_long.c_str(), 4},
        {16, PGS_L2, PGS_F16, "", "", 1},
        {16, PGS_L2, PGS_F16, "", "", -4},
        {16, PGS_L2, PGS_F16, "", "", 256 + 4},
        {pgs_most_dims(8) + 1, PGS_L2, PGS_F16, "", "", 8},
    };
    const auto train = [](const PgsOptions &options, uint32_t lists) {
        const PgsPlan plan = {lists, 10};
        return status_of<PgsTraining>(pgs_training_destroy, [&](PgsTraining **made) {
            return pgs_training_create(&options, &plan, nullptr, made);
        });
    };
    const auto build = [&](const PgsOptions &options) {
        return status_of<PgsBuild>(pgs_build_destroy, [&](PgsBuild **made) {
            return pgs_build_create(&options, index_.codebook(), made);
        });
    };
    for (const PgsOptions &options : bad) {
        SCOPED_TRACE(&options - bad);
        EXPECT_EQ(train(options, 3), PGS_MISUSE);
        EXPECT_EQ(build(options), PGS_MISUSE);
    }
    EXPECT_EQ(train(kSound, 3), PGS_OK);
    EXPECT_EQ(train(kSound, PGS_MAX_LISTS + 1), PGS_MISUSE);
    EXPECT_EQ(train({16, PGS_L1, PGS_F16, "", "", 1}, 1), PGS_OK) << "it has no codes";
    EXPECT_EQ(build(kSound), PGS_OK);
    EXPECT_EQ(build({24, PGS_L2, PGS_F16, "", "", 4}), PGS_MISUSE) << "the codebook has 16 dims";
}

TEST_F(Misuse, RankingByAMetricOfSetsOrOfImpossibleDims) {
    const auto rank = [](PgsMetric metric, int dims) {
        const Vector vector(16, 1.0F);
        const PgsTableRow row = {vector.data(), 1};
        return status_of<PgsSignRanks>(pgs_sign_ranks_destroy, [&](PgsSignRanks **made) {
            return pgs_sign_ranks_create(metric, dims, &row, 1, nullptr, 0, made);
        });
    };
    EXPECT_EQ(rank(PGS_COSINE, 16), PGS_OK);
    EXPECT_EQ(rank(PGS_HAMMING, 16), PGS_MISUSE);
    EXPECT_EQ(rank(PGS_JACCARD, 16), PGS_MISUSE);
    EXPECT_EQ(rank(PGS_L2, 0), PGS_MISUSE);
    EXPECT_EQ(rank(PGS_L2, PGS_MAX_DIMS + 1), PGS_MISUSE);
}

TEST_F(Misuse, AScanWithAnothersCodebookOrAnImpossibleRecall) {
    EXPECT_EQ(start(other_.codebook(), 0.9), PGS_MISUSE);
    EXPECT_EQ(error_.status, PGS_MISUSE);
    EXPECT_EQ(error_.block, PGS_NO_BLOCK);
    for (double recall : {-0.1, 1.1, std::nan(""), std::numeric_limits<double>::infinity()}) {
        EXPECT_EQ(start(index_.codebook(), recall), PGS_MISUSE) << recall;
    }
    for (double recall : {0.0, 0.9, 1.0}) {
        EXPECT_EQ(start(index_.codebook(), recall), PGS_OK) << recall;
    }
}

TEST_F(Misuse, ASetOfRowsThatAreNotInOrder) {
    const auto set = make_owned<PgsTidSet>(pgs_tid_set_destroy, pgs_tid_set_create);
    const uint16_t ascending[] = {2, 4};
    const uint16_t descending[] = {4, 2};
    const uint16_t none[] = {0};
    EXPECT_EQ(pgs_tid_set_add(set.get(), 3, ascending, 2, &error_), PGS_OK);
    EXPECT_EQ(pgs_tid_set_add(set.get(), 3, ascending, 2, &error_), PGS_MISUSE);
    EXPECT_EQ(pgs_tid_set_add(set.get(), 4, descending, 2, &error_), PGS_MISUSE);
    EXPECT_EQ(pgs_tid_set_add(set.get(), 4, none, 1, &error_), PGS_MISUSE);
    pgs_tid_set_clear(set.get());
    EXPECT_EQ(pgs_tid_set_add(set.get(), 3, ascending, 2, &error_), PGS_OK);
}

TEST_F(Misuse, ACalibrationWithAnothersCodebookOrQueries) {
    const auto sampler_of = [&](const MemoryIndex &index) {
        return make_owned<PgsSampler>(pgs_sampler_destroy, [&](PgsSampler **made) {
            return pgs_sampler_create(&index.meta(), index.codebook(), 10, PGS_DRAW_ALL, 1, made);
        });
    };
    const auto calibrate = [&](const PgsCodebook *codebook, const PgsSampler *sampler) {
        return status_of<PgsCalibration>(pgs_calibration_destroy, [&](PgsCalibration **made) {
            const PgsCalibrationOptions options = {100, 1 << 20, true, false, nullptr, 0};
            return pgs_calibration_create(&meta(), codebook, sampler, &options, made);
        });
    };
    EXPECT_EQ(calibrate(index_.codebook(), sampler_of(index_).get()), PGS_OK);
    EXPECT_EQ(calibrate(other_.codebook(), sampler_of(index_).get()), PGS_MISUSE);
    EXPECT_EQ(calibrate(index_.codebook(), sampler_of(other_).get()), PGS_MISUSE);
}

TEST_F(Misuse, ACodebookOfTheSameShapeThatIsNotTheIndexs) {
    Page changed = meta();
    meta_of(changed).dictionary.identity++;
    PgsScan *scan = nullptr;
    ASSERT_EQ(pgs_scan_create(1 << 20, &scan), PGS_OK);
    const float query[16] = {};
    const PgsEffort effort = effort_for(0.9);
    EXPECT_EQ(
        pgs_scan_start(scan, &changed, index_.codebook(), query, nullptr, &effort, true, &error_),
        PGS_MISUSE);
    pgs_scan_destroy(scan);
}

TEST_F(Misuse, CodesOfAPartThatIsStale) {
    Page changed = meta();
    meta_of(changed).part[0].dictionary++;
    EXPECT_EQ(task([&](PgsTask **made) { return pgs_flush_create(&changed, 0, 1 << 16, made); }),
              PGS_MISUSE);
}

TEST_F(Misuse, PartsAndSegmentsThatAreNot) {
    const auto flush = [&](uint32_t part) {
        return task([&](PgsTask **made) { return pgs_flush_create(&meta(), part, 1 << 16, made); });
    };
    const auto merge = [&](PgsSegments segments, PgsParts parts) {
        return task(
            [&](PgsTask **made) { return pgs_merge_create(&meta(), segments, parts, made); });
    };
    const auto rewrite = [&](const PgsCodebook *codebook, PgsParts parts) {
        return task(
            [&](PgsTask **made) { return pgs_rewrite_create(&meta(), codebook, parts, 10, made); });
    };
    const auto stored = [&](PgsParts parts) {
        return status_of<PgsStoredRows>(pgs_stored_rows_destroy, [&](PgsStoredRows **made) {
            return pgs_stored_rows_create(&meta(), parts, made);
        });
    };
    ASSERT_EQ(sealed_parts(index_).bits, 1u);
    ASSERT_EQ(all_segments(index_).bits, 1u);
    EXPECT_EQ(flush(0), PGS_OK);
    EXPECT_EQ(flush(1), PGS_MISUSE);
    EXPECT_EQ(flush(UINT32_MAX), PGS_MISUSE);
    EXPECT_EQ(merge({1}, {1}), PGS_OK);
    EXPECT_EQ(merge({2}, {0}), PGS_MISUSE);
    EXPECT_EQ(merge({1}, {2}), PGS_MISUSE);
    EXPECT_EQ(merge({0}, {1}), PGS_MISUSE) << "without all segments";
    EXPECT_EQ(rewrite(index_.codebook(), {1}), PGS_OK);
    EXPECT_EQ(rewrite(index_.codebook(), {3}), PGS_MISUSE);
    EXPECT_EQ(rewrite(other_.codebook(), {1}), PGS_MISUSE);
    EXPECT_EQ(stored({1}), PGS_OK);
    EXPECT_EQ(stored({UINT32_MAX}), PGS_MISUSE);
}

TEST_F(Misuse, AMoveOfWhatDoesNotBeginThere) {
    const auto task =
        make_task([&](PgsTask **made) { return pgs_move_create(&meta(), UINT32_MAX - 1, made); });
    PgsRequest request;
    EXPECT_EQ(pgs_next(pgs_task_machine(task.get()), &request, &error_), PGS_MISUSE);
    EXPECT_STRNE(error_.detail, "");
}

TEST_F(Misuse, WhatIsNotDoneHasNoResult) {
    const auto load = make_owned<PgsCodebookLoad>(
        pgs_codebook_load_destroy,
        [&](PgsCodebookLoad **made) { return pgs_codebook_load_create(&meta(), made); });
    PgsMachine *const machine = pgs_codebook_load_machine(load.get());
    const auto finish = [&] {
        return status_of<PgsCodebook>(pgs_codebook_destroy, [&](PgsCodebook **made) {
            return pgs_codebook_load_finish(load.get(), made, &error_);
        });
    };
    EXPECT_EQ(finish(), PGS_MISUSE);
    give_page(machine, index_.store(), ask(machine).block);
    EXPECT_EQ(finish(), PGS_MISUSE);
    pump(machine, index_.store());
    EXPECT_EQ(finish(), PGS_OK);

    const auto task =
        make_task([&](PgsTask **made) { return pgs_merge_create(&meta(), {1}, {1}, made); });
    Page page = index_.store().read(0);
    const Page before = page;
    ASSERT_EQ(pump(pgs_task_machine(task.get()), index_.store()).kind, PGS_REQUEST_RUN);
    EXPECT_EQ(pgs_task_publish(task.get(), &page, 9, &error_), PGS_MISUSE);
    EXPECT_EQ(std::memcmp(&page, &before, sizeof page), 0);
}

}  // namespace
}  // namespace pgslab
