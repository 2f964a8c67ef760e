// A search returns what a look at every document would: which, in what order, with which values to
// the last bit; whatever lies in segments and the sidecar, is dead, filtered, or asked for again.
#include "inverted/search.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "inverted/bm25.h"
#include "inverted/testing/built_index.h"
#include "inverted/testing/searching.h"
#include "pgslab_core.h"

namespace pgslab::inverted {
namespace {

TestQuery random_query(Random &random, Weights weights, uint32_t terms) {
    TestQuery query;
    query.average = static_cast<double>(random() % 50) / 3;
    std::map<std::pair<std::string, bool>, double> own;
    const auto count = random() % (random() % 4 == 0 ? 40 : 6);
    for (uint64_t i = 0; i < count; i++) {
        std::string term = random_term(random, weights, terms + terms / 8);
        bool is_prefix = false;
        double weight = random_weight(random, Weights::kProducts, random() % 2 == 0);
        if (weights == Weights::kOccurrences) {
            is_prefix = random() % 4 == 0;
            if (is_prefix) {
                term.resize(random() % (term.size() + 1));
            }
            weight = random() % 6 == 0 ? 0 : std::abs(weight);
        }
        own[{term, is_prefix}] = weight;
    }
    for (const auto &[term, weight] : own) {
        query.terms.push_back({term.first, term.second, weight});
    }
    if (weights == Weights::kOccurrences && !query.terms.empty() && random() % 2 == 0) {
        uint32_t depth = 0;
        for (uint64_t i = 1 + random() % 6; i > 0 || depth > 1;) {
            if (i > 0 && (depth < 2 || random() % 2 == 0)) {
                query.match.push_back(
                    {PGS_MATCH_TERM, static_cast<uint32_t>(random() % query.terms.size())});
                depth++;
                i--;
            } else {
                query.match.push_back({random() % 2 == 0 ? PGS_MATCH_AND : PGS_MATCH_OR, 0});
                depth--;
            }
            if (random() % 5 == 0) {
                query.match.push_back({PGS_MATCH_NOT, 0});
            }
        }
        query.asks = random() % 2 == 0;
    }
    return query;
}

TestFilter random_filter(Random &random) {
    TestFilter filter;
    const auto leaf = [&](uint32_t column) {
        const uint64_t first = random() % (column == 0 ? 20 : 6);
        filter.nodes.push_back(
            {PGS_FILTER_KEYS, 0, column, static_cast<uint32_t>(filter.ranges.size()), 1});
        filter.ranges.push_back({first, first + random() % 3});
    };
    switch (random() % 4) {
        case 0:
            break;
        case 1:
            leaf(static_cast<uint32_t>(random() % 2));
            break;
        default:
            filter.nodes.push_back(
                {random() % 2 == 0 ? PGS_FILTER_ALL : PGS_FILTER_ANY, 3, 0, 0, 0});
            leaf(0);
            leaf(1);
    }
    return filter;
}

void expect_same(const std::vector<FoundRow> &found, const std::vector<FoundRow> &expected,
                 bool is_whole) {
    if (is_whole) {
        ASSERT_EQ(found.size(), expected.size());
    }
    ASSERT_LE(found.size(), expected.size());
    for (size_t i = 0; i < found.size(); i++) {
        ASSERT_EQ(found[i].tid.block, expected[i].tid.block) << "row " << i;
        ASSERT_EQ(found[i].value, expected[i].value) << "row " << i;
        ASSERT_EQ(std::signbit(found[i].value), std::signbit(expected[i].value)) << "row " << i;
        ASSERT_EQ(found[i].slot, expected[i].slot) << "row " << i;
    }
}

void search_at_random(uint64_t seed, Weights weights, uint32_t n, uint32_t terms, uint32_t most,
                      int queries) {
    Random random(seed);
    const bool have_keys = random() % 2 == 0;
    TestIndex setup(random, weights, n, terms, most, have_keys);
    TestScan scan(n < 1000 && random() % 3 == 0 ? 0 : 1 << 20);
    for (int q = 0; q < queries; q++) {
        const TestQuery query = random_query(random, weights, terms);
        TestFilter filter = have_keys ? random_filter(random) : TestFilter{};
        if (random() % 6 == 0) {
            filter.is_bounded = true;
            filter.bound = random_weight(random, Weights::kProducts, false) - 1;
        }
        const bool believe_killed = random() % 2 == 0;
        const uint32_t rows[] = {0, 1, 7, 100000};
        const auto hint = rows[random() % 4];
        const std::vector<FoundRow> expected =
            look_at_all(setup.index, setup.documents, query, filter, believe_killed);
        const size_t limit = random() % 2 == 0 ? SIZE_MAX : 1 + random() % 20;
        const std::vector<FoundRow> found =
            scan.search(setup.index, query, filter, hint, 1, believe_killed, limit);
        SCOPED_TRACE("seed " + std::to_string(seed) + ", query " + std::to_string(q));
        ASSERT_NO_FATAL_FAILURE(
            expect_same(found, expected, limit == SIZE_MAX || found.size() < limit));
    }
}

class InvertedSearch : public testing::TestWithParam<Weights> {};

TEST_P(InvertedSearch, OfFewDocumentsFindsWhatALookAtAllFinds) {
    for (uint64_t seed = 0; seed < 60; seed++) {
        ASSERT_NO_FATAL_FAILURE(
            search_at_random(seed, GetParam(), 1 + seed * 3, 4 + seed * 2, 12, 12));
    }
}

TEST_P(InvertedSearch, OfManyDocumentsFindsWhatALookAtAllFinds) {
    for (uint64_t seed = 100; seed < 106; seed++) {
        ASSERT_NO_FATAL_FAILURE(search_at_random(seed, GetParam(), 30000, 300, 12, 20));
    }
}

TEST_P(InvertedSearch, OfTermsThatAllHaveFindsWhatALookAtAllFinds) {
    for (uint64_t seed = 200; seed < 204; seed++) {
        ASSERT_NO_FATAL_FAILURE(search_at_random(seed, GetParam(), 12000, 12, 10, 20));
    }
}

INSTANTIATE_TEST_SUITE_P(AllWeights, InvertedSearch,
                         testing::Values(Weights::kOccurrences, Weights::kProducts,
                                         Weights::kCosines));

}  // namespace
}  // namespace pgslab::inverted
