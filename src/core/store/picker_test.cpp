// Which job comes next, and that every goal is reached.
#include "ivf/needs.h"

#include <gtest/gtest.h>

#include "ivf/testing/bare_manifest.h"
#include "store/layout.h"
#include "store/sets.h"

namespace pgslab {
namespace {

// A manifest's extents are those of its parts, whether a test says so or not.
PgsJob pick(Meta meta, uint64_t open_slots, const PgsPolicy &policy, PgsGoal &goal) {
    meta.extents = 0;
    for (uint32_t p = 0; p < meta.parts; p++) {
        meta.extents = static_cast<uint16_t>(meta.extents + meta.part[p].extents);
    }
    return pick_job(meta, open_slots, policy, goal);
}

PgsGoal goal_of(PgsGoalKind kind) {
    PgsGoal goal = {};
    goal.kind = kind;
    return goal;
}

PgsJob first_job(PgsGoalKind kind, const Meta &meta, uint64_t open_slots,
                 const PgsPolicy &policy = kPolicy) {
    PgsGoal goal = goal_of(kind);
    return pick(meta, open_slots, policy, goal);
}

// With enough lists.
Meta three_parts_and_segments(uint32_t segments) {
    Meta meta = three_parts();
    vectors_of(meta).lists = 1000;
    for (uint32_t i = 0; i < segments; i++) {
        meta.segment[meta.segments++].rows = 20'000 / segments;
    }
    return meta;
}

// ---- what is due

TEST(Picker, TheMostUrgentComesFirst) {
    Meta meta = three_parts_and_segments(4);
    vectors_of(meta).lists = 1;                   // too few
    meta.part[0].dictionary = kCodebook - 1;      // stale
    meta.part[0].flushed = 0;                     //
    meta.part[1].tombstones = 5000;               // much dead
    meta.part[2].flushed = 0;                     // to be flushed
    meta.segment[0].rows = meta.segment[1].rows;  // to be merged
    for (PgsGoalKind kind : {PGS_GOAL_AUTOMATIC, PGS_GOAL_SHRINK}) {
        Meta left = meta;
        PgsJob job = first_job(kind, left, 10'000);
        EXPECT_EQ(job.kind, PGS_JOB_REWRITE);
        EXPECT_EQ(job.parts.bits, 1u);
        left.part[0] = sealed_part(2, 10'000);
        EXPECT_EQ(first_job(kind, left, 0).kind, PGS_JOB_RECLUSTER);
        vectors_of(left).lists = 1000;
        job = first_job(kind, left, 10'000);
        EXPECT_EQ(job.kind, PGS_JOB_MERGE);
        EXPECT_EQ(job.segments.bits, 15u);
        EXPECT_EQ(job.parts.bits, 2u);
        left.part[1].tombstones = 0;
        job = first_job(kind, left, 10'000);
        EXPECT_EQ(job.kind, PGS_JOB_FLUSH);
        EXPECT_EQ(job.part, 2u);
        left.part[2].flushed = 10'000;
        job = first_job(kind, left, 10'000);
        EXPECT_EQ(job.kind, PGS_JOB_MERGE);
        EXPECT_EQ(job.segments.bits, 15u);
        EXPECT_EQ(job.parts.bits, 0u);
        left.segments = 1;
        EXPECT_EQ(first_job(kind, left, 10'000).kind, PGS_JOB_CALIBRATE);
        vectors_of(left).calibration.rows = 30'000;
        EXPECT_EQ(first_job(kind, left, 10'000).kind, PGS_JOB_NONE);
    }
}

TEST(Picker, AnInsertOnlyFlushes) {
    Meta meta = three_parts_and_segments(4);
    EXPECT_EQ(first_job(PGS_GOAL_FLUSH, meta, 4095).kind, PGS_JOB_NONE);
    const PgsJob job = first_job(PGS_GOAL_FLUSH, meta, 4096);
    EXPECT_EQ(job.kind, PGS_JOB_FLUSH);
    EXPECT_EQ(job.part, 2u);
    meta.part[0].dictionary = kCodebook - 1;
    EXPECT_EQ(first_job(PGS_GOAL_FLUSH, meta, 4096).kind, PGS_JOB_NONE) << "that can wait";
}

TEST(Picker, AMeasurementThatIsInVainIsNotRepeated) {
    Meta meta = three_parts_and_segments(1);
    vectors_of(meta).calibration.rows = 0;
    for (PgsGoalKind kind : {PGS_GOAL_AUTOMATIC, PGS_GOAL_SHRINK}) {
        PgsGoal goal = goal_of(kind);
        EXPECT_EQ(pick(meta, 10, kPolicy, goal).kind, PGS_JOB_CALIBRATE);
        EXPECT_EQ(pick(meta, 10, kPolicy, goal).kind, PGS_JOB_NONE);
    }
}

// ---- what has to come before what

TEST(Picker, NewListsAreTrainedWithTheOpenPartToo) {
    Meta meta = three_parts();
    vectors_of(meta).lists = 1;
    for (PgsGoalKind kind : {PGS_GOAL_AUTOMATIC, PGS_GOAL_RECLUSTER}) {
        EXPECT_EQ(first_job(kind, meta, 0).kind, PGS_JOB_RECLUSTER) << "which has no rows";
        PgsGoal goal = goal_of(kind);
        EXPECT_EQ(pick(meta, 100, kPolicy, goal).kind, PGS_JOB_CLOSE);
        Meta closed = meta;
        closed.part[2] = sealed_part(7, 100);
        closed.part[2].flushed = 0;
        closed.part[3] = meta.part[2];
        closed.part[3].id = 8;
        closed.parts = 4;
        // Others have inserted meanwhile: but once is enough.
        const PgsJob job = pick(closed, 5, kPolicy, goal);
        EXPECT_EQ(job.kind, PGS_JOB_RECLUSTER);
        EXPECT_EQ(job.parts.bits, 7u);
    }
}

// A merge copies only what segments name.
TEST(Picker, PartsThatAreWrittenAnewAreClosedAndInSegments) {
    Meta meta = three_parts_and_segments(2);
    meta.part[2].tombstones = 5000;
    for (PgsGoalKind kind : {PGS_GOAL_AUTOMATIC, PGS_GOAL_VACUUM}) {
        PgsGoal goal = goal_of(kind);
        EXPECT_EQ(pick(meta, 10'000, kPolicy, goal).kind, PGS_JOB_CLOSE);
        Meta closed = meta;
        closed.part[2] = sealed_part(7, 10'000);
        closed.part[2].tombstones = 5000;
        closed.part[2].flushed = 1000;
        closed.segments = kMaxSegments;
        PgsJob job = pick(closed, 0, kPolicy, goal);
        EXPECT_EQ(job.kind, PGS_JOB_MERGE) << "there is no room for a segment";
        EXPECT_EQ(job.segments.bits, all_segments(closed).bits);
        EXPECT_EQ(job.parts.bits, 0u);
        closed.segments = 1;
        job = pick(closed, 0, kPolicy, goal);
        EXPECT_EQ(job.kind, PGS_JOB_FLUSH);
        EXPECT_EQ(job.part, 2u);
        closed.part[2].flushed = 10'000;
        closed.segments = 2;
        job = pick(closed, 0, kPolicy, goal);
        EXPECT_EQ(job.kind, PGS_JOB_MERGE);
        EXPECT_EQ(job.segments.bits, 3u);
        EXPECT_EQ(job.parts.bits, 4u);
    }
}

TEST(Picker, WithoutListsPartsAreWrittenAnewAsTheyAre) {
    Meta meta = three_parts();
    vectors_of(meta).metric = Metric::kL1;
    vectors_of(meta).code_bits = 0;
    vectors_of(meta).refine_bits = 0;
    meta.dictionary = {};
    for (uint32_t p = 0; p < meta.parts; p++) {
        meta.part[p].dictionary = 0;
        meta.part[p].flushed = 0;
    }
    EXPECT_EQ(first_job(PGS_GOAL_COMPACT, meta, 10'000).kind, PGS_JOB_NONE);
    EXPECT_EQ(first_job(PGS_GOAL_RECLUSTER, meta, 10'000).kind, PGS_JOB_NONE);
    EXPECT_EQ(first_job(PGS_GOAL_FLUSH, meta, 10'000).kind, PGS_JOB_NONE);
    meta.part[1].tombstones = 1;
    const PgsJob job = first_job(PGS_GOAL_VACUUM, meta, 10'000);
    EXPECT_EQ(job.kind, PGS_JOB_REWRITE);
    EXPECT_EQ(job.parts.bits, 2u);
    PgsGoal goal = goal_of(PGS_GOAL_COMPACT_FULL);
    EXPECT_EQ(pick(meta, 10'000, kPolicy, goal).kind, PGS_JOB_CLOSE);
    meta.part[2].state = PartState::kSealed;
    meta.part[2].slots = 10'000;
    const PgsJob all = pick(meta, 0, kPolicy, goal);
    EXPECT_EQ(all.kind, PGS_JOB_REWRITE);
    EXPECT_EQ(all.parts.bits, 7u);
    EXPECT_EQ(pick(meta, 0, kPolicy, goal).kind, PGS_JOB_NONE);
}

// ---- where a goal ends

TEST(Picker, WhatComesInMeanwhileIsNotCompacted) {
    Meta meta = three_parts_and_segments(3);
    PgsGoal goal = goal_of(PGS_GOAL_COMPACT);
    EXPECT_EQ(pick(meta, 50, kPolicy, goal).kind, PGS_JOB_FLUSH);
    meta.part[2].flushed = 50;
    meta.segment[meta.segments++].rows = 50;
    const PgsJob job = pick(meta, 70, kPolicy, goal);
    EXPECT_EQ(job.kind, PGS_JOB_MERGE);
    EXPECT_EQ(job.segments.bits, 15u);
    meta.segments = 1;
    EXPECT_EQ(pick(meta, 70, kPolicy, goal).kind, PGS_JOB_NONE);
    EXPECT_EQ(first_job(PGS_GOAL_COMPACT, meta, 70).kind, PGS_JOB_FLUSH) << "by the next";
}

TEST(Picker, OnlyTheFirstOpenPartIsClosedToBeCompacted) {
    Meta meta = three_parts_and_segments(1);
    PgsGoal goal = goal_of(PGS_GOAL_COMPACT_FULL);
    EXPECT_EQ(pick(meta, 0, kPolicy, goal).kind, PGS_JOB_CLOSE) << "without rows, too";
    meta.part[3] = meta.part[2];
    meta.part[3].id = 8;
    meta.part[2] = sealed_part(7, 0);
    meta.parts = 4;
    const PgsJob job = pick(meta, 5, kPolicy, goal);
    EXPECT_EQ(job.kind, PGS_JOB_MERGE);
    EXPECT_EQ(job.parts.bits, 7u);
    EXPECT_EQ(pick(meta, 5, kPolicy, goal).kind, PGS_JOB_NONE);
}

// However often new lists are trained in vain, or everything is written anew: there is room for
// the part that the next rows go to.
TEST(Picker, TheLastPartThereIsRoomForStaysOpen) {
    Meta meta = three_parts_and_segments(1);
    vectors_of(meta).lists = 1;
    const Part open = meta.part[2];
    for (meta.parts = 2; meta.parts + 2u < kMaxParts; meta.parts++) {
        meta.part[meta.parts] = sealed_part(10u + meta.parts, 10'000);
    }
    meta.part[meta.parts++] = open;
    meta.extents = meta.parts;
    const PgsGoalKind goals[] = {PGS_GOAL_AUTOMATIC, PGS_GOAL_RECLUSTER, PGS_GOAL_COMPACT_FULL};
    for (PgsGoalKind kind : goals) {
        EXPECT_EQ(first_job(kind, meta, 100).kind, PGS_JOB_CLOSE) << "there is room for one more";
    }
    meta.part[meta.parts - 1u] = sealed_part(30, 10'000);
    meta.part[meta.parts++] = open;
    meta.extents = meta.parts;
    EXPECT_EQ(first_job(PGS_GOAL_AUTOMATIC, meta, 100).kind, PGS_JOB_RECLUSTER);
    EXPECT_EQ(first_job(PGS_GOAL_RECLUSTER, meta, 100).kind, PGS_JOB_RECLUSTER);

    // It is closed when the others are fewer.
    PgsGoal goal = goal_of(PGS_GOAL_COMPACT_FULL);
    EXPECT_EQ(pick(meta, 100, kPolicy, goal).kind, PGS_JOB_FLUSH);
    meta.part[kMaxParts - 1].flushed = 100;
    const PgsJob job = pick(meta, 100, kPolicy, goal);
    EXPECT_EQ(job.kind, PGS_JOB_MERGE);
    EXPECT_EQ(job.parts.bits, (1u << (kMaxParts - 1)) - 1);
    meta.part[1] = meta.part[kMaxParts - 1];
    meta.parts = meta.extents = 2;
    EXPECT_EQ(pick(meta, 100, kPolicy, goal).kind, PGS_JOB_CLOSE);
    meta.part[1].state = PartState::kSealed;
    meta.part[1].slots = 100;
    EXPECT_EQ(pick(meta, 0, kPolicy, goal).parts.bits, 3u);
    EXPECT_EQ(pick(meta, 0, kPolicy, goal).kind, PGS_JOB_NONE);
}

// A goal that somebody waits for does not stop at what would fail, so that its failure is reported.
TEST(Picker, ACompactionForWhichThereIsNoRoomIsTriedAllTheSame) {
    Meta meta = three_parts_and_segments(1);
    meta.part[0].dictionary = kCodebook - 1;
    meta.part[0].flushed = 0;
    meta.spares = kMaxSpares;
    PgsGoal goal = goal_of(PGS_GOAL_COMPACT_FULL);
    EXPECT_EQ(pick(meta, 0, kPolicy, goal).kind, PGS_JOB_CLOSE);
    meta.part[2] = sealed_part(7, 0);
    const PgsJob job = pick(meta, 0, kPolicy, goal);
    EXPECT_EQ(job.kind, PGS_JOB_REWRITE);
    EXPECT_EQ(job.parts.bits, 1u);
    EXPECT_EQ(first_job(PGS_GOAL_AUTOMATIC, meta, 0).kind, PGS_JOB_CALIBRATE) << "it waits";
}

TEST(Picker, WhatLiesLastIsMovedAsLongAsThatMakesTheFileShorter) {
    const auto part = static_cast<uint32_t>(stride_blocks(three_parts().columns, 10'000));
    Meta meta = with_free_runs({part});
    vectors_of(meta).lists = 1000;
    vectors_of(meta).calibration.rows = 20'000;
    EXPECT_EQ(first_job(PGS_GOAL_AUTOMATIC, meta, 10).kind, PGS_JOB_NONE) << "nobody asked for it";
    PgsGoal goal = goal_of(PGS_GOAL_SHRINK);
    auto expect_move = [&] {
        const PgsJob job = pick(meta, 10, kPolicy, goal);
        EXPECT_EQ(job.kind, PGS_JOB_MOVE);
        EXPECT_EQ(job.block, meta.extent[0].block);
    };
    expect_move();
    expect_move();
    meta.part[1].tombstones = 5000;  // something else comes first
    EXPECT_EQ(pick(meta, 10, kPolicy, goal).kind, PGS_JOB_MERGE);
    meta.part[1].tombstones = 0;
    expect_move();
    EXPECT_EQ(pick(meta, 10, kPolicy, goal).kind, PGS_JOB_NONE) << "all in vain";
    // What lay behind is free now.
    meta.end_block += 10;
    meta.spare[meta.spares++] = {{meta.end_block - 10, 10}, kFree};
    EXPECT_EQ(pick(meta, 10, kPolicy, goal).kind, PGS_JOB_NONE) << "no shorter than it was";
    meta.extent[0].block--;
    meta.end_block--;
    meta.spare[meta.spares - 1].run.block--;
    expect_move();
}

TEST(Picker, NoGoalGoesOnForever) {
    for (PgsGoalKind kind : {PGS_GOAL_FLUSH, PGS_GOAL_AUTOMATIC, PGS_GOAL_SHRINK}) {
        Meta meta = three_parts_and_segments(1);
        PgsGoal goal = goal_of(kind);
        uint32_t jobs = 0;
        // As many rows come in as are flushed.
        while (pick(meta, meta.part[2].flushed + 5000, kPolicy, goal).kind != PGS_JOB_NONE) {
            meta.part[2].flushed += 5000;
            ASSERT_LT(jobs++, 2000u);
        }
        EXPECT_GT(jobs, 100u);
    }
}

// A row that is being inserted takes many slots, or a crash has left it without its last.
TEST(Picker, AFlushThatIsInVainIsNotRepeated) {
    Meta meta = three_parts_and_segments(1);
    PgsGoal goal = goal_of(PGS_GOAL_FLUSH);
    EXPECT_EQ(pick(meta, 5000, kPolicy, goal).kind, PGS_JOB_FLUSH);
    EXPECT_EQ(pick(meta, 5000, kPolicy, goal).kind, PGS_JOB_NONE);
    meta.part[2].flushed += 10;
    EXPECT_EQ(pick(meta, 5000, kPolicy, goal).kind, PGS_JOB_FLUSH);
    goal = goal_of(PGS_GOAL_FLUSH);
    EXPECT_EQ(pick(meta, 5000, kPolicy, goal).kind, PGS_JOB_FLUSH);
    goal = goal_of(PGS_GOAL_COMPACT);
    EXPECT_EQ(pick(meta, 5000, kPolicy, goal).kind, PGS_JOB_FLUSH);
    EXPECT_EQ(pick(meta, 5000, kPolicy, goal).kind, PGS_JOB_NONE);
    EXPECT_TRUE(goal.ended);
}

}  // namespace
}  // namespace pgslab
