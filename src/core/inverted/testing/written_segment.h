// Documents in memory, the segment that is made of them, and what a reader says is in it.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "inverted/format.h"
#include "inverted/inverter.h"
#include "inverted/segment_reader.h"
#include "inverted/segment_writer.h"

namespace pgslab::inverted {

using Random = std::mt19937_64;

inline Bytes bytes_of(const std::string &term) {
    return {reinterpret_cast<const uint8_t *>(term.data()), term.size()};
}
inline std::string string_of(Bytes term) {
    return {reinterpret_cast<const char *>(term.data()), term.size()};
}

struct TestDocument {
    std::map<std::string, float> terms;
    std::vector<uint8_t> keys;

    // As the terms of a document come; they point into it.
    std::vector<PgsTerm> pgs_terms() const {
        std::vector<PgsTerm> all;
        for (const auto &[term, weight] : terms) {
            all.push_back({term.data(), static_cast<uint32_t>(term.size()), weight});
        }
        return all;
    }

    DocumentMeasure measure(Weights weights) const {
        DocumentMeasure measure;
        for (const auto &[term, weight] : terms) {
            if (weights == Weights::kOccurrences) {
                measure.length += static_cast<uint32_t>(weight);
            } else if (weights == Weights::kCosines) {
                measure.square += double{weight} * double{weight};
            }
        }
        return measure;
    }
};

// Some numbers are nobody's.
struct TestDocuments {
    Inverted index = {};
    std::vector<Range> ranges;
    std::map<uint32_t, TestDocument> by_number;

    uint32_t numbers() const {
        uint32_t sum = 0;
        for (const Range &range : ranges) {
            sum += range.count;
        }
        return sum;
    }
};

inline Inverted test_index(Weights weights, const PgsKeyColumns &keys = {}) {
    Inverted index = {};
    index.weights = weights;
    index.keys = key_formats(keys);
    if (weights == Weights::kOccurrences) {
        index.k1 = 1.2;
        index.b = 0.75;
    } else {
        index.dims = 1 << 20;
    }
    return index;
}

constexpr Weights kAllWeights[] = {Weights::kOccurrences, Weights::kProducts, Weights::kCosines};

// Terms some of which are far more frequent than others; of text a few are as long as terms may be.
inline std::string random_term(Random &random, Weights weights, uint32_t terms) {
    const double share = std::pow(std::uniform_real_distribution<>(0, 1)(random), 3);
    const auto number = static_cast<uint32_t>(share * terms);
    if (weights != Weights::kOccurrences) {
        const uint32_t dimension = number * 977 % (1 << 20);
        return {static_cast<char>(dimension >> 24), static_cast<char>(dimension >> 16),
                static_cast<char>(dimension >> 8), static_cast<char>(dimension)};
    }
    const std::string word = std::to_string(number * 2654435761u);
    return number % 97 == 96 ? word + std::string(PGS_MAX_TERM_BYTES - word.size(), 'x') : word;
}

inline float random_weight(Random &random, Weights weights) {
    if (weights == Weights::kOccurrences) {
        return static_cast<float>(random() % 4 > 0 ? 1 : 1 + random() % (random() % 50 + 1));
    }
    const float size = std::ldexp(1.0f, static_cast<int>(random() % 40) - 20);
    return (random() % 3 == 0 ? -size : size) * (1 + static_cast<float>(random() % 1000) / 1000);
}

inline TestDocument random_document(Random &random, const Inverted &index, uint32_t terms,
                                    uint32_t most_terms) {
    TestDocument document;
    const uint32_t least = index.weights == Weights::kCosines ? 1 : 0;
    const auto n = static_cast<uint32_t>(least + random() % (most_terms + 1));
    for (uint32_t i = 0; i < n; i++) {
        document.terms[random_term(random, index.weights, terms)] =
            random_weight(random, index.weights);
    }
    document.keys.resize(key_bytes(index.keys));
    for (uint8_t &byte : document.keys) {
        byte = static_cast<uint8_t>(random() % 3);
    }
    return document;
}

// So many numbers in a few ranges, of which some are nobody's.
inline TestDocuments random_documents(Random &random, const Inverted &index, uint32_t numbers,
                                      uint32_t terms, uint32_t most_terms) {
    TestDocuments documents;
    documents.index = index;
    uint32_t handle = 0;
    for (uint32_t left = numbers; left > 0;) {
        const auto count = static_cast<uint32_t>(1 + random() % left);
        documents.ranges.push_back({make_address(handle, random() % 1000), count, 0});
        left -= count;
        handle++;
    }
    const uint32_t nobodys = random() % 2 == 0 ? 0 : 5;
    for (uint32_t number = 0; number < numbers; number++) {
        if (nobodys == 0 || random() % nobodys != 0) {
            documents.by_number[number] = random_document(random, index, terms, most_terms);
        }
    }
    return documents;
}

class WrittenSegment {
  public:
    Segment segment = {7, 12, 0, {100, 0}, kHeaderPages, 0};
    std::map<uint32_t, Page> pages;

