/*
 * pgslab_core.h - the one header where the C++ core and the PostgreSQL shims meet.
 *
 * Everything here is extern "C" over plain data. The core never calls back: a shim pins pages and
 * hands the core spans of bytes, and the core answers with results, or with the block it wants
 * next. No function throws and none keeps a pointer it was given after it returns, unless its
 * comment says so. Memory the core allocates for itself comes from malloc, and running out of it is
 * PGS_OUT_OF_MEMORY; a function that has no status to say so allocates nothing.
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
    PGS_FULL,        /* a fixed table of the metapage has no room */
    PGS_TOO_LARGE,   /* more rows or blocks than one relation holds */
    PGS_MISUSE,      /* the caller's mistake: an argument that is out of range, or contradicts
                        another or what was said before; an answer to what was not asked */
    PGS_INTERNAL     /* a bug of this library */
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

typedef enum PgsMetric { PGS_L2 = 1, PGS_INNER_PRODUCT = 2, PGS_COSINE = 3, PGS_L1 = 4 } PgsMetric;
typedef enum PgsStorage { PGS_F16 = 1, PGS_F32 = 2 } PgsStorage;

/* Longest embedder name, without its terminating zero. */
#define PGS_MAX_EMBEDDER 63

/* Lists an index may have. */
#define PGS_MAX_LISTS 65536

/* Segments an index may have; one more row cannot be sealed until some are merged. */
#define PGS_MAX_SEGMENTS 24

typedef struct PgsOptions {
    int dims;
    PgsMetric metric;
    PgsStorage storage;
    const char *embedder; /* at most PGS_MAX_EMBEDDER bytes; "" for none */
    uint32_t revision;
    int refine_bits; /* 0, 4 or 8; ignored for L1, which has no codes */
} PgsOptions;

/* Bits of refinement codes that suit so many dims; most dims that codes of so many bits can have.
 */
int pgs_auto_refine_bits(int dims);
int pgs_most_dims(int refine_bits);

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
    uint32_t refine_blocks;
    uint32_t codebook_blocks;
    uint32_t segments;
    uint32_t segment_blocks;
    uint32_t lists; /* 0 when the index has no codes */
    int refine_bits;
    uint64_t codebook_identity;   /* equal for two indexes only if their codebooks are */
    uint32_t calibration_queries; /* that the index measured itself with; 0: never */
    uint32_t in_progress_blocks;  /* reserved by a growth that has not finished */
    uint32_t item_bytes;          /* a stored vector takes, padding included */
    uint64_t sealed_slots;
    uint64_t open_capacity;      /* slots the open part has room for, used ones included */
    uint64_t counted_tombstones; /* by the last VACUUM */
    uint64_t coded_slots;        /* that are in segments, or were tombstones then */
    uint32_t spare_blocks;       /* of runs that no table lies in */
    uint64_t code_bytes_written; /* by maintenance since the index was built */
    uint64_t vector_bytes_written;
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
    /* The extent's other tables, for pgs_place(): first blocks and their places in the part's. */
    uint32_t slot; /* of the page's first record in the extent */
    uint32_t slab_block;
    uint32_t slab_sequence;
    uint32_t refine_block;
    uint32_t refine_sequence;
} PgsRecordPage;

/* What the index's codebook is known by to whoever keeps one: no other has it. */
uint64_t pgs_meta_codebook(const void *meta);

/* Number of record pages of all parts, and the i-th of them; the open part's come last. */
uint32_t pgs_record_pages(const void *meta);
PgsRecordPage pgs_record_page(const void *meta, uint32_t i);

/* Checks the page read from where->block; *count is its number of records. */
PgsStatus pgs_record_page_check(const void *meta, const PgsRecordPage *where, const void *page,
                                uint32_t *count, PgsError *error);

/* The page's records, count of them, in slot order. */
const PgsRecord *pgs_page_records(const void *page);

/* Sets flags on the index-th record. */
void pgs_record_set_flags(void *page, uint32_t index, unsigned flags);

/* ---- the index: machines --------------------------------------------------------------------- */

/*
 * Whatever reads an index is a machine: it is asked what it wants next and is given that, until it
 * wants nothing more. Each kind has a type of its own, with a function that gives its machine,
 * which lives as long as it does.
 *
 * A machine asks for pages by the copy of the metapage that it was made with: what a page turns out
 * to be is an error against that. After an error a machine is good for nothing but to be destroyed,
 * or, a scan, to be started again.
 */
