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

// Two letters in a hex dump: SM, SR, SV. A zeroed page has none of them.
enum class PageKind : uint16_t {
    kMeta = 0x4D53,
    kRecord = 0x5253,
    kSlab = 0x5653,
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
    uint32_t part;        // id of the part the page belongs to; 0 on the metapage
    uint64_t generation;  // of the part; on the metapage 0
    uint32_t sequence;    // of the page in its part's record table or slab, from 0, across extents
    uint32_t checksum;  // CRC32C of this header (with this field zero) and the used payload (record
                        // flags zero)
    uint64_t reserved[2];
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
    uint32_t list;  // the list the row is assigned to; 0
};
constexpr uint32_t kRecordsPerPage = kPayloadBytes / sizeof(Record);

// ---- metapage ----

// Consecutive slots of a part: their records and their vectors, each a contiguous run of blocks.
struct Extent {
    uint32_t record_block;
    uint32_t slab_block;
    uint32_t slots;
};

enum class PartState : uint16_t { kOpen = 1, kSealed = 2 };

struct Part {
    uint32_t id;  // from 1, never reused
    PartState state;
    uint16_t extents;  // how many entries of Meta::extent are this part's; parts follow one another
                       // there
    uint64_t generation;  // of the index when the part was begun
    uint64_t slots;  // used slots of a sealed part; 0 while open: the record pages themselves say
    uint64_t tombstones;  // as counted by the last VACUUM
};

// A contiguous run of blocks.
struct Run {
    uint32_t block;
    uint32_t blocks;
};

constexpr uint32_t kEmbedderBytes = 64;
constexpr uint32_t kMaxParts = 32;
constexpr uint32_t kMaxExtents = 512;

enum class Metric : uint8_t { kL2 = 1, kInnerProduct = 2, kCosine = 3, kL1 = 4 };
enum class Storage : uint8_t { kF16 = 1, kF32 = 2 };

struct Meta {
    uint32_t magic;
    uint16_t version;
    uint16_t dims;
    Metric metric;
    Storage storage;
    uint8_t code_bits;  // 0: no codes
    uint8_t reserved0;
    uint32_t revision;    // of the embedder, as the index's options said
    uint64_t generation;  // 1 when built; one more whenever parts are replaced
    uint32_t end_block;   // blocks from here on belong to nobody
    uint32_t next_part;
    uint16_t parts;
    uint16_t extents;
    uint32_t reserved2;
    char embedder[kEmbedderBytes];  // name of the model the vectors come from, zero-terminated
    Run growing;  // being formatted by the holder of the extension lock, or left so by a crash;
                  // blocks is 0 if none
    uint64_t reserved1[18];
    Part part[kMaxParts];
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
static_assert(sizeof(Part) == 32 && sizeof(Extent) == 12 && sizeof(Run) == 8);
static_assert(offsetof(Meta, embedder) == 40 && offsetof(Meta, part) == 256 &&
              offsetof(Meta, extent) == 1280);
static_assert(sizeof(Meta) <= kPayloadBytes);

}  // namespace pgslab
