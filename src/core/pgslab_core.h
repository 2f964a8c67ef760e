/*
 * pgslab_core.h - the one header where the C++ core and the PostgreSQL shims meet.
 *
 * Everything here is extern "C" over plain data. The core never calls back: a shim pins pages and
 * hands the core spans of bytes, and the core answers with results, or with the block it wants
 * next. No function throws and none keeps a pointer it was given after it returns, unless its
 * comment says so. Memory the core allocates for itself comes from malloc, and running out of it is
 * PGS_OUT_OF_MEMORY.
 */
#ifndef PGSLAB_CORE_H
#define PGSLAB_CORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Most dimensions a vector may have. */
#define PGS_MAX_DIMS 16000

/* ---- failures ------------------------------------------------------------------------------- */

typedef enum PgsStatus {
    PGS_OK,
    PGS_OUT_OF_MEMORY,
    PGS_CORRUPT,     /* bytes of the index contradict each other or their checksum */
    PGS_UNSUPPORTED, /* a format version this library does not know */
    PGS_FULL         /* a fixed table of the metapage has no room */
} PgsStatus;

#define PGS_NO_BLOCK UINT32_C(0xFFFFFFFF)

typedef struct PgsError {
    PgsStatus status;
    uint32_t block;   /* at fault, or PGS_NO_BLOCK */
    char detail[160]; /* one sentence without a full stop */
} PgsError;

/* ---- instruction sets ------------------------------------------------------------------------ */

/*
 * Kernels exist once per instruction set; the best one this CPU has is chosen on first use.
 * The environment variable PGSLAB_ISA, read on first use, forces one by name for tests.
 */

/* Name of the i-th instruction set this CPU can run ("baseline", "avx2", "avx512"), or NULL past
 * the last. */
const char *pgs_isa_available(int i);

/* Name of the instruction set in use. */
const char *pgs_isa_name(void);

/* Use the named instruction set from now on; "auto" chooses the best. False, and no change, when
 * this CPU lacks it. */
bool pgs_isa_force(const char *name);

/* ---- distances between full-precision vectors ------------------------------------------------ */

/*
 * All take two float32[dims] of any alignment and finite values. Sums run in float32 over 32 lanes;
 * where that overflows, or underflows to where float32 has lost its precision, the value is
 * computed again in float64, so the result is finite for every finite input.
 */
double pgs_l2_squared_distance(const float *a, const float *b, int dims);
double pgs_l2_distance(const float *a, const float *b, int dims);
double pgs_inner_product(const float *a, const float *b, int dims);
double pgs_l1_distance(const float *a, const float *b, int dims);

/* 1 - cosine similarity, within [0, 2]; NaN when either vector is zero. */
double pgs_cosine_distance(const float *a, const float *b, int dims);

/* Euclidean norm. */
double pgs_norm(const float *a, int dims);

/* ---- vectors as text ------------------------------------------------------------------------- */

typedef enum PgsParseStatus {
    PGS_PARSE_OK,
    PGS_PARSE_NO_OPENING,   /* does not start with '[' */
    PGS_PARSE_EMPTY,        /* "[]" */
    PGS_PARSE_SYNTAX,       /* not a number, or neither ',' nor ']' after one */
    PGS_PARSE_UNTERMINATED, /* the text ends before ']' */
    PGS_PARSE_TRAILING,     /* something other than white space after ']' */
    PGS_PARSE_NAN,
    PGS_PARSE_INFINITE,
    PGS_PARSE_OUT_OF_RANGE, /* does not fit float32 */
    PGS_PARSE_TOO_MANY      /* more than PGS_MAX_DIMS values */
} PgsParseStatus;

typedef struct PgsParse {
    PgsParseStatus status;
    int dims;      /* values read so far; all of them when status is PGS_PARSE_OK */
    size_t offset; /* byte offset of the value or character at fault */
    size_t length; /* bytes of the text at fault, 0 at the end of the input */
} PgsParse;

/*
 * Reads "[1, 2.5, -3e2]" into out[PGS_MAX_DIMS]. White space may stand around brackets and values.
 * Values too small for float32 become the nearest float32, zero included; values too large are an
 * error.
 */
PgsParse pgs_vec_parse(const char *text, size_t length, float *out);

