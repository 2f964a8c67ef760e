// Codebook, segments and codes that contradict themselves or one another, with valid checksums.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "ivf/testing/damage.h"
#include "ivf/testing/tables.h"
#include "quantize/fastscan.h"
#include "store/layout.h"

namespace pgslab {
namespace {

const Meta &small_meta() {
    return meta_of(small_index().meta());
}

uint32_t codebook_block() {
    return small_meta().dictionary.run.block;
}
uint32_t directory_block() {
    return small_meta().segment[0].run.block;
}
uint32_t list_block() {
    return directory_block() + 1;
}
// Of the sealed part.
uint32_t refine_block() {
    return table_block(small_meta(), 0, kRefineColumn);
}

TEST(CodeCorruption, AnImpossibleCodebookIsFoundByWhoeverLoadsIt) {
    const CodebookLayout at = codebook_layout(100, kLists, false);
    auto header = [](Page &page) -> CodebookHeader & {
        return *reinterpret_cast<CodebookHeader *>(page.payload);
    };
    auto mean = [&](Page &page) { return reinterpret_cast<float *>(page.payload + at.mean); };
    auto info = [&](Page &page) { return reinterpret_cast<ListInfo *>(page.payload + at.info); };
    const std::pair<const char *, std::function<void(Page &)>> forgeries[] = {
        {"dims", [&](Page &p) { header(p).dims++; }},
        {"padded", [&](Page &p) { header(p).padded += 64; }},
        {"lists", [&](Page &p) { header(p).lists--; }},
        {"bits", [&](Page &p) { header(p).refine_bits = 8; }},
        {"identity", [&](Page &p) { header(p).identity++; }},
        {"step infinite", [&](Page &p) { header(p).refine_step = INFINITY; }},
        {"step negative", [&](Page &p) { header(p).refine_step = -1; }},
        {"mean NaN", [&](Page &p) { mean(p)[99] = NAN; }},
        {"mean infinite", [&](Page &p) { mean(p)[0] = -INFINITY; }},
        {"scale NaN", [&](Page &p) { info(p)[kLists - 1].scale = NAN; }},
        {"scale infinite", [&](Page &p) { info(p)[0].scale = INFINITY; }},
        {"scale negative", [&](Page &p) { info(p)[2].scale = -1; }},
        {"norm negative", [&](Page &p) { info(p)[2].norm = -1; }},
        {"norm NaN", [&](Page &p) { info(p)[2].norm = NAN; }},
        {"shorter", [](Page &p) { p.server.lower -= 64; }},
        {"longer", [](Page &p) { p.server.lower += 64; }},
    };
    for (const auto &[name, forge] : forgeries) {
        expect_forgery_found(codebook_block(), name, forge);
        PageStore store = small_index().store();
        forge(store.damage(codebook_block()));
        repair_checksum(store.damage(codebook_block()));
        EXPECT_EQ(finding_of([&] { scan_of(store); }).block, codebook_block()) << name;
    }
}

TEST(CodeCorruption, AnImpossibleDirectoryIsFound) {
    const std::pair<const char *, void (*)(ListRun *)> forgeries[] = {
        {"first list late", [](ListRun *runs) { runs[0].first_row = 1; }},
        {"list over another", [](ListRun *runs) { runs[2].first_row--; }},
        {"gap", [](ListRun *runs) { runs[kLists - 1].first_row++; }},
        {"far away", [](ListRun *runs) { runs[1].first_row = UINT32_MAX; }},
        {"a row more", [](ListRun *runs) { runs[kLists - 1].rows++; }},
        {"a row less", [](ListRun *runs) { runs[0].rows--; }},
        {"as many rows as can be", [](ListRun *runs) { runs[kLists - 1].rows = UINT32_MAX; }},
    };
    for (const auto &[name, forge] : forgeries) {
        expect_forgery_found(directory_block(), name, [f = forge](Page &page) {
            f(reinterpret_cast<ListRun *>(page.payload));
        });
    }
    expect_forgery_found(directory_block(), "a list less", [](Page &p) { p.server.lower -= 8; });
    expect_forgery_found(directory_block(), "a list more", [](Page &p) { p.server.lower += 8; });
}

// Any scan that visits a list outside of its segment says so, and reads nothing else.
TEST(CodeCorruption, AListOutsideOfItsSegmentIsFoundByAScan) {
    PageStore store = small_index().store();
    auto *runs = reinterpret_cast<ListRun *>(store.damage(directory_block()).payload);
    for (uint32_t l = 0; l < kLists; l++) {
        runs[l].first_row = UINT32_MAX - 5;
    }
    repair_checksum(store.damage(directory_block()));
    const Finding found = finding_of([&] { scan_of(store, effort_as_stored(0.9)); });
    EXPECT_EQ(found.status, PGS_CORRUPT);
    EXPECT_EQ(found.block, directory_block());
}

// Calls forge(tail) with the tail of the first block on the first list page, which has 32 rows.
template <typename Forge>
void forge_tail(Page &page, Forge forge) {
    const uint32_t codes = 4 * padded_dims(100);
    forge(*reinterpret_cast<BlockTail *>(page.payload + codes));
}

TEST(CodeCorruption, AnImpossibleRowOfAListIsFound) {
    const std::pair<const char *, void (*)(BlockTail &)> forgeries[] = {
        {"add NaN", [](BlockTail &t) { t.add[0] = NAN; }},
        {"add infinite", [](BlockTail &t) { t.add[31] = INFINITY; }},
        {"rescale NaN", [](BlockTail &t) { t.rescale[5] = NAN; }},
        {"error negative", [](BlockTail &t) { t.error[5] = -1; }},
        {"error infinite", [](BlockTail &t) { t.error[5] = INFINITY; }},
        {"error NaN", [](BlockTail &t) { t.error[5] = NAN; }},
        {"slot twice", [](BlockTail &t) { t.address[1] = t.address[0]; }},
        {"no such slot", [](BlockTail &t) { t.address[1] += 450; }},
        {"no such part", [](BlockTail &t) { t.address[1] += make_address(1, 0); }},
        {"address 0", [](BlockTail &t) { t.address[1] = 0; }},
        {"slot of the open part",
         [](BlockTail &t) { t.address[1] = make_address(small_meta().part[1].handle, 1); }},
    };
    for (const auto &[name, forge] : forgeries) {
        expect_forgery_found(list_block(), name, [f = forge](Page &page) { forge_tail(page, f); });
    }
    expect_forgery_found(list_block(), "shorter", [](Page &p) { p.server.lower -= 64; });
}

// Of the last block, where there are rows that are not in use.
TEST(CodeCorruption, ARowPastTheSegmentsLastIsFound) {
    const auto rows = static_cast<uint32_t>(small_meta().segment[0].rows);
    ASSERT_NE(rows % kBlockRows, 0u);
    const uint32_t begin = rows / kBlockRows * block_bytes(100);
    const uint32_t codes = 4 * padded_dims(100);
    const uint32_t last = kBlockRows - 1;
    const uint32_t bytes[] = {
        begin + 5 * 16 + 15,  // where four dimensions of the last row are: the high nibble
        static_cast<uint32_t>(begin + codes + offsetof(BlockTail, add) + 4 * last),
        static_cast<uint32_t>(begin + codes + offsetof(BlockTail, rescale) + 4 * last),
        static_cast<uint32_t>(begin + codes + offsetof(BlockTail, error) + 4 * last),
        static_cast<uint32_t>(begin + codes + offsetof(BlockTail, address) + 8 * last)};
    for (uint32_t at : bytes) {
        // A block that crosses a page is named by the page that it ends on.
        const uint32_t block = list_block() + at / kPayloadBytes;
        const uint32_t end = list_block() + (begin + block_bytes(100) - 1) / kPayloadBytes;
        PageStore store = small_index().store();
        store.damage(block).payload[at % kPayloadBytes] |= 0x10;
        repair_checksum(store.damage(block));
        const Finding found = verify_finding(store);
        EXPECT_EQ(found.status, PGS_CORRUPT) << at - begin;
        EXPECT_EQ(found.block, end) << at - begin << ": " << found.detail;
    }
}

TEST(CodeCorruption, AnImpossibleRefinementCodeIsFound) {
    const std::pair<const char *, void (*)(RefineTail &)> forgeries[] = {
        {"add NaN", [](RefineTail &t) { t.add = NAN; }},
        {"rescale infinite", [](RefineTail &t) { t.rescale = INFINITY; }},
        {"error negative", [](RefineTail &t) { t.error = -1; }},
        {"error infinite", [](RefineTail &t) { t.error = INFINITY; }},
        {"norm negative", [](RefineTail &t) { t.norm = -1; }},
        {"norm infinite", [](RefineTail &t) { t.norm = INFINITY; }},
        {"norm NaN", [](RefineTail &t) { t.norm = NAN; }},
        {"another list", [](RefineTail &t) { t.list = (t.list + 1) % kLists; }},
        {"no list", [](RefineTail &t) { t.list = UINT32_MAX; }},
        {"add of one bit NaN", [](RefineTail &t) { t.scan.add = NAN; }},
        {"rescale of one bit infinite", [](RefineTail &t) { t.scan.rescale = -INFINITY; }},
        {"error of one bit negative", [](RefineTail &t) { t.scan.error = -1; }},
        {"error of one bit NaN", [](RefineTail &t) { t.scan.error = NAN; }},
    };
    const uint32_t refine = refine_bytes_of(small_meta());
    const uint32_t open = table_block(small_meta(), 1, kRefineColumn);
    for (uint32_t block : {refine_block(), open}) {
        for (const auto &[name, forge] : forgeries) {
            expect_forgery_found(block, name, [&, f = forge](Page &page) {
                f(*reinterpret_cast<RefineTail *>(page.payload + 7 * refine + refine -
                                                  sizeof(RefineTail)));
            });
        }
        expect_forgery_found(block, "shorter", [](Page &p) { p.server.lower -= 20; });
    }
}

TEST(CodeCorruption, AScanReadsNoListThatARefinementCodeMakesUp) {
    PageStore store = small_index().store();
    const uint32_t refine = refine_bytes_of(small_meta());
    Page &page = store.damage(refine_block());
    for (uint32_t at = 0; at + refine <= used_bytes(page); at += refine) {
        reinterpret_cast<RefineTail *>(page.payload + at + refine - sizeof(RefineTail))->list =
            UINT32_MAX;
    }
    repair_checksum(page);
    EXPECT_EQ(scan_of(store).size(), sound_scan(kExact).size());
    EXPECT_EQ(scan_of(store, effort_as_stored(0.5)).size(), sound_scan(kExact).size());
}

// A bit of a code of one bit is the highest of the refinement code.
TEST(CodeCorruption, CodesThatContradictEachOtherAreFound) {
    const uint32_t refine = refine_bytes_of(small_meta());
    const uint32_t last = kPayloadBytes / refine - 1;
    for (uint32_t slot : {0u, 7u, last}) {
        expect_forgery_found(refine_block(), "low nibble",
                             [&](Page &p) { p.payload[slot * refine + 3] ^= 0x08; });
        expect_forgery_found(refine_block(), "high nibble",
                             [&](Page &p) { p.payload[slot * refine + 63] ^= 0x80; });
        for (size_t factor = 0; factor < 3; factor++) {
            expect_forgery_found(refine_block(), "factor of one bit", [&](Page &p) {
                p.payload[(slot + 1) * refine - sizeof(ScanFactors) + 4 * factor] ^= 0x01;
            });
        }
    }
    PageStore store = small_index().store();
    store.damage(list_block()).payload[17] ^= 0x01;
    repair_checksum(store.damage(list_block()));
    EXPECT_EQ(verify_finding(store).status, PGS_CORRUPT);
}

TEST(CodeCorruption, TwoRowsOfAListThatHaveExchangedTheirSlotsAreFound) {
    PageStore store = small_index().store();
    forge_tail(store.damage(list_block()),
               [](BlockTail &t) { std::swap(t.address[0], t.address[9]); });
    repair_checksum(store.damage(list_block()));
    const Finding found = verify_finding(store);
    EXPECT_EQ(found.status, PGS_CORRUPT);
    EXPECT_EQ(found.block, refine_block()) << found.detail;
}

// Whether a record says so or a list that has it although it is another's.
TEST(CodeCorruption, ARowInAnotherListThanItsRecordSaysIsFound) {
    PageStore store = small_index().store();
    const uint32_t block = table_block(small_meta(), 0, kRecordColumn);
    auto *records = reinterpret_cast<VectorRecord *>(store.damage(block).payload);
    records[3].list = (records[3].list + 1) % kLists;
    repair_checksum(store.damage(block));
    const Finding found = verify_finding(store);
    EXPECT_EQ(found.status, PGS_CORRUPT);
    EXPECT_TRUE(found.block == block || found.block == refine_block()) << found.block;

    store = small_index().store();
    const auto *runs = reinterpret_cast<const ListRun *>(store.read(directory_block()).payload);
    const uint32_t row = runs[kLists - 1].first_row;
    const uint64_t at = uint64_t{row / kBlockRows} * block_bytes(100) + 4 * padded_dims(100) +
                        offsetof(BlockTail, address) + row % kBlockRows * sizeof(uint64_t);
    const auto page = static_cast<uint32_t>(list_block() + at / kPayloadBytes);
    auto *other = reinterpret_cast<uint64_t *>(store.damage(page).payload + at % kPayloadBytes);
    forge_tail(store.damage(list_block()), [&](BlockTail &t) { std::swap(t.address[0], *other); });
    repair_checksum(store.damage(list_block()));
    repair_checksum(store.damage(page));
    EXPECT_EQ(verify_finding(store).status, PGS_CORRUPT);
}

// Without refinement too.
TEST(CodeCorruption, ARowThatIsInNoListIsFound) {
    for (int bits : {0, 4}) {
        Random random(32);
        const PgsOptions options = {20, PGS_L2, PGS_F16, "", "", bits};
        std::vector<TestRow> rows;
        for (uint32_t i = 0; i < 500; i++) {
            rows.push_back({tid_number(i), hard_vector(random, 20, Kind::kOrdinary)});
        }
        MemoryIndex index(options, rows, kLists);
        ASSERT_EQ(verify(index.store()).rows.size(), 500u);
        const Segment &segment = meta_of(index.meta()).segment[0];
        // The segment's last row is dropped without a trace.
        PageStore store = index.store();
        const uint32_t row = 499 % kBlockRows;
        const uint32_t at = 499 / kBlockRows * block_bytes(20);
        Page &directory = store.damage(segment.run.block);
        Page &list = store.damage(segment.run.block + 1 + at / kPayloadBytes);
        ASSERT_LE(at % kPayloadBytes + block_bytes(20), kPayloadBytes);
        reinterpret_cast<ListRun *>(directory.payload)[kLists - 1].rows--;
        meta_of(store.damage(0)).segment[0].rows--;
        uint8_t *const code = list.payload + at % kPayloadBytes;
        auto &tail = *reinterpret_cast<BlockTail *>(code + 4 * 64);
        tail.add[row] = tail.rescale[row] = tail.error[row] = 0;
        tail.address[row] = 0;
        // Its code, as pack_block() would.
        const auto *end = std::find(kFastScanOrder, kFastScanOrder + 16, row % 16);
        for (uint32_t g = 0; g < 64 / 4; g++) {
            code[16 * g + static_cast<size_t>(end - kFastScanOrder)] &= row < 16 ? 0xF0 : 0x0F;
        }
        for (Page *page : {&store.damage(0), &directory, &list}) {
            repair_checksum(*page);
        }
        const Finding found = verify_finding(store);
        EXPECT_EQ(found.status, PGS_CORRUPT);
        EXPECT_EQ(found.block, table_block(meta_of(index.meta()), 0, kRecordColumn) + 1)
            << found.detail;
        EXPECT_EQ(found.detail, "a row of the record page is in no list");

        // Unless it is the sidecar's.
        meta_of(store.damage(0)).part[0].flushed = 499;
        repair_checksum(store.damage(0));
        EXPECT_EQ(verify_finding(store).status, PGS_OK) << verify_finding(store).detail;
        EXPECT_EQ(scan_of(store).size(), 500u);
        EXPECT_EQ(scan_of(store, effort_as_stored(0.5)).size(), 500u);

        // No segment at all.
        store = index.store();
        Meta &meta = meta_of(store.damage(0));
        const uint32_t blocks = meta.segment[0].run.blocks;
        meta.segments = 0;
        meta.end_block -= blocks;
        repair_checksum(store.damage(0));
        EXPECT_EQ(verify_finding(store).detail, "a row of the record page is in no list");

        // Another list in record and code, where nothing but the segment contradicts.
        store = index.store();
        Page &records = store.damage(table_block(meta_of(index.meta()), 0, kRecordColumn));
        uint32_t &list_of_record = reinterpret_cast<VectorRecord *>(records.payload)[5].list;
        list_of_record = (list_of_record + 1) % kLists;
        Page &codes = store.damage(table_block(meta_of(index.meta()), 0, kRefineColumn));
        const uint32_t refine = refine_bytes_of(meta_of(index.meta()));
        reinterpret_cast<RefineTail *>(codes.payload + 6 * refine - sizeof(RefineTail))->list =
            list_of_record;
        repair_checksum(records);
        repair_checksum(codes);
        EXPECT_EQ(verify_finding(store).block,
                  table_block(meta_of(index.meta()), 0, kRecordColumn));
    }
}

TEST(CodeCorruption, ATombstoneNeedNotBeInAList) {
    MemoryIndex index = sound_index(100, 900);
    const Segment &segment = meta_of(index.meta()).segment[0];
    // The segment's last row is vacuumed and then dropped.
    PageStore store = index.store();
    auto *runs = reinterpret_cast<ListRun *>(store.damage(segment.run.block).payload);
    ASSERT_GT(runs[kLists - 1].rows, 0u);
    const auto row = static_cast<uint32_t>((segment.rows - 1) % kBlockRows);
    const uint64_t at = (segment.rows - 1) / kBlockRows * block_bytes(100);
    std::vector<uint8_t> bytes;  // of all lists
    for (uint32_t i = 0; i < list_blocks_of(segment); i++) {
        const Page &page = store.read(segment.run.block + 1 + i);
        bytes.insert(bytes.end(), page.payload, page.payload + used_bytes(page));
    }
    std::vector<uint8_t> codes(kBlockRows * 16);
    const uint8_t *rows[kBlockRows] = {};
    for (uint32_t i = 0; i < row; i++) {
        unpack_row(bytes.data() + at, i, 128, codes.data() + i * 16);
        rows[i] = codes.data() + i * 16;
    }
    pack_block(rows, 128, bytes.data() + at);
    BlockTail tail;
    std::memcpy(&tail, bytes.data() + at + 512, sizeof tail);
    const uint64_t dropped = tail.address[row];
    tail.add[row] = tail.rescale[row] = tail.error[row] = 0;
    tail.address[row] = 0;
    std::memcpy(bytes.data() + at + 512, &tail, sizeof tail);
    for (uint32_t i = 0; i < list_blocks_of(segment); i++) {
        Page &page = store.damage(segment.run.block + 1 + i);
        std::memcpy(page.payload, bytes.data() + size_t{i} * kPayloadBytes, used_bytes(page));
        repair_checksum(page);
    }
    runs[kLists - 1].rows--;
    repair_checksum(store.damage(segment.run.block));
    meta_of(store.damage(0)).segment[0].rows--;
    repair_checksum(store.damage(0));

    const auto slot = static_cast<uint32_t>(slot_of(dropped));
    const uint32_t record_page =
        table_block(meta_of(index.meta()), 0, kRecordColumn) + slot / kMostRecords;
    auto *records = reinterpret_cast<VectorRecord *>(store.damage(record_page).payload);
    records[slot % kMostRecords].flags = 0;
    EXPECT_EQ(verify_finding(store).block, record_page);
    records[slot % kMostRecords].flags = kTombstone;
    EXPECT_EQ(verify_finding(store).status, PGS_OK) << verify_finding(store).detail;
}

}  // namespace
}  // namespace pgslab
