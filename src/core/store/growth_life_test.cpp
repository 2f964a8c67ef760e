// Whole lives of the largest indexes, as far as the manifest tells them: however many rows come and
// whatever maintenance does meanwhile, the manifest has room for more until the relation has none.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <ostream>
#include <random>
#include <tuple>

#include "ivf/testing/bare_manifest.h"
#include "ivf/testing/simulated_index.h"
#include "ivf/testing/tables.h"
#include "store/free_space.h"
#include "store/growth.h"
#include "store/sets.h"

namespace pgslab {
namespace {

constexpr uint64_t kMillion = 1'000'000;

const PgsOptions kUsual = {768, PGS_L2, PGS_F16, "", "", 4};
const PgsOptions kSmall = {128, PGS_L2, PGS_F16, "", "", 4};
const PgsOptions kWide = {4000, PGS_L2, PGS_F32, "", "", 4};
const PgsOptions kWithoutCodes = {768, PGS_L1, PGS_F16, "", "", 0};

bool is_long() {
    return std::getenv("PGSLAB_LONG") != nullptr;
}

// The largest that was seen of what the manifest has room for so many of, and of what is reserved
// for growth, as a share of the index.
struct Most {
    uint32_t parts = 0;
    uint32_t extents = 0;
    uint32_t segments = 0;
    uint32_t spares = 0;
    double reserved = 0;

