/*
 * index.h - what an index is: its options, its metapage, its record pages.
 */
#ifndef PGSLAB_INDEX_H
#define PGSLAB_INDEX_H

#include <stdbool.h>
#include <stdint.h>

#include "pgslab/filter.h"
#include "pgslab/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- its shape ------------------------------------------------------------------------------- */

/*
 * Pages are passed as const void * or void * to BLCKSZ = 8192 bytes, aligned to 8. Functions that
 * take a `meta` want a copy of the metapage that pgs_meta_check() has accepted; it stays usable
 * however the page itself changes later.
 *
 * Whoever brings a page that may have been read from disk since it was last verified has
 * pgs_page_verify() see it first; then every function that it is given to finds the damage, each
 * time. The metapage's check and pgs_page_info() verify by themselves.
 */

/* Whether the page agrees with its own checksum, as a blank one does. If not it is marked, for
 * good: whoever checks it verifies the checksum again. The mark, four bytes at offset 20, may be
 * made while others read the page, and means nothing on disk. */
bool pgs_page_verify(void *page);

/* Whether the page is blank, or marked and rightly so. */
bool pgs_page_damaged(const void *page);

/* The last two compare sets: the elements of vectors that are above 0. They go with PGS_BITS, and
 * only they do. */
typedef enum PgsMetric {
    PGS_L2 = 1,
    PGS_INNER_PRODUCT = 2,
    PGS_COSINE = 3,
    PGS_L1 = 4,
    PGS_HAMMING = 5,
    PGS_JACCARD = 6
} PgsMetric;
typedef enum PgsStorage { PGS_F16 = 1, PGS_F32 = 2, PGS_I8 = 3, PGS_BITS = 4 } PgsStorage;

/* The distance operator's value for two vectors, float32[dims], of a metric. NaN for a zero vector
 * under cosine. */
double pgs_operator_value(PgsMetric metric, const float *a, const float *b, int dims);

/* Longest name or revision of an embedder, without its terminating zero. */
#define PGS_MAX_TEXT 63

/* Lists an index may have. */
#define PGS_MAX_LISTS 65536

/* Sets of parts, and of segments: bit i stands for number i in the manifest. */
typedef struct PgsParts {
    uint32_t bits;
} PgsParts;
typedef struct PgsSegments {
    uint32_t bits;
} PgsSegments;

typedef struct PgsOptions {
    int dims;
    PgsMetric metric;
    PgsStorage storage;
    const char *embedder; /* at most PGS_MAX_TEXT bytes; "" for none */
    const char *revision; /* of the embedder: the same */
    int refine_bits;      /* 0, 4 or 8; 0 for sets; ignored for L1, which has no codes */
    PgsKeyColumns keys;   /* filter columns */
    int prefix_dims;      /* of vectors that codes are of, a multiple of 64; 0: all of them */
    bool signs;           /* the index has the signs alone of its vectors, with PGS_HAMMING: see
                             pgslab/signs.h */
} PgsOptions;

/* What prefix_dims is a multiple of. */
#define PGS_PREFIX_UNIT 64

/* Bits of refinement codes that suit so many dims; most dims that codes of so many bits can have.
 */
int pgs_auto_refine_bits(int dims);
int pgs_most_dims(int refine_bits);

