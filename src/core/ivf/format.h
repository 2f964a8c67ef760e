// The tables of an index of vectors, and what its metapage keeps besides where they are.
#pragma once

#include <cstdint>

#include "filter/keys.h"
#include "quantize/stored.h"
#include "store/layout.h"
#include "store/meta.h"

namespace pgslab {

constexpr IndexKind kVectorIndex{1};

// Two letters in a hex dump: SV, SF, SC, SD, SL.
constexpr PageKind kSlabPage{0x5653};       // vectors
constexpr PageKind kRefinePage{0x4653};     // refinement codes
constexpr PageKind kCodebookPage{0x4353};   // the dictionary: rotation, mean, centroids
constexpr PageKind kDirectoryPage{0x4453};  // of a segment: where each list's blocks are
constexpr PageKind kListPage{0x4C53};       // of a segment: blocks of one-bit codes, keys

// ---- segment ----

// Where a list's rows are: rows are counted over the segment, 32 a block, so that lists may share
// a block.
struct ListRun {
    uint32_t first_row;
    uint32_t rows;
};
// ---- codebook ----

// The codebook's stripe begins with this; then, each from a multiple of 64 bytes on: the rotation's
// signs (padded / 2 bytes; of an index of prefixes those of the first dims, then those of the
// others, see rotate_blocks() of codebook.h), the mean (float[dims]), the index's offset
// (float[dims]) if it has one, ListInfo[lists], the centroids (int8[padded] each). Immutable. The
// offset is that of every codebook of the index, since stored vectors refer to it.
struct CodebookHeader {
    uint32_t dims;
    uint32_t padded;
    uint32_t lists;
    uint32_t refine_bits;
    uint64_t identity;         // a random number: equal only for the same codebook
    float refine_step;         // see code_step() of quantize/code.h
    int32_t exponent;          // code space is measured in units of 2^exponent
    uint32_t offset_checksum;  // as on the metapage
    uint32_t reserved[7];
};

constexpr uint32_t kMaxLists = PGS_MAX_LISTS;

// What a list's centroid is, in code space: scale times its int8 values.
struct ListInfo {
    float scale;
    float norm;  // Euclidean, of the centroid
    uint32_t reserved[2];
};

// ---- metapage ----

// The columns of a part: records with keys, vectors and, in an index with codes, refinement codes.
constexpr uint32_t kSlabColumn = 1;
constexpr uint32_t kRefineColumn = 2;

// What it takes to find a wanted share of the nearest rows, as the index has measured it of itself:
// see search/stop_rule.h.
constexpr uint32_t kLevels = 8;
constexpr uint32_t kMarginRows[] = {1, 3, 10, 30, 100, 1000};
constexpr uint32_t kMargins = 6;
struct Level {
    float recall;            // wanted
    float margin[kMargins];  // to stop at, where as many rows are wanted as kMarginRows says
    float deviations;        // for which bounds of codes hold
    float lists;             // mean work of a query for ten rows: lists visited,
    float codes;             // one-bit codes scanned,
    float refined;           // refinement codes compared (of signs: see sign_ranks.h),
    float compared;          // and stored vectors
};

// Of the projections of rows: see search/stop_rule.h.
constexpr uint32_t kProjectionBins = 128;

// What real queries need beyond the margins of a level is learnt by how many rows they ask for: up
// to 3, up to 30, more. In units of 1 / kLearntUnits.
constexpr uint32_t kRowClasses = 3;
constexpr float kLearntUnits = 4096;

struct Lessons {
    uint16_t more[kLevels][kRowClasses];
};

struct Calibration {
    uint32_t queries;                       // measured with; 0: never
    float unit;                             // of projections, in code space
    uint64_t rows;                          // in the index then
    Level level[kLevels];                   // in ascending order of recall
    Lessons learnt;                         // added to margins
    uint16_t projections[kProjectionBins];  // how they were distributed, of 2^15 rows
};

// How far rows lie from the centroids of their lists: the sum of the squares of their codes' `norm`
// (quantize/code.h), which grows with that distance. Only ratios of such sums mean anything.
struct Spread {
    double sum;
    uint64_t rows;
};

// What the index has of the vectors that users give: all of it, to the precision of its storage; or
// their signs alone, as a set of the elements above 0, where users order by what is in the table.
enum class Element : uint8_t { kFloat32 = 1, kSigns = 2 };

struct Vectors {
    uint16_t dims;
    Metric metric;
    Storage storage;
    uint8_t code_bits;    // 1, or 0 for an index without codes
    uint8_t refine_bits;  // 4, 8, or 0 for none
    Element element;
    uint8_t prefix;            // of the dims, the first that codes are of, in units of 64; 0: all
    uint32_t lists;            // of the codebook
    uint32_t offset_checksum;  // see checksum_of_offset() of ivf/codebook.h
    Spread trained;            // of the rows that were there when the codebook was trained
    Spread coded;              // of those that were coded by it since
    uint64_t calibrated;       // coded.rows when the index last measured itself
    Calibration calibration;
    KeyFormats keys;  // of filter columns: a row's keys are behind its record
};
static_assert(sizeof(Level) == 48 && sizeof(Calibration) == 704 && sizeof(Vectors) == 768);
static_assert(sizeof(Vectors) <= kContentBytes);

inline const Vectors &vectors_of(const Meta &meta) noexcept {
    return *reinterpret_cast<const Vectors *>(meta.content);
}
inline Vectors &vectors_of(Meta &meta) noexcept {
    return *reinterpret_cast<Vectors *>(meta.content);
}

constexpr uint32_t kPrefixUnit = PGS_PREFIX_UNIT;

// Coordinates of code space that rows have codes of.
constexpr uint32_t coded_dims(const Vectors &vectors) noexcept {
    return vectors.prefix != 0 ? vectors.prefix * kPrefixUnit : padded_dims(vectors.dims);
}

// The tables of a part.
constexpr Columns columns_of(const Vectors &vectors) noexcept {
    Columns columns = {};
    columns.column[kRecordColumn] = {
        PageKind::kRecord, kWhole, static_cast<uint32_t>(sizeof(Record)) + key_bytes(vectors.keys)};
    columns.column[kSlabColumn] = {kSlabPage, kValues, item_bytes(vectors.dims, vectors.storage)};
    columns.count = kSlabColumn + 1;
    if (vectors.code_bits != 0) {
        columns.column[kRefineColumn] = {kRefinePage, kWhole,
                                         refine_bytes(coded_dims(vectors), vectors.refine_bits)};
        columns.count = kRefineColumn + 1;
    }
    return columns;
}

// The codebook's stripe: where its sections begin, and how many blocks it takes.
struct CodebookLayout {
    uint64_t signs;
    uint64_t mean;
    uint64_t offset;
    uint64_t info;
    uint64_t centroids;
    uint64_t end;
};

constexpr uint64_t line_up(uint64_t bytes) noexcept {
    return divide_up(bytes, kLineBytes) * kLineBytes;
}

constexpr CodebookLayout codebook_layout(uint32_t dims, uint32_t lists, bool offset) noexcept {
    CodebookLayout at = {};
    at.signs = sizeof(CodebookHeader);
    at.mean = line_up(at.signs + padded_dims(dims) / 2);
    at.offset = line_up(at.mean + dims * sizeof(float));
    at.info = offset ? line_up(at.offset + dims * sizeof(float)) : at.offset;
    at.centroids = line_up(at.info + lists * sizeof(ListInfo));
    at.end = at.centroids + uint64_t{lists} * padded_dims(dims);
    return at;
}

inline CodebookLayout codebook_layout(const Vectors &vectors) noexcept {
    return codebook_layout(vectors.dims, vectors.lists, vectors.offset_checksum != 0);
}

constexpr uint32_t codebook_blocks(uint32_t dims, uint32_t lists, bool offset) noexcept {
    return static_cast<uint32_t>(
        divide_up(codebook_layout(dims, lists, offset).end, kPayloadBytes));
}

constexpr uint32_t kRunsPerPage = kPayloadBytes / sizeof(ListRun);

constexpr uint32_t directory_blocks(uint32_t lists) noexcept {
    return static_cast<uint32_t>(divide_up(lists, kRunsPerPage));
}

constexpr TableKinds kTableKinds = {kCodebookPage, kDirectoryPage, kListPage, 0};

static_assert(sizeof(ListRun) == 8);
static_assert(sizeof(CodebookHeader) == 64 && sizeof(ListInfo) == 16);

}  // namespace pgslab
