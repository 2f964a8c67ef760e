// What is counted of an index is what counting its documents gives, wherever these lie and whether
// they are dead.
#include "inverted/statistics.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "inverted/testing/built_index.h"
#include "inverted/testing/searching.h"
#include "pgslab_core.h"

namespace pgslab::inverted {
namespace {

struct Counted {
    uint64_t documents = 0;
    double length = 0;
    std::vector<uint64_t> with_term;
};

Counted count(const BuiltIndex &index, const std::vector<TestTerm> &terms) {
    std::vector<PgsQueryTerm> given;
    for (const TestTerm &term : terms) {
        given.push_back(
            {term.bytes.data(), static_cast<uint32_t>(term.bytes.size()), term.is_prefix, 0});
    }
    PgsStatistics *statistics = nullptr;
    require(pgs_statistics_create(&index.meta_page(), given.data(),
                                  static_cast<uint32_t>(given.size()), &statistics),
            {});
    for (;;) {
        PgsRequest request;
        PgsError error = {};
        require(pgs_next(pgs_statistics_machine(statistics), &request, &error), error);
        if (request.kind == PGS_REQUEST_DONE) {
            break;
        }
        require(pgs_page(pgs_statistics_machine(statistics), &index.page(request.block), &error),
                error);
    }
    Counted counted = {pgs_statistics_documents(statistics), pgs_statistics_length(statistics), {}};
    for (uint32_t i = 0; i < terms.size(); i++) {
        counted.with_term.push_back(pgs_statistics_with_term(statistics, i));
    }
    pgs_statistics_destroy(statistics);
    return counted;
}

class InvertedStatistics : public testing::TestWithParam<Weights> {};

TEST_P(InvertedStatistics, AreThoseOfTheDocuments) {
    for (uint64_t seed = 0; seed < 40; seed++) {
        Random random(seed);
        const TestIndex setup(random, GetParam(), static_cast<uint32_t>(1 + random() % 600), 80, 12,
                              false);
        std::vector<TestTerm> terms;
        for (uint64_t i = random() % 30; i > 0; i--) {
            std::string term = random_term(random, GetParam(), 90);
            const bool is_prefix = GetParam() == Weights::kOccurrences && random() % 3 == 0;
            term.resize(is_prefix ? random() % (term.size() + 1) : term.size());
            terms.push_back({term, is_prefix, 0});
        }
        uint64_t documents = 0;
        double length = 0;
        std::vector<uint64_t> with_term(terms.size());
        for (const BuiltDocument &document : setup.documents) {
            if (document.is_orphan) {
                continue;
            }
            documents++;
            for (const auto &[bytes, weight] : document.terms) {
                length += GetParam() == Weights::kOccurrences ? weight : 0;
                for (size_t t = 0; t < terms.size(); t++) {
                    with_term[t] += terms[t].is_prefix ? bytes.compare(0, terms[t].bytes.size(),
                                                                       terms[t].bytes) == 0
                                                       : bytes == terms[t].bytes;
                }
            }
        }
        const Counted counted = count(setup.index, terms);
        EXPECT_EQ(counted.documents, documents);
        EXPECT_EQ(counted.length, length);
        for (size_t t = 0; t < terms.size(); t++) {
            EXPECT_EQ(counted.with_term[t], std::min(with_term[t], documents)) << terms[t].bytes;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(AllWeights, InvertedStatistics,
                         testing::Values(Weights::kOccurrences, Weights::kProducts,
                                         Weights::kCosines));

TEST(InvertedStatistics, OfAnEmptyIndexAreNone) {
    const Counted counted = count(BuiltIndex(Weights::kOccurrences), {{"a", false, 0}});
    EXPECT_EQ(counted.documents, 0u);
    EXPECT_EQ(counted.length, 0);
    EXPECT_EQ(counted.with_term, std::vector<uint64_t>{0});
}

}  // namespace
}  // namespace pgslab::inverted
