// Damaged pages met by maintenance: reported at their block, and the manifest stays what it was.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "ivf/testing/damage.h"
#include "ivf/testing/living_table.h"
#include "ivf/testing/tables.h"
#include "store/testing/patches.h"

namespace pgslab {
namespace {

constexpr int kDims = 40;
constexpr uint64_t kXid = 1000;
constexpr uint32_t kMostRuns = 10;  // of a task

// A built part, a closed one that is flushed, a closed one that is not, an open one; two segments.
MemoryIndex varied_index() {
    Random random(8);
    LivingTable table({kDims, PGS_L2, PGS_F16, "", "", 4, {2, {{4, 1}, {8, 1}}}}, 200, 3,
                      [&] { return hard_vector(random, kDims, Kind::kOrdinary); });
    table.insert(150);
    close(table.index());
    flush(table.index(), 1, size_t{1} << 20, 101);
    table.insert(90);
    close(table.index());
    table.insert(40);
    table.vacuum(random, 6);
    return table.index();
}

const MemoryIndex &sound() {
    static const MemoryIndex index = varied_index();
    return index;
}

const Meta &manifest() {
    return meta_of(sound().meta());
}

using Operation = std::function<void(MemoryIndex &)>;

const std::vector<std::pair<const char *, Operation>> &operations() {
    static const std::vector<std::pair<const char *, Operation>> all = {
        {"flush", [](MemoryIndex &index) { flush(index, 2, size_t{1} << 20, kXid); }},
        {"flush the open part", [](MemoryIndex &index) { flush(index, 3, size_t{1} << 20, kXid); }},
        {"merge", [](MemoryIndex &index) { merge(index, {3}, {}, kXid); }},
        {"compact", [](MemoryIndex &index) { merge(index, {3}, {3}, kXid); }},
        {"move an extent",
         [](MemoryIndex &index) { move(index, table_block(manifest(), 0, kRecordColumn), kXid); }},
        {"move a segment",
         [](MemoryIndex &index) { move(index, manifest().segment[0].run.block, kXid); }},
        {"recluster",
         [](MemoryIndex &index) {
             const auto codebook = train_again(index, 3, 5);
             rewrite(index, codebook.get(), {7}, kXid);
         }},
    };
    return all;
}

// Nothing but working runs, the ids they took and where the index ends.
bool same_but_for_its_runs(const Meta &before, const Meta &after) {
    return after.generation == before.generation && after.parts == before.parts &&
           after.extents == before.extents && after.segments == before.segments &&
           after.spares <= before.spares + kMostRuns && after.end_block >= before.end_block &&
           std::memcmp(before.part, after.part, sizeof before.part) == 0 &&
           std::memcmp(before.segment, after.segment, sizeof before.segment) == 0 &&
           std::memcmp(before.extent, after.extent, sizeof before.extent) == 0 &&
           std::memcmp(&before.dictionary, &after.dictionary, sizeof before.dictionary) == 0 &&
           after.other_bytes_written == before.other_bytes_written &&
           after.value_bytes_written == before.value_bytes_written;
}

// What an operation says of a store whose page was damaged.
Finding finding_after(const Operation &operation, uint32_t block,
                      const std::function<void(Page &)> &damage) {
    MemoryIndex index = sound();
    damage(index.store().damage(block));
    const Finding found = finding_of([&] { operation(index); });
    const Page after = index.store().read(0);
    PgsError error = {};
    EXPECT_EQ(pgs_meta_check(&after, &error), PGS_OK) << error.detail;
    if (found.status != PGS_OK) {
        EXPECT_TRUE(same_but_for_its_runs(manifest(), meta_of(after)));
        // Once the page is as it was, so is the index.
        index.store().damage(block) = sound().store().read(block);
        index.recover();
        EXPECT_EQ(verify_finding(index.store()).status, PGS_OK);
        reclaim(index, kXid);
        operation(index);
        EXPECT_EQ(verify_finding(index.store()).status, PGS_OK);
        EXPECT_EQ(scan_of(index.store()).size(), scan_of(sound().store()).size());
    }
    return found;
}

TEST(MaintenanceCorruption, TheIndexIsSoundToBeginWith) {
    EXPECT_EQ(verify_finding(sound().store()).status, PGS_OK);
    ASSERT_EQ(manifest().parts, 4u);
    ASSERT_EQ(manifest().segments, 2u);
    for (const auto &[name, operation] : operations()) {
        MemoryIndex index = sound();
        operation(index);
        EXPECT_EQ(verify_finding(index.store()).status, PGS_OK) << name;
    }
}

TEST(MaintenanceCorruption, DamageIsFoundAtItsBlock) {
    Random random(9);
    const auto zero = [](Page &page) { page = {}; };
    const auto other = [](Page &page) {
        page.slab.sequence++;
        repair_checksum(page);
    };
    for (const auto &[name, operation] : operations()) {
        uint32_t read = 0;
        // Tasks have no need of the codebook's pages.
        const uint32_t first = manifest().dictionary.run.block + manifest().dictionary.run.blocks;
        for (uint32_t block = first; block < sound().store().blocks(); block++) {
            SCOPED_TRACE(std::string(name) + ", block " + std::to_string(block));
            const Finding found = finding_after(operation, block, zero);
            if (found.status == PGS_OK) {
                continue;  // not read
            }
            read++;
            EXPECT_EQ(found.status, PGS_CORRUPT);
            EXPECT_EQ(found.block, block) << found.detail;
            EXPECT_EQ(finding_after(operation, block, other).block, block);
            const Page &page = sound().store().read(block);
            const uint32_t used = used_bytes(page);
            if (used == 0) {
                continue;
            }
            // Flags of records are of no checksum.
            const uint32_t at = page.slab.kind == PageKind::kRecord
                                    ? random() % used / record_bytes(page) * record_bytes(page) +
                                          static_cast<uint32_t>(random() % 6)
                                    : static_cast<uint32_t>(random() % used);
            const Finding flipped = finding_after(operation, block, [&](Page &changed) {
                changed.payload[std::min(at, used - 1)] ^= 1 << random() % 8;
            });
            EXPECT_EQ(flipped.status, PGS_CORRUPT);
            EXPECT_EQ(flipped.block, block) << flipped.detail;
        }
        EXPECT_GE(read, 2u) << name;
    }
}

// ---- with valid checksums ----

const Operation &operation_named(const std::string &name) {
    for (const auto &[n, operation] : operations()) {
        if (name == n) {
            return operation;
        }
    }
    throw std::logic_error(name);
}

void expect_forgery_found(const std::string &name, uint32_t block, const std::string &what,
                          const std::function<void(Page &)> &forge) {
    const Finding found = finding_after(operation_named(name), block, [&](Page &page) {
        forge(page);
        repair_checksum(page);
    });
    EXPECT_EQ(found.status, PGS_CORRUPT) << name << ": " << what;
    EXPECT_EQ(found.block, block) << name << ": " << what << ": " << found.detail;
}

uint32_t first_list_page(uint32_t segment) {
    return list_page(manifest().segment[segment], 0).block;
}

// The address of the row, one of the first block, on its page.
uint64_t &address_of(Page &page, uint32_t row) {
    const uint32_t tail = 4 * padded_dims(kDims);
    return *reinterpret_cast<uint64_t *>(page.payload + tail + offsetof(BlockTail, address) +
                                         row * sizeof(uint64_t));
}

TEST(MaintenanceCorruption, ASlotThatDoesNotExistIsFound) {
    for (const char *name : {"merge", "compact"}) {
        for (uint32_t segment : {0u, 1u}) {
            const uint32_t handle = manifest().part[segment].handle;
            for (uint64_t address :
                 {make_address(handle, manifest().part[segment].slots), make_address(99, 0),
                  uint64_t{0}, ~uint64_t{0}, make_address(handle, uint64_t{1} << 39)}) {
                expect_forgery_found(name, first_list_page(segment), "address",
                                     [&](Page &page) { address_of(page, 5) = address; });
            }
        }
    }
}

// Another row would be lost, without a word.
TEST(MaintenanceCorruption, ASlotThatIsNamedTwiceIsFound) {
    for (uint32_t segment : {0u, 1u}) {
        expect_forgery_found("compact", first_list_page(segment), "twice", [&](Page &page) {
            // Tombstones may be named as often as one likes.
            std::vector<uint32_t> live;
            const Part &part = manifest().part[segment];
            uint32_t first = 0;
            for (uint32_t p = 0; p < segment; p++) {
                first += manifest().part[p].extents;
            }
            for (uint32_t row = 0; row < kBlockRows; row++) {
                const uint64_t slot = slot_of(address_of(page, row));
                const Extent &extent = manifest().extent[first];
                if (slot < extent.slots && slot < records_per_page(manifest().columns)) {
                    const Page &records =
                        sound().store().read(table_block(manifest(), first, kRecordColumn));
                    const Record &record = record_at(records, static_cast<uint32_t>(slot));
                    if ((record.flags & kTombstone) == 0) {
                        live.push_back(row);
                    }
                }
            }
            ASSERT_GE(live.size(), 2u) << part.id;
            address_of(page, live[1]) = address_of(page, live[0]);
        });
    }
}

TEST(MaintenanceCorruption, ARowInAnotherListThanItsRecordSaysIsFound) {
    // A row of the first list comes by the name of one of the last.
    const uint32_t block = first_list_page(0);
    expect_forgery_found("compact", block, "exchanged", [&](Page &page) {
        constexpr uint32_t kLastBlock = 5;
        const uint32_t bytes = block_bytes(kDims);
        auto &address =
            *reinterpret_cast<uint64_t *>(page.payload + kLastBlock * bytes +
                                          4 * padded_dims(kDims) + offsetof(BlockTail, address));
        std::swap(address_of(page, 0), address);
    });
}

TEST(MaintenanceCorruption, ADirectoryThatIsWrongIsFound) {
    const std::pair<const char *, void (*)(ListRun *)> forgeries[] = {
        {"begins late", [](ListRun *run) { run[0].first_row = 1; }},
        {"a row more", [](ListRun *run) { run[0].rows++; }},
        {"a row more in the last", [](ListRun *run) { run[2].rows++; }},
        {"a row fewer in the last", [](ListRun *run) { run[2].rows--; }},
        {"far too many", [](ListRun *run) { run[2].rows = 0xFFFFFFFF; }},
        {"none", [](ListRun *run) { std::memset(run, 0, 3 * sizeof *run); }},
    };
    for (const char *name : {"merge", "compact"}) {
        for (uint32_t segment : {0u, 1u}) {
            const uint32_t block = manifest().segment[segment].run.block;
            for (const auto &[what, forge] : forgeries) {
                expect_forgery_found(name, block, what, [&, f = forge](Page &page) {
                    f(reinterpret_cast<ListRun *>(page.payload));
                });
            }
            expect_forgery_found(name, block, "short", [](Page &page) { page.server.lower -= 8; });
            expect_forgery_found(name, block, "empty",
                                 [](Page &page) { page.server.lower = kPayloadOffset; });
        }
    }
}

TEST(MaintenanceCorruption, AListPageOfAnImpossibleLengthIsFound) {
    for (const char *name : {"merge", "compact"}) {
        for (uint32_t segment : {0u, 1u}) {
            const Segment &s = manifest().segment[segment];
            const uint32_t last = list_page(s, list_blocks(kDims, s.rows) - 1).block;
            for (uint32_t bytes : {8u, block_bytes(kDims), 2 * block_bytes(kDims)}) {
                expect_forgery_found(
                    name, last, "short by " + std::to_string(bytes), [&](Page &page) {
                        page.server.lower = static_cast<uint16_t>(page.server.lower - bytes);
                    });
            }
            expect_forgery_found(name, last, "empty",
                                 [](Page &page) { page.server.lower = kPayloadOffset; });
        }
    }
}

// Of the part that waits to be flushed.
uint32_t waiting_block(uint32_t column) {
    const uint32_t extent = manifest().part[0].extents + manifest().part[1].extents;
    return table_block(manifest(), extent, column);
}

TEST(MaintenanceCorruption, TablesThatEndBeforeTheirSlotsAreFound) {
    const auto cut = [](Page &page) { page.server.lower = kPayloadOffset; };
    for (uint32_t column : {kRecordColumn, kRefineColumn, kSlabColumn}) {
        expect_forgery_found("compact", table_block(manifest(), 0, column), "empty", cut);
    }
    expect_forgery_found("flush", waiting_block(kRecordColumn), "empty", cut);
    expect_forgery_found("flush", waiting_block(kRefineColumn), "empty", cut);
    expect_forgery_found("recluster", waiting_block(kSlabColumn), "empty", cut);
}

TEST(MaintenanceCorruption, AListThatDoesNotExistIsFound) {
    expect_forgery_found("flush", waiting_block(kRefineColumn), "list", [](Page &page) {
        const uint32_t item = refine_bytes(kDims, 4);
        for (uint32_t at = 0; at + item <= used_bytes(page); at += item) {
            auto *tail =
                reinterpret_cast<RefineTail *>(page.payload + at + item - sizeof(RefineTail));
            tail->list = 3;
        }
    });
}

// The list of a record is nowhere believed to exist; what recalibration reads by it, neither.
TEST(MaintenanceCorruption, RecalibrationReadsNoListThatDoesNotExist) {
    MemoryIndex index = sound();
    for (uint32_t block = 0; block < index.store().blocks(); block++) {
        if (index.store().read(block).slab.kind != PageKind::kRecord) {
            continue;
        }
        Page &page = index.store().damage(block);
        for (uint32_t i = 0; i < used_bytes(page) / record_bytes(page); i++) {
            reinterpret_cast<VectorRecord &>(record_at(page, i)).list = 0xFF000000;
        }
        repair_checksum(page);
    }
    index.calibrate(50);
    EXPECT_GT(index.info().calibration_queries, 50u);
}

// Rows that come in another number or order than was said.
TEST(MaintenanceCorruption, RowsOutOfOrderAreRefused) {
    const ListedRows rows = stored_rows(sound(), sound().codebook(), {7});
    ASSERT_GT(rows.size(), 10u);
    auto refused = [&](const ListedRows &given) {
        MemoryIndex index = sound();
        const auto task = make_task([&](PgsTask **made) {
            return pgs_rewrite_create(&index.meta(), index.codebook(), {7}, rows.size(), made);
        });
        const Finding found = finding_of([&] { carry_out(index, task.get(), given); });
        EXPECT_TRUE(same_but_for_its_runs(manifest(), meta_of(index.store().read(0))));
        return found.status == PGS_MISUSE;
    };
    EXPECT_FALSE(refused(rows));
    EXPECT_TRUE(refused({rows.begin(), rows.end() - 1}));
    ListedRows more = rows;
    more.push_back(rows.back());
    EXPECT_TRUE(refused(more));
    ListedRows turned = rows;
    std::swap(turned.front(), turned.back());
    EXPECT_TRUE(refused(turned));
    ListedRows beyond = rows;
    beyond.back().first = 3;
    EXPECT_TRUE(refused(beyond));
}

}  // namespace
}  // namespace pgslab
