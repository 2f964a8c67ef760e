// Damage to a segment is found, or at least nothing else goes wrong.
#include "inverted/segment_reader.h"

#include <gtest/gtest.h>

#include <cstring>

#include "inverted/testing/written_segment.h"

namespace pgslab::inverted {
namespace {

// Reads all of it.
PgsStatus read_all(const WrittenSegment &written, const Inverted &index, ReadDocuments &documents,
                   PgsError *error) {
    SegmentReader reader(written.segment, index);
    if (PgsStatus status = read_on(reader, written, error)) {
        return status;
    }
    return read_terms(reader, written, documents, error);
}

TestDocuments few_documents(Random &random, Weights weights) {
    return random_documents(random, test_index(weights), 12, 20, 6);
}

TEST(InvertedSegmentReader, RefusesADamagedPage) {
    Random random(1);
    for (const Weights weights : kAllWeights) {
        const TestDocuments documents = few_documents(random, weights);
        WrittenSegment written = write_segment(documents);
        for (auto &[block, page] : written.pages) {
            for (uint32_t at = 0; at < used_bytes(page); at++) {
                page.payload[at] ^= static_cast<uint8_t>(1 << random() % 8);
                ReadDocuments read;
                PgsError error = {};
                ASSERT_EQ(read_all(written, documents.index, read, &error), PGS_CORRUPT);
                ASSERT_EQ(error.block, block);
                page = write_segment(documents).pages.at(block);
            }
        }
    }
}

// Whatever a page says that has a checksum, reading ends, and gives no number that is none.
TEST(InvertedSegmentReader, ReadsNothingBeyondWhatIsThere) {
    Random random(2);
    for (const Weights weights : kAllWeights) {
        const TestDocuments documents = few_documents(random, weights);
        const WrittenSegment sound = write_segment(documents);
        ReadDocuments expected;
        ASSERT_EQ(read_all(sound, documents.index, expected, nullptr), PGS_OK);
        uint32_t refused = 0;
        uint32_t same = 0;
        uint32_t tried = 0;
        for (const auto &[block, page] : sound.pages) {
            for (uint32_t at = 0; at < used_bytes(page); at++) {
                for (const int value : {0, 0xFF, page.payload[at] ^ 1, page.payload[at] + 1,
                                        static_cast<int>(random() % 256)}) {
                    WrittenSegment written = sound;
                    Page &damaged = written.pages.at(block);
                    damaged.payload[at] = static_cast<uint8_t>(value);
                    damaged.slab.checksum = page_checksum(damaged);
                    if (damaged.payload[at] == page.payload[at]) {
                        continue;
                    }
                    tried++;
                    ReadDocuments read;
                    PgsError error = {};
                    const PgsStatus status = read_all(written, documents.index, read, &error);
                    if (status == PGS_CORRUPT) {
                        refused++;
                        continue;
                    }
                    ASSERT_EQ(status, PGS_OK);
                    same += read == expected ? 1 : 0;
                    for (const auto &[number, terms] : read) {
                        ASSERT_LT(number, documents.numbers());
                    }
                }
            }
        }
        // Letters of terms, values and numbers may well be others.
        EXPECT_GT(refused, tried / 3) << "of " << tried << ", same " << same;
    }
}

// The same of several bytes on pages of segments that have all tables.
TEST(InvertedSegmentReader, EndsOnAnyPages) {
    Random random(3);
    for (const Weights weights : kAllWeights) {
        const PgsKeyColumns keys = {1, {{4, 2}}};
        const TestDocuments documents =
            random_documents(random, test_index(weights, keys), 900, 100, 30);
        const WrittenSegment sound = write_segment(documents);
        for (int round = 0; round < 400; round++) {
            WrittenSegment written = sound;
            auto damaged = std::next(written.pages.begin(),
                                     static_cast<long>(random() % written.pages.size()));
            Page &page = damaged->second;
            const auto n = 1 + random() % 4;
            for (size_t i = 0; i < n; i++) {
                page.payload[random() % used_bytes(page)] = static_cast<uint8_t>(random());
            }
            if (random() % 4 == 0) {
                page.server.lower =
                    static_cast<uint16_t>(kPayloadOffset + random() % (used_bytes(page) + 1));
            }
            page.slab.checksum = page_checksum(page);
            ReadDocuments read;
            PgsError error = {};
            const PgsStatus status = read_all(written, documents.index, read, &error);
            ASSERT_TRUE(status == PGS_OK || status == PGS_CORRUPT) << error.detail;
        }
    }
}

// Tables that do not say the same of one another, each of which could be right by itself.
class Disagreement : public ::testing::Test {
  protected:
    void expect_refused(uint32_t page, const char *what) {
        Page &changed = written_.pages.at(written_.segment.run.block + page);
        changed.slab.checksum = page_checksum(changed);
        ReadDocuments read;
        PgsError error = {};
        EXPECT_EQ(read_all(written_, documents_.index, read, &error), PGS_CORRUPT) << what;
        written_ = sound_;
    }
    template <typename T>
    T &at(uint32_t page, uint32_t offset) {
        Page &changed = written_.pages.at(written_.segment.run.block + page);
        return *reinterpret_cast<T *>(changed.payload + offset);
    }

