/*
 * scan_work.c - what this session's scans of slab indexes did.
 */
#include "postgres.h"

#include "base/scan_work.h"

static SlabScanWork last;     /* of no index where no scan has ended */
static SlabScanTotals totals; /* of the session */

static void add_document_work(PgsInvertedWork *sum, const PgsInvertedWork *from,
                              const PgsInvertedWork *to) {
    sum->blocks += to->blocks - from->blocks;
    sum->skipped += to->skipped - from->skipped;
    sum->postings += to->postings - from->postings;
    sum->sidecar += to->sidecar - from->sidecar;
    sum->scored += to->scored - from->scored;
    sum->asked += to->asked - from->asked;
    sum->rows += to->rows - from->rows;
    sum->passes += to->passes - from->passes;
    sum->posting_pages += to->posting_pages - from->posting_pages;
    sum->buffers += to->buffers - from->buffers;
}

void slab_add_work(SlabScanTotals *sum, const SlabScanTotals *from, const SlabScanTotals *to) {
    sum->document_scans += to->document_scans - from->document_scans;
    add_document_work(&sum->documents, &from->documents, &to->documents);
    sum->scans += to->scans - from->scans;
    sum->buffers += to->buffers - from->buffers;
    sum->core.lists += to->core.lists - from->core.lists;
    sum->core.codes += to->core.codes - from->core.codes;
    sum->core.filtered += to->core.filtered - from->core.filtered;
    sum->core.refined += to->core.refined - from->core.refined;
    sum->core.compared += to->core.compared - from->core.compared;
    sum->core.rows += to->core.rows - from->core.rows;
    sum->core.passes += to->core.passes - from->core.passes;
    sum->estimates += to->estimates - from->estimates;
    sum->estimated += to->estimated - from->estimated;
    sum->core.looked_up += to->core.looked_up - from->core.looked_up;
    for (int f = 0; f < (int)lengthof(sum->filterings); f++)
        sum->filterings[f] += to->filterings[f] - from->filterings[f];
}

const char *slab_filtering_name(PgsFiltering filtering) {
    switch (filtering) {
        case PGS_FILTERING_NONE:
            return NULL;
        case PGS_FILTERING_NEVER:
            return "never";
        case PGS_FILTERING_ROWS:
            return "rows";
        case PGS_FILTERING_TIDS:
            return "tids";
        case PGS_FILTERING_TABLE:
            return "table";
        case PGS_FILTERING_KEYS:
            return "keys";
        case PGS_FILTERING_POSTINGS:
            return "postings";
        case PGS_FILTERING_MATCHES:
            return "matches";
    }
    return NULL;
}

void slab_note_progress(SlabScanTotals *told, const SlabScanTotals *now) {
    slab_add_work(&totals, told, now);
    *told = *now;
}

void slab_note_scan(const SlabScanWork *work) {
    last = *work;
}

SlabScanTotals slab_scan_totals(void) {
    return totals;
}

const SlabScanWork *slab_last_work(void) {
    return OidIsValid(last.index) ? &last : NULL;
}
