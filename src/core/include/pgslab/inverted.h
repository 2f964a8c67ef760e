/*
 * inverted.h - an index of documents by their terms: text, scored by BM25, and sparse vectors.
 *
 * A document is a set of terms, each with a weight. Terms are bytes; they come in ascending order,
 * as memcmp() has it, a shorter one before those that it begins, and each once. Dimensions of
 * sparse vectors are terms of 4 bytes, the highest first.
 */
#ifndef PGSLAB_INVERTED_H
#define PGSLAB_INVERTED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pgslab/filter.h"
#include "pgslab/index.h"
#include "pgslab/insert.h"
#include "pgslab/machine.h"
#include "pgslab/maintain.h"
#include "pgslab/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- values ---------------------------------------------------------------------------------- */

/* What the weights of an index's terms are, and so what documents are ordered by. */
typedef enum PgsWeights {
    PGS_OCCURRENCES = 1, /* how often a word occurs, from 1: by BM25 */
    PGS_PRODUCTS = 2,    /* finite values, not 0: by the inner product */
    PGS_COSINES = 3      /* the same: by the cosine */
} PgsWeights;

#define PGS_MAX_TERM_BYTES 2047

typedef struct PgsTerm {
    const void *bytes;
    uint32_t length; /* 1 .. PGS_MAX_TERM_BYTES */
    float weight;
} PgsTerm;

typedef struct PgsBm25 {
    double k1;
    double b;
    double average; /* length of a document: the sum of its terms' occurrences */
} PgsBm25;

/* What a term adds to the score of a document of that length: its share for so many occurrences,
 * times idf. */
double pgs_bm25_idf(uint64_t documents, uint64_t documents_with_term);
double pgs_bm25_term(const PgsBm25 *bm25, double idf, double occurrences, double length);

/* ---- the index ------------------------------------------------------------------------------- */

typedef struct PgsInvertedOptions {
    PgsWeights weights;
    int dims;  /* of sparse vectors; 0: of text */
    double k1; /* of text; else 0 */
    double b;
    const char *embedder; /* as in PgsOptions */
    const char *revision;
    PgsKeyColumns keys;
} PgsInvertedOptions;

#define PGS_MAX_K1 1000.0

/* Formats the page as the metapage of an index without documents. pgs_meta_check(), pgs_meta_info()
 * and all that is said of any index's metapage hold for it. */
void pgs_inverted_meta_init(void *page, const PgsInvertedOptions *options);

/* ---- insert ---------------------------------------------------------------------------------- */

/*
 * A document takes one slot or more of the open part, one behind the other: its forward row is cut
 * into pieces. It exists when the last of their records does.
 */

/* Slots of a document of these terms. */
uint64_t pgs_document_slots(const void *meta, const PgsTerm *terms, uint32_t count);

/* Bytes of a record with its keys, and of a piece. */
uint32_t pgs_document_record_bytes(const void *meta);
uint32_t pgs_document_piece_bytes(const void *meta);

/* Encodes it: its records go to `records` and its pieces to `pieces`, one after the other, as many
 * as there are slots. keys: one number for each key of the filter columns, but for that of the
 * address. False, and nothing is written, when it is not one to be indexed: a zero vector under
 * cosine. */
bool pgs_document_encode(const void *meta, const PgsTerm *terms, uint32_t count,
                         const uint64_t *keys, PgsTid tid, void *records, void *pieces);

/* Where the pieces of n slots go, the first of which is the index-th record of an open record page;
 * all lie in its stride. Then as for pgs_place(), but that what is written is the pieces. */
PgsPlacement pgs_place_pieces(const void *meta, const PgsRecordPage *where, uint32_t index,
                              uint32_t n);
PgsChange pgs_pieces_write(const void *meta, const PgsPlacement *placement, uint32_t i,
                           const void *pieces, uint32_t n, void *page);

/* Whether it is the last record of a document, which exists by it. */
bool pgs_record_ends_document(const PgsRecord *record);

/* Appends n records to an open record page that has room for them. */
PgsChange pgs_records_append(void *page, const void *records, uint32_t n);

/* ---- documents by the many ------------------------------------------------------------------- */

/* Documents that wait in memory to become a part and a segment: how an index is built, a batch
 * after the other, which are then merged. */
typedef struct PgsLoad PgsLoad;

/* For indexes like the one meta is of, which is copied. */
PgsStatus pgs_load_create(const void *meta, size_t memory_bytes, PgsLoad **load);
void pgs_load_destroy(PgsLoad *load); /* NULL is fine */

/* Adds a document; *full: no more fit the memory. *indexed: as pgs_document_encode() says. */
PgsStatus pgs_load_add(PgsLoad *load, const PgsTerm *terms, uint32_t count, const uint64_t *keys,
                       PgsTid tid, bool *indexed, bool *full);
uint64_t pgs_load_documents(const PgsLoad *load);