    Random random_{4};
    TestDocuments documents_ =
        random_documents(random_, test_index(Weights::kOccurrences), 3000, 50, 20);
    WrittenSegment sound_ = write_segment(documents_);
    WrittenSegment written_ = sound_;
    SegmentHeader header_ = sound_.header();
};

TEST_F(Disagreement, OfSums) {
    at<SegmentHeader>(0, 0).postings++;
    expect_refused(0, "postings");
    at<SegmentHeader>(0, 0).number_bytes += 4;
    expect_refused(0, "number_bytes");
    at<SegmentHeader>(0, 0).weight_bytes += 4;
    expect_refused(0, "weight_bytes");
    at<SegmentHeader>(0, 0).blocks++;
    expect_refused(0, "blocks");
    at<SegmentHeader>(0, 0).entries--;
    expect_refused(0, "entries");
    at<SegmentHeader>(0, 0).term_bytes += 4;
    expect_refused(0, "term_bytes");
    at<SegmentHeader>(0, 0).terms++;
    expect_refused(0, "terms");
    at<SegmentHeader>(0, 0).length++;
    expect_refused(0, "length");
}

TEST_F(Disagreement, OfBlocksAndTheirEntries) {
    SegmentReader reader(sound_.segment, documents_.index);
    ASSERT_EQ(read_on(reader, sound_, nullptr), PGS_OK);
    reader.begin_terms();
    ASSERT_EQ(read_on(reader, sound_, nullptr), PGS_OK);
    while (reader.entry().blocks == 1) {
        reader.next_block();
        ASSERT_EQ(read_on(reader, sound_, nullptr), PGS_OK);
        reader.next_term();
        ASSERT_EQ(read_on(reader, sound_, nullptr), PGS_OK);
    }
    const TermEntry term = reader.entry();
    at<BlockEntry>(term.page, term.offset).last++;
    expect_refused(term.page, "last");
    at<BlockEntry>(term.page, term.offset).page++;
    expect_refused(term.page, "page");
    at<BlockEntry>(term.page, term.offset).offset += 4;
    expect_refused(term.page, "offset");
    at<BlockEntry>(term.page, term.offset).most--;
    expect_refused(term.page, "most");
    BlockEntry first;
    std::memcpy(&first, sound_.page(term.page).payload + term.offset, sizeof first);
    at<BlockHeader>(first.page, first.offset).first--;
    expect_refused(first.page, "a number");
}

TEST_F(Disagreement, OfTheDictionary) {
    const uint32_t page = header_.dictionary.first;
    const auto entry = at<uint16_t>(page, sizeof(DictionaryHeader));
    at<TermEntry>(page, entry).documents++;
    expect_refused(page, "documents");
    at<TermEntry>(page, entry).blocks++;
    expect_refused(page, "blocks");
    at<TermEntry>(page, entry).most *= 0.99f;
    expect_refused(page, "most");
    at<TermEntry>(page, entry).offset += 4;
    expect_refused(page, "offset");
    at<TermEntry>(page, entry).page++;
    expect_refused(page, "page");
}

TEST_F(Disagreement, OfDocuments) {
    const uint32_t page = header_.documents_table.first;
    ASSERT_EQ(header_.document_bytes, 1u);
    at<uint8_t>(page, 0)++;
    expect_refused(page, "the sum of lengths");
    // A document that is shorter than a word of it occurs in it, though their sum is what it was.
    uint32_t number = 0;
    uint32_t most = 0;
    for (const auto &[n, document] : documents_.by_number) {
        for (const auto &[term, weight] : document.terms) {
            if (weight > static_cast<float>(most)) {
                number = n;
                most = static_cast<uint32_t>(weight);
            }
        }
    }
    const auto taken = static_cast<uint8_t>(at<uint8_t>(page, number) - most + 1);
    at<uint8_t>(page, number) = static_cast<uint8_t>(at<uint8_t>(page, number) - taken);
    uint32_t other = number == 0 ? 1 : 0;
    while (at<uint8_t>(page, other) == 0 || at<uint8_t>(page, other) > UINT8_MAX - taken) {
        other++;
    }
    at<uint8_t>(page, other) = static_cast<uint8_t>(at<uint8_t>(page, other) + taken);
    expect_refused(page, "a length");
}

}  // namespace
}  // namespace pgslab::inverted
