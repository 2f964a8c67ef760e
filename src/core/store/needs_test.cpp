// What is found to be due, by the manifest and the policy alone.
#include "ivf/needs.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <random>
#include <vector>

#include "ivf/testing/bare_manifest.h"
#include "ivf/training.h"
#include "store/layout.h"
#include "store/manifest.h"
#include "store/parts_writer.h"
#include "store/sets.h"

namespace pgslab {
namespace {

// A manifest's extents are those of its parts, whether a test says so or not.
Needs needs_of(Meta meta, uint64_t open_slots, const PgsPolicy &policy = kPolicy) {
    meta.extents = 0;
    for (uint32_t p = 0; p < meta.parts; p++) {
        meta.extents = static_cast<uint16_t>(meta.extents + meta.part[p].extents);
    }
    return find_needs(meta, open_slots, policy);
}

// Does to the manifest what maintenance would, and counts codes written.
class Writes {
  public:
    Writes(const PgsPolicy &policy, uint64_t built) : policy_(policy), meta_(empty_index()) {
        if (built > 0) {
            meta_.part[1] = meta_.part[0];
            meta_.part[0] = sealed_part(2, built);
            meta_.parts = 2;
            add_segment(built);
        }
    }

    void insert(uint64_t rows) {
        inserted_ += rows;
        const uint32_t open = meta_.parts - 1u;
        for (;;) {
            const Needs needs = needs_of(meta_, inserted_, policy_);
            if (has_any(needs.flush)) {
                ASSERT_EQ(needs.flush.bits, 1u << open);
                const uint64_t sealed = inserted_ - meta_.part[open].flushed;
                meta_.part[open].flushed = inserted_;
                add_segment(sealed);
                written_ += sealed;
            } else if (has_any(needs.merge)) {
                merge(needs.merge);
            } else {
                break;
            }
            most_ = std::max<uint32_t>(most_, meta_.segments);
        }
        settled_ = std::max<uint32_t>(settled_, meta_.segments);
    }

    double amplification() const {
        return static_cast<double>(written_) / static_cast<double>(inserted_);
    }
    uint32_t most_segments() const { return most_; }
    uint32_t most_settled() const { return settled_; }

  private:
    void add_segment(uint64_t rows) {
        ASSERT_LT(meta_.segments, kMaxSegments);
        meta_.segment[meta_.segments++].rows = rows;
    }

    void merge(PgsSegments chosen) {
        ASSERT_EQ(chosen.bits & ~all_segments(meta_).bits, 0u);
        ASSERT_GT(count_of(chosen), 1u);
        uint64_t rows = 0;
        uint16_t kept = 0;
        for (uint32_t i = 0; i < meta_.segments; i++) {
            if (has(chosen, i)) {
                rows += meta_.segment[i].rows;
            } else {
                meta_.segment[kept++] = meta_.segment[i];
            }
        }
        meta_.segments = kept;
        add_segment(rows);
        written_ += rows;
    }