typedef struct PgsMetaInfo {
    int format_version;
    int dims;
    PgsMetric metric;
    PgsStorage storage;
    char embedder[PGS_MAX_TEXT + 1];
    char revision[PGS_MAX_TEXT + 1];
    uint64_t generation;
    uint32_t end_block;     /* blocks from here on belong to nobody */
    uint32_t formatted_end; /* of these, all before this one are there; the others are reserved */
    uint32_t sealed_parts;
    uint32_t record_blocks; /* of all parts */
    uint32_t slab_blocks;
    uint32_t refine_blocks;
    uint32_t codebook_blocks;
    uint32_t segments;
    uint32_t segment_blocks;
    uint32_t lists; /* 0 when the index has no codes */
    int refine_bits;
    uint64_t codebook_identity;   /* equal for two indexes only if their codebooks are */
    uint32_t calibration_queries; /* that the index measured itself with; 0: never */
    uint32_t in_progress_blocks;  /* reserved for the open part to grow into */
    uint32_t item_bytes;          /* a stored vector takes, padding included */
    uint64_t sealed_slots;
    uint64_t open_capacity;      /* slots the open part has room for, used ones included */
    uint64_t counted_tombstones; /* by the last VACUUM */
    uint64_t flushed_slots;      /* that are in segments, or were tombstones then */
    uint32_t spare_blocks;       /* of runs that no table lies in */
    uint64_t code_bytes_written; /* by maintenance since the index was built */
    uint64_t vector_bytes_written;
    PgsKeyColumns keys;
    int prefix_dims; /* of vectors that codes are of; 0: all of them */
    bool signs;      /* of vectors alone */
    bool inverted;   /* of documents; what only vectors have is 0 then, and else what is below */
    int weights;     /* PgsWeights */
    double k1;       /* of text */
    double b;
    uint32_t piece_blocks; /* of forward rows */
} PgsMetaInfo;

/* Formats page as the metapage of an index without rows. */
void pgs_meta_init(void *page, const PgsOptions *options);

/* Whether page is a metapage this library can read and whose tables are consistent. */
PgsStatus pgs_meta_check(const void *page, PgsError *error);

void pgs_meta_info(const void *meta, PgsMetaInfo *info);

/* Changes when tables are published or a part is closed; growth, runs, counters and the calibration
 * leave it. Reads no more than this of the page. */
uint64_t pgs_meta_generation(const void *meta_page);

/* How many tombstones VACUUM counted in a part (by its number in the manifest), and recording it.
 */
uint64_t pgs_meta_tombstones(const void *meta, uint32_t part);
void pgs_meta_set_tombstones(void *meta_page, uint32_t part, uint64_t tombstones);

/* How many slots of a part, the first ones, are in segments. */
uint64_t pgs_meta_flushed(const void *meta, uint32_t part);

/* ---- record pages ---------------------------------------------------------------------------- */

/* Address of a heap tuple. */
typedef struct PgsTid {
    uint32_t block;
    uint16_t offset;
} PgsTid;

#define PGS_TOMBSTONE 0x0001 /* removed by VACUUM */
#define PGS_KILLED \
    0x0002 /* found dead by a scan; not to be believed by one that began during recovery */

/* What every record begins with. */
typedef struct PgsRecord {
    unsigned char bytes[24];
} PgsRecord;

PgsTid pgs_record_tid(const PgsRecord *record);
unsigned pgs_record_flags(const PgsRecord *record);

/* A place in a record table. Parts are numbered as in the manifest, pages from 0 within the part.
 */
typedef struct PgsRecordPage {
    uint32_t block;
    uint32_t part;     /* number in the manifest */
    uint32_t sequence; /* of the page among the part's */
    uint32_t capacity; /* records the page has room for */
    bool open;         /* of the open part: may hold fewer records than its capacity */
    /* The stride it lies in, for pgs_place(). */
    uint32_t slot; /* of the page's first record in the stride */
    uint32_t stride_block;
    uint32_t stride_sequence;
    uint32_t stride_slots;
} PgsRecordPage;

/* What the index's codebook is known by to whoever keeps one: no other has it. */
uint64_t pgs_meta_codebook(const void *meta);

/* Number of record pages of all parts, and the i-th of them; the open part's come last. */
uint32_t pgs_record_pages(const void *meta);
PgsRecordPage pgs_record_page(const void *meta, uint32_t i);

/* Checks the page read from where->block; *count is its number of records. */
PgsStatus pgs_record_page_check(const void *meta, const PgsRecordPage *where, const void *page,
                                uint32_t *count, PgsError *error);

/* The page's index-th record, in slot order. */
const PgsRecord *pgs_page_record(const void *page, uint32_t index);

/* Sets flags on the index-th record. */
void pgs_record_set_flags(void *page, uint32_t index, unsigned flags);

#ifdef __cplusplus
}
#endif

#endif