typedef struct PgsMachine PgsMachine;

typedef enum PgsRequestKind {
    PGS_REQUEST_DONE,    /* nothing more */
    PGS_REQUEST_PAGE,    /* the page of a block: pgs_page() answers it */
    PGS_REQUEST_RUN,     /* a run of blocks to be reserved: pgs_task_reserved() */
    PGS_REQUEST_ROW,     /* the next row: pgs_task_row() */
    PGS_REQUEST_LOOK_UP, /* the vector of a row: pgs_scan_looked_up() */
    PGS_REQUEST_WRITE,   /* a page to be written; awaits no answer */
    PGS_REQUEST_FOUND    /* a row that was found; awaits no answer */
} PgsRequestKind;

/* Which members mean something depends on the kind. */
typedef struct PgsRequest {
    PgsRequestKind kind;

    uint32_t block;   /* PAGE: to be read; WRITE: of a reserved run */
    const void *page; /* WRITE: valid until the next call on the machine */

    uint32_t blocks; /* RUN: so many */
    uint32_t least; /* but where there is no such run that is free, a free one of so many will do */
    uint32_t ids;   /* to be reserved with it */

    PgsTid tid;    /* FOUND, LOOK_UP: the row's address */
    uint64_t slot; /* and slot, for pgs_scan_record() */
    double value;  /* FOUND: ascends from row to row. With stored_values the distance operator's
                      value for the stored vector. Else a bound that the operator's value for the
                      row is not below, and which no row before it exceeds: rows come in the
                      operator's order. */
} PgsRequest;

/* What the machine wants now. Until it has the answer it wants the same. */
PgsStatus pgs_next(PgsMachine *machine, PgsRequest *request, PgsError *error);

/* Answers PGS_REQUEST_PAGE. An answer to what was not asked for last is PGS_MISUSE, this one or
 * another, and changes nothing. */
PgsStatus pgs_page(PgsMachine *machine, const void *page, PgsError *error);

/* Bytes of a page that a machine will look at soon. */
typedef struct PgsUpcoming {
    uint32_t block;
    uint32_t offset;
    uint32_t bytes;
} PgsUpcoming;

/* What the last pgs_next() has found out of what comes next, besides what it asked for; returns how
 * many. It is told once, and is there until the next call. Nothing depends on its being read. */
uint32_t pgs_upcoming(const PgsMachine *machine, const PgsUpcoming **upcoming);

/* ---- the index: codebook --------------------------------------------------------------------- */

/*
 * What the codes of an index refer to: its rotation, mean and lists' centroids. Immutable; may be
 * used by any number of scans and encoders, which it must outlive. Takes about 1.3 bytes of memory
 * per list and dimension. An index without codes has one too, without lists.
 */
typedef struct PgsCodebook PgsCodebook;

void pgs_codebook_destroy(PgsCodebook *codebook); /* NULL is fine */
size_t pgs_codebook_memory(const PgsCodebook *codebook);

/* A machine that reads an index's codebook. meta is copied. */
typedef struct PgsCodebookLoad PgsCodebookLoad;

PgsStatus pgs_codebook_load_create(const void *meta, PgsCodebookLoad **load);
void pgs_codebook_load_destroy(PgsCodebookLoad *load); /* NULL is fine */

PgsMachine *pgs_codebook_load_machine(PgsCodebookLoad *load);

/* The codebook, which is the caller's from then on, once the machine is done. */
PgsStatus pgs_codebook_load_finish(PgsCodebookLoad *load, PgsCodebook **codebook, PgsError *error);

/* ---- the index: training a codebook -----------------------------------------------------------
 */

typedef struct PgsPlan {
    uint32_t lists;
    uint32_t sample; /* rows to train with; all of them when the table has fewer */
} PgsPlan;

/* Lists and sample for a table of about so many rows. lists and sample that are not 0 are kept as
 * they are, the sample as far as memory_bytes allow; at least one row is sampled. */
void pgs_plan(const PgsOptions *options, double rows, size_t memory_bytes, PgsPlan *plan);

