// The store holds any kind of index: one of integers, which knows nothing but store/, lives, is
// maintained, crashes and is damaged.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "store/testing/integer_index.h"
#include "store/testing/patches.h"
#include "store/testing/tids.h"

namespace pgslab {
namespace {

using Random = std::mt19937_64;

constexpr Bounds kBounds = {-1'000'000, 1'000'000};
constexpr uint64_t kXid = 100;
constexpr PgsPolicy kPolicy = {0, 0.2, 0, 0};

// An index of integers, and the table that it is of.
class Integers {
  public:
    Integers(uint64_t seed, uint32_t rows) : random_(seed), index_(kBounds, draw(rows)) {}

    IntegerIndex &index() { return index_; }
    Random &random() { return random_; }
    size_t rows() const { return rows_.size(); }

    // The row is the table's once the insert has returned.
    void insert(uint32_t n = 1) {
        for (uint32_t i = 0; i < n; i++) {
            const int64_t value = draw_value();
            const uint32_t number = drawn_++;
            index_.insert(tid_number(number), value);
            rows_[number] = value;
        }
    }

    // Deletes about one in `of` rows.
    void vacuum(uint32_t of) {
        std::erase_if(rows_, [&](const auto &) { return random_() % of == 0; });
        vacuum_again();
    }

    // What a crash has left undone of it.
    void vacuum_again() {
        index_.vacuum([this](PgsTid tid) { return rows_.count(number_of(tid)) == 0; });
    }

    // Verification is clean and finds the table's rows, as a scan does within any bounds.
    void check() {
        ASSERT_EQ(by_number(index_.verify()), rows_);
        const int64_t a = draw_value();
        const int64_t b = draw_value();
        const Bounds wanted = {std::min(a, b), std::max(a, b)};
        std::map<uint32_t, int64_t> within;
        for (const auto &[number, value] : rows_) {
            if (wanted.contain(value)) {
                within[number] = value;
            }
        }
        const std::vector<FoundInteger> found = index_.scan(wanted);
        ASSERT_EQ(by_number(found), within);
        for (size_t i = 0; i < found.size(); i += 1 + found.size() / 20) {
            const IntegerRow row = index_.fetch(found[i].address);
            ASSERT_EQ(row.value, found[i].value);
            ASSERT_EQ(number_of(tid_of(row.record)), number_of(found[i].tid));
        }
    }

  private:
    int64_t draw_value() {
        return std::uniform_int_distribution<int64_t>(kBounds.low, kBounds.high)(random_);
    }

    std::vector<IntegerRow> draw(uint32_t n) {
        std::vector<IntegerRow> rows;
        for (uint32_t i = 0; i < n; i++) {
            rows.push_back(integer_row(tid_number(drawn_), draw_value()));
            rows_[drawn_++] = rows.back().value;
        }
        return rows;
    }

    static std::map<uint32_t, int64_t> by_number(const std::vector<FoundInteger> &found) {
        std::map<uint32_t, int64_t> rows;
        for (const FoundInteger &row : found) {
            EXPECT_TRUE(rows.emplace(number_of(row.tid), row.value).second) << "twice";
        }
        return rows;
    }

