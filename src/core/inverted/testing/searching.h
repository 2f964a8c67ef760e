// Searches of an index that was built at once (built_index.h), and what a look at every document
// finds.
#pragma once

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "filter/filter.h"
#include "inverted/bm25.h"
#include "inverted/match_program.h"
#include "inverted/testing/built_index.h"
#include "pgslab/inverted.h"
#include "pgslab_core.h"
#include "store/testing/page_store.h"

namespace pgslab::inverted {

using Random = std::mt19937_64;

// The terms of text begin with few letters, so that prefixes stand for many.
inline std::string term_of(Weights weights, uint32_t number) {
    if (weights != Weights::kOccurrences) {
        const uint32_t dimension = number * 977 % (1 << 20);
        return {static_cast<char>(dimension >> 24), static_cast<char>(dimension >> 16),
                static_cast<char>(dimension >> 8), static_cast<char>(dimension)};
    }
    return std::string(1, static_cast<char>('a' + number % 5)) + std::to_string(number);
}

inline std::string random_term(Random &random, Weights weights, uint32_t terms) {
    const double share = std::pow(std::uniform_real_distribution<>(0, 1)(random), 3);
    return term_of(weights, static_cast<uint32_t>(share * terms));
}

inline float random_weight(Random &random, Weights weights, bool are_alike) {
    if (weights == Weights::kOccurrences) {
        return static_cast<float>(are_alike || random() % 3 > 0 ? 1 : 1 + random() % 20);
    }
    const float sign = random() % 4 == 0 ? -1.0F : 1.0F;
    return sign * (are_alike ? 1.0F : static_cast<float>(1 + random() % 1000) / 300);
}

inline PgsKeyColumns some_keys() {
    PgsKeyColumns keys = {};
    keys.count = 2;
    keys.column[0] = {4, 1, false};
    keys.column[1] = {8, 3, false};
    return keys;
}

inline std::vector<BuiltDocument> random_documents(Random &random, Weights weights, uint32_t n,
                                                   uint32_t terms, uint32_t most, bool have_keys) {
    const bool are_alike = random() % 2 == 0;
    std::vector<BuiltDocument> documents(n);
    for (uint32_t i = 0; i < n; i++) {
        std::map<std::string, float> own;
        const auto count = static_cast<uint32_t>(random() % (most + 1));
        for (uint32_t t = 0; t < count; t++) {
            own[random_term(random, weights, terms)] = random_weight(random, weights, are_alike);
        }
        if (weights == Weights::kCosines && own.empty()) {
            own[term_of(weights, 0)] = 1;
        }
        BuiltDocument &document = documents[i];
        document.terms.assign(own.begin(), own.end());
        document.tid = {i, 1};
        document.flags = static_cast<uint16_t>(random() % 10 == 0   ? kTombstone
                                               : random() % 10 == 0 ? kKilled
                                                                    : 0);
        if (have_keys) {
            const uint64_t set = random() % 4 == 0 ? pgs_full_key(8) : random() % 5;
            document.keys = {random() % 20, set, pgs_no_key(8), pgs_no_key(8)};
            if (set < 3) {
                document.keys[2] = set + 1 + random() % 3;
            }
        }
    }
    return documents;
}

// An index of random documents, in parts, segments and a sidecar of all sizes. Some are dead, or
// cut off by a crash.
struct TestIndex {
    TestIndex(Random &random, Weights weights, uint32_t n, uint32_t terms, uint32_t most,
              bool have_keys)
        : documents(random_documents(random, weights, n, terms, most, have_keys)),
          index(weights, have_keys ? some_keys() : PgsKeyColumns{}) {
        std::vector<BuiltDocument *> all;
        for (BuiltDocument &document : documents) {
            all.push_back(&document);
        }
        size_t at = 0;
        for (uint64_t parts = random() % 3; parts > 0 && at < all.size(); parts--) {
            const size_t end = at + 1 + random() % (all.size() - at);
            index.add_written(std::vector(all.begin() + static_cast<std::ptrdiff_t>(at),
                                          all.begin() + static_cast<std::ptrdiff_t>(end)));
            at = end;
        }
        if (at == all.size()) {
            return;
        }
        const size_t left = all.size() - at;
        const size_t flushed = random() % 3 == 0 ? left : random() % left;
        for (size_t i = at; i < all.size(); i++) {
            all[i]->is_orphan = random() % 20 == 0;
        }
        index.add_open({all.begin() + static_cast<std::ptrdiff_t>(at), all.end()}, flushed,
                       1 + random() % 3);
    }

