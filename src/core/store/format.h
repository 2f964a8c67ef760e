// The bytes of any slab index: with what a kind of index adds (ivf/format.h, quantize/stored.h) the
// only description of them. doc/format.md explains it in words.
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
constexpr uint32_t kLineBytes = 64;
constexpr uint32_t kCutBytes = 32;  // an item larger than a line may be cut at multiples of this

constexpr uint32_t kMetaMagic = 0x424C5350;  // "PSLB"
constexpr uint16_t kFormatVersion = 2;
constexpr uint32_t kMetaBlock = 0;
constexpr uint32_t kMaxBlocks = 0xFFFFFFFE;  // as many as MaxBlockNumber of PostgreSQL says

// Two letters in a hex dump, of which the first is an S: SM, SR, and what each kind of index adds.
// A zeroed page has none of them.
enum class PageKind : uint16_t { kMeta = 0x4D53, kRecord = 0x5253 };

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
    uint32_t checksum;  // CRC32C of this header (with this field zero) and the used payload (record
                        // flags zero)
    uint64_t owner;  // id of the part, segment or dictionary the page belongs to; 0 on the metapage
    uint64_t generation;  // of the part, segment or dictionary; on the metapage 0
    uint32_t sequence;  // of the page among its owner's, from 0, in the order in which they lie in
                        // its extents
    uint32_t closed;    // 1 on the record page that was the tail when its part was closed
    uint32_t extra;     // of a record page: bytes of each record behind Record; else 0
    uint32_t reserved;
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
    uint16_t flags;   // the only bytes of a record that ever change
    uint32_t own[4];  // what the kind of index keeps here
};
// Behind each record there may be more of what the kind of index keeps, as many bytes in all
// records of an index, a multiple of 4.
constexpr uint32_t kMostRecords = kPayloadBytes / sizeof(Record);  // of a page
constexpr uint32_t kMostRecordBytes = 1024;

// ---- addresses ----

// A slot, named for as long as its part is in the manifest: the part's handle above, the slot
// within the part below. Nothing that names slots of a part outlives it.
constexpr uint32_t kAddressSlotBits = 40;
constexpr uint64_t kMostSlotsOfPart = uint64_t{1} << kAddressSlotBits;
constexpr uint64_t make_address(uint32_t handle, uint64_t slot) noexcept {
    return uint64_t{handle} << kAddressSlotBits | slot;
}
constexpr uint32_t handle_of(uint64_t address) noexcept {
    return static_cast<uint32_t>(address >> kAddressSlotBits);
}
constexpr uint64_t slot_of(uint64_t address) noexcept {
    return address & (kMostSlotsOfPart - 1);
}

// ---- metapage ----

// A table of a part: one item a slot, in slot order.
struct Column {
    PageKind kind;   // of its pages
    uint16_t flags;  // kWhole, kValues, kInsertedOnly
    uint32_t item;   // bytes of an item
};
constexpr uint16_t kWhole = 1;   // no item crosses a page; else one follows the other from page to
                                 // page, and crosses at a multiple of 32 bytes from its start
constexpr uint16_t kValues = 2;  // what users have stored; else what was made of it
constexpr uint16_t kInsertedOnly = 4;  // parts that maintenance writes are without it, and without
                                       // those behind it, which have the flag too

// The tables of every part of the index. The first is of records, whose items are as long as a
// Record and what is behind it.
constexpr uint32_t kMaxColumns = 16;
struct Columns {
    uint32_t count;
    Column column[kMaxColumns];
};
constexpr uint32_t kRecordColumn = 0;

// Kinds of the pages of other tables.
struct TableKinds {
    PageKind dictionary;
    PageKind segment_first;  // a segment's first table
    PageKind segment_rest;   // and what follows
    uint16_t reserved;
};

// Consecutive slots of a part. They lie in strides, one after the other, of so many slots each; a
// stride holds its slots' table of each column, one after the other, each from a page of its own
// on.
struct Extent {
    uint32_t block;
    uint32_t slots;  // of a stride
    uint32_t strides;
};

