// What verification finds in a whole index, and that neither inserts nor vacuums meanwhile look
// like damage.
#include <gtest/gtest.h>

#include <map>

#include "ivf/testing/scanner.h"
#include "ivf/testing/table.h"
#include "pgslab_core.h"

namespace pgslab {
namespace {

constexpr PgsOptions kOptions = {5, PGS_L2, PGS_F16, "", "", 4};

Table make_table(Random &random, uint32_t rows, const PgsOptions &options) {
    const auto dims = static_cast<size_t>(options.dims);
    return Table(random, options, rows, [&] { return any_hard_vector(random, dims); });
}

TEST(Verify, AnIndexWithoutRowsIsSound) {
    MemoryIndex index(kOptions);
    EXPECT_TRUE(verify(index.store()).rows.empty());
    index.grow();
    EXPECT_TRUE(verify(index.store()).rows.empty());
}

TEST(Verify, FindsEveryLiveRowOnceWithTheContentOfItsVector) {
    Random random(24);
    for (PgsMetric metric : {PGS_L2, PGS_COSINE, PGS_L1}) {
        for (PgsStorage storage : {PGS_F16, PGS_F32, PGS_I8}) {
            for (int dims : {1, 3, 33, 768, 4064, 16000}) {
                const int bits[] = {0, 4, dims <= pgs_most_dims(8) ? 8 : 4};
                const PgsOptions options = {dims, metric, storage, "", "", bits[random() % 3]};
                const Table table = make_table(random, dims < 1000 ? 1000 : 40, options);
                std::map<uint32_t, uint32_t> expected;
                for (const auto &[number, vector] : table.live()) {
                    expected[number] = table.index().content({tid_number(number), vector});
                }
                std::map<uint32_t, uint32_t> found;
                for (const PgsVerifiedRow &row : verify(table.index().store()).rows) {
                    EXPECT_TRUE(found.emplace(number_of(row.tid), row.content).second);
                }
                EXPECT_EQ(found, expected) << dims << " dims";
            }
        }
    }
}

TEST(Verify, FindsEveryLiveSetOnceWithItsContent) {
    Random random(124);
    for (PgsMetric metric : {PGS_HAMMING, PGS_JACCARD}) {
        for (int dims : {1, 3, 33, 768, 4064, 16000}) {
            const Table table =
                make_table(random, dims < 1000 ? 1000 : 40, {dims, metric, PGS_BITS, "", "", 0});
            std::map<uint32_t, uint32_t> expected, found;
            for (const auto &[number, vector] : table.live()) {
                expected[number] = table.index().content({tid_number(number), vector});
            }
            for (const PgsVerifiedRow &row : verify(table.index().store()).rows) {
                EXPECT_TRUE(found.emplace(number_of(row.tid), row.content).second);
            }
            EXPECT_EQ(found, expected) << dims << " dims";
        }
    }
}

TEST(Verify, AsksForEveryPageOfEveryExtent) {
    Random random(25);
    for (int dims : {1, 3, 768, 16000}) {
        Table table =
            make_table(random, dims < 1000 ? 1500 : 20, {dims, PGS_L2, PGS_F32, "", "", 4});
        table.index().vacuum([](PgsTid tid) { return number_of(tid) % 7 < 5; });
        table.index().grow();
        const Verified verified = verify(table.index().store());
        for (uint32_t block = 1; block < table.index().info().formatted_end; block++) {
            EXPECT_TRUE(verified.blocks.contains(block)) << dims << " dims, block " << block;
        }
    }
}

TEST(Verify, WhatACrashLeftOfAGrowthIsNotRead) {
    MemoryIndex index(kOptions);
    index.store().crash_before(4);
    EXPECT_THROW(index.grow(), Crash);
    index.recover();
    EXPECT_GT(index.info().in_progress_blocks, 0u);
    // Nothing but the codebook.
    const PgsMetaInfo info = index.info();
    EXPECT_EQ(verify(index.store()).blocks.size(), info.codebook_blocks);
}

TEST(Verify, ConcurrentInsertsAreNoError) {
    for (uint32_t rows : {0u, 1u, 337u, 338u, 339u, 1000u, 1690u}) {
        Random random(rows);
        MemoryIndex index(kOptions);
        index.grow();
        for (uint32_t i = 0; i < rows; i++) {
            index.insert({tid_number(i), hard_vector(random, 5, Kind::kOrdinary)});
        }
        uint32_t next = rows;
        const Verified verified = verify(index.store(), index.meta(), [&] {
            for (uint32_t i = random() % 200; i > 0; i--) {
                index.insert({tid_number(next++), hard_vector(random, 5, Kind::kOrdinary)});
            }
        });
        EXPECT_GE(verified.rows.size(), rows);
        EXPECT_LE(verified.rows.size(), next);
    }
}

TEST(Verify, ConcurrentVacuumsAndKillsAreNoError) {
    Random random(26);
    Table table = make_table(random, 2000, kOptions);
    EXPECT_NO_THROW(verify(table.index().store(), table.index().meta(), [&] {
        const uint32_t from = random() % 2000;
        table.index().vacuum(
            [&](PgsTid tid) { return number_of(tid) >= from && number_of(tid) < from + 20; });
        table.index().kill(pgs_record_page(&table.index().meta(), 0), random() % 338);
    }));
}

TEST(Verify, RowsAreThoseOfTheLastPageOnly) {
    Random random(27);
    const Table table = make_table(random, 100, {768, PGS_L2, PGS_F32, "", "", 4});
    PgsVerify *created = nullptr;
    ASSERT_EQ(pgs_verify_create(&table.index().meta(), &created), PGS_OK);
    const std::unique_ptr<PgsVerify, void (*)(PgsVerify *)> guard(created, pgs_verify_destroy);
    size_t most = 0;
    pump(pgs_verify_machine(created), table.index().store(), [&](uint32_t) {
        size_t count = 0;
        pgs_verify_rows(created, &count);
        most = std::max(most, count);
    });
    EXPECT_GT(most, 0u);
    EXPECT_LE(most, 8128 / 3072 + 1u);  // a page completes no more rows than it has room for
}

}  // namespace
}  // namespace pgslab
