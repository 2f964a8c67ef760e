// Documents come back from their forward rows, and these from pieces of which some were cut off.
#include "inverted/forward_row.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "inverted/dictionary.h"
#include "inverted/posting_block.h"

namespace pgslab::inverted {
namespace {

using Random = std::mt19937_64;
constexpr Weights kAllWeights[] = {Weights::kOccurrences, Weights::kProducts, Weights::kCosines};

// Terms that point into the document; so it must not be moved.
struct Document {
    std::set<std::string> bytes;
    std::vector<PgsTerm> terms;

    uint32_t count() const { return static_cast<uint32_t>(terms.size()); }
};

void add_term(Document &document, const std::string &bytes, float weight) {
    const auto [at, is_new] = document.bytes.insert(bytes);
    ASSERT_TRUE(is_new);
    document.terms.push_back({at->data(), static_cast<uint32_t>(at->size()), weight});
}

void fill_document(Random &random, Weights weights, uint32_t terms, Document &document) {
    std::set<std::string> all;
    while (all.size() < terms) {
        std::string term(
            weights == Weights::kOccurrences
                ? 1 + random() % (random() % 16 == 0 ? uint64_t{PGS_MAX_TERM_BYTES} : 9)
                : 4,
            'x');
        std::ranges::generate(term, [&] { return static_cast<char>(random()); });
        all.insert(term);
    }
    for (const std::string &term : all) {
        const float weight = weights == Weights::kOccurrences
                                 ? static_cast<float>(1 + random() % 50)
                                 : static_cast<float>(random() % 1000) - 500.5f;
        ASSERT_NO_FATAL_FAILURE(add_term(document, term, weight));
    }
}

std::vector<uint8_t> forward_row(Weights weights, const Document &document) {
    const uint64_t bytes = forward_bytes(weights, document.terms.data(), document.count());
    std::vector<uint8_t> row(slots_of(bytes) * kPieceBytes, 0xEE);
    write_forward(weights, document.terms.data(), document.count(), row.data());
    EXPECT_TRUE(std::all_of(row.begin() + static_cast<ptrdiff_t>(bytes), row.end(),
                            [](uint8_t byte) { return byte == 0; }));
    return row;
}

void expect_equal(const std::vector<PgsTerm> &terms, const std::vector<PgsTerm> &expected) {
    ASSERT_EQ(terms.size(), expected.size());
    for (size_t i = 0; i < terms.size(); i++) {
        ASSERT_EQ(terms[i].length, expected[i].length);
        ASSERT_EQ(std::memcmp(terms[i].bytes, expected[i].bytes, terms[i].length), 0);
        ASSERT_EQ(terms[i].weight, expected[i].weight);
    }
}

TEST(ForwardRow, GivesBackADocument) {
    Random random(1);
    for (const Weights weights : kAllWeights) {
        for (uint32_t terms = 0; terms < 150; terms++) {
            Document document;
            ASSERT_NO_FATAL_FAILURE(fill_document(random, weights, terms, document));
            const std::vector<uint8_t> row = forward_row(weights, document);
            std::vector<PgsTerm> read;
            ASSERT_TRUE(read_forward(weights, row, read));
            ASSERT_NO_FATAL_FAILURE(expect_equal(read, document.terms));
        }
    }
}

TEST(ForwardRow, TakesTheLargestTermsAndWeights) {
    Document text;
    ASSERT_NO_FATAL_FAILURE(add_term(text, std::string(PGS_MAX_TERM_BYTES, 'x'), kMostOccurrences));
    std::vector<PgsTerm> read;
    const std::vector<uint8_t> row = forward_row(Weights::kOccurrences, text);
    ASSERT_TRUE(read_forward(Weights::kOccurrences, row, read));
    ASSERT_NO_FATAL_FAILURE(expect_equal(read, text.terms));
    EXPECT_EQ(measure_of(Weights::kOccurrences, read.data(), 1).length, 0xFFFFFFu);
}

TEST(ForwardRow, MeasuresADocument) {
    Document document;
    ASSERT_NO_FATAL_FAILURE(add_term(document, "aaaa", 3));
    ASSERT_NO_FATAL_FAILURE(add_term(document, "bbbb", 4));
    const PgsTerm *terms = document.terms.data();
    EXPECT_EQ(measure_of(Weights::kOccurrences, terms, 2).length, 7u);
    EXPECT_EQ(measure_of(Weights::kOccurrences, terms, 2).square, 0);
    EXPECT_EQ(measure_of(Weights::kProducts, terms, 2).length, 0u);
    EXPECT_EQ(measure_of(Weights::kProducts, terms, 2).square, 0);
    EXPECT_EQ(measure_of(Weights::kCosines, terms, 2).square, 25);
    EXPECT_EQ(measure_of(Weights::kCosines, terms, 2).length, 0u);
    EXPECT_EQ(measure_of(Weights::kCosines, terms, 0).square, 0);
}

// Each truncated copy has a buffer of its own length.
TEST(ForwardRow, IsRefusedWhereItIsCutOff) {
    Random random(2);
    for (const Weights weights : kAllWeights) {
        Document document;
        ASSERT_NO_FATAL_FAILURE(fill_document(random, weights, 40, document));
        const std::vector<uint8_t> row = forward_row(weights, document);
        std::vector<PgsTerm> read;
        for (size_t n = 0; n < row.size(); n++) {
            const std::vector<uint8_t> cut(row.begin(), row.begin() + static_cast<ptrdiff_t>(n));
            ASSERT_FALSE(read_forward(weights, cut, read)) << n;
        }
    }
}

TEST(ForwardRow, IsRefusedWithTermsOutOfOrderOrImpossible) {
    const auto is_taken = [](Weights weights, std::vector<PgsTerm> terms) {
        const auto count = static_cast<uint32_t>(terms.size());
        std::vector<uint8_t> row(slots_of(forward_bytes(weights, terms.data(), count)) *
                                 kPieceBytes);
        write_forward(weights, terms.data(), count, row.data());
        std::vector<PgsTerm> read;
        return read_forward(weights, row, read);
    };
    const std::string longest(PGS_MAX_TERM_BYTES + 1, 'x');
    EXPECT_TRUE(is_taken(Weights::kOccurrences, {{"a", 1, 1}, {"b", 1, 1}}));
    EXPECT_FALSE(is_taken(Weights::kOccurrences, {{"b", 1, 1}, {"a", 1, 1}}));
    EXPECT_FALSE(is_taken(Weights::kOccurrences, {{"a", 1, 1}, {"a", 1, 1}}));
    EXPECT_FALSE(is_taken(Weights::kOccurrences, {{"a", 0, 1}}));
    EXPECT_FALSE(is_taken(Weights::kOccurrences, {{longest.data(), PGS_MAX_TERM_BYTES + 1, 1}}));
    EXPECT_FALSE(is_taken(Weights::kOccurrences, {{"a", 1, 0}}));
    EXPECT_FALSE(is_taken(Weights::kOccurrences, {{"a", 1, 0x1p24f}}));
    for (const Weights weights : {Weights::kProducts, Weights::kCosines}) {
        EXPECT_TRUE(is_taken(weights, {{"aaaa", 4, 1}, {"bbbb", 4, -1e-45f}}));
        EXPECT_FALSE(is_taken(weights, {{"bbbb", 4, 1}, {"aaaa", 4, 1}}));
        EXPECT_FALSE(is_taken(weights, {{"aaaa", 4, 0}}));
        EXPECT_FALSE(is_taken(weights, {{"aaaa", 4, HUGE_VALF}}));
        EXPECT_FALSE(is_taken(weights, {{"aaaa", 4, std::numeric_limits<float>::quiet_NaN()}}));
    }
}

void expect_valid(Weights weights, const std::vector<uint8_t> &row,
                  const std::vector<PgsTerm> &terms) {
    Bytes before;
    for (const PgsTerm &term : terms) {
        const Bytes bytes = {static_cast<const uint8_t *>(term.bytes), term.length};
        ASSERT_GE(bytes.data(), row.data());
        ASSERT_LE(bytes.data() + bytes.size(), row.data() + row.size());
        ASSERT_LT(compare_terms(before, bytes), 0);
        ASSERT_LE(term.length, uint32_t{PGS_MAX_TERM_BYTES});
        ASSERT_TRUE(std::isfinite(term.weight) && term.weight != 0);
        ASSERT_TRUE(weights != Weights::kOccurrences ||
                    (term.weight >= 1 && term.weight <= kMostOccurrences));
        before = bytes;
    }
}

TEST(ForwardRow, IsRefusedOrValidWhateverTheBytesAre) {
    Random random(3);
    uint32_t taken = 0;
    uint32_t refused = 0;
    for (int round = 0; round < 30000; round++) {
        const Weights weights = kAllWeights[round % 3];
        Document document;
        ASSERT_NO_FATAL_FAILURE(
            fill_document(random, weights, static_cast<uint32_t>(random() % 12), document));
        std::vector<uint8_t> row = forward_row(weights, document);
        for (uint64_t n = 1 + random() % 4; n > 0; n--) {
            row[random() % row.size()] = static_cast<uint8_t>(random());
        }
        std::vector<PgsTerm> read;
        if (read_forward(weights, row, read)) {
            taken++;
            ASSERT_NO_FATAL_FAILURE(expect_valid(weights, row, read));
        } else {
            refused++;
        }
    }
    EXPECT_GT(taken, 1000u);
    EXPECT_GT(refused, 1000u);
}

// A walk over slots of one part, which hands pieces to a reader.
class Pieces : public testing::TestWithParam<Weights> {
  protected:
    // Of which the first `pieces` are given; of what the record says the length is off by so many.
    void give(const Document &document, uint32_t pieces, uint32_t first = 0, uint32_t wrong = 0) {
        const std::vector<uint8_t> row = forward_row(GetParam(), document);
        const auto all = static_cast<uint32_t>(row.size() / kPieceBytes);
        for (uint32_t i = first; i < std::min(pieces, all); i++) {
            const DocumentMeasure measure =
                measure_of(GetParam(), document.terms.data(), document.count());
            DocumentRecord record = {};
            record.piece = i | (i + 1 == all ? kLastPiece : 0);
            record.length = measure.length + wrong;
            record.square = measure.square;
            give_piece(record, row.data() + size_t{i} * kPieceBytes);
        }
    }

