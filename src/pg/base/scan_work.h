/*
 * scan_work.h - what this session's scans of slab indexes did: written by scans, read by EXPLAIN
 * and slab_last_scan(). Include postgres.h first.
 */
#ifndef PGSLAB_BASE_SCAN_WORK_H
#define PGSLAB_BASE_SCAN_WORK_H

#include "pgslab/inverted.h"
#include "pgslab/scan.h"

/* What one scan did. */
typedef struct SlabScanWork {
    Oid index;
    bool of_documents; /* what it did is in documents, else in core */
    bool exact;
    uint32 expected_rows; /* 0: unknown */
    uint64 buffers;       /* accesses to pages of the index */
    PgsWork core;
    double estimated_recall; /* not a number: unknown */
    PgsFiltering filtering;
    PgsInvertedWork documents;
} SlabScanWork;

/* The sums of several scans. */
typedef struct SlabScanTotals {
    uint64 document_scans; /* of indexes of documents, */
    PgsInvertedWork documents;
    uint64 scans; /* of those of vectors */
    uint64 buffers;
    PgsWork core;
    uint64 estimates;                             /* scans with an estimated recall, */
    double estimated;                             /* and the sum of these */
    uint64 filterings[PGS_FILTERING_MATCHES + 1]; /* scans, by how they told which rows to find */
} SlabScanTotals;

/* Adds what was done between the two readings of the same totals. */
extern void slab_add_work(SlabScanTotals *sum, const SlabScanTotals *from,
                          const SlabScanTotals *to);

/* A scan under way says what it has done by now. told is what it has said so far, all zeros at
 * first, and becomes *now. */
extern void slab_note_progress(SlabScanTotals *told, const SlabScanTotals *now);

/* A scan that ends says what all of it was. */
extern void slab_note_scan(const SlabScanWork *work);

/* A word for it; NULL where there is no filter. */
extern const char *slab_filtering_name(PgsFiltering filtering);

/* What all scans of this session have said. */
extern SlabScanTotals slab_scan_totals(void);

/* The scan that ended last, or NULL where none has. */
extern const SlabScanWork *slab_last_work(void);

#endif
