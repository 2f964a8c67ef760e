// How long searches take over pages in memory: of 200000 documents of text whose words are as
// frequent as a natural language's, and of 200000 sparse vectors of 120 values.
//
// The names are text/TERMS/ROWS, of terms that this part of the documents has at most, and
// vectors/TERMS/RECALL in percent; counted are blocks, postings and pages of a query.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "inverted/testing/built_index.h"
#include "inverted/testing/searching.h"

namespace pgslab::inverted {
namespace {

constexpr uint32_t kDocuments = 200000;
constexpr uint32_t kWords = 100000;
constexpr uint32_t kDimensions = 30000;
constexpr uint32_t kValues = 120;

// A number below n, the i-th as frequent as 1 / (i + 3).
class Zipf {
  public:
    explicit Zipf(uint32_t n) {
        double sum = 0;
        for (uint32_t i = 0; i < n; i++) {
            sum += 1 / (i + 3.0);
            sums_.push_back(sum);
        }
    }
    uint32_t operator()(Random &random) const {
        const double at = std::uniform_real_distribution<>(0, sums_.back())(random);
        return static_cast<uint32_t>(std::lower_bound(sums_.begin(), sums_.end(), at) -
                                     sums_.begin());
    }

  private:
    std::vector<double> sums_;
};

// Of text from 20 to some hundred words, as documents are.
const BuiltIndex &text() {
    static const std::unique_ptr<BuiltIndex> built = [] {
        auto index = std::make_unique<BuiltIndex>(Weights::kOccurrences);
        Random random(1);
        const Zipf words(kWords);
        std::lognormal_distribution<> length(4, 0.5);
        BuiltDocument document;
        index->add_written(kDocuments, [&](size_t i) -> BuiltDocument & {
            std::map<std::string, float> own;
            for (auto n = static_cast<uint32_t>(20 + length(random)); n > 0; n--) {
                own[term_of(Weights::kOccurrences, words(random))]++;
            }
            document.terms.assign(own.begin(), own.end());
            document.tid = {static_cast<uint32_t>(i), 1};
            return document;
        });
        return index;
    }();
    return *built;
}

// Values fall off as those of learned sparse vectors do.
std::map<std::string, float> random_vector(Random &random, const Zipf &dimensions, uint32_t n) {
    std::map<std::string, float> own;
    std::exponential_distribution<float> value(1.5F);
    while (own.size() < n) {
        own[term_of(Weights::kProducts, dimensions(random))] = 0.05F + value(random);
    }
    return own;
}

const BuiltIndex &vectors() {
    static const std::unique_ptr<BuiltIndex> built = [] {
        auto index = std::make_unique<BuiltIndex>(Weights::kProducts);
        Random random(2);
        const Zipf dimensions(kDimensions);
        BuiltDocument document;
        index->add_written(kDocuments, [&](size_t i) -> BuiltDocument & {
            const auto own = random_vector(random, dimensions, kValues);
            document.terms.assign(own.begin(), own.end());
            document.tid = {static_cast<uint32_t>(i), 1};
            return document;
        });
        return index;
    }();
    return *built;
}

TestQuery text_query(Random &random, uint32_t terms) {
    static const Zipf words(kWords);
    std::map<std::string, double> own;
    while (own.size() < terms) {
        const uint32_t word = 10 + words(random);
        // What a word of that rank is weighted by, more or less.
        own[term_of(Weights::kOccurrences, word)] = std::log(1 + word / 6.0);
    }
    TestQuery query;
    query.average = 83;
    for (const auto &[term, weight] : own) {
        query.terms.push_back({term, false, weight});
    }
    return query;
}

TestQuery vector_query(Random &random, uint32_t terms) {
    static const Zipf dimensions(kDimensions);
    TestQuery query;
    for (const auto &[term, weight] : random_vector(random, dimensions, terms)) {
        query.terms.push_back({term, false, weight});
    }
    return query;
}

void run(benchmark::State &state, const BuiltIndex &index, const std::vector<TestQuery> &queries,
         uint32_t rows, double recall) {
    TestScan scan;
    size_t at = 0;
    PgsInvertedWork sum = {};
    for (auto _ : state) {
        const auto found =
            scan.search(index, queries[at++ % queries.size()], {}, rows, recall, false, rows);
        benchmark::DoNotOptimize(found.size());
        const PgsInvertedWork work = scan.work();
        sum.blocks += work.blocks;
        sum.postings += work.postings;
        sum.buffers += work.buffers;
        sum.scored += work.scored;
    }
    const auto average = [&](uint64_t n) {
        return benchmark::Counter(static_cast<double>(n), benchmark::Counter::kAvgIterations);
    };
    state.counters["blocks"] = average(sum.blocks);
    state.counters["postings"] = average(sum.postings);
    state.counters["pages"] = average(sum.buffers);
    state.counters["scored"] = average(sum.scored);
}

void search_text(benchmark::State &state) {
    Random random(3);
    std::vector<TestQuery> queries;
    for (int i = 0; i < 100; i++) {
        queries.push_back(text_query(random, static_cast<uint32_t>(state.range(0))));
    }
    run(state, text(), queries, static_cast<uint32_t>(state.range(1)), 1);
}
BENCHMARK(search_text)
    ->Name("text")
    ->ArgsProduct({{1, 2, 3, 6, 12}, {10, 100}})
    ->Unit(benchmark::kMicrosecond);

void search_vectors(benchmark::State &state) {
    Random random(4);
    std::vector<TestQuery> queries;
    for (int i = 0; i < 50; i++) {
        queries.push_back(vector_query(random, static_cast<uint32_t>(state.range(0))));
    }
    run(state, vectors(), queries, 10, static_cast<double>(state.range(1)) / 100);
}
BENCHMARK(search_vectors)
    ->Name("vectors")
    ->ArgsProduct({{4, 32}, {100, 95}})
    ->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace pgslab::inverted

BENCHMARK_MAIN();