/* Rows with such an address are kept out of the sample, a sixteenth of all, so that the index can
 * measure itself with vectors it was not trained with. */
bool pgs_held_out(PgsTid tid);

typedef struct PgsTraining PgsTraining;

PgsStatus pgs_training_create(const PgsOptions *options, const PgsPlan *plan,
                              PgsTraining **training);
void pgs_training_destroy(PgsTraining *training); /* NULL is fine */

/* Adds a vector to the sample; not taken when the sample has plan->sample of them or the metric has
 * no distance for it. */
PgsStatus pgs_training_add(PgsTraining *training, const float *vector, bool *taken);

/* Replaces the i-th vector of the sample, as reservoir sampling does; false when the metric has no
 * distance for the new one, and the old one stays. */
bool pgs_training_replace(PgsTraining *training, uint32_t i, const float *vector);
uint32_t pgs_training_rows(const PgsTraining *training);

typedef struct PgsProgress {
    uint64_t done;
    uint64_t total;
    bool finished;
} PgsProgress;

/* Some milliseconds of work, after all rows were added; until progress->finished. */
PgsStatus pgs_training_step(PgsTraining *training, PgsProgress *progress);

/* The trained codebook, which is the caller's. identity is a random number. */
PgsStatus pgs_training_finish(PgsTraining *training, uint64_t identity, PgsCodebook **codebook);

/* ---- the index: encoding rows -----------------------------------------------------------------
 */

/* Encodes rows for one codebook; holds the memory that takes. */
typedef struct PgsEncoder PgsEncoder;

PgsStatus pgs_encoder_create(const PgsCodebook *codebook, PgsEncoder **encoder);
void pgs_encoder_destroy(PgsEncoder *encoder); /* NULL is fine */

/* Bytes of an encoded row: record, stored vector and codes, each where the functions below find it.
 * A multiple of 8. */
size_t pgs_row_bytes(const PgsCodebook *codebook);

/* Encodes a vector of the index's dims to row (aligned to 8); *list is the list it belongs to.
 * *indexed is false when the metric has no distance for it (the zero vector under cosine): such a
 * row is not indexed.
 */
PgsStatus pgs_encode_row(PgsEncoder *encoder, const float *vector, PgsTid tid, void *row,
                         uint32_t *list, bool *indexed);

const PgsRecord *pgs_row_record(const void *row);
const void *pgs_row_item(const void *row); /* pgs_meta_info().item_bytes of it */

/* The stored vector and its record alone, as pgs_encode_row() makes them, but for the list. */
bool pgs_encode_value(const void *meta, const float *vector, PgsTid tid, void *item,
                      PgsRecord *record);

/* ---- the index: insert ----------------------------------------------------------------------- */

/* Record pages of the open part; 0 when there is none. The sequence-th of them, which must exist.
 */
uint32_t pgs_open_record_pages(const void *meta);
PgsRecordPage pgs_open_record_page(const void *meta, uint32_t sequence);

/* Where something of the index-th record of an open record page goes: to offset of the payload of
 * first_block, and on from the beginning of the payloads of the blocks after it. */
typedef struct PgsPlacement {
    uint32_t part; /* number in the manifest */
    uint32_t first_block;
    uint32_t blocks;   /* 0: nowhere, the index has no refinement codes */
    uint32_t offset;   /* bytes into the payload of the first block */
    uint32_t sequence; /* of the first block in the part's table */
} PgsPlacement;

PgsPlacement pgs_place(const void *meta, const PgsRecordPage *where, uint32_t index);
PgsPlacement pgs_place_refine(const void *meta, const PgsRecordPage *where, uint32_t index);

/* Whether the page is the i-th block of a placement and has all that comes before it there. */
PgsStatus pgs_slab_page_check(const void *meta, const PgsPlacement *placement, uint32_t i,
                              const void *page, PgsError *error);
PgsStatus pgs_refine_page_check(const void *meta, const PgsPlacement *placement, const void *page,
                                PgsError *error);

/* What writing to a page changes, besides pd_lower and the checksum: bytes from its beginning. */
typedef struct PgsChange {
    uint16_t offset;
    uint16_t bytes;
} PgsChange;

/* Where a page has its checksum: 4 bytes. */
#define PGS_CHECKSUM_OFFSET 44

/* Writes what belongs on the i-th block of a placement to a page that was checked. row is an
 * encoded row. */
