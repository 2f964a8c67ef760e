// How long a posting takes on its way into a segment and out of it, in nanoseconds.
//
// The names are invert, write and read, then the kind of weights; of documents of 100 terms each,
// which are as frequent as words are. The counter ns_a_posting is what to look at.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <deque>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "inverted/format.h"
#include "inverted/inverter.h"
#include "inverted/segment_reader.h"
#include "inverted/segment_writer.h"

namespace pgslab::inverted {
namespace {

constexpr uint32_t kDocuments = 50000;
constexpr uint32_t kTerms = 100;  // of a document
constexpr double kPostings = double{kDocuments} * kTerms;

// Documents, each with the bytes of its terms one behind the other, as they come.
struct Documents {
    Inverted index = {};
    std::vector<std::string> words;
    std::deque<std::string> bytes;
    std::vector<std::vector<PgsTerm>> terms;
    std::vector<DocumentMeasure> measure;

    // How many words there are depends on what they are of: of vectors on the dimensions.
    explicit Documents(Weights weights) : words(weights == Weights::kOccurrences ? 300000 : 30000) {
        index.weights = weights;
        index.k1 = 1.2;
        index.b = 0.75;
        for (uint32_t i = 0; i < words.size(); i++) {
            words[i] = std::to_string(i * 2654435761u);
            words[i].resize(weights == Weights::kOccurrences ? words[i].size() : 4);
        }
        std::sort(words.begin(), words.end());
        words.erase(std::unique(words.begin(), words.end()), words.end());
        std::shuffle(words.begin(), words.end(), random_);
        for (uint32_t number = 0; number < kDocuments; number++) {
            add();
        }
    }

    Inverter invert() const {
        Inverter inverter(index.weights);
        for (uint32_t number = 0; number < kDocuments; number++) {
            inverter.add(number, terms[number].data(), kTerms);
        }
        return inverter;
    }

    uint32_t write(const Inverter &inverter, const Segment &segment,
                   std::deque<ReadyPage> &ready) const {
        SegmentWriter writer(segment, index, ready);
        writer.add_range(0, kDocuments);
        for (uint32_t number = 0; number < kDocuments; number++) {
            writer.add_document(number, measure[number], nullptr);
        }
        writer.begin_terms();
        inverter.write(writer);
        return writer.end();
    }

  private:
    // The n-th word is as frequent as 1 / n has it.
    void add() {
        std::uniform_real_distribution<> uniform(0, 1);
        std::map<std::string_view, float> found;
        while (found.size() < kTerms) {
            const double rank = std::pow(static_cast<double>(words.size()), uniform(random_));
            found[words[static_cast<size_t>(rank) - 1]] = random_() % 4 == 0 ? 2 : 1;
        }
        terms.emplace_back();
        measure.emplace_back();
        bytes.emplace_back();
        for (const auto &[word, weight] : found) {
            bytes.back().append(word);
            measure.back().length += static_cast<uint32_t>(weight);
            measure.back().square += double{weight} * double{weight};
        }
        const char *at = bytes.back().data();
        for (const auto &[word, weight] : found) {
            terms.back().push_back({at, static_cast<uint32_t>(word.size()), weight});
            at += word.size();
        }
    }

    std::mt19937_64 random_{1};
};

void count_postings(benchmark::State &state) {
    state.counters["ns_a_posting"] =
        benchmark::Counter(kPostings * 1e-9, benchmark::Counter::kIsIterationInvariantRate |
                                                 benchmark::Counter::kInvert);
}

void invert(benchmark::State &state, Weights weights) {
    const Documents documents(weights);
    for (auto _ : state) {
        const Inverter inverter = documents.invert();
        state.counters["bytes_a_posting"] = static_cast<double>(inverter.memory()) / kPostings;
    }
    count_postings(state);
}

void write(benchmark::State &state, Weights weights) {
    const Documents documents(weights);
    const Inverter inverter = documents.invert();
    for (auto _ : state) {
        std::deque<ReadyPage> ready;
        const uint32_t blocks = documents.write(inverter, {}, ready);
        state.counters["bytes_a_posting"] = blocks * double{kPageBytes} / kPostings;
    }
    count_postings(state);
}

void read(benchmark::State &state, Weights weights) {
    const Documents documents(weights);
    Segment segment = {1, 1, kDocuments, {0, 0}, kHeaderPages, 0};
    std::deque<ReadyPage> ready;
    segment.run.blocks = documents.write(documents.invert(), segment, ready);
    std::vector<Page> pages(segment.run.blocks);
    for (const ReadyPage &page : ready) {
        pages[page.block] = page.page;
    }
    const auto read_on = [&](SegmentReader &reader) {
        while (reader.wanted().block != PGS_NO_BLOCK) {
            PgsError error = {};
            if (reader.page(pages[reader.wanted().block], &error) != PGS_OK) {
                state.SkipWithError(error.detail);
                return false;
            }
        }
        return !reader.at_end();
    };
    for (auto _ : state) {
        SegmentReader reader(segment, documents.index);
        read_on(reader);
        reader.begin_terms();
        while (read_on(reader)) {
            if (reader.ends_term()) {
                reader.next_term();
            } else {
                reader.next_block();
            }
        }
    }
    count_postings(state);
}

#define OF_ALL_WEIGHTS(run)                                                                    \
    BENCHMARK_CAPTURE(run, occurrences, Weights::kOccurrences)->Unit(benchmark::kMillisecond); \
    BENCHMARK_CAPTURE(run, products, Weights::kProducts)->Unit(benchmark::kMillisecond);       \
    BENCHMARK_CAPTURE(run, cosines, Weights::kCosines)->Unit(benchmark::kMillisecond)

OF_ALL_WEIGHTS(invert);
OF_ALL_WEIGHTS(write);
OF_ALL_WEIGHTS(read);

}  // namespace
}  // namespace pgslab::inverted
