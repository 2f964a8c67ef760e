#include "inverted/segment_layout.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/error.h"

namespace pgslab::inverted {

namespace {

bool document_bytes_fit(Weights weights, uint32_t bytes) noexcept {
    switch (weights) {
        case Weights::kOccurrences:
            return bytes == 0 || bytes == 1 || bytes == 2 || bytes == 4;
        case Weights::kProducts:
            return bytes == 0;
        case Weights::kCosines:
            return bytes == sizeof(double);
    }
    return false;
}

bool is_size(double value) noexcept {
    return std::isfinite(value) && value >= 0;
}

// Tables follow one another, the first behind the header, the last up to the end.
bool tables_fit(const SegmentHeader &header, const Segment &segment) noexcept {
    uint64_t end = kHeaderPages;
    for (const TablePages &table : {header.stream, header.dictionary, header.documents_table}) {
        if (table.first != end) {
            return false;
        }
        end += table.pages;
    }
    return header.groups.first >= end &&
           uint64_t{header.groups.first} + header.groups.pages == segment.run.blocks;
}

// Of the directory of key postings.
uint64_t group_pages(const SegmentHeader &header, const Inverted &index) noexcept {
    constexpr uint64_t kGroupColumnsPerPage = kPayloadBytes / sizeof(GroupColumn);
    const uint64_t groups = divide_up(header.numbers, kGroupNumbers);
    return divide_up(groups * key_columns(index.keys).count, kGroupColumnsPerPage);
}

bool counts_fit(const SegmentHeader &header, const Segment &segment,
                const Inverted &index) noexcept {
    const uint64_t items = uint64_t{header.numbers} * header.document_bytes;
    return header.documents == segment.rows && header.documents <= header.numbers &&
           header.terms <= header.blocks && header.blocks <= header.postings &&
           divide_up(header.postings, kBlockPostings) <= header.blocks &&
           (header.terms == 0) == (header.postings == 0) &&
           (header.terms == 0) == (header.stream.pages == 0) &&
           (header.terms == 0) == (header.dictionary.pages == 0) &&
           header.documents_table.pages == divide_up(items, kPayloadBytes) &&
           header.groups.pages == group_pages(header, index) && is_size(header.length) &&
           is_size(header.average);
}

// A slot has one number. May throw std::bad_alloc.
bool ranges_overlap(std::vector<Range> ranges) {
    std::ranges::sort(ranges, {}, &Range::address);
    return std::ranges::adjacent_find(ranges, [](const Range &range, const Range &next) {
               return next.address - range.address < range.count;
           }) != ranges.end();
}

}  // namespace

uint64_t SegmentShape::address_of(uint32_t number) const noexcept {
    const auto next = std::upper_bound(first_number.begin(), first_number.end(), number);
    const auto i = static_cast<size_t>(next - first_number.begin()) - 1;
    return ranges[i].address + (number - first_number[i]);
}

uint32_t SegmentShape::number_of(uint64_t address) const noexcept {
    for (size_t i = 0; i < ranges.size(); i++) {
        if (address >= ranges[i].address && address - ranges[i].address < ranges[i].count) {
            return first_number[i] + static_cast<uint32_t>(address - ranges[i].address);
        }
    }
    return kNoNumber;
}

PgsStatus read_header(const Page &page, const Segment &segment, const Inverted &index,
                      SegmentShape &shape, PgsError *error) {
    const auto contradicts = [&](const char *what) {
        return fail(error, PGS_CORRUPT, segment.run.block, "the segment's header has impossible %s",
                    what);
    };
    if (PgsStatus status = check_page(page, page_of_segment(segment, 0), error)) {
        return status;
    }
    SegmentHeader &header = shape.header;
    if (used_bytes(page) < sizeof header) {
        return contradicts("bytes");
    }
    std::memcpy(&header, page.payload, sizeof header);
    if (header.ranges > kMostRanges ||
        used_bytes(page) != sizeof header + header.ranges * sizeof(Range)) {
        return contradicts("ranges");
    }
    if (!document_bytes_fit(index.weights, header.document_bytes) ||
        !counts_fit(header, segment, index)) {
        return contradicts("counts");
    }
    if (!tables_fit(header, segment)) {
        return contradicts("tables");
    }
    shape.ranges.resize(header.ranges);
    shape.first_number.resize(header.ranges);
    if (header.ranges > 0) {
        std::memcpy(shape.ranges.data(), page.payload + sizeof header,
                    header.ranges * sizeof(Range));
    }
    uint64_t numbers = 0;
    for (uint32_t i = 0; i < header.ranges; i++) {
        const Range &range = shape.ranges[i];
        if (range.count == 0 || slot_of(range.address) + range.count > kMostSlotsOfPart) {
            return contradicts("ranges");
        }
        shape.first_number[i] = static_cast<uint32_t>(numbers);
        numbers += range.count;
    }
    if (ranges_overlap(shape.ranges)) {
        return contradicts("ranges");
    }
    return numbers == header.numbers ? PGS_OK : contradicts("numbers");
}

DocumentPlace document_place(const SegmentHeader &header, uint32_t number) noexcept {
    const uint64_t at = uint64_t{number} * header.document_bytes;
    return {header.documents_table.first + static_cast<uint32_t>(at / kPayloadBytes),
            static_cast<uint32_t>(at % kPayloadBytes)};
}

DocumentMeasure load_document(const uint8_t *item, uint32_t bytes) noexcept {
    DocumentMeasure document;
    if (bytes == sizeof document.square) {
        std::memcpy(&document.square, item, sizeof document.square);
    } else {
        std::memcpy(&document.length, item, bytes);
    }
    return document;
}

}  // namespace pgslab::inverted
