// pgslab/inverted.h: what terms add to scores, statistics and scans.
#include "api/guard.h"
#include "api/machine_api.h"
#include "base/error.h"
#include "inverted/bm25.h"
#include "inverted/search.h"
#include "inverted/statistics.h"
#include "pgslab/inverted.h"
#include "store/page.h"

using namespace pgslab;

struct PgsStatistics {
    inverted::Statistics statistics;
};

struct PgsInvertedScan {
    inverted::Search search;
};

double pgs_bm25_idf(uint64_t documents, uint64_t documents_with_term) {
    return inverted::bm25_idf(documents, documents_with_term);
}

double pgs_bm25_term(const PgsBm25 *bm25, double idf, double occurrences, double length) {
    return inverted::bm25_term(*bm25, idf, occurrences, length);
}

// ---- statistics

PgsStatus pgs_statistics_create(const void *meta, const PgsQueryTerm *terms, uint32_t count,
                                PgsStatistics **statistics) {
    return guard(nullptr, [&] {
        *statistics = new PgsStatistics{inverted::Statistics(as_page(meta), terms, count)};
        return PGS_OK;
    });
}

void pgs_statistics_destroy(PgsStatistics *statistics) {
    delete statistics;
}

PgsMachine *pgs_statistics_machine(PgsStatistics *statistics) {
    return &statistics->statistics;
}

uint64_t pgs_statistics_documents(const PgsStatistics *statistics) {
    return statistics->statistics.documents();
}

double pgs_statistics_length(const PgsStatistics *statistics) {
    return statistics->statistics.length();
}

uint64_t pgs_statistics_with_term(const PgsStatistics *statistics, uint32_t term) {
    return statistics->statistics.with_term(term);
}

// ---- scans

PgsStatus pgs_inverted_scan_create(size_t memory_bytes, PgsInvertedScan **scan) {
    return guard(nullptr, [&] {
        *scan = new PgsInvertedScan{inverted::Search(memory_bytes)};
        return PGS_OK;
    });
}

void pgs_inverted_scan_destroy(PgsInvertedScan *scan) {
    delete scan;
}

PgsMachine *pgs_inverted_scan_machine(PgsInvertedScan *scan) {
    return &scan->search;
}

PgsStatus pgs_inverted_scan_start(PgsInvertedScan *scan, const void *meta,
                                  const PgsInvertedQuery *query, const PgsFilter *filter,
                                  uint32_t rows, double recall, bool believe_killed,
                                  PgsError *error) {
    return guard(error, [&] {
        if (!(recall > 0 && recall <= 1)) {
            return fail(error, PGS_MISUSE, PGS_NO_BLOCK, "a recall of %g was wanted", recall);
        }
        begin_anew(scan->search);
        return scan->search.start(as_page(meta), query, filter, rows, recall, believe_killed,
                                  error);
    });
}

PgsStatus pgs_inverted_scan_told(PgsInvertedScan *scan, bool matches, PgsError *error) {
    if (PgsStatus status = take_answer(scan->search, PGS_REQUEST_LOOK_UP, error)) {
        return status;
    }
    scan->search.told(matches);
    return PGS_OK;
}

PgsRecordPage pgs_inverted_scan_record(const PgsInvertedScan *scan, uint64_t slot,
                                       uint32_t *index) {
    return scan->search.record_page(slot, index);
}

void pgs_inverted_scan_work(const PgsInvertedScan *scan, PgsInvertedWork *work) {
    *work = scan->search.work();
}