    std::vector<BuiltDocument> documents;
    BuiltIndex index;
};

struct TestTerm {
    std::string bytes;
    bool is_prefix;
    double weight;
};

struct TestQuery {
    std::vector<TestTerm> terms;
    std::vector<PgsMatchNode> match;
    bool asks = false;
    double average = 10;
};

struct TestFilter {
    std::vector<PgsFilterNode> nodes;
    std::vector<PgsKeyRange> ranges;
    bool is_bounded = false;
    double bound = 0;
    const PgsTidSet *tids = nullptr;

    PgsFilter filter() const {
        return {nodes.data(),  static_cast<uint32_t>(nodes.size()),
                ranges.data(), static_cast<uint32_t>(ranges.size()),
                tids,          false,
                is_bounded,    bound};
    }
};

struct FoundRow {
    PgsTid tid;
    double value;
    uint64_t slot;
};

// Who is asked about a row says so.
inline bool is_answered_yes(PgsTid tid) {
    return tid.block % 3 != 0;
}

class TestScan {
  public:
    explicit TestScan(size_t memory_bytes = 1 << 20) {
        require(pgs_inverted_scan_create(memory_bytes, &scan_), {});
    }
    ~TestScan() { pgs_inverted_scan_destroy(scan_); }
    TestScan(const TestScan &) = delete;
    TestScan &operator=(const TestScan &) = delete;

    void start(const BuiltIndex &index, const TestQuery &query, const TestFilter &filter,
               uint32_t rows, double recall, bool believe_killed) {
        std::vector<PgsQueryTerm> terms;
        for (const TestTerm &term : query.terms) {
            terms.push_back({term.bytes.data(), static_cast<uint32_t>(term.bytes.size()),
                             term.is_prefix, term.weight});
        }
        const PgsInvertedQuery given = {
            terms.data(),       static_cast<uint32_t>(terms.size()),
            query.match.data(), static_cast<uint32_t>(query.match.size()),
            query.asks,         query.average};
        const PgsFilter own = filter.filter();
        PgsError error = {};
        require(pgs_inverted_scan_start(scan_, &index.meta_page(), &given, &own, rows, recall,
                                        believe_killed, &error),
                error);
    }

    // The next row; false at the end.
    bool next(const BuiltIndex &index, FoundRow &row) {
        PgsMachine *const machine = pgs_inverted_scan_machine(scan_);
        for (;;) {
            PgsRequest request;
            PgsError error = {};
            require(pgs_next(machine, &request, &error), error);
            switch (request.kind) {
                case PGS_REQUEST_PAGE:
                    require(pgs_page(machine, &index.page(request.block), &error), error);
                    break;
                case PGS_REQUEST_LOOK_UP:
                    require(pgs_inverted_scan_told(scan_, is_answered_yes(request.tid), &error),
                            error);
                    break;
                case PGS_REQUEST_FOUND:
                    row = {request.tid, request.value, request.slot};
                    return true;
                default:
                    return false;
            }
        }
    }

    std::vector<FoundRow> search(const BuiltIndex &index, const TestQuery &query,
                                 const TestFilter &filter = {}, uint32_t rows = 0,
                                 double recall = 1, bool believe_killed = false,
                                 size_t limit = SIZE_MAX) {
        start(index, query, filter, rows, recall, believe_killed);
        std::vector<FoundRow> found;
        FoundRow row = {};
        while (found.size() < limit && next(index, row)) {
            found.push_back(row);
        }
        return found;
    }

    PgsInvertedWork work() const {
        PgsInvertedWork work;
        pgs_inverted_scan_work(scan_, &work);
        return work;
    }
    PgsInvertedScan *get() const { return scan_; }

