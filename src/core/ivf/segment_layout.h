// Where the tables of a segment are.
//
// The directory comes first, then the rows in groups. A group's codes come first, then, in an index
// with filter columns, its rows' keys in the same order, then of each column the fences of its
// postings and these (postings.h). Each begins at a page of its own. Whoever writes a segment need
// not know how many rows it will have, and keeps no more than a group. Without filter columns one
// group has all rows.
#pragma once

#include <algorithm>
#include <cstdint>

#include "filter/keys.h"
#include "filter/postings.h"
#include "ivf/format.h"

namespace pgslab {

// What the segments of an index have in common.
struct SegmentShape {
    uint32_t lists;
    uint32_t padded;  // coordinates that codes are of
    PgsKeyColumns keys = {};
};

constexpr uint64_t kGroupRows = uint64_t{1} << 18;
constexpr uint64_t kMostSegmentRows = 0xFFFFFFFF;
static_assert(kGroupRows % kBlockRows == 0);

enum class SegmentTable { kDirectory, kCodes, kKeys, kFences, kPostings };

// What a page of a segment holds.
struct SegmentPage {
    SegmentTable table;
    uint32_t group;
    uint32_t column;  // of fences and postings
    uint32_t number;  // of the page in the table
    uint32_t bytes;   // of its payload that are in use
};

// Where the postings of a column in a group are: their first page and that of their fences, counted
// over the segment, and how many pages they have.
struct PostingsPlace {
    uint32_t fences;
    uint32_t fence_pages;
    uint32_t postings;
    uint32_t pages;
};

class SegmentLayout {
  public:
    explicit SegmentLayout(const SegmentShape &shape) noexcept
        : lists_(shape.lists),
          keys_(shape.keys),
          key_bytes_(pgslab::key_bytes(shape.keys)),
          block_bytes_(shape.padded * kBlockRows / 8 + static_cast<uint32_t>(sizeof(BlockTail))),
          directory_(directory_blocks(shape.lists)),
          group_rows_(key_bytes_ == 0 ? kMostSegmentRows + 1 : kGroupRows),
          group_blocks_(blocks_of_group(key_bytes_ == 0 ? 0 : group_rows_)) {}

    // Rows of a group that is not the last; bytes of a block of codes, of a row's keys, and how
    // many of these a page has.
    uint64_t group_rows() const noexcept { return group_rows_; }
    uint32_t block_bytes() const noexcept { return block_bytes_; }
    uint32_t key_bytes() const noexcept { return key_bytes_; }
    uint32_t keys_per_page() const noexcept { return kPayloadBytes / key_bytes_; }
    const PgsKeyColumns &columns() const noexcept { return keys_; }

    // Groups of a segment.
    uint32_t groups(const Segment &segment) const noexcept {
        return static_cast<uint32_t>(divide_up(segment.rows, group_rows_));
    }

    // Blocks of a segment of so many rows, at most kMostSegmentRows.
    uint64_t blocks(uint64_t rows) const noexcept {
        return directory_ + rows / group_rows_ * group_blocks_ +
               blocks_of_group(rows % group_rows_);
    }

    // Rows of a group.
    uint64_t rows_of(const Segment &segment, uint32_t group) const noexcept {
        return std::min(group_rows_, segment.rows - group * group_rows_);
    }

    // The first page of a group's codes, and of its keys, counted over the segment.
    uint32_t code_page(uint32_t group) const noexcept {
        return directory_ + static_cast<uint32_t>(group * group_blocks_);
    }
    uint32_t key_page(uint32_t group, uint64_t rows) const noexcept {
        return code_page(group) + static_cast<uint32_t>(code_blocks(rows));
    }

    // The page that has the row's keys, and where they are on it.
    uint32_t page_of_keys(const Segment &segment, uint64_t row) const noexcept {
        const auto group = static_cast<uint32_t>(row / group_rows_);
        return key_page(group, rows_of(segment, group)) +
               static_cast<uint32_t>(row % group_rows_ / keys_per_page());
    }
    uint32_t offset_of_keys(uint64_t row) const noexcept {
        return static_cast<uint32_t>(row % group_rows_ % keys_per_page()) * key_bytes_;
    }

