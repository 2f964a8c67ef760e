// What of a metapage of documents is believed, and which parts are due to be written anew.
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "inverted/format.h"
#include "inverted/meta.h"
#include "inverted/needs.h"
#include "inverted/testing/inverted_index.h"
#include "inverted/testing/random_model.h"
#include "ivf/meta.h"

namespace pgslab::inverted {

namespace {

TEST(InvertedMeta, SaysWhatItWasMadeOf) {
    for (const Weights weights : kEveryWeights) {
        PgsInvertedOptions options = options_of(weights, model_keys());
        options.embedder = "a model";
        ASSERT_TRUE(is_possible(options));
        Page page;
        pgs_inverted_meta_init(&page, &options);
        PgsError error = {};
        ASSERT_EQ(pgs_meta_check(&page, &error), PGS_OK) << error.detail;
        PgsMetaInfo info;
        pgs_meta_info(&page, &info);
        EXPECT_TRUE(info.inverted);
        EXPECT_EQ(info.weights, static_cast<int>(weights));
        EXPECT_EQ(info.dims, options.dims);
        EXPECT_EQ(info.k1, options.k1);
        EXPECT_EQ(info.b, options.b);
        EXPECT_EQ(info.keys.count, 3u);
        EXPECT_STREQ(info.embedder, "a model");
        EXPECT_EQ(pgs_meta_codebook(&page), 0u);
        EXPECT_EQ(check_meta(page, &error), PGS_CORRUPT) << "it is none of vectors";
    }
}

TEST(InvertedMeta, OptionsThatAreImpossible) {
    const PgsInvertedOptions text = options_of(Weights::kOccurrences);
    const PgsInvertedOptions sparse = options_of(Weights::kCosines);
    const auto with = [](PgsInvertedOptions options, auto change) {
        change(options);
        return options;
    };
    const std::string long_name(PGS_MAX_TEXT + 1, 'x');
    for (const PgsInvertedOptions &options : {
             with(text, [](auto &o) { o.k1 = std::nan(""); }),
             with(text, [](auto &o) { o.k1 = -0.1; }),
             with(text, [](auto &o) { o.k1 = PGS_MAX_K1 + 1; }),
             with(text, [](auto &o) { o.b = 1.1; }),
             with(text, [](auto &o) { o.b = -0.1; }),
             with(text, [](auto &o) { o.dims = 1; }),
             with(text, [](auto &o) { o.keys.count = PGS_MAX_FILTER_COLUMNS + 1; }),
             with(text, [&](auto &o) { o.embedder = long_name.c_str(); }),
             with(sparse, [](auto &o) { o.dims = 0; }),
             with(sparse, [](auto &o) { o.dims = -1; }),
             with(sparse, [](auto &o) { o.b = 0.5; }),
         }) {
        EXPECT_FALSE(is_possible(options));
    }
}

// Each of these changes of a metapage makes another of it than there can be.
TEST(InvertedMeta, IsNotBelievedWhereItIsImpossible) {
    InvertedIndex index(options_of(Weights::kOccurrences, model_keys()));
    Random random(1);
    index.load({{1, model_document(random, index.index())}}, 1 << 20);
    const auto status_with = [&](auto change) {
        Page page = index.meta_page();
        change(meta_of(page));
        finish_meta(page);
        PgsError error = {};
        return pgs_meta_check(&page, &error);
    };
    ASSERT_EQ(status_with([](Meta &) {}), PGS_OK);
    EXPECT_EQ(status_with([](Meta &m) { inverted_of(m).weights = Weights{0}; }), PGS_CORRUPT);
    EXPECT_EQ(status_with([](Meta &m) { inverted_of(m).weights = Weights::kProducts; }),
              PGS_CORRUPT);
    EXPECT_EQ(status_with([](Meta &m) { inverted_of(m).reserved[3] = 1; }), PGS_CORRUPT);
    EXPECT_EQ(status_with([](Meta &m) { inverted_of(m).k1 = -1; }), PGS_CORRUPT);
    EXPECT_EQ(status_with([](Meta &m) { inverted_of(m).dims = 5; }), PGS_CORRUPT);
    EXPECT_EQ(status_with([](Meta &m) { inverted_of(m).keys[0] = KeyFormat{0x3f}; }), PGS_CORRUPT);
    EXPECT_EQ(status_with([](Meta &m) { inverted_of(m).keys[0] = KeyFormat{2}; }), PGS_CORRUPT)
        << "the columns of the store are others";
    EXPECT_EQ(status_with([](Meta &m) { m.columns.column[1].item = 64; }), PGS_CORRUPT);
    EXPECT_EQ(status_with([](Meta &m) { m.kinds.segment_rest = kPiecePage; }), PGS_CORRUPT);
    EXPECT_EQ(status_with([](Meta &m) { m.segment[0].first_blocks = 2; }), PGS_CORRUPT);
    EXPECT_EQ(status_with([](Meta &m) { m.segment[0].rows = uint64_t{1} << 32; }), PGS_CORRUPT);
    EXPECT_EQ(status_with([](Meta &m) { m.kind = IndexKind{9}; }), PGS_CORRUPT);
}

// ---- needs

Meta with_parts(uint64_t inserted, uint64_t written) {
    Meta meta = {};
    meta.columns = inverted_columns({});
    meta.kinds = kInvertedTableKinds;
    meta.parts = 2;
    meta.part[0].handle = kFirstWrittenHandle;
    meta.part[0].state = PartState::kSealed;
    meta.part[0].slots = meta.part[0].flushed = written;
    meta.part[1].handle = 1;
    meta.part[1].state = PartState::kOpen;
    meta.part[1].flushed = inserted;
    return meta;
}

TEST(InvertedNeeds, ManyInsertedSlotsAreToBeWrittenAnew) {
    const auto due = [](uint64_t inserted, uint64_t written) {
        return needs_of_documents(with_parts(inserted, written)).rewrite.bits;
    };
    EXPECT_EQ(due(65535, 0), 0u);
    EXPECT_EQ(due(65536, 0), 2u);
    EXPECT_EQ(due(65536, 131072), 2u);
    EXPECT_EQ(due(65536, 131074), 0u);
    EXPECT_EQ(due(500'000, 1'000'000), 2u);
    EXPECT_EQ(due(499'999, 1'000'000), 0u);
}

}  // namespace

}  // namespace pgslab::inverted