  private:
    PgsInvertedScan *scan_ = nullptr;
};

// ---- a look at every document

inline double occurrences_of(const BuiltDocument &document, const TestTerm &term, bool &has) {
    double sum = 0;
    has = false;
    for (const auto &[bytes, weight] : document.terms) {
        if (term.is_prefix ? bytes.compare(0, term.bytes.size(), term.bytes) == 0
                           : bytes == term.bytes) {
            sum += weight;
            has = true;
        }
    }
    return sum;
}

// All rows in the order in which a search returns them.
inline std::vector<FoundRow> look_at_all(const BuiltIndex &index,
                                         const std::vector<BuiltDocument> &documents,
                                         const TestQuery &query, const TestFilter &given_filter,
                                         bool believe_killed) {
    const Weights weights = index.index().weights;
    const PgsKeyColumns columns = key_columns(index.index().keys);
    const PgsBm25 bm25 = {index.index().k1, index.index().b, query.average};
    PgsError error = {};
    Filter filter;
    const PgsFilter given = given_filter.filter();
    require(filter.set(&given, columns, &error), error);
    MatchProgram program;
    require(program.set(query.match.data(), static_cast<uint32_t>(query.match.size()),
                        static_cast<uint32_t>(query.terms.size()), &error),
            error);
    struct Ranked {
        int sign;  // 0 first, then 1, then 2
        FoundRow row;
    };
    std::vector<Ranked> ranked;
    double query_square = 0;
    for (const TestTerm &term : query.terms) {
        query_square += term.weight * term.weight;
    }
    for (const BuiltDocument &document : documents) {
        const uint16_t skip = static_cast<uint16_t>(kTombstone | (believe_killed ? kKilled : 0));
        std::vector<uint8_t> keys(key_bytes(columns) + 1);
        store_keys(columns, document.keys.data(), document.tid, keys.data());
        if ((document.flags & skip) != 0 || document.is_orphan ||
            !filter.holds(document.tid, keys.data())) {
            continue;
        }
        double length = 0;
        double square = 0;
        for (const auto &[bytes, weight] : document.terms) {
            length += weight;
            square += double{weight} * double{weight};
        }
        double sum = 0;
        std::vector<uint8_t> has(query.terms.size());
        for (size_t t = 0; t < query.terms.size(); t++) {
            bool has_term = false;
            const double weight = occurrences_of(document, query.terms[t], has_term);
            has[t] = has_term;
            if (!has_term) {
                continue;
            }
            sum += weights == Weights::kOccurrences
                       ? bm25_term(bm25, query.terms[t].weight, weight, length)
                       : query.terms[t].weight * weight;
        }
        double value = 0.0 - sum;
        if (weights == Weights::kCosines && !query.terms.empty()) {
            value = 1.0 - std::clamp(sum / std::sqrt(query_square * square), -1.0, 1.0);
        }
        const bool is_text = weights == Weights::kOccurrences;
        const bool is_ordered = !query.terms.empty();
        if ((is_text && (!(sum > 0) || !program.matches(has))) ||
            (query.asks && !is_answered_yes(document.tid)) ||
            (is_ordered && given_filter.is_bounded && !(value < given_filter.bound))) {
            continue;
        }
        ranked.push_back({!is_ordered || sum == 0 ? 1
                          : sum > 0               ? 0
                                                  : 2,
                          {document.tid, value, document.address}});
    }
    std::stable_sort(ranked.begin(), ranked.end(), [](const Ranked &a, const Ranked &b) {
        const bool by_value = a.sign != 1;
        return std::make_tuple(a.sign, by_value ? a.row.value : 0, by_value ? a.row.slot : 0) <
               std::make_tuple(b.sign, b.sign != 1 ? b.row.value : 0, b.sign != 1 ? b.row.slot : 0);
    });
    std::vector<FoundRow> rows;
    for (const Ranked &one : ranked) {
        rows.push_back(one.row);
    }
    return rows;
}

}  // namespace pgslab::inverted