/* A task that writes the documents, at least one, to the index that meta is of. The load must
 * outlive it, and is empty again when the task is destroyed. */
PgsStatus pgs_load_task(PgsLoad *load, const void *meta, PgsTask **task);

/* ---- queries --------------------------------------------------------------------------------- */

typedef struct PgsQueryTerm {
    const void *bytes;
    uint32_t length; /* of a prefix it may be 0 */
    bool is_prefix;  /* stands for all terms that begin so: their occurrences are added, and the
                        documents that have them, up to all documents */
    double weight;   /* of text: idf, 0 if the term adds nothing to scores; of vectors the query's
                        value */
} PgsQueryTerm;

typedef enum PgsMatchKind {
    PGS_MATCH_TERM = 1, /* the document has the term */
    PGS_MATCH_NOT = 2,  /* of the condition before */
    PGS_MATCH_AND = 3,  /* of the two before */
    PGS_MATCH_OR = 4
} PgsMatchKind;

typedef struct PgsMatchNode {
    PgsMatchKind kind;
    uint32_t term; /* PGS_MATCH_TERM: its number in the query */
} PgsMatchNode;

typedef struct PgsInvertedQuery {
    const PgsQueryTerm
        *terms; /* ascending, each once; a prefix behind the term of the same bytes */
    uint32_t count;
    const PgsMatchNode *match; /* a condition in postfix order, of text; none: any term */
    uint32_t nodes;
    bool asks;      /* whether a document matches is asked of the caller, too */
    double average; /* of text: PgsBm25's */
} PgsInvertedQuery;

/* ---- statistics ------------------------------------------------------------------------------ */

/* A machine that counts: documents, how long they are, and how many have each of some terms, dead
 * ones included that maintenance has not yet removed. */
typedef struct PgsStatistics PgsStatistics;

/* Of the terms neither weights nor order matter. They are copied. */
PgsStatus pgs_statistics_create(const void *meta, const PgsQueryTerm *terms, uint32_t count,
                                PgsStatistics **statistics);
void pgs_statistics_destroy(PgsStatistics *statistics); /* NULL is fine */
PgsMachine *pgs_statistics_machine(PgsStatistics *statistics);

/* Once it is done. */
uint64_t pgs_statistics_documents(const PgsStatistics *statistics);
double pgs_statistics_length(const PgsStatistics *statistics);
uint64_t pgs_statistics_with_term(const PgsStatistics *statistics, uint32_t term);

/* ---- scan ------------------------------------------------------------------------------------ */

typedef struct PgsInvertedScan PgsInvertedScan;

typedef struct PgsInvertedWork {
    uint64_t blocks;        /* of postings, decoded */
    uint64_t skipped;       /* passed over for their bounds, or because no row in them is wanted */
    uint64_t postings;      /* added to scores */
    uint64_t sidecar;       /* documents of the sidecar */
    uint64_t scored;        /* documents scored exactly */
    uint64_t asked;         /* documents of which the caller was asked */
    uint64_t rows;          /* returned */
    uint64_t passes;        /* as the caller asked for more rows */
    uint64_t posting_pages; /* of the filter */
    uint64_t buffers;       /* pages asked for */
} PgsInvertedWork;

/* Like pgs_scan_create(). */
PgsStatus pgs_inverted_scan_create(size_t memory_bytes, PgsInvertedScan **scan);
void pgs_inverted_scan_destroy(PgsInvertedScan *scan); /* NULL is fine */

/*
 * Begins a scan, in the order of the operator's values: of text over the documents that match and
 * have a score above 0, of vectors over all. The query is copied, and so is the filter; NULL: none.
 * rows: that the caller expects to take; 0: unknown. recall: 1, or the share of the first rows that
 * have to be found. A query without terms, or NULL: all rows in slot order with value 0 (of text
 * none if there is a query).
 */
PgsStatus pgs_inverted_scan_start(PgsInvertedScan *scan, const void *meta,
                                  const PgsInvertedQuery *query, const PgsFilter *filter,
                                  uint32_t rows, double recall, bool believe_killed,
                                  PgsError *error);

PgsMachine *pgs_inverted_scan_machine(PgsInvertedScan *scan);

/* Answers PGS_REQUEST_LOOK_UP: whether the row is seen and matches. */
PgsStatus pgs_inverted_scan_told(PgsInvertedScan *scan, bool matches, PgsError *error);

/* As pgs_scan_record(). */
PgsRecordPage pgs_inverted_scan_record(const PgsInvertedScan *scan, uint64_t slot, uint32_t *index);

void pgs_inverted_scan_work(const PgsInvertedScan *scan, PgsInvertedWork *work);

/* ---- verification ---------------------------------------------------------------------------- */

/* As pgs_content(), of a document of these terms with these keys. */
uint32_t pgs_document_content(const void *meta, const PgsTerm *terms, uint32_t count,
                              const uint64_t *keys, PgsTid tid);

#ifdef __cplusplus
}
#endif

#endif
