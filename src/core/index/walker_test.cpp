// A walk over the records, the slab or the refinement codes gives each row's own.
#include "index/walker.h"

#include <gtest/gtest.h>

#include <cstring>
#include <set>
#include <vector>

#include "format/meta.h"
#include "index/encoder.h"
#include "index/testing/table.h"

namespace pgslab {
namespace {

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
        ASSERT_EQ(walker.page(store.read(walker.next_block()), true, sink, &error), PGS_OK)
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

Table make_table(int dims, int bits, PgsMetric metric = PGS_L2) {
    Random random(1);
    const PgsOptions options = {dims, metric, PGS_F16, "", 0, bits};
    return Table(random, options, dims > 1000 ? 60 : 900,
                 [&] { return hard_vector(random, static_cast<size_t>(dims), Kind::kOrdinary); });
}

TEST(Walker, GivesEachLiveRowWhatIsStoredForIt) {
    for (int dims : {3, 100, 768, 5000}) {
        for (int bits : {4, 8}) {
            const Table table = make_table(dims, bits);
            const Meta &meta = meta_of(table.index().meta());
            const RowLayout at = row_layout(shape_of(meta));
            for (WalkTable from : {WalkTable::kNone, WalkTable::kSlab, WalkTable::kRefine}) {
                const Collect found = walk(table.index(), {kTombstone, from, true});
                ASSERT_EQ(found.rows.size(), table.live().size());
                for (size_t i = 0; i < found.rows.size(); i++) {
                    const uint32_t number = number_of(tid_of(found.rows[i].record));
                    uint32_t list = 0;
                    const EncodedRow row =
                        table.index()
                            .encoded({tid_number(number), table.live().at(number)}, &list)
                            .value();
                    const auto *bytes = reinterpret_cast<const uint8_t *>(row.data());
                    const uint32_t offset = from == WalkTable::kSlab ? at.item : at.refine;
                    const uint32_t n = from == WalkTable::kNone   ? 0
                                       : from == WalkTable::kSlab ? meta.dims * 2
                                                                  : slot_shape(meta).refine;
                    ASSERT_EQ(found.items[i],
                              std::vector<uint8_t>(bytes + offset, bytes + offset + n))
                        << "row " << number;
                    ASSERT_EQ(found.rows[i].record.list, list);
                }
            }
        }
    }
}

TEST(Walker, SlotsAndAddressesAscendAndNameTheRow) {
    const Table table = make_table(100, 4);
    const Meta &meta = meta_of(table.index().meta());
    const Collect found = walk(table.index(), {0, WalkTable::kRefine, true});
    ASSERT_EQ(found.rows.size(), 900u);
    const uint64_t sealed = meta.part[0].slots;
    for (size_t i = 0; i < found.rows.size(); i++) {
        ASSERT_EQ(found.rows[i].slot, i);
        const uint32_t part = meta.part[i < sealed ? 0 : 1].id;
        ASSERT_EQ(found.rows[i].address, make_address(part, i < sealed ? i : i - sealed));
    }
}

TEST(Walker, PassesOverWhatItIsToldTo) {
    Table table = make_table(100, 4);
    const Collect all = walk(table.index(), {0, WalkTable::kNone, true});
    table.index().kill(pgs_record_page(&table.index().meta(), 0), 5);
    auto count = [&](uint16_t skip) {
        size_t expected = 0;
        for (const Row &row : walk(table.index(), {0, WalkTable::kNone, true}).rows) {
            expected += (row.record.flags & skip) == 0 ? 1 : 0;
        }
        const Collect found = walk(table.index(), {skip, WalkTable::kRefine, true});
        EXPECT_EQ(found.rows.size(), expected);
        return found.rows.size();
    };
    EXPECT_EQ(count(0), all.rows.size());
    EXPECT_LT(count(kTombstone), all.rows.size());
    EXPECT_LE(count(kRecordFlags), count(kTombstone));
    EXPECT_LT(count(kKilled), all.rows.size());
}

TEST(Walker, TheOpenPartAloneIsWhatWasInserted) {
    for (WalkTable from : {WalkTable::kNone, WalkTable::kSlab, WalkTable::kRefine}) {
        const Table table = make_table(100, 4);
        const Collect found = walk(table.index(), {0, from, false});
        ASSERT_EQ(found.rows.size(), 450u);
        for (const Row &row : found.rows) {
            ASSERT_GE(number_of(tid_of(row.record)), 450u);
        }
    }
}

TEST(Walker, ASecondWalkEndsWhereTheFirstDid) {
    for (uint32_t rows : {10u, 337u, 338u, 339u, 1000u}) {
        Random random(rows);
        MemoryIndex index({20, PGS_L2, PGS_F16, "", 0, 4});
        uint32_t next = 0;
        auto insert = [&](uint32_t n) {
            for (; n > 0; n--) {
                index.insert({tid_number(next++), hard_vector(random, 20, Kind::kOrdinary)});
            }
        };
        insert(rows);
        const Page meta = index.meta();
        Walker walker;
        walker.open(meta_of(meta), {kTombstone, WalkTable::kRefine, true});
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
    walker.open(meta_of(table.index().meta()), {kTombstone, WalkTable::kRefine, true});
    Collect sink;
    PgsError error = {};
    ASSERT_EQ(walker.page(store.read(walker.next_block()), true, sink, &error), PGS_OK);
    const uint32_t block = walker.next_block();
    ASSERT_EQ(walker.wanted().kind, PageKind::kRefine);
    store.damage(block).server.lower -= 1;
    EXPECT_EQ(walker.page(store.read(block), false, sink, &error), PGS_CORRUPT);
    EXPECT_EQ(error.block, block);
}

}  // namespace
}  // namespace pgslab
