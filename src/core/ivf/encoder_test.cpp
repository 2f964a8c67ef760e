// An encoded row has in each of its places what that table's own encoder makes of the vector.
#include "ivf/encoder.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <tuple>

#include "ivf/testing/codebooks.h"
#include "quantize/code.h"
#include "quantize/encode.h"

namespace pgslab {
namespace {

constexpr PgsTid kTid = {123456, 78};

class EncoderTest : public testing::TestWithParam<std::tuple<PgsMetric, PgsStorage, int, int>> {
  protected:
    Shape shape(int dims) const {
        const int prefix = std::get<3>(GetParam());
        return shape_for(std::get<0>(GetParam()), dims, std::get<1>(GetParam()),
                         std::get<2>(GetParam()), prefix < dims ? prefix : 0);
    }
    bool has_codes() const { return std::get<0>(GetParam()) != PGS_L1; }

    Codebook codebook(Random &random, int dims) const {
        return has_codes() ? random_codebook(random, shape(dims), 20) : Codebook(shape(dims));
    }
};

// A row, aligned.
struct Encoded {
    explicit Encoded(const Codebook &book)
        : codebook(book),
          at(row_layout(columns_of(book.shape()))),
          words(at.bytes / 8),
          encoder(book) {}
    bool encode(const Vector &vector) {
        return encoder.encode_row(vector.data(), nullptr, kTid, bytes(), &list);
    }
    uint8_t *bytes() { return reinterpret_cast<uint8_t *>(words.data()); }

    VectorRecord record() {
        VectorRecord record;
        std::memcpy(&record, bytes(), sizeof record);
        return record;
    }

    // The stored vector, in code space.
    Vector rotated() {
        const Shape &s = codebook.shape();
        Vector vector(s.dims), out(s.padded);
        decode(s.storage, bytes() + at.item[kSlabColumn], record().scale, s.dims, vector.data());
        codebook.to_code_space(vector.data(), out.data());
        return out;
    }

