// The bytes of a slab index: the only description of them. doc/format.md explains it in words.
//
// Integers and floats are in the machine's byte order, as in every PostgreSQL relation. A page is a
// standard PostgreSQL page of 8192 bytes: the server's 24-byte header, our 40-byte header, then
// 8128 = 127 x 64 bytes of payload. pd_lower is the end of what is used, pd_upper and pd_special
// are the page's end.
#pragma once

#include <cstddef>
#include <cstdint>

namespace pgslab {

constexpr uint32_t kPageBytes = 8192;
constexpr uint32_t kServerHeaderBytes = 24;
constexpr uint32_t kPayloadOffset = 64;
constexpr uint32_t kPayloadBytes = kPageBytes - kPayloadOffset;
constexpr uint32_t kLineBytes = 64;  // where an item larger than this may be cut

constexpr uint32_t kMetaMagic = 0x424C5350;  // "PSLB"
constexpr uint16_t kFormatVersion = 1;
constexpr uint32_t kMetaBlock = 0;
constexpr uint32_t kMaxBlocks = 0xFFFFFFFE;  // as PostgreSQL's MaxBlockNumber, plus one

// Two letters in a hex dump: SM, SR, SV, SF, SC, SD, SL. A zeroed page has none of them.
enum class PageKind : uint16_t {
    kMeta = 0x4D53,
    kRecord = 0x5253,
    kSlab = 0x5653,
    kRefine = 0x4653,     // refinement codes of a part's slots
    kCodebook = 0x4353,   // rotation, mean, centroids
    kDirectory = 0x4453,  // of a segment: where each list's blocks are
    kList = 0x4C53,       // of a segment: blocks of one-bit codes
};

// The fields of the server's page header that the core reads or sets; the shim asserts that they
// lie where the server has them.
struct ServerHeader {
    uint64_t lsn;
    uint16_t checksum;
    uint16_t flags;
    uint16_t lower;
    uint16_t upper;
    uint16_t special;
    uint16_t size_version;
    uint32_t prune_xid;
};
constexpr uint16_t kServerSizeVersion = kPageBytes | 4;

struct SlabHeader {
    PageKind kind;
    uint16_t version;
    uint32_t part;  // id of the part, segment or codebook the page belongs to; 0 on the metapage
    uint64_t generation;  // of the part, segment or codebook; on the metapage 0
    uint32_t sequence;    // of the page in its owner's table of that kind, from 0, across extents
    uint32_t checksum;  // CRC32C of this header (with this field zero) and the used payload (record
                        // flags zero)
    uint32_t closed;    // 1 on the record page that was the tail when its part was closed
    uint32_t reserved[3];
};

struct Page {
    ServerHeader server;
    SlabHeader slab;
    uint8_t payload[kPayloadBytes];
};

// ---- record table ----

// Set by VACUUM: the heap row is gone and its address may be another row's by now. Nobody returns
// the slot again.
constexpr uint16_t kTombstone = 0x0001;
// Set when a scan met a row dead to every transaction. A scan that began during recovery must not
// believe it.
constexpr uint16_t kKilled = 0x0002;
constexpr uint16_t kRecordFlags = kTombstone | kKilled;

struct Record {
    uint16_t heap_block_hi;  // heap tuple's address, laid out as ItemPointerData
    uint16_t heap_block_lo;
    uint16_t heap_offset;
    uint16_t flags;  // the only bytes of a record that ever change
    float scale;     // power of two: stored values times scale approximate the vector
    float error;  // at least the distance of vector and stored approximation, in the metric's norm
                  // (L1 for L1, else L2)
    float norm;   // at least the Euclidean norm of what was encoded
    uint32_t list;  // the list the row is assigned to; 0 where there are no lists
};
constexpr uint32_t kRecordsPerPage = kPayloadBytes / sizeof(Record);

// ---- refinement table ----

// Factors of the code of one bit that a refinement code's highest bits are: see Factors in
// quantize/code.h.
struct ScanFactors {
    float add;
    float rescale;
    float error;
};

// One item a slot: the code (code_bytes() of quantize/code.h), then this. Items never cross a page.
// Where there is no refinement the code is the one of one bit itself, and its own factors are 0.
struct RefineTail {
    float add;  // see Factors in quantize/code.h
    float rescale;
    float error;
    float norm;
    uint32_t list;  // as in the record
    ScanFactors scan;
};

// ---- segment ----

// Where a list's rows are: rows are counted over the segment, 32 a block, so that lists may share
// a block.
struct ListRun {
    uint32_t first_row;
    uint32_t rows;
};
constexpr uint32_t kBlockRows = 32;

// Follows the 4 * padded bytes of one-bit codes of each block of 32 rows (quantize/fastscan.h).
// Rows past the segment's last are zero.
struct BlockTail {
    float add[kBlockRows];
    float rescale[kBlockRows];
    float error[kBlockRows];
    uint64_t address[kBlockRows];
};

// A slot, named for good: the part's id above, the slot within the part below.
constexpr uint32_t kAddressSlotBits = 40;
constexpr uint64_t make_address(uint32_t part, uint64_t slot) noexcept {
    return uint64_t{part} << kAddressSlotBits | slot;
}
constexpr uint32_t part_of(uint64_t address) noexcept {
    return static_cast<uint32_t>(address >> kAddressSlotBits);
}
constexpr uint64_t slot_of(uint64_t address) noexcept {
    return address & ((uint64_t{1} << kAddressSlotBits) - 1);
}
constexpr uint32_t kMaxPartId = (1u << (64 - kAddressSlotBits)) - 1;

// ---- codebook ----

// The codebook's stripe begins with this; then, each from a multiple of 64 bytes on: the rotation's
// signs (padded / 2 bytes), the mean (float[dims]), ListInfo[lists], the centroids (int8[padded]
// each). Immutable.
struct CodebookHeader {
    uint32_t dims;
    uint32_t padded;
    uint32_t lists;
    uint32_t refine_bits;
    uint64_t identity;  // a random number: equal only for the same codebook
    float refine_step;  // see code_step() of quantize/code.h
    int32_t exponent;   // code space is measured in units of 2^exponent
    uint32_t reserved[8];
};

// What a list's centroid is, in code space: scale times its int8 values.
constexpr uint32_t kMaxLists = 1 << 16;
struct ListInfo {
    float scale;
    float norm;  // Euclidean, of the centroid
    uint32_t reserved[2];
};

// ---- metapage ----

// Consecutive slots of a part: their records, vectors and refinement codes, each a contiguous run
// of blocks.
struct Extent {
    uint32_t record_block;
    uint32_t slab_block;
    uint32_t refine_block;  // 0 when the index has no refinement codes
    uint32_t slots;
};

enum class PartState : uint16_t { kOpen = 1, kSealed = 2 };

struct Part {
    uint32_t id;  // from 1, never reused, at most kMaxPartId
    PartState state;
    uint16_t extents;  // how many entries of Meta::extent are this part's; parts follow one another
                       // there
    uint64_t generation;  // of the index when the part was begun
    uint64_t slots;  // used slots of a sealed part; 0 while open: the record pages themselves say
    uint64_t tombstones;  // as counted by the last VACUUM
    uint64_t coded;     // slots below are in segments, unless they were tombstones; the others are
                        // the sidecar
    uint32_t codebook;  // id of the codebook that its codes refer to; when that is no longer the
                        // index's, only its vectors are of use
    uint32_t reserved;
};

// A contiguous run of blocks.
struct Run {
    uint32_t block;
    uint32_t blocks;
};

// A run that no table lies in.
struct Spare {
    Run run;
    uint64_t since;  // kFree, kWorking, or the full transaction id that came next when the run was
                     // given up: who began before may still read it
};
constexpr uint64_t kFree = 0;
constexpr uint64_t kWorking =
    UINT64_MAX;  // maintenance is writing there, or was when it ended early

// The codebook's pages.
struct CodebookRef {
    uint32_t id;  // 0 when there is none
    uint32_t lists;
    Run run;
    uint64_t identity;
    uint64_t generation;  // of the index when it was made
};

// One-bit codes in list order: pages of the directory, then of the blocks.
struct Segment {
    uint32_t id;
    uint32_t block;
    uint32_t directory_blocks;
    uint32_t list_blocks;
    uint64_t generation;
    uint64_t rows;
};

// A point of the curve of recall over work that the index measured of itself.
struct Level {
    float recall;      // had, less the measurement's uncertainty
    float reach;       // that gave it: see search/choice.h
    float deviations;  // for which bounds of codes held
    float lists;       // mean work of a query: lists visited,
    float codes;       // one-bit codes scanned,
    float refined;     // refinement codes compared,
    float exact;       // vectors compared
    uint32_t reserved;
};
constexpr uint32_t kLevels = 8;

struct Calibration {
    uint32_t queries;  // measured with; 0: never
    uint32_t reserved;
    uint64_t rows;         // in the index then
    Level level[kLevels];  // in ascending order of recall
};

constexpr uint32_t kEmbedderBytes = 64;
constexpr uint32_t kMaxParts = 16;
constexpr uint32_t kMaxSegments = 24;
constexpr uint32_t kMaxSpares = 128;
constexpr uint32_t kMaxExtents = 248;

enum class Metric : uint8_t { kL2 = 1, kInnerProduct = 2, kCosine = 3, kL1 = 4 };
enum class Storage : uint8_t { kF16 = 1, kF32 = 2 };

// How far rows lie from the centroids of their lists: squared norms of their refinement codes'
// residuals, of so many rows.
struct Spread {
    double sum;
    uint64_t rows;
};

struct Meta {
    uint32_t magic;
    uint16_t version;
    uint16_t dims;
    Metric metric;
    Storage storage;
    uint8_t code_bits;    // 1, or 0 for an index without codes
    uint8_t refine_bits;  // 4, 8, or 0 for none
    uint32_t revision;    // of the embedder, as the index's options said
    uint64_t generation;  // 1 when built; one more with each change of the manifest but growth
    uint32_t end_block;   // blocks from here on belong to nobody
    uint32_t next_id;     // of a part, segment or codebook
    uint16_t parts;
    uint16_t extents;
    uint16_t segments;
    uint16_t spares;
    char embedder[kEmbedderBytes];  // name of the model the vectors come from, zero-terminated
    Run growing;  // being formatted by the holder of the extension lock, or left so by a crash;
                  // blocks is 0 if none
    CodebookRef codebook;
    uint64_t code_bytes_written;  // by maintenance, since the index was built: record, refinement,
                                  // segment and codebook pages
    uint64_t vector_bytes_written;  // the same of slab pages
    Spread trained;                 // of the rows that were there when the codebook was trained
    Spread coded;                   // of those that were coded by it since
    uint64_t calibrated;            // coded.rows when the index last measured itself
    uint64_t reserved[7];           // 0
    Part part[kMaxParts];
    Segment segment[kMaxSegments];
    Spare spare[kMaxSpares];
    Calibration calibration;
    Extent extent[kMaxExtents];  // last, so that an index with few extents has a short metapage
};

static_assert(sizeof(ServerHeader) == kServerHeaderBytes);
static_assert(offsetof(ServerHeader, lower) == 12 && offsetof(ServerHeader, upper) == 14 &&
              offsetof(ServerHeader, special) == 16 && offsetof(ServerHeader, size_version) == 18);
static_assert(sizeof(SlabHeader) == kPayloadOffset - kServerHeaderBytes);
static_assert(offsetof(Page, slab) == kServerHeaderBytes);
static_assert(offsetof(Page, payload) == kPayloadOffset);
static_assert(sizeof(Page) == kPageBytes);
static_assert(kPayloadBytes % kLineBytes == 0);
static_assert(offsetof(SlabHeader, checksum) == 20);
static_assert(sizeof(Record) == 24 && offsetof(Record, flags) == 6);
static_assert(kRecordsPerPage == 338);
static_assert(sizeof(RefineTail) == 32 && sizeof(ListRun) == 8);
static_assert(sizeof(BlockTail) == 640 && offsetof(BlockTail, address) == 384);
static_assert(sizeof(CodebookHeader) == 64 && sizeof(ListInfo) == 16);
static_assert(sizeof(Part) == 48 && sizeof(Extent) == 16 && sizeof(Spare) == 16);
static_assert(sizeof(CodebookRef) == 32 && sizeof(Segment) == 32 && sizeof(Level) == 32);
static_assert(offsetof(Meta, embedder) == 40 && offsetof(Meta, codebook) == 112 &&
              offsetof(Meta, part) == 256 && offsetof(Meta, segment) == 1024 &&
              offsetof(Meta, spare) == 1792 && offsetof(Meta, calibration) == 3840 &&
              offsetof(Meta, extent) == 4112);
static_assert(sizeof(Meta) <= kPayloadBytes);

}  // namespace pgslab