    Random random_;
    uint32_t drawn_ = 0;
    std::map<uint32_t, int64_t> rows_;  // by the number of their tid
    IntegerIndex index_;
};

// Two sealed parts, one of them built, and an open one, with tombstones in all.
Integers varied(uint64_t seed) {
    Integers integers(seed, 1500);
    integers.insert(900);
    integers.index().close();
    integers.insert(700);
    integers.vacuum(4);
    return integers;
}

uint64_t tombstones(const Meta &meta) {
    uint64_t sum = 0;
    for (uint32_t p = 0; p < meta.parts; p++) {
        sum += meta.part[p].tombstones;
    }
    return sum;
}

uint64_t working_blocks(const Meta &meta) {
    uint64_t blocks = 0;
    for (uint32_t i = 0; i < meta.spares; i++) {
        blocks += meta.spare[i].since == kWorking ? meta.spare[i].run.blocks : 0;
    }
    return blocks;
}

TEST(Integers, AreFoundThatWereBuiltOrInserted) {
    for (const uint32_t built : {0u, 1u, 338u, 339u, 5000u}) {
        SCOPED_TRACE(built);
        Integers integers(1, built);
        integers.check();
        for (uint32_t i = 0; i < 12; i++) {
            integers.insert(1 + 90 * i);
            integers.check();
        }
    }
}

TEST(Integers, ThatAreManyLieInManyParts) {
    Integers integers(2, 300'000);
    EXPECT_GE(integers.index().meta().parts, 2u);
    integers.vacuum(3);
    integers.index().maintain(PGS_GOAL_VACUUM, kPolicy);
    EXPECT_EQ(tombstones(integers.index().meta()), 0u);
    integers.check();
}

TEST(Integers, LeaveNoTombstonesBehindWhenPartsAreWrittenAnew) {
    Integers integers = varied(3);
    IntegerIndex &index = integers.index();
    integers.check();
    EXPECT_GT(tombstones(index.meta()), 0u);
    index.compact(sealed_parts(index.meta()), kXid);
    integers.check();
    EXPECT_EQ(count_of(sealed_parts(index.meta())), 1u);
    index.close();
    index.compact(sealed_parts(index.meta()), kXid);
    integers.check();
    EXPECT_EQ(tombstones(index.meta()), 0u);
    EXPECT_EQ(index.meta().part[0].slots, integers.rows());
}

TEST(Integers, ThatAreInsertedWhilePartsAreWrittenAnewAreKept) {
    Integers integers = varied(4);
    IntegerIndex &index = integers.index();
    const PgsParts parts = sealed_parts(index.meta());
    index.compact(parts, kXid, [&] { integers.insert(100); });
    integers.check();
}

TEST(Integers, ReachEachGoal) {
    for (const PgsGoalKind kind :
         {PGS_GOAL_FLUSH, PGS_GOAL_AUTOMATIC, PGS_GOAL_SHRINK, PGS_GOAL_COMPACT,
          PGS_GOAL_COMPACT_FULL, PGS_GOAL_VACUUM, PGS_GOAL_RECLUSTER}) {
        SCOPED_TRACE(kind);
        Integers integers = varied(5);
        const Meta &meta = integers.index().meta();
        const uint64_t before = tombstones(meta);
        integers.index().maintain(kind, kPolicy);
        integers.check();
        const bool all = kind == PGS_GOAL_COMPACT_FULL || kind == PGS_GOAL_VACUUM;
        const bool none = kind != PGS_GOAL_AUTOMATIC && kind != PGS_GOAL_SHRINK && !all;
        EXPECT_TRUE(!all || tombstones(meta) == 0);
        EXPECT_EQ(none, tombstones(meta) == before);
        EXPECT_TRUE(kind != PGS_GOAL_COMPACT_FULL || meta.parts == 1);
    }
}

TEST(Integers, MoveAsTheyAre) {
    Integers integers = varied(6);
    IntegerIndex &index = integers.index();
    for (uint32_t round = 0; round < 6; round++) {
        const uint32_t from = index.meta().extent[0].block;
        index.move(from, kXid + round);
        EXPECT_NE(index.meta().extent[0].block, from);
        integers.check();
        index.reclaim(kXid + round + 1);
    }
    EXPECT_THROW(index.move(index.meta().end_block, kXid), CoreFailure);
    index.maintain(PGS_GOAL_SHRINK, kPolicy);
    index.cut();
    integers.check();
    EXPECT_LT(free_blocks(index.meta()), index.meta().end_block / 2);
}

TEST(Integers, UseRecycledRunsAgain) {
    Integers integers(7, 2000);
    IntegerIndex &index = integers.index();
    uint32_t most_early = 0;
    uint32_t most_late = 0;
    for (uint32_t round = 0; round < 60; round++) {
        integers.vacuum(3);
        while (integers.rows() < 2000) {
            integers.insert();
        }
        index.maintain(PGS_GOAL_COMPACT_FULL, kPolicy);
        uint32_t &most = round < 15 ? most_early : most_late;
        most = std::max(most, index.meta().end_block);
    }
    integers.check();
    EXPECT_LE(most_late, most_early * 5 / 4);
}

TEST(Integers, LiveAnyLife) {
    const PgsGoalKind goals[] = {PGS_GOAL_AUTOMATIC, PGS_GOAL_SHRINK, PGS_GOAL_COMPACT_FULL,
                                 PGS_GOAL_VACUUM};
    for (uint64_t seed = 0; seed < 12; seed++) {
        SCOPED_TRACE(seed);
        Integers integers(seed, static_cast<uint32_t>(seed * 100));
        IntegerIndex &index = integers.index();
        Random &random = integers.random();
        for (uint32_t step = 0; step < 60; step++) {
            if (random() % 3 == 0) {
                index.store().crash_before(random() % 60);
            }
            try {
                switch (random() % 6) {
                    case 0:
                        integers.vacuum(2 + random() % 8);
                        break;
                    case 1:
                        index.maintain(goals[random() % std::size(goals)], kPolicy);
                        break;
                    case 2:
                        index.cut();
                        break;
                    default:
                        integers.insert(random() % 400);
                }
            } catch (const Crash &) {
                index.recover();
                integers.vacuum_again();
            }
            index.store().do_not_crash();
            ASSERT_NO_FATAL_FAILURE(integers.check()) << "step " << step;
        }
    }
}

// ---- crashes

struct Operation {
    const char *name;
    std::function<void(Integers &)> run;
};

const Operation kOperations[] = {
    {"insert", [](Integers &integers) { integers.insert(); }},
    {"close", [](Integers &integers) { integers.index().close(); }},
    {"compact",
     [](Integers &integers) {
         IntegerIndex &index = integers.index();
         index.compact(sealed_parts(index.meta()), kXid);
     }},
    {"move",
     [](Integers &integers) {
         integers.index().move(integers.index().meta().extent[0].block, kXid);
     }},
    {"compact fully",
     [](Integers &integers) { integers.index().maintain(PGS_GOAL_COMPACT_FULL, kPolicy); }},
    {"shrink",
     [](Integers &integers) {
         integers.index().maintain(PGS_GOAL_SHRINK, kPolicy);
         integers.index().cut();
     }},
};

// An insert that the index has to grow for, first of all.
Integers about_to_grow(uint64_t seed) {
    Integers integers = varied(seed);
    for (;;) {
        Integers next = integers;
        const uint64_t before = next.index().store().writes();
        next.insert();
        if (next.index().store().writes() - before > 4) {
            return integers;
        }
        integers = next;
    }
}

TEST(IntegersCrash, BeforeAnyWriteLosesNothing) {
    const Integers sound = about_to_grow(8);
    for (const Operation &operation : kOperations) {
        Integers whole = sound;
        const uint64_t before = whole.index().store().writes();
        operation.run(whole);
        whole.check();
        const uint64_t writes = whole.index().store().writes() - before;
        for (uint64_t n = 0; n < writes; n++) {
            SCOPED_TRACE(std::string(operation.name) + ", write " + std::to_string(n));
            Integers integers = sound;
            IntegerIndex &index = integers.index();
            index.store().crash_before(n);
            ASSERT_THROW(operation.run(integers), Crash);
            index.recover();
            ASSERT_NO_FATAL_FAILURE(integers.check());
            // Whoever comes next uses what was being written.
            index.reclaim(kXid);
            EXPECT_EQ(working_blocks(index.meta()), 0u);
            operation.run(integers);
            EXPECT_LE(index.meta().end_block, whole.index().meta().end_block) << "leaks";
            integers.insert(3);
            ASSERT_NO_FATAL_FAILURE(integers.check());
        }
    }
}

TEST(IntegersCrash, InEveryInsertLosesNothing) {
    Integers integers(9, 100);
    uint64_t growths = 0;
    for (uint32_t i = 0; i < 6000; i++) {
        Integers whole = integers;
        const uint64_t before = whole.index().store().writes();
        whole.insert();
        const uint64_t writes = whole.index().store().writes() - before;
        growths += writes > 1 ? 1 : 0;
        for (uint64_t n = 0; n < writes && (writes > 1 || i % 500 == 0); n++) {
            Integers crashed = integers;
            crashed.index().store().crash_before(n);
            ASSERT_THROW(crashed.insert(), Crash);
            crashed.index().recover();
            ASSERT_NO_FATAL_FAILURE(crashed.check()) << i << ", write " << n;
            crashed.insert(2);
            ASSERT_NO_FATAL_FAILURE(crashed.check()) << i << ", write " << n;
        }
        integers = whole;
    }
    EXPECT_GE(growths, 3u);
}

// Whole pages have their flags or none, and the next vacuum does the rest.
TEST(IntegersCrash, InVacuumLeavesItToTheNext) {
    const Integers sound = varied(13);
    Integers whole = sound;
    const uint64_t before = whole.index().store().writes();
    whole.vacuum(3);
    const uint64_t writes = whole.index().store().writes() - before;
    EXPECT_GE(writes, 5u);
    for (uint64_t n = 0; n < writes; n++) {
        Integers integers = sound;
        integers.index().store().crash_before(n);
        ASSERT_THROW(integers.vacuum(3), Crash);
        integers.index().recover();
        EXPECT_GE(integers.index().verify().size(), integers.rows());
        integers.vacuum_again();
        ASSERT_NO_FATAL_FAILURE(integers.check()) << "write " << n;
    }
}

// ---- damage

PgsError error_of(const IntegerIndex &index) {
    try {
        index.verify();
    } catch (const CoreFailure &failure) {
        return failure.error;
    }
    return {PGS_OK, PGS_NO_BLOCK, ""};
}

struct Damage {
    const char *name;
    std::function<void(Page &)> make;
};

const Damage kDamages[] = {
    {"zeros", [](Page &page) { page = {}; }},
    {"another kind", [](Page &page) { page.slab.kind = PageKind{0x5858}; }},
    {"another owner", [](Page &page) { page.slab.owner++; }},
    {"another generation", [](Page &page) { page.slab.generation++; }},
    {"another number", [](Page &page) { page.slab.sequence++; }},
    {"a bit of the header", [](Page &page) { page.slab.reserved ^= 4; }},
    {"records of another length", [](Page &page) { page.slab.extra ^= 4; }},
    {"another checksum", [](Page &page) { page.slab.checksum ^= 1; }},
    {"a longer payload", [](Page &page) { page.server.lower += 8; }},
    {"bounds beyond the page", [](Page &page) { page.server.lower = kPageBytes + 8; }},
    {"a bit of its first bytes", [](Page &page) { page.payload[0] ^= 1; }},
};

TEST(IntegersDamage, OfAnyPageIsFound) {
    const Integers sound = varied(10);
    Integers integers = sound;
    std::vector<uint32_t> blocks = {kMetaBlock};
    each_extent(integers.index().meta(), [&](const ExtentPlace &place) {
        for (uint32_t i = 0; i < place.blocks(); i++) {
            blocks.push_back(place.extent.block + i);
        }
        return false;
    });
    EXPECT_GT(blocks.size(), 20u);
    for (const uint32_t block : blocks) {
        for (const Damage &damage : kDamages) {
            SCOPED_TRACE(std::string(damage.name) + " of block " + std::to_string(block));
            Integers damaged = sound;
            Page &page = damaged.index().store().damage(block);
            const bool empty = used_bytes(page) == 0;
            damage.make(page);
            const PgsError error = error_of(damaged.index());
            if (empty && page.payload[0] != 0) {
                EXPECT_EQ(error.status, PGS_OK) << "what is not in use says nothing";
                continue;
            }
            EXPECT_EQ(error.status, PGS_CORRUPT) << error.detail;
            EXPECT_EQ(error.block, block) << error.detail;
        }
    }
}

// Pages whose checksum is right, and which say what cannot be.
TEST(IntegersDamage, ThatHasAChecksumIsFound) {
    const Integers sound = varied(11);
    Integers integers = sound;
    const Meta &meta = integers.index().meta();
    const uint32_t records = meta.extent[0].block;
    const uint32_t values = records + record_blocks(meta.columns, meta.extent[0].slots);
    const struct {
        const char *name;
        uint32_t block;
        std::function<void(Page &)> make;
    } forgeries[] = {
        {"no bounds", kMetaBlock, [](Page &page) { meta_of(page).content[0] = 1ull << 62; }},
        {"a segment", kMetaBlock, [](Page &page) { meta_of(page).segments = 1; }},
        {"another column", kMetaBlock,
         [](Page &page) { meta_of(page).columns.column[1].item = 4; }},
        {"another kind", kMetaBlock, [](Page &page) { meta_of(page).kind = IndexKind{1}; }},
        {"tombstones", kMetaBlock, [](Page &page) { meta_of(page).part[0].tombstones++; }},
        {"a block twice", kMetaBlock,
         [](Page &page) { meta_of(page).extent[0].block = meta_of(page).extent[1].block; }},
        {"an integer out of bounds", values,
         [](Page &page) { reinterpret_cast<int64_t *>(page.payload)[3] = kBounds.high + 1; }},
        {"a record without a row", records, [](Page &page) { record_at(page, 5).heap_offset = 0; }},
        {"an unknown flag", records, [](Page &page) { record_at(page, 5).flags = 0x80; }},
        {"fewer records", records, [](Page &page) { page.server.lower -= kRecordItem; }},
        {"fewer integers", values, [](Page &page) { page.server.lower -= sizeof(int64_t); }},
    };
    for (const auto &forgery : forgeries) {
        SCOPED_TRACE(forgery.name);
        Integers damaged = sound;
        Page &page = damaged.index().store().damage(forgery.block);
        forgery.make(page);
        repair_checksum(page);
        const PgsError error = error_of(damaged.index());
        EXPECT_EQ(error.status, PGS_CORRUPT) << error.detail;
        EXPECT_EQ(error.block, forgery.block) << error.detail;
    }
}

TEST(IntegersDamage, IsNotCopied) {
    const Integers sound = varied(12);
    for (const uint32_t page : {0u, 2u, 6u}) {
        Integers integers = sound;
        IntegerIndex &index = integers.index();
        const uint32_t block = index.meta().extent[0].block + page;
        index.store().damage(block).payload[100] ^= 1;
        for (const auto &task : std::vector<std::function<void()>>{
                 [&] { index.compact(sealed_parts(index.meta()), kXid); },
                 [&] { index.move(index.meta().extent[0].block, kXid); }}) {
            try {
                task();
                FAIL() << "page " << page;
            } catch (const CoreFailure &failure) {
                EXPECT_EQ(failure.error.block, block);
            }
        }
    }
}

}  // namespace
}  // namespace pgslab