enum class PartState : uint16_t { kOpen = 1, kSealed = 2 };

struct Part {
    uint64_t id;          // of its pages; never used again
    uint64_t generation;  // of the index when the part was begun
    uint64_t slots;  // used slots of a sealed part; 0 while open: the record pages themselves say
    uint64_t tombstones;  // as counted by the last VACUUM
    uint64_t flushed;  // slots below are in segments, unless they were tombstones; the others are
                       // the sidecar
    uint64_t dictionary;  // id of the one that its tables refer to; when that is no longer the
                          // index's, only records and values are of use
    uint16_t handle;      // in addresses of its slots: no other part of the manifest has it
    PartState state;
    uint16_t extents;  // how many entries of Meta::extent are this part's; parts follow one another
                       // there
    uint16_t reserved;
};

// Handles of parts that inserts open, and from there on those of parts that maintenance writes:
// either takes the least that no part has, and does not know what the other has in hand.
constexpr uint16_t kFirstWrittenHandle = 128;

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

// What the open part grows into next, a stride at a time: a whole number of strides of so many
// slots. Nothing is written there but what the next growth writes over.
struct Reserve {
    Run run;
    uint32_t slots;
    uint32_t reserved;
};

// Pages that the tables of parts and segments refer to.
struct DictionaryRef {
    uint64_t id;  // 0 when there is none
    uint64_t identity;
    uint64_t generation;  // of the index when it was made
    Run run;
};

// Tables that say where rows are, in an order of their own, one after the other.
struct Segment {
    uint64_t id;
    uint64_t generation;
    uint64_t rows;
    Run run;
    uint32_t first_blocks;  // of its first table
    uint32_t reserved;
};

constexpr uint32_t kTextBytes = 64;
constexpr uint32_t kMaxParts = 16;
constexpr uint32_t kMaxSegments = 24;
constexpr uint32_t kMaxSpares = 128;
constexpr uint32_t kMaxExtents = 240;
constexpr uint32_t kContentBytes = 768;

// A number of each kind's own, never 0.
enum class IndexKind : uint16_t {};

struct Meta {
    uint32_t magic;
    uint16_t version;
    IndexKind kind;
    uint64_t generation;  // 1 when built; counted when a part is closed or tables replaced
    uint64_t next_id;     // of a part, segment or dictionary
    uint32_t end_block;   // blocks from here on belong to nobody
    uint16_t parts;
    uint16_t extents;
    uint16_t segments;
    uint16_t spares;
    TableKinds kinds;
    char embedder[kTextBytes];  // name of the model the values come from, zero-terminated
    char revision[kTextBytes];  // of that model
    uint64_t
        other_bytes_written;  // by maintenance, since the index was built: all pages but the next
    uint64_t value_bytes_written;  // those of columns of values
    DictionaryRef dictionary;
    Reserve growth;
    Columns columns;
    uint64_t content[kContentBytes / 8];  // what the kind of index keeps here
    Part part[kMaxParts];
    Segment segment[kMaxSegments];
    Spare spare[kMaxSpares];
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
static_assert(offsetof(SlabHeader, checksum) == 4);
static_assert(sizeof(Record) == 24 && offsetof(Record, flags) == 6);
static_assert(kMostRecords == 338 && kMostRecordBytes % alignof(Record) == 0);
static_assert(sizeof(Column) == 8 && sizeof(Extent) == 12 && sizeof(Part) == 56 &&
              sizeof(Spare) == 16 && sizeof(DictionaryRef) == 32 && sizeof(Segment) == 40);
static_assert(offsetof(Meta, embedder) == 44 && offsetof(Meta, dictionary) == 192 &&
              offsetof(Meta, columns) == 240 && offsetof(Meta, content) == 376 &&
              offsetof(Meta, part) == 1144 && offsetof(Meta, segment) == 2040 &&
              offsetof(Meta, spare) == 3000 && offsetof(Meta, extent) == 5048);
static_assert(sizeof(Meta) <= kPayloadBytes);

}  // namespace pgslab
