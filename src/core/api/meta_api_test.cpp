// The index's shape as the boundary tells it: blocks, roles, pages.
#include <gtest/gtest.h>

#include <cstring>
#include <set>
#include <string>

#include "ivf/format.h"
#include "ivf/testing/memory_index.h"
#include "ivf/testing/scanner.h"
#include "pgslab_core.h"

namespace pgslab {
namespace {

std::vector<TestRow> ordinary_rows(Random &random, int dims, uint32_t count) {
    std::vector<TestRow> rows;
    for (uint32_t i = 0; i < count; i++) {
        rows.push_back(
            {tid_number(i), hard_vector(random, static_cast<size_t>(dims), Kind::kOrdinary)});
    }
    return rows;
}

// 500 rows built, 700 inserted.
MemoryIndex mixed_index(int dims, PgsStorage storage) {
    Random random(20);
    const PgsOptions options = {dims, PGS_L2, storage, "model", "7", 4};
    const auto rows = ordinary_rows(random, dims, 1200);
    MemoryIndex index(options, {rows.begin(), rows.begin() + 500});
    for (size_t i = 500; i < rows.size(); i++) {
        index.insert(rows[i]);
    }
    return index;
}

TEST(MetaApi, EachRecallHasALevel) {
    uint32_t level = 0;
    for (const double recall : {0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999}) {
        EXPECT_EQ(pgs_level_of(recall), level) << recall;
        EXPECT_EQ(pgs_level_of(recall - 0.0005), level) << "the one above, of two";
        level++;
    }
    EXPECT_EQ(level, uint32_t{PGS_LEVELS});
    EXPECT_EQ(pgs_level_of(0), 0u);
    EXPECT_EQ(pgs_level_of(1), level - 1);
}

TEST(MetaApi, TellsWhatTheOptionsSaid) {
    const PgsOptions options = {300, PGS_COSINE, PGS_F32, "a model", "v1.2", 4};
    const MemoryIndex index(options);
    const PgsMetaInfo info = index.info();
    EXPECT_EQ(info.format_version, 2);
    EXPECT_EQ(info.dims, 300);
    EXPECT_EQ(info.metric, PGS_COSINE);
    EXPECT_EQ(info.storage, PGS_F32);
    EXPECT_STREQ(info.embedder, "a model");
    EXPECT_STREQ(info.revision, "v1.2");
    EXPECT_EQ(info.generation, 1u);
    EXPECT_EQ(info.refine_bits, 4);
    EXPECT_EQ(info.lists, 1u);
    EXPECT_EQ(info.codebook_identity, 42u);
    EXPECT_EQ(pgs_meta_codebook(&index.meta()), 42u);
    EXPECT_EQ(info.codebook_blocks, 1u);
    EXPECT_EQ(info.end_block, 2u);
    EXPECT_EQ(info.sealed_parts, 0u);
    EXPECT_EQ(info.segments, 0u);
    EXPECT_EQ(info.item_bytes, 1216u);
}

TEST(MetaApi, EveryBlockHasOneRole) {
    for (int dims : {3, 768, 2000}) {
        MemoryIndex index = mixed_index(dims, PGS_F32);
        Page meta = index.meta();
        ASSERT_EQ(pgs_growth_reserve(&meta, nullptr), PGS_OK);
        PgsMetaInfo info;
        pgs_meta_info(&meta, &info);
        std::map<PgsRole, uint32_t> blocks;
        for (uint32_t block = 0; block < info.end_block; block++) {
            blocks[pgs_block_role(&meta, block)]++;
        }
        EXPECT_EQ(blocks[PGS_ROLE_META], 1u);
        EXPECT_EQ(blocks[PGS_ROLE_RECORD], info.record_blocks);
        EXPECT_EQ(blocks[PGS_ROLE_SLAB], info.slab_blocks);
        EXPECT_EQ(blocks[PGS_ROLE_REFINE], info.refine_blocks);
        EXPECT_EQ(blocks[PGS_ROLE_CODEBOOK], info.codebook_blocks);
        EXPECT_EQ(blocks[PGS_ROLE_DIRECTORY] + blocks[PGS_ROLE_LIST], info.segment_blocks);
        EXPECT_GT(blocks[PGS_ROLE_DIRECTORY], 0u);
        EXPECT_EQ(blocks[PGS_ROLE_IN_PROGRESS], info.in_progress_blocks);
        EXPECT_EQ(blocks[PGS_ROLE_BEYOND], 0u);
        EXPECT_GT(info.in_progress_blocks, 0u);
        EXPECT_EQ(pgs_block_role(&meta, info.end_block), PGS_ROLE_BEYOND);
        EXPECT_EQ(pgs_block_role(&meta, PGS_NO_BLOCK), PGS_ROLE_BEYOND);
    }
}

TEST(MetaApi, APageSaysWhatTheManifestSaysOfIt) {
    const MemoryIndex index = mixed_index(768, PGS_F16);
    const std::map<PgsRole, std::string> kinds = {
        {PGS_ROLE_META, "meta"},         {PGS_ROLE_RECORD, "record"},
        {PGS_ROLE_SLAB, "slab"},         {PGS_ROLE_REFINE, "refine"},
        {PGS_ROLE_CODEBOOK, "codebook"}, {PGS_ROLE_DIRECTORY, "directory"},
        {PGS_ROLE_LIST, "list"}};
    for (uint32_t block = 0; block < index.store().blocks(); block++) {
        PgsPageInfo page;
        pgs_page_info(&index.store().read(block), &page);
        EXPECT_EQ(page.kind, kinds.at(pgs_block_role(&index.meta(), block))) << block;
        EXPECT_TRUE(page.checksum_ok) << block;
    }
}

TEST(MetaApi, ARecordPageSaysHowManyOfItsRowsAreFlagged) {
    MemoryIndex index = mixed_index(3, PGS_F32);
    const PgsRecord *first =
        pgs_page_record(&index.store().read(pgs_record_page(&index.meta(), 0).block), 0);
    std::set<uint32_t> dead;
    for (int i = 0; i < 10; i++) {
        dead.insert(number_of(pgs_record_tid(first + i)));
    }
    index.vacuum([&](PgsTid tid) { return dead.contains(number_of(tid)); });
    PgsPageInfo page;
    pgs_page_info(&index.store().read(pgs_record_page(&index.meta(), 0).block), &page);
    EXPECT_EQ(page.records, 338u);
    EXPECT_EQ(page.tombstones, 10u);
    EXPECT_EQ(page.used_bytes, 338u * 24);
    EXPECT_TRUE(page.checksum_ok);
}

TEST(MetaApi, AnyBytesCanBeLookedAt) {
    Page page = {};
    PgsPageInfo info;
    pgs_page_info(&page, &info);
    EXPECT_STREQ(info.kind, "empty");
    EXPECT_FALSE(info.checksum_ok);

    Random random(21);
    auto *bytes = reinterpret_cast<uint8_t *>(&page);
    for (int i = 0; i < 2000; i++) {
        std::generate_n(bytes, 64, [&] { return static_cast<uint8_t>(random()); });
        if (i % 2 == 0) {
            page.slab.kind = i % 4 == 0 ? PageKind::kRecord : kSlabPage;
            page.server.lower %= 8300;
            page.server.upper = page.server.special = kPageBytes;
        }
        pgs_page_info(&page, &info);
        EXPECT_FALSE(info.checksum_ok);
        EXPECT_LE(info.used_bytes, kPayloadBytes);
    }
}

TEST(MetaApi, TombstonesAreCountedByPart) {
    MemoryIndex index = mixed_index(3, PGS_F16);
    index.vacuum([](PgsTid tid) { return number_of(tid) >= 490 && number_of(tid) < 530; });
    EXPECT_EQ(index.info().counted_tombstones, 40u);
    EXPECT_EQ(pgs_meta_tombstones(&index.meta(), 0), 10u);
    EXPECT_EQ(pgs_meta_tombstones(&index.meta(), 1), 30u);
}

class Build : public testing::TestWithParam<PgsStorage> {};

TEST_P(Build, WritesEveryBlockOnceAndNothingMore) {
    Random random(22);
    for (int dims : {1, 3, 32, 127, 768, 2000, 16000}) {
        for (uint32_t count : {0u, 1u, 2u, 337u, 338u, 339u}) {
            if (dims > 2000 && count > 2) {
                continue;
            }
            const PgsOptions options = {dims, PGS_L2, GetParam(), "", "", 4};
            const MemoryIndex index(options, ordinary_rows(random, dims, count));
            const PgsMetaInfo info = index.info();
            EXPECT_EQ(info.end_block, index.store().blocks());
            EXPECT_EQ(info.sealed_slots, count);
            EXPECT_EQ(info.sealed_parts, count > 0 ? 1u : 0u);
            EXPECT_EQ(info.record_blocks, (count + 337) / 338);
            EXPECT_EQ(info.slab_blocks, (uint64_t{count} * info.item_bytes + 8127) / 8128);
            EXPECT_EQ(info.segments, count > 0 ? 1u : 0u);
            EXPECT_EQ(verify(index.store()).rows.size(), count) << dims << " dims";
        }
    }
}

TEST_P(Build, LeavesOutWhatIsNotIndexed) {
    const PgsOptions options = {2, PGS_COSINE, GetParam(), "", "", 4};
    const MemoryIndex index(
        options, {{tid_number(1), {0, 0}}, {tid_number(2), {0, 1}}, {tid_number(3), {0, 0}}});
    EXPECT_EQ(index.info().sealed_slots, 1u);
    const Verified verified = verify(index.store());
    ASSERT_EQ(verified.rows.size(), 1u);
    EXPECT_EQ(number_of(verified.rows[0].tid), 2u);
}

TEST_P(Build, OfNothingButWhatIsNotIndexedIsEmpty) {
    const PgsOptions options = {2, PGS_COSINE, GetParam(), "", "", 4};
    const MemoryIndex index(options, {{tid_number(1), {0, 0}}});
    EXPECT_EQ(index.info().end_block, 1 + index.info().codebook_blocks);
    EXPECT_TRUE(verify(index.store()).rows.empty());
}

INSTANTIATE_TEST_SUITE_P(All, Build, testing::Values(PGS_F16, PGS_F32, PGS_I8));

}  // namespace
}  // namespace pgslab
