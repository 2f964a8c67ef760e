// The offset of an index: chosen when it is built, the same whatever becomes of the index, and
// verified wherever it is read.
#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <memory>
#include <ostream>

#include "api/codebook_api.h"
#include "ivf/testing/damage.h"
#include "ivf/testing/living_table.h"
#include "quantize/encode.h"
#include "quantize/testing/far_vectors.h"

namespace pgslab {
namespace {

constexpr int kDims = 40;

struct Case {
    PgsMetric metric;
    int refine_bits;
    Far kind;
};

void PrintTo(const Case &c, std::ostream *out) {
    *out << "metric " << c.metric << ", " << c.refine_bits << " bits, kind "
         << static_cast<int>(c.kind);
}

PgsOptions options_for(PgsMetric metric, PgsStorage storage = PGS_F16, int refine_bits = 4) {
    return {kDims, metric, storage, "", "", metric == PGS_L1 ? 0 : refine_bits};
}

Vector offset_of(const MemoryIndex &index) {
    const float *offset = index.codebook()->codebook->offset();
    return offset == nullptr ? Vector() : Vector(offset, offset + kDims);
}

LivingTable table_of(Random &random, const PgsOptions &options, uint32_t rows, Far kind) {
    const auto far = std::make_shared<FarVectors>(random, kDims, kind);
    return LivingTable(options, rows, 3, [&random, far] { return far->draw(random); });
}

TEST(OffsetOfAnIndex, IsThereWhereItPays) {
    Random random(1);
    const auto built = [&](const PgsOptions &options, uint32_t rows, Far kind) {
        return offset_of(table_of(random, options, rows, kind).index());
    };
    for (PgsMetric metric : {PGS_L2, PGS_INNER_PRODUCT, PGS_COSINE}) {
        EXPECT_FALSE(built(options_for(metric), 150, Far::kNearTen).empty());
        EXPECT_FALSE(built(options_for(metric), 150, Far::kHugeElement).empty());
        EXPECT_TRUE(built(options_for(metric), 150, Far::kOthers).empty());
        EXPECT_TRUE(built(options_for(metric, PGS_F32), 150, Far::kNearTen).empty());
        EXPECT_TRUE(built(options_for(metric), 50, Far::kNearTen).empty());
        EXPECT_TRUE(built(options_for(metric), 0, Far::kNearTen).empty());
    }
    EXPECT_TRUE(built(options_for(PGS_L1), 150, Far::kNearTen).empty());
}

// Those whose codes are by an earlier codebook.
PgsParts stale_parts(const MemoryIndex &index) {
    const Meta &meta = meta_of(index.meta());
    PgsParts stale = {};
    for (uint32_t p = 0; p < meta.parts; p++) {
        stale.bits |= meta.part[p].dictionary != meta.dictionary.id ? 1u << p : 0;
    }
    return stale;
}

class OffsetLife : public testing::TestWithParam<Case> {};

// check() compares what is stored of each row with what was first, and the order of all rows with a
// sort.
TEST_P(OffsetLife, StoredVectorsAndTheOffsetStayTheSame) {
    Random random(2);
    LivingTable table =
        table_of(random, options_for(GetParam().metric, PGS_F16, GetParam().refine_bits), 150,
                 GetParam().kind);
    MemoryIndex &index = table.index();
    const Vector offset = offset_of(index);
    ASSERT_FALSE(offset.empty());
    const auto check = [&](const char *after) {
        SCOPED_TRACE(after);
        index.calibrate(6);
        table.check(random);
        ASSERT_EQ(offset_of(index), offset);
    };
    check("build");
    table.insert(60);
    check("insert");
    close(index);
    flush(index, 1, size_t{1} << 20, table.new_xid());
    check("flush");
    merge(index, all_segments(index), {}, table.new_xid());
    check("merge");
    table.vacuum(random, 5);
    merge(index, all_segments(index), sealed_parts(index), table.new_xid());
    check("merge with parts");
    recluster(index, 4, random(), table.new_xid());
    check("recluster");
    recluster(index, 2, random(), table.new_xid(), [&] { table.insert(1); });
    check("recluster while rows come");
    rewrite(index, index.codebook(), stale_parts(index), table.new_xid());
    check("rewrite");
}

INSTANTIATE_TEST_SUITE_P(
    Indexes, OffsetLife,
    testing::Values(Case{PGS_L2, 4, Far::kNearTen}, Case{PGS_L2, 0, Far::kHugeElement},
                    Case{PGS_L2, 8, Far::kMixed}, Case{PGS_L2, 4, Far::kWholeNumbers},
                    Case{PGS_INNER_PRODUCT, 4, Far::kNearTen},
                    Case{PGS_INNER_PRODUCT, 8, Far::kHugeElement},
                    Case{PGS_COSINE, 4, Far::kNearTen}, Case{PGS_COSINE, 0, Far::kMixed},
                    Case{PGS_COSINE, 8, Far::kHugeElement}));

// Rows of any other kind that come later are stored as well as an offset allows.
TEST(OffsetOfAnIndex, RefusesNoRows) {
    for (PgsMetric metric : {PGS_L2, PGS_INNER_PRODUCT, PGS_COSINE}) {
        Random random(3);
        for (Far built : {Far::kNearTen, Far::kMixed}) {
            const FarVectors far(random, kDims, built);
            bool others = false;
            LivingTable table(options_for(metric), 150, 3, [&] {
                return others ? any_hard_vector(random, kDims) : far.draw(random);
            });
            ASSERT_FALSE(offset_of(table.index()).empty());
            others = true;
            table.insert(120);
            table.check(random);
            close(table.index());
            flush(table.index(), 1, size_t{1} << 20, table.new_xid());
            table.check(random);
            recluster(table.index(), 3, random(), table.new_xid());
            table.check(random);
            ASSERT_FALSE(testing::Test::HasFailure()) << "metric " << metric;
        }
    }
}

// What a recluster and a calibration get to see are the rows' vectors.
TEST(OffsetOfAnIndex, IsAddedToWhatIsDrawn) {
    Random random(4);
    for (Far kind : {Far::kNearTen, Far::kHugeElement, Far::kWholeNumbers}) {
        const FarVectors far(random, kDims, kind);
        std::vector<TestRow> rows;
        for (uint32_t i = 0; i < 200; i++) {
            rows.push_back({tid_number(i), far.draw(random)});
        }
        const MemoryIndex index(options_for(PGS_L2), rows, 1);
        const auto sampler = make_owned<PgsSampler>(pgs_sampler_destroy, [&](PgsSampler **made) {
            return pgs_sampler_create(&index.meta(), index.codebook(), 1000, PGS_DRAW_ALL, 1, made);
        });
        pump(pgs_sampler_machine(sampler.get()), index.store());
        ASSERT_EQ(pgs_sampler_vectors(sampler.get()), 200u);
        for (uint32_t i = 0; i < 200; i++) {
            uint64_t slot = 0;
            const float *drawn = pgs_sampler_vector(sampler.get(), i, &slot);
            // One list: rows are in the order they came in.
            const Vector &row = rows[slot & 0xFFFFFF].vector;
            for (int d = 0; d < kDims; d++) {
                const bool is_exact =
                    kind == Far::kWholeNumbers || (kind == Far::kHugeElement && d == 0);
                EXPECT_NEAR(drawn[d], row[static_cast<size_t>(d)], is_exact ? 0 : 2e-3);
            }
        }
    }
}

class DamagedOffset : public testing::Test {
  protected:
    DamagedOffset() : table_(table_of(random_, options_for(PGS_L2), 150, Far::kNearTen)) {}