PgsChange pgs_slab_write(const void *meta, const PgsPlacement *placement, uint32_t i,
                         const void *row, void *page);
PgsChange pgs_refine_write(const void *meta, const PgsPlacement *placement, const void *row,
                           void *page);

/* Appends a record to an open record page that pgs_record_page_check() accepted and that has room.
 */
PgsChange pgs_record_append(void *page, const PgsRecord *record);

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
    uint32_t record_blocks; /* the first of them; then the refinement codes'; then the slab */
    uint32_t refine_blocks;
    uint32_t slots;
    uint32_t record_sequence; /* of the first page of each kind */
    uint32_t refine_sequence;
    uint32_t slab_sequence;
} PgsGrowth;

/* Reserves the open part's next extent on the metapage. */
PgsStatus pgs_growth_reserve(void *meta_page, PgsGrowth *growth, PgsError *error);

/* Formats the i-th block of the extent, empty. */
void pgs_growth_format(const PgsGrowth *growth, uint32_t i, void *page);

/* Adds the extent to the open part, which it opens if there is none. */
PgsStatus pgs_growth_publish(void *meta_page, const PgsGrowth *growth, PgsError *error);

/* ---- the index: build ------------------------------------------------------------------------ */

/*
 * Writes an index: first its codebook, then one sealed part and its segment, from rows that come in
 * the order of their lists. Every block from 1 on is handed out once, as soon as its page is full.
 */
typedef struct PgsBuild PgsBuild;

/* The codebook must outlive the build. Its pages are ready afterwards. */
PgsStatus pgs_build_create(const PgsOptions *options, const PgsCodebook *codebook,
                           PgsBuild **build);
void pgs_build_destroy(PgsBuild *build); /* NULL is fine */

/* Says how many rows will come. *blocks is how many the index will have; their pages may be handed
 * out in any order from then on. */
PgsStatus pgs_build_begin_rows(PgsBuild *build, uint64_t rows, uint32_t *blocks, PgsError *error);

/* Adds an encoded row; list must not be below the last one's. Pages may be ready afterwards. */
PgsStatus pgs_build_add_row(PgsBuild *build, const void *row, uint32_t list, PgsError *error);

/* No more rows. The last pages are ready afterwards. */
PgsStatus pgs_build_end_rows(PgsBuild *build, PgsError *error);

/* The next finished page, valid until the next call on build, or NULL. To be called until NULL
 * after every call above. */
const void *pgs_build_page(PgsBuild *build, uint32_t *block);

/* The metapage of what has been built: before pgs_build_end_rows() an index without rows. */
void pgs_build_meta(const PgsBuild *build, void *page);

/* ---- the index: ordered scan ----------------------------------------------------------------- */

/* How a scan trades work for recall. */
typedef struct PgsEffort {
    bool exact;           /* considers every row, by bounds that hold always */
    bool stored_values;   /* the distances of stored vectors stand for those of the rows themselves,
                             which are not looked up */
    double target_recall; /* otherwise: of the nearest rows, as the index was calibrated */
    uint32_t probes;      /* lists to visit at first; 0: as target_recall asks */
    uint32_t refine;      /* vectors to compare at first; 0: as target_recall asks */
    uint32_t rows;        /* the caller expects to take; 0: unknown */
} PgsEffort;

/* Work done since pgs_scan_start(). */
typedef struct PgsWork {
    uint64_t lists;     /* visited */
    uint64_t codes;     /* one-bit codes scanned */
    uint64_t filtered;  /* of them, passed over for their bound */
    uint64_t refined;   /* refinement codes compared */
    uint64_t exact;     /* vectors compared */
    uint64_t rows;      /* returned */
    uint64_t passes;    /* over the lists, as the caller asked for more rows */
    uint64_t looked_up; /* rows whose vectors were asked for */
} PgsWork;

/* A machine that finds rows, in the order of the distance operator's values. */
typedef struct PgsScan PgsScan;

/* A scan that keeps at most about memory_bytes of candidates. */
PgsStatus pgs_scan_create(size_t memory_bytes, PgsScan **scan);
void pgs_scan_destroy(PgsScan *scan); /* NULL is fine */