    PgsPolicy policy_;
    Meta meta_;
    uint64_t inserted_ = 0;
    uint64_t written_ = 0;
    uint32_t most_ = 0;
    uint32_t settled_ = 0;
};

TEST(Needs, TiersKeepBothWritesAndSegmentsFew) {
    Writes writes(kPolicy, 0);
    for (uint64_t rows = 0; rows < 1 << 20; rows += 4096) {
        writes.insert(4096);
        ASSERT_LE(writes.amplification(), 6) << rows;
    }
    EXPECT_GT(writes.amplification(), 2);
    EXPECT_LE(writes.most_segments(), 16u);
    EXPECT_LE(writes.most_settled(), 13u);
}

// What was built is not written again for every few rows that come.
TEST(Needs, ALargeSegmentIsLeftAlone) {
    for (uint64_t built : {50'000u, 1'000'000u, 30'000'000u}) {
        Writes writes(kPolicy, built);
        for (uint64_t rows = 0; rows < 1 << 20; rows += 4096) {
            writes.insert(4096);
        }
        EXPECT_LE(writes.amplification(), 6 + (built < 1 << 20 ? 1 : 0)) << built;
        EXPECT_LE(writes.most_settled(), 14u) << built;
    }
}

// Any threshold, and batches of any size.
TEST(Needs, TiersFollowTheThreshold) {
    std::mt19937 random(3);
    for (uint32_t flush : {1u, 100u, 5000u, 1'000'000u}) {
        for (uint32_t most : {1u, 3u, 40u}) {
            Writes writes(policy_of(flush), 0);
            for (int i = 0; i < 3000; i++) {
                writes.insert(1 + random() % (uint64_t{most} * flush));
            }
            EXPECT_LE(writes.amplification(), 9) << flush << ", " << most;
            EXPECT_LE(writes.most_segments(), 21u) << flush << ", " << most;
        }
    }
}

TEST(Needs, ManySegmentsBecomeOneWhateverTheirSizes) {
    Meta meta = empty_index();
    for (uint64_t rows = 1; meta.segments < 20; rows *= 4) {
        for (int i = 0; i < 3 && meta.segments < 20; i++) {
            meta.segment[meta.segments++].rows = rows;
        }
    }
    EXPECT_EQ(needs_of(meta, 0, policy_of(1)).merge.bits, 0u);
    meta.segment[meta.segments++].rows = 1 << 30;
    EXPECT_EQ(needs_of(meta, 0, policy_of(1)).merge.bits, (1u << 21) - 1);
}

TEST(Needs, FlushesAnOpenPartFromTheThresholdOnAndASealedOneAlways) {
    Meta meta = empty_index();
    meta.part[0].flushed = 500;
    EXPECT_EQ(needs_of(meta, 500 + 4095).flush.bits, 0u);
    EXPECT_EQ(needs_of(meta, 500 + 4096).flush.bits, 1u);
    EXPECT_EQ(needs_of(meta, 500 + 4096).sidecar, 4096u);
    EXPECT_EQ(needs_of(meta, 509, policy_of(10)).flush.bits, 0u);
    EXPECT_EQ(needs_of(meta, 510, policy_of(10)).flush.bits, 1u);
    EXPECT_EQ(needs_of(meta, 400).sidecar, 0u);  // the caller has counted before others flushed

    meta.parts = 2;
    meta.part[1] = meta.part[0];
    meta.part[0] = sealed_part(2, 100);
    EXPECT_EQ(needs_of(meta, 600).flush.bits, 0u);
    meta.part[0].flushed = 99;
    EXPECT_EQ(needs_of(meta, 600).flush.bits, 1u);
    EXPECT_EQ(needs_of(meta, 600).sidecar, 101u);
}

TEST(Needs, FlushIsOverdueWhenTwiceAsManyRowsWait) {
    Meta meta = empty_index();
    meta.part[0].flushed = 500;
    EXPECT_FALSE(needs_of(meta, 500 + 8191).flush_overdue);
    EXPECT_TRUE(needs_of(meta, 500 + 8192).flush_overdue);
    EXPECT_FALSE(needs_of(meta, 519, policy_of(10)).flush_overdue);
    EXPECT_TRUE(needs_of(meta, 520, policy_of(10)).flush_overdue);

    // Whether there is room for a segment or not.
    meta.segments = kMaxSegments;
    EXPECT_EQ(needs_of(meta, 520, policy_of(10)).flush.bits, 0u);
    EXPECT_TRUE(needs_of(meta, 520, policy_of(10)).flush_overdue);

    meta.dictionary = {};  // nothing is flushed
    EXPECT_FALSE(needs_of(meta, 1'000'000).flush_overdue);
}

TEST(Needs, RewritesAPartWithMoreThanItsShareOfTombstones) {
    for (uint32_t p : {0u, 1u, 2u}) {
        Meta meta = three_parts();
        meta.part[p].tombstones = 2000;
        EXPECT_EQ(needs_of(meta, 10'000).rewrite.bits, 0u);
        meta.part[p].tombstones++;
        EXPECT_EQ(needs_of(meta, 10'000).rewrite.bits, 1u << p);
        EXPECT_EQ(needs_of(meta, 10'000, policy_of(0, 1)).rewrite.bits, 0u);
        EXPECT_EQ(needs_of(meta, 100'000).rewrite.bits, p == 2 ? 0 : 1u << p);
        const auto bytes = static_cast<uint32_t>(2001 * slot_bytes(meta.columns));
        EXPECT_EQ(needs_of(meta, 10'000, policy_of(0, 0.2, bytes)).rewrite.bits, 1u << p);
        EXPECT_EQ(needs_of(meta, 10'000, policy_of(0, 0.2, bytes + 1)).rewrite.bits, 0u);
        meta.part[p].tombstones = 1;
        EXPECT_EQ(needs_of(meta, 10'000, policy_of(0, 0)).rewrite.bits, 1u << p);
    }
}

// There would be no room for the part that the next rows go to.
TEST(Needs, TheLastPartThereIsRoomForStaysOpen) {
    Meta meta = three_parts();
    meta.part[2].tombstones = 9000;
    EXPECT_EQ(needs_of(meta, 10'000).rewrite.bits, 4u);
    const Part open = meta.part[2];
    for (meta.parts = 2; meta.parts + 1u < kMaxParts; meta.parts++) {
        meta.part[meta.parts] = sealed_part(10u + meta.parts, 10'000);
    }
    meta.part[meta.parts++] = open;
    EXPECT_FALSE(has(needs_of(meta, 10'000).rewrite, kMaxParts - 1));
    EXPECT_GT(count_of(needs_of(meta, 10'000).rewrite), 1u) << "others become fewer";
}

// One after the other, so that each takes little space.
TEST(Needs, RewritesLargePartsOneByOne) {
    Meta meta = three_parts();
    uint32_t rounds = 0;
    for (Part &part : {std::ref(meta.part[0]), std::ref(meta.part[1]), std::ref(meta.part[2])}) {
        part.tombstones = 3000;
    }
    for (PgsParts chosen; has_any(chosen = needs_of(meta, 10'000).rewrite); rounds++) {
        ASSERT_EQ(count_of(chosen), 1u);
        meta.part[first_of(chosen)].tombstones = 0;
        ASSERT_LT(rounds, 3u);
    }
    EXPECT_EQ(rounds, 3u);
}

TEST(Needs, SmallPartsComeAlongWithOneThatIsDue) {
    Meta meta = three_parts();
    meta.part[0].tombstones = 9900;
    meta.part[1] = sealed_part(4, 300);
    EXPECT_EQ(needs_of(meta, 10'000).rewrite.bits, 3u);
    meta.part[0].tombstones = 0;
    EXPECT_EQ(needs_of(meta, 10'000).rewrite.bits, 0u);
}

TEST(Needs, ManySmallPartsArePutTogether) {
    Meta meta = empty_index();
    const Part open = meta.part[0];
    for (meta.parts = 0; meta.parts < 11; meta.parts++) {
        meta.part[meta.parts] = sealed_part(10u + meta.parts, 50);
    }
    meta.part[meta.parts++] = open;
    meta.extents = meta.parts;
    EXPECT_EQ(needs_of(meta, 0).rewrite.bits, 0u);
    meta.part[11] = sealed_part(21, 50);
    meta.part[meta.parts++] = open;
    meta.extents = meta.parts;
    EXPECT_EQ(needs_of(meta, 0).rewrite.bits, (1u << 12) - 1);
}

// Gives each part so many extents of ten slots, with so many blocks in use by others between any
// two.
void lay_out(Meta &meta, uint32_t extents, uint32_t gap) {
    const auto blocks = static_cast<uint32_t>(stride_blocks(meta.columns, 10));
    meta.extents = 0;
    for (uint32_t p = 0; p < meta.parts; p++) {
        meta.part[p].extents = static_cast<uint16_t>(extents);
        for (uint32_t e = 0; e < extents; e++) {
            const uint32_t block = 10 + meta.extents * (blocks + gap);
            meta.extent[meta.extents++] = {block, 10, 1};
        }
    }
    meta.end_block = 10 + meta.extents * (blocks + gap);
}

// One that fits, written anew by itself, would be one again.
TEST(Needs, PartsThatMayNotBeGivenUpTogetherAreLeftAlone) {
    Meta meta = empty_index();
    const Part open = meta.part[0];
    for (meta.parts = 0; meta.parts < 12; meta.parts++) {
        meta.part[meta.parts] = sealed_part(10u + meta.parts, 50);
    }
    meta.part[meta.parts++] = open;
    lay_out(meta, 18, 1);
    EXPECT_EQ(count_of(needs_of(meta, 0).rewrite), 4u);
    for (; meta.spares < 60; meta.spares++) {
        meta.spare[meta.spares] = {{meta.end_block++, 1}, 100u + meta.spares};
    }
    EXPECT_EQ(needs_of(meta, 0).rewrite.bits, 0u);
    meta.part[3].tombstones = 40;
    EXPECT_EQ(needs_of(meta, 0).rewrite.bits, 8u);
}

// Or there would be more than the manifest has room for: two sizes of parts, and a large open one.
TEST(Needs, ManyPartsBecomeFewerWhateverTheirSizes) {
    for (const uint32_t large : {8u, 12u, 15u}) {
        for (const uint64_t open_slots : {0u, 1'040'000u}) {
            Meta meta = empty_index();
            const Part open = meta.part[0];
            for (meta.parts = 0; meta.parts < std::max(large, 12u); meta.parts++) {
                meta.part[meta.parts] =
                    sealed_part(10u + meta.parts, meta.parts < large ? 45'000 : 10'000);
            }
            uint64_t sealed = 0;
            for (uint32_t p = 0; p < meta.parts; p++) {
                sealed += meta.part[p].slots;
            }
            meta.part[meta.parts++] = open;
            meta.extents = meta.parts;
            const PgsParts some = needs_of(meta, open_slots).rewrite;
            uint64_t chosen = 0;
            for (uint32_t p = 0; p < meta.parts; p++) {
                chosen += has(some, p) ? meta.part[p].slots : 0;
            }
            EXPECT_LT(divide_up(chosen, slots_of_part(sealed, meta.columns)), count_of(some));
            EXPECT_LE(chosen, sealed / 4) << "not much at once";
        }
    }
}

// Codes by an earlier codebook are made anew, not put into segments.
TEST(Needs, RecodesPartsOfAnEarlierCodebook) {
    Meta meta = empty_index();
    meta.parts = 3;
    meta.part[2] = meta.part[0];
    meta.part[0] = sealed_part(2, 9000);
    meta.part[1] = sealed_part(4, 9000);
    meta.extents = 3;
    EXPECT_EQ(needs_of(meta, 0).recode.bits, 0u);
    meta.part[1].dictionary = kCodebook - 1;
    meta.part[1].flushed = 0;
    EXPECT_EQ(needs_of(meta, 0).recode.bits, 2u);
    EXPECT_EQ(needs_of(meta, 0).flush.bits, 0u);
    // The open part's turn comes when it is closed.
    meta.part[2].dictionary = kCodebook - 1;
    EXPECT_EQ(needs_of(meta, 9000).recode.bits, 2u);
    EXPECT_EQ(needs_of(meta, 9000).flush.bits, 0u);
    meta.part[2].state = PartState::kSealed;
    meta.part[2].slots = 9000;
    EXPECT_EQ(needs_of(meta, 0).recode.bits, 6u);
    EXPECT_EQ(needs_of(meta, 0).flush.bits, 0u);
    // Without room for what they leave it waits; they are what they are.
    meta.spares = kMaxSpares;
    EXPECT_EQ(needs_of(meta, 0).recode.bits, 0u);
    EXPECT_EQ(stale_parts(meta).bits, 6u);
}

TEST(Needs, ReclustersWhenTwiceAsManyListsWouldSuit) {
    Meta meta = empty_index();
    constexpr uint64_t kRows = 90'000;
    const uint32_t suited = automatic_lists(kRows);
    vectors_of(meta).lists = suited / 2 + 1;
    EXPECT_FALSE(needs_of(meta, kRows).recluster);
    vectors_of(meta).lists = suited / 2;
    EXPECT_TRUE(needs_of(meta, kRows).recluster);
    EXPECT_FALSE(needs_of(meta, kRows / 4).recluster);
    EXPECT_FALSE(needs_of(meta, kRows, policy_of(0, 0.2, 0, 50)).recluster)
        << "lists were asked for";
    meta.part[0].tombstones = kRows * 3 / 4;
    EXPECT_FALSE(needs_of(meta, kRows).recluster) << "most rows are dead";
    vectors_of(meta).lists = suited * 8;
    meta.part[0].tombstones = 0;
    EXPECT_FALSE(needs_of(meta, kRows).recluster) << "many lists do no harm";
}

// More could not be made of about as many rows, for want of memory, or of rows that differ; to
// train them again and again would not change that.
TEST(Needs, ListsAreNotTooFewWhereTrainingMadeNoMore) {
    Meta meta = empty_index();
    vectors_of(meta).lists = 50;
    vectors_of(meta).trained = {1, 1'000'000};
    EXPECT_FALSE(needs_of(meta, 1'000'000).recluster);
    EXPECT_FALSE(needs_of(meta, 2'000'000).recluster);
    EXPECT_TRUE(needs_of(meta, 3'000'000).recluster);
    vectors_of(meta).trained.rows = 9'999;
    EXPECT_TRUE(needs_of(meta, 90'000).recluster);
}

TEST(Needs, CalibratesWhenRowsAreFarMoreOrFewer) {
    Meta meta = empty_index();
    vectors_of(meta).calibration.rows = 1000;
    EXPECT_FALSE(needs_of(meta, 1000).calibrate);
    EXPECT_FALSE(needs_of(meta, 1500).calibrate);
    EXPECT_TRUE(needs_of(meta, 1501).calibrate);
    EXPECT_FALSE(needs_of(meta, 500).calibrate);
    EXPECT_TRUE(needs_of(meta, 499).calibrate);
    meta.part[0].tombstones = 400;
    EXPECT_TRUE(needs_of(meta, 899).calibrate);
    EXPECT_FALSE(needs_of(meta, 900).calibrate);
    vectors_of(meta).calibration.rows = 0;
    EXPECT_TRUE(needs_of(meta, 401).calibrate);
    EXPECT_FALSE(needs_of(meta, 400).calibrate) << "without rows there is nothing to measure";
}

TEST(Needs, CalibratesWhenRowsAreOthers) {
    Meta meta = empty_index();
    vectors_of(meta).coded = {0, 700};
    vectors_of(meta).calibrated = 200;
    EXPECT_FALSE(needs_of(meta, 1000).calibrate);
    vectors_of(meta).coded.rows = 701;
    EXPECT_TRUE(needs_of(meta, 1000).calibrate);
    vectors_of(meta).calibrated = 300;
    EXPECT_FALSE(needs_of(meta, 1000).calibrate);
}

TEST(Needs, TrainsListsAnewWhenRowsLieFarFromThem) {
    Meta meta = empty_index();
    vectors_of(meta).trained = {800 * 2.0, 800};
    EXPECT_EQ(needs_of(meta, 1000).drift, 0);
    vectors_of(meta).coded = {200 * 2.0, 200};
    EXPECT_EQ(needs_of(meta, 1000).drift, 0) << "as near as the others";
    vectors_of(meta).coded.sum = 200 * 1.0;
    EXPECT_EQ(needs_of(meta, 1000).drift, 0) << "nearer";
    vectors_of(meta).coded.sum = 200 * 3.0;
    EXPECT_NEAR(needs_of(meta, 1000).drift, 0.1, 1e-9);
    EXPECT_FALSE(needs_of(meta, 1000).recluster);
    vectors_of(meta).coded.sum = 200 * 4.1;
    EXPECT_NEAR(needs_of(meta, 1000).drift, 0.21, 1e-9);
    EXPECT_TRUE(needs_of(meta, 1000).recluster);
    EXPECT_TRUE(needs_of(meta, 1000, policy_of(0, 0.2, 0, 50)).recluster)
        << "so many lists as were asked for";
    EXPECT_NEAR(needs_of(meta, 2000).drift, 0.105, 1e-9) << "among more rows";
    meta.part[0].tombstones = 900;
    EXPECT_NEAR(needs_of(meta, 1000).drift, 1.05, 1e-9) << "some of them are left, at most";
    vectors_of(meta).lists = 1;
    EXPECT_EQ(needs_of(meta, 1000).drift, 0) << "there is only one";
    vectors_of(meta).lists = 100;
    vectors_of(meta).trained = {};
    EXPECT_EQ(needs_of(meta, 1000).drift, 0) << "nobody knows";
    vectors_of(meta).trained = {0, 800};
    EXPECT_EQ(needs_of(meta, 1000).drift, 0) << "all rows were alike";
}

TEST(Needs, WithoutCodesOnlyPartsAreWrittenAnew) {
    Meta meta = empty_index();
    vectors_of(meta).metric = Metric::kL1;
    vectors_of(meta).code_bits = 0;
    vectors_of(meta).refine_bits = 0;
    meta.dictionary = {};
    vectors_of(meta).calibration = {};
    meta.part[0].dictionary = 0;
    meta.part[0].tombstones = 50'000;
    const Needs needs = needs_of(meta, 100'000);
    EXPECT_EQ(needs.rewrite.bits, 1u);
    EXPECT_EQ(needs.sidecar, 0u);
    EXPECT_EQ(needs.flush.bits, 0u);
    EXPECT_EQ(needs.recode.bits, 0u);
    EXPECT_EQ(needs.merge.bits, 0u);
    EXPECT_FALSE(needs.recluster);
    EXPECT_FALSE(needs.calibrate);
}

// What neighbours leave is one run, so many extents are no obstacle; but runs apart from one
// another are.
TEST(Needs, ManyExtentsAreGivenUpIfTheyLieTogether) {
    for (uint32_t gap : {0u, 1u}) {
        Meta meta = empty_index();
        meta.parts = 2;
        meta.part[1] = meta.part[0];
        meta.part[0] = sealed_part(2, 2000);
        meta.part[0].tombstones = 1000;
        vectors_of(meta).trained = {1000, 1000};
        vectors_of(meta).coded = {3000, 1000};
        lay_out(meta, 100, gap);
        const Needs needs = needs_of(meta, 0);
        EXPECT_EQ(needs.rewrite.bits, gap == 0 ? 1u : 0u);
        EXPECT_EQ(needs.recluster, gap == 0);
        EXPECT_EQ(spares_after(meta, {1}, {}, false), gap == 0 ? 1u : 100u);
    }
}

// What the manifest has no room to give up has to wait.
// A stale part is written anew as a whole, whatever its tombstones: what it would be flushed by
// before refers to an earlier dictionary.
TEST(Needs, StalePartsAreNotRewrittenForTheirTombstones) {
    Meta meta = three_parts();
    meta.part[0].dictionary = kCodebook - 1;
    meta.part[0].flushed = 0;
    meta.part[0].tombstones = meta.part[1].tombstones = 5000;
    const Needs needs = needs_of(meta, 0);
    EXPECT_EQ(needs.recode.bits, 1u);
    EXPECT_EQ(needs.rewrite.bits & 1u, 0u);
    EXPECT_TRUE(has(needs.rewrite, 1));
    EXPECT_FALSE(has(needs.flush, 0));
}

TEST(Needs, NothingIsAskedForThatHasNoRoom) {
    Meta meta = empty_index();
    meta.parts = 2;
    meta.part[1] = meta.part[0];
    meta.part[0] = sealed_part(2, 100'000);
    meta.part[0].tombstones = 90'000;
    meta.extents = 2;
    vectors_of(meta).lists = 1;
    for (int i = 0; i < 4; i++) {
        meta.segment[meta.segments++].rows = 4096;
    }
    const Needs needs = needs_of(meta, 100'000);
    EXPECT_EQ(needs.rewrite.bits, 1u);
    EXPECT_EQ(needs.flush.bits, 2u);
    EXPECT_EQ(needs.merge.bits, 15u);
    EXPECT_TRUE(needs.recluster);
    meta.spares = kMaxSpares;
    const Needs full = needs_of(meta, 100'000);
    EXPECT_EQ(full.rewrite.bits, 0u);
    EXPECT_EQ(full.flush.bits, 0u);
    EXPECT_EQ(full.merge.bits, 0u);
    EXPECT_FALSE(full.recluster);
}

}  // namespace
}  // namespace pgslab