    // Where a column's postings in a group of so many rows are.
    PostingsPlace postings(uint32_t group, uint64_t rows, uint32_t column) const noexcept {
        uint32_t at = key_page(group, rows) + static_cast<uint32_t>(key_blocks(rows));
        for (uint32_t c = 0;; c++) {
            const uint32_t pages = posting_pages(keys_.column[c], rows);
            const uint32_t fences = fence_pages(keys_.column[c], pages);
            if (c == column) {
                return {at, fences, at + fences, pages};
            }
            at += fences + pages;
        }
    }

    // What the i-th page of the segment holds.
    SegmentPage describe(const Segment &segment, uint32_t i) const noexcept {
        if (i < directory_) {
            const uint32_t left = lists_ - i * kRunsPerPage;
            return {SegmentTable::kDirectory, 0, 0, i,
                    std::min(left, kRunsPerPage) * static_cast<uint32_t>(sizeof(ListRun))};
        }
        const auto group =
            group_blocks_ == 0 ? 0 : static_cast<uint32_t>((i - directory_) / group_blocks_);
        const uint64_t rows = rows_of(segment, group);
        uint32_t number = i - code_page(group);
        if (number < code_blocks(rows)) {
            const uint64_t left =
                divide_up(rows, kBlockRows) * block_bytes_ - uint64_t{number} * kPayloadBytes;
            return {SegmentTable::kCodes, group, 0, number,
                    static_cast<uint32_t>(std::min<uint64_t>(left, kPayloadBytes))};
        }
        number -= static_cast<uint32_t>(code_blocks(rows));
        if (number < key_blocks(rows)) {
            return {SegmentTable::kKeys, group, 0, number,
                    bytes_of_page(number, rows, keys_per_page(), key_bytes_)};
        }
        uint32_t column = 0;
        PostingsPlace place = postings(group, rows, column);
        while (i >= place.postings + place.pages) {
            place = postings(group, rows, ++column);
        }
        const PgsKeyColumn &of = keys_.column[column];
        if (i < place.postings) {
            number = i - place.fences;
            return {SegmentTable::kFences, group, column, number,
                    bytes_of_page(number, place.pages, fences_per_page(of), of.key_bytes)};
        }
        number = i - place.postings;
        return {SegmentTable::kPostings, group, column, number,
                bytes_of_page(number, rows * of.keys, postings_per_page(of), bytes_of_posting(of))};
    }

  private:
    uint64_t code_blocks(uint64_t rows) const noexcept {
        return divide_up(divide_up(rows, kBlockRows) * block_bytes_, kPayloadBytes);
    }
    uint64_t key_blocks(uint64_t rows) const noexcept {
        return key_bytes_ == 0 ? 0 : divide_up(rows, keys_per_page());
    }
    uint64_t blocks_of_group(uint64_t rows) const noexcept {
        uint64_t blocks = code_blocks(rows) + key_blocks(rows);
        for (uint32_t c = 0; c < keys_.count; c++) {
            const uint32_t pages = posting_pages(keys_.column[c], rows);
            blocks += fence_pages(keys_.column[c], pages) + pages;
        }
        return blocks;
    }

    // Of a page of a table of so many items, the payload that is in use.
    static uint32_t bytes_of_page(uint32_t number, uint64_t items, uint32_t per_page,
                                  uint32_t item) noexcept {
        const uint64_t left = items - uint64_t{number} * per_page;
        return static_cast<uint32_t>(std::min<uint64_t>(left, per_page)) * item;
    }

    uint32_t lists_;
    PgsKeyColumns keys_;
    uint32_t key_bytes_;
    uint32_t block_bytes_;
    uint32_t directory_;  // blocks
    uint64_t group_rows_;
    uint64_t group_blocks_;  // of a group that is not the last
};

inline SegmentShape segment_shape(const Vectors &vectors) noexcept {
    return {vectors.lists, coded_dims(vectors), key_columns(vectors.keys)};
}

// The i-th page of a segment.
inline PageIdentity page_of_segment(const Segment &segment, uint32_t i) noexcept {
    return segment_page(kTableKinds, segment, i);
}

}  // namespace pgslab
