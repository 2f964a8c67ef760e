// A walk over the records, the slab or the refinement codes gives each row's own.
#include "store/walker.h"

#include <gtest/gtest.h>

#include <cstring>
#include <set>
#include <vector>

#include "ivf/encoder.h"
#include "ivf/testing/table.h"
#include "ivf/testing/tables.h"
#include "ivf/vector_tables.h"
#include "search/wanted_rows.h"

namespace pgslab {
namespace {

const Filter kEverything;

struct Collect : RowSink {
    void piece(const Row &row, uint32_t offset, const uint8_t *data, uint32_t n) override {
        EXPECT_EQ(offset, bytes.size()) << "slot " << row.slot;
        bytes.insert(bytes.end(), data, data + n);
    }
    void row(const Row &row) override {
        rows.push_back(row);
        items.push_back(std::move(bytes));
        bytes.clear();
    }
    std::vector<uint8_t> bytes;
    std::vector<Row> rows;
    std::vector<std::vector<uint8_t>> items;
};

void walk(const PageStore &store, Walker &walker, Collect &sink) {
    while (walker.next_block() != PGS_NO_BLOCK) {
        PgsError error = {};
        ASSERT_EQ(walker.page(store.read(walker.next_block()), sink, &error), PGS_OK)
            << error.detail;
    }
    ASSERT_TRUE(sink.bytes.empty());
}

Collect walk(const MemoryIndex &index, const WalkOptions &options) {
    Walker walker;
    walker.open(meta_of(index.meta()), options);
    Collect sink;
    walk(index.store(), walker, sink);
    return sink;
}

// Records, vectors, refinement codes.
std::vector<WalkTable> tables_of(const Meta &meta) {
    return {kRecordsOnly, slab_table(meta), refine_table(meta)};
}

Table make_table(int dims, int bits, PgsMetric metric = PGS_L2) {
    Random random(1);
    const PgsOptions options = {dims, metric, PGS_F16, "", "", bits};
    return Table(random, options, dims > 1000 ? 60 : 900,
                 [&] { return hard_vector(random, static_cast<size_t>(dims), Kind::kOrdinary); });
}

TEST(Walker, GivesEachLiveRowWhatIsStoredForIt) {
    for (int dims : {3, 100, 768, 5000}) {
        for (int bits : {0, 4, 8}) {
            const Table table = make_table(dims, bits);
            const Meta &meta = meta_of(table.index().meta());
            const RowLayout at = row_layout(columns_of(shape_of(meta)));
            for (WalkTable from : tables_of(meta)) {
                const Collect found = walk(table.index(), {.table = from});
                ASSERT_EQ(found.rows.size(), table.live().size());
                for (size_t i = 0; i < found.rows.size(); i++) {
                    const uint32_t number = number_of(tid_of(found.rows[i].record));
                    uint32_t list = 0;
                    const EncodedRow row =
                        table.index()
                            .encoded({tid_number(number), table.live().at(number)}, &list)
                            .value();
                    const auto *bytes = reinterpret_cast<const uint8_t *>(row.data());
                    const uint8_t *item = bytes + at.item[from.column];
                    ASSERT_EQ(found.items[i], std::vector<uint8_t>(item, item + from.bytes))
                        << "row " << number;
                    ASSERT_EQ(vector_record(found.rows[i].record).list, list);
                }
            }
        }
    }
}

TEST(Walker, SlotsAndAddressesAscendAndNameTheRow) {
    const Table table = make_table(100, 4);
    const Meta &meta = meta_of(table.index().meta());
    const Collect found = walk(table.index(), {.skip = 0, .table = refine_table(meta)});
    ASSERT_EQ(found.rows.size(), 900u);
    const uint64_t sealed = meta.part[0].slots;
    for (size_t i = 0; i < found.rows.size(); i++) {
        ASSERT_EQ(found.rows[i].slot, i);
        const uint32_t part = meta.part[i < sealed ? 0 : 1].handle;
        ASSERT_EQ(found.rows[i].address, make_address(part, i < sealed ? i : i - sealed));
    }
}

TEST(Walker, PassesOverWhatItIsToldTo) {
    Table table = make_table(100, 4);
    const Collect all = walk(table.index(), {.skip = 0});
    table.index().kill(pgs_record_page(&table.index().meta(), 0), 5);
    auto count = [&](uint16_t skip) {
        size_t expected = 0;
        for (const Row &row : walk(table.index(), {.skip = 0}).rows) {
            expected += (row.record.flags & skip) == 0 ? 1 : 0;
        }
        const Collect found = walk(
            table.index(), {.skip = skip, .table = refine_table(meta_of(table.index().meta()))});
        EXPECT_EQ(found.rows.size(), expected);
        return found.rows.size();
    };
    EXPECT_EQ(count(0), all.rows.size());
    EXPECT_LT(count(kTombstone), all.rows.size());
    EXPECT_LE(count(kRecordFlags), count(kTombstone));
    EXPECT_LT(count(kKilled), all.rows.size());
}

TEST(Walker, TheSidecarIsWhatWasInserted) {
    const Table table = make_table(100, 4);
    for (WalkTable from : tables_of(meta_of(table.index().meta()))) {
        const Collect found = walk(table.index(), {.skip = 0, .table = from, .sidecar = true});
        ASSERT_EQ(found.rows.size(), 450u);
        for (const Row &row : found.rows) {
            ASSERT_GE(number_of(tid_of(row.record)), 450u);
        }
    }
}

// A built part of 450 slots, and an open one of so many, in several extents.
MemoryIndex index_of(uint32_t inserted, int bits = 4) {
    Random random(inserted);
    std::vector<TestRow> rows;
    for (uint32_t i = 0; i < 450; i++) {
        rows.push_back({tid_number(i), hard_vector(random, 20, Kind::kOrdinary)});
    }
    MemoryIndex index({20, PGS_L2, PGS_F16, "", "", bits}, rows, 7);
    for (uint32_t i = 0; i < inserted; i++) {
        index.insert({tid_number(450 + i), hard_vector(random, 20, Kind::kOrdinary)});
    }
    return index;
}

Meta with_watermarks(const MemoryIndex &index, uint64_t sealed, uint64_t open) {
    Meta meta = meta_of(index.meta());
    meta.part[0].flushed = sealed;
    meta.part[1].flushed = open;
    return meta;
}

TEST(Walker, TheSidecarBeginsAtEachPartsWatermark) {
    const MemoryIndex index = index_of(1500);
    ASSERT_GE(meta_of(index.meta()).extents, 2u);
    ASSERT_GE(meta_of(index.meta()).extent[1].strides, 3u);
    for (uint64_t sealed : {0u, 1u, 337u, 338u, 339u, 449u, 450u}) {
        for (uint64_t open : {0u, 1u, 300u, 338u, 676u, 1000u, 1499u, 1500u}) {
            const Meta meta = with_watermarks(index, sealed, open);
            for (WalkTable from : tables_of(meta)) {
                Walker walker;
                walker.open(meta, {.skip = 0, .table = from, .sidecar = true});
                for (int again = 0; again < 2; again++) {
                    Collect found;
                    walk(index.store(), walker, found);
                    ASSERT_EQ(found.rows.size(), 450 - sealed + 1500 - open)
                        << sealed << " and " << open;
                    size_t i = 0;
                    for (uint64_t slot = sealed; slot < 450; slot++) {
                        ASSERT_EQ(found.rows[i++].address, make_address(meta.part[0].handle, slot));
                    }
                    for (uint64_t slot = open; slot < 1500; slot++) {
                        ASSERT_EQ(found.rows[i++].address, make_address(meta.part[1].handle, slot));
                    }
                    walker.rewind();
                }
            }
        }
    }
}

// No page is read that has nothing but slots below it.
TEST(Walker, OfRecordsOnlyPagesOfTheSidecarAreRead) {
    const MemoryIndex index = index_of(1500);
    const Meta meta = with_watermarks(index, 450, 1400);
    Walker walker;
    walker.open(meta, {.skip = 0, .sidecar = true});
    Collect found;
    int pages = 0;
    for (; walker.next_block() != PGS_NO_BLOCK; pages++) {
        ASSERT_EQ(walker.part_number(), 1u);
        ASSERT_EQ(walker.page(index.store().read(walker.next_block()), found, nullptr), PGS_OK);
    }
    EXPECT_LE(pages, 2);
    EXPECT_EQ(found.rows.size(), 100u);
}

TEST(Walker, RowsOfListsThatAreNotWantedArePassedOver) {
    const MemoryIndex index = index_of(600);
    const Meta meta = with_watermarks(index, 450, 100);
    std::vector<bool> lists(vectors_of(meta).lists);
    for (WalkTable from : tables_of(meta)) {
        for (bool sidecar : {false, true}) {
            const Collect all = [&] {
                Walker walker;
                walker.open(meta, {.skip = 0, .table = from, .sidecar = sidecar});
                Collect sink;
                walk(index.store(), walker, sink);
                return sink;
            }();
            WantedRows of_lists;
            of_lists.set(kEverything, &lists);
            Walker walker;
            walker.open(meta, {.skip = 0, .table = from, .sidecar = sidecar, .filter = &of_lists});
            for (uint32_t chosen = 0; chosen < 1u << lists.size(); chosen += 5) {
                for (uint32_t l = 0; l < lists.size(); l++) {
                    lists[l] = (chosen >> l & 1) != 0;
                }
                walker.rewind();
                Collect found;
                walk(index.store(), walker, found);
                size_t i = 0;
                for (size_t r = 0; r < all.rows.size(); r++) {
                    if (lists[vector_record(all.rows[r].record).list]) {
                        ASSERT_LT(i, found.rows.size());
                        ASSERT_EQ(found.rows[i].address, all.rows[r].address);
                        ASSERT_EQ(found.items[i++], all.items[r]);
                    }
                }
                ASSERT_EQ(i, found.rows.size());
            }
        }
    }
}

// Of such a part neither lists nor codes are of use.
TEST(Walker, OfAPartOfAnEarlierCodebookVectorsAreReadWhateverItsLists) {
    const MemoryIndex index = index_of(600);
    Meta meta = with_watermarks(index, 0, 100);
    meta.part[0].dictionary = meta.dictionary.id + 1;
    const std::vector<bool> none(vectors_of(meta).lists);
    struct Kinds final : RowSink {
        explicit Kinds(Walker &w) : walker(w) {}
        void piece(const Row &row, uint32_t, const uint8_t *, uint32_t n) override {
            EXPECT_EQ(walker.column() == kRefineColumn, walker.part_number() == 1) << row.slot;
            EXPECT_EQ(n, walker.column() == kRefineColumn ? 64u : 40u);
        }
        void row(const Row &) override { rows[walker.part_number()]++; }
        Walker &walker;
        uint32_t rows[2] = {};
    };
    WantedRows of_lists;
    of_lists.set(kEverything, &none);
    for (const RowFilter *filter :
         {static_cast<const RowFilter *>(nullptr), static_cast<const RowFilter *>(&of_lists)}) {
        Walker walker;
        walker.open(meta, {.skip = 0,
                           .table = refine_table(meta),
                           .stale_table = slab_table(meta),
                           .sidecar = true,
                           .filter = filter});
        Kinds kinds(walker);
        while (walker.next_block() != PGS_NO_BLOCK) {
            ASSERT_EQ(walker.page(index.store().read(walker.next_block()), kinds, nullptr), PGS_OK);
        }
        EXPECT_EQ(kinds.rows[0], 450u);
        EXPECT_EQ(kinds.rows[1], filter == nullptr ? 500u : 0u);
    }
}

TEST(Walker, OnlyThePartsThatAreNamedAreWalked) {
    const MemoryIndex index = index_of(600);
    const size_t expected[] = {0, 450, 600, 1050};
    for (uint32_t parts = 0; parts < 4; parts++) {
        EXPECT_EQ(
            walk(index, {.skip = 0, .table = slab_table(meta_of(index.meta())), .parts = {parts}})
                .rows.size(),
            expected[parts]);
    }
}

TEST(Walker, ASecondWalkEndsWhereTheFirstDid) {
    for (uint32_t rows : {10u, 337u, 338u, 339u, 1000u}) {
        Random random(rows);
        MemoryIndex index({20, PGS_L2, PGS_F16, "", "", 4});
        uint32_t next = 0;
        auto insert = [&](uint32_t n) {
            for (; n > 0; n--) {
                index.insert({tid_number(next++), hard_vector(random, 20, Kind::kOrdinary)});
            }
        };
        insert(rows);
        const Page meta = index.meta();
        Walker walker;
        walker.open(meta_of(meta), {.table = refine_table(meta_of(meta))});
        for (int again = 0; again < 3; again++) {
            Collect sink;
            walk(index.store(), walker, sink);
            EXPECT_EQ(sink.rows.size(), rows);
            insert(150);
            walker.rewind();
        }
    }
}

TEST(Walker, ARefinementPageTooShortForItsSlotsIsCorrupt) {
    const Table table = make_table(100, 4);
    PageStore store = table.index().store();
    Walker walker;
    walker.open(meta_of(table.index().meta()),
                {.table = refine_table(meta_of(table.index().meta()))});
    Collect sink;
    PgsError error = {};
    ASSERT_EQ(walker.page(store.read(walker.next_block()), sink, &error), PGS_OK);
    const uint32_t block = walker.next_block();
    ASSERT_EQ(walker.wanted().kind, kRefinePage);
    store.damage(block).server.lower -= 1;
    EXPECT_EQ(walker.page(store.read(block), sink, &error), PGS_CORRUPT);
    EXPECT_EQ(error.block, block);
}

}  // namespace
}  // namespace pgslab