typedef enum PgsWireStatus {
    PGS_WIRE_OK,
    PGS_WIRE_SHORT,    /* fewer bytes than the header or its dimensions ask for */
    PGS_WIRE_LONG,     /* bytes left over */
    PGS_WIRE_DIMS,     /* dimensions below 1 or above PGS_MAX_DIMS */
    PGS_WIRE_RESERVED, /* the reserved field is not zero */
    PGS_WIRE_NAN,
    PGS_WIRE_INFINITE
} PgsWireStatus;

typedef struct PgsWire {
    PgsWireStatus status;
    int dims;  /* as the header says */
    int index; /* of the value at fault, from 0 */
} PgsWire;

/* Reads the binary wire format (big-endian int16 dims, int16 zero, float32[dims]) into
 * out[PGS_MAX_DIMS]. */
PgsWire pgs_vec_decode(const unsigned char *wire, size_t length, float *out);

/* ---- embedding by hashing -------------------------------------------------------------------- */

/*
 * Signed feature hashing (Weinberger et al., ICML 2009) of a text's words and pairs of neighbouring
 * words into out[dims], with 64-bit FNV-1a mixed by
 * SplitMix64's finaliser (FNV's highest bits hardly see the last byte), L2-normalised. ASCII
 * letters are lower-cased; bytes from 0x80 up count as letters. A text without words gives the zero
 * vector. A baseline for trying things, not a model.
 */
void pgs_hash_embed(const char *text, size_t length, float *out, int dims);

/* ---- the index: its shape -------------------------------------------------------------------- */

/*
 * Pages are passed as const void * or void * to BLCKSZ = 8192 bytes, aligned to 8. Functions that
 * take a `meta` want a copy of the metapage that pgs_meta_check() has accepted; it stays usable
 * however the page itself changes later.
 */

typedef enum PgsMetric { PGS_L2 = 1, PGS_INNER_PRODUCT = 2, PGS_COSINE = 3, PGS_L1 = 4 } PgsMetric;
typedef enum PgsStorage { PGS_F16 = 1, PGS_F32 = 2 } PgsStorage;

/* Longest embedder name, without its terminating zero. */
#define PGS_MAX_EMBEDDER 63

typedef struct PgsOptions {
    int dims;
    PgsMetric metric;
    PgsStorage storage;
    const char *embedder; /* at most PGS_MAX_EMBEDDER bytes; "" for none */
    uint32_t revision;
} PgsOptions;

typedef struct PgsMetaInfo {
    int format_version;
    int dims;
    PgsMetric metric;
    PgsStorage storage;
    char embedder[PGS_MAX_EMBEDDER + 1];
    uint32_t revision;
    uint64_t generation;
    uint32_t end_block; /* blocks from here on belong to nobody */
    uint32_t sealed_parts;
    uint32_t record_blocks; /* of all parts */
    uint32_t slab_blocks;
    uint32_t in_progress_blocks; /* reserved by a growth that has not finished */
    uint32_t item_bytes;         /* a stored vector takes, padding included */
    uint64_t sealed_slots;
    uint64_t open_capacity;      /* slots the open part has room for, used ones included */
    uint64_t counted_tombstones; /* by the last VACUUM */
} PgsMetaInfo;

/* Formats page as the metapage of an index without rows. */
void pgs_meta_init(void *page, const PgsOptions *options);

/* Whether page is a metapage this library can read and whose tables are consistent. */
PgsStatus pgs_meta_check(const void *page, PgsError *error);

void pgs_meta_info(const void *meta, PgsMetaInfo *info);

/* How many tombstones VACUUM counted in a part (by its number in the manifest), and recording it.
 */
uint64_t pgs_meta_tombstones(const void *meta, uint32_t part);
void pgs_meta_set_tombstones(void *meta_page, uint32_t part, uint64_t tombstones);

/* ---- the index: record pages ----------------------------------------------------------------- */

/* Address of a heap tuple. */
typedef struct PgsTid {
    uint32_t block;
    uint16_t offset;
} PgsTid;

#define PGS_TOMBSTONE 0x0001 /* removed by VACUUM */
#define PGS_KILLED \
    0x0002 /* found dead by a scan; not to be believed by one that began during recovery */

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
    uint32_t sequence; /* of the page in the part's record table */
    uint32_t capacity; /* records the page has room for */
    bool open;         /* part of the sidecar: may hold fewer records than its capacity */
} PgsRecordPage;

/* Number of record pages of all parts, and the i-th of them; the open part's come last. */
uint32_t pgs_record_pages(const void *meta);
PgsRecordPage pgs_record_page(const void *meta, uint32_t i);

/* Checks the page read from where->block (its checksum too when fresh from disk); *count is its
 * number of records. */