    const Codebook &codebook;
    RowLayout at;
    std::vector<uint64_t> words;
    Encoder encoder;
    uint32_t list = 12345;
};

TEST_P(EncoderTest, ARowHasRoomForEverything) {
    for (int dims : {1, 3, 64, 65, 768, 2000}) {
        const Shape s = shape(dims);
        const RowLayout at = row_layout(columns_of(s));
        EXPECT_GE(at.item[kSlabColumn], sizeof(Record));
        const uint32_t end = at.item[kSlabColumn] + item_bytes(s.dims, s.storage);
        EXPECT_GE(at.bytes, end);
        if (has_codes()) {
            EXPECT_GE(at.item[kRefineColumn], end);
            EXPECT_GE(at.bytes, at.item[kRefineColumn] + refine_bytes(s.coded, s.refine_bits));
        }
        for (uint32_t offset : {at.item[kSlabColumn], at.item[kRefineColumn], at.bytes}) {
            EXPECT_EQ(offset % 8, 0u);
        }
    }
}

TEST_P(EncoderTest, RecordAndItemAreThoseOfTheVector) {
    Random random(1);
    for (int dims : {1, 3, 100, 768}) {
        const Codebook book = codebook(random, dims);
        Encoded row(book);
        for (int i = 0; i < 40; i++) {
            const Vector vector = any_hard_vector(random, static_cast<size_t>(dims));
            std::vector<uint64_t> item(item_bytes(book.shape().dims, book.shape().storage) / 8 + 1);
            VectorRecord record;
            const bool indexed = encode(book.shape().metric, book.shape().storage, vector.data(),
                                        book.shape().dims, item.data(), &record);
            ASSERT_EQ(row.encode(vector), indexed);
            if (!indexed) {
                continue;
            }
            set_tid(record, kTid);
            record.list = row.list;
            ASSERT_EQ(std::memcmp(row.bytes(), &record, sizeof record), 0);
            ASSERT_EQ(std::memcmp(row.bytes() + row.at.item[kSlabColumn], item.data(),
                                  item_bytes(book.shape().dims, book.shape().storage)),
                      0);
            ASSERT_LT(row.list, std::max(book.lists(), 1u));
        }
    }
}

TEST_P(EncoderTest, CodesAreThoseOfTheStoredVectorRotatedFromItsListsCentroid) {
    if (!has_codes()) {
        return;
    }
    Random random(2);
    for (int dims : {1, 3, 100, 768}) {
        const Codebook book = codebook(random, dims);
        const Shape s = book.shape();
        Encoded row(book);
        for (int i = 0; i < 40; i++) {
            if (!row.encode(any_hard_vector(random, s.dims))) {
                continue;
            }
            const Vector rotated = row.rotated();
            Vector centroid(s.padded);
            CodeQuery query;
            query.set(rotated.data(), s.padded);
            std::vector<float> estimate;
            ASSERT_EQ(row.list, book.nearest(rotated.data(), query, estimate));
            book.centroid(row.list, centroid.data());
            const CodeMetric metric =
                s.metric == Metric::kInnerProduct ? CodeMetric::kInnerProduct : CodeMetric::kL2;

            std::vector<uint8_t> code(code_bytes(1, s.coded));
            const Factors f = encode_code(metric, 1, rotated.data(), centroid.data(), s.coded, 0,
                                          code.data(), nullptr, s.padded - s.coded);
            RefineTail tail = {0, 0, 0, f.norm, row.list, {f.add, f.rescale, f.error}};
            if (s.refine_bits != 0) {
                code.resize(code_bytes(s.refine_bits, s.coded));
                const Factors g =
                    encode_code(metric, s.refine_bits, rotated.data(), centroid.data(), s.coded,
                                book.refine_step(), code.data(), nullptr, s.padded - s.coded);
                tail = {g.add, g.rescale, g.error, g.norm, row.list, tail.scan};
            }
            const uint8_t *item = row.bytes() + row.at.item[kRefineColumn];
            ASSERT_EQ(std::memcmp(item, code.data(), code.size()), 0);
            ASSERT_EQ(std::memcmp(item + code.size(), &tail, sizeof tail), 0);
        }
    }
}

// So that a segment can be written from the refinement table, of every vector there can be.
TEST_P(EncoderTest, TheCodeOfOneBitIsTheHighestOfTheRefinementCode) {
    const Shape s = shape(100);
    if (!has_codes()) {
        return;
    }
    Random random(3);
    const Codebook book = codebook(random, 100);
    Encoded row(book);
    for (int i = 0; i < 500; i++) {
        if (!row.encode(any_hard_vector(random, s.dims))) {
            continue;
        }
        const Vector rotated = row.rotated();
        Vector centroid(s.padded);
        book.centroid(row.list, centroid.data());
        std::vector<uint8_t> expected(code_bytes(1, s.coded)), found(expected.size());
        encode_code(CodeMetric::kL2, 1, rotated.data(), centroid.data(), s.coded, 0,
                    expected.data());
        sign_code(s.refine_bits, row.bytes() + row.at.item[kRefineColumn], s.coded, found.data());
        ASSERT_EQ(found, expected);
    }
}

TEST_P(EncoderTest, FactorsAreNumbersWhateverTheVector) {
    if (!has_codes()) {
        return;
    }
    Random random(4);
    const Codebook book = codebook(random, 100);
    Encoded row(book);
    for (int i = 0; i < 500; i++) {
        if (!row.encode(any_hard_vector(random, 100))) {
            continue;
        }
        const RefineTail tail = tail_of(row.bytes() + row.at.item[kRefineColumn],
                                        book.shape().refine_bits, book.shape().coded);
        ASSERT_TRUE(std::isfinite(tail.scan.add) && std::isfinite(tail.scan.rescale));
        ASSERT_TRUE(tail.scan.error >= 0 && tail.scan.error <= kUnbounded);
        ASSERT_TRUE(std::isfinite(tail.add) && std::isfinite(tail.rescale));
        ASSERT_TRUE(tail.error >= 0 && tail.error <= kUnbounded);
        ASSERT_TRUE(tail.norm >= 0 && std::isfinite(tail.norm));
    }
}

// Only its factors say something of the other dimensions.
TEST(EncoderOfPrefixes, CodesAreThoseOfThePrefix) {
    Random random(6);
    for (int bits : {0, 4, 8}) {
        const Shape s = shape_for(PGS_L2, 200, PGS_F32, bits, 128);
        const Codebook book = random_codebook(random, s, 1);
        Encoded row(book), other(book);
        for (int i = 0; i < 40; i++) {
            Vector vector = hard_vector(random, 200, Kind::kOrdinary);
            ASSERT_TRUE(row.encode(vector));
            const Vector rest = hard_vector(random, 72, Kind::kOrdinary);
            std::copy(rest.begin(), rest.end(), vector.begin() + 128);
            ASSERT_TRUE(other.encode(vector));
            const uint32_t at = row.at.item[kRefineColumn];
            const auto code = static_cast<unsigned>(std::max(bits, 1));
            ASSERT_EQ(std::memcmp(row.bytes() + at, other.bytes() + at, code_bytes(code, s.coded)),
                      0);
            ASSERT_NE(std::memcmp(row.bytes(), other.bytes(), row.at.bytes), 0);
        }
    }
}

// So a part that is written anew by the same codebook keeps its rows as they are.
TEST_P(EncoderTest, ARowEncodedFromWhatIsStoredIsTheSame) {
    Random random(5);
    for (int dims : {1, 3, 100, 768}) {
        const Codebook book = codebook(random, dims);
        Encoded row(book), again(book);
        for (int i = 0; i < 40; i++) {
            if (!row.encode(any_hard_vector(random, book.shape().dims))) {
                continue;
            }
            VectorRecord record = row.record();
            record.list = 77;  // of an earlier codebook
            again.encoder.encode_stored(reinterpret_cast<const uint8_t *>(&record),
                                        row.bytes() + row.at.item[kSlabColumn], again.bytes(),
                                        &again.list);
            ASSERT_EQ(again.words, row.words);
            ASSERT_EQ(again.list, row.list);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(All, EncoderTest,
                         testing::Combine(testing::Values(PGS_L2, PGS_INNER_PRODUCT, PGS_COSINE,
                                                          PGS_L1),
                                          testing::Values(PGS_F16, PGS_F32, PGS_I8),
                                          testing::Values(0, 4, 8), testing::Values(0)));
INSTANTIATE_TEST_SUITE_P(OfPrefixes, EncoderTest,
                         testing::Combine(testing::Values(PGS_L2, PGS_INNER_PRODUCT, PGS_COSINE),
                                          testing::Values(PGS_F16), testing::Values(0, 4, 8),
                                          testing::Values(64)));
INSTANTIATE_TEST_SUITE_P(OfSets, EncoderTest,
                         testing::Combine(testing::Values(PGS_HAMMING, PGS_JACCARD),
                                          testing::Values(PGS_BITS), testing::Values(0),
                                          testing::Values(0)));

}  // namespace
}  // namespace pgslab