/*
 * Begins an ordered scan over the live rows, keeping the memory of earlier ones. meta is copied;
 * codebook is the index's and must outlive the scan or its next start. query is float32[dims] and
 * is copied; NULL asks for every row in slot order with value 0, and so does the zero vector under
 * cosine, with value NaN.
 * believe_killed says whether rows flagged PGS_KILLED may be left out.
 */
PgsStatus pgs_scan_start(PgsScan *scan, const void *meta, const PgsCodebook *codebook,
                         const float *query, const PgsEffort *effort, bool believe_killed,
                         PgsError *error);

PgsMachine *pgs_scan_machine(PgsScan *scan);

/* Answers PGS_REQUEST_LOOK_UP: the vector of the row, float32[dims]; NULL when who takes the rows
 * sees none there, which the scan then does not return. */
PgsStatus pgs_scan_looked_up(PgsScan *scan, const float *vector, PgsError *error);

/* Where the record of a slot this scan found, or asked for, lies: its page, and its index there.
 */
PgsRecordPage pgs_scan_record(const PgsScan *scan, uint64_t slot, uint32_t *index);

void pgs_scan_work(const PgsScan *scan, PgsWork *work);

/* ---- the index: measuring itself --------------------------------------------------------------
 */

/*
 * A machine that draws vectors from an index at random: to query it with, from rows that training
 * never sees; or to train with, from the others. meta is copied.
 */
typedef enum PgsDraw { PGS_DRAW_ALL, PGS_DRAW_HELD_OUT, PGS_DRAW_OTHERS } PgsDraw;

typedef struct PgsSampler PgsSampler;

PgsStatus pgs_sampler_create(const void *meta, uint32_t vectors, PgsDraw draw, uint64_t seed,
                             PgsSampler **sampler);
void pgs_sampler_destroy(PgsSampler *sampler); /* NULL is fine */

PgsMachine *pgs_sampler_machine(PgsSampler *sampler);

/* Vectors drawn, which may be fewer than asked for; the i-th, float32[dims], and the slot it has,
 * as in PgsRequest. Valid as long as the sampler. */
uint32_t pgs_sampler_vectors(const PgsSampler *sampler);
const float *pgs_sampler_vector(const PgsSampler *sampler, uint32_t i, uint64_t *slot);

/*
 * A machine that finds out how much work which recall takes: for each vector of a sampler its true
 * neighbours by exact search, then what finds them. sampler, codebook must outlive it; meta is
 * copied. rows is how many the index has that are no tombstones, for pgs_needs() to compare later.
 */
typedef struct PgsCalibration PgsCalibration;

PgsStatus pgs_calibration_create(const void *meta, const PgsCodebook *codebook,
                                 const PgsSampler *sampler, uint64_t rows, size_t memory_bytes,
                                 PgsCalibration **calibration);
void pgs_calibration_destroy(PgsCalibration *calibration); /* NULL is fine */

PgsMachine *pgs_calibration_machine(PgsCalibration *calibration);
void pgs_calibration_progress(const PgsCalibration *calibration, PgsProgress *progress);

/* Points of the curve of recall over work that calibration puts on the metapage, in ascending order
 * of recall. */
#define PGS_LEVELS 8

typedef struct PgsLevel {
    double recall;
    double lists; /* mean work of a query for the ten nearest rows, as in PgsWork */
    double codes;
    double refined;
    double exact;
} PgsLevel;

/* False when there is no i-th level. */
bool pgs_meta_level(const void *meta, int i, PgsLevel *level);

/* Puts the result on the metapage. */
void pgs_meta_calibrate(void *meta_page, const PgsCalibration *calibration);

/* The work a query for the ten nearest rows is expected to take, by the calibration or, where there
 * is none, by a rule of thumb. */
void pgs_expected_work(const void *meta, const PgsEffort *effort, PgsWork *work);

/* ---- the index: maintenance -------------------------------------------------------------------
 */

/*
 * Whoever holds the index's maintenance lock carries out tasks, one after the other. A task is a
 * machine that reads tables and writes others to runs it had reserved; once it is done one change
 * of the metapage puts them in the place of those they replace. The copy of the metapage that a
 * task is given must stay true but for what inserts append.
 */

/* Runs that no table lies in. */
#define PGS_SPARE_FREE UINT64_C(0)
#define PGS_SPARE_WORKING UINT64_MAX /* being written, or left so by a crash or an error */

