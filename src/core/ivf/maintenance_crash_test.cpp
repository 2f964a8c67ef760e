// A crash between any two writes of maintenance: the index is whole, answers as before or as after,
// and what was being written is used again.
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "ivf/testing/living_table.h"
#include "ivf/testing/table.h"
#include "ivf/testing/tables.h"

namespace pgslab {
namespace {

constexpr uint64_t kXid = 1000;

// Parts of every kind: built, closed and flushed, closed with a sidecar, of an earlier codebook,
// open; and several segments.
LivingTable varied_table(Random &random, HardDraw &draw, const PgsOptions &options) {
    LivingTable table(options, 200, 3, [&draw] { return draw(); });
    MemoryIndex &index = table.index();
    table.insert(150);
    if (index.info().lists > 0) {
        flush(index, 1, size_t{1} << 20, 101);
        table.insert(20);
    }
    close(index);
    table.insert(90);
    close(index);
    table.insert(40);
    table.vacuum(random, 6);
    return table;
}

// A single task, and what is done before it. (Looking at the index anew forgets the crash that was
// asked for.)
struct Operation {
    const char *name;
    std::function<void(MemoryIndex &)> prepare;
    std::function<void(MemoryIndex &)> run;
};

void nothing(MemoryIndex &) {}

void flush_sealed(MemoryIndex &index) {
    for (uint32_t p = 0; p < index.info().sealed_parts; p++) {
        flush(index, p, size_t{1} << 20, kXid);
    }
}

void write_anew(MemoryIndex &index) {
    const auto codebook = train_again(index, 5, 77);
    rewrite(index, codebook.get(), sealed_parts(index), kXid);
}

void move_first_extent(MemoryIndex &index) {
    move(index, table_block(meta_of(index.meta()), 0, kRecordColumn), kXid);
}

std::vector<Operation> operations() {
    return {
        {"flush", nothing, [](MemoryIndex &index) { flush(index, 2, size_t{1} << 20, kXid); }},
        {"flush the open part", nothing,
         [](MemoryIndex &index) { flush(index, 3, size_t{1} << 20, kXid); }},
        {"merge", nothing, [](MemoryIndex &index) { merge(index, all_segments(index), {}, kXid); }},
        {"move a segment", nothing,
         [](MemoryIndex &index) { move(index, meta_of(index.meta()).segment[0].run.block, kXid); }},
        {"move an extent", nothing, move_first_extent},
        {"close", nothing, [](MemoryIndex &index) { close(index); }},
        {"compact",
         [](MemoryIndex &index) {
             close(index);
             flush_sealed(index);
         },
         [](MemoryIndex &index) { merge(index, all_segments(index), sealed_parts(index), kXid); }},
        {"recluster", [](MemoryIndex &index) { close(index); }, write_anew},
        {"recluster beside an open part", nothing, write_anew},
        {"recode",
         [](MemoryIndex &index) {
             const auto codebook = train_again(index, 5, 78);
             rewrite(index, codebook.get(), {1}, kXid);
         },
         // The first two; the third has been written.
         [](MemoryIndex &index) { rewrite(index, index.codebook(), {3}, kXid); }},
    };
}

std::vector<Operation> operations_without_codes() {
    return {
        {"rewrite", [](MemoryIndex &index) { close(index); },
         [](MemoryIndex &index) { rewrite(index, index.codebook(), sealed_parts(index), kXid); }},
        {"move an extent", nothing, move_first_extent}};
}

uint64_t working_blocks(const MemoryIndex &index) {
    const Meta &meta = meta_of(index.meta());
    uint64_t blocks = 0;
    for (uint32_t i = 0; i < meta.spares; i++) {
        blocks += meta.spare[i].since == kWorking ? meta.spare[i].run.blocks : 0;
    }
    return blocks;
}

// Crashes before the n-th write; false when there were no more writes.
bool crashes(MemoryIndex &index, const Operation &operation, uint64_t n) {
    index.store().crash_before(n);
    bool crashed = false;
    try {
        operation.run(index);
    } catch (const Crash &) {
        crashed = true;
    }
    index.recover();
    return crashed;
}

class MaintenanceCrash : public testing::TestWithParam<PgsOptions> {};

TEST_P(MaintenanceCrash, AtAnyWriteLosesNothing) {
    Random random(5);
    HardDraw draw(random, static_cast<size_t>(GetParam().dims));
    const LivingTable varied = varied_table(random, draw, GetParam());
    const bool codes = varied.index().info().lists > 0;
    for (const Operation &operation : codes ? operations() : operations_without_codes()) {
        LivingTable sound = varied;
        operation.prepare(sound.index());
        LivingTable whole = sound;
        operation.run(whole.index());
        whole.check(random);
        const uint32_t end = whole.index().info().end_block;
        const uint64_t writes = whole.index().store().writes() - sound.index().store().writes();
        const uint64_t stride = 1 + writes / 12;
        for (uint64_t n = 0; n < writes; n += n + stride < writes - 2 ? stride : 1) {
            SCOPED_TRACE(std::string(operation.name) + ", write " + std::to_string(n));
            LivingTable table = sound;
            MemoryIndex &index = table.index();
            ASSERT_TRUE(crashes(index, operation, n));
            ASSERT_EQ(pgs_meta_generation(&index.meta()),
                      pgs_meta_generation(&sound.index().meta()));
            table.check(random);
            // Whoever has the lock next uses what was being written.
            reclaim(index, kXid);
            EXPECT_EQ(working_blocks(index), 0u);
            operation.run(index);
            EXPECT_EQ(index.info().end_block, end) << "leaks";
            table.insert(3);
            table.check(random);
            ASSERT_FALSE(HasFailure());
        }
    }
}

// Again and again at the same write: the file does not grow.
TEST_P(MaintenanceCrash, AgainAndAgainDoesNotLeak) {
    Random random(6);
    HardDraw draw(random, static_cast<size_t>(GetParam().dims));
    const LivingTable varied = varied_table(random, draw, GetParam());
    const bool codes = varied.index().info().lists > 0;
    for (const Operation &operation : codes ? operations() : operations_without_codes()) {
        LivingTable sound = varied;
        operation.prepare(sound.index());
        for (uint64_t n : {1, 2, 3}) {
            SCOPED_TRACE(std::string(operation.name) + ", write " + std::to_string(n));
            LivingTable table = sound;
            MemoryIndex &index = table.index();
            uint32_t end = 0;
            for (uint64_t i = 0; i < 12 && crashes(index, operation, n); i++) {
                EXPECT_GT(working_blocks(index), 0u);
                reclaim(index, kXid);
                end = i == 0 ? index.info().end_block : end;
                ASSERT_EQ(index.info().end_block, end) << i;
                ASSERT_LE(meta_of(index.meta()).spares, meta_of(sound.index().meta()).spares + 10);
            }
            table.check(random);
            ASSERT_FALSE(HasFailure());
        }
    }
}

INSTANTIATE_TEST_SUITE_P(
    Indexes, MaintenanceCrash,
    testing::Values(PgsOptions{40, PGS_L2, PGS_F16, "", "", 4, {3, {{4, 1}, {8, 1}, {8, 1, true}}}},
                    PgsOptions{300, PGS_COSINE, PGS_F32, "", "", 8},
                    PgsOptions{70, PGS_INNER_PRODUCT, PGS_F16, "", "", 0},
                    PgsOptions{40, PGS_L1, PGS_F16, "", "", 0, {1, {{4, 3}}}}));

// Runs that are given up come back, whatever has been done: many rounds take no more room than few.
TEST(MaintenanceSpace, IsUsedAgain) {
    Random random(7);
    HardDraw draw(random, 30);
    LivingTable table({30, PGS_L2, PGS_F16, "", "", 4}, 300, 3, [&draw] { return draw(); });
    MemoryIndex &index = table.index();
    uint32_t most_early = 0;
    uint32_t most_late = 0;
    uint32_t most_spares = 0;
    for (uint32_t round = 0; round < 80; round++) {
        while (table.rows() < 400) {
            table.insert();
        }
        reclaim(index, table.next_xid());
        close(index);
        flush_sealed(index);
        if (round % 5 == 4) {
            recluster(index, 3, round, table.new_xid());
        } else {
            merge(index, all_segments(index), sealed_parts(index), table.new_xid());
        }
        table.vacuum(random, 3);
        uint32_t &most = round < 20 ? most_early : most_late;
        most = std::max(most, index.info().end_block);
        most_spares = std::max<uint32_t>(most_spares, meta_of(index.meta()).spares);
    }
    table.check(random);
    EXPECT_LE(most_late, most_early * 5 / 4);
    EXPECT_LE(most_spares, 24u);
    reclaim(index, table.new_xid());
    cut_end(index);
    table.check(random);
}

// A part that is written to several runs, as others have left them, takes one id as any other.
TEST(MaintenanceSpace, IdsAreTakenByTablesNotByRuns) {
    Random random(8);
    HardDraw draw(random, 3000);
    LivingTable table({3000, PGS_L2, PGS_F32, "", "", 0}, 60, 2, [&draw] { return draw(); });
    MemoryIndex &index = table.index();
    uint32_t most_extents = 0;
    for (uint32_t round = 0; round < 12; round++) {
        while (table.rows() < 90 + 10 * (round % 3)) {
            table.insert();
        }
        reclaim(index, table.next_xid());
        close(index);
        flush_sealed(index);
        const uint32_t first = meta_of(index.meta()).next_id;
        merge(index, all_segments(index), sealed_parts(index), table.new_xid());
        const Meta &meta = meta_of(index.meta());
        EXPECT_EQ(meta.next_id - first, 1u + meta.parts);
        for (uint32_t p = 0; p < meta.parts; p++) {
            most_extents = std::max<uint32_t>(most_extents, meta.part[p].extents);
        }
        table.vacuum(random, 3);
    }
    EXPECT_GT(most_extents, 1u);
    table.check(random);
}

}  // namespace
}  // namespace pgslab