PgsStatus pgs_record_page_check(const void *meta, const PgsRecordPage *where, const void *page,
                                bool fresh, uint32_t *count, PgsError *error);

/* The page's records, count of them, in slot order. */
const PgsRecord *pgs_page_records(const void *page);

/* Sets flags on the index-th record. */
void pgs_record_set_flags(void *page, uint32_t index, unsigned flags);

/* ---- the index: insert ----------------------------------------------------------------------- */

/* Encodes a vector of the index's dims for the slab: pgs_meta_info().item_bytes to item, its record
 * to *record. False when the metric has no distance for it (the zero vector under cosine): such a
 * row is not indexed. */
bool pgs_encode(const void *meta, const float *vector, PgsTid tid, void *item, PgsRecord *record);

/* Record pages of the open part; 0 when there is none. The sequence-th of them, which must exist.
 */
uint32_t pgs_open_record_pages(const void *meta);
PgsRecordPage pgs_open_record_page(const void *meta, uint32_t sequence);

/* Where the vector of the index-th record of an open record page goes: item_bytes from offset on in
 * the payload of first_block, then whole payloads of the blocks after it. */
typedef struct PgsPlacement {
    uint32_t part; /* number in the manifest */
    uint32_t first_block;
    uint32_t blocks;
    uint32_t offset;   /* bytes into the payload of the first block */
    uint32_t sequence; /* of the first block in the part's slab */
} PgsPlacement;

PgsPlacement pgs_place(const void *meta, const PgsRecordPage *where, uint32_t index);

/* Writes what belongs on the i-th block of a placement. item is the whole encoded vector. A page
 * fresh from disk has its checksum verified before. */
PgsStatus pgs_slab_write(const void *meta, const PgsPlacement *placement, uint32_t i,
                         const void *item, void *page, bool fresh, PgsError *error);

/* Appends a record to an open record page that pgs_record_page_check() accepted and that has room.
 */
void pgs_record_append(void *page, const PgsRecord *record);

/* ---- the index: growth ----------------------------------------------------------------------- */

/*
 * A new extent is reserved on the metapage, formatted and logged page by page, and then published
 * on the metapage. All under one lock, so that a reservation found there is what a crash or an
 * error left; it is taken up again.
 */
typedef struct PgsGrowth {
    uint64_t generation; /* of the part */
    uint32_t part;       /* id */
    uint32_t first_block;
    uint32_t blocks;
    uint32_t record_blocks; /* the first of them; the others are slab */
    uint32_t slots;
    uint32_t record_sequence; /* of the first page of each kind */
    uint32_t slab_sequence;
    uint32_t reserved;
} PgsGrowth;

/* Reserves the open part's next extent on the metapage. */
PgsStatus pgs_growth_reserve(void *meta_page, PgsGrowth *growth, PgsError *error);

/* Formats the i-th block of the extent, empty. */
void pgs_growth_format(const PgsGrowth *growth, uint32_t i, void *page);

/* Adds the extent to the open part, which it opens if there is none. */
PgsStatus pgs_growth_publish(void *meta_page, const PgsGrowth *growth, PgsError *error);

/* ---- the index: build ------------------------------------------------------------------------ */

/*
 * Writes one sealed part: blocks from 1 on are filled with slab pages as rows come, then with
 * record pages. The caller writes each page pgs_build_page() hands out to the next block, keeps the
 * records aside, and hands them back after pgs_build_end_rows().
 */
typedef struct PgsBuild PgsBuild;

PgsStatus pgs_build_create(const PgsOptions *options, PgsBuild **build);
void pgs_build_destroy(PgsBuild *build); /* NULL is fine */

/* Adds a row; *record is for the caller to keep. False when the row is not indexed. Pages may be
 * ready afterwards. */
bool pgs_build_add(PgsBuild *build, const float *vector, PgsTid tid, PgsRecord *record);

/* No more rows; pages may be ready afterwards. */
void pgs_build_end_rows(PgsBuild *build);

/* Takes a record back, in the order they were handed out. Pages may be ready afterwards. */
void pgs_build_add_record(PgsBuild *build, const PgsRecord *record);

/* No more records: the last page may be ready, after which *meta_page can be written by
 * pgs_build_meta(). */
void pgs_build_end_records(PgsBuild *build);

/* The next finished page, valid until the next call on build, or NULL. To be called until NULL
 * after every call above. */
const void *pgs_build_page(PgsBuild *build);

