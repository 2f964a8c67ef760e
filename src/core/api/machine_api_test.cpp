// Whoever drives a machine is kept to its protocol: what was not asked for is the caller's mistake,
// which changes nothing.
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "ivf/testing/maintenance.h"
#include "ivf/testing/memory_index.h"
#include "ivf/testing/scanner.h"
#include "pgslab_core.h"
#include "store/testing/pump.h"

namespace pgslab {
namespace {

class MachineApi : public testing::Test {
  protected:
    MachineApi() : index_({kDims, PGS_L2, PGS_F16, "", "", 4}, rows(), 3) {}

    static constexpr int kDims = 16;

    // Some of them alike, so that a scan has to look up which is nearest.
    static std::vector<TestRow> rows() {
        Random random(3);
        std::vector<TestRow> rows;
        for (uint32_t i = 0; i < 100; i++) {
            rows.push_back({tid_number(i), i % 2 == 0 ? hard_vector(random, kDims, Kind::kOrdinary)
                                                      : Vector(kDims, 0.501f)});
        }
        return rows;
    }

    PgsStatus page(PgsMachine *machine, uint32_t block) {
        return pgs_page(machine, &index_.store().read(block), &error_);
    }
    PgsStatus look_up(PgsScan *scan) {
        const Vector vector(kDims, 1.0f);
        return pgs_scan_looked_up(scan, vector.data(), &error_);
    }
    PgsStatus reserved(PgsTask *task) {
        const PgsReservation run = {1, 1, 1, 1};
        return pgs_task_reserved(task, &run, &error_);
    }
    PgsStatus row(PgsTask *task) { return pgs_task_row(task, nullptr, 0, &error_); }

    void start(PgsScan *scan) {
        const Vector query(kDims, 0.5f);
        require(pgs_scan_start(scan, &index_.meta(), index_.codebook(), query.data(), nullptr,
                               &kExact, false, &error_),
                error_);
    }
    Owned<PgsScan> make_scan() {
        auto scan = make_owned<PgsScan>(pgs_scan_destroy,
                                        [](PgsScan **made) { return pgs_scan_create(0, made); });
        start(scan.get());
        return scan;
    }

    MemoryIndex index_;
    PgsError error_ = {};
};

TEST_F(MachineApi, APageIsTakenOnlyIfItWasAskedFor) {
    const auto verify = make_owned<PgsVerify>(pgs_verify_destroy, [&](PgsVerify **made) {
        return pgs_verify_create(&index_.meta(), made);
    });
    PgsMachine *const machine = pgs_verify_machine(verify.get());
    EXPECT_EQ(page(machine, 1), PGS_MISUSE) << "nobody has asked";
    EXPECT_EQ(error_.status, PGS_MISUSE);
    EXPECT_EQ(error_.block, PGS_NO_BLOCK);
    EXPECT_EQ(std::string(error_.detail), "a page was given where nothing was wanted");
    const uint32_t block = ask(machine).block;
    EXPECT_EQ(page(machine, block), PGS_OK);
    EXPECT_EQ(page(machine, block), PGS_MISUSE) << "it was given";
    EXPECT_EQ(pump(machine, index_.store()).kind, PGS_REQUEST_DONE);
    EXPECT_EQ(page(machine, block), PGS_MISUSE) << "it is done";
}

TEST_F(MachineApi, AScanTakesWhatItAskedFor) {
    const auto scan = make_scan();
    PgsMachine *const machine = pgs_scan_machine(scan.get());
    const PgsRequest first = ask(machine);
    ASSERT_EQ(first.kind, PGS_REQUEST_PAGE);
    EXPECT_EQ(look_up(scan.get()), PGS_MISUSE);
    EXPECT_EQ(std::string(error_.detail), "a row's vector was given where a page was wanted");
    EXPECT_EQ(page(machine, first.block), PGS_OK) << "it waits for the page still";

    const PgsRequest wanted = pump(machine, index_.store());
    ASSERT_EQ(wanted.kind, PGS_REQUEST_LOOK_UP) << "what is stored leaves open what is nearest";
    EXPECT_EQ(page(machine, first.block), PGS_MISUSE);
    EXPECT_EQ(look_up(scan.get()), PGS_OK);
    EXPECT_EQ(look_up(scan.get()), PGS_MISUSE);
}

TEST_F(MachineApi, AScanThatIsStartedAgainAwaitsNothing) {
    const auto scan = make_scan();
    const uint32_t block = ask(pgs_scan_machine(scan.get())).block;
    start(scan.get());
    EXPECT_EQ(page(pgs_scan_machine(scan.get()), block), PGS_MISUSE);
}

TEST_F(MachineApi, ATaskTakesWhatItAskedFor) {
    const ListedRows all = stored_rows(index_, index_.codebook(), {1});
    const auto task = make_task([&](PgsTask **made) {
        return pgs_rewrite_create(&index_.meta(), index_.codebook(), {1}, all.size(), made);
    });
    PgsMachine *const machine = pgs_task_machine(task.get());
    EXPECT_EQ(reserved(task.get()), PGS_MISUSE);
    EXPECT_EQ(row(task.get()), PGS_MISUSE);
    ASSERT_EQ(ask(machine).kind, PGS_REQUEST_RUN);
    EXPECT_EQ(row(task.get()), PGS_MISUSE);
    EXPECT_EQ(std::string(error_.detail), "a row was given where a run was wanted");
    EXPECT_EQ(page(machine, 1), PGS_MISUSE);
    carry_out(index_, task.get(), all);
    EXPECT_EQ(ask(machine).kind, PGS_REQUEST_DONE) << "nothing of that was taken";
    EXPECT_EQ(row(task.get()), PGS_MISUSE);
}

// What comes after an error is not defined by what came before it.
TEST_F(MachineApi, AfterAnErrorNothingIsAwaited) {
    const auto scan = make_scan();
    PgsMachine *const machine = pgs_scan_machine(scan.get());
    const PgsRequest request = ask(machine);
    ASSERT_EQ(request.kind, PGS_REQUEST_PAGE);
    EXPECT_EQ(page(machine, 0), PGS_CORRUPT) << "the metapage is no such page";
    EXPECT_EQ(page(machine, request.block), PGS_MISUSE);
}

}  // namespace
}  // namespace pgslab
