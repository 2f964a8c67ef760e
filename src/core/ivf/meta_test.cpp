// What the metapage keeps of an index of vectors: what is believed of it, and what is refused
// although the manifest alone could be believed.
#include "ivf/meta.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include "ivf/testing/columns.h"
#include "ivf/testing/manifests.h"
#include "ivf/testing/tables.h"
#include "store/free_space.h"
#include "store/layout.h"

namespace pgslab {
namespace {

PgsOptions options_of(const Vectors &vectors) {
    return {vectors.dims,
            static_cast<PgsMetric>(vectors.metric),
            static_cast<PgsStorage>(vectors.storage),
            "model",
            "3",
            vectors.refine_bits,
            {},
            static_cast<int>(vectors.prefix * kPrefixUnit)};
}

// A codebook and a sealed part with a segment, if there are codes; a spare run of ten blocks, from
// which lies take those that they give to others.
Page busy_index(const PgsOptions &with = options(768)) {
    Page page = begun(with);
    add_sealed_part(page, 1000);
    if (vectors_of(meta_of(page)).code_bits != 0) {
        add_segment(page, 1000);
    }
    Meta &meta = meta_of(page);
    meta.spare[meta.spares++] = {{meta.end_block, 10}, 12345};
    meta.end_block += 10;
    grow(page);
    grow(page);
    return page;
}

PgsStatus check(const Page &page) {
    PgsError error = {};
    const PgsStatus status = check_meta(page, &error);
    if (status != PGS_OK) {
        EXPECT_EQ(error.status, status);
        EXPECT_EQ(error.block, kMetaBlock);
        EXPECT_NE(std::string(error.detail), "");
    }
    return status;
}

TEST(Vectors, AnEmptyIndexWithoutCodesIsBelieved) {
    Page page;
    init_meta(page, {768, PGS_L1, PGS_F16, "model", "3", 4});
    EXPECT_EQ(check(page), PGS_OK);
    const Vectors &vectors = vectors_of(meta_of(page));
    EXPECT_EQ(vectors.dims, 768u);
    EXPECT_EQ(vectors.metric, Metric::kL1);
    EXPECT_EQ(vectors.storage, Storage::kF16);
    EXPECT_EQ(vectors.code_bits, 0u);
    EXPECT_EQ(vectors.refine_bits, 0u);
    EXPECT_EQ(meta_of(page).columns.count, 2u);
    EXPECT_STREQ(meta_of(page).embedder, "model");
    EXPECT_STREQ(meta_of(page).revision, "3");
}

TEST(Vectors, AnIndexWithCodesIsBelievedFromItsCodebookOn) {
    Page page;
    init_meta(page, options(768));
    EXPECT_EQ(check_manifest(page, kVectorIndex, nullptr), PGS_OK);
    EXPECT_EQ(check(page), PGS_CORRUPT);
    set_codebook(page, kFewLists, 77);
    EXPECT_EQ(check(page), PGS_OK);
    EXPECT_EQ(meta_of(page).end_block, 1 + codebook_blocks(768, kFewLists, false));
    EXPECT_EQ(meta_of(page).dictionary.identity, 77u);
}

TEST(Vectors, ABusyIndexIsBelieved) {
    for (const Vectors &vectors : vectors_under_test()) {
        const PgsOptions with = options_of(vectors);
        EXPECT_TRUE(is_possible(with));
        const Page page = busy_index(with);
        EXPECT_EQ(check(page), PGS_OK) << vectors.dims;
        EXPECT_EQ(vectors_of(meta_of(page)).dims, vectors.dims);
        EXPECT_EQ(vectors_of(meta_of(page)).refine_bits, vectors.refine_bits);
    }
}

TEST(Vectors, OptionsThatNoIndexCanHaveAreImpossible) {
    const std::string longest(PGS_MAX_TEXT, 'e');
    const std::string too_long(PGS_MAX_TEXT + 1, 'e');
    const PgsOptions good = options(768);
    EXPECT_TRUE(is_possible(good));
    std::vector<PgsOptions> bad(18, good);
    bad[0].dims = 0;
    bad[1].dims = -1;
    bad[2].dims = PGS_MAX_DIMS + 1;
    bad[3].metric = static_cast<PgsMetric>(0);
    bad[4].metric = static_cast<PgsMetric>(5);
    bad[5].storage = static_cast<PgsStorage>(0);
    bad[6].refine_bits = 5;
    bad[7].refine_bits = 4 + 256;
    bad[8].embedder = too_long.c_str();
    bad[9].revision = too_long.c_str();
    bad[10].dims = static_cast<int>(most_dims(8)) + 1;
    bad[10].refine_bits = 8;
    bad[11].prefix_dims = -64;
    bad[12].prefix_dims = 63;
    bad[13].prefix_dims = 768;
    bad[14].prefix_dims = 64 + 256 * 64;
    bad[15].prefix_dims = 64;
    bad[15].metric = PGS_L1;
    bad[16] = {768, PGS_HAMMING, PGS_BITS, "", "", 0, {}, 64};
    bad[17].signs = true;
    for (size_t i = 0; i < bad.size(); i++) {
        EXPECT_FALSE(is_possible(bad[i])) << i;
    }
    PgsOptions of_prefix = good;
    of_prefix.prefix_dims = 704;
    EXPECT_TRUE(is_possible(of_prefix));
    EXPECT_TRUE(is_possible({768, PGS_HAMMING, PGS_BITS, "", "", 0, {}, 0, true}));
    PgsOptions named = good;
    named.embedder = named.revision = longest.c_str();
    EXPECT_TRUE(is_possible(named));
    PgsOptions without_codes = good;
    without_codes.metric = PGS_L1;
    without_codes.refine_bits = 77;  // of no meaning there
    EXPECT_TRUE(is_possible(without_codes));
}

struct Lie {
    const char *name;
    std::function<void(Meta &)> tell;
};

void set_level(Meta &meta, uint32_t i, float Level::*field, float value) {
    vectors_of(meta).calibration.level[i].*field = value;
}

// Says that another number of lists or of rows need other blocks, and lets the spare run have the
// difference.
void give_spare(Meta &meta, uint32_t *blocks, int more) {
    *blocks = static_cast<uint32_t>(static_cast<int>(*blocks) + more);
    meta.spare[0].run.blocks =
        static_cast<uint32_t>(static_cast<int>(meta.spare[0].run.blocks) - more);
}

// Gives the codebook, and whatever refers to it, up.
void be_without_codebook(Meta &meta) {
    add_spare(meta, meta.dictionary.run, 77);
    meta.dictionary = {};
    for (uint32_t p = 0; p < meta.parts; p++) {
        meta.part[p].dictionary = meta.part[p].flushed = 0;
    }
}

const Lie kLies[] = {
    {"no dims", [](Meta &m) { vectors_of(m).dims = 0; }},
    {"too many dims", [](Meta &m) { vectors_of(m).dims = PGS_MAX_DIMS + 1; }},
    {"other dims", [](Meta &m) { vectors_of(m).dims += 64; }},
    {"metric 0", [](Meta &m) { vectors_of(m).metric = static_cast<Metric>(0); }},
    {"metric 5", [](Meta &m) { vectors_of(m).metric = static_cast<Metric>(5); }},
    {"storage 0", [](Meta &m) { vectors_of(m).storage = static_cast<Storage>(0); }},
    {"storage 4", [](Meta &m) { vectors_of(m).storage = static_cast<Storage>(4); }},
    {"other storage", [](Meta &m) { vectors_of(m).storage = Storage::kF32; }},
    {"no codes, but refinement", [](Meta &m) { vectors_of(m).code_bits = 0; }},
    {"no codes, but a column of them",
     [](Meta &m) { vectors_of(m).code_bits = vectors_of(m).refine_bits = 0; }},
    {"codes of two bits", [](Meta &m) { vectors_of(m).code_bits = 2; }},
    {"codes of two bits, and no segment",
     [](Meta &m) {
         add_spare(m, m.segment[--m.segments].run, 77);
         vectors_of(m).code_bits = 2;
     }},
    {"codes of L1", [](Meta &m) { vectors_of(m).metric = Metric::kL1; }},
    {"no refinement", [](Meta &m) { vectors_of(m).refine_bits = 0; }},
    {"refinement of 5 bits", [](Meta &m) { vectors_of(m).refine_bits = 5; }},
    {"refinement of other bits", [](Meta &m) { vectors_of(m).refine_bits = 8; }},
    {"signs alone, under L2", [](Meta &m) { vectors_of(m).element = Element::kSigns; }},
    {"codes of a prefix, of other sizes", [](Meta &m) { vectors_of(m).prefix = 4; }},
    {"codes of a prefix that is all dims",
     [](Meta &m) { vectors_of(m).prefix = static_cast<uint8_t>(vectors_of(m).dims / 64); }},
    {"codes of a prefix that is longer than vectors", [](Meta &m) { vectors_of(m).prefix = 255; }},
    {"vectors that are no values", [](Meta &m) { m.columns.column[kSlabColumn].flags = 0; }},
    {"codes that are values",
     [](Meta &m) { m.columns.column[kRefineColumn].flags = kWhole | kValues; }},
    {"a column of another kind", [](Meta &m) { m.columns.column[kSlabColumn].kind = kRefinePage; }},
    {"a column that is not said to be one",
     [](Meta &m) { m.columns.column[m.columns.count].item = 8; }},
    {"no codebook",
     [](Meta &m) {
         be_without_codebook(m);
         vectors_of(m).lists = 0;
     }},
    {"lists without a codebook", be_without_codebook},
    {"codebook without lists", [](Meta &m) { vectors_of(m).lists = 0; }},
    {"more lists than the codebook has room for", [](Meta &m) { vectors_of(m).lists += 1000; }},
    {"as many lists as there can be", [](Meta &m) { vectors_of(m).lists = UINT32_MAX; }},
    {"codebook with a block more", [](Meta &m) { give_spare(m, &m.dictionary.run.blocks, 1); }},
    {"codebook with a block less", [](Meta &m) { give_spare(m, &m.dictionary.run.blocks, -1); }},
    {"segment without a directory", [](Meta &m) { m.segment[0].first_blocks = 0; }},
    {"segment without a directory, nor its block",
     [](Meta &m) {
         m.segment[0].first_blocks = 0;
         give_spare(m, &m.segment[0].run.blocks, -1);
     }},
    {"segment with more of a directory", [](Meta &m) { m.segment[0].first_blocks++; }},
    {"segment with a block more", [](Meta &m) { give_spare(m, &m.segment[0].run.blocks, 1); }},
    {"segment with a block less", [](Meta &m) { give_spare(m, &m.segment[0].run.blocks, -1); }},
    {"segment with rows that need more blocks", [](Meta &m) { m.segment[0].rows += 100; }},
    {"segment with rows that need fewer", [](Meta &m) { m.segment[0].rows -= 100; }},
    {"segment of all rows there are", [](Meta &m) { m.segment[0].rows = UINT32_MAX; }},
    {"recall that is no number", [](Meta &m) { set_level(m, 7, &Level::recall, NAN); }},
    {"recall above 1", [](Meta &m) { set_level(m, 7, &Level::recall, 1.01F); }},
    {"recall below 0", [](Meta &m) { set_level(m, 0, &Level::recall, -0.01F); }},
    {"recall that falls", [](Meta &m) { set_level(m, 3, &Level::recall, 0.5F); }},
    {"margin that is infinite",
     [](Meta &m) { vectors_of(m).calibration.level[0].margin[2] = INFINITY; }},
    {"margin that is no number",
     [](Meta &m) { vectors_of(m).calibration.level[0].margin[5] = NAN; }},
    {"projections in no unit", [](Meta &m) { vectors_of(m).calibration.unit = NAN; }},
    {"projections in a negative unit", [](Meta &m) { vectors_of(m).calibration.unit = -1; }},
    {"projections in an infinite unit", [](Meta &m) { vectors_of(m).calibration.unit = INFINITY; }},
    {"a spread that is no number", [](Meta &m) { vectors_of(m).trained.sum = NAN; }},
    {"an infinite spread", [](Meta &m) { vectors_of(m).coded.sum = INFINITY; }},
    {"a negative spread", [](Meta &m) { vectors_of(m).coded.sum = -1; }},
    {"a calibration that knows of more rows than came",
     [](Meta &m) { vectors_of(m).calibrated = vectors_of(m).coded.rows + 1; }},
    {"negative deviations", [](Meta &m) { set_level(m, 2, &Level::deviations, -1); }},
    {"infinite deviations", [](Meta &m) { set_level(m, 2, &Level::deviations, INFINITY); }},
    {"negative work", [](Meta &m) { set_level(m, 1, &Level::lists, -1); }},
    {"work that is no number", [](Meta &m) { set_level(m, 1, &Level::codes, NAN); }},
    {"infinite work", [](Meta &m) { set_level(m, 1, &Level::refined, INFINITY); }},
    {"more work than can be", [](Meta &m) { set_level(m, 1, &Level::compared, 1e30F); }},
};

TEST(Vectors, ALieThatTheManifestAllowsIsRefused) {
    for (const Lie &lie : kLies) {
        Page page = busy_index();
        lie.tell(meta_of(page));
        finish_meta(page);
        EXPECT_EQ(check_manifest(page, kVectorIndex, nullptr), PGS_OK) << lie.name;
        EXPECT_EQ(check(page), PGS_CORRUPT) << lie.name;
    }
}

// One to 65536, though the codebook has room for none, or for more.
TEST(Vectors, ACodebookHasOnlySoManyLists) {
    for (const uint32_t lists : {0u, 1u, kMaxLists, kMaxLists + 1}) {
        Page page;
        init_meta(page, options(100));
        set_codebook(page, lists, 1);
        EXPECT_EQ(check(page), lists == 1 || lists == kMaxLists ? PGS_OK : PGS_CORRUPT);
    }
}

TEST(Vectors, WithoutDimsThereIsNoIndex) {
    Page page;
    init_meta(page, {1, PGS_L1, PGS_F16, "", "", 0});
    EXPECT_EQ(check(page), PGS_OK);
    vectors_of(meta_of(page)).dims = 0;
    meta_of(page).columns = columns_of(vectors_of(meta_of(page)));
    finish_meta(page);
    EXPECT_EQ(check(page), PGS_CORRUPT);
}

TEST(Vectors, WithoutCodesThereIsNoCodebookAndNoSegment) {
    const PgsOptions with = {768, PGS_L1, PGS_F16, "", "", 0};
    Page page = busy_index(with);
    set_codebook(page, kFewLists, 1);
    vectors_of(meta_of(page)).lists = 0;
    for (uint32_t p = 0; p < meta_of(page).parts; p++) {
        meta_of(page).part[p].dictionary = meta_of(page).dictionary.id;
    }
    finish_meta(page);
    EXPECT_EQ(check_manifest(page, kVectorIndex, nullptr), PGS_OK);
    EXPECT_EQ(check(page), PGS_CORRUPT);
    page = busy_index(with);
    vectors_of(meta_of(page)).lists = 1;
    finish_meta(page);
    EXPECT_EQ(check(page), PGS_CORRUPT);
    page = busy_index(with);
    vectors_of(meta_of(page)).refine_bits = 4;
    finish_meta(page);
    EXPECT_EQ(check(page), PGS_CORRUPT);
    page = busy_index(with);
    add_segment(page, 100);
    EXPECT_EQ(check_manifest(page, kVectorIndex, nullptr), PGS_OK);
    EXPECT_EQ(check(page), PGS_CORRUPT);
}

TEST(Vectors, WhatIsCodedIsCountedFromTheLastCodebookOn) {
    Page page = busy_index();
    Meta &meta = meta_of(page);
    add_coded(meta, 0, {3, 10});
    add_coded(meta, 0, {4, 20});
    EXPECT_EQ(vectors_of(meta).coded.sum, 7);
    EXPECT_EQ(vectors_of(meta).coded.rows, 30u);
    vectors_of(meta).calibrated = 30;
    add_coded(meta, 5, {8, 100});
    EXPECT_EQ(vectors_of(meta).lists, 5u);
    EXPECT_EQ(vectors_of(meta).trained.sum, 8);
    EXPECT_EQ(vectors_of(meta).trained.rows, 100u);
    EXPECT_EQ(vectors_of(meta).coded.rows, 0u);
    EXPECT_EQ(vectors_of(meta).coded.sum, 0);
    EXPECT_EQ(vectors_of(meta).calibrated, 0u);
}

TEST(Vectors, ACalibrationIsKept) {
    Page page = busy_index();
    vectors_of(meta_of(page)).coded.rows = 321;
    Calibration calibration = {};
    calibration.queries = 100;
    calibration.rows = 1000;
    for (uint32_t i = 0; i < kLevels; i++) {
        calibration.level[i] = {
            static_cast<float>(i) / 7, {-1, 0, 1, 2, 1, 0}, 2, 9, 1000, 100, 10};
    }
    set_calibration(page, calibration);
    EXPECT_EQ(check(page), PGS_OK);
    const Vectors &vectors = vectors_of(meta_of(page));
    EXPECT_EQ(std::memcmp(&vectors.calibration, &calibration, sizeof calibration), 0);
    EXPECT_EQ(vectors.calibrated, 321u);
}

// First its directory, then its lists.
TEST(Vectors, PagesOfASegmentAreOfTwoKinds) {
    Page page = busy_index();
    Segment &segment = meta_of(page).segment[0];
    segment.first_blocks = 2;
    for (uint32_t i = 0; i < segment.run.blocks; i++) {
        const PageIdentity identity =
            i < 2 ? directory_page(segment, i) : list_page(segment, i - 2);
        EXPECT_EQ(identity.block, segment.run.block + i);
        EXPECT_EQ(identity.kind, i < 2 ? kDirectoryPage : kListPage);
        EXPECT_EQ(identity.owner, segment.id);
        EXPECT_EQ(identity.sequence, i);
    }
}

}  // namespace
}  // namespace pgslab
