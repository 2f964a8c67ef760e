/*
 * scan.h - finding the rows nearest to a query.
 */
#ifndef PGSLAB_SCAN_H
#define PGSLAB_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pgslab/codebook.h"
#include "pgslab/index.h"
#include "pgslab/machine.h"
#include "pgslab/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How a scan trades work for recall. */
typedef struct PgsEffort {
    bool exact;           /* considers every row, by bounds that hold always */
    bool stored_values;   /* the distances of stored vectors stand for those of the rows themselves,
                             which are not looked up */
    double target_recall; /* otherwise: of the nearest rows, as the index was calibrated; 0 to 1 */
    uint32_t probes;      /* lists to visit at first; 0: as target_recall asks */
    uint32_t rerank;      /* vectors to compare at first; 0: as target_recall asks */
    uint32_t rows;        /* the caller expects to take; 0: unknown */
} PgsEffort;

/* Work done since pgs_scan_start(). */
typedef struct PgsWork {
    uint64_t lists;     /* visited */
    uint64_t codes;     /* one-bit codes scanned */
    uint64_t filtered;  /* of them, passed over for their bound */
    uint64_t refined;   /* refinement codes compared */
    uint64_t compared;  /* stored vectors */
    uint64_t rows;      /* returned */
    uint64_t passes;    /* over the lists, as the caller asked for more rows */
    uint64_t looked_up; /* rows whose vectors were asked for */
    uint64_t key_pages; /* pages of keys that were looked at, to tell which of a list's rows satisfy
                           the filter */
    uint64_t posting_pages; /* pages of postings, and of what says where these are */
} PgsWork;

/* How a scan tells which rows satisfy its filter. */
typedef enum PgsFiltering {
    PGS_FILTERING_NONE,     /* there is none */
    PGS_FILTERING_NEVER,    /* no row can satisfy it: nothing is read */
    PGS_FILTERING_ROWS,     /* row by row: no lists are visited */
    PGS_FILTERING_TIDS,     /* the records of all rows have told which rows of lists to look at, as
                               the filter names rows of the table */
    PGS_FILTERING_TABLE,    /* the few rows that the filter names are looked up in the table */
    PGS_FILTERING_KEYS,     /* by the keys of the rows of each list that is visited */
    PGS_FILTERING_POSTINGS, /* postings have told which rows of all lists to look at */
    PGS_FILTERING_MATCHES   /* the same, and all of them are compared, so none is missed */
} PgsFiltering;

/* Of a row that was looked up in the table: where it is in the index is not known. */
#define PGS_NO_SLOT UINT64_MAX

/* A machine that finds rows, in the order of the distance operator's values. */
typedef struct PgsScan PgsScan;

/* A scan that keeps at most about memory_bytes of candidates. */
PgsStatus pgs_scan_create(size_t memory_bytes, PgsScan **scan);
void pgs_scan_destroy(PgsScan *scan); /* NULL is fine */

/*
 * Begins an ordered scan over the live rows, keeping the memory of earlier ones. meta is copied;
 * codebook is the index's and must outlive the scan or its next start. query is float32[dims] and
 * is copied; NULL asks for every row in slot order with value 0, and so does the zero vector under
 * cosine, with value NaN. Rows come that satisfy the filter, which is copied; NULL: all.
 * believe_killed says whether rows flagged PGS_KILLED may be left out.
 */
PgsStatus pgs_scan_start(PgsScan *scan, const void *meta, const PgsCodebook *codebook,
                         const float *query, const PgsFilter *filter, const PgsEffort *effort,
                         bool believe_killed, PgsError *error);

/* From its next start on, values of the scan's distances are those of another operator than
 * pgs_operator_value(), which adds the same terms in float32, in any order: the caller tells them
 * by pgs_scan_told(), and rows come in their order. Not of sets. Under cosine the squared norms of
 * the query and of all rows must be from PGS_LEAST_TOLD_NORM to PGS_LARGEST_TOLD_NORM, or 0: beyond
 * that, float32 loses what the operator divides by. */
void pgs_scan_goes_by_told_values(PgsScan *scan);
#define PGS_LEAST_TOLD_NORM 1e-30
#define PGS_LARGEST_TOLD_NORM 1e36

PgsMachine *pgs_scan_machine(PgsScan *scan);

/* Answers PGS_REQUEST_LOOK_UP: the vector of the row, float32[dims]; NULL when who takes the rows
 * sees none there, which the scan then does not return. */
PgsStatus pgs_scan_looked_up(PgsScan *scan, const float *vector, PgsError *error);

/* The same for a scan that goes by told values, of a row that is seen: the operator's value. One
 * that is not a number comes after all others. */
PgsStatus pgs_scan_told(PgsScan *scan, double value, PgsError *error);

/* Where the record of a slot this scan found, or asked for, lies: its page, and its index there.
 * Not for PGS_NO_SLOT. */
PgsRecordPage pgs_scan_record(const PgsScan *scan, uint64_t slot, uint32_t *index);

void pgs_scan_work(const PgsScan *scan, PgsWork *work);

PgsFiltering pgs_scan_filtering(const PgsScan *scan);

/* The share of the nearest rows that queries have found, on average, which came as far as this
 * search when the index measured itself; of this very query it says little. Not a number for exact
 * searches, and those that compare all rows that satisfy the filter, where the index was not
 * measured, and where it is below the least recall that was. */
double pgs_scan_estimated_recall(const PgsScan *scan);

#ifdef __cplusplus
}
#endif

#endif
