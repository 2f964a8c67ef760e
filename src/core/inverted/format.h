// The tables of an index of documents, and what its metapage keeps besides where they are. With
// store/format.h and filter/postings.h the only description of these bytes; doc/format.md explains
// them in words.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "filter/keys.h"
#include "pgslab/inverted.h"
#include "store/format.h"
#include "store/layout.h"
#include "store/meta.h"
#include "store/page.h"

namespace pgslab::inverted {

constexpr IndexKind kInvertedIndex{2};

// Two letters in a hex dump: SW, ST, SP.
constexpr PageKind kPiecePage{0x5753};          // of a part that inserts open: forward rows
constexpr PageKind kSegmentHeaderPage{0x5453};  // of a segment: its first page
constexpr PageKind kPostingPage{0x5053};        // of a segment: all else

// A segment has no dictionary of the whole index to refer to.
constexpr TableKinds kInvertedTableKinds = {PageKind{}, kSegmentHeaderPage, kPostingPage, 0};

// ---- metapage

enum class Weights : uint8_t { kOccurrences = 1, kProducts = 2, kCosines = 3 };

struct Inverted {
    Weights weights;
    uint8_t reserved[7];
    KeyFormats keys;
    uint64_t dims;  // of sparse vectors; 0: of text
    double k1;      // of text; else 0
    double b;
};
static_assert(sizeof(Inverted) == 40 && sizeof(Inverted) <= kContentBytes);

inline const Inverted &inverted_of(const Meta &meta) noexcept {
    return *reinterpret_cast<const Inverted *>(meta.content);
}
inline Inverted &inverted_of(Meta &meta) noexcept {
    return *reinterpret_cast<Inverted *>(meta.content);
}

// ---- parts

// What this kind keeps in a record: each of a document's slots has one, with a piece of its forward
// row; parts that maintenance writes have one slot for each document, which is number 0 and last,
// and no pieces.
struct DocumentRecord {
    uint16_t heap_block_hi;
    uint16_t heap_block_lo;
    uint16_t heap_offset;
    uint16_t flags;
    uint32_t piece;   // number of the piece, and kLastPiece on the last
    uint32_t length;  // of text: the sum of its terms' occurrences; else 0
    double square;    // under cosine: the squared norm; else 0
};
static_assert(sizeof(DocumentRecord) == sizeof(Record) && offsetof(DocumentRecord, piece) == 8 &&
              offsetof(DocumentRecord, square) == 16);
constexpr uint32_t kLastPiece = 0x80000000;

// A copy, since records are not aligned on pages.
inline DocumentRecord document_record(const Record &record) noexcept {
    DocumentRecord document;
    std::memcpy(&document, &record, sizeof document);
    return document;
}

constexpr uint32_t kPieceColumn = 1;
constexpr uint32_t kPieceBytes = 128;

constexpr Columns inverted_columns(const KeyFormats &keys) noexcept {
    Columns columns = {};
    columns.column[kRecordColumn] = {PageKind::kRecord, kWhole,
                                     static_cast<uint32_t>(sizeof(Record)) + key_bytes(keys)};
    columns.column[kPieceColumn] = {kPiecePage, kValues | kInsertedOnly, kPieceBytes};
    columns.count = kPieceColumn + 1;
    return columns;
}

// A forward row begins with this; its terms follow without gaps. Of text a term is its length (2
// bytes), its bytes and its occurrences (4 bytes), of vectors its 4 bytes and its value (float32).
struct ForwardHeader {
    uint32_t terms;
    uint32_t bytes;  // of all of it
};

// ---- segments

// Numbers of documents that are the slots from an address on.
struct Range {
    uint64_t address;
    uint32_t count;
    uint32_t reserved;
};

// A table of a segment: its pages, counted over the segment; none if `pages` is 0.
struct TablePages {
    uint32_t first;
    uint32_t pages;
};

// The payload of a segment's first page begins with this; its ranges follow. The first number of a
// range is the sum of the counts of those before.
struct SegmentHeader {
    uint64_t documents;
    uint64_t postings;
    uint64_t number_bytes;  // of blocks: what the numbers take,
    uint64_t weight_bytes;  // and the weights
    uint64_t blocks;        // of postings
    uint64_t entries;       // of blocks, in tables of those
    uint64_t term_bytes;    // of the dictionary's entries
    double length;          // of text: of all documents
    double average;         // which bounds of blocks refer to: see posting_bound.h
    uint32_t numbers;       // some of which are nobody's
    uint32_t terms;
    uint32_t ranges;
    uint32_t document_bytes;  // of an item of the table of documents: 0, 1, 2, 4 or 8
    TablePages stream;        // of postings
    TablePages dictionary;
    TablePages documents_table;
    TablePages groups;  // the directory of key postings
};
static_assert(sizeof(SegmentHeader) == 120);
constexpr uint32_t kMostRanges = (kPayloadBytes - sizeof(SegmentHeader)) / sizeof(Range);

// A block of postings begins with this. Behind it are the gaps between numbers, less 1, of so many
// bits each (count - 1 of them; before those of a full block comes a 0), then the weights, less 1,
// of so many bits each, or float32s; each array as kernels/bitpack.h packs it, rounded up to 4
// bytes.
struct BlockHeader {
    uint32_t first;       // number
    uint8_t more;         // postings besides the first
    uint8_t number_bits;  // 0 .. 32
    uint8_t weight_bits;  // 0 .. 32; of float32s 32
    uint8_t reserved;
};
constexpr uint32_t kBlockPostings = 128;
constexpr uint32_t kMostBlockBytes = sizeof(BlockHeader) + 2 * 4 * kBlockPostings;

// Of a term with several blocks, behind these, one for each.
struct BlockEntry {
    uint32_t last;    // number
    uint32_t page;    // counted over the segment
    uint16_t offset;  // in its payload
    uint8_t most;     // the largest and least f of its postings, in 255ths of the term's, rounded
    uint8_t least;    // away from 0
};
static_assert(sizeof(BlockHeader) == 8 && sizeof(BlockEntry) == 12);

// A page of the dictionary begins with this; then the offset of each entry in the payload
// (uint16_t); the entries, in ascending order of terms, each from a multiple of 4 on.
struct DictionaryHeader {
    uint16_t entries;
    uint16_t reserved;
};

// The term's bytes follow.
struct TermEntry {
    uint32_t documents;
    uint32_t blocks;
    float most;     // f of its postings, at least 0
    float least;    // at most 0
    uint32_t page;  // of its block, or if it has several of the first of their entries
    uint16_t offset;
    uint16_t length;  // of the term
};
static_assert(sizeof(TermEntry) == 24);

// Where the postings of a filter column in a group of numbers are.
struct GroupColumn {
    TablePages fences;
    uint32_t first;  // page of postings
    uint32_t postings;
};
static_assert(sizeof(GroupColumn) == 16);
constexpr uint32_t kGroupNumbers = uint32_t{1} << 18;

}  // namespace pgslab::inverted
