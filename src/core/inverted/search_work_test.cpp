// What a search leaves undone, what it refuses, and that it can begin anew.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "inverted/testing/built_index.h"
#include "inverted/testing/searching.h"
#include "pgslab_core.h"

namespace pgslab::inverted {
namespace {

// Of text; every word is a third as frequent as the one before, of which all documents have the
// first. Lengths differ, so few documents are the best.
std::vector<BuiltDocument> words_of(uint32_t n) {
    Random random(7);
    std::vector<BuiltDocument> documents(n);
    for (uint32_t i = 0; i < n; i++) {
        BuiltDocument &document = documents[i];
        document.tid = {i, 1};
        uint64_t part = 1;
        for (uint32_t word = 0; word < 8; word++, part *= 3) {
            if (random() % part == 0) {
                document.terms.emplace_back(std::string(1, static_cast<char>('a' + word)),
                                            1 + static_cast<float>(random() % 4));
            }
        }
        document.terms.emplace_back("z", 1 + static_cast<float>(random() % 200));
    }
    return documents;
}

void add_all(BuiltIndex &index, std::vector<BuiltDocument> &documents) {
    index.add_written(documents.size(), [&](size_t i) -> BuiltDocument & { return documents[i]; });
}

TestQuery words_query(const std::string &words) {
    TestQuery query;
    query.average = 103;
    for (const char word : words) {
        query.terms.push_back({std::string(1, word), false, std::log(1 + std::pow(3, word - 'a'))});
    }
    return query;
}

PgsInvertedWork work_of(const BuiltIndex &index, const TestQuery &query, uint32_t rows,
                        const TestFilter &filter = {}) {
    TestScan scan;
    scan.search(index, query, filter, rows, 1, false, rows);
    return scan.work();
}

TEST(InvertedSearchWork, LeavesMostPostingsOut) {
    std::vector<BuiltDocument> documents = words_of(60000);
    BuiltIndex index(Weights::kOccurrences);
    add_all(index, documents);
    // Frequent words beside a rare one: some 100000 postings, which are 900 blocks.
    const PgsInvertedWork work = work_of(index, words_query("abf"), 10);
    EXPECT_LT(work.postings, 20000u);
    EXPECT_GT(work.skipped, 300u);
    EXPECT_LT(work.scored, 200u);
    EXPECT_EQ(work.passes, 1u);
}

TEST(InvertedSearchWork, GrowsSlowerThanTheIndex) {
    const auto postings = [](uint32_t n) {
        std::vector<BuiltDocument> documents = words_of(n);
        BuiltIndex index(Weights::kOccurrences);
        add_all(index, documents);
        return static_cast<double>(work_of(index, words_query("abcdefg"), 10).postings);
    };
    EXPECT_LT(postings(120000), 3 * postings(15000));
}

TEST(InvertedSearchWork, OfACommonWordReadsTheBestBlocks) {
    std::vector<BuiltDocument> documents = words_of(60000);
    BuiltIndex index(Weights::kOccurrences);
    add_all(index, documents);
    const PgsInvertedWork work = work_of(index, words_query("a"), 1);
    EXPECT_LT(work.blocks, 300u);
    EXPECT_EQ(work.blocks + work.skipped, 469u);
}

// Blocks without a document that has the rare word are not looked at.
TEST(InvertedSearchWork, OfWordsThatAllHaveToBeThereGoesByTheRarest) {
    std::vector<BuiltDocument> documents = words_of(60000);
    BuiltIndex index(Weights::kOccurrences);
    add_all(index, documents);
    TestQuery query = words_query("abh");
    query.match = {{PGS_MATCH_TERM, 0},
                   {PGS_MATCH_TERM, 1},
                   {PGS_MATCH_AND, 0},
                   {PGS_MATCH_TERM, 2},
                   {PGS_MATCH_AND, 0}};
    const PgsInvertedWork work = work_of(index, query, 10);
    EXPECT_LT(work.blocks, 120u);
}

TEST(InvertedSearchWork, WithAFilterReadsItsBlocks) {
    std::vector<BuiltDocument> documents = words_of(60000);
    for (uint32_t i = 0; i < documents.size(); i++) {
        documents[i].keys = {i};
    }
    PgsKeyColumns keys = {};
    keys.count = 1;
    keys.column[0] = {4, 1, false};
    BuiltIndex index(Weights::kOccurrences, keys);
    add_all(index, documents);
    TestFilter filter;
    filter.nodes = {{PGS_FILTER_KEYS, 0, 0, 0, 1}};
    filter.ranges = {{30000, 30100}};
    const PgsInvertedWork work = work_of(index, words_query("ab"), 10, filter);
    EXPECT_LT(work.blocks, 10u);
    EXPECT_GT(work.posting_pages, 0u);
    EXPECT_EQ(work.rows, 10u);
}

TEST(InvertedSearchWork, OfLowerRecallIsLess) {
    Random random(5);
    std::vector<BuiltDocument> documents(40000);
    for (uint32_t i = 0; i < documents.size(); i++) {
        std::map<std::string, float> own;
        while (own.size() < 20) {
            own[random_term(random, Weights::kProducts, 500)] =
                0.05F + static_cast<float>(random() % 1000 * (random() % 1000)) / 1e6F;
        }
        documents[i].terms.assign(own.begin(), own.end());
        documents[i].tid = {i, 1};
    }
    BuiltIndex index(Weights::kProducts);
    add_all(index, documents);
    uint64_t whole = 0;
    uint64_t less = 0;
    size_t found = 0;
    size_t all = 0;
    for (int q = 0; q < 30; q++) {
        TestQuery query;
        std::map<std::string, double> own;
        while (own.size() < 8) {
            own[random_term(random, Weights::kProducts, 500)] =
                static_cast<double>(1 + random() % 100);
        }
        for (const auto &[term, weight] : own) {
            query.terms.push_back({term, false, weight});
        }
        TestScan scan;
        const auto exact = scan.search(index, query, {}, 10, 1, false, 10);
        whole += scan.work().postings;
        const auto approximate = scan.search(index, query, {}, 10, 0.9, false, 10);
        less += scan.work().postings;
        all += exact.size();
        for (const FoundRow &row : exact) {
            found +=
                std::any_of(approximate.begin(), approximate.end(), [&](const FoundRow &other) {
                    return other.slot == row.slot && other.value == row.value;
                });
        }
    }
    EXPECT_LT(less, whole);
    EXPECT_GE(static_cast<double>(found), 0.9 * static_cast<double>(all));
}

// ---- queries of few terms, and none

TEST(InvertedSearch, OfTextWithoutTermsFindsNothing) {
    std::vector<BuiltDocument> documents = words_of(100);
    BuiltIndex index(Weights::kOccurrences);
    add_all(index, documents);
    TestScan scan;
    EXPECT_TRUE(scan.search(index, TestQuery{}).empty());
    EXPECT_TRUE(scan.search(index, words_query("y")).empty());
    EXPECT_EQ(scan.search(index, words_query("a")).size(), 100u);
}

TEST(InvertedSearch, WithoutAQueryFindsAllInSlotOrder) {
    for (const Weights weights : {Weights::kOccurrences, Weights::kProducts, Weights::kCosines}) {
        Random random(3);
        const TestIndex setup(random, weights, 500, 50, 8, false);
        TestScan scan;
        PgsError error = {};
        require(pgs_inverted_scan_start(scan.get(), &setup.index.meta_page(), nullptr, nullptr, 0,
                                        1, false, &error),
                error);
        FoundRow row = {};
        for (const BuiltDocument &document : setup.documents) {
            if (document.is_orphan || (document.flags & kTombstone) != 0) {
                continue;
            }
            ASSERT_TRUE(scan.next(setup.index, row));
            EXPECT_EQ(row.tid.block, document.tid.block);
            EXPECT_EQ(row.value, 0);
        }
        EXPECT_FALSE(scan.next(setup.index, row));
    }
}

TEST(InvertedSearch, OfAnEmptyIndexFindsNothing) {
    TestScan scan;
    EXPECT_TRUE(scan.search(BuiltIndex(Weights::kOccurrences), words_query("ab")).empty());
    EXPECT_TRUE(scan.search(BuiltIndex(Weights::kProducts), TestQuery{}).empty());
}

TEST(InvertedSearch, BeginsAnewWhereverItWas) {
    std::vector<BuiltDocument> documents = words_of(5000);
    BuiltIndex index(Weights::kOccurrences);
    add_all(index, documents);
    TestScan scan;
    const auto expected = scan.search(index, words_query("bc"), {}, 10, 1, false, 30);
    PgsMachine *const machine = pgs_inverted_scan_machine(scan.get());
    for (int steps = 0; steps < 60; steps++) {
        scan.start(index, words_query("cd"), {}, 3, 1, false);
        for (int i = 0; i < steps; i++) {
            PgsRequest request;
            PgsError error = {};
            require(pgs_next(machine, &request, &error), error);
            if (request.kind == PGS_REQUEST_PAGE) {
                require(pgs_page(machine, &index.page(request.block), &error), error);
            }
        }
        const auto found = scan.search(index, words_query("bc"), {}, 10, 1, false, 30);
        ASSERT_EQ(found.size(), expected.size());
        for (size_t i = 0; i < found.size(); i++) {
            EXPECT_EQ(found[i].slot, expected[i].slot);
        }
    }
}

TEST(InvertedSearch, TellsWhereTheRecordsOfRowsAre) {
    Random random(4);
    const TestIndex setup(random, Weights::kOccurrences, 3000, 50, 30, false);
    TestScan scan;
    TestQuery query;
    query.terms = {{"a", true, 1}};
    for (const FoundRow &row : scan.search(setup.index, query)) {
        uint32_t index = 0;
        const PgsRecordPage where = pgs_inverted_scan_record(scan.get(), row.slot, &index);
        const Record &record = record_at(setup.index.page(where.block), index);
        EXPECT_EQ(tid_of(record).block, row.tid.block);
        EXPECT_NE(document_record(record).piece & kLastPiece, 0u);
    }
}

// ---- what is refused

PgsStatus start(const BuiltIndex &index, const PgsInvertedQuery &query, double recall = 1) {
    TestScan scan;
    PgsError error = {};
    return pgs_inverted_scan_start(scan.get(), &index.meta_page(), &query, nullptr, 0, recall,
                                   false, &error);
}

TEST(InvertedSearch, RefusesWhatIsNoQuery) {
    const BuiltIndex text(Weights::kOccurrences);
    const BuiltIndex products(Weights::kProducts);
    const PgsQueryTerm in_order[] = {{"a", 1, false, 1}, {"a", 1, true, 1}, {"b", 1, false, 0}};
    EXPECT_EQ(start(text, {in_order, 3, nullptr, 0, false, 1}), PGS_OK);
    EXPECT_EQ(start(text, {in_order, 3, nullptr, 0, false, 1}, 0), PGS_MISUSE);
    EXPECT_EQ(start(text, {in_order, 3, nullptr, 0, false, NAN}), PGS_MISUSE);
    EXPECT_EQ(start(text, {in_order, 3, nullptr, 0, false, -1}), PGS_MISUSE);
    EXPECT_EQ(start(products, {in_order, 3, nullptr, 0, false, 0}), PGS_MISUSE);
    const PgsQueryTerm twice[] = {{"a", 1, false, 1}, {"a", 1, false, 1}};
    EXPECT_EQ(start(text, {twice, 2, nullptr, 0, false, 1}), PGS_MISUSE);
    const PgsQueryTerm descending[] = {{"b", 1, false, 1}, {"a", 1, false, 1}};
    EXPECT_EQ(start(text, {descending, 2, nullptr, 0, false, 1}), PGS_MISUSE);
    const PgsQueryTerm empty[] = {{"", 0, false, 1}};
    EXPECT_EQ(start(text, {empty, 1, nullptr, 0, false, 1}), PGS_MISUSE);
    const PgsQueryTerm negative[] = {{"a", 1, false, -1}};
    EXPECT_EQ(start(text, {negative, 1, nullptr, 0, false, 1}), PGS_MISUSE);
    const PgsQueryTerm infinite[] = {{"a", 1, false, INFINITY}};
    EXPECT_EQ(start(text, {infinite, 1, nullptr, 0, false, 1}), PGS_MISUSE);
    const std::vector<std::vector<PgsMatchNode>> impossible = {
        {{PGS_MATCH_TERM, 3}},
        {{PGS_MATCH_NOT, 0}},
        {{PGS_MATCH_TERM, 0}, {PGS_MATCH_AND, 0}},
        {{PGS_MATCH_TERM, 0}, {PGS_MATCH_TERM, 1}},
        {{static_cast<PgsMatchKind>(7), 0}}};
    for (const auto &match : impossible) {
        EXPECT_EQ(
            start(text, {in_order, 3, match.data(), static_cast<uint32_t>(match.size()), false, 1}),
            PGS_MISUSE);
    }
}

// Bytes that are changed under a true checksum make a search fail, or find something else; never
// more.
TEST(InvertedSearch, EndsWhateverIsDamaged) {
    for (const Weights weights : {Weights::kOccurrences, Weights::kProducts, Weights::kCosines}) {
        Random random(11);
        TestIndex setup(random, weights, 4000, 40, 12, true);
        uint32_t refused = 0;
        TestScan scan;
        for (int round = 0; round < 500; round++) {
            const auto block = static_cast<uint32_t>(1 + random() % (setup.index.blocks() - 1));
            Page &page = setup.index.page(block);
            const Page before = page;
            if (used_bytes(page) == 0) {
                continue;
            }
            // Most damage is where much follows from it.
            const uint32_t reach = random() % 2 == 0 ? 256 : used_bytes(page);
            for (uint64_t n = 1 + random() % 3; n > 0; n--) {
                page.payload[random() % std::min(reach, used_bytes(page))] ^=
                    static_cast<uint8_t>(1 + random() % 255);
            }
            page.slab.checksum = page_checksum(page);
            TestQuery query;
            std::map<std::string, double> own;
            for (int i = 0; i < 5; i++) {
                own[random_term(random, weights, 40)] = 1 + static_cast<double>(random() % 5);
            }
            for (const auto &[term, weight] : own) {
                query.terms.push_back({term, false, weight});
            }
            TestFilter filter;
            filter.nodes = {{PGS_FILTER_KEYS, 0, 0, 0, 1}};
            filter.ranges = {{3, 4}};
            try {
                scan.search(setup.index, query, random() % 2 == 0 ? filter : TestFilter{}, 5, 1,
                            false, 5000);
            } catch (const CoreFailure &failure) {
                EXPECT_EQ(std::string(failure.error.detail).empty(), false);
                refused++;
            }
            page = before;
        }
        EXPECT_GT(refused, 15u);
    }
}

}  // namespace
}  // namespace pgslab::inverted
