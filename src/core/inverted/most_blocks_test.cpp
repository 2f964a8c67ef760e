// A merge never takes more blocks than were reserved for it, whatever is merged and dropped.
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "inverted/segment_writer.h"
#include "inverted/testing/written_segment.h"

namespace pgslab::inverted {
namespace {

// Which numbers of the merged segment those of one that is merged become.
using NewNumbers = std::vector<std::optional<uint32_t>>;

// The postings that stay.
Postings renumbered(const Postings &block, const NewNumbers &numbers) {
    Postings left = {};
    for (uint32_t i = 0; i < block.count; i++) {
        if (const std::optional<uint32_t> number = numbers[block.number[i]]) {
            left.number[left.count] = *number;
            left.weight[left.count++] = block.weight[i];
        }
    }
    return left;
}

// All postings of the readers' segments.
void merge_terms(const std::vector<WrittenSegment> &merged, const std::vector<NewNumbers> &numbers,
                 const Inverted &index, SegmentWriter &writer) {
    std::vector<SegmentReader> readers;
    for (const WrittenSegment &written : merged) {
        readers.emplace_back(written.segment, index);
        ASSERT_EQ(read_on(readers.back(), written, nullptr), PGS_OK);
        readers.back().begin_terms();
        ASSERT_EQ(read_on(readers.back(), written, nullptr), PGS_OK);
    }
    for (;;) {
        std::optional<std::string> term;
        for (const SegmentReader &reader : readers) {
            if (!reader.at_end() && (!term || string_of(reader.term()) < *term)) {
                term = string_of(reader.term());
            }
        }
        if (!term) {
            return;
        }
        writer.begin_term(bytes_of(*term));
        for (size_t i = 0; i < readers.size(); i++) {
            SegmentReader &reader = readers[i];
            if (reader.at_end() || string_of(reader.term()) != *term) {
                continue;
            }
            while (!reader.ends_term()) {
                const Postings left = renumbered(reader.block(), numbers[i]);
                if (left.count > 0) {
                    writer.add(left);
                }
                reader.next_block();
                ASSERT_EQ(read_on(reader, merged[i], nullptr), PGS_OK);
            }
            reader.next_term();
            ASSERT_EQ(read_on(reader, merged[i], nullptr), PGS_OK);
        }
        writer.end_term();
    }
}

// Which of the numbers are dropped: each by chance, or runs of them.
std::vector<bool> random_dropped(Random &random, uint32_t numbers) {
    std::vector<bool> dropped(numbers);
    const auto run = static_cast<uint32_t>(1 + random() % 40);
    const auto every = static_cast<uint32_t>(2 + random() % 10);
    for (uint32_t number = 0; number < numbers; number += run) {
        if (random() % every == 0) {
            std::fill_n(dropped.begin() + number, std::min(run, numbers - number), true);
        }
    }
    return dropped;
}

// Merges them, and compares what comes out, and how long it is. Where documents are dropped, of
// each which, numbers that are nobody's are, too.
void expect_fitting(const std::vector<TestDocuments> &parts,
                    const std::vector<std::vector<bool>> &dropped) {
    const bool drops = !dropped.empty();
    const Inverted &index = parts[0].index;
    TestDocuments expected;
    expected.index = index;
    std::vector<WrittenSegment> merged;
    std::vector<SegmentHeader> headers;
    std::vector<NewNumbers> numbers;
    uint32_t next = 0;
    for (size_t i = 0; i < parts.size(); i++) {
        const TestDocuments &part = parts[i];
        merged.push_back(write_segment(part));
        headers.push_back(merged.back().header());
        NewNumbers new_numbers(part.numbers());
        for (uint32_t number = 0; number < part.numbers(); number++) {
            const auto found = part.by_number.find(number);
            if (drops && (dropped[i][number] || found == part.by_number.end())) {
                continue;
            }
            new_numbers[number] = next;
            if (found != part.by_number.end()) {
                expected.by_number[next] = found->second;
            }
            next++;
        }
        numbers.push_back(std::move(new_numbers));
    }
    expected.ranges = {{make_address(9, 0), next, 0}};

    std::vector<const SegmentHeader *> pointers;
    for (const SegmentHeader &header : headers) {
        pointers.push_back(&header);
    }
    WrittenSegment written;
    std::deque<ReadyPage> ready;
    SegmentWriter writer(written.segment, index, ready);
    add_documents(expected, writer);
    ASSERT_NO_FATAL_FAILURE(merge_terms(merged, numbers, index, writer));
    written.segment.run.blocks = writer.end();
    written.segment.rows = writer.documents();
    written.take(ready);
    ASSERT_LE(written.segment.run.blocks,
              most_blocks(pointers, drops, next, key_columns(index.keys)));
    ASSERT_NO_FATAL_FAILURE(expect_documents(written, expected));
}

TEST(MostBlocks, AreEnoughForRandomSegments) {
    Random random(1);
    for (int round = 0; round < 60; round++) {
        const PgsKeyColumns keys = {static_cast<uint32_t>(random() % 2), {{4, 2}}};
        const Inverted index = test_index(kAllWeights[round % 3], keys);
        std::vector<TestDocuments> parts(1 + random() % 5);
        const auto terms = static_cast<uint32_t>(1 + random() % 2000);
        for (TestDocuments &part : parts) {
            part = random_documents(random, index, static_cast<uint32_t>(1 + random() % 600), terms,
                                    static_cast<uint32_t>(random() % 30));
        }
        std::vector<std::vector<bool>> dropped;
        for (size_t i = 0; i < parts.size() && round % 2 == 0; i++) {
            dropped.push_back(random_dropped(random, parts[i].numbers()));
        }
        ASSERT_NO_FATAL_FAILURE(expect_fitting(parts, dropped));
    }
}

// Gaps that take one bit, or few, grow most where some documents that follow one another are
// dropped of each block, and none between them.
TEST(MostBlocks, AreEnoughWhereGapsAreSmall) {
    constexpr uint32_t kBlocks = 60;  // of each term
    for (uint32_t step = 2; step <= 5; step++) {
        for (const uint32_t left_out : {3u, 7u, 16u, 31u}) {
            const uint32_t numbers = step * kBlockPostings * kBlocks;
            TestDocuments documents;
            documents.index = test_index(Weights::kOccurrences);
            documents.ranges = {{0, numbers, 0}};
            std::vector<bool> dropped(numbers);
            for (uint32_t number = 0; number < numbers; number++) {
                TestDocument &document = documents.by_number[number];
                for (uint32_t term = 0; term < 10 && number % step == 0; term++) {
                    document.terms[std::to_string(term)] = 1;
                }
                const uint32_t in_block = number / step % kBlockPostings;
                dropped[number] = number % step == 0 && in_block >= 50 && in_block < 50 + left_out;
            }
            ASSERT_NO_FATAL_FAILURE(expect_fitting({documents}, {dropped}));
        }
    }
}

// Of however many postings of a block whose gaps take so many bits some are left.
TEST(MostBlocks, AreEnoughForWhatIsLeftOfAnyBlock) {
    for (uint32_t n = 1; n <= kBlockPostings; n++) {
        for (uint32_t bits = 0; bits <= 32; bits++) {
            const uint64_t gap = (uint64_t{1} << bits) - 1;
            const BlockHeader whole = {0, static_cast<uint8_t>(n - 1), static_cast<uint8_t>(bits),
                                       0, 0};
            const uint32_t before = number_bytes(whole);
            for (uint32_t left = 1; left <= n; left++) {
                const uint64_t largest = std::min<uint64_t>(gap * (n - left + 1), UINT32_MAX);
                const BlockHeader header = {0, static_cast<uint8_t>(left - 1),
                                            static_cast<uint8_t>(std::bit_width(largest)), 0, 0};
                const uint32_t after = number_bytes(header);
                ASSERT_LE(after, 5 * before) << n << " " << bits << " " << left;
                ASSERT_LE(2 * after, 2 * before + n) << n << " " << bits << " " << left;
            }
        }
    }
}

}  // namespace
}  // namespace pgslab::inverted