    void see(const Meta &meta) {
        constexpr uint32_t kSmallIndex = 10'000;  // in which shares say little
        parts = std::max<uint32_t>(parts, meta.parts);
        extents = std::max<uint32_t>(extents, meta.extents);
        segments = std::max<uint32_t>(segments, meta.segments);
        spares = std::max<uint32_t>(spares, meta.spares);
        if (meta.end_block > kSmallIndex) {
            reserved = std::max(reserved, static_cast<double>(meta.growth.run.blocks) /
                                              static_cast<double>(meta.end_block));
        }
    }
};

void PrintTo(const Most &most, std::ostream *out) {
    *out << most.parts << " parts, " << most.extents << " extents, " << most.segments
         << " segments, " << most.spares << " spares, " << most.reserved << " reserved";
}

// Inserts need extents, and a part only where maintenance has closed one; it waits itself for want
// of segments and spare runs.
void expect_room_left(const Most &most) {
    SCOPED_TRACE(testing::PrintToString(most));
    EXPECT_LE(most.parts, kMaxParts);
    EXPECT_LE(most.extents, kMaxExtents / 4);
    EXPECT_LE(most.segments, kMaxSegments);
    EXPECT_LE(most.spares, kMaxSpares * 3 / 4);
    EXPECT_LE(most.reserved, 0.125);
}

// Whether it is surely possible, although the relation is nearly full.
bool can_carry_out(const SimulatedIndex &index, const PgsJob &job) {
    const Meta &meta = index.meta();
    uint64_t rows =
        job.kind == PGS_JOB_FLUSH ? index.open_slots() - meta.part[job.part].flushed : 0;
    for (uint32_t i = 0; i < meta.segments; i++) {
        rows += has(job.segments, i) ? meta.segment[i].rows : 0;
    }
    const uint64_t blocks = list_blocks(vectors_of(meta).dims, rows) +
                            uint64_t{directory_blocks(vectors_of(meta).lists)};
    return blocks < (kMaxBlocks - meta.end_block) / 2;
}

// How maintenance lives with an index.
struct Habits {
    const char *name;
    PgsGoalKind goal;
    uint64_t every;     // so many rows
    uint32_t jobs;      // it does at most so many
    double dead = 0;    // share of rows that VACUUM finds dead, each fifty times
    bool held = false;  // what was given up is seldom free soon
};

constexpr uint32_t kAll = 100;
constexpr Habits kHabits[] = {
    {"only flushes", PGS_GOAL_FLUSH, 4096, kAll},
    {"only flushes, seldom", PGS_GOAL_FLUSH, kMillion, kAll},
    {"busy", PGS_GOAL_AUTOMATIC, 4096, kAll},
    {"slow", PGS_GOAL_AUTOMATIC, kMillion, kAll},
    {"slower", PGS_GOAL_AUTOMATIC, kMillion, 1},
    {"seldom", PGS_GOAL_AUTOMATIC, 30 * kMillion, kAll},
    {"busy with deletes", PGS_GOAL_AUTOMATIC, 4096, kAll, 0.02},
    {"slow with deletes", PGS_GOAL_AUTOMATIC, kMillion, kAll, 0.1},
    {"shrinking", PGS_GOAL_SHRINK, kMillion, kAll, 0.1},
    {"held back", PGS_GOAL_AUTOMATIC, 100'000, kAll, 0.05, true},
};

void maintain(SimulatedIndex &index, const Habits &habits, std::mt19937_64 &random, Most &most) {
    if (habits.dead > 0 && random() % 50 == 0) {
        index.vacuum(random, habits.dead);
    }
    if (!habits.held || random() % 100 == 0) {
        index.reclaim();
    }
    if (habits.goal == PGS_GOAL_SHRINK && random() % 20 == 0) {
        index.cut();
    }
    PgsGoal goal = {};
    goal.kind = habits.goal;
    for (uint32_t jobs = 0; jobs < habits.jobs; jobs++) {
        const PgsJob job = index.pick(goal);
        if (job.kind == PGS_JOB_NONE || !can_carry_out(index, job)) {
            break;
        }
        ASSERT_NO_FATAL_FAILURE(index.carry_out(job)) << "job of kind " << job.kind;
        most.see(index.meta());
    }
}

// ---- a billion rows

using IndexAndHabits = std::tuple<PgsOptions, Habits>;

void PrintTo(const IndexAndHabits &life, std::ostream *out) {
    const auto &[options, habits] = life;
    *out << options.dims << " dims, metric " << options.metric << ", maintenance " << habits.name;
}

class GrowthLife : public testing::TestWithParam<IndexAndHabits> {};

TEST_P(GrowthLife, ABillionRowsHaveRoom) {
    const auto &[options, habits] = GetParam();
    const uint64_t rows = habits.every < 100'000 && !is_long() ? 50 * kMillion : 1000 * kMillion;
    std::mt19937_64 random(1);
    SimulatedIndex index(options, 0, kPolicy);
    Most most;
    for (uint64_t n = 0; n < rows; n += habits.every) {
        ASSERT_NO_FATAL_FAILURE(index.insert(habits.every)) << n << " rows";
        most.see(index.meta());
        ASSERT_NO_FATAL_FAILURE(maintain(index, habits, random, most)) << n << " rows";
        ASSERT_FALSE(HasFailure()) << n << " rows";
    }
    expect_room_left(most);
}

INSTANTIATE_TEST_SUITE_P(Indexes, GrowthLife,
                         testing::Combine(testing::Values(kUsual, kSmall, kWithoutCodes),
                                          testing::ValuesIn(kHabits)));

TEST(GrowthLifeAlone, ABillionRowsTakeAFewExtents) {
    for (const PgsOptions &options : {kUsual, kSmall, kWithoutCodes}) {
        SimulatedIndex index(options, 0, kPolicy);
        Most most;
        for (uint64_t n = 0; n < 1000 * kMillion; n += 100'000) {
            ASSERT_NO_FATAL_FAILURE(index.insert(100'000));
            most.see(index.meta());
        }
        EXPECT_LE(most.extents, 10u);
        expect_room_left(most);
    }
}

// ---- as many as a relation has blocks for

// Whether so many rows surely have room: in what is reserved and at the end, but for a few strides.
bool has_room(const Meta &meta, uint64_t rows) {
    const uint64_t room = kMaxBlocks - meta.end_block + uint64_t{meta.growth.run.blocks};
    return stride_blocks(meta.columns, rows) * 102 / 100 + 2000 < room;
}

void fill_relation(const PgsOptions &options, const Habits &habits) {
    // Lists that were asked for: new ones are not trained, which would need as much room again.
    SimulatedIndex index(options, 0, policy_of(0, 0.2, 0, 1000));
    std::mt19937_64 random(1);
    Most most;
    while (has_room(index.meta(), habits.every)) {
        ASSERT_NO_FATAL_FAILURE(index.insert(habits.every)) << testing::PrintToString(most);
        most.see(index.meta());
        ASSERT_NO_FATAL_FAILURE(maintain(index, habits, random, most));
        ASSERT_FALSE(testing::Test::HasFailure()) << testing::PrintToString(most);
    }
    EXPECT_GT(index.meta().end_block - index.meta().growth.run.blocks, kMaxBlocks / 100 * 99);
    expect_room_left(most);
}

TEST(GrowthLifeOfARelation, AllBlocksAreUsedThoughSegmentsComeBetween) {
    for (const uint64_t every : {200'000u, 1'000'000u, 5'000'000u}) {
        fill_relation(kWide, {"", PGS_GOAL_FLUSH, every, kAll});
        fill_relation(kWide, {"", PGS_GOAL_AUTOMATIC, every, kAll});
    }
}

}  // namespace
}  // namespace pgslab