    // Takes what a writer has made ready.
    void take(std::deque<ReadyPage> &ready) {
        for (; !ready.empty(); ready.pop_front()) {
            EXPECT_TRUE(pages.emplace(ready.front().block, ready.front().page).second)
                << "written twice";
        }
    }

    const Page &page(uint32_t i) const { return pages.at(segment.run.block + i); }
    SegmentHeader header() const {
        SegmentHeader header;
        std::memcpy(&header, page(0).payload, sizeof header);
        return header;
    }
};

// What a writer is given before terms.
inline void add_documents(const TestDocuments &documents, SegmentWriter &writer) {
    for (const Range &range : documents.ranges) {
        writer.add_range(range.address, range.count);
    }
    for (const auto &[number, document] : documents.by_number) {
        writer.add_document(number, document.measure(documents.index.weights),
                            document.keys.data());
    }
    writer.begin_terms();
}

inline WrittenSegment write_segment(const TestDocuments &documents) {
    Inverter inverter(documents.index.weights);
    for (const auto &[number, document] : documents.by_number) {
        const std::vector<PgsTerm> terms = document.pgs_terms();
        inverter.add(number, terms.data(), static_cast<uint32_t>(terms.size()));
    }
    WrittenSegment written;
    std::deque<ReadyPage> ready;
    SegmentWriter writer(written.segment, documents.index, ready);
    add_documents(documents, writer);
    inverter.write(writer);
    EXPECT_EQ(writer.documents(), documents.by_number.size());
    EXPECT_EQ(writer.postings(), inverter.postings());
    written.segment.run.blocks = writer.end();
    written.segment.rows = writer.documents();
    written.take(ready);
    return written;
}

// Gives the reader the pages that it wants.
inline PgsStatus read_on(SegmentReader &reader, const WrittenSegment &written, PgsError *error) {
    while (reader.wanted().block != PGS_NO_BLOCK) {
        Page page = written.pages.at(reader.wanted().block);
        if (!is_intact(page)) {
            mark(page);
        }
        if (PgsStatus status = reader.page(page, error)) {
            return status;
        }
    }
    return PGS_OK;
}

// The terms of documents by their numbers.
using ReadDocuments = std::map<uint32_t, std::map<std::string, float>>;

// Reads all postings.
inline PgsStatus read_terms(SegmentReader &reader, const WrittenSegment &written,
                            ReadDocuments &documents, PgsError *error) {
    reader.begin_terms();
    for (;;) {
        if (PgsStatus status = read_on(reader, written, error)) {
            return status;
        }
        if (reader.at_end()) {
            return PGS_OK;
        }
        if (reader.ends_term()) {
            reader.next_term();
            continue;
        }
        const Postings &block = reader.block();
        for (uint32_t i = 0; i < block.count; i++) {
            documents[block.number[i]][string_of(reader.term())] = block.weight[i];
        }
        reader.next_block();
    }
}

// What a reader says is what was written.
inline void expect_documents(const WrittenSegment &written, const TestDocuments &documents) {
    PgsError error = {};
    SegmentReader reader(written.segment, documents.index);
    ASSERT_EQ(read_on(reader, written, &error), PGS_OK) << error.detail;
    ASSERT_TRUE(reader.has_documents());
    ASSERT_EQ(reader.shape().header.documents, documents.by_number.size());
    ASSERT_EQ(reader.shape().header.numbers, documents.numbers());
    for (uint32_t number = 0; number < documents.numbers(); number++) {
        const auto found = documents.by_number.find(number);
        const DocumentMeasure expected = found == documents.by_number.end()
                                             ? DocumentMeasure{}
                                             : found->second.measure(documents.index.weights);
        ASSERT_EQ(reader.document(number).length, expected.length) << number;
        ASSERT_EQ(reader.document(number).square, expected.square) << number;
    }
    ReadDocuments read;
    ASSERT_EQ(read_terms(reader, written, read, &error), PGS_OK) << error.detail;
    for (const auto &[number, document] : documents.by_number) {
        ASSERT_EQ(read[number], document.terms) << number;
    }
    ASSERT_EQ(read.size(), documents.by_number.size()) << "numbers that are nobody's have terms";
}

}  // namespace pgslab::inverted