    // In one or in two, as where it crosses a page.
    void give_piece(const DocumentRecord &record, const uint8_t *bytes) {
        Row row = {address_, address_, {}, nullptr};
        std::memcpy(&row.record, &record, sizeof record);
        const auto cut = static_cast<uint32_t>(random_() % (kPieceBytes / kCutBytes)) * kCutBytes;
        if (cut > 0) {
            reader_.piece(0, bytes, cut);
        }
        reader_.piece(cut, bytes + cut, kPieceBytes - cut);
        is_last_ = reader_.row(row);
        address_++;
        last_ = row;
    }

    void expect_document(const Document &document) {
        ASSERT_TRUE(is_last_);
        std::vector<PgsTerm> terms;
        ASSERT_TRUE(reader_.read(last_, terms));
        ASSERT_NO_FATAL_FAILURE(expect_equal(terms, document.terms));
    }

    static constexpr uint32_t kAllPieces = UINT32_MAX;

    Random random_{4};
    PieceReader reader_{GetParam()};
    uint64_t address_ = make_address(3, 10);
    bool is_last_ = false;
    Row last_ = {};
};
INSTANTIATE_TEST_SUITE_P(AllWeights, Pieces, testing::ValuesIn(kAllWeights));

TEST_P(Pieces, BecomeDocuments) {
    for (int round = 0; round < 300; round++) {
        Document document;
        ASSERT_NO_FATAL_FAILURE(
            fill_document(random_, GetParam(), static_cast<uint32_t>(random_() % 90), document));
        give(document, kAllPieces);
        ASSERT_NO_FATAL_FAILURE(expect_document(document));
    }
}

TEST_P(Pieces, AreLeftOutWhereTheLastIsMissing) {
    for (int round = 0; round < 300; round++) {
        Document cut_off;
        Document document;
        ASSERT_NO_FATAL_FAILURE(fill_document(random_, GetParam(), 90, cut_off));
        ASSERT_NO_FATAL_FAILURE(
            fill_document(random_, GetParam(), static_cast<uint32_t>(random_() % 90), document));
        for (uint64_t n = random_() % 3; n > 0; n--) {
            give(cut_off, static_cast<uint32_t>(1 + random_() % 5));
            ASSERT_FALSE(is_last_);
        }
        give(document, kAllPieces);
        ASSERT_NO_FATAL_FAILURE(expect_document(document));
    }
}

TEST_P(Pieces, AreLeftOutWhereTheFirstAreMissing) {
    Document long_one;
    Document short_one;
    ASSERT_NO_FATAL_FAILURE(fill_document(random_, GetParam(), 90, long_one));
    ASSERT_NO_FATAL_FAILURE(fill_document(random_, GetParam(), 3, short_one));
    for (uint32_t first = 1; first < 4; first++) {
        give(long_one, kAllPieces, first);
        EXPECT_FALSE(is_last_);
        give(short_one, kAllPieces);
        ASSERT_NO_FATAL_FAILURE(expect_document(short_one));
        give(long_one, kAllPieces, first);
        EXPECT_FALSE(is_last_);
    }
}

TEST_P(Pieces, AreLeftOutWhereASlotOrANumberIsBetweenThem) {
    Document document;
    ASSERT_NO_FATAL_FAILURE(fill_document(random_, GetParam(), 90, document));
    give(document, 2);
    address_++;
    give(document, kAllPieces, 2);
    EXPECT_FALSE(is_last_);
    give(document, 2);
    give(document, kAllPieces, 3);
    EXPECT_FALSE(is_last_);
    give(document, 3);
    give(document, kAllPieces, 2);
    EXPECT_FALSE(is_last_);
    give(document, 2);
    give(document, kAllPieces, 2);
    ASSERT_NO_FATAL_FAILURE(expect_document(document));
}

TEST_P(Pieces, AreRefusedWhereTheRecordSaysOtherwise) {
    Document document;
    ASSERT_NO_FATAL_FAILURE(fill_document(random_, GetParam(), 5, document));
    give(document, kAllPieces, 0, 1);
    std::vector<PgsTerm> terms;
    ASSERT_TRUE(is_last_);
    EXPECT_FALSE(reader_.read(last_, terms));
    give(document, kAllPieces);
    ASSERT_NO_FATAL_FAILURE(expect_document(document));
}

}  // namespace
}  // namespace pgslab::inverted