    const MemoryIndex &index() { return table_.index(); }
    uint32_t block() { return meta_of(index().meta()).dictionary.run.block; }

    // What who verifies the index, and who scans it, say of a changed page.
    void expect_found(uint32_t changed, const std::function<void(Page &)> &change) {
        PageStore store = index().store();
        change(store.damage(changed));
        repair_checksum(store.damage(changed));
        for (const Finding &found : {verify_finding(store), finding_of([&] { scan_of(store); })}) {
            EXPECT_EQ(found.status, PGS_CORRUPT);
            EXPECT_EQ(found.block, block()) << found.detail;
        }
    }

    Random random_{5};
    LivingTable table_;
};

TEST_F(DamagedOffset, IsFoundInTheCodebook) {
    const uint64_t at = codebook_layout(kDims, 3, true).offset;
    const auto elements = [&](Page &page) { return reinterpret_cast<float *>(page.payload + at); };
    expect_found(block(), [&](Page &page) { elements(page)[0] += 1; });
    expect_found(block(), [&](Page &page) { elements(page)[kDims - 1] = NAN; });
    expect_found(block(), [&](Page &page) { elements(page)[3] = INFINITY; });
    expect_found(block(), [&](Page &page) { elements(page)[3] = 2 * kLargestOffset; });
    expect_found(block(), [&](Page &page) { std::memset(elements(page), 0, kDims * 4); });
}

TEST_F(DamagedOffset, IsFoundWhereTheMetapageHasAnother) {
    for (uint32_t checksum : {0u, 1u}) {
        expect_found(kMetaBlock,
                     [&](Page &page) { vectors_of(meta_of(page)).offset_checksum = checksum; });
    }
}

// A codebook that was trained as for another index would give stored vectors another meaning.
TEST_F(DamagedOffset, ACodebookWithAnotherIsRefused) {
    const MemoryIndex other(options_for(PGS_L2));
    PgsTask *task = nullptr;
    EXPECT_EQ(
        pgs_rewrite_create(&index().meta(), other.codebook(), sealed_parts(index()), 150, &task),
        PGS_MISUSE);
    pgs_task_destroy(task);
}

TEST(OffsetOfAnIndex, IsRefusedWhereThereCanBeNone) {
    for (const PgsOptions &options : {options_for(PGS_L1), options_for(PGS_L2, PGS_F32)}) {
        PageStore store = MemoryIndex(options).store();
        vectors_of(meta_of(store.damage(kMetaBlock))).offset_checksum = 1;
        repair_checksum(store.damage(kMetaBlock));
        PgsError error = {};
        EXPECT_EQ(pgs_meta_check(&store.read(kMetaBlock), &error), PGS_CORRUPT);
    }
}

}  // namespace
}  // namespace pgslab