typedef struct PgsSpare {
    uint32_t block;
    uint32_t blocks;
    uint64_t since; /* one of these, or the full transaction id that came next when the run was
                       given up: who began before may still read it */
} PgsSpare;

/* False when there is no i-th one. */
bool pgs_meta_spare(const void *meta, uint32_t i, PgsSpare *spare);

/* Makes free what was left working or growing, and what was given up before the full transaction id
 * removable; whether that changed anything. Nobody may be at either now. */
bool pgs_meta_reclaim(void *meta_page, uint64_t removable);

/* Gives up free runs at the end of the index. Returns the first block that belongs to nobody then.
 */
uint32_t pgs_meta_cut(void *meta_page);

typedef struct PgsReservation {
    uint32_t block;
    uint32_t blocks;
    uint32_t first_id;
    uint64_t generation;
} PgsReservation;

/* Reserves a run of so many blocks, and ids, on the metapage. */
PgsStatus pgs_meta_reserve(void *meta_page, uint32_t blocks, uint32_t ids, PgsReservation *reserved,
                           PgsError *error);

/* The same, but a shorter run does that is free and has at least `least` blocks. */
PgsStatus pgs_meta_reserve_some(void *meta_page, uint32_t least, uint32_t blocks, uint32_t ids,
                                PgsReservation *reserved, PgsError *error);

/* Changes with every change of the manifest but growth. Reads no more than this of the page. */
uint64_t pgs_meta_generation(const void *meta_page);

typedef struct PgsPolicy {
    uint32_t seal_rows;  /* of the sidecar, from which on it is sealed; 0: automatic */
    double dead_share;   /* of a part's slots, above which it is written anew */
    uint32_t dead_bytes; /* but not for less than this */
    uint32_t lists;      /* asked for; 0: automatic */
    bool give_back;      /* move what lies last to where it makes the file shorter */
} PgsPolicy;

/* Id of the open part, 0 when there is none; how many of its slots are in segments. */
uint32_t pgs_open_part(const void *meta);
uint64_t pgs_open_coded(const void *meta);

/* Rows of the sidecar from which on it should be sealed; UINT64_MAX in an index without codes. */
uint64_t pgs_seal_rows(const void *meta, const PgsPolicy *policy);

/* Closes the open part, of which so many slots are in use. Where its tail page has room, that page
 * is marked, in the same step: who finds it so looks for the part that is open now. */
void pgs_meta_close(void *meta_page, uint64_t slots);
void pgs_record_page_close(void *page);
bool pgs_record_page_closed(const void *page);

/* Slots before the given open record page. */
uint64_t pgs_open_slots_before(const void *meta, uint32_t sequence);

/* Bit i of a set of parts or segments stands for number i in the manifest. */
typedef struct PgsNeeds {
    uint64_t sidecar; /* slots that are in no segment */
    uint32_t seal;    /* parts with many of them */
    uint32_t recode;  /* parts whose codes refer to an earlier codebook */
    uint32_t merge;   /* segments that should be one */
    uint32_t rewrite; /* parts with many tombstones */
    uint32_t move;  /* block where what is to be moved begins, see pgs_move_create(); 0: nothing */
    bool recluster; /* there are far fewer lists than suit the rows, or they have drifted */
    bool calibrate; /* there are far more, or fewer, or other rows than were measured with */
    bool seal_overdue; /* sealing has been put off: twice as many slots wait as it takes */
    double drift;      /* by how much the mean squared distance of rows from the centroids of their
                          lists has grown since these were trained, as a share of what it was */
} PgsNeeds;

/* What maintenance an index needs whose open part has so many slots in use. */
void pgs_needs(const void *meta, uint64_t open_slots, const PgsPolicy *policy, PgsNeeds *needs);

/* Sets that name everything: segments; sealed parts; those of them whose codes refer to an earlier
 * codebook. */
uint32_t pgs_all_segments(const void *meta);
uint32_t pgs_sealed_parts(const void *meta);
uint32_t pgs_stale_parts(const void *meta);

typedef struct PgsTask PgsTask;

/* Puts the sidecar's rows of a part (by its number), as many as memory_bytes hold, into a segment.
 */
