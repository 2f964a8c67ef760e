#include "inverted/inverter.h"

#include <gtest/gtest.h>

#include <cmath>

#include "inverted/testing/written_segment.h"

namespace pgslab::inverted {
namespace {

// Terms of any bytes, as long as may be, and of numbers far apart.
TEST(Inverter, HandsOutWhatItWasGivenByTerm) {
    Random random(1);
    for (const Weights weights : kAllWeights) {
        TestDocuments documents;
        documents.index = test_index(weights);
        documents.ranges = {{0, 3000000, 0}};
        uint32_t number = 0;
        for (int i = 0; i < 500; i++, number += 1 + random() % (random() % 100 == 0 ? 90000 : 3)) {
            TestDocument &document = documents.by_number[number];
            const auto n = 1 + random() % 30;
            for (size_t t = 0; t < n; t++) {
                const size_t length =
                    random() % 200 == 0 ? PGS_MAX_TERM_BYTES : 1 + random() % (random() % 20 + 1);
                std::string term(length, static_cast<char>(random() % 256));
                term.back() = static_cast<char>(random() % 256);
                document.terms[term] = weights == Weights::kOccurrences && random() % 50 == 0
                                           ? kMostOccurrences
                                           : random_weight(random, weights);
            }
        }
        ASSERT_LT(number, 3000000u);
        ASSERT_NO_FATAL_FAILURE(expect_documents(write_segment(documents), documents));
    }
}

// Its terms come 128 postings at a time, so that blocks are full.
TEST(Inverter, FillsBlocks) {
    TestDocuments documents;
    documents.index = test_index(Weights::kOccurrences);
    documents.ranges = {{0, 1000, 0}};
    for (uint32_t number = 0; number < 1000; number++) {
        documents.by_number[number].terms["word"] = 1;
    }
    const WrittenSegment written = write_segment(documents);
    EXPECT_EQ(written.header().blocks, 8u);
    EXPECT_EQ(written.header().postings, 1000u);
}

TEST(Inverter, SaysHowMuchMemoryItTakes) {
    Inverter inverter(Weights::kOccurrences);
    EXPECT_EQ(inverter.memory(), 0u);
    EXPECT_EQ(inverter.postings(), 0u);
    const PgsTerm term = {"word", 4, 1};
    size_t last = 0;
    for (uint32_t number = 0; number < 100000; number++) {
        inverter.add(number, &term, 1);
        ASSERT_GE(inverter.memory(), last);
        last = inverter.memory();
    }
    EXPECT_EQ(inverter.postings(), 100000u);
    EXPECT_GT(last, 100000u);
    EXPECT_LT(last, 300000u);
    inverter.clear();
    EXPECT_EQ(inverter.memory(), 0u);
    EXPECT_EQ(inverter.postings(), 0u);
    inverter.add(0, &term, 1);
    EXPECT_EQ(inverter.postings(), 1u);
}

}  // namespace
}  // namespace pgslab::inverted
