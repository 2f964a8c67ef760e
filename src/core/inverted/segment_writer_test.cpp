// What is written to a segment lies where it should, and a reader gives it back.
#include "inverted/segment_writer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "inverted/testing/written_segment.h"

namespace pgslab::inverted {
namespace {

// No filter column, or some.
PgsKeyColumns random_keys(Random &random) {
    PgsKeyColumns keys = {};
    keys.count = static_cast<uint32_t>(random() % 4);
    for (uint32_t c = 0; c < keys.count; c++) {
        keys.column[c] = {static_cast<uint8_t>(random() % 2 == 0 ? 4 : 8),
                          static_cast<uint8_t>(random() % 3 == 0 ? 5 : 1)};
    }
    return keys;
}

TestDocuments random_documents(Random &random, Weights weights) {
    const auto numbers = static_cast<uint32_t>(1 + random() % (random() % 2 == 0 ? 30 : 2000));
    const auto terms = static_cast<uint32_t>(1 + random() % 3000);
    return random_documents(random, test_index(weights, random_keys(random)), numbers, terms,
                            static_cast<uint32_t>(random() % 40));
}

TEST(InvertedSegmentWriter, AReaderGivesWhatWasWritten) {
    Random random(1);
    for (int round = 0; round < 20; round++) {
        for (const Weights weights : kAllWeights) {
            const TestDocuments documents = random_documents(random, weights);
            ASSERT_NO_FATAL_FAILURE(expect_documents(write_segment(documents), documents));
        }
    }
}

// Of which tables follow one another.
TEST(InvertedSegmentWriter, FillsEveryPageOfTheSegment) {
    Random random(2);
    for (int round = 0; round < 20; round++) {
        for (const Weights weights : kAllWeights) {
            const TestDocuments documents = random_documents(random, weights);
            const WrittenSegment written = write_segment(documents);
            ASSERT_EQ(written.pages.size(), written.segment.run.blocks);
            for (uint32_t i = 0; i < written.segment.run.blocks; i++) {
                PgsError error = {};
                ASSERT_EQ(verify_page(written.page(i), page_of_segment(written.segment, i), &error),
                          PGS_OK)
                    << error.detail;
                ASSERT_GT(used_bytes(written.page(i)), 0u) << i;
            }
            const SegmentHeader header = written.header();
            EXPECT_EQ(header.stream.first, kHeaderPages);
            EXPECT_EQ(header.dictionary.first, header.stream.first + header.stream.pages);
            EXPECT_EQ(header.documents_table.first,
                      header.dictionary.first + header.dictionary.pages);
            EXPECT_EQ(header.groups.first + header.groups.pages, written.segment.run.blocks);
        }
    }
}

// Whoever measures how long it will be gives it no place.
TEST(InvertedSegmentWriter, IsAsLongWhereverItIs) {
    Random random(3);
    for (const Weights weights : kAllWeights) {
        const TestDocuments documents = random_documents(random, weights);
        Inverter inverter(weights);
        for (const auto &[number, document] : documents.by_number) {
            const std::vector<PgsTerm> terms = document.pgs_terms();
            inverter.add(number, terms.data(), static_cast<uint32_t>(terms.size()));
        }
        std::deque<ReadyPage> ready;
        SegmentWriter writer({}, documents.index, ready);
        add_documents(documents, writer);
        inverter.write(writer);
        const uint32_t blocks = writer.end();
        EXPECT_EQ(blocks, write_segment(documents).segment.run.blocks);
        EXPECT_EQ(ready.size(), blocks);
    }
}

TEST(InvertedSegmentWriter, OfNoTermsHasNoStream) {
    for (const Weights weights : {Weights::kOccurrences, Weights::kProducts}) {
        TestDocuments documents;
        documents.index = test_index(weights);
        documents.ranges = {{0, 3, 0}};
        documents.by_number[0] = {};
        documents.by_number[2] = {};
        const WrittenSegment written = write_segment(documents);
        EXPECT_EQ(written.header().stream.pages, 0u);
        EXPECT_EQ(written.header().dictionary.pages, 0u);
        SegmentReader reader(written.segment, documents.index);
        PgsError error = {};
        ReadDocuments read;
        ASSERT_EQ(read_on(reader, written, &error), PGS_OK) << error.detail;
        ASSERT_EQ(read_terms(reader, written, read, &error), PGS_OK) << error.detail;
        EXPECT_TRUE(reader.at_end());
        EXPECT_TRUE(read.empty());
    }
}

TEST(InvertedSegmentWriter, RangesThatFollowOneAnotherAreOne) {
    std::deque<ReadyPage> ready;
    WrittenSegment written;
    SegmentWriter writer(written.segment, test_index(Weights::kProducts), ready);
    for (uint32_t i = 0; i < 2 * kMostRanges; i++) {
        writer.add_range(make_address(3, 10 + 2 * uint64_t{i}), 2);
        writer.add_range(0, 0);
    }
    writer.add_range(make_address(4, 10 + 4 * uint64_t{kMostRanges}), 1);
    writer.begin_terms();
    writer.end();
    written.take(ready);
    const SegmentHeader header = written.header();
    ASSERT_EQ(header.ranges, 2u);
    EXPECT_EQ(header.numbers, 4 * kMostRanges + 1);
    Range ranges[2];
    std::memcpy(ranges, written.page(0).payload + sizeof header, sizeof ranges);
    EXPECT_EQ(ranges[0].address, make_address(3, 10));
    EXPECT_EQ(ranges[0].count, 4 * kMostRanges);
    EXPECT_EQ(ranges[1].count, 1u);
}

// Terms of more blocks than a page has room for entries of.
TEST(InvertedSegmentWriter, EntriesOfBlocksGoOnOnTheNextPage) {
    Random random(4);
    for (const Weights weights : kAllWeights) {
        TestDocuments documents;
        documents.index = test_index(weights);
        documents.ranges = {{0, 200000, 0}};
        for (uint32_t number = 0; number < 200000; number++) {
            TestDocument &document = documents.by_number[number];
            document.terms["\1\2\3\4"] = random_weight(random, weights);
            if (number % 3 == 0) {
                document.terms["\1\2\3\5"] = random_weight(random, weights);
            }
        }
        const WrittenSegment written = write_segment(documents);
        EXPECT_GT(written.header().entries, 2u * 677);
        ASSERT_NO_FATAL_FAILURE(expect_documents(written, documents));
    }
}

// Not only do bounds hold, which readers look at: none is larger than it has to be.
TEST(InvertedSegmentWriter, BoundsAreTight) {
    Random random(5);
    for (const Weights weights : kAllWeights) {
        const TestDocuments documents = random_documents(random, test_index(weights), 3000, 60, 20);
        std::map<std::string, std::pair<double, double>> factors;
        const WrittenSegment written = write_segment(documents);
        for (const auto &[number, document] : documents.by_number) {
            for (const auto &[term, weight] : document.terms) {
                const double f = posting_factor(documents.index, written.header().average, weight,
                                                document.measure(weights));
                auto &[least, most] = factors[term];
                least = std::min(least, f);
                most = std::max(most, f);
            }
        }
        SegmentReader reader(written.segment, documents.index);
        ASSERT_EQ(read_on(reader, written, nullptr), PGS_OK);
        reader.begin_terms();
        for (;;) {
            ASSERT_EQ(read_on(reader, written, nullptr), PGS_OK);
            if (reader.at_end()) {
                break;
            }
            if (reader.ends_term()) {
                const auto &[least, most] = factors.at(string_of(reader.term()));
                EXPECT_EQ(reader.entry().least, round_down(least));
                EXPECT_EQ(reader.entry().most, round_up(most));
                if (reader.entry().blocks > 1) {
                    const TermEntry &entry = reader.entry();
                    const uint8_t *entries = written.page(entry.page).payload + entry.offset;
                    uint8_t largest[2] = {};
                    for (uint32_t i = 0; i < entry.blocks; i++) {
                        BlockEntry block;
                        std::memcpy(&block, entries + i * sizeof block, sizeof block);
                        largest[0] = std::max(largest[0], block.least);
                        largest[1] = std::max(largest[1], block.most);
                        if (entry.offset + (i + 2) * sizeof block > kPayloadBytes) {
                            largest[0] = entry.least < 0 ? 255 : 0;  // the others are elsewhere
                            largest[1] = entry.most > 0 ? 255 : 0;
                            break;
                        }
                    }
                    EXPECT_GE(largest[0], entry.least < 0 ? 254 : 0);
                    EXPECT_GE(largest[1], entry.most > 0 ? 254 : 0);
                }
                reader.next_term();
            } else {
                reader.next_block();
            }
        }
    }
}

Postings postings_of(uint32_t first, uint32_t step, uint32_t count) {
    Postings postings = {};
    postings.count = count;
    for (uint32_t i = 0; i < count; i++) {
        postings.number[i] = first + i * step;
        postings.weight[i] = 1;
    }
    return postings;
}

TEST(InvertedSegmentWriter, PutsPostingsTogetherWhereThatPays) {
    WrittenSegment written;
    std::deque<ReadyPage> ready;
    const Inverted index = test_index(Weights::kOccurrences);
    SegmentWriter writer(written.segment, index, ready);
    writer.add_range(0, 1000000);
    for (uint32_t number = 0; number < 1000000; number++) {
        writer.add_document(number, {5, 0}, nullptr);
    }
    writer.begin_terms();
    writer.begin_term(bytes_of("a"));  // few and near: one block
    for (uint32_t i = 0; i < 100; i++) {
        writer.add(postings_of(i * 10, 1, 1));
    }
    writer.end_term();
    writer.begin_term(bytes_of("b"));  // no more than a block has room for
    writer.add(postings_of(0, 1, 100));
    writer.add(postings_of(100, 1, 100));
    writer.end_term();
    writer.begin_term(bytes_of("c"));  // far from one another
    writer.add(postings_of(0, 1, 60));
    writer.add(postings_of(900000, 1, 60));
    writer.end_term();
    writer.begin_term(bytes_of("d"));  // nothing
    writer.end_term();
    EXPECT_EQ(writer.postings(), 100u + 200 + 120);
    written.segment.run.blocks = writer.end();
    written.segment.rows = writer.documents();
    written.take(ready);
    EXPECT_EQ(written.header().terms, 3u);
    SegmentReader reader(written.segment, index);
    ASSERT_EQ(read_on(reader, written, nullptr), PGS_OK);
    reader.begin_terms();
    for (const uint32_t blocks : {1u, 2u, 2u}) {
        ASSERT_EQ(read_on(reader, written, nullptr), PGS_OK);
        EXPECT_EQ(reader.entry().blocks, blocks) << string_of(reader.term());
        while (!reader.ends_term()) {
            reader.next_block();
            ASSERT_EQ(read_on(reader, written, nullptr), PGS_OK);
        }
        reader.next_term();
    }
    EXPECT_TRUE(reader.at_end());
}

std::vector<Posting> sorted(std::vector<Posting> postings) {
    std::sort(postings.begin(), postings.end());
    return postings;
}

void expect_postings(const WrittenSegment &written, const GroupColumn &place,
                     const PgsKeyColumn &column, const std::vector<Posting> &expected) {
    ASSERT_EQ(place.postings, expected.size());
    const uint32_t each = postings_per_page(column);
    const auto pages = static_cast<uint32_t>(divide_up(expected.size(), each));
    ASSERT_EQ(place.fences.pages, fence_pages(column, pages));
    for (uint32_t i = 0; i < expected.size(); i++) {
        const uint8_t *page = written.page(place.first + i / each).payload;
        const Posting posting = load_posting(page + i % each * bytes_of_posting(column), column);
        ASSERT_EQ(posting.key, expected[i].key);
        ASSERT_EQ(posting.row, expected[i].row);
    }
    for (uint32_t i = 0; i < pages; i++) {
        const uint32_t per_page = fences_per_page(column);
        const uint8_t *page = written.page(place.fences.first + i / per_page).payload;
        ASSERT_EQ(load_key(page + i % per_page * column.key_bytes, column.key_bytes),
                  expected[i * each].key);
    }
}

TEST(InvertedSegmentWriter, HasPostingsOfKeysByGroups) {
    Random random(6);
    const PgsKeyColumns columns = {2, {{8, 1}, {4, 3}}};
    for (const uint32_t numbers : {1u, 5000u, kGroupNumbers, kGroupNumbers + 1, 600000u}) {
        const TestDocuments documents =
            random_documents(random, test_index(Weights::kProducts, columns), numbers, 1, 0);
        const WrittenSegment written = write_segment(documents);
        const TablePages groups = written.header().groups;
        ASSERT_EQ(groups.pages, 1u);
        for (uint32_t group = 0; group < divide_up(numbers, kGroupNumbers); group++) {
            for (uint32_t c = 0; c < columns.count; c++) {
                const PgsKeyColumn &column = columns.column[c];
                std::vector<Posting> expected;
                auto at = documents.by_number.lower_bound(group * kGroupNumbers);
                const auto end = documents.by_number.lower_bound((group + 1) * kGroupNumbers);
                for (; at != end; ++at) {
                    const uint8_t *keys = at->second.keys.data() + key_bytes(columns, c);
                    for (uint32_t k = 0; k < column.keys; k++) {
                        expected.push_back({load_key(keys + k * column.key_bytes, column.key_bytes),
                                            at->first - group * kGroupNumbers});
                    }
                }
                GroupColumn place;
                std::memcpy(
                    &place,
                    written.page(groups.first).payload + (group * columns.count + c) * sizeof place,
                    sizeof place);
                ASSERT_NO_FATAL_FAILURE(
                    expect_postings(written, place, column, sorted(std::move(expected))));
            }
        }
    }
}

}  // namespace
}  // namespace pgslab::inverted
