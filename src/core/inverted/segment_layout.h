// What a segment's header page says, and where that leads.
#pragma once

#include <cstdint>
#include <vector>

#include "inverted/bound.h"
#include "inverted/format.h"
#include "pgslab/status.h"
#include "store/meta.h"
#include "store/page.h"

namespace pgslab::inverted {

// The i-th page of a segment.
inline PageIdentity page_of_segment(const Segment &segment, uint32_t i) noexcept {
    return segment_page(kInvertedTableKinds, segment, i);
}

constexpr uint32_t kHeaderPages = 1;

// A segment's header, read and checked: tables lie behind one another within the segment, ranges
// add up to its numbers. May throw std::bad_alloc.
struct SegmentShape {
    SegmentHeader header;
    std::vector<Range> ranges;
    std::vector<uint32_t> first_number;  // of each range

    // The address of a number's slot; which must be below header.numbers.
    uint64_t address_of(uint32_t number) const noexcept;
    // The number of a slot, or kNoNumber.
    uint32_t number_of(uint64_t address) const noexcept;
};
constexpr uint32_t kNoNumber = UINT32_MAX;

// From the page, which was asked for as page 0 of the segment. PGS_CORRUPT.
PgsStatus read_header(const Page &page, const Segment &segment, const Inverted &index,
                      SegmentShape &shape, PgsError *error);

// Where a number's item of the table of documents is: its page, counted over the segment, and the
// offset in its payload. Items cross no page.
struct DocumentPlace {
    uint32_t page;
    uint32_t offset;
};
DocumentPlace document_place(const SegmentHeader &header, uint32_t number) noexcept;

// An item of that table, of header.document_bytes.
DocumentMeasure load_document(const uint8_t *item, uint32_t bytes) noexcept;

}  // namespace pgslab::inverted
