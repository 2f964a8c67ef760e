// Every goal is reached, from wherever an index has got to, and what it promises holds then.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <ostream>
#include <random>

#include "ivf/needs.h"
#include "ivf/testing/bare_manifest.h"
#include "ivf/testing/simulated_index.h"
#include "store/free_space.h"
#include "store/sets.h"
#include "store/shrink.h"

namespace pgslab {
namespace {

using Random = std::mt19937_64;

// Far fewer than where a goal is left off.
constexpr uint32_t kFewJobs = 500;

// What happens between two jobs of a goal.
enum class Meanwhile { kNothing, kReclaiming, kInserts };

// Does all jobs of a goal.
void reach(SimulatedIndex &index, PgsGoalKind kind, Meanwhile meanwhile, Random &random) {
    PgsGoal goal = {};
    goal.kind = kind;
    for (uint32_t jobs = 0;; jobs++) {
        if (meanwhile != Meanwhile::kNothing) {
            index.reclaim();
        }
        const PgsJob job = index.pick(goal);
        if (job.kind == PGS_JOB_NONE) {
            return;
        }
        ASSERT_LT(jobs, kFewJobs) << "job of kind " << job.kind;
        ASSERT_NO_FATAL_FAILURE(index.carry_out(job)) << "job of kind " << job.kind;
        if (meanwhile == Meanwhile::kInserts && random() % 2 == 0) {
            index.insert(random() % 3000);
        }
    }
}

Needs needs_of(const SimulatedIndex &index, PgsPolicy policy) {
    return find_needs(index.meta(), index.open_slots(), policy);
}

// Rows that are in no segment, tombstones included.
uint64_t sidecar(const SimulatedIndex &index) {
    return needs_of(index, policy_of(1)).sidecar;
}

// Of what is inserted meanwhile nothing is said; nor of what there is no room for, where nothing
// that was given up is free before the goal is reached.
void expect_reached(const SimulatedIndex &before, const SimulatedIndex &after, PgsGoalKind kind,
                    Meanwhile meanwhile) {
    const Needs needs = needs_of(after, after.policy());
    const Meta &meta = after.meta();
    const bool alone = meanwhile != Meanwhile::kInserts;
    const bool all_coded = !after.has_codes() || sidecar(after) == 0;
    const bool measured = !needs.calibrate || after.live() < 100;
    switch (kind) {
        case PGS_GOAL_FLUSH:
            EXPECT_TRUE(!has_any(needs.flush) || has_any(needs.recode));
            break;
        case PGS_GOAL_AUTOMATIC:
        case PGS_GOAL_SHRINK:
            EXPECT_FALSE(has_any(needs.recode));
            EXPECT_FALSE(has_any(needs.rewrite));
            EXPECT_FALSE(has_any(needs.flush));
            EXPECT_FALSE(has_any(needs.merge));
            EXPECT_FALSE(needs.recluster);
            EXPECT_TRUE(measured || !alone);
            break;
        case PGS_GOAL_COMPACT:
            EXPECT_LE(meta.segments, 1u);
            EXPECT_TRUE(all_coded || !alone);
            break;
        case PGS_GOAL_COMPACT_FULL:
            EXPECT_LE(meta.segments, 1u);
            EXPECT_EQ(after.tombstones(), 0u);
            EXPECT_LE(count_of(sealed_parts(meta)), kMostPartsOfIndex);
            EXPECT_TRUE((all_coded && open_part(meta) == nullptr) || !alone);
            break;
        case PGS_GOAL_VACUUM:
            EXPECT_FALSE(has_any(needs_of(after, policy_of(0, 0)).rewrite));
            EXPECT_TRUE(after.tombstones() == 0 || meanwhile == Meanwhile::kNothing);
            break;
        case PGS_GOAL_RECLUSTER:
            EXPECT_EQ(meta.dictionary.id != before.meta().dictionary.id, after.has_codes());
            EXPECT_FALSE(has_any(stale_parts(meta)));
            EXPECT_TRUE((all_coded && measured) || !alone || !after.has_codes());
            break;
    }
    EXPECT_TRUE(after.live() == before.live() || !alone);
}

constexpr PgsGoalKind kGoals[] = {PGS_GOAL_FLUSH,    PGS_GOAL_AUTOMATIC,    PGS_GOAL_SHRINK,
                                  PGS_GOAL_COMPACT,  PGS_GOAL_COMPACT_FULL, PGS_GOAL_VACUUM,
                                  PGS_GOAL_RECLUSTER};

// Something that may have happened: rows come and go, and maintenance gets some way.
void live_on(SimulatedIndex &index, Random &random) {
    switch (random() % 8) {
        case 0:
        case 1:
        case 2:
            return index.insert(random() % 20'000);
        case 3:
            return index.vacuum(random, random() % 3 == 0 ? 0.5 : 0.1);
        case 4:
            return index.reclaim();
        case 5:
            return index.cut();
        case 6:
            return index.set_distance(random() % 4 == 0 ? 3 : 1);
        default:
            break;
    }
    PgsGoal goal = {};
    goal.kind = kGoals[random() % std::size(kGoals)];
    for (uint64_t jobs = random() % 6; jobs > 0; jobs--) {
        index.reclaim();
        const PgsJob job = index.pick(goal);
        if (job.kind == PGS_JOB_NONE) {
            return;
        }
        ASSERT_NO_FATAL_FAILURE(index.carry_out(job)) << "job of kind " << job.kind;
    }
}

struct Case {
    PgsOptions options;
    uint32_t rows;  // built with
    PgsPolicy policy;
    uint32_t most_lists;
};

void PrintTo(const Case &c, std::ostream *out) {
    *out << "metric " << c.options.metric << ", " << c.options.dims << " dims, " << c.rows
         << " rows, flushed by " << c.policy.flush_rows;
}

class Goals : public testing::TestWithParam<Case> {};

TEST_P(Goals, AreReachedFromAnywhere) {
    const uint32_t seeds = std::getenv("PGSLAB_LONG") == nullptr ? 8 : 200;
    for (uint32_t seed = 1; seed <= seeds; seed++) {
        Random random(seed);
        SimulatedIndex index(GetParam().options, GetParam().rows, GetParam().policy);
        index.set_most_lists(GetParam().most_lists);
        index.set_rows_at_once(seed % 2 == 0 ? UINT64_MAX : 7000);
        for (int step = 0; step < 30; step++) {
            SCOPED_TRACE(testing::Message() << "seed " << seed << ", step " << step);
            ASSERT_NO_FATAL_FAILURE(live_on(index, random));
            for (PgsGoalKind kind : kGoals) {
                for (Meanwhile meanwhile :
                     {Meanwhile::kNothing, Meanwhile::kReclaiming, Meanwhile::kInserts}) {
                    SCOPED_TRACE(testing::Message() << "goal " << kind << ", meanwhile "
                                                    << static_cast<int>(meanwhile));
                    SimulatedIndex at_work = index;
                    at_work.reclaim();
                    ASSERT_NO_FATAL_FAILURE(reach(at_work, kind, meanwhile, random));
                    expect_reached(index, at_work, kind, meanwhile);
                    ASSERT_FALSE(HasFailure());
                }
            }
            index.expect_one_owner_each();
        }
    }
}

INSTANTIATE_TEST_SUITE_P(
    Indexes, Goals,
    testing::Values(
        Case{{768, PGS_L2, PGS_F16, "", "", 4}, 0, policy_of(0), kMaxLists},
        Case{{768, PGS_L2, PGS_F16, "", "", 4}, 40'000, policy_of(0), kMaxLists},
        Case{{768, PGS_COSINE, PGS_F32, "", "", 8}, 40'000, policy_of(0, 0.2, 65'536), 60},
        Case{{16, PGS_INNER_PRODUCT, PGS_F16, "", "", 0}, 300'000, policy_of(500, 0.05), kMaxLists},
        Case{{100, PGS_L2, PGS_F16, "", "", 4}, 50, policy_of(0, 0.2, 0, 20), kMaxLists},
        Case{{4000, PGS_L1, PGS_F16, "", "", 0}, 5'000, policy_of(0), kMaxLists}));

// A file that has shrunk to what is in use and a little more: the point of it all.
TEST(GoalsOfSpace, AFileThatIsMostlyFreeBecomesShort) {
    Random random(4);
    for (PgsMetric metric : {PGS_L2, PGS_L1}) {
        SimulatedIndex index({256, metric, PGS_F16, "", "", 4}, 100'000, kPolicy);
        index.insert(30'000);
        index.vacuum(random, 0.5);
        ASSERT_NO_FATAL_FAILURE(reach(index, PGS_GOAL_COMPACT_FULL, Meanwhile::kNothing, random));
        index.reclaim();
        const uint32_t before = index.meta().end_block;
        ASSERT_NO_FATAL_FAILURE(reach(index, PGS_GOAL_SHRINK, Meanwhile::kReclaiming, random));
        index.reclaim();
        index.cut();
        const uint64_t free = free_blocks(index.meta());
        EXPECT_LT(index.meta().end_block, before);
        EXPECT_LE(free, index.meta().end_block / 4);
    }
}

// Eight small parts, and one that would make eight by itself: there would be none left for inserts.
TEST(GoalsOfSpace, WhatIsWrittenAnewLeavesRoomForTheNextPart) {
    Random random(5);
    for (PgsMetric metric : {PGS_L2, PGS_L1}) {
        SimulatedIndex index({768, metric, PGS_F16, "", "", 4}, 16'000, kPolicy);
        index.insert(150'000);
        index.vacuum(8, 40'000);
        ASSERT_NO_FATAL_FAILURE(reach(index, PGS_GOAL_AUTOMATIC, Meanwhile::kInserts, random));
        EXPECT_EQ(index.tombstones(), 0u);
        EXPECT_LT(index.meta().parts, kMaxParts);
        ASSERT_NO_FATAL_FAILURE(index.insert(1000));
    }
}

}  // namespace
}  // namespace pgslab
