// What an ordered scan promises beyond its order: passes, restarts, inserts meanwhile, killed rows.
#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <set>

#include "ivf/testing/scanner.h"
#include "ivf/testing/table.h"
#include "pgslab_core.h"

namespace pgslab {
namespace {

constexpr PgsOptions kOptions = {5, PGS_L2, PGS_F16, "", "", 4};

Vector draw(Random &random) {
    return hard_vector(random, 5, Kind::kOrdinary);
}

Table make_table(Random &random, uint32_t rows, const PgsOptions &options = kOptions) {
    return Table(random, options, rows, [&] { return draw(random); });
}

std::vector<uint32_t> numbers_of(const std::vector<ScannedRow> &rows) {
    std::vector<uint32_t> numbers;
    for (const ScannedRow &row : rows) {
        numbers.push_back(number_of(row.tid));
    }
    return numbers;
}

std::set<uint32_t> set_of(const std::vector<uint32_t> &numbers) {
    return {numbers.begin(), numbers.end()};
}

std::vector<uint32_t> live_numbers(const Table &table) {
    std::vector<uint32_t> numbers;
    for (const auto &[number, vector] : table.live()) {
        numbers.push_back(number);
    }
    return numbers;
}

TEST(ScanApi, AnIndexWithoutRowsHasNone) {
    const MemoryIndex empty(kOptions);
    EXPECT_TRUE(scan_all(empty, Vector(5)).empty());
    const MemoryIndex built_empty(kOptions, {});
    EXPECT_TRUE(scan_all(built_empty, Vector(5)).empty());
    MemoryIndex grown(kOptions);
    grown.grow();
    EXPECT_TRUE(scan_all(grown, Vector(5)).empty());
    Scanner scanner;
    scanner.start(grown, nullptr);
    EXPECT_FALSE(scanner.next().has_value());
    EXPECT_FALSE(scanner.next().has_value());
}

TEST(ScanApi, LittleMemoryMeansMorePassesAndTheSameRows) {
    Random random(9);
    const Table table = make_table(random, 5000);
    const Vector query = draw(random);
    Scanner little(0), much(1 << 20);
    little.start(table.index(), query.data());
    much.start(table.index(), query.data());
    EXPECT_EQ(numbers_of(little.rest()), numbers_of(much.rest()));
    EXPECT_GT(little.work().passes, 5 * much.work().passes);
    EXPECT_GT(little.reads(), much.reads());
}

TEST(ScanApi, OneCandidateTooManyMeansAnotherPassAndIsReturned) {
    for (uint32_t rows : {255u, 256u, 257u, 511u, 512u, 513u}) {
        MemoryIndex index(kOptions);
        for (uint32_t i = 0; i < rows; i++) {
            index.insert({tid_number(i), Vector(5, 1.0f)});  // all equally far
        }
        const auto scanned = numbers_of(scan_all(index, Vector(5)));
        EXPECT_EQ(std::set<uint32_t>(scanned.begin(), scanned.end()).size(), rows);
        EXPECT_EQ(scanned.size(), rows);
    }
}

TEST(ScanApi, AScanStartedAgainGivesTheSame) {
    Random random(10);
    const Table table = make_table(random, 1500);
    const Vector query = draw(random), other = draw(random);
    Scanner scanner;
    scanner.start(table.index(), query.data());
    const auto first = scanner.rest();
    scanner.start(table.index(), query.data());
    for (int i = 0; i < 700; i++) {  // into the second pass
        scanner.next();
    }
    scanner.start(table.index(), other.data());
    scanner.start(table.index(), query.data());
    const auto again = scanner.rest();
    ASSERT_EQ(numbers_of(first), numbers_of(again));
    for (size_t i = 0; i < first.size(); i++) {
        ASSERT_EQ(first[i].bound, again[i].bound);
        ASSERT_EQ(first[i].slot, again[i].slot);
    }
}

TEST(ScanApi, AScanServesOneIndexAfterAnother) {
    Random random(11);
    const Table table = make_table(random, 700);
    const PgsOptions wide = {800, PGS_L1, PGS_F32, "", "", 4};
    const Table other(random, wide, 100, [&] { return Vector(800, 1.0f); });
    Scanner scanner;
    scanner.start(table.index(), Vector(5).data());
    EXPECT_EQ(scanner.rest().size(), table.live().size());
    scanner.start(other.index(), Vector(800).data());
    EXPECT_EQ(scanner.rest().size(), other.live().size());
    scanner.start(table.index(), Vector(5).data());
    EXPECT_EQ(scanner.rest().size(), table.live().size());
}

TEST(ScanApi, WithoutAQueryRowsComeInSlotOrder) {
    Random random(12);
    const Table table = make_table(random, 1500);
    Scanner scanner;
    scanner.start(table.index(), nullptr);
    const auto rows = scanner.rest();
    EXPECT_EQ(rows.size(), table.live().size());
    EXPECT_EQ(set_of(numbers_of(rows)), set_of(live_numbers(table)));
    for (size_t i = 1; i < rows.size(); i++) {
        EXPECT_TRUE(rows[i - 1].slot < rows[i].slot ||
                    handle_of(rows[i - 1].slot) != handle_of(rows[i].slot));
        EXPECT_EQ(rows[i].bound, 0);
    }
}

TEST(ScanApi, WithoutAQueryTheSlabIsNotRead) {
    Random random(13);
    const Table table = make_table(random, 900);
    Scanner scanner(1 << 20);  // one pass
    scanner.start(table.index(), nullptr);
    scanner.rest();
    EXPECT_LE(scanner.reads(), table.index().info().record_blocks);
}

TEST(ScanApi, AQueryWithoutDirectionGivesEveryRowUnderCosine) {
    Random random(14);
    const PgsOptions cosine = {5, PGS_COSINE, PGS_F16, "", "", 4};
    const Table table = make_table(random, 700, cosine);
    const auto rows = scan_all(table.index(), Vector(5));
    EXPECT_EQ(rows.size(), table.live().size());
    EXPECT_EQ(set_of(numbers_of(rows)), set_of(live_numbers(table)));
    EXPECT_TRUE(std::isnan(rows.front().bound));
}

// The rows inserted later are nearest and would come first in any later pass.
TEST(ScanApi, InsertsBetweenPassesAreNotSeen) {
    for (uint32_t rows : {300u, 338u, 676u, 1000u, 2000u}) {
        Random random(rows);
        MemoryIndex index(kOptions);
        for (uint32_t i = 0; i < rows; i++) {
            index.insert({tid_number(i), draw(random)});
        }
        Scanner scanner;
        scanner.start(index, Vector(5).data());
        std::set<uint32_t> seen;
        uint32_t next = rows;
        while (const auto row = scanner.next()) {
            ASSERT_LT(number_of(row->tid), rows) << "inserted meanwhile";
            ASSERT_TRUE(seen.insert(number_of(row->tid)).second) << "twice";
            index.insert({tid_number(next++), Vector(5)});
        }
        EXPECT_EQ(seen.size(), rows);
    }
}

// The scan's own copy of the metapage does not know what the index has grown by.
TEST(ScanApi, AScanOutlivesGrowth) {
    Random random(15);
    MemoryIndex index(kOptions);
    for (uint32_t i = 0; i < 500; i++) {
        index.insert({tid_number(i), draw(random)});
    }
    Scanner scanner;
    scanner.start(index, Vector(5).data());
    scanner.next();
    for (uint32_t i = 500; i < 6000; i++) {
        index.insert({tid_number(i), draw(random)});
    }
    EXPECT_EQ(scanner.rest().size(), 499u);
}

TEST(ScanApi, RowsDeletedBetweenPassesAreAtMostMissing) {
    Random random(16);
    Table table = make_table(random, 1500);
    Scanner scanner;
    scanner.start(table.index(), Vector(5).data());
    std::set<uint32_t> seen;
    for (int i = 0; i < 100; i++) {
        seen.insert(number_of(scanner.next()->tid));
    }
    table.index().vacuum([](PgsTid tid) { return number_of(tid) % 3 == 0; });
    while (const auto row = scanner.next()) {
        ASSERT_TRUE(seen.insert(number_of(row->tid)).second) << "twice";
    }
    for (const auto &[number, vector] : table.live()) {
        ASSERT_TRUE(seen.contains(number) || number % 3 == 0);
    }
}

// Where squares leave float32's range estimates say nothing, and rows come in order all the same.
TEST(ScanApi, RowsOfAnyMagnitudeAreReturnedByAnyScan) {
    for (PgsMetric metric : {PGS_L2, PGS_INNER_PRODUCT, PGS_COSINE}) {
        for (int bits : {0, 4}) {
            for (double size : {1e17, 1e18, 3e18, 1e19, 1e20}) {
                Random random(18);
                int drawn = 0;
                const Table table(random, {8, metric, PGS_F32, "", "", bits}, 300, [&] {
                    return scaled_normal(random, 8, ++drawn % 2 == 0 ? size : 1);
                });
                const Vector query = scaled_normal(random, 8, size);
                Scanner scanner;
                scanner.start(table.index(), query.data(), false, effort_for(0.9));
                SCOPED_TRACE(size);
                expect_as_approximate(scanner.rest(), table.live_values(query));
                EXPECT_LT(scanner.work().passes, 20u);
            }
        }
    }
}

TEST(ScanApi, KilledRowsAreLeftOutOnlyWhenBelieved) {
    Random random(17);
    Table table = make_table(random, 900);
    const Vector query = draw(random);
    Scanner scanner;
    scanner.start(table.index(), query.data());
    const auto all = scanner.rest();
    std::set<uint32_t> killed;
    for (size_t i = 0; i < all.size(); i += 7) {
        uint32_t index = 0;
        const PgsRecordPage where = scanner.record_page(all[i].slot, &index);
        table.index().kill(where, index);
        killed.insert(number_of(all[i].tid));
    }
    scanner.start(table.index(), query.data(), false);
    EXPECT_EQ(numbers_of(scanner.rest()), numbers_of(all));

    scanner.start(table.index(), query.data(), true);
    auto expected = numbers_of(all);
    std::erase_if(expected, [&](uint32_t number) { return killed.contains(number); });
    EXPECT_EQ(numbers_of(scanner.rest()), expected);
    EXPECT_NO_THROW(verify(table.index().store()));
}

TEST(ScanApi, ASlotLeadsBackToItsRecord) {
    Random random(18);
    const Table table = make_table(random, 4000);
    Scanner scanner;
    scanner.start(table.index(), Vector(5).data());
    for (const ScannedRow &row : scanner.rest()) {
        uint32_t index = 0;
        const PgsRecordPage where = scanner.record_page(row.slot, &index);
        ASSERT_LT(index, table.index().count_records(where));
        const PgsRecord *records = pgs_page_record(&table.index().store().read(where.block), 0);
        ASSERT_EQ(number_of(pgs_record_tid(&records[index])), number_of(row.tid));
    }
}

TEST(ScanApi, ThePageIsAskedForUntilItIsGiven) {
    Random random(19);
    const Table table = make_table(random, 50);
    PgsScan *created = nullptr;
    ASSERT_EQ(pgs_scan_create(0, &created), PGS_OK);
    const std::unique_ptr<PgsScan, void (*)(PgsScan *)> scan(created, pgs_scan_destroy);
    PgsError error;
    ASSERT_EQ(pgs_scan_start(created, &table.index().meta(), table.index().codebook(),
                             Vector(5).data(), nullptr, &kExact, false, &error),
              PGS_OK);
    const PgsRequest first = ask(pgs_scan_machine(created));
    const PgsRequest second = ask(pgs_scan_machine(created));
    EXPECT_EQ(first.kind, PGS_REQUEST_PAGE);
    EXPECT_EQ(second.kind, PGS_REQUEST_PAGE);
    EXPECT_EQ(first.block, second.block);
}

TEST(ScanApi, WhatWasNeverCreatedCanBeDestroyed) {
    pgs_scan_destroy(nullptr);
    pgs_build_destroy(nullptr);
    pgs_verify_destroy(nullptr);
    pgs_codebook_destroy(nullptr);
    pgs_codebook_load_destroy(nullptr);
    pgs_training_destroy(nullptr);
    pgs_encoder_destroy(nullptr);
    pgs_sampler_destroy(nullptr);
    pgs_calibration_destroy(nullptr);
}

}  // namespace
}  // namespace pgslab