/* The metapage of the finished index. */
void pgs_build_meta(const PgsBuild *build, void *page);

/* ---- the index: ordered scan ----------------------------------------------------------------- */

typedef struct PgsScan PgsScan;

typedef enum PgsStepKind { PGS_STEP_PAGE, PGS_STEP_ROW, PGS_STEP_DONE, PGS_STEP_ERROR } PgsStepKind;

typedef struct PgsStep {
    PgsStepKind kind;
    uint32_t block; /* PGS_STEP_PAGE: to be read and handed to pgs_scan_page() */
    PgsTid tid;     /* PGS_STEP_ROW */
    double bound; /* PGS_STEP_ROW: the distance operator's value for the row is not below this; rows
                     come in ascending order of it */
    uint64_t slot; /* PGS_STEP_ROW: for pgs_scan_record() */
} PgsStep;

/* A scan that keeps at most about memory_bytes of candidates. */
PgsStatus pgs_scan_create(size_t memory_bytes, PgsScan **scan);
void pgs_scan_destroy(PgsScan *scan); /* NULL is fine */

/*
 * Begins an ordered scan over every live row, keeping the memory of earlier ones. meta is copied.
 * query is float32[dims] and is copied; NULL asks for every row in slot order with bound 0, and so
 * does the zero vector under cosine, with bound NaN.
 * believe_killed says whether rows flagged PGS_KILLED may be left out.
 */
PgsStatus pgs_scan_start(PgsScan *scan, const void *meta, const float *query, bool believe_killed,
                         PgsError *error);

/* What the scan wants or has next. PGS_STEP_ERROR fills *error. */
void pgs_scan_next(PgsScan *scan, PgsStep *step, PgsError *error);

/* The page asked for by the last PGS_STEP_PAGE; fresh if it came from disk, which has its checksum
 * verified. */
PgsStatus pgs_scan_page(PgsScan *scan, const void *page, bool fresh, PgsError *error);

/* Where the record of a slot this scan returned lies: its page, and its index there. */
PgsRecordPage pgs_scan_record(const PgsScan *scan, uint64_t slot, uint32_t *index);

/* ---- the index: verification ----------------------------------------------------------------- */

typedef enum PgsRole {
    PGS_ROLE_META,
    PGS_ROLE_RECORD,
    PGS_ROLE_SLAB,
    PGS_ROLE_IN_PROGRESS,
    PGS_ROLE_BEYOND
} PgsRole;

/* What the manifest says a block is for. */
PgsRole pgs_block_role(const void *meta, uint32_t block);

typedef struct PgsPageInfo {
    const char *kind; /* as the page itself says: "meta", "record", "slab", "empty" (all zero) or
                         "unknown" */
    uint32_t part;    /* id */
    uint64_t generation;
    uint32_t sequence;
    uint32_t used_bytes; /* of the payload */
    uint32_t records;    /* of a record page */
    uint32_t tombstones; /* of them, flagged */
    bool checksum_ok;
} PgsPageInfo;

/* What a page says of itself, whatever is on it. */
void pgs_page_info(const void *page, PgsPageInfo *info);

/*
 * Verifies an index page by page: every page of every extent is asked for at least once. meta is
 * copied. What concurrent inserts and vacuums do meanwhile is no error. Checks kinds, generations,
 * checksums and bounds, records and stored values, and counters; PGS_CORRUPT says where the first
 * contradiction is.
 */
typedef struct PgsVerify PgsVerify;

/* A row that is in the index and not a tombstone. */
typedef struct PgsVerifiedRow {
    PgsTid tid;
    uint32_t
        content; /* checksum of what is stored for it: equal to pgs_content() of the same vector */
} PgsVerifiedRow;

PgsStatus pgs_verify_create(const void *meta, PgsVerify **verify);
void pgs_verify_destroy(PgsVerify *verify); /* NULL is fine */

/* The block to give next; PGS_NO_BLOCK when everything was seen and agrees. */
PgsStatus pgs_verify_next(PgsVerify *verify, uint32_t *block, PgsError *error);
PgsStatus pgs_verify_page(PgsVerify *verify, const void *page, PgsError *error);

/* The rows the last page completed, *count of them; valid until the next call on verify. */
const PgsVerifiedRow *pgs_verify_rows(const PgsVerify *verify, size_t *count);

/* Checksum of an encoded vector and its scale. */
uint32_t pgs_content(const void *meta, const void *item, const PgsRecord *record);

#ifdef __cplusplus
}
#endif

#endif
