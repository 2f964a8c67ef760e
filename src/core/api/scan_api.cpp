// pgslab_core.h: ordered scan.
#include "api/codebook_api.h"
#include "api/guard.h"
#include "format/page.h"
#include "pgslab_core.h"
#include "search/search.h"

using namespace pgslab;

struct PgsScan {
    Search search;
};

PgsStatus pgs_scan_create(size_t memory_bytes, PgsScan **scan) {
    return guard(nullptr, [&] {
        *scan = new PgsScan{Search(memory_bytes)};
        return PGS_OK;
    });
}

void pgs_scan_destroy(PgsScan *scan) {
    delete scan;
}

PgsStatus pgs_scan_start(PgsScan *scan, const void *meta, const PgsCodebook *codebook,
                         const float *query, const PgsEffort *effort, bool believe_killed,
                         PgsError *error) {
    return guard(error, [&] {
        scan->search.start(as_page(meta), *codebook->codebook, query, *effort, believe_killed);
        return PGS_OK;
    });
}

void pgs_scan_next(PgsScan *scan, PgsStep *step, PgsError *error) {
    const PgsStatus status = guard(error, [&] { return scan->search.next(*step, error); });
    if (status != PGS_OK) {
        step->kind = PGS_STEP_ERROR;
    }
}

uint32_t pgs_scan_upcoming(const PgsScan *scan, const PgsUpcoming **upcoming) {
    *upcoming = scan->search.upcoming().data();
    return static_cast<uint32_t>(scan->search.upcoming().size());
}

PgsStatus pgs_scan_page(PgsScan *scan, const void *page, PgsError *error) {
    return guard(error, [&] { return scan->search.page(as_page(page), error); });
}

PgsStatus pgs_scan_looked_up(PgsScan *scan, const float *vector, PgsError *error) {
    return guard(error, [&] {
        scan->search.looked_up(vector);
        return PGS_OK;
    });
}

PgsRecordPage pgs_scan_record(const PgsScan *scan, uint64_t slot, uint32_t *index) {
    return scan->search.record_page(slot, index);
}

void pgs_scan_work(const PgsScan *scan, PgsWork *work) {
    *work = scan->search.work();
}