PgsStatus pgs_seal_create(const void *meta, uint32_t part, size_t memory_bytes, PgsTask **task);

/* Merges segments into one without their dead rows; with all segments given, also writes parts anew
 * in list order, of which every slot must be in a segment. */
PgsStatus pgs_merge_create(const void *meta, uint32_t segments, uint32_t parts, PgsTask **task);

/* Copies an extent of a sealed part, or a segment, to a run of its own, by the block it begins at:
 * its records' or the segment's. PGS_MISUSE, from pgs_next(), when there is none. */
PgsStatus pgs_move_create(const void *meta, uint32_t block, PgsTask **task);

/* Writes parts anew from so many rows that the task asks for, encoded by codebook, in the order of
 * their lists. If codebook is not the index's it takes that one's place. codebook must outlive the
 * task. */
PgsStatus pgs_rewrite_create(const void *meta, const PgsCodebook *codebook, uint32_t parts,
                             uint64_t rows, PgsTask **task);
void pgs_task_destroy(PgsTask *task); /* NULL is fine */

PgsMachine *pgs_task_machine(PgsTask *task);

/* Answers PGS_REQUEST_RUN. */
PgsStatus pgs_task_reserved(PgsTask *task, const PgsReservation *reserved, PgsError *error);

/* Answers PGS_REQUEST_ROW; row is NULL when there are no more. */
PgsStatus pgs_task_row(PgsTask *task, const void *row, uint32_t list, PgsError *error);

typedef struct PgsTaskWork {
    uint64_t rows;  /* done */
    uint64_t total; /* of them */
    uint64_t bytes; /* written, once the task is done */
} PgsTaskWork;

void pgs_task_work(const PgsTask *task, PgsTaskWork *work);

/* Puts what the task wrote into the manifest. next_xid is the full transaction id that comes next.
 */
PgsStatus pgs_task_publish(const PgsTask *task, void *meta_page, uint64_t next_xid,
                           PgsError *error);

/* A machine that reads the live rows of parts as they are stored, record and vector, for
 * pgs_encode_stored(). */
typedef struct PgsStoredRows PgsStoredRows;

PgsStatus pgs_stored_rows_create(const void *meta, uint32_t parts, PgsStoredRows **rows);
void pgs_stored_rows_destroy(PgsStoredRows *rows); /* NULL is fine */
PgsMachine *pgs_stored_rows_machine(PgsStoredRows *rows);

/* Encodes the next of the rows that the last page completed; *more is false when there is none. */
PgsStatus pgs_encode_stored(PgsEncoder *encoder, PgsStoredRows *rows, void *row, uint32_t *list,
                            bool *more);

/* ---- the index: verification ----------------------------------------------------------------- */

typedef enum PgsRole {
    PGS_ROLE_META,
    PGS_ROLE_RECORD,
    PGS_ROLE_SLAB,
    PGS_ROLE_REFINE,
    PGS_ROLE_CODEBOOK,
    PGS_ROLE_DIRECTORY,
    PGS_ROLE_LIST,
    PGS_ROLE_IN_PROGRESS,
    PGS_ROLE_SPARE,
    PGS_ROLE_BEYOND
} PgsRole;

/* What the manifest says a block is for. */
PgsRole pgs_block_role(const void *meta, uint32_t block);

typedef struct PgsPageInfo {
    const char *kind; /* as the page itself says: "meta", "record", "slab", "refine", "codebook",
                         "directory", "list", "empty" (all zero) or "unknown" */
    uint32_t part;    /* id of the part, segment or codebook */
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
 * A machine that verifies an index page by page: every page of every extent is asked for at least
 * once. meta is copied. What concurrent inserts and vacuums do meanwhile is no error. Checks kinds,
 * generations, checksums and bounds, records and stored values, and counters; PGS_CORRUPT says
 * where the first contradiction is.
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

/* Done when everything was seen and agrees. */
PgsMachine *pgs_verify_machine(PgsVerify *verify);

/* The rows the last page completed, *count of them; valid until the next call on verify or its
 * machine. */
const PgsVerifiedRow *pgs_verify_rows(const PgsVerify *verify, size_t *count);

/* Checksum of an encoded vector and its scale. */
uint32_t pgs_content(const void *meta, const void *item, const PgsRecord *record);

#ifdef __cplusplus
}
#endif

#endif
