// pgslab/scan.h.
#include "api/codebook_api.h"
#include "api/guard.h"
#include "api/machine_api.h"
#include "pgslab/codebook.h"
#include "pgslab/index.h"
#include "pgslab/machine.h"
#include "pgslab/scan.h"
#include "pgslab/status.h"
#include "search/search.h"
#include "store/meta.h"
#include "store/page.h"

using namespace pgslab;

struct PgsScan {
    Search search;
};

namespace {

PgsStatus check_arguments(const Page &meta, const Codebook &codebook, const PgsEffort &effort,
                          PgsError *error) noexcept {
    if (!is_codebook_of(meta_of(meta), codebook)) {
        return fail(error, PGS_MISUSE, PGS_NO_BLOCK, "the codebook is not that of the index");
    }
    if (!(effort.target_recall >= 0 && effort.target_recall <= 1)) {
        return fail(error, PGS_MISUSE, PGS_NO_BLOCK, "a recall of %g was wanted",
                    effort.target_recall);
    }
    return PGS_OK;
}

}  // namespace

PgsStatus pgs_scan_create(size_t memory_bytes, PgsScan **scan) {
    return guard(nullptr, [&] {
        *scan = new PgsScan{Search(memory_bytes)};
        return PGS_OK;
    });
}

void pgs_scan_destroy(PgsScan *scan) {
    delete scan;
}

void pgs_scan_goes_by_told_values(PgsScan *scan) {
    scan->search.go_by_told_values();
}

PgsMachine *pgs_scan_machine(PgsScan *scan) {
    return &scan->search;
}

PgsStatus pgs_scan_start(PgsScan *scan, const void *meta, const PgsCodebook *codebook,
                         const float *query, const PgsFilter *filter, const PgsEffort *effort,
                         bool believe_killed, PgsError *error) {
    return guard(error, [&] {
        if (PgsStatus status =
                check_arguments(as_page(meta), *codebook->codebook, *effort, error)) {
            return status;
        }
        begin_anew(scan->search);
        return scan->search.start(as_page(meta), *codebook->codebook, query, filter, *effort,
                                  believe_killed, error);
    });
}

PgsStatus pgs_scan_looked_up(PgsScan *scan, const float *vector, PgsError *error) {
    return guard(error, [&] {
        if (PgsStatus status = take_answer(scan->search, PGS_REQUEST_LOOK_UP, error)) {
            return status;
        }
        scan->search.looked_up(vector);
        return PGS_OK;
    });
}

PgsStatus pgs_scan_told(PgsScan *scan, double value, PgsError *error) {
    return guard(error, [&] {
        if (PgsStatus status = take_answer(scan->search, PGS_REQUEST_LOOK_UP, error)) {
            return status;
        }
        scan->search.told(value);
        return PGS_OK;
    });
}

PgsRecordPage pgs_scan_record(const PgsScan *scan, uint64_t slot, uint32_t *index) {
    return scan->search.record_page(slot, index);
}

void pgs_scan_work(const PgsScan *scan, PgsWork *work) {
    *work = scan->search.work();
}

PgsFiltering pgs_scan_filtering(const PgsScan *scan) {
    return scan->search.filtering();
}

double pgs_scan_estimated_recall(const PgsScan *scan) {
    return scan->search.estimated_recall();
}
